//! Hosts that several routes have, each some of the paths.

use crate::consequences::told;

const NONE: [&str; 0] = [];

/// What makes a route of a name with some paths: `/api,t /exact=,u`, where `=` is for an exact path.
type Make<'m> = &'m dyn Fn(&str, &str) -> String;

fn paths(paths: &str, one: impl Fn(&str, &str, &str) -> String) -> String {
    let of = |path: &str| {
        let (path, service) = path.split_once(',').unwrap();
        match path.strip_suffix('=') {
            Some(path) => one(path, "Exact", service),
            None => one(path, "Prefix", service),
        }
    };
    paths.split(' ').map(of).collect::<Vec<_>>().join(", ")
}

fn ingress(name: &str, all: &str) -> String {
    let rules = paths(all, |path, kind, service| {
        format!(
            "{{path: {path}, pathType: {kind}, backend: {{service: {{name: {service}, port: {{number: 80}}}}}}}}"
        )
    });
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: shop, annotations: {{}}}}\nspec: \
         {{ingressClassName: a, rules: [{{host: e.org, http: {{paths: [{rules}]}}}}]}}\n---\n"
    )
}

fn route(name: &str, all: &str) -> String {
    let rules = paths(all, |path, kind, service| {
        let kind = kind.replace("Prefix", "PathPrefix");
        format!(
            "{{matches: [{{path: {{value: {path}, type: {kind}}}}}], backendRefs: [{{name: {service}, port: 80}}]}}"
        )
    });
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: shop}}\nspec: \
         {{hostnames: [e.org], parentRefs: [{{name: web, sectionName: https}}], rules: [{rules}]}}\n---\n"
    )
}

