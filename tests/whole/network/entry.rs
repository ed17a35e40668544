//! The way in, broken at each hop.

use super::{Pair, all, environment, hold, pair, service};
use crate::text::check;

/// A home network: two releases behind an ingress controller, one with an address of its own.
pub(super) fn home() -> String {
    let site = environment(
        "network: {nodes: 192.168.0.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16, nodePorts: 30000-32767}
nodes: {pc: {address: 192.168.0.20}}
pools:
  lan:
    addresses: [192.168.0.240-192.168.0.249]
    assigned: {nginx: 192.168.0.240, store: 192.168.0.241}
entry:
  domain: example.com
  hosts: {nas: 192.168.0.10, pc: 192.168.0.20}
  router:
    forwards:
      - {port: 80, host: nas}
      - {port: 443, host: nas}
      - {port: 18000, host: pc, targetPort: 8000}
      - {port: 18001, host: pc, targetPort: 30080}
  reverseProxy:
    host: nas
    rules:
      shop: {host: shop.example.com, address: nginx, port: 80}
      login: {host: login.example.com, address: 192.168.0.240, port: 80}
      store: {host: store.example.com, address: store, port: 9000}
      status: {host: status.example.com, address: 192.168.0.20, port: 30081}
  portForwards:
    console: {namespace: shop, service: store, port: 9000, localPort: 9001}
apps: {nginx: {}, shop: {}, login: {}, store: {}, status: {}}",
    );
    let nginx = service(
        "nginx",
        "metallb.io/loadBalancerIPs: 192.168.0.240",
        "type: LoadBalancer",
        "{name: http, port: 80}, {name: https, port: 443}",
    );
    let class = |name: &str| {
        format!(
            "# app {name}\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {{name: {name}}}\n\
             spec: {{controller: example.com/{name}}}\n"
        )
    };
    let store = service(
        "store",
        "metallb.io/loadBalancerIPs: 192.168.0.241",
        "type: LoadBalancer\n  selector: {app: store}",
        "{name: api, port: 9000, targetPort: 9000}",
    );
    let status = service(
        "status",
        "",
        "type: NodePort",
        "{port: 80, nodePort: 30081}, {name: b, port: 81, nodePort: 30080}",
    )
    .replace("{port: 80,", "{name: a, port: 80,");
    all(&[
        &site,
        &nginx,
        &class("nginx"),
        &class("traefik"),
        &app("shop", 8080),
        &app("login", 8081),
        &store,
        &pods("store", 9000),
        &status,
    ])
}

/// A release with Ingress, Service and pods.
fn app(name: &str, port: u16) -> String {
    let ingress = format!(
        "# app {name}\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: shop}}\n\
         spec:\n  ingressClassName: nginx\n  rules:\n    - host: {name}.example.com\n      http:\n        paths:\n          \
         - path: /\n            pathType: Prefix\n            backend: {{service: {{name: {name}, port: {{name: http}}}}}}\n"
    );
    let service = service(
        name,
        "",
        &format!("selector: {{app: {name}}}"),
        &format!("{{name: http, port: 80, targetPort: {port}}}"),
    );
    all(&[&ingress, &service, &pods(name, port)])
}

fn pods(name: &str, port: u16) -> String {
    format!(
        "# app {name}\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec: {{containers: [{{name: {name}, image: \"a:1\", ports: [{{containerPort: {port}}}]}}]}}\n"
    )
}

/// The home network with one thing wrong.
fn hop(name: &'static str, line: &'static str, [right, wrong]: [&str; 2]) -> Pair {
    let mended = home();
    assert_eq!(
        mended.matches(right).count(),
        1,
        "{name}: `{right}` is not there once in\n{mended}"
    );
    Pair { name, id: "entry-broken", line, text: mended.replace(right, wrong), mended }
}

