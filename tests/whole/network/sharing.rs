//! One address for several Services, and more Services than addresses.

use super::addresses::{NETWORK, asks, cilium as of_cilium, lan};
use super::families::NETWORK as BOTH;
use super::{all, balanced, environment, hold, pair, pool, service};

#[test]
fn clashes() {
    const SHARED: &str = "metallb.io/loadBalancerIPs: 192.168.1.240, metallb.io/allow-shared-ip: ";
    let two = |first: &str, second: &str| {
        let second = service("api", second, "type: LoadBalancer", "{port: 8080}");
        all(&[&environment(NETWORK), &lan(""), &balanced("web", first), &second])
    };
    let of = |spec: [&str; 2], ports: [&str; 2]| {
        let one = service("web", &format!("{SHARED}shop"), spec[0], ports[0]);
        let other = service("api", &format!("{SHARED}shop"), spec[1], ports[1]);
        all(&[&environment(NETWORK), &lan(""), &one, &other])
    };
    let cluster = ["type: LoadBalancer"; 2];
    let cilium = |key: &str, spaces: &str| {
        let annotations =
            format!("lbipam.cilium.io/ips: 10.0.0.3, lbipam.cilium.io/sharing-key: {key}{spaces}");
        let other = service("api", &annotations, "type: LoadBalancer", "{port: 8080}");
        all(&[
            &environment(""),
            &of_cilium("lan", "{cidr: 10.0.0.0/28}", ""),
            &balanced("web", "lbipam.cilium.io/ips: 10.0.0.3, lbipam.cilium.io/sharing-key: shop"),
            &other,
        ])
    };
    let id = "address-taken";
    hold(&[
        pair(
            "no key",
            id,
            "240 }",
            &two(
                "metallb.io/loadBalancerIPs: 192.168.1.240",
                "metallb.io/loadBalancerIPs: 192.168.1.240 ",
            ),
            ["240 }", "241 }"],
        ),
        pair(
            "one key",
            id,
            "240 }",
            &two(&format!("{SHARED}shop"), "metallb.io/loadBalancerIPs: 192.168.1.240 "),
            ["240 }", "240, metallb.io/allow-shared-ip: shop }"],
        ),
        pair(
            "two keys",
            id,
            "other",
            &two(&format!("{SHARED}shop"), &format!("{SHARED}other")),
            ["ip: other", "ip: shop"],
        ),
        pair(
            "one port",
            id,
            "192.168.1.240",
            &of(cluster, ["{port: 53}", "{port: 53 }"]),
            ["{port: 53 }", "{port: 53, protocol: UDP}"],
        ),
        pair(
            "policies",
            id,
            "192.168.1.240",
            &of(
                ["type: LoadBalancer", "type: LoadBalancer\n  externalTrafficPolicy: Local"],
                ["{port: 53}", "{port: 54}"],
            ),
            ["\n  externalTrafficPolicy: Local", ""],
        ),
        pair(
            "selectors",
            id,
            "192.168.1.240",
            &all(&[
                &of(
                    [
                        "type: LoadBalancer\n  externalTrafficPolicy: Local\n  selector: {app: web}",
                        "type: LoadBalancer\n  externalTrafficPolicy: Local\n  selector: {app: api}",
                    ],
                    ["{port: 53}", "{port: 54}"],
                ),
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: a, image: a:1}]}\n",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: shop, labels: {app: api}}\nspec: {containers: [{name: a, image: a:1}]}\n",
            ]),
            ["selector: {app: api}", "selector: {app: web}"],
        ),
        pair("Cilium's key", id, "other", &cilium("other", ""), ["key: other", "key: shop"]),
        pair(
            "whoever gives it",
            id,
            "192.168.1.9",
            &all(&[
                &service(
                    "web",
                    "",
                    "type: LoadBalancer\n  loadBalancerIP: 192.168.1.9",
                    "{port: 80}",
                ),
                &service(
                    "api",
                    "",
                    "type: LoadBalancer\n  loadBalancerIP: 192.168.1.9",
                    "{port: 80 }",
                ),
            ])
            .replace("# app web\n", "")
            .replace("# app api\n", ""),
            ["{port: 80 }", "{port: 81 }"],
        ),
        pair(
            "kube-vip",
            id,
            "192.168.1.9",
            &all(&[
                &environment(""),
                &balanced("web", "kube-vip.io/loadbalancerIPs: 192.168.1.9"),
                &service(
                    "api",
                    "kube-vip.io/loadbalancerIPs: 192.168.1.9",
                    "type: LoadBalancer",
                    "{port: 80 }",
                ),
            ]),
            ["{port: 80 }", "{port: 81 }"],
        ),
        pair(
            "a chart's",
            id,
            "IPs: 192.168.1.241",
            &all(&[
                &environment(&format!(
                    "{NETWORK}\npools: {{lan: {{addresses: [192.168.1.240/29], assigned: {{edge: 192.168.1.241}}}}}}"
                )),
                "# app traefik\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: traefik\nfootprint:\n  services:\n    \
                 traefik: {type: LoadBalancer, address: edge, ports: {web: 80}}\n",
                &asks("web", "192.168.1.241").replace("192.168.1.241", "192.168.1.241 "),
            ]),
            ["IPs: 192.168.1.241 ", "IPs: 192.168.1.242 "],
        ),
    ]);
}

