//! The pools of kube-vip, in its ConfigMap.

use super::{all, balanced, environment, hold, pair, pool};
use crate::text::check;

const NETWORK: &str = "network: {nodes: 192.168.1.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16}\n\
    nodes: {one: {address: 192.168.1.10}}";

fn pools(data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kubevip, namespace: kube-system}}\ndata:\n{data}\n"
    )
}

/// Each key of the ConfigMap in a cluster of its own.
fn with(data: &str) -> String {
    all(&[&environment(NETWORK), &pools(data)])
}

#[test]
fn pools_of_kube_vip() {
    let lan = pool("lan", "192.168.1.200-192.168.1.210", "");
    let planned = environment(&format!(
        "{NETWORK}\npools: {{lan: {{addresses: [192.168.1.200-192.168.1.210]}}}}"
    ));
    hold(&[
        pair(
            "an octet above 255",
            "pool-address-invalid",
            "range-global",
            &with("  range-global: 192.168.1.240-192.168.1.259"),
            ["259", "254"],
        ),
        pair(
            "a comma too many",
            "pool-address-invalid",
            "range-global",
            &with("  range-global: 192.168.1.240-192.168.1.250,"),
            ["250,", "250"],
        ),
        pair(
            "a CIDR that is none",
            "pool-address-invalid",
            "cidr-shop",
            &with("  cidr-global: 192.168.1.224/28\n  cidr-shop: 192.168.1.240/33"),
            ["/33", "/29"],
        ),
        pair(
            "one address is no range",
            "pool-address-invalid",
            "range-shop",
            &with("  range-shop: 192.168.1.240"),
            ["1.240", "1.240-192.168.1.240"],
        ),
        pair(
            "a range among CIDRs",
            "pool-address-invalid",
            "192.168.1.240-192.168.1.243",
            &with("  cidr-global: >-\n    192.168.1.224/28,\n    192.168.1.240-192.168.1.243"),
            ["240-192.168.1.243", "240/30"],
        ),
        pair(
            "addresses of pods",
            "pool-in-cluster-network",
            "10.42.7.0/24",
            &with("  cidr-global: |\n    192.168.1.224/28,\n    10.42.7.0/24"),
            ["10.42.7.0/24", "192.168.1.240/28"],
        ),
        pair(
            "addresses of Services",
            "pool-in-cluster-network",
            "range-shop",
            &with("  range-shop: 10.43.0.10-10.43.0.20"),
            ["10.43.0.10-10.43.0.20", "192.168.1.240-192.168.1.245"],
        ),
        pair(
            "the address of a node",
            "pool-in-cluster-network",
            "cidr-global",
            &with("  cidr-global: 192.168.1.8/29"),
            ["192.168.1.8/29", "192.168.1.16/29"],
        ),
        pair(
            "a pool of MetalLB",
            "pool-overlap",
            "range-global",
            &all(&[
                &environment(NETWORK),
                &lan,
                &pools("  range-global: 192.168.1.210-192.168.1.220"),
            ]),
            ["192.168.1.210-192.168.1.220", "192.168.1.211-192.168.1.220"],
        ),
        pair(
            "a pool of the environment",
            "pool-overlap",
            "range-global",
            &all(&[&planned, &pools("  range-global: 192.168.1.205-192.168.1.220")]),
            ["192.168.1.205-192.168.1.220", "192.168.1.205-192.168.1.209"],
        ),
    ]);
}

/// What is right, or is not for this.
#[test]
fn pools_of_kube_vip_that_are_right() {
    for data in [
        "  cidr-global: 0.0.0.0/32",
        "  cidr-global: 192.168.1.200/30,192.168.1.200/29",
        "  range-shop: 192.168.1.240-192.168.1.245,192.168.1.248-192.168.1.249,fd00::10-fd00::20",
        "  interface-global: eth0\n  allow-share-global: 'true'\n  search-order: desc",
        "  range-global: ${FIRST}-${LAST}",
    ] {
        let found = check(&with(data));
        assert!(found.findings.is_empty(), "{data}: {}", found.account());
    }
    let other = with("  range-global: 10.42.0.1-10.42.0.2").replace("name: kubevip", "name: other");
    assert!(check(&other).findings.is_empty());
}

/// It announces whatever a Service asks for.
#[test]
fn kube_vip_announces_what_is_asked_for() {
    let asked = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, \
        annotations: {kube-vip.io/loadbalancerIPs: 192.168.1.99}}\n\
        spec: {type: LoadBalancer, ports: [{port: 80}]}\n";
    let text = all(&[&with("  range-global: 192.168.1.240-192.168.1.245"), asked]);
    let found = check(&text);
    assert!(found.findings.is_empty(), "{}", found.account());
}

/// One of a namespace or, for those without, of all together: each Service of one address.
#[test]
fn addresses_of_kube_vip_that_are_too_few() {
    let four = |data: &str, last: &str| {
        let services = ["a", "b", "c"].map(|name| balanced(name, ""));
        all(&[&with(data), &services[0], &services[1], &services[2], &balanced("last", last)])
    };
    let range = "  range-shop: 192.168.1.240-192.168.1.242";
    hold(&[
        pair(
            "a range of three",
            "pool-exhausted",
            "kind: Service",
            &four(range, ""),
            ["1.242", "1.243"],
        ),
        pair(
            "a global one",
            "pool-exhausted",
            "kind: Service",
            &four("  cidr-global: 192.168.1.240/31", ""),
            ["/31", "/30"],
        ),
        pair(
            "CIDRs go before ranges",
            "pool-exhausted",
            "kind: Service",
            &four(
                &format!(
                    "{range}\n  range-global: 192.168.1.200-192.168.1.220\n  cidr-shop: 192.168.1.248/31"
                ),
                "",
            ),
            ["/31", "/30"],
        ),
        pair(
            "one that is asked for",
            "pool-exhausted",
            "kind: Service",
            &four(range, "kube-vip.io/loadbalancerIPs: 192.168.1.241"),
            ["1.242", "1.243"],
        ),
        pair(
            "the address of a node",
            "address-taken",
            "192.168.1.10",
            &all(&[&with(range), &balanced("web", "kube-vip.io/loadbalancerIPs: 192.168.1.10")]),
            ["loadbalancerIPs: 192.168.1.10", "loadbalancerIPs: 192.168.1.11"],
        ),
    ]);
    for (data, last) in [
        ("  range-shop: 192.168.1.240-192.168.1.242\n  allow-share-shop: 'true'", ""),
        (range, "kube-vip.io/loadbalancerIPs: 192.168.1.99"),
        (range, "kube-vip.io/loadbalancerIPs: 0.0.0.0"),
        ("  cidr-global: 0.0.0.0/32", ""),
        ("  range-data: 192.168.1.240-192.168.1.242", ""),
    ] {
        let found = check(&four(data, last));
        assert!(found.findings.is_empty(), "{data}: {}", found.account());
    }
}
