//! Node ports, and addresses of Services within the cluster.

use super::{all, environment, hold, pair, service};

fn node_port(name: &str, port: &str) -> String {
    service(name, "", "type: NodePort", &format!("{{port: 80, nodePort: {port}}}"))
}

#[test]
fn node_ports() {
    let id = "node-port-taken";
    let known = environment("network: {nodePorts: 30000-32767}");
    let two = |first: &str, second: &str| all(&[&known, first, second]);
    let local = "type: LoadBalancer\n  externalTrafficPolicy: Local\n  healthCheckNodePort: 30100";
    let chart = "# app traefik\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: traefik\nfootprint:\n  services:\n    \
                 traefik: {type: NodePort, ports: {web: 80}, nodePorts: {web: 30080}}\n";
    let port_pair = service(
        "web",
        "",
        "type: NodePort",
        "{name: tcp, port: 53, nodePort: 30053}, {name: udp, port: 54, protocol: UDP, nodePort: 30053}",
    );
    let out = |name, fields: &str, port: &'static str, mended| {
        let text = all(&[&environment(fields), &node_port("web", port)]);
        pair(name, "node-port-out-of-range", port, &text, [port, mended])
    };
    hold(&[
        pair(
            "twice",
            id,
            "30080 }",
            &two(&node_port("web", "30080"), &node_port("api", "30080 ")),
            ["30080 ", "30081 "],
        ),
        pair(
            "whatever the protocol",
            id,
            "30053, protocol: UDP",
            &two(&node_port("web", "30053"), &node_port("api", "30053, protocol: UDP")),
            ["30053, protocol: UDP", "30054, protocol: UDP"],
        ),
        pair(
            "of a load balancer",
            id,
            "30080",
            &two(
                &node_port("web", "30080"),
                &service("api", "", "type: LoadBalancer", "{port: 80, nodePort: 30080 }"),
            ),
            ["30080 }", "30081 }"],
        ),
        pair(
            "of health checks",
            id,
            "healthCheckNodePort",
            &two(&node_port("web", "30100"), &service("api", "", local, "{port: 80}")),
            ["healthCheckNodePort: 30100", "healthCheckNodePort: 30101"],
        ),
        pair(
            "of its own health checks",
            id,
            "healthCheckNodePort",
            &all(&[&known, &service("api", "", local, "{port: 80, nodePort: 30100}")]),
            ["healthCheckNodePort: 30100", "healthCheckNodePort: 30101"],
        ),
        pair(
            "two protocols at two ports of one Service",
            id,
            "port: 54",
            &two("", &port_pair).replace("---\n---\n", "---\n"),
            ["port: 54", "port: 53"],
        ),
        pair(
            "a chart's",
            id,
            "30080 }",
            &all(&[&known, chart, &node_port("web", "30080 ")]),
            ["30080 }", "30081 }"],
        ),
        pair(
            "in files of one directory",
            id,
            "30080 }",
            &all(&[&node_port("web", "30080"), &node_port("api", "30080 ")])
                .replace("# app web\n", "")
                .replace("# app api\n", ""),
            ["30080 ", "30081 "],
        ),
        out("below", "network: {nodePorts: 30000-32767}", "8080", "30080"),
        out("above a small range", "network: {nodePorts: 30000-30100}", "30101", "30100"),
        out("of the default range", "description: no range stated", "40000", "32767"),
        pair(
            "of health checks, out of range",
            "node-port-out-of-range",
            "healthCheckNodePort",
            &all(&[&known, &service("api", "", local, "{port: 80}").replace("30100", "10256")]),
            ["10256", "30256"],
        ),
    ]);
}

#[test]
fn cluster_addresses() {
    let network = |services: &str| environment(&format!("network: {{services: {services}}}"));
    let fixed = |name: &str, address: &str| {
        service(name, "", &format!("clusterIP: {address}"), "{port: 80}")
    };
    let case = |name, id, services: &str, address: &'static str, mended| {
        pair(
            name,
            id,
            address,
            &all(&[&network(services), &fixed("web", address)]),
            [address, mended],
        )
    };
    hold(&[
        case("outside", "cluster-ip-outside", "10.43.0.0/16", "10.96.0.20", "10.43.7.20"),
        case(
            "outside, version 6",
            "cluster-ip-outside",
            "\"fd00::/112\"",
            "\"fd01::7\"",
            "\"fd00::7\"",
        ),
        case("first of all", "cluster-ip-outside", "10.111.0.0/12", "10.96.0.0", "10.96.0.20"),
        case(
            "last of all",
            "cluster-ip-outside",
            "10.96.0.0/12",
            "10.111.255.255",
            "10.111.255.254",
        ),
        case("of DNS", "cluster-ip-taken", "10.96.0.0/12", "10.96.0.10", "10.96.0.20"),
        case("of DNS in K3s", "cluster-ip-taken", "10.43.0.0/16", "10.43.0.10", "10.43.0.20"),
        case("of the API server", "cluster-ip-taken", "10.96.0.0/12", "10.96.0.1", "10.96.0.20"),
        pair(
            "twice",
            "cluster-ip-taken",
            "clusterIP: 10.43.0.20",
            &all(&[
                &network("10.43.0.0/16"),
                &fixed("web", "10.43.0.20"),
                &fixed("api", "10.43.0.20 "),
            ]),
            ["10.43.0.20 ", "10.43.0.21 "],
        ),
        pair(
            "in the list",
            "cluster-ip-taken",
            "clusterIP: 10.43.0.20",
            &all(&[
                &network("10.43.0.0/16"),
                &fixed("web", "10.43.0.20"),
                &service(
                    "api",
                    "",
                    "clusterIP: 10.43.0.20\n  clusterIPs: [10.43.0.20]",
                    "{port: 80}",
                ),
            ]),
            ["clusterIP: 10.43.0.20\n  clusterIPs: [10.43.0.20]", "type: ClusterIP"],
        ),
    ]);
}