#[test]
fn amounts() {
    let three = [balanced("a", ""), balanced("b", ""), balanced("c", "")];
    let after = |documents: &[&str]| {
        let mut every = documents.to_vec();
        every.extend(three.iter().map(String::as_str));
        all(&every)
    };
    let network = environment(NETWORK);
    let fixed = environment(&format!(
        "{NETWORK}\npools:\n  lan:\n    addresses: [192.168.1.240-192.168.1.244]\n    assigned: {{web: 192.168.1.240}}\n    \
         reserved: {{istio: 192.168.1.241-192.168.1.242}}"
    ));
    let id = "pool-exhausted";
    hold(&[
        pair(
            "two for three",
            id,
            "kind: Service",
            &after(&[&network, &pool("lan", "192.168.1.240/31", "")]),
            ["240/31", "240/30"],
        ),
        pair(
            "a pool with two that it keeps back",
            id,
            "kind: Service",
            &after(&[&network, &pool("lan", "10.0.0.254-10.0.1.1", ", avoidBuggyIPs: true")]),
            [", avoidBuggyIPs: true", ""],
        ),
        pair(
            "what is kept",
            id,
            "kind: Service",
            &after(&[&fixed]),
            [
                "assigned: {web: 192.168.1.240}\n    reserved: {istio: 192.168.1.241-192.168.1.242}",
                "autoAssign: true",
            ],
        ),
        pair(
            "by the name of a pool",
            id,
            "kind: Service",
            &all(&[
                &network,
                &pool("one", "192.168.1.240/32", ""),
                &pool("lan", "192.168.1.248/29", ""),
                &balanced("a", "metallb.io/address-pool: one"),
                &balanced("b", "metallb.io/address-pool:  one"),
            ]),
            ["pool:  one", "pool: lan"],
        ),
        pair(
            "asked for by others",
            id,
            "kind: Service",
            &all(&[
                &network,
                &pool("lan", "192.168.1.240/31", ""),
                &asks("a", "192.168.1.240"),
                &asks("b", "192.168.1.241"),
                &three[2],
            ]),
            ["240/31", "240/30"],
        ),
        pair(
            "nothing by itself",
            "address-unassigned",
            "kind: Service",
            &all(&[&network, &lan(", autoAssign: false"), &three[0]]),
            ["annotations: {}", "annotations: {metallb.io/loadBalancerIPs: 192.168.1.240}"],
        ),
        pair(
            "only for others",
            "address-unassigned",
            "kind: Service",
            &all(&[&network, &lan(", serviceAllocation: {namespaces: [data]}"), &three[0]]),
            ["[data]", "[shop]"],
        ),
        pair(
            "in an environment's pool",
            "address-unassigned",
            "kind: Service",
            &all(&[
                &environment("pools: {lan: {addresses: [192.168.1.240/29], autoAssign: false}}"),
                &three[0],
            ]),
            ["autoAssign: false", "autoAssign: true"],
        ),
        pair(
            "any address where some are reserved",
            "address-unguarded",
            "kind: Service",
            &all(&[
                &environment(
                    "pools: {lan: {addresses: [192.168.1.240/29], reserved: {istio: 192.168.1.243}}}",
                ),
                &three[0],
            ]),
            [", reserved: {istio: 192.168.1.243}", ""],
        ),
        pair(
            "any address where some are assigned",
            "address-unguarded",
            "kind: Service",
            &all(&[
                &environment(
                    "pools: {lan: {addresses: [192.168.1.240/29], assigned: {web: 192.168.1.241}}}",
                ),
                &asks("web", "192.168.1.242"),
                &three[0],
            ]),
            ["IPs: 192.168.1.242", "IPs: 192.168.1.241"],
        ),
        pair(
            "no address of its family",
            "address-unassigned",
            "kind: Service",
            &all(&[
                &environment(BOTH),
                &lan(""),
                &service("a", "", "type: LoadBalancer\n  ipFamilies: [IPv6]", "{port: 80}"),
            ]),
            ["addresses: [", "addresses: [\"fd00::/120\", "],
        ),
        pair(
            "a key that shares the address of another",
            id,
            "kind: Service",
            &all(&[
                &network,
                &pool("lan", "192.168.1.240/32", ""),
                &balanced(
                    "web",
                    "metallb.io/loadBalancerIPs: 192.168.1.240, metallb.io/allow-shared-ip: edge",
                ),
                &service(
                    "api",
                    "metallb.io/allow-shared-ip: inner",
                    "type: LoadBalancer",
                    "{port: 81}",
                ),
            ]),
            ["ip: inner", "ip: edge"],
        ),
    ]);
}

