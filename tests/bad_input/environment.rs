//! Names, forms and references of an environment that its schema cannot judge.

use serde_json::Value;

use crate::site::{ONE, Site, WEB, refused_with};

const ENVIRONMENT: &str = "environments/one/environment.yaml";

/// A line put in place of `layers:`, which is the fifth.
fn with(line: &str, id: &str, says: &str) -> Value {
    refused_with(ENVIRONMENT, ONE.replace("layers:\n", &format!("{line}\nlayers:\n")), id, 5, says)
}

fn changed(from: &str, to: &str, id: &str, line: usize, says: &str) -> Value {
    assert!(ONE.contains(from), "{from}");
    refused_with(ENVIRONMENT, ONE.replace(from, to), id, line, says)
}

fn accepted(text: &str) {
    let site = Site::new();
    site.write(ENVIRONMENT, text);
    let run = site.build();
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn names_that_kubernetes_refuses() {
    let wrong = "name-wrong";
    changed("  web: {layer: main}", "  web: {layer: main}\n  Bad_NS: {}", wrong, 12, "lower-case");
    changed("  web: {layer: main}", "  web: {layer: main}\n  a.b: {}", wrong, 12, "`a.b`");
    with("nodes: {Node_1: {}}", wrong, "a node");
    with("nodes: {a/b: {}}", wrong, "a node");
    with("nodes: {a..b: {}}", wrong, "between dots");
    with("pools: {LAN: {addresses: [10.0.0.0/24]}}", wrong, "a pool");
    with("priorityClasses: {Low: {value: 1}}", wrong, "a priority class");
    with("priorityClasses: {system-low: {value: 1}}", wrong, "system-");
    with("storageClasses: {fast_ssd: {}}", wrong, "a storage class");
}

#[test]
fn references_to_what_is_not_declared() {
    changed("web: {layer: main}", "web: {layer: mian}", "layer-unknown", 11, "`main`?");
    let class = "priority-class-unknown";
    let main = "  main:\n    priorityClass: lwo\n";
    changed("  main:\n", main, class, 7, "system-node-critical");
    let declared = ONE.replace("layers:", "priorityClasses: {low: {value: 1}}\nlayers:");
    let near = declared.replace("  main:\n", main);
    refused_with(ENVIRONMENT, near, class, 8, "did you mean `low`?");
    accepted(&declared.replace("  main:\n", "  main:\n    priorityClass: low\n"));
    accepted(&ONE.replace("  main:\n", "  main:\n    priorityClass: system-cluster-critical\n"));
}

#[test]
fn references_of_the_entry() {
    let host = "host-unknown";
    with(
        "entry: {hosts: {pi: 10.0.0.1}, router: {forwards: [{port: 80, host: pj}]}}",
        host,
        "`pi`?",
    );
    with("entry: {reverseProxy: {host: pi}}", host, "declare it under `entry.hosts`");
    let rules = "entry: {reverseProxy: {rules: {wbe: {host: a.test}}}}";
    with(rules, "release-unknown", "did you mean `web`?");
    let pools = "pools: {lan: {addresses: [10.0.0.0/24], assigned: {web: 10.0.0.7}}}\n";
    let rule = |address: &str| {
        let entry = format!("entry: {{reverseProxy: {{rules: {{web: {{address: {address}}}}}}}}}");
        ONE.replace("layers:", &format!("{pools}{entry}\nlayers:"))
    };
    refused_with(ENVIRONMENT, rule("wbe"), "address-unknown", 6, "did you mean `web`?");
    accepted(&rule("web"));
    accepted(&rule("10.0.0.7"));
}

#[test]
fn external_services_that_are_not_there() {
    let peers = format!("{WEB}peers:\n  - {{external: databse}}\n");
    let app = "apps/web/app.yaml";
    refused_with(app, peers, "external-unknown", 11, "declare it under `externals`");
    let site = Site::new();
    site.write(app, format!("{WEB}peers:\n  - {{external: mail, when: \"false\"}}\n"));
    assert_eq!(site.build().code, 0);
}

#[test]
fn addresses_that_are_none() {
    let wrong = "config-wrong";
    with("network: {pods: 10.42.0.0}", wrong, "no CIDR");
    with("network: {services: 10.42.0.0/33}", wrong, "no CIDR");
    with("network: {nodes: 10.42.0.256/8}", wrong, "no CIDR");
    with(
        "network: {pods: 10.42.0.0/16, services: \"10.43.0.0/16,fd43::\"}",
        wrong,
        "not all CIDRs",
    );
    with("network: {pods: \"10.42.0.0/16,10.44.0.0/16\"}", wrong, "of each family");
    with("network: {nodePorts: 30000-70000}", wrong, "1 to 65535");
    with("network: {nodePorts: 0-100}", wrong, "1 to 65535");
    with("network: {nodePorts: 32767-30000}", wrong, "ends before");
    with("network: {nodePorts: \"30000\"}", wrong, "Node-port range");
    with("nodes: {n1: {address: 10.0.0}}", wrong, "nodes.n1.address");
    let pool = |fields: &str| format!("pools: {{lan: {{{fields}}}}}");
    with(&pool("addresses: [10.0.0.240-10.0.0.259]"), wrong, "`10.0.0.259` is no address");
    with(&pool("addresses: [10.0.0.9-10.0.0.1]"), wrong, "ends before");
    with(&pool("addresses: [\"10.0.0.1-fe80::1\"]"), wrong, "IPv6");
    with(&pool("addresses: [10.0.0.1]"), wrong, "10.0.0.1/32");
    with(&pool("addresses: [lan]"), wrong, "neither a CIDR nor a range");
    let sound = "addresses: [10.0.0.0/24]";
    with(&pool(&format!("{sound}, assigned: {{web: 10.0.0.01}}")), wrong, "assigned.web");
    with(&pool(&format!("{sound}, reserved: {{web: [10.0.0.7, 10.0.0.x]}}")), wrong, "10.0.0.x");
    let kept = "reserved: {a: 10.0.0.7, b: [10.0.0.8-10.0.0.9, 10.0.0.16/30]}";
    let network = "network: {pods: \"fd00::/48\", nodePorts: 1-65535}";
    accepted(
        &ONE.replace(
            "layers:",
            &format!("{network}\n{}\nlayers:", pool(&format!("{sound}, {kept}"))),
        ),
    );
}

#[test]
fn numbers_and_words_that_cannot_be() {
    let wrong = "config-wrong";
    with("overcommit: {cpu: 0}", wrong, "overcommit.cpu");
    with("overcommit: {memory: -1.5}", wrong, "overcommit.memory");
    let class = "priorityClasses: {low: {value: 1, preemptionPolicy: Sometimes}}";
    with(class, wrong, "`Never`");
    with("nodes: {one: {memory: -40Gi}}", wrong, "nodes.one.memory");
    with("nodes: {one: {cpu: -2}}", wrong, "nodes.one.cpu");
    let kept = "nodes: {one: {cpu: 2, memory: 40Gi, reserved: {memory: 50Gi}}}";
    with(kept, "node-kept-whole", "50Gi of its 40Gi of memory");
}

#[test]
fn what_may_be_there_once() {
    with(
        "storageClasses: {a: {default: true}, b: {default: true}}",
        "default-twice",
        "`a` and `b`",
    );
    let classes =
        "priorityClasses: {a: {value: 1, globalDefault: true}, b: {value: 2, globalDefault: true}}";
    with(classes, "default-twice", "refuses the second");
    let twice = "stated-twice";
    let namespace = |fields: &str| format!("web: {{layer: main, {fields}}}");
    let quota = namespace("quota: {memory: 1Gi, requests.memory: 1Gi}");
    changed("web: {layer: main}", &quota, twice, 11, "requests.memory");
    let quota = namespace("quota: {requests.cpu: 1, cpu: 1}");
    changed("web: {layer: main}", &quota, twice, 11, "requests.cpu");
    let labels =
        namespace("podSecurity: baseline, labels: {pod-security.kubernetes.io/warn: baseline}");
    changed("web: {layer: main}", &labels, twice, 11, "podSecurity");
    let labels = namespace("labels: {gitopsc.dev/layer: main}");
    changed("web: {layer: main}", &labels, twice, 11, "gitopsc.dev/layer");
}

#[test]
fn what_is_missing() {
    with("priorityClasses: {low: {description: x}}", "field-missing", "value: 100");
    with("pools: {lan: {autoAssign: true}}", "field-missing", "addresses");
    with("pools: {lan: {addresses: []}}", "field-missing", "addresses");
}

#[test]
fn where_the_repository_lies() {
    let wrong = "config-wrong";
    let gitops = |fields: &str, says| changed("revision: main", fields, wrong, 4, says);
    gitops("revision: main, path: /rendered", "does not begin with");
    gitops("revision: main, path: ../x", "leads out");
    gitops("revision: main, path: a/../../x", "leads out");
    gitops("revision: main, path: a//b", "has a name");
    gitops("revision: main, path: /", "does not begin with");
    gitops("revision: main, path: ''", "cannot be empty");
    gitops("revision: ''", "cannot be empty");
    changed("https://git.test/platform.git", "''", wrong, 4, "cannot be empty");
    let site = Site::new();
    site.replace(ENVIRONMENT, "revision: main", "revision: main, path: clusters/rendered/");
    assert_eq!(site.build().code, 0);
    let root = std::fs::read_to_string(site.path().join("rendered/one/root.yaml")).unwrap();
    assert!(root.contains("path: clusters/rendered/one/argocd\n"), "{root}");
}

#[test]
fn where_a_chart_lies() {
    for (chart, says) in [
        ("{repoURL: \"\", name: web, version: \"1\"}", "chart.repoURL` cannot be empty"),
        ("{repoURL: \"oci://r.test/charts\", name: web, version: \"1\"}", "without `oci://`"),
        ("{repoURL: r.test/charts, name: \"\", version: \"1\"}", "chart.name` cannot be empty"),
    ] {
        let text = format!("{WEB}chart: {chart}\n");
        refused_with("apps/web/app.yaml", text, "config-wrong", 10, says);
    }
}

#[test]
fn sealed_values_that_nobody_needs() {
    let site = Site::new();
    let secrets =
        "secrets:\n  db: {keys: {password: it}}\n  \"token-${{ values.text }}\": {keys: {t: it}}\n";
    site.write("apps/web/app.yaml", format!("{WEB}{secrets}"));
    let sealed = |sealed: &str| {
        let line = format!("secrets: {{provider: sealed-secrets, sealed: {{{sealed}}}}}\nlayers:");
        site.write(
            ENVIRONMENT,
            ONE.replace("layers:", &line).replace("[ConfigMap, Service]", "[\"*/*\"]"),
        );
        let run = site.build();
        assert_eq!(run.code, 0, "{}", run.out);
        let json = run.json();
        let warnings = json["findings"].as_array().unwrap().iter();
        let warnings =
            warnings.filter(|one| one["level"] == "warning" && one["id"] != "file-foreign");
        warnings.cloned().collect::<Vec<_>>()
    };
    let sound = "web/db: {password: x}, web/token-hello: {t: x}";
    assert_eq!(sealed(sound), Vec::<Value>::new());
    let found = sealed(&format!("{sound}, web/dbb: {{password: x}}"));
    assert_eq!(found[0]["id"], "sealed-unused", "{found:#?}");
    assert_eq!(found[0]["place"]["line"], 5);
    assert_eq!(found[0]["help"], "did you mean `web/db`?");
    let found = sealed("web/db: {password: x, user: x}, web/token-hello: {t: x}");
    assert_eq!(found.len(), 1);
    assert!(found[0]["message"].as_str().unwrap().contains("key `user`"), "{found:#?}");
}
