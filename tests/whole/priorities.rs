//! Workloads that give way before what depends on them.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

fn class(name: &str, value: u32, default: bool) -> String {
    format!(
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: {name}}}\nvalue: {value}\nglobalDefault: {default}\n---\n"
    )
}

fn workload(name: &str, class: &str, container: &str) -> String {
    let class =
        if class.is_empty() { String::new() } else { format!("priorityClassName: {class}, ") };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{{class}containers: [{{name: a, image: 'registry.example.com/a:1', {container}}}]}}\n---\n"
    )
}

/// Namespace, classes `low` of 10 and `high` of 1000, the Service `db`, and the two workloads.
fn cluster(web: &str, db: &str) -> String {
    let (low, high) = (class("low", 10, false), class("high", 1000, false));
    let asks = "env: [{name: DB_HOST, value: db}, {name: URL, value: 'postgres://db.shop.svc/a'}]";
    let (web, db) = (workload("web", web, asks), workload("db", db, ""));
    format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n---\n{low}{high}{web}{db}\
         apiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\nspec: {{selector: {{app: db}}, ports: [{{port: 5432}}]}}\n"
    )
}

#[test]
fn what_is_depended_on_goes_first() {
    let default = class("usual", 2000, true);
    let sound = cluster("high", "high");
    let cases = [
        ("lower class", cluster("high", "low"), sound.clone()),
        ("no class", cluster("high", ""), sound.clone()),
        ("default class", cluster("high", ""), format!("{default}---\n{}", cluster("high", ""))),
        (
            "default above",
            format!("{default}---\n{}", cluster("", "high")),
            format!("{default}---\n{}", cluster("", "")),
        ),
        (
            "class of the system",
            cluster("system-cluster-critical", "high"),
            cluster("high", "system-node-critical"),
        ),
        ("equal", cluster("low", ""), cluster("low", "low")),
        // One that stays is enough.
        (
            "two behind it",
            cluster("high", "low"),
            format!(
                "{}---\n{}",
                cluster("high", "low"),
                workload("db", "high", "").replace("name: db, n", "name: db-two, n")
            ),
        ),
        (
            "at rest",
            cluster("high", "low"),
            cluster("high", "low")
                .replace("app: db}}\n  template", "app: db}}\n  replicas: 0\n  template"),
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(name, broken, mended)| {
            let tidy = |text: String| text.replace("---\n---\n", "---\n");
            (name, "dependency-less-important", tidy(broken), tidy(mended))
        })
        .collect();
    pairs(&cases, Extent::Whole);
    assert_eq!(findings(&cluster("high", "low"), Extent::Tree), [], "classes may be elsewhere");
}