#[test]
fn each_hop() {
    hold(&[
        hop(
            "public name",
            "shop.example.org",
            ["shop: {host: shop.example.com", "shop: {host: shop.example.org"],
        ),
        hop(
            "name twice",
            "login: {host: shop.example.com",
            ["login: {host: login.example.com", "login: {host: shop.example.com"],
        ),
        hop(
            "router to nobody",
            "forwards:",
            ["      - {port: 80, host: nas}\n      - {port: 443, host: nas}\n", ""],
        ),
        hop(
            "router to another machine",
            "{port: 80, host: pc}",
            [
                "- {port: 80, host: nas}\n      - {port: 443, host: nas}",
                "- {port: 80, host: pc}\n      - {port: 443, host: pc}",
            ],
        ),
        hop(
            "router, one port twice",
            "{port: 443, host: pc}",
            ["- {port: 443, host: nas}", "- {port: 443, host: nas}\n      - {port: 443, host: pc}"],
        ),
        hop(
            "router to a node port that nobody has",
            "targetPort: 30082",
            ["targetPort: 30080", "targetPort: 30082"],
        ),
        hop(
            "proxy to an address of the pool that nobody has",
            "192.168.0.249",
            ["address: 192.168.0.240, port: 80", "address: 192.168.0.249, port: 80"],
        ),
        hop(
            "proxy to an address of Services",
            "10.43.0.7",
            ["address: 192.168.0.240, port: 80", "address: 10.43.0.7, port: 80"],
        ),
        hop(
            "proxy to an address of pods",
            "10.42.0.7",
            ["address: 192.168.0.240, port: 80", "address: 10.42.0.7, port: 80"],
        ),
        hop(
            "proxy to a port that the Service does not have",
            "port: 8080",
            ["address: nginx, port: 80", "address: nginx, port: 8080"],
        ),
        hop(
            "proxy to a node port that nobody has",
            "port: 30090",
            ["port: 30081}\n  portForwards", "port: 30090}\n  portForwards"],
        ),
        hop(
            "proxy to another app's address",
            "address: store, port: 9000}",
            [
                "shop: {host: shop.example.com, address: nginx, port: 80}",
                "shop: {host: shop.example.com, address: store, port: 9000}",
            ],
        ),
        hop(
            "load balancer that is none",
            "address: store",
            [
                "  type: LoadBalancer\n  selector: {app: store}",
                "  type: ClusterIP\n  selector: {app: store}",
            ],
        ),
        hop(
            "Ingress with another host",
            "host: shop.example.com",
            ["    - host: shop.example.com", "    - host: www.example.com"],
        ),
        hop(
            "no name to ask for",
            "shop: {address",
            ["shop: {host: shop.example.com, address", "shop: {address"],
        ),
        hop(
            "Ingress for another controller",
            "ingressClassName: traefik",
            [
                "ingressClassName: nginx\n  rules:\n    - host: shop",
                "ingressClassName: traefik\n  rules:\n    - host: shop",
            ],
        ),
        hop(
            "Ingress to another app",
            "login: {host: login.example.com",
            ["{service: {name: login,", "{service: {name: shop,"],
        ),
        hop(
            "Service to a port that no container has",
            "targetPort: 8088",
            ["targetPort: 8080", "targetPort: 8088"],
        ),
        hop(
            "Service with an address, to a port that no container has",
            "targetPort: 9090",
            ["targetPort: 9000", "targetPort: 9090"],
        ),
        hop(
            "port-forward to no Service",
            "service: stores",
            ["service: store,", "service: stores,"],
        ),
        hop(
            "port-forward to a port that is not there",
            "port: 9009",
            ["service: store, port: 9000", "service: store, port: 9009"],
        ),
    ]);
}

/// What other checks tell of a hop is told once.
#[test]
fn hops_that_others_tell() {
    let other =
        |name, id, line, [right, wrong]: [&str; 2]| Pair { id, ..hop(name, line, [right, wrong]) };
    hold(&[
        other(
            "selector",
            "selector-matches-nothing",
            "selector",
            ["selector: {app: shop}", "selector: {app: web}"],
        ),
        other(
            "named port",
            "target-port-missing",
            "targetPort: web",
            ["targetPort: 8080", "targetPort: web"],
        ),
        other(
            "no Service behind the Ingress",
            "service-missing",
            "{service: {name: shops",
            ["{service: {name: shop,", "{service: {name: shops,"],
        ),
        other(
            "no such port of the Service",
            "service-port-missing",
            "{name: shop, port: {name: web",
            ["{name: shop, port: {name: http}", "{name: shop, port: {name: web}"],
        ),
        other(
            "no such class",
            "ingress-class-missing",
            "ingressClassName: caddy",
            [
                "ingressClassName: nginx\n  rules:\n    - host: shop",
                "ingressClassName: caddy\n  rules:\n    - host: shop",
            ],
        ),
        other(
            "machines of the way in a pool",
            "pool-in-cluster-network",
            "[192.168.0.5-192.168.0.249]",
            ["[192.168.0.240-192.168.0.249]", "[192.168.0.5-192.168.0.249]"],
        ),
        pair(
            "no address at all",
            "address-outside-pools",
            "nginx: 192.168.0.250",
            &home()
                .replace("nginx: 192.168.0.240", "nginx: 192.168.0.250")
                .replace("IPs: 192.168.0.240", "IPs: 192.168.0.250")
                .replace("address: 192.168.0.240, port", "address: nginx, port"),
            ["192.168.0.240-192.168.0.249", "192.168.0.240-192.168.0.250"],
        ),
    ]);
}

