//! What is reached elsewhere, by the same address.

use crate::consequences::told;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const NONE: [&str; 0] = [];

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n---\n"
    )
}

fn workload(name: &str, labels: &str, port: u16) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: \
         {name}}}}}\n  template:\n    metadata: {{labels: {{{labels}}}}}\n    spec: {{containers: [{{name: a, image: a, ports: [{{name: \
         http, containerPort: {port}}}]}}]}}\n---\n"
    )
}

#[test]
fn a_service_leads_to_other_pods() {
    let to = |labels: &str| service(&format!("selector: {{{labels}}}, ports: [{{port: 80}}]"));
    let (a, b) = (workload("a", "app: a, tier: web", 80), workload("b", "app: b", 80));
    let both = a.clone() + &b;
    assert_eq!(
        told(&(both.clone() + &to("app: a")), &(both.clone() + &to("app: b"))),
        [
            "address: it newly leads to pods of Deployment `b`",
            "address: it leads to pods of Deployment `a` no longer"
        ]
    );
    // The same pods by other labels.
    assert_eq!(
        told(&(both.clone() + &to("app: a")), &(both.clone() + &to("app: a, tier: web"))),
        NONE
    );
    assert_eq!(told(&(both.clone() + &to("app: a, tier: web")), &(both + &to("tier: web"))), NONE);
    // Those of nobody here.
    assert_eq!(
        told(&to("app: a"), &to("app: b")),
        ["address: it selects pods with `app=b` instead of `app=a`"]
    );
    assert_eq!(
        told(&to("app: a"), &to("")),
        ["address: it selects pods no longer, as those with `app=a`"]
    );
    assert_eq!(told(&to(""), &to("app: a")), ["address: it newly selects pods, with `app=a`"]);
    let open = workload("c", "app: '${APP}'", 80);
    assert_eq!(told(&(to("app: a") + &open), &(to("app: b") + &open)), NONE);
    assert_eq!(told(&to("app: a"), &to("app: '${APP}'")), NONE);
    let elsewhere = "type: ExternalName, externalName: db.example.com";
    let plain = to("app: a");
    assert_eq!(
        told(&plain, &service(elsewhere)),
        ["address: it stands for `db.example.com`, and leads to pods no longer"]
    );
    assert_eq!(
        told(&service(elsewhere), &plain),
        ["address: it stands for `db.example.com` no longer, and leads to pods instead"]
    );
}

#[test]
fn a_port_leads_to_another_port_of_pods() {
    let to = |target: &str| {
        service(&format!("selector: {{app: a}}, ports: [{{port: 80, targetPort: {target}}}]"))
    };
    let pods = workload("a", "app: a", 8080);
    assert_eq!(
        told(&to("8080"), &to("8081")),
        ["address: port `80/TCP` leads to port 8081 of its pods instead of 8080"]
    );
    assert_eq!(
        told(&(pods.clone() + &to("http")), &(pods.clone() + &to("8081"))),
        ["address: port `80/TCP` leads to port 8081 of its pods instead of 8080"]
    );
    // The same by its name, by default, or by a name that nobody here has.
    assert_eq!(told(&(pods.clone() + &to("http")), &(pods.clone() + &to("8080"))), NONE);
    assert_eq!(told(&to("80"), &to("80").replace(", targetPort: 80", "")), NONE);
    assert_eq!(told(&to("http"), &to("8080")), NONE);
    assert_eq!(told(&(pods.clone() + &to("other")), &(pods + &to("8080"))), NONE);
    // Without an address of its own, and with endpoints of others.
    let headless = |target: &str| to(target).replace("selector", "clusterIP: None, selector");
    assert_eq!(told(&headless("8080"), &headless("8081")), NONE);
    let others = |target: &str| to(target).replace("selector: {app: a}, ", "");
    assert_eq!(told(&others("8080"), &others("8081")), NONE);
}

#[test]
fn pods_behind_a_service_are_found_in_files_that_are_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "environments/lab/.keep", "");
    let to = |labels: &str| service(&format!("selector: {{{labels}}}, ports: [{{port: 80}}]"));
    write(path, "rendered/lab/manifests/a.yaml", workload("a", "app: a, tier: web", 80));
    write(path, "rendered/lab/manifests/s.yaml", to("app: a"));
    commit(path, "all");
    let of = |labels: &str| {
        write(path, "rendered/lab/manifests/s.yaml", to(labels));
        let out = run(path, &[]).out;
        let lines = out.lines().filter(|line| line.contains("! "));
        lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("tier: web"), NONE);
    assert_eq!(of("app: b"), ["! address: it selects pods with `app=b` instead of `app=a`"]);
}

