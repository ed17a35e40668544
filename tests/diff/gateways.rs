//! Gateways and their routes that lead elsewhere.

use crate::consequences::told;

const NONE: [&str; 0] = [];

pub(crate) fn gateway(spec: &str, listeners: &[(&str, &str)]) -> String {
    let listeners: Vec<String> = listeners
        .iter()
        .enumerate()
        .map(|(number, (host, tls))| {
            format!(
                "{{name: l{number}, hostname: '{host}', port: 443, protocol: HTTPS, tls: {{{tls}}}}}"
            )
        })
        .collect();
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}, listeners: [{}]}}\n",
        listeners.join(", ")
    )
}

#[test]
fn a_gateway_is_reached_in_another_way() {
    let plain = gateway("gatewayClassName: a", &[("e.org", "certificateRefs: [{name: s}]")]);
    let changed = |from: &str, to: &str| {
        assert!(plain.contains(from));
        told(&plain, &plain.replace(from, to))
    };
    assert_eq!(
        changed("gatewayClassName: a", "gatewayClassName: b"),
        ["address: it is of GatewayClass `b` instead of `a`"]
    );
    let at = |address: &str| {
        plain.replace(", listeners", &format!(", addresses: [{{value: {address}}}], listeners"))
    };
    assert_eq!(
        told(&plain, &at("192.0.2.1")),
        ["address: it asks for address `192.0.2.1` instead of any"]
    );
    assert_eq!(
        told(&at("192.0.2.1"), &at("192.0.2.2")),
        ["address: it asks for address `192.0.2.2` instead of `192.0.2.1`"]
    );
    assert_eq!(
        changed("name: s}", "name: t}"),
        ["address: `e.org:443/HTTPS` has its certificate from Secret `t` instead of Secret `s`"]
    );
    assert_eq!(changed("name: s}", "name: s, kind: Secret, namespace: shop}"), NONE);
    assert_eq!(
        changed("certificateRefs: [{name: s}]", "mode: Passthrough"),
        ["address: `e.org:443/HTTPS` passes TLS on instead of ending it"]
    );
    let of = |hosts: &[&str]| {
        let hosts: Vec<(&str, &str)> = hosts.iter().map(|host| (*host, "")).collect();
        gateway("gatewayClassName: a", &hosts)
    };
    assert_eq!(
        told(&of(&["a.org"]), &of(&["b.org"])),
        [
            "address: it newly listens at `b.org:443/HTTPS`",
            "address: it listens no longer at `a.org:443/HTTPS`"
        ]
    );
    assert_eq!(told(&of(&["a.org", "b.org"]), &of(&["b.org", "a.org"])), NONE);
    assert_eq!(
        told(&of(&["a.e.org"]), &of(&["*.e.org"])),
        ["address: it newly listens at `*.e.org:443/HTTPS`"]
    );
    assert_eq!(
        told(&of(&["*.e.org"]), &of(&["a.e.org"])),
        ["address: it listens no longer at `*.e.org:443/HTTPS`, but for `a.e.org:443/HTTPS`"]
    );
}

pub(crate) fn route(parents: &str, rules: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: web, namespace: shop}}\nspec: {{hostnames: [e.org], \
         parentRefs: [{parents}], rules: [{rules}]}}\n"
    )
}

#[test]
fn a_route_is_behind_another_gateway() {
    let behind = |before: &str, after: &str| told(&route(before, ""), &route(after, ""));
    assert_eq!(
        behind("{name: a}", "{name: b, namespace: infra}"),
        [
            "address: it is newly behind Gateway `b` in infra",
            "address: it is behind Gateway `a` no longer"
        ]
    );
    assert_eq!(behind("{name: a}", "{name: a, namespace: shop, kind: Gateway}"), NONE);
    assert_eq!(behind("{name: a}, {name: b}", "{name: b}, {name: a}"), NONE);
    assert_eq!(
        behind("{name: a}", "{name: a, sectionName: https}"),
        ["address: it is behind Gateway `a` no longer, but for listener `https` of Gateway `a`"]
    );
    assert_eq!(
        behind("{name: a, sectionName: https}", "{name: a}"),
        ["address: it is newly behind Gateway `a`"]
    );
    assert_eq!(behind("{name: a}", "{name: '${GATEWAY}'}"), NONE);
}