/// Services with one key that cannot share an address all the same.
#[test]
fn amounts_of_what_cannot_share() {
    const KEY: &str = "lbipam.cilium.io/sharing-key: edge";
    const ACROSS: &str = "lbipam.cilium.io/sharing-cross-namespace";
    let of = |name: &str, annotations: &str, ports: &str| {
        service(name, annotations, "type: LoadBalancer", ports)
    };
    let network = environment("");
    let one = of_cilium("lan", "{cidr: 10.0.0.0/32}", "");
    let cilium = |first: &str, second: &str| {
        let second = of("b", second, "{port: 81}").replace("namespace: shop", "namespace: data");
        all(&[&network, &one, &of("a", first, "{port: 80}"), &second])
    };
    let id = "pool-exhausted";
    hold(&[
        pair(
            "one port",
            id,
            "kind: Service",
            &all(&[&network, &one, &of("a", KEY, "{port: 80}"), &of("b", KEY, "{port: 80 }")]),
            ["{port: 80 }", "{port: 81}"],
        ),
        pair(
            "MetalLB and one port",
            id,
            "kind: Service",
            &all(&[
                &environment(NETWORK),
                &pool("lan", "192.168.1.240/32", ""),
                &of("a", "metallb.io/allow-shared-ip: edge", "{port: 80}"),
                &of("b", "metallb.io/allow-shared-ip: edge", "{port: 80 }"),
            ]),
            ["{port: 80 }", "{port: 81}"],
        ),
        pair(
            "two of three",
            id,
            "kind: Service",
            &all(&[
                &network,
                &one,
                &of("a", KEY, "{port: 443}"),
                &of("b", KEY, "{port: 80}"),
                &of("c", KEY, "{port: 80 }"),
            ]),
            ["cidr: 10.0.0.0/32", "cidr: 10.0.0.0/31"],
        ),
        pair(
            "two namespaces",
            id,
            "kind: Service",
            &cilium(KEY, KEY),
            ["namespace: data", "namespace: shop"],
        ),
        pair(
            "only one of two allows it",
            id,
            "kind: Service",
            &cilium(&format!("{KEY}, {ACROSS}: data"), &format!("{KEY}, {ACROSS}: other")),
            ["namespace: other", "namespace: 'test,shop'"],
        ),
        pair(
            "beside an address that is asked for",
            id,
            "kind: Service",
            &all(&[
                &network,
                &one,
                &of("a", &format!("{KEY}, lbipam.cilium.io/ips: 10.0.0.0"), "{port: 80}"),
                &of("b", KEY, "{port: 80 }"),
            ]),
            ["{port: 80 }", "{port: 81}"],
        ),
    ]);
}