/// An Ingress with these paths by host, each with how it is compared and what it leads to: `/,Prefix,web`.
fn ingress(spec: &str, rules: &[(&str, &str)]) -> String {
    let path = |path: &str| {
        let parts: Vec<&str> = path.split(',').collect();
        let [path, kind, service] = parts[..] else { panic!("{path}") };
        format!(
            "{{path: {path}, pathType: {kind}, backend: {{service: {{name: {service}, port: {{number: 80}}}}}}}}"
        )
    };
    let rule = |(host, paths): &(&str, &str)| {
        let paths: Vec<String> = paths.split(' ').map(path).collect();
        format!("{{host: '{host}', http: {{paths: [{}]}}}}", paths.join(", "))
    };
    let rules: Vec<String> = rules.iter().map(rule).collect();
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}, rules: [{}]}}\n---\n",
        rules.join(", ")
    )
}

#[test]
fn paths_of_an_ingress_lead_elsewhere() {
    let cases: [(&str, &str, &[&str]); 15] = [
        ("/,a", "/,b", &["address: `e.org/` leads to `b:80` instead of `a:80`"]),
        // Only the order or the spelling differs.
        ("/,a /b,b", "/b,b /,a", &[]),
        ("/b,b", "/b/,b", &[]),
        ("/,a", "/,ImplementationSpecific,a", &[]),
        (
            "/,a",
            "/,Exact,a",
            &["address: path `e.org/` is compared as `Exact` instead of `Prefix`"],
        ),
        // What is above it takes its requests.
        ("/,a /b,a", "/,a", &[]),
        ("/,a", "/,a /b,a", &[]),
        ("/,a /b,b", "/,a", &["address: `e.org/b` leads to `a:80` instead of `b:80`"]),
        ("/,a", "/,a /b,b", &["address: `e.org/b` leads to `b:80` instead of `a:80`"]),
        (
            "/a,a /b,b",
            "/a,a",
            &["address: it routes path `e.org/b` no longer, and nobody else does"],
        ),
        // What takes its requests then depends on the controller.
        (
            "/,ImplementationSpecific,a /b,b",
            "/,ImplementationSpecific,a",
            &["address: it routes path `e.org/b` of its own no longer"],
        ),
        // A part of it leads elsewhere.
        (
            "/,a /b,b /b/c,c",
            "/,a /b/c,c",
            &["address: `e.org/b` leads to `a:80` instead of `b:80`"],
        ),
        (
            "/,a /b,b",
            "/,a /b,Exact,b /b/,Exact,b",
            &["address: path `e.org/b` is compared as `Exact` instead of `Prefix`"],
        ),
        (
            "/,a /b,Exact,a /b,b",
            "/,a",
            &["address: what is below `e.org/b` leads to `a:80` instead of `b:80`"],
        ),
        ("/a,a", "/a,a /b,b", &["address: it newly routes path `e.org/b`"]),
    ];
    for (before, after, expected) in cases {
        let [before, after] = [before, after].map(|paths| {
            let whole = |path: &str| match path.matches(',').count() {
                1 => path.replace(',', ",Prefix,"),
                _ => path.to_owned(),
            };
            let paths: Vec<String> = paths.split(' ').map(whole).collect();
            ingress("ingressClassName: a", &[("e.org", &paths.join(" "))])
        });
        assert_eq!(told(&before, &after), expected, "{before}{after}");
    }
    // A port by its name, which only the Service knows.
    let of = |port: &str| {
        ingress("ingressClassName: a", &[("e.org", "/,Prefix,web")]).replace("number: 80", port)
    };
    let web = service("ports: [{port: 80, name: http}]");
    assert_eq!(told(&of("name: http"), &of("number: 80")), NONE);
    assert_eq!(told(&(of("name: http") + &web), &(of("number: 80") + &web)), NONE);
    assert_eq!(
        told(&(of("name: http") + &web), &(of("number: 81") + &web)),
        ["address: `e.org/` leads to `web:81` instead of `web:80`"]
    );
    let default = |name: &str| {
        ingress(
            &format!("defaultBackend: {{service: {{name: {name}, port: {{number: 80}}}}}}"),
            &[],
        )
    };
    assert_eq!(
        told(&default("a"), &default("b")),
        ["address: what no path takes leads to `b:80` instead of `a:80`"]
    );
}

