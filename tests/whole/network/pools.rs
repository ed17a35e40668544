//! Pools, and what environments assign of them.

use super::addresses::{NETWORK, asks, cilium};
use super::{all, environment, hold, pair, pool};

#[test]
fn pools() {
    let declared = |pool: &str| environment(&format!("{NETWORK}\npools:\n  lan:\n{pool}"));
    let invalid = |name, wrong, right| {
        pair(name, "pool-address-invalid", wrong, &pool("lan", wrong, ""), [wrong, right])
    };
    let twice = |name, first, second, mended| {
        let text = all(&[&pool("lan", first, ""), &pool("guests", second, "")]);
        pair(name, "pool-overlap", second, &text, [second, mended])
    };
    let in_network = |name, fields: &str, block: &'static str, mended| {
        let text = all(&[&environment(fields), &pool("lan", block, "")]);
        pair(name, "pool-in-cluster-network", block, &text, [block, mended])
    };
    hold(&[
        invalid("octet", "192.168.1.240-192.168.1.259", "192.168.1.235-192.168.1.254"),
        invalid("one address", "192.168.1.240", "192.168.1.240/32"),
        invalid("backwards", "192.168.1.250-192.168.1.240", "192.168.1.240-192.168.1.250"),
        invalid("two families", "\"192.168.1.1-fd00::1\"", "\"fd00::1-fd00::9\""),
        invalid("prefix", "192.168.1.0/33", "192.168.1.0/28"),
        invalid("leading zero", "192.168.001.8/29", "192.168.1.8/29"),
        twice("range and CIDR", "192.168.1.240-192.168.1.250", "192.168.1.248/29", "192.168.1.252/30"),
        twice("version 6", "\"fd00::/64\"", "\"fd00::1-fd00::2\"", "\"fd01::1-fd01::2\""),
        pair(
            "one pool",
            "pool-overlap",
            "10.0.0.9-10.0.0.12",
            &pool("lan", "10.0.0.1-10.0.0.9, 10.0.0.9-10.0.0.12", ""),
            ["9, 10.0.0.9", "8, 10.0.0.9"],
        ),
        pair(
            "of Cilium",
            "pool-overlap",
            "10.0.0.8/29",
            &all(&[&cilium("a", "{cidr: 10.0.0.0/28}", ""), &cilium("b", "{cidr: 10.0.0.8/29}", "")]),
            ["10.0.0.8/29", "10.0.1.8/29"],
        ),
        pair(
            "of Cilium, one that is disabled",
            "pool-overlap",
            "10.0.0.8/29",
            &all(&[
                &cilium("a", "{cidr: 10.0.0.0/28}", "  disabled: true\n"),
                &cilium("b", "{cidr: 10.0.0.8/29}", ""),
            ]),
            ["10.0.0.8/29", "10.0.1.8/29"],
        ),
        pair(
            "of Cilium, both disabled",
            "pool-overlap",
            "10.0.0.8/29",
            &all(&[
                &cilium("a", "{cidr: 10.0.0.0/28}", "  disabled: false\n"),
                &cilium("b", "{cidr: 10.0.0.8/29}", "  disabled: true\n"),
            ]),
            ["disabled: false", "disabled:  true"],
        ),
        pair(
            "of Cilium, one with itself",
            "pool-overlap",
            "10.0.0.8/29",
            &cilium("a", "{cidr: 10.0.0.0/28}, {cidr: 10.0.0.8/29}", ""),
            ["10.0.0.8/29", "10.0.1.8/29"],
        ),
        pair(
            "declared and made",
            "pool-overlap",
            "192.168.1.240/31",
            &all(&[
                &declared("    addresses: [192.168.1.240-192.168.1.250]"),
                &pool("guests", "192.168.1.240/31", ""),
            ]),
            ["192.168.1.240/31", "192.168.1.238/31"],
        ),
        in_network("of pods", NETWORK, "10.42.3.0/24", "192.168.1.240/29"),
        in_network("of Services", NETWORK, "10.43.255.248/29", "192.168.1.240/29"),
        in_network("all nodes", NETWORK, "192.168.0.0/16", "192.168.1.240/29"),
        in_network(
            "a node",
            &format!("{NETWORK}\nnodes: {{one: {{address: 192.168.1.10}}}}"),
            "192.168.1.8/29",
            "192.168.1.16/29",
        ),
        in_network(
            "another machine",
            &format!("{NETWORK}\nentry: {{hosts: {{nas: 192.168.1.10}}}}"),
            "192.168.1.8/29",
            "192.168.1.16/29",
        ),
        pair(
            "assigned from outside",
            "address-outside-pools",
            "192.168.1.239",
            &declared("    addresses: [192.168.1.240/29]\n    assigned:\n      web: 192.168.1.239"),
            ["1.239", "1.241"],
        ),
        pair(
            "assigned and asked for from outside",
            "address-outside-pools",
            "web: 192.168.1.239",
            &all(&[
                &declared("    addresses: [192.168.1.232/29, 192.168.1.240/29]\n    assigned:\n      web: 192.168.1.239"),
                &asks("web", "192.168.1.239"),
            ]).replace("192.168.1.232/29, ", ""),
            ["[192.168.1.240/29]", "[192.168.1.232/29]"],
        ),
        pair(
            "assigned and kept back",
            "address-outside-pools",
            "192.168.1.255",
            &declared("    addresses: [192.168.1.248/29]\n    assigned:\n      web: 192.168.1.255"),
            ["1.255", "1.254"],
        ),
        pair(
            "reserved from outside",
            "address-outside-pools",
            "192.168.1.250-192.168.1.252",
            &declared("    addresses: [192.168.1.240/29]\n    reserved:\n      istio: 192.168.1.250-192.168.1.252"),
            ["192.168.1.250-192.168.1.252", "192.168.1.246-192.168.1.247"],
        ),
        pair(
            "assigned and reserved",
            "address-reserved",
            "web: 192.168.1.241",
            &declared(
                "    addresses: [192.168.1.240/29]\n    assigned:\n      web: 192.168.1.241\n    \
                 reserved: {istio: 192.168.1.240-192.168.1.242}",
            ),
            ["web: 192.168.1.241", "web: 192.168.1.243"],
        ),
        pair(
            "reserved twice",
            "address-reserved",
            "katib",
            &declared(
                "    addresses: [192.168.1.240/29]\n    reserved:\n      istio: 192.168.1.240-192.168.1.242\n      \
                 katib: 192.168.1.242",
            ),
            ["katib: 192.168.1.242", "katib: 192.168.1.243"],
        ),
    ]);
}