#[test]
fn a_reference_means_listeners() {
    let one = |name: &str, host: &str, port: u16, protocol: &str| {
        format!("{{name: {name}, hostname: '{host}', port: {port}, protocol: {protocol}}}")
    };
    let both = |listeners: &str, before: &str, after: &str| {
        let gateway = gateway("gatewayClassName: a", &[])
            .replace("listeners: []", &format!("listeners: [{listeners}]"));
        let with = |parents: &str| format!("{gateway}---\n{}", route(parents, ""));
        told(&with(before), &with(after))
    };
    let (every, named, numbered) =
        ("{name: web}", "{name: web, sectionName: a}", "{name: web, port: 80}");
    let alone = one("a", "", 80, "HTTP");
    let others =
        [one("b", "f.org", 443, "HTTPS"), one("c", "", 53, "UDP"), one("d", "", 443, "TLS")];
    let deaf = format!("{alone}, {}", others.join(", "));
    for listeners in [&alone, &deaf] {
        for before in [every, named, numbered] {
            for after in [every, named, numbered] {
                assert_eq!(both(listeners, before, after), NONE, "{listeners} {before} {after}");
            }
        }
    }
    let two = format!("{alone}, {}", one("b", "*.org", 443, "HTTPS"));
    assert_eq!(
        both(&two, every, named),
        ["address: it is behind listener `b` of Gateway `web` no longer"]
    );
    assert_eq!(
        both(&two, numbered, every),
        ["address: it is newly behind listener `b` of Gateway `web`"]
    );
    assert_eq!(
        both(&two, named, "{name: web, port: 443}"),
        [
            "address: it is newly behind listener `b` of Gateway `web`",
            "address: it is behind listener `a` of Gateway `web` no longer"
        ]
    );
    // Nobody knows what it listens at.
    let unknown = alone.replace("port: 80", "port: '${PORT}'");
    assert_eq!(both(&unknown, named, every), ["address: it is newly behind Gateway `web`"]);
}

#[test]
fn rules_of_a_route_lead_elsewhere() {
    let of = |rules: &str| route("{name: a}", rules);
    let rule = |matches: &str, backend: &str| {
        format!("{{matches: [{matches}], backendRefs: [{{name: {backend}, port: 80}}]}}")
    };
    let plain = of(&rule("{path: {value: /a}}", "a"));
    assert_eq!(
        told(&plain, &of(&rule("{path: {value: /a}}", "b"))),
        ["address: `/a` leads to `b:80` instead of `a:80`"]
    );
    for same in [
        rule("{path: {value: /a/, type: PathPrefix}}", "a"),
        rule("{path: {value: /a}}", "a, weight: 5"),
        rule("{path: {value: /a}}", "a, kind: Service, namespace: shop"),
        rule("{path: {value: /a}}", "a, port: 80}, {name: b, weight: 0"),
    ] {
        assert_eq!(told(&plain, &of(&same)), NONE, "{same}");
    }
    assert_eq!(
        told(&plain, &of(&rule("{path: {value: /a}}, {path: {value: /b}}", "a"))),
        ["address: it newly routes path `/b`"]
    );
    assert_eq!(
        told(&plain, &of(&rule("{path: {value: /a, type: Exact}}", "a"))),
        ["address: path `/a` is compared as `Exact` instead of `PathPrefix`"]
    );
    assert_eq!(
        told(
            &plain,
            &of(&rule("{path: {value: /a}, method: GET, headers: [{name: X-A, value: b}]}", "a"))
        ),
        ["address: it routes path `/a` no longer, and nobody else does"]
    );
    let like =
        rule("{path: {value: /a}, headers: [{name: X-A, value: b, type: RegularExpression}]}", "a");
    assert_eq!(
        told(&plain, &of(&like)),
        [
            "address: it routes path `/a` of its own no longer",
            "address: it newly routes path `/a (x-a: ~b)`"
        ]
    );
    let redirect = "{matches: [{path: {value: /a}}], filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}";
    assert_eq!(
        told(&plain, &of(redirect)),
        ["address: `/a` leads to a redirect instead of `a:80`"]
    );
    assert_eq!(told(&of(redirect), &of(&redirect.replace("https", "http"))), NONE);
    let grpc = |method: &str, backend: &str| {
        of(&rule(&format!("{{method: {{{method}}}}}"), backend)).replace("HTTPRoute", "GRPCRoute")
    };
    assert_eq!(
        told(&grpc("service: s, method: m", "a"), &grpc("service: s, method: m", "b")),
        ["address: `/s/m` leads to `b:80` instead of `a:80`"]
    );
    let tls = |backend: &str| {
        of(&format!("{{backendRefs: [{{name: {backend}, port: 80}}]}}"))
            .replace("HTTPRoute", "TLSRoute")
    };
    assert_eq!(
        told(&tls("a"), &tls("b")),
        ["address: what it takes leads to `b:80` instead of `a:80`"]
    );
}