/// Of both kinds, with the host as it stands before a path.
fn each(test: impl Fn(Make<'_>, &str, &str)) {
    test(&ingress, "Ingress", "e.org");
    test(&route, "HTTPRoute", "");
}

#[test]
fn paths_move_between_routes_of_a_host() {
    each(|of, _, _| {
        let two = of("a", "/,s /x,v") + &of("b", "/api,t");
        // To another one, to and fro, and all of them to one.
        assert_eq!(told(&two, &(of("a", "/,s") + &of("b", "/api,t /x,v"))), NONE);
        assert_eq!(told(&two, &(of("a", "/api,t") + &of("b", "/,s /x,v"))), NONE);
        let host = |texts: Vec<String>| {
            assert_eq!(texts.len(), 1, "{texts:?}");
            assert!(texts[0].contains("host `e.org`"), "{texts:?}");
        };
        host(told(&two, &of("a", "/,s /x,v /api,t")));
        host(told(&of("a", "/,s /x,v /api,t"), &two));
    });
}

#[test]
fn a_path_moves_and_leads_to_another_service() {
    each(|of, kind, host| {
        let two = of("a", "/,s /x,v") + &of("b", "/api,t");
        assert_eq!(
            told(&two, &(of("a", "/,s") + &of("b", "/api,t /x,w"))),
            [format!(
                "address: `{host}/x` leads to `w:80` instead of `v:80`, by {kind} `b` in shop"
            )]
        );
        // With the route that had it.
        assert_eq!(
            told(&two, &of("a", "/,s /x,v /api,u")),
            [
                "address: it routes host `e.org` no longer, which ".to_owned()
                    + kind
                    + " `a` in shop does",
                format!(
                    "address: `{host}/api` leads to `u:80` instead of `t:80`, by {kind} `a` in shop"
                ),
            ]
        );
    });
}

#[test]
fn a_path_goes_that_another_route_of_the_host_takes_or_nobody() {
    each(|of, kind, host| {
        let two = of("a", "/,s") + &of("b", "/api,t /y,s");
        let led = format!(
            "address: `{host}/api` leads to `s:80` instead of `t:80`, by path `{host}/` of {kind} `a` in shop"
        );
        assert_eq!(told(&two, &(of("a", "/,s") + &of("b", "/y,s"))), std::slice::from_ref(&led));
        assert_eq!(told(&two, &(of("a", "/,s") + &of("b", "/api,t"))), NONE);
        let gone =
            format!("address: it routes host `e.org` no longer, which {kind} `a` in shop does");
        assert_eq!(told(&two, &of("a", "/,s")), [gone.clone(), led]);
        let two = of("a", "/x,s") + &of("b", "/api,t /y,s");
        let nobody =
            format!("address: it routes path `{host}/api` no longer, and nobody else does");
        assert_eq!(
            told(&two, &(of("a", "/x,s") + &of("b", "/y,s"))),
            std::slice::from_ref(&nobody)
        );
        let other = format!("address: it routes path `{host}/y` no longer, and nobody else does");
        assert_eq!(told(&two, &of("a", "/x,s")), [gone, nobody, other]);
        // Only that below it: an exact path is not.
        assert_eq!(
            told(&two, &(of("a", "/x,s /api=,t") + &of("b", "/y,s"))),
            [format!(
                "address: it routes what is below `{host}/api` no longer, and nobody else does"
            )]
        );
    });
}

#[test]
fn a_route_takes_a_path_of_another_one() {
    each(|of, kind, host| {
        let one = of("a", "/,s");
        let as_well = format!("address: it newly routes host `e.org`, as {kind} `a` in shop does");
        assert_eq!(
            told(&one, &(one.clone() + &of("b", "/api,t"))),
            [as_well.clone(), format!("address: `{host}/api` leads to `t:80` instead of `s:80`")]
        );
        assert_eq!(told(&one, &(one.clone() + &of("b", "/api,s"))), std::slice::from_ref(&as_well));
        // What nobody had is no news beside the host.
        let part = of("a", "/x,s");
        assert_eq!(told(&part, &(part.clone() + &of("b", "/api,t"))), [as_well]);
        assert_eq!(
            told(&(part.clone() + &of("b", "/y,s")), &(part + &of("b", "/y,s /z,t"))),
            [format!("address: it newly routes path `{host}/z`")]
        );
    });
}

#[test]
fn who_answers_is_not_known() {
    each(|of, kind, _| {
        let (all, less) = (of("b", "/api,t /y,s"), of("b", "/y,s"));
        let with = |other: &str| told(&(all.clone() + other), &(less.clone() + other));
        let plain = of("a", "/,s");
        assert_eq!(with(&plain).len(), 1);
        let other = |from: &str, to: &str| {
            assert!(plain.contains(from), "{from}");
            plain.replace(from, to)
        };
        let mut others = vec![
            other("e.org", "'${HOST}'"),
            other("name: s,", "name: '${SERVICE}',"),
            other("shop", "''"),
            // Both have it, and nobody knows which one counts.
            of("a", "/,s /api,u") + &of("c", "/api,v"),
        ];
        if kind == "Ingress" {
            others.extend([
                other("ingressClassName: a", "ingressClassName: b"),
                other("ingressClassName: a, ", ""),
                other("pathType: Prefix", "pathType: ImplementationSpecific"),
                other("annotations: {", "annotations: {nginx.ingress.kubernetes.io/canary: 'true'"),
                other(
                    "annotations: {",
                    "annotations: {traefik.ingress.kubernetes.io/router.entrypoints: x",
                ),
                other("path: /,", "path: '/a(/|$).*',")
                    .replace("pathType: Prefix", "pathType: ImplementationSpecific"),
                other("host: e.org, ", ""),
                other("host: e.org", "host: '*.org'"),
                of("a", "/x,s").replace("rules:", "defaultBackend: {service: {name: d}}, rules:"),
                other("ingressClassName: a", "ingressClassName: gce"),
                route("a", "/,s"),
            ]);
        } else {
            others.extend([
                other("name: web, ", "name: other, "),
                other("sectionName: https", "port: 443"),
                other("PathPrefix", "RegularExpression"),
                other("hostnames: [e.org]", "hostnames: ['*.org']"),
                other("hostnames: [e.org]", "hostnames: []"),
                ingress("a", "/,s"),
            ]);
        }
        for other in others {
            assert_eq!(with(&other), NONE, "{other}");
        }
        let class = |text: &str| text.replace("ingressClassName: a", "ingressClassName: gce");
        let each = [all.clone() + &plain, less.clone() + &plain].map(|text| class(&text));
        assert_eq!(told(&each[0], &each[1]).len(), usize::from(kind != "Ingress"));
    });
}

#[test]
fn a_path_that_is_up_to_the_controller_takes_what_begins_as_it_does() {
    let of = |path: &str| {
        let text = ingress("a", "/,s");
        text.replace(
            "path: /, pathType: Prefix",
            &format!("path: '{path}', pathType: ImplementationSpecific"),
        )
    };
    let (all, less) = (ingress("b", "/api,t /x,s"), ingress("b", "/x,s"));
    for (path, is_told) in [
        ("/b", true),
        ("/b(/|$)(.*)", true),
        ("/API", false),
        ("/ap", false),
        ("/apis?(/|$)", false),
        ("/api*", false),
        ("/b|/api", false),
        ("/", false),
    ] {
        let found = told(&(all.clone() + &of(path)), &(less.clone() + &of(path)));
        assert_eq!(!found.is_empty(), is_told, "{path} {found:?}");
    }
    // A longer one is taken first, whatever the shorter one means.
    let wide = ingress("c", "/,u") + &of("/a");
    assert_eq!(told(&(all.clone() + &wide), &(less.clone() + &wide)), NONE);
    let long = ingress("c", "/api,u") + &of("/a");
    let two = ingress("b", "/api/v1,t /x,s");
    assert_eq!(told(&(two + &long), &(less + &long)).len(), 1);
}

#[test]
fn a_route_that_moves_to_another_namespace_says_so_itself() {
    each(|of, _, _| {
        let one = of("a", "/,s /x,t");
        let moved = one.replacen("namespace: shop", "namespace: other", 1);
        assert_eq!(told(&one, &moved.replace("{name: web,", "{name: web, namespace: shop,")), NONE);
    });
}

#[test]
fn services_of_other_namespaces_are_others() {
    each(|of, _, host| {
        let elsewhere = |text: String| text.replacen("namespace: shop", "namespace: other", 1);
        let parent = |text: String| text.replace("{name: web,", "{name: web, namespace: shop,");
        let of = |name: &str, paths: &str| parent(of(name, paths));
        let two = of("a", "/,s") + &of("b", "/api,t /y,s");
        let moved = of("a", "/,s") + &of("b", "/y,s") + &elsewhere(of("c", "/api,t"));
        let found = told(&two, &moved);
        let expected = format!("address: `{host}/api` leads to `other/t:80` instead of `t:80`");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].starts_with(&expected), "{found:?}");
    });
}