/// Ways that lead in, or out of what is known.
#[test]
fn ways_that_nothing_is_told_of() {
    let shop = "rules:\n    - host: shop.example.com";
    let rule = "login: {host: login.example.com, address: 192.168.0.240, port: 80}";
    let cases: &[(&str, &[[&str; 2]])] = &[
        ("a domain", &[[shop, "rules:\n    - host: \"*.example.com\""]]),
        ("every host", &[[shop, "rules:\n    - host: \"\""]]),
        ("capitals", &[["login: {host: login.example.com", "login: {host: Login.Example.COM"]]),
        (
            "past the proxy",
            &[
                ["nas: 192.168.0.10,", "nas: 192.168.0.10, lb: 192.168.0.240,"],
                [
                    "port: 18000, host: pc, targetPort: 8000",
                    "port: 8443, host: lb, targetPort: 443",
                ],
            ],
        ),
        (
            "to the proxy by another name",
            &[
                ["nas: 192.168.0.10,", "nas: 192.168.0.10, box: 192.168.0.10,"],
                ["{port: 443, host: nas}", "{port: 443, host: box}"],
                ["- {port: 80, host: nas}\n      ", ""],
            ],
        ),
        (
            "to a machine that is no node",
            &[[rule, "login: {host: login.example.com, address: 192.168.0.30, port: 80}"]],
        ),
        (
            "to a program of a node",
            &[[rule, "login: {host: login.example.com, address: 192.168.0.20, port: 8096}"]],
        ),
        (
            "no domain",
            &[
                ["  domain: example.com\n", ""],
                ["shop: {host: shop.example.com", "shop: {host: shop.example.com "],
            ],
        ),
        (
            "no router",
            &[[
                "  router:\n    forwards:\n      - {port: 80, host: nas}\n      - {port: 443, host: nas}\n      - {port: 18000, host: pc, targetPort: 8000}\n      - {port: 18001, host: pc, targetPort: 30080}\n",
                "",
            ]],
        ),
        (
            "no class",
            &[[
                "  ingressClassName: nginx\n  rules:\n    - host: shop",
                "  rules:\n    - host: shop",
            ]],
        ),
        ("ports that are not declared", &[["ports: [{containerPort: 8080}]", "ports: []"]]),
    ];
    let mut wrong = String::new();
    for (name, changes) in cases {
        let mut text = home();
        for [from, to] in *changes {
            assert_eq!(text.matches(from).count(), 1, "{name}: `{from}`");
            text = text.replace(from, to);
        }
        let found = check(&text);
        if !found.findings.is_empty() {
            wrong.push_str(&format!("{name}:\n{}\n", found.account()));
        }
    }
    // A route of another kind, and a chart with a Service that nobody declared.
    let route = "---\n# app login\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: login, namespace: shop}\n\
                 spec:\n  routes:\n    - {kind: Rule, match: \"Host(`login.example.org`)\", services: [{name: login, port: 80}]}\n";
    let other = home()
        .replace("domain: example.com", "domain: example.org")
        .replace("example.com", "example.org");
    let routed =
        other.replace("    - host: login.example.org", "    - host: old.example.org") + route;
    let chart = "---\n# app login\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: shop\n";
    let charted =
        home().replace("    - host: login.example.com", "    - host: old.example.com") + chart;
    let moved = home()
        .replace("address: 192.168.0.240, port: 80", "address: 192.168.0.249, port: 80")
        + chart;
    for (name, text) in [("route", routed), ("chart", charted), ("address of a chart", moved)] {
        let found = check(&text);
        if !found.findings.is_empty() {
            wrong.push_str(&format!("{name}:\n{}\n", found.account()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