#[test]
fn routes_without_hosts_lead_elsewhere() {
    let of = |kind: &str, parent: &str, backend: &str| {
        let rule = format!("{{backendRefs: [{{name: {backend}, port: 80}}]}}");
        let text = route(&format!("{{{parent}}}"), &rule);
        text.replace("HTTPRoute", kind).replace("hostnames: [e.org], ", "")
    };
    for kind in ["TCPRoute", "UDPRoute"] {
        let plain = of(kind, "name: a", "a");
        assert_eq!(
            told(&plain, &of(kind, "name: b", "b")),
            [
                "address: what it takes leads to `b:80` instead of `a:80`",
                "address: it is newly behind Gateway `b`",
                "address: it is behind Gateway `a` no longer"
            ]
        );
        let same = of(kind, "name: a, namespace: shop", "a, weight: 1");
        assert_eq!(told(&plain, &same), NONE);
        assert_eq!(told(&plain, &of(kind, "name: a", "'${BACKEND}'")), NONE);
        let mesh = |backend: &str| of(kind, "name: a, kind: Service, group: ''", backend);
        assert_eq!(told(&mesh("a"), &mesh("b")), NONE);
    }
}

#[test]
fn routes_of_traefik_lead_elsewhere() {
    let of = |kind: &str, rules: &[(&str, &str)]| {
        let rule = |(text, service): &(&str, &str)| {
            format!("{{match: '{text}', services: [{{{service}}}]}}")
        };
        let rules: Vec<String> = rules.iter().map(rule).collect();
        format!(
            "apiVersion: traefik.io/v1alpha1\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {{routes: [{}]}}\n",
            rules.join(", ")
        )
    };
    let http = |service: &str| of("IngressRoute", &[("Host(`e.org`)", service)]);
    let plain = http("name: a, port: 80");
    assert_eq!(
        told(&plain, &http("name: b, port: 80")),
        ["address: `Host(\"e.org\")` leads to `b:80` instead of `a:80`"]
    );
    assert_eq!(
        told(&plain, &http("name: a, port: 81")),
        ["address: `Host(\"e.org\")` leads to `a:81` instead of `a:80`"]
    );
    for same in [
        "name: a, port: 80, kind: Service, namespace: shop",
        "name: a, port: http",
        "name: a",
        "name: b, port: 80, weight: 0",
        "name: '${SERVICE}', port: 80",
    ] {
        assert_eq!(told(&plain, &http(same)), NONE, "{same}");
    }
    // Hosts that are not known, and none.
    let like = |service: &str| of("IngressRoute", &[("HostRegexp(`.*`)", service)]);
    assert_eq!(
        told(&like("name: a, port: 80"), &like("name: b, port: 80")),
        ["address: `HostRegexp(\".*\")` leads to `b:80` instead of `a:80`"]
    );
    let [one, other] =
        ["name: a, port: 80", "name: b, port: 80"].map(|it| of("IngressRouteUDP", &[("", it)]));
    assert_eq!(told(&one, &other), ["address: what it takes leads to `b:80` instead of `a:80`"]);
    // Two with one rule: their order says which counts.
    let two = |first: &str, second: &str| {
        of("IngressRoute", &[("Host(`e.org`)", first), ("Host(`e.org`)", second)])
    };
    let [a, b] = ["name: a, port: 80", "name: b, port: 80"];
    assert_eq!(told(&two(a, b), &two(b, a)), NONE);
}
