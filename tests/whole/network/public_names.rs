//! Public names, and what leads to them.

use gitopsc::diagnostic::Severity;

use super::entry::home;
use super::{all, environment};
use crate::text::check;

/// Names of routes that nobody outside gets to, in the domain of public names.
#[test]
fn public_names_without_a_rule() {
    // Node ports past the proxy lead to all names.
    let door = "      - {port: 18001, host: pc, targetPort: 30080}\n";
    let home = home().replace(door, "");
    let second = |name: &str| {
        let rule = "    - host: shop.example.com\n";
        let old = home.split_once(rule).unwrap();
        let paths = old.1.split("---").next().unwrap().split("    - host").next().unwrap();
        format!("{}{rule}{}    - host: {name}\n{}", old.0, paths, old.1)
    };
    let route = |name: &str| {
        format!(
            "{home}---\n# app shop\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n\
             metadata: {{name: r, namespace: shop}}\nspec: {{hostnames: [{name}]}}\n"
        )
    };
    let quiet = [
        ("as it is", home.clone()),
        ("outside the domain", second("admin.home.arpa")),
        ("led to", second("Status.example.com")),
        ("a domain", second("\"*.example.com\"")),
        ("a route that is led to", route("shop.example.com")),
        ("no domain", second("admin.example.com").replace("  domain: example.com\n", "")),
        ("a rule without a name", {
            let rule = "status: {host: status.example.com, address";
            second("admin.example.com").replace(rule, "status: {address")
        }),
        (
            "a rule for all names",
            second("admin.example.com")
                .replace("host: status.example.com", "host: \"*.example.com\""),
        ),
        (
            "past the proxy",
            second("admin.example.com")
                .replace("nas: 192.168.0.10,", "nas: 192.168.0.10, lb: 192.168.0.240,")
                .replace(
                    "port: 18000, host: pc, targetPort: 8000",
                    "port: 8443, host: lb, targetPort: 443",
                ),
        ),
    ];
    for (name, text) in quiet {
        let found = check(&text);
        assert!(found.findings.is_empty(), "{name}:\n{}", found.account());
    }
    for text in [second("admin.example.com"), route("admin.example.com")] {
        let found = check(&text);
        let [one] = &*found.findings else { panic!("{}\n{text}", found.account()) };
        assert_eq!(one.id, "public-name-unreached");
        assert!(one.message.contains("`admin.example.com`"), "{}", one.message);
        assert_eq!(one.severity, Severity::Note);
    }
}

/// A Gateway has the address, and its routes have the hosts.
#[test]
fn hosts_at_a_gateway() {
    let gateway = "# app nginx\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: nginx}\n\
         spec: {controllerName: example.com/nginx}\n---\n# app nginx\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: nginx, namespace: shop}\n\
         spec:\n  gatewayClassName: nginx\n  infrastructure: {annotations: {metallb.io/loadBalancerIPs: 192.168.0.240}}\n  \
         listeners: [{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]\n";
    let site = environment(
        "network: {nodes: 192.168.0.0/24}
pools: {lan: {addresses: [192.168.0.240-192.168.0.249], assigned: {nginx: 192.168.0.240}}}
entry:
  domain: example.com
  hosts: {nas: 192.168.0.10}
  router: {forwards: [{port: 443, host: nas}]}
  reverseProxy:
    host: nas
    rules: {shop: {host: shop.example.com, address: nginx, port: 80}}
apps: {nginx: {}, shop: {}}",
    );
    let route = |kind: &str, spec: &str| {
        format!(
            "# app shop\napiVersion: gateway.networking.k8s.io/v1\nkind: {kind}\nmetadata: {{name: shop, namespace: shop}}\n\
             spec: {{parentRefs: [{{name: nginx}}]{spec}}}\n"
        )
    };
    let text = |route: &str| all(&[&site, gateway, route]);
    let found = check(&text(&route("HTTPRoute", ", hostnames: [www.example.com]")));
    let [one] = &*found.findings else { panic!("{}", found.account()) };
    assert_eq!(one.id, "entry-broken");
    assert!(one.message.contains("no route has the host"), "{}", one.message);
    for (kind, spec) in [
        ("HTTPRoute", ", hostnames: [Shop.example.com]"),
        ("HTTPRoute", ", hostnames: [\"*.example.com\"]"),
        ("HTTPRoute", ""),
        ("TCPRoute", ""),
    ] {
        let found = check(&text(&route(kind, spec)));
        assert!(
            !found.findings.iter().any(|it| it.id == "entry-broken"),
            "{kind} {spec}: {}",
            found.account()
        );
    }
}
