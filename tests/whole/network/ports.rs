//! Node ports, host ports, cluster addresses, paths of Ingresses, parts of the distribution.

use super::{Pair, all, environment, hold, pair, pool, service};

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

/// A workload whose pods take a port of their node.
fn takes(kind: &str, name: &str, fields: &str, spec: &str, port: &str) -> String {
    format!(
        "# app {name}\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n{fields}  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec:\n{spec}      containers: [{{name: main, image: \"a:1\", ports: [{port}]}}]\n"
    )
}

#[test]
fn host_ports() {
    let id = "host-port-taken";
    let nodes = |count: usize| {
        let names: Vec<String> = (0..count).map(|it| format!("n{it}: {{}}")).collect();
        environment(&format!("nodes: {{{}}}", names.join(", ")))
    };
    let port = |number: &str| format!("{{containerPort: 80, hostPort: {number}}}");
    let daemon = |name: &str, number: &str| takes("DaemonSet", name, "", "", &port(number));
    let web = |fields: &str, number: &str| takes("Deployment", "web", fields, "", &port(number));
    let recreate = "  strategy: {type: Recreate}\n";
    hold(&[
        pair(
            "two on every node",
            id,
            "8443",
            &all(&[&daemon("a", "8443"), &daemon("b", "8443 ")])
                .replace("# app a\n", "")
                .replace("# app b\n", ""),
            ["8443 ", "8444 "],
        ),
        pair(
            "one on every node",
            id,
            "9100 ",
            &all(&[&nodes(3), &daemon("a", "9100"), &web("", "9100 ")]),
            ["9100 ", "9101 "],
        ),
        pair(
            "the node's network",
            id,
            "containerPort: 9100",
            &all(&[
                &nodes(2),
                &daemon("a", "9100"),
                &takes("DaemonSet", "b", "", "      hostNetwork: true\n", "{containerPort: 9100}"),
            ]),
            ["      hostNetwork: true\n", ""],
        ),
        pair(
            "one address and all",
            id,
            "127.0.0.1",
            &all(&[
                &nodes(1),
                &daemon("a", "9100"),
                &takes(
                    "DaemonSet",
                    "b",
                    "",
                    "",
                    "{containerPort: 80, hostIP: 127.0.0.1, hostPort: 9100}",
                ),
            ]),
            ["hostPort: 9100}]}]\n---\n# app b", "hostPort: 9101}]}]\n---\n# app b"],
        ),
        pair(
            "more pods than nodes",
            id,
            "8080",
            &all(&[&nodes(1), &web(&format!("{recreate}  replicas: 2\n"), "8080")]),
            ["replicas: 2", "replicas: 1"],
        ),
        pair(
            "a rollout on one node",
            id,
            "8080",
            &all(&[&nodes(1), &web("", "8080")]),
            ["  template:", "  strategy: {type: Recreate}\n  template:"],
        ),
        pair(
            "a rollout that may take one away",
            id,
            "8080",
            &all(&[
                &nodes(1),
                &web(
                    "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n",
                    "8080",
                ),
            ]),
            ["maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1"],
        ),
        pair(
            "two on one node",
            id,
            "8080 ",
            &all(&[
                &nodes(1),
                &web(recreate, "8080"),
                &takes("StatefulSet", "db", "  serviceName: \"\"\n", "", &port("8080 ")),
            ]),
            ["8080 ", "8081 "],
        ),
    ]);
}

fn ingress(name: &str, annotations: &str, class: &str, rule: &str) -> String {
    format!(
        "# app {name}\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: shop, \
         annotations: {{{annotations}}}}}\nspec:\n  ingressClassName: {class}\n  rules: [{rule}]\n---\n# app {name}\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{ports: [{{port: 80}}]}}\n"
    )
}

fn rule(name: &str, host: &str, path: &str, kind: &str) -> String {
    format!(
        "{{host: {host}, http: {{paths: [{{path: {path}, pathType: {kind}, \
         backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}}}"
    )
}