#[test]
fn a_route_of_another_listener_takes_nothing() {
    let redirect = route("r", "/,s").replace("sectionName: https", "sectionName: http").replace(
        "backendRefs: [{name: s, port: 80}]",
        "filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]",
    );
    let two = route("a", "/api,t /x,s");
    assert_eq!(
        told(&(redirect.clone() + &two), &(redirect.clone() + &route("a", "/x,s"))),
        ["address: it routes path `/api` no longer, and nobody else does"]
    );
    // It changes, too: nobody knows what that means for the other.
    let other = redirect.replace("value: /,", "value: /api,");
    assert_eq!(told(&(redirect + &two), &(other + &route("a", "/x,s"))), NONE);
}

#[test]
fn hosts_of_a_route_differ_in_what_others_have() {
    let both = |text: String| text.replace("hostnames: [e.org]", "hostnames: [e.org, f.org]");
    let before = both(route("a", "/,s /api,t"));
    assert_eq!(
        told(&before, &both(route("a", "/,s"))),
        ["address: `/api` leads to `s:80` instead of `t:80`"]
    );
    let after = both(route("a", "/,s")) + &route("b", "/api,t");
    assert_eq!(
        told(&before, &after),
        [
            "address: `f.org/api` leads to `s:80` instead of `t:80`",
            "address: it newly routes host `e.org`, as HTTPRoute `a` in shop does"
        ]
    );
}

