//! Listeners of Gateways, and who has them.

use crate::consequences::told;
use crate::gateways::{gateway, route};

const NONE: [&str; 0] = [];

#[test]
fn a_host_gets_the_certificate_of_the_most_exact_listener() {
    let of = |listeners: &[(&str, &str)]| {
        let listeners: Vec<(&str, String)> = listeners
            .iter()
            .map(|(host, secret)| (*host, format!("certificateRefs: [{{name: {secret}}}]")))
            .collect();
        let listeners: Vec<(&str, &str)> =
            listeners.iter().map(|(host, tls)| (*host, &**tls)).collect();
        gateway("gatewayClassName: a", &listeners)
    };
    let wide = of(&[("*.e.org", "s")]);
    let both = of(&[("*.e.org", "s"), ("a.e.org", "t")]);
    assert_eq!(
        told(&wide, &both),
        ["address: `a.e.org:443/HTTPS` has its certificate from Secret `t` instead of Secret `s`"]
    );
    assert_eq!(
        told(&both, &wide),
        ["address: `a.e.org:443/HTTPS` has its certificate from Secret `s` instead of Secret `t`"]
    );
    // Of three the longest, and that of the host itself.
    let three = of(&[("*.e.org", "s"), ("", "u"), ("*.a.e.org", "t")]);
    assert_eq!(
        told(&three, &of(&[("", "u"), ("*.e.org", "s"), ("*.a.e.org", "t"), ("b.a.e.org", "v")])),
        [
            "address: `b.a.e.org:443/HTTPS` has its certificate from Secret `v` instead of Secret `t`"
        ]
    );
    assert_eq!(
        told(&both, &of(&[("*.e.org", "s"), ("a.e.org", "v")])),
        ["address: `a.e.org:443/HTTPS` has its certificate from Secret `v` instead of Secret `t`"]
    );
    // The same certificate, another port, none that is known, and no listener within another.
    let same = of(&[("*.e.org", "s"), ("a.e.org", "s")]);
    assert_eq!(told(&wide, &same), NONE);
    assert_eq!(told(&same, &wide), NONE);
    let exact = "{name: l1, hostname: 'a.e.org', port: 443";
    let other = both.replace(exact, &exact.replace("443", "8443"));
    assert_eq!(told(&wide, &other), ["address: it newly listens at `a.e.org:8443/HTTPS`"]);
    assert_eq!(told(&wide, &both.replace("certificateRefs: [{name: t}]", "options: {a: b}")), NONE);
    assert_eq!(told(&wide, &both.replace("name: t}", "name: '${CERTIFICATE}'}")), NONE);
    assert_eq!(
        told(&wide, &of(&[("*.e.org", "s"), ("e.org", "t")])),
        ["address: it newly listens at `e.org:443/HTTPS`"]
    );
}

