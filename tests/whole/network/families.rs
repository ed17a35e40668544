//! Networks of two families, and nodes at one address.

use super::{Pair, all, balanced, environment, hold, pair, pool, service};

pub(super) const NETWORK: &str = "network: {nodes: '192.168.1.0/24,fd01::/64', pods: '10.42.0.0/16,fd42::/56', services: '10.43.0.0/16,fd43::/112'}";

#[test]
fn networks_of_two_families() {
    let nodes = format!(
        "{NETWORK}\nnodes: {{one: {{address: 192.168.1.10}}, two: {{address: 'fd01::2'}}}}"
    );
    let fixed = |address: &str| {
        let fields = format!("ipFamilies: [IPv6]\n  clusterIP: '{address}'");
        all(&[&environment(NETWORK), &service("web", "", &fields, "{port: 80}")])
    };
    let lan =
        |block: &str| all(&[&environment(NETWORK), &pool("lan", block, ""), &balanced("web", "")]);
    let overlap = |name, from, to| {
        pair(
            name,
            "cluster-network-overlap",
            "network:",
            &environment(&nodes.replace(from, to)),
            [to, from],
        )
    };
    hold(&[
        overlap("Services in the second network of the pods", "fd43::/112", "fd42::/112"),
        overlap("Services in the first one", "10.43.0.0/16", "10.42.8.0/24"),
        pair(
            "a node elsewhere",
            "node-outside-network",
            "nodes: {one",
            &environment(&nodes.replace("fd01::2", "fd02::2")),
            ["fd02::2", "fd01::2"],
        ),
        pair(
            "a fixed address",
            "cluster-ip-outside",
            "clusterIP",
            &fixed("fd44::77"),
            ["fd44::77", "fd43::77"],
        ),
        pair(
            "a pool of the pods' addresses",
            "pool-in-cluster-network",
            "fd42::1-",
            &lan("192.168.1.240-192.168.1.250, 'fd42::1-fd42::9'"),
            ["fd42::1-fd42::9", "fd01::a1-fd01::a9"],
        ),
    ]);
    // The tenth address of the second family is nobody's.
    hold(&[pair(
        "the cluster's DNS",
        "cluster-ip-taken",
        "clusterIP",
        &fixed("fd43::a")
            .replace("ipFamilies: [IPv6]", "type: ClusterIP")
            .replace("fd43::a", "10.43.0.10"),
        ["10.43.0.10", "fd43::a"],
    )]);
}

#[test]
fn families_that_the_cluster_does_not_have() {
    let one = NETWORK.replace(",fd43::/112", "");
    let of = |fields: &str| {
        let service =
            service("web", "", &format!("selector: {{app: web}}\n  {fields}"), "{port: 80}");
        let pod = "# app web\napiVersion: v1\nkind: Pod\n\
                   metadata: {name: web, namespace: shop, labels: {app: web}}\n\
                   spec: {containers: [{name: web, image: 'registry.example.com/web:1.4.0'}]}\n";
        all(&[&environment(&one), &service, pod])
    };
    let refused =
        |name, line, fields, mend| pair(name, "address-family-mismatch", line, &of(fields), mend);
    let second = ["services: '10.43.0.0/16'", "services: '10.43.0.0/16,fd43::/112'"];
    hold(&[
        refused("both", "ipFamilyPolicy", "ipFamilyPolicy: RequireDualStack", second),
        refused(
            "either",
            "ipFamilyPolicy",
            "ipFamilyPolicy: RequireDualStack",
            ["Require", "Prefer"],
        ),
        refused("the other", "ipFamilies", "ipFamilies: [IPv6]", ["IPv6", "IPv4"]),
        refused("an address of the other", "clusterIP", "clusterIP: 'fd43::77'", second),
        refused(
            "no address at all",
            "ipFamilyPolicy",
            "clusterIP: None\n  ipFamilyPolicy: RequireDualStack",
            ["  selector: {app: web}\n", ""],
        ),
    ]);
    let both = |addresses: &str| {
        let fields = "type: LoadBalancer\n  ipFamilyPolicy: RequireDualStack";
        all(&[
            &environment(NETWORK),
            &pool("lan", addresses, ""),
            &service("web", "", fields, "{port: 80}"),
        ])
    };
    hold(&[pair(
        "a pool of one family",
        "address-unassigned",
        "ipFamilyPolicy",
        &both("192.168.1.240-192.168.1.250"),
        ["addresses: [", "addresses: ['fd00::/120', "],
    )]);
}

#[test]
fn nodes_at_one_address() {
    let node = |name: &str, kind: &str, address: &str| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}}}\n\
             status: {{addresses: [{{type: {kind}, address: {address}}}]}}\n"
        )
    };
    let stated = environment(&format!(
        "{NETWORK}\nnodes: {{one: {{address: 192.168.1.10}}, two: {{address: '::ffff:192.168.1.10'}}}}"
    ));
    let taken = |name, line, text: &str, mend| pair(name, "node-address-taken", line, text, mend);
    let pairs: [Pair; 2] = [
        taken(
            "in an environment",
            "nodes:",
            &stated,
            ["::ffff:192.168.1.10", "::ffff:192.168.1.11"],
        ),
        taken(
            "as objects",
            "InternalIP",
            &all(&[&node("a", "InternalIP", "10.0.0.4"), &node("b", "InternalIP", "10.0.0.4")]),
            [
                "name: b}\nstatus: {addresses: [{type: InternalIP",
                "name: b}\nstatus: {addresses: [{type: ExternalIP",
            ],
        ),
    ];
    hold(&pairs);
}