#[test]
fn another_route_of_the_host_takes_a_path() {
    let of = |name: &str, paths: &str| {
        ingress("ingressClassName: a", &[("e.org", paths)])
            .replace("name: web, namespace", &format!("name: {name}, namespace"))
    };
    let route = |name: &str, paths: &str| {
        let rules = paths.split(' ').map(|path| {
            let (path, service) = path.split_once(",Prefix,").unwrap();
            format!(
                "{{matches: [{{path: {{value: {path}}}}}], backendRefs: [{{name: {service}, port: 80}}]}}"
            )
        });
        let rules: Vec<String> = rules.collect();
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: shop}}\nspec: \
             {{hostnames: [e.org], rules: [{}]}}\n---\n",
            rules.join(", ")
        )
    };
    for (kind, of, host) in
        [("Ingress", &of as &dyn Fn(&str, &str) -> String, "e.org"), ("HTTPRoute", &route, "")]
    {
        let one = of("a", "/,Prefix,s /api,Prefix,t");
        let two = of("a", "/,Prefix,s") + &of("b", "/api,Prefix,t");
        assert_eq!(
            told(&one, &two),
            [format!("address: it newly routes host `e.org`, as {kind} `a` in shop does")]
        );
        assert_eq!(
            told(&two, &one),
            [format!("address: it routes host `e.org` no longer, which {kind} `a` in shop does")]
        );
        // Nobody else has it, or it stays here and leads elsewhere.
        let less = format!("address: `{host}/api` leads to `s:80` instead of `t:80`");
        assert_eq!(told(&one, &of("a", "/,Prefix,s")), [less]);
        let other = format!("address: `{host}/` leads to `u:80` instead of `s:80`");
        assert_eq!(
            told(&two, &two.replace(&of("a", "/,Prefix,s"), &of("a", "/,Prefix,u"))),
            [other]
        );
    }
}

#[test]
fn hosts_with_an_asterisk_cover_others() {
    let of = |rules: &[(&str, &str)]| {
        let rules: Vec<(&str, String)> =
            rules.iter().map(|(host, name)| (*host, format!("/,Prefix,{name}"))).collect();
        let rules: Vec<(&str, &str)> =
            rules.iter().map(|(host, path)| (*host, path.as_str())).collect();
        ingress("ingressClassName: a", &rules)
    };
    let (one, all) = (of(&[("a.e.org", "a")]), of(&[("*.e.org", "a")]));
    assert_eq!(told(&one, &all), ["address: it newly routes host `*.e.org`"]);
    assert_eq!(
        told(&all, &one),
        ["address: it routes host `*.e.org` no longer, but for `a.e.org`"]
    );
    // Another one beside it, which says the same, or another thing.
    assert_eq!(told(&all, &of(&[("*.e.org", "a"), ("a.e.org", "a")])), NONE);
    assert_eq!(
        told(&all, &of(&[("*.e.org", "a"), ("a.e.org", "b")])),
        ["address: `a.e.org/` leads to `b:80` instead of `a:80`"]
    );
    assert_eq!(
        told(&one, &of(&[("*.e.org", "b")])),
        [
            "address: it newly routes host `*.e.org`",
            "address: `a.e.org/` leads to `b:80` instead of `a:80`"
        ]
    );
    // It is for one name before the domain.
    assert_eq!(told(&of(&[("b.a.e.org", "a")]), &all).len(), 2);
    // The asterisk of another route.
    let other = all.replace("name: web, namespace", "name: other, namespace");
    assert_eq!(
        told(&(one.clone() + &other), &(of(&[("x.org", "a")]) + &other)),
        [
            "address: it routes host `a.e.org` no longer, which Ingress `other` in shop does",
            "address: it newly routes host `x.org`"
        ]
    );
    let route = |host: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: a}}\nspec: {{hostnames: ['{host}']}}\n"
        )
    };
    assert_eq!(
        told(&route("b.a.e.org"), &route("*.e.org")),
        ["address: it newly routes host `*.e.org`"]
    );
}

#[test]
fn an_ingress_is_of_another_class_or_has_other_certificates() {
    let of = |spec: &str| ingress(spec, &[("a.e.org", "/,Prefix,a")]);
    let class = |name: &str| of(&format!("ingressClassName: {name}"));
    assert_eq!(
        told(&class("nginx"), &class("traefik")),
        ["address: it is of IngressClass `traefik` instead of `nginx`"]
    );
    // The same in an annotation, and whichever is the default one.
    let noted = of("tls: []").replace(
        "namespace: shop",
        "namespace: shop, annotations: {kubernetes.io/ingress.class: nginx}",
    );
    assert_eq!(told(&noted, &class("nginx")), NONE);
    assert_eq!(told(&of("tls: []"), &class("nginx")), NONE);
    let tls = |hosts: &str, secret: &str| {
        of(&format!("tls: [{{hosts: [{hosts}], secretName: {secret}}}]"))
    };
    let none = of("tls: []");
    assert_eq!(told(&none, &tls("a.e.org", "s")), ["address: its `tls` newly names `a.e.org`"]);
    assert_eq!(told(&tls("a.e.org", "s"), &none), ["address: its `tls` no longer names `a.e.org`"]);
    assert_eq!(
        told(&tls("a.e.org", "s"), &tls("a.e.org", "t")),
        ["address: `a.e.org` has its certificate from Secret `t` instead of `s`"]
    );
    for hosts in ["'*.e.org'", "", "A.e.org", "b.e.org, a.e.org"] {
        assert_eq!(told(&tls("a.e.org", "s"), &tls(hosts, "s")), NONE, "{hosts}");
        assert_eq!(told(&tls(hosts, "s"), &tls("a.e.org", "s")), NONE, "{hosts}");
    }
}