#[test]
fn ports_open_and_close_with_routes() {
    let gateway = |more: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: web, namespace: shop}}\nspec: {{gatewayClassName: \
             a, listeners: [{{name: db, port: 5432, protocol: TCP{more}}}, {{name: dns, port: 53, protocol: UDP{more}}}]}}\n---\n"
        )
    };
    let plain = gateway("");
    let of = |kind: &str, name: &str, parent: &str| {
        let text = route(&format!("{{{parent}}}"), "{backendRefs: [{name: a, port: 80}]}");
        text.replace("HTTPRoute", kind).replace("hostnames: [e.org], ", "").replacen(
            "name: web,",
            &format!("name: {name},"),
            1,
        ) + "---\n"
    };
    for (kind, port) in [("TCPRoute", "5432/TCP"), ("UDPRoute", "53/UDP")] {
        let at = format!("what comes to port `{port}` of Gateway `web`");
        let one = of(kind, "a", "name: web");
        let with = plain.clone() + &one;
        assert_eq!(told(&plain, &with), [format!("address: it newly takes {at}")]);
        assert_eq!(told(&with, &plain), [format!("address: it takes {at} no longer")]);
        // Another one has it before, or then, or both have it.
        let other = plain.clone() + &of(kind, "b", "name: web, namespace: shop");
        let found = told(&with, &(other.clone() + &one));
        assert_eq!(found, NONE);
        assert_eq!(
            told(&(other.clone() + &one), &other),
            [format!("address: it takes {at} no longer, which {kind} `b` in shop does")]
        );
        // Of other namespaces, or of no kind that it takes.
        let elsewhere = of(kind, "a", "name: web, namespace: shop").replacen(
            "namespace: shop",
            "namespace: other",
            1,
        );
        assert_eq!(told(&plain, &(plain.clone() + &elsewhere)), NONE);
        let open = gateway(", allowedRoutes: {namespaces: {from: All}}");
        assert_eq!(told(&open, &(open.clone() + &elsewhere)).len(), 1);
        let others = gateway(", allowedRoutes: {kinds: [{kind: TLSRoute}]}");
        assert_eq!(told(&others, &(others.clone() + &one)), NONE);
        let unknown = plain.replace("name: db", "name: '${NAME}'");
        assert_eq!(told(&unknown, &(unknown.clone() + &one)), NONE);
        assert_eq!(told(&plain, &(plain.clone() + &of(kind, "a", "name: '${GATEWAY}'"))), NONE);
        assert_eq!(
            told(&plain, &(plain.clone() + &of(kind, "a", "name: a, kind: Service, group: ''"))),
            NONE
        );
        // With its Gateway, which says so itself, and without one that is in the files.
        let both = told("", &with);
        assert!(both.iter().all(|one| one.contains("it newly listens at")), "{both:?}");
        assert_eq!(told("", &one), ["address: it is newly behind Gateway `web`"]);
        assert_eq!(told(&one, ""), ["address: it is behind Gateway `web` no longer"]);
    }
    let named = of("TCPRoute", "a", "name: web, sectionName: dns");
    assert_eq!(told(&plain, &(plain.clone() + &named)), NONE);
    // One for hosts says which.
    let hosts = route("{name: web}", "").replace("HTTPRoute", "TLSRoute");
    assert_eq!(told("", &hosts), ["address: it newly routes host `e.org`"]);
    assert_eq!(told(&hosts, ""), ["address: it routes host `e.org` no longer"]);
}

#[test]
fn routes_name_a_listener_under_its_first_name() {
    let of =
        |name: &str| gateway("gatewayClassName: a", &[("e.org", "")]).replace("l0", name) + "---\n";
    let [old, new] = [of("a"), of("b")];
    let by = |section: &str| route(&format!("{{name: web{section}}}"), "");
    let both = |from: &str, to: &str| told(&(old.clone() + from), &(new.clone() + to));
    let named = by(", sectionName: a");
    assert_eq!(
        both(&named, &named),
        [
            "address: listener `a` is called `b` now, and routes that name `a` are detached: HTTPRoute `web` in shop"
        ]
    );
    for same in [
        by(""),
        by(", sectionName: b"),
        by(", sectionName: a, namespace: other"),
        by(", sectionName: a, kind: ListenerSet"),
        by(", sectionName: a}, {name: web"),
        by(", sectionName: a}, {name: web, sectionName: b"),
        by(", sectionName: '${LISTENER}'"),
    ] {
        assert_eq!(both(&same, &same), NONE, "{same}");
    }
    let moved = both(&named, &by(", sectionName: b"));
    assert!(moved.iter().all(|one| !one.contains("detached")), "{moved:?}");
}

#[test]
fn a_listener_takes_routes_of_other_namespaces() {
    let of = |namespaces: &str| {
        let more = format!("protocol: HTTPS, allowedRoutes: {{namespaces: {{{namespaces}}}}}");
        gateway("gatewayClassName: a", &[("e.org", "")]).replace("protocol: HTTPS", &more)
    };
    let labels =
        |value: &str| of(&format!("from: Selector, selector: {{matchLabels: {{a: {value}}}}}"));
    assert_eq!(
        told(&of("from: Same"), &of("from: All")),
        ["permission: listener `l0` takes routes of every namespace instead of its own namespace"]
    );
    assert_eq!(
        told(&of("from: All"), &labels("b")),
        [
            "permission: listener `l0` takes routes of namespaces with `a=b` instead of every namespace"
        ]
    );
    assert_eq!(
        told(&labels("b"), &labels("c")),
        [
            "permission: listener `l0` takes routes of namespaces with `a=c` instead of namespaces with `a=b`"
        ]
    );
    let plain = gateway("gatewayClassName: a", &[("e.org", "")]);
    assert_eq!(told(&plain, &of("from: Same")), NONE);
    assert_eq!(told(&of("from: All"), &of("from: '${FROM}'")), NONE);
    assert_eq!(told("", &of("from: All")), ["address: it newly listens at `e.org:443/HTTPS`"]);
}
