//! Ports that pods and Services take of nodes.

use super::{all, environment, hold, pair, service};

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

#[test]
fn ports_that_services_take_of_nodes() {
    let id = "host-port-taken";
    let k3s =
        |off: &str| environment(&format!("kubernetes: {{distribution: k3s, disabled: [{off}]}}"));
    let balanced = |name: &str, port: &str| service(name, "", "type: LoadBalancer", port);
    hold(&[
        pair(
            "of the Traefik that K3s brings",
            id,
            "port: 443",
            &all(&[&k3s(""), &balanced("web", "{port: 443}")]),
            ["disabled: []", "disabled: [traefik]"],
        ),
        pair(
            "of two Services",
            id,
            "port: 80 }",
            &all(&[
                &k3s("traefik"),
                &balanced("web", "{port: 80}"),
                &balanced("api", "{port: 80 }"),
            ]),
            ["{port: 80 }", "{port: 8080 }"],
        ),
        pair(
            "of pods on every node",
            id,
            "port: 9100}",
            &all(&[
                &k3s("traefik"),
                &takes("DaemonSet", "a", "", "", "{containerPort: 80, hostPort: 9100}"),
                &balanced("web", "{port: 9100}"),
            ]),
            ["{port: 9100}", "{port: 9101}"],
        ),
    ]);
}

#[test]
fn own_networks() {
    let stated = environment(
        "network: {nodes: 192.168.1.0/24, pods: 10.42.0.0/16, services: 10.43.0.0/16}\n\
         nodes: {one: {address: 192.168.1.10}, two: {address: 192.168.1.11}}\n\
         entry:\n  hosts: {nas: 192.168.7.2}\n  portForwards:\n    \
         web: {namespace: shop, service: web, port: 80, localPort: 8080}\n    \
         api: {namespace: shop, service: api, port: 8081}",
    );
    let services = [
        service("web", "", "type: ClusterIP", "{port: 80}"),
        service("api", "", "type: ClusterIP", "{port: 8081}"),
    ];
    let sound = all(&[&stated, &services[0], &services[1]]);
    let overlap = "cluster-network-overlap";
    let cases = [
        (
            "Services in the pods'",
            overlap,
            "network:",
            "services: 10.43.0.0/16",
            "services: 10.42.9.0/24",
        ),
        (
            "pods around the Services'",
            overlap,
            "network:",
            "pods: 10.42.0.0/16",
            "pods: 10.40.0.0/13",
        ),
        ("pods in the nodes'", overlap, "network:", "pods: 10.42.0.0/16", "pods: 192.168.0.0/16"),
        ("node elsewhere", "node-outside-network", "nodes: {one", "192.168.1.11", "192.168.2.11"),
        (
            "the same port",
            "local-port-taken",
            "api:",
            "port: 8081}\n---",
            "port: 8081, localPort: 8080}\n---",
        ),
        (
            "the port of the Service",
            "local-port-taken",
            "api:",
            "localPort: 8080",
            "localPort: 8081",
        ),
    ];
    let pairs = cases.map(|(name, id, line, from, to)| {
        assert_eq!(sound.matches(from).count(), 1, "`{from}` is there once");
        pair(name, id, line, &sound.replace(from, to), [to, from])
    });
    hold(&pairs);
}

/// The Node objects of a directory are the machines of what stands in it, and of nothing else.
#[test]
fn machines_among_files() {
    use gitopsc::check::whole;
    use gitopsc::facts::{Cluster, Extent, Reading, Surroundings};

    const NODE: &str = "apiVersion: v1
kind: Node
metadata: {name: one}
status: {allocatable: {cpu: 2, memory: 4Gi, pods: 110}}";
    let pod = |memory: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec: {{containers: [{{name: c, \
             image: 'registry.example.com/c:1', resources: {{requests: {{memory: {memory}}}}}}}]}}"
        )
    };
    let told = |unit: &str, node: &str, memory: &str| {
        let read = |text: &str, unit: &str, is_cluster_wide| {
            let node = crate::cluster::nodes(text).remove(0);
            Reading { file: None, unit: &unit.into(), is_cluster_wide, sources: None }.object(&node)
        };
        let objects = vec![read(node, "cluster", true), read(&pod(memory), unit, false)];
        let cluster = Cluster::new(objects, Surroundings::unknown(), Extent::Tree);
        let found = whole::check(&cluster).findings;
        found.iter().filter(|it| it.id == "pod-fits-no-node").count()
    };
    assert_eq!(told("cluster", NODE, "8Gi"), 1);
    assert_eq!(told("cluster", NODE, "4Gi"), 0);
    assert_eq!(told("apps", NODE, "8Gi"), 0);
    let unsized_one =
        NODE.replace("allocatable: {cpu: 2, memory: 4Gi, pods: 110}", "phase: Running");
    assert_eq!(told("cluster", &unsized_one, "8Gi"), 0);
}