#[test]
fn matches_of_routes_have_an_order() {
    let rule = |matches: &str, service: &str| {
        format!("{{matches: [{matches}], backendRefs: [{{name: {service}, port: 80}}]}}")
    };
    let of = |name: &str, rules: &[String]| {
        let plain = route(name, "/,s");
        let (head, _) = plain.split_once("rules: ").unwrap();
        format!("{head}rules: [{}]}}\n---\n", rules.join(", "))
    };
    let path = |more: &str| format!("{{path: {{value: /a}}{more}}}");
    let get = path(", method: GET");
    let header = path(", headers: [{name: X, value: b}]");
    let both = path(", method: GET, headers: [{name: X, value: b}]");
    let rest = [rule(&path(""), "s"), rule(&header, "h"), rule(&get, "g")];
    let one = of("a", &rest);
    let two = one.clone() + &of("b", &[rule(&both, "t"), rule("{path: {value: /b}}", "s")]);
    let less = one.clone() + &of("b", &[rule("{path: {value: /b}}", "s")]);
    // The method counts before fields of the header.
    assert_eq!(
        told(&two, &less),
        [
            "address: `/a (GET, x: b)` leads to `g:80` instead of `t:80`, by path `/a (GET)` of HTTPRoute `a` in shop"
        ]
    );
    // The route that was there counts before one that is new.
    assert_eq!(
        told(&one, &(one.clone() + &of("b", &[rule(&path(""), "t")]))),
        ["address: it newly routes host `e.org`, as HTTPRoute `a` in shop does"]
    );
    let grpc = |name: &str, rules: &[(&str, &str)]| {
        let rules: Vec<String> = rules
            .iter()
            .map(|(method, service)| rule(&format!("{{method: {{{method}}}}}"), service))
            .collect();
        of(name, &rules).replace("HTTPRoute", "GRPCRoute")
    };
    let wide = grpc("a", &[("service: p", "s"), ("method: m", "w")]);
    assert_eq!(
        told(
            &(wide.clone() + &grpc("b", &[("service: p, method: m", "t"), ("service: q", "q")])),
            &(wide + &grpc("b", &[("service: q", "q")]))
        ),
        [
            "address: `/p/m` leads to `s:80` instead of `t:80`, by path `/p/*` of GRPCRoute `a` in shop"
        ]
    );
}

#[test]
fn the_default_of_the_only_ingress_answers_where_no_path_does() {
    let of = |paths: &str, default: &str| {
        let default = format!("defaultBackend: {{{default}}}, rules:");
        ingress("a", paths).replace("rules:", &default)
    };
    let service = "service: {name: d, port: {number: 80}}";
    let all = of("/api,t", service);
    let told_of = |paths: &str| told(&all, &of(paths, service));
    assert_eq!(told_of("/api,t /,d"), NONE);
    assert_eq!(told_of("/,d /api,t /x,d"), NONE);
    assert_eq!(told_of("/api,t /,s"), ["address: `e.org/` leads to `s:80` instead of `d:80`"]);
    assert_eq!(told_of("/x,d"), ["address: `e.org/api` leads to `d:80` instead of `t:80`"]);
    let resource = "resource: {kind: Bucket, name: d}";
    assert_eq!(told(&of("/api,t", resource), &of("/api,t /,d", resource)), NONE);
    // Without one, nobody answered.
    assert_eq!(
        told(&ingress("a", "/api,t"), &ingress("a", "/api,t /,d")),
        ["address: it newly routes path `e.org/`"]
    );
}

#[test]
fn a_host_is_routed_at_another_gateway() {
    let (one, two) = (route("a", "/,s"), route("b", "/api,t"));
    let elsewhere = two.replace("name: web,", "name: other,");
    let (does, at) = ("which HTTPRoute `a` in shop does", "behind another Gateway");
    let gone = |all: &str| told(&(one.clone() + all), &one);
    assert_eq!(
        gone(&elsewhere),
        [format!("address: it routes host `e.org` no longer, {does} {at}")]
    );
    assert_eq!(
        told(&one, &(one.clone() + &elsewhere)),
        [format!("address: it newly routes host `e.org`, as HTTPRoute `a` in shop does {at}")]
    );
    // Behind both, behind what may be of the same one, and with another route that is behind the same one.
    for same in [
        two.replace("parentRefs: [", "parentRefs: [{name: other}, "),
        elsewhere.replace("name: other,", "name: other, kind: ListenerSet,"),
    ] {
        let found = gone(&same);
        assert!(found.iter().all(|one| !one.contains(at)), "{found:?}");
    }
    let third = one.replace("name: a,", "name: c,").replace("name: web,", "name: other,");
    assert_eq!(
        told(&(one.clone() + &third + &elsewhere), &(one.clone() + &third)),
        ["address: it routes host `e.org` no longer, which HTTPRoute `c` in shop does"]
    );
}