const CLASSES: &str = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\n\
                       spec: {controller: k8s.io/ingress-nginx}\n---\napiVersion: networking.k8s.io/v1\n\
                       kind: IngressClass\nmetadata: {name: inner}\nspec: {controller: k8s.io/ingress-nginx}\n";

#[test]
fn paths_of_ingresses() {
    let id = "ingress-path-taken";
    let two = |first: &str, second: &str| all(&[&environment(""), CLASSES, first, second]);
    let web = ingress("web", "", "nginx", &rule("web", "shop.example.com", "/", "Prefix"));
    let api = |path: &str, kind: &str| {
        ingress("api", "", "nginx", &rule("api", "shop.example.com", path, kind))
    };
    hold(&[
        pair(
            "another path",
            id,
            "name: api",
            &two(&web, &api("/ ", "Prefix")),
            ["path: / ", "path: /api "],
        ),
        pair(
            "another kind of path",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix ")),
            ["Prefix ", "Exact "],
        ),
        pair(
            "another host",
            id,
            "shop.example.com ",
            &two(
                &web,
                &ingress("api", "", "nginx", &rule("api", "shop.example.com ", "/", "Prefix")),
            ),
            ["shop.example.com ", "api.example.com "],
        ),
        pair(
            "another class",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix").replace("Name: nginx", "Name:  nginx")),
            ["Name:  nginx", "Name: inner"],
        ),
        pair(
            "a canary",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix").replace("annotations: {}", "annotations: { }")),
            ["annotations: { }", "annotations: {nginx.ingress.kubernetes.io/canary: \"true\"}"],
        ),
        pair(
            "twice in one",
            id,
            "api",
            &all(&[
                &environment(""),
                CLASSES,
                &ingress(
                    "web",
                    "",
                    "nginx",
                    &format!(
                        "{}, {}",
                        rule("web", "a.example.com", "/", "Prefix"),
                        rule("api", "a.example.com", "/", "Prefix ")
                    ),
                ),
                "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n",
            ]),
            ["Prefix ", "Exact "],
        ),
    ]);
}

#[test]
fn parts_of_the_distribution() {
    let k3s = |off: &str, fields: &str| {
        environment(&format!("kubernetes: {{distribution: k3s{off}}}\n{fields}"))
    };
    let lan = pool("lan", "192.168.1.240/29", "");
    let class = CLASSES.split("---\n").next().unwrap().replace("name: nginx", "name: traefik");
    let chart = "# app traefik\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: traefik\n\
                 footprint: {ingressClasses: [traefik]}\n";
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: lan}\n\
                  spec:\n  blocks: [{cidr: 192.168.1.240/29}]\n";
    let all_on = ", disabled: []";
    let pairs: Vec<Pair> = vec![
        pair(
            "ServiceLB beside MetalLB",
            "load-balancer-twice",
            "disabled",
            &all(&[&k3s(", disabled: [traefik]", ""), &lan]),
            ["[traefik]", "[traefik, servicelb]"],
        ),
        pair(
            "nothing is off",
            "load-balancer-twice",
            "k3s",
            &all(&[&k3s("", ""), &lan]),
            ["k3s", "kubernetes"],
        ),
        pair(
            "by the release",
            "load-balancer-twice",
            "disabled",
            &k3s(all_on, "apps: {metallb: {}}"),
            ["[]", "[servicelb]"],
        ),
        pair(
            "beside Cilium",
            "load-balancer-twice",
            "disabled",
            &all(&[&k3s(all_on, ""), cilium]),
            ["[]", "[servicelb]"],
        ),
        pair(
            "Traefik beside Traefik",
            "ingress-controller-twice",
            "disabled",
            &all(&[&k3s(all_on, ""), &class]),
            ["[]", "[traefik]"],
        ),
        pair(
            "a chart's Traefik",
            "ingress-controller-twice",
            "disabled",
            &all(&[&k3s(all_on, "apps: {traefik: {}}"), chart]),
            ["[]", "[traefik]"],
        ),
    ];
    hold(&pairs);
}
