//! What is right and looks wrong.

use super::{all, balanced, environment, pool, service};
use crate::text::check;

fn quiet(cases: &[(&str, String)]) {
    let mut wrong = String::new();
    for (name, text) in cases {
        let found = check(text);
        if !found.findings.is_empty() || !found.faults.is_empty() {
            wrong.push_str(&format!("{name}: {:?}\n{}\n", found.faults, found.account()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const DNS: &str = "192.168.1.53";

fn dns(name: &str, annotations: &str, fields: &str, protocol: &str) -> String {
    service(
        name,
        annotations,
        &format!("type: LoadBalancer{fields}"),
        &format!("{{name: dns, port: 53, protocol: {protocol}}}"),
    )
}

#[test]
fn one_address_for_several_services() {
    let shared =
        |prefix: &str| format!("{prefix}/loadBalancerIPs: {DNS}, {prefix}/allow-shared-ip: dns");
    let lan = pool("lan", "192.168.1.48/28", "");
    let of = |annotations: &str, fields: &str| {
        all(&[&dns("tcp", annotations, fields, "TCP"), &dns("udp", annotations, fields, "UDP")])
    };
    let files = |text: String| text.replace("# app tcp\n", "").replace("# app udp\n", "");
    let legacy = format!("\n  loadBalancerIP: {DNS}");
    let local = "\n  externalTrafficPolicy: Local\n  selector: {app: dns}";
    let pods = "apiVersion: v1\nkind: Pod\nmetadata: {name: dns, namespace: shop, labels: {app: dns}}\n\
                spec: {containers: [{name: dns, image: \"dns:1\", ports: [{name: dns, containerPort: 53}]}]}\n";
    let cilium = format!("lbipam.cilium.io/ips: {DNS}, lbipam.cilium.io/sharing-key: dns");
    let environment = environment("");
    let known = |text: String| all(&[&environment, &lan, &text]);
    quiet(&[
        ("TCP and UDP of one app", known(of(&shared("metallb.io"), ""))),
        ("with the old annotations", known(of(&shared("metallb.universe.tf"), ""))),
        ("only the nodes with the pods", known(all(&[&of(&shared("metallb.io"), local), pods]))),
        ("Cilium's", all(&[&environment, &of(&cilium, "")])),
        (
            "kube-vip's",
            all(&[&environment, &of(&format!("kube-vip.io/loadbalancerIPs: {DNS}"), "")]),
        ),
        ("whoever gives it", files(of("", &legacy))),
        (
            "of several clusters in one tree",
            all(&[
                &balanced("web", &format!("metallb.io/loadBalancerIPs: {DNS}")),
                &balanced("api", &format!("metallb.io/loadBalancerIPs: {DNS}")),
                &pool("lan", "192.168.1.48/28", ""),
                &format!("# app other\n{}", pool("guests", "192.168.1.48/28", "")),
            ]),
        ),
        (
            "files to choose from",
            files(all(&[
                &pool("lan", "192.168.1.48/28", ""),
                &pool("lan", "192.168.1.32/27", ""),
                &balanced("web", &format!("metallb.io/loadBalancerIPs: {DNS}"))
                    .replace("# app web\n", ""),
                &balanced("api", &format!("metallb.io/loadBalancerIPs: {DNS}"))
                    .replace("# app api\n", ""),
            ])),
        ),
        (
            "of two that give addresses",
            known(all(&[
                &balanced("web", &format!("metallb.io/loadBalancerIPs: {DNS}")),
                &service(
                    "api",
                    "",
                    "type: LoadBalancer\n  loadBalancerClass: tailscale",
                    "{port: 80}",
                ),
            ])),
        ),
    ]);
}

#[test]
fn requests_that_somebody_else_answers() {
    let network = environment("network: {nodes: 192.168.1.0/24, services: 10.43.0.0/16}");
    let lan = pool("lan", "192.168.1.48/28", "");
    quiet(&[
        ("DHCP", all(&[&network, &lan, &balanced("web", "kube-vip.io/loadbalancerIPs: 0.0.0.0")])),
        (
            "DHCP twice, in the field",
            all(&[
                &service("web", "", "type: LoadBalancer\n  loadBalancerIP: 0.0.0.0", "{port: 80}"),
                &service("api", "", "type: LoadBalancer\n  loadBalancerIP: 0.0.0.0", "{port: 80}"),
            ]),
        ),
        (
            "another class",
            all(&[
                &network,
                &lan,
                &service(
                    "web",
                    "",
                    "type: LoadBalancer\n  loadBalancerClass: service.k8s.aws/nlb\n  loadBalancerIP: 10.9.9.9",
                    "{port: 80}",
                ),
            ]),
        ),
        (
            "pools that are not seen",
            balanced("web", "metallb.io/loadBalancerIPs: 10.9.9.9, metallb.io/address-pool: lan"),
        ),
        (
            "pools in another directory",
            all(&[
                &lan,
                &balanced("web", "metallb.io/loadBalancerIPs: 10.9.9.9"),
                &balanced("api", "metallb.io/address-pool: guests"),
            ]),
        ),
        (
            "filled in later",
            all(&[&network, &balanced("web", "metallb.io/loadBalancerIPs: \"${WEB_ADDRESS}\"")]),
        ),
        ("a pool that is filled in later", all(&[&pool("lan", "\"${LAN_RANGE}\"", ""), &network])),
        ("a word in its place", pool("lan", "IP_START-IP_STOP, x.x.x.x-x.x.x.x", "")),
        (
            "a word in place of an address",
            balanced("web", "metallb.io/loadBalancerIPs: internal-lb-ip"),
        ),
        (
            "an address of a pool that is filled in later",
            all(&[
                &network,
                &pool("lan", "\"${LAN_RANGE}\"", ""),
                &balanced("web", "metallb.io/loadBalancerIPs: 10.9.9.9"),
            ]),
        ),
        ("no pool at all", all(&[&network, &balanced("web", "")])),
        (
            "headless, no wish",
            all(&[
                &network,
                &service("web", "", "clusterIP: None", "{port: 80}"),
                &service("api", "", "clusterIP: None", "{port: 80}"),
            ]),
        ),
        (
            "a pool that gives nothing by itself, and pools of others",
            all(&[&pool("lan", "192.168.1.48/28", ", autoAssign: false"), &balanced("web", "")]),
        ),
        (
            "a sharing key for one address of two",
            all(&[
                &network,
                &pool("lan", "192.168.1.48/32", ""),
                &balanced("web", "metallb.io/allow-shared-ip: edge"),
                &service(
                    "api",
                    "metallb.io/allow-shared-ip: edge",
                    "type: LoadBalancer",
                    "{port: 81}",
                ),
            ]),
        ),
        (
            "a large pool of version 6",
            all(&[
                &network,
                &pool("lan", "\"fd00::/64\", 192.168.1.48/32", ""),
                &balanced("web", ""),
            ]),
        ),
        (
            "two families that one pool has",
            all(&[
                &network,
                &pool("lan", "\"fd00::/64\", 192.168.1.48/28", ""),
                &service(
                    "web",
                    "metallb.io/loadBalancerIPs: \"192.168.1.49, fd00::9\"",
                    "type: LoadBalancer\n  ipFamilyPolicy: PreferDualStack",
                    "{port: 80}",
                ),
            ]),
        ),
        (
            "Cilium's two ways of asking",
            all(&[
                &environment(""),
                "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: lan}\nspec:\n  blocks: [{cidr: 10.0.0.0/28}]\n",
                &service(
                    "web",
                    "io.cilium/lb-ipam-ips: 10.0.0.4",
                    "type: LoadBalancer\n  loadBalancerIP: 10.0.0.5",
                    "{port: 80}",
                ),
            ]),
        ),
        (
            "annotations for two that give addresses",
            all(&[
                &network,
                &lan,
                &balanced(
                    "web",
                    "metallb.io/loadBalancerIPs: 192.168.1.49, lbipam.cilium.io/ips: 10.0.0.4",
                ),
            ]),
        ),
    ]);
}

#[test]
fn ports_that_do_not_meet() {
    let nodes = environment(
        "nodes: {one: {}, two: {}}\nnetwork: {services: 10.96.0.0/12, nodePorts: 30000-32767}",
    );
    let workload = |kind: &str, name: &str, spec: &str, ports: &str| {
        format!(
            "# app {name}\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
             selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
             spec:\n{spec}      containers: [{{name: main, image: \"a:1\", ports: [{ports}]}}]\n"
        )
    };
    let daemon = workload("DaemonSet", "a", "", "{containerPort: 80, hostPort: 80}");
    let plain = |port: &str| service("web", "", "type: ClusterIP", port);
    let port = |name: &str, ports: &str| service(name, "", "type: NodePort", ports);
    quiet(&[
        (
            "nodes with a label",
            all(&[
                &nodes,
                &daemon,
                &workload(
                    "DaemonSet",
                    "b",
                    "      nodeSelector: {edge: \"true\"}\n",
                    "{containerPort: 80, hostPort: 80}",
                ),
            ]),
        ),
        (
            "another protocol",
            all(&[
                &nodes,
                &daemon,
                &workload("DaemonSet", "b", "", "{containerPort: 80, hostPort: 80, protocol: UDP}"),
            ]),
        ),
        (
            "another address",
            all(&[
                &nodes,
                &workload(
                    "DaemonSet",
                    "c",
                    "",
                    "{containerPort: 80, hostIP: 10.0.0.1, hostPort: 80}",
                ),
                &workload(
                    "DaemonSet",
                    "b",
                    "",
                    "{containerPort: 80, hostIP: 127.0.0.1, hostPort: 80}",
                ),
            ]),
        ),
        (
            "two nodes for two pods",
            all(&[
                &nodes,
                &workload("StatefulSet", "b", "", "{containerPort: 80, hostPort: 80}")
                    .replace("  template:", "  serviceName: \"\"\n  template:"),
                &workload("StatefulSet", "c", "", "{containerPort: 80, hostPort: 80}")
                    .replace("  template:", "  serviceName: \"\"\n  template:"),
            ]),
        ),
        (
            "files of an unknown cluster",
            all(&[
                &workload("Deployment", "b", "", "{containerPort: 80, hostPort: 80}"),
                &workload("Deployment", "c", "", "{containerPort: 80, hostPort: 80}"),
            ]),
        ),
        (
            "one number for two protocols of one Service",
            all(&[
                &nodes,
                &port(
                    "web",
                    "{name: a, port: 53, nodePort: 30053}, {name: b, port: 53, protocol: UDP, nodePort: 30053}",
                ),
            ]),
        ),
        (
            "in directories of two clusters",
            all(&[
                &port("web", "{port: 80, nodePort: 30080}"),
                &port("api", "{port: 80, nodePort: 30080}"),
            ]),
        ),
        (
            "a cluster's own range",
            all(&[
                &environment("network: {nodePorts: 80-32767}"),
                &port("web", "{port: 80, nodePort: 443}"),
            ]),
        ),
        (
            "no node port asked for",
            all(&[&nodes, &port("web", "{port: 80}"), &port("api", "{port: 80}")]),
        ),
        ("no fixed address", all(&[&nodes, &plain("{port: 80}")])),
        (
            "the cluster's DNS itself",
            all(&[
                &nodes,
                &service("kube-dns", "", "clusterIP: 10.96.0.10", "{port: 53}")
                    .replace("namespace: shop", "namespace: kube-system"),
            ]),
        ),
    ]);
}
