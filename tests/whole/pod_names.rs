//! Names of single pods behind headless Services.

use gitopsc::facts::Extent;

use crate::cluster::findings;

const SERVICES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: other, namespace: shop}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 80}]}
";

/// Something behind the Services: its group and version, its kind, its spec, that of its pods.
fn workload(version: &str, kind: &str, name: &str, spec: &str, pod: &str) -> String {
    let selector = match kind {
        "Job" => "",
        _ => ", selector: {matchLabels: {app: db}}",
    };
    format!(
        "{SERVICES}---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         {{{spec}{selector}, template: {{metadata: {{labels: {{app: db}}}}, spec: {{{pod}containers: \
         [{{name: c, image: 'registry.example.com/c:1'}}]}}}}}}\n"
    )
}

fn stateful(spec: &str) -> String {
    workload("apps/v1", "StatefulSet", "db", &format!("serviceName: db{spec}"), "")
}

fn scaled(target: &str) -> String {
    format!(
        "{}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: db, namespace: shop}}\n\
         spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: StatefulSet, name: {target}}}, maxReplicas: 5}}\n",
        stateful(", replicas: 2")
    )
}

fn named(pod: &str) -> String {
    workload("apps/v1", "Deployment", "db", "replicas: 1", pod)
}

/// What is told where a pod, one of those behind the Services or another, names a host.
fn told(behind: &str, host: &str) -> Vec<(&'static str, String, Option<String>)> {
    let text = format!(
        "{behind}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: client, namespace: shop, labels: {{app: client}}}}\nspec:\n  \
         containers: [{{name: c, image: 'registry.example.com/c:1', env: [{{name: URL, value: 'http://{host}:80'}}]}}]\n"
    );
    let found = findings(&text, Extent::Whole).into_iter();
    let found = found.filter(|finding| finding.id.starts_with("host-"));
    found.map(|found| (found.id, found.message, found.help)).collect()
}

#[test]
fn pods_that_are_not_there() {
    let two = stateful(", replicas: 2");
    let job = |most: &str| {
        let spec = format!("completionMode: Indexed, completions: {most}, parallelism: 1");
        workload("batch/v1", "Job", "db", &spec, "subdomain: db, restartPolicy: Never, ")
    };
    let cases = [
        (two.clone(), "db-2.db.shop.svc", "`db-0` to `db-1`"),
        (two.clone(), "db-7.db.shop.svc.cluster.local", "`db-0` to `db-1`"),
        (two.clone(), "db-7.db", "`db-0` to `db-1`"),
        (two.clone(), "db-00.db.shop.svc", "did you mean `db-0`?"),
        (two.clone(), "dbx-0.db.shop.svc", "did you mean `db-0`?"),
        (two.clone(), "cache-0.db.shop.svc", "there is `db-0`"),
        (two.clone(), "db-1.other.shop.svc", "have their names in `db`"),
        (stateful(", replicas: 1"), "db-1.db.shop.svc", "`db-0` alone"),
        (stateful(", replicas: 2, ordinals: {start: 3}"), "db-0.db.shop.svc", "`db-3` to `db-4`"),
        (scaled("db"), "db-5.db.shop.svc", "`db-0` to `db-4`"),
        (scaled("dbx"), "db-4.db.shop.svc", "`db-0` to `db-1`"),
        (named(""), "db-0.db.shop.svc", "name the Service itself"),
        (named("hostname: first, subdomain: db, "), "frist.db.shop.svc", "did you mean `first`?"),
        (named("hostname: first, subdomain: db, "), "db-0.db.shop.svc", "there is `first`"),
        (job("2"), "db-2.db.shop.svc", "`db-0` to `db-1`"),
    ];
    for (behind, host, help) in cases {
        let found = told(&behind, host);
        let [("host-unresolved", _, Some(said))] = found.as_slice() else {
            panic!("{host}: {found:?} in {behind}");
        };
        assert!(said.contains(help), "{host}: {said}");
    }
}

#[test]
fn pods_that_are_there_or_may_be() {
    let two = stateful(", replicas: 2");
    let cases = [
        (two.clone(), "db-1.db.shop.svc"),
        (two.clone(), "db-0.db"),
        // Of their addresses.
        (two.clone(), "10-42-0-7.db.shop.svc"),
        (two.clone(), "fd42--7.db.shop.svc"),
        // An example.
        (two.clone(), "podname.db.shop.svc"),
        (two.clone(), "db-n.db.shop.svc"),
        (stateful(", replicas: 2, ordinals: {start: 3}"), "db-4.db.shop.svc"),
        (scaled("db"), "db-4.db.shop.svc"),
        // Somebody else says how many there are.
        (stateful(""), "db-7.db.shop.svc"),
        (stateful(", replicas: 0"), "db-0.db.shop.svc"),
        (named("hostname: first, subdomain: db, "), "first.db.shop.svc"),
        // Pods that nobody has seen: a label that is set at run time, and a template of a kind of
        // its own.
        (
            two.replace("selector: {app: db}", "selector: {app: db, role: first}"),
            "db-7.db.shop.svc",
        ),
        (
            format!(
                "{two}---\napiVersion: example.com/v1\nkind: Group\nmetadata: {{name: db, namespace: shop}}\n\
                 spec: {{template: {{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: c, image: 'x:1'}}]}}}}}}\n"
            ),
            "db-7.db.shop.svc",
        ),
    ];
    for (behind, host) in cases {
        assert_eq!(told(&behind, host), [], "{host} in {behind}");
    }
}
