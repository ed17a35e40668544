//! Addresses that Services ask for.

use super::families::NETWORK as BOTH;
use super::{Pair, all, balanced, environment, hold, pair, pool, service};

pub(super) const NETWORK: &str =
    "network: {nodes: 192.168.1.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16}";
const IPS: &str = "metallb.io/loadBalancerIPs";

pub(super) fn lan(fields: &str) -> String {
    pool("lan", "192.168.1.240-192.168.1.250", fields)
}

pub(super) fn asks(name: &str, address: &str) -> String {
    balanced(name, &format!("{IPS}: {address}"))
}

pub(super) fn cilium(name: &str, block: &str, fields: &str) -> String {
    format!(
        "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {{name: {name}}}\n\
         spec:\n  blocks: [{block}]\n{fields}"
    )
}

/// A Service that asks Cilium for an address at the end of a block.
fn first_or_last(address: &'static str, block: &str, mend: [&str; 2]) -> Pair {
    let text = all(&[
        &environment(""),
        &cilium("lan", block, "  allowFirstLastIPs: 'No'\n"),
        &balanced("web", &format!("lbipam.cilium.io/ips: {address}")),
    ]);
    pair("the first or the last of a block", "address-outside-pools", address, &text, mend)
}

#[test]
fn requests() {
    let outside = |name, annotation: &str, wrong: &'static str, right| {
        let text = all(&[
            &environment(NETWORK),
            &lan(""),
            &balanced("web", &format!("{annotation}: {wrong}")),
        ]);
        pair(name, "address-outside-pools", wrong, &text, [wrong, right])
    };
    let invalid =
        |name, line, text: &str, mend| pair(name, "address-request-invalid", line, text, mend);
    let declared = environment(&format!(
        "{NETWORK}\npools:\n  lan:\n    addresses: [192.168.1.240-192.168.1.250]\n    \
         assigned: {{web: 192.168.1.240, api: 192.168.1.241}}\n    reserved: {{istio: 192.168.1.243}}\n\
         apps: {{web: {{}}, api: {{}}}}"
    ));
    let mut pairs: Vec<Pair> = vec![
        outside("MetalLB's annotation", IPS, "192.168.1.251", "192.168.1.250"),
        outside(
            "its old annotation",
            "metallb.universe.tf/loadBalancerIPs",
            "192.168.2.240",
            "192.168.1.240",
        ),
        pair(
            "two families",
            "address-outside-pools",
            "fd00::1",
            &all(&[
                &environment(NETWORK),
                &lan(""),
                &service(
                    "web",
                    "metallb.io/loadBalancerIPs: \"192.168.1.240,fd00::1\"",
                    "type: LoadBalancer\n  ipFamilyPolicy: PreferDualStack",
                    "{port: 80}",
                ),
            ]),
            [
                "addresses: [192.168.1.240-192.168.1.250",
                "addresses: [\"fd00::/64\", 192.168.1.240-192.168.1.250",
            ],
        ),
        pair(
            "`loadBalancerIP`",
            "address-outside-pools",
            "192.168.1.9",
            &all(&[
                &lan(""),
                &service(
                    "web",
                    "",
                    "{type: LoadBalancer, loadBalancerIP: 192.168.1.9}",
                    "{port: 80}",
                )
                .replace(
                    "  {type: LoadBalancer, loadBalancerIP: 192.168.1.9}\n",
                    "  type: LoadBalancer\n  loadBalancerIP: 192.168.1.9\n",
                )
                .replace("# app web\n", ""),
            ]),
            ["192.168.1.9", "192.168.1.249"],
        ),
        pair(
            "kept back as `.255`",
            "address-outside-pools",
            "192.168.1.255",
            &all(&[
                &environment(NETWORK),
                &pool("lan", "192.168.1.248-192.168.1.255", ", avoidBuggyIPs: true"),
                &asks("web", "192.168.1.255"),
            ]),
            [", avoidBuggyIPs: true", ""],
        ),
        pair(
            "a disabled pool",
            "address-outside-pools",
            "10.0.0.3",
            &all(&[
                &environment(""),
                &cilium("lan", "{cidr: 10.0.0.0/28}", "  disabled: true\n"),
                &balanced("web", "lbipam.cilium.io/ips: 10.0.0.3"),
            ]),
            ["disabled: true", "disabled: false"],
        ),
        pair(
            "Cilium's old annotation",
            "address-outside-pools",
            "10.0.0.16",
            &all(&[
                &environment(""),
                &cilium("lan", "{start: 10.0.0.1, stop: 10.0.0.15}", ""),
                &balanced("web", "io.cilium/lb-ipam-ips: 10.0.0.16"),
            ]),
            ["ips: 10.0.0.16", "ips: 10.0.0.15"],
        ),
        first_or_last("10.0.0.15", "{cidr: 10.0.0.0/28}", ["'No'", "'Yes'"]),
        first_or_last("10.0.0.0", "{cidr: 10.0.0.9/28}", ["  allowFirstLastIPs: 'No'\n", ""]),
        first_or_last("10.0.0.3", "{cidr: 10.0.0.0/30}", ["10.0.0.0/30", "10.0.0.2/31"]),
        first_or_last("10.0.0.16", "{cidr: 10.0.0.16/28}", ["10.0.0.16/28", "10.0.0.16/32"]),
        first_or_last(
            "10.0.0.31",
            "{cidr: 10.0.0.16/28}",
            ["cidr: 10.0.0.16/28", "start: 10.0.0.16, stop: 10.0.0.31"],
        ),
        pair(
            "a Gateway",
            "address-outside-pools",
            "10.0.0.16",
            &all(&[
                &environment(""),
                &cilium("lan", "{cidr: 10.0.0.0/28}", ""),
                "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: cilium}\n\
                 spec: {controllerName: io.cilium/gateway-controller}\n",
                "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: web, namespace: shop}\n\
                 spec:\n  gatewayClassName: cilium\n  infrastructure:\n    \
                 annotations: {io.cilium/lb-ipam-ips: 10.0.0.16}\n  \
                 listeners: [{name: http, port: 80, protocol: HTTP}]\n",
            ]),
            ["ips: 10.0.0.16", "ips: 10.0.0.15"],
        ),
        pair(
            "of one that is kept",
            "address-reserved",
            "192.168.1.243",
            &all(&[&declared, &asks("web", "192.168.1.243")]),
            ["IPs: 192.168.1.243", "IPs: 192.168.1.240"],
        ),
        pair(
            "of another release",
            "address-reserved",
            "192.168.1.241",
            &all(&[&declared, &asks("web", "192.168.1.241")]),
            ["IPs: 192.168.1.241", "IPs: 192.168.1.240"],
        ),
        pair(
            "of another release that asks for it too",
            "address-reserved",
            "192.168.1.241",
            &all(&[
                &declared,
                &asks("api", "192.168.1.241"),
                &balanced("web", "metallb.io/loadBalancerIPs: 192.168.1.241 "),
            ]),
            ["192.168.1.241 }", "192.168.1.240 }"],
        ),
        invalid("octet", "192.168.1.300", &asks("web", "192.168.1.300"), ["1.300", "1.30"]),
        invalid(
            "two of one family",
            "192.168.1.240, 192.168.1.241",
            &asks("web", "\"192.168.1.240, 192.168.1.241\""),
            [", 192.168.1.241", ""],
        ),
        invalid(
            "twice",
            "loadBalancerIP: ",
            &all(&[
                &lan(""),
                &service(
                    "web",
                    "metallb.io/loadBalancerIPs: 192.168.1.240",
                    "type: LoadBalancer\n  loadBalancerIP: 192.168.1.240",
                    "{port: 80}",
                ),
            ]),
            ["\n  loadBalancerIP: 192.168.1.240", ""],
        ),
        pair(
            "family",
            "address-family-mismatch",
            "fd00::1",
            &all(&[
                &environment(BOTH),
                &pool("lan", "\"fd00::/64\"", ""),
                &asks("web", "\"fd00::1\""),
            ]),
            ["type: LoadBalancer", "type: LoadBalancer\n  ipFamilies: [IPv6]"],
        ),
        pair(
            "no such pool",
            "address-pool-missing",
            "guests",
            &all(&[
                &environment(NETWORK),
                &lan(""),
                &balanced("web", "metallb.io/address-pool: guests"),
            ]),
            ["pool: guests", "pool: lan"],
        ),
        pair(
            "no such pool, by the old annotation",
            "address-pool-missing",
            "Lan",
            &all(&[
                &environment(NETWORK),
                &lan(""),
                &balanced("web", "metallb.universe.tf/address-pool: Lan"),
            ]),
            ["pool: Lan", "pool: lan"],
        ),
        pair(
            "another namespace's pool",
            "pool-mismatch",
            "192.168.1.240",
            &all(&[
                &environment(NETWORK),
                &lan(", serviceAllocation: {namespaces: [data]}"),
                &asks("web", "192.168.1.240"),
            ]),
            ["[data]", "[data, shop]"],
        ),
        pair(
            "a pool for other labels",
            "pool-mismatch",
            "address-pool",
            &all(&[
                &environment(NETWORK),
                &lan(", serviceAllocation: {serviceSelectors: [{matchLabels: {tier: edge}}]}"),
                &balanced("web", "metallb.io/address-pool: lan"),
            ]),
            ["  namespace: shop", "  namespace: shop\n  labels: {tier: edge}"],
        ),
        pair(
            "a pool for other namespaces by their labels",
            "pool-mismatch",
            "192.168.1.240",
            &all(&[
                &environment(NETWORK),
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {zone: inner}}\n",
                &lan(", serviceAllocation: {namespaceSelectors: [{matchLabels: {zone: outer}}]}"),
                &asks("web", "192.168.1.240"),
            ]),
            ["zone: inner", "zone: outer"],
        ),
        pair(
            "Cilium's selector",
            "pool-mismatch",
            "10.0.0.3",
            &all(&[
                &environment(""),
                &cilium(
                    "lan",
                    "{cidr: 10.0.0.0/28}",
                    "  serviceSelector: {matchLabels: {io.kubernetes.service.namespace: data}}\n",
                ),
                &balanced("web", "lbipam.cilium.io/ips: 10.0.0.3"),
            ]),
            ["namespace: data}", "namespace: shop}"],
        ),
        pair(
            "an address of one pool and the name of another",
            "pool-mismatch",
            "192.168.1.240",
            &all(&[
                &environment(NETWORK),
                &lan(""),
                &pool("guests", "192.168.1.16/29", ""),
                &balanced(
                    "web",
                    "metallb.io/loadBalancerIPs: 192.168.1.240, metallb.io/address-pool: guests",
                ),
            ]),
            ["pool: guests", "pool: lan"],
        ),
    ];
    for (name, from) in [
        ("headless", "clusterIP: None"),
        ("of type ClusterIP", "type: ClusterIP"),
        ("of type NodePort", "type: NodePort"),
    ] {
        let text = service("web", "kube-vip.io/loadbalancerIPs: 192.168.1.240", from, "{port: 80}");
        pairs.push(pair(
            name,
            "address-request-ignored",
            "loadbalancerIPs",
            &text,
            [from, "type: LoadBalancer"],
        ));
    }
    hold(&pairs);
}
