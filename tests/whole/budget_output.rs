//! What `gitopsc budget` prints.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{gitopsc, root, write};

const MANIFESTS: &str = "
apiVersion: v1
kind: Node
metadata: {name: one}
status: {allocatable: {cpu: 2, memory: 2Gi, pods: 110}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {requests.memory: 1Gi, pods: 4}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'example.com/web:1', resources: {requests: {memory: 384Mi}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: mute, namespace: shop}
spec: {containers: [{name: main, image: 'example.com/main:1'}]}
---
apiVersion: v1
kind: Pod
metadata: {name: large}
spec: {containers: [{name: main, image: 'example.com/main:1', resources: {requests: {memory: 4Gi}}}]}
";

fn budget(arguments: &[&str]) -> crate::support::Run {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "all.yaml", MANIFESTS);
    let path = folder.path().join("all.yaml");
    let mut all = vec!["budget", path.to_str().unwrap()];
    all.extend(arguments);
    gitopsc(&root(), &all)
}

#[test]
fn what_is_neither_environment_nor_file_is_named() {
    let run = gitopsc(&root(), &["budget", "k3z"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`k3z` is no environment, file or directory"), "{}", run.err);
    assert!(run.err.contains("`k3s`"), "{}", run.err);
}

#[test]
fn files_are_one_cluster() {
    let run = budget(&["-o", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    let quota = &json["quotas"][0];
    assert_eq!(quota["namespace"], "shop");
    let memory = &quota["keys"][0];
    for (field, wanted) in [
        ("key", "requests.memory"),
        ("hard", "1Gi"),
        ("used", "768Mi"),
        ("rollout", "1152Mi"),
        ("admitted", "768Mi"),
        ("free", "256Mi"),
    ] {
        assert_eq!(memory[field], wanted, "{field}");
    }
    assert_eq!((&memory["fits"], &memory["fitsRollout"]), (&true.into(), &false.into()));
    let stopped = &json["cannotStart"];
    assert_eq!(stopped.as_array().unwrap().len(), 1, "{stopped:#}");
    assert_eq!(stopped[0]["name"], "mute");
    assert_eq!(stopped[0]["reasons"][0]["reason"], "quota-value-missing");
    let unfit = &json["fitNoNode"];
    assert_eq!(unfit.as_array().unwrap().len(), 1, "{unfit:#}");
    assert_eq!((&unfit[0]["namespace"], &unfit[0]["name"]), (&"default".into(), &"large".into()));
    assert!(unfit[0]["nodes"][0]["why"].as_str().unwrap().contains("4Gi of memory are requested"));
}

/// A workload with what its spec has, of one small container.
fn workload(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}, selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: web, image: 'example.com/web:1', resources: {{requests: {{memory: 64Mi}}}}}}]}}}}}}\n"
    )
}

/// How many pods come and go in a rollout is what the controllers make of it, the same in each form.
#[test]
fn rollouts_are_those_of_the_controllers() {
    let nodes: String = ["a", "b", "c"]
        .map(|name| format!("---\napiVersion: v1\nkind: Node\nmetadata: {{name: {name}}}\n"))
        .concat();
    let cases = [
        ("Deployment", "rolls", "replicas: 4", (1, 1)),
        ("Deployment", "again", "replicas: 4, strategy: {type: Recreate}", (0, 4)),
        ("Deployment", "small", "replicas: 3", (1, 0)),
        ("StatefulSet", "set", "replicas: 3, serviceName: set", (0, 1)),
        (
            "StatefulSet",
            "kept",
            "replicas: 3, serviceName: kept, updateStrategy: {type: OnDelete}",
            (0, 0),
        ),
        ("ReplicaSet", "bare", "replicas: 3", (0, 0)),
        ("DaemonSet", "each", "minReadySeconds: 1", (0, 1)),
        ("DaemonSet", "half", "updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}", (0, 2)),
        (
            "DaemonSet",
            "beside",
            "updateStrategy: {rollingUpdate: {maxSurge: 10%, maxUnavailable: 0}}",
            (1, 0),
        ),
        ("DaemonSet", "stays", "updateStrategy: {type: OnDelete}", (0, 0)),
    ];
    let all = cases.map(|(kind, name, spec, _)| workload(kind, name, spec)).concat();
    let scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: rolls, namespace: shop}\nspec: {maxReplicas: 8, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: rolls}}\n";
    let quota = "---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota, namespace: shop}\nspec: {hard: {pods: 37}}\n";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "all.yaml", &(nodes + &all + scaler + quota));
    let path = folder.path().join("all.yaml");
    let run = |form| gitopsc(&root(), &["budget", path.to_str().unwrap(), "-o", form]);
    let (json, human) = (run("json").json(), run("human").out);
    let workloads = json["workloads"].as_array().unwrap();
    for (kind, name, _, (surge, unavailable)) in cases {
        let one = workloads.iter().find(|one| one["name"] == name).unwrap();
        assert_eq!(
            (&one["surge"], &one["unavailable"]),
            (&surge.into(), &unavailable.into()),
            "{name}"
        );
        let words = match (surge, unavailable) {
            (0, 0) => String::new(),
            (0, it) => format!("−{it}"),
            (it, 0) => format!("+{it}"),
            (one, other) => format!("+{one} −{other}"),
        };
        let title = format!("{kind}/{name} ");
        let row = human.lines().find(|line| line.contains(&title) && line.contains("Mi")).unwrap();
        assert!(row.contains(&words), "{row}");
        assert_eq!(row.contains(['+', '−']), !words.is_empty(), "{row}");
    }
    // Pods at rest, at the maximum of 8 instead of 4, and then 25 % of them more.
    let key = &json["quotas"][0]["keys"][0];
    let sums = ["used", "rollout", "rollouts", "autoscaled", "autoscaledRollout"];
    assert_eq!(sums.map(|sum| key[sum].as_str().unwrap()), ["32", "33", "35", "36", "38"]);
    let fits = ["fitsRollout", "fitsRollouts", "fitsAutoscaled", "fitsAutoscaledRollout"];
    assert_eq!(fits.map(|name| key[name].as_bool().unwrap()), [true, true, true, false]);
}

#[test]
fn tables_are_for_people_and_for_pages() {
    let human = budget(&[]);
    assert!(human.out.contains("Quotas\n"), "{}", human.out);
    assert!(human.out.contains("768Mi") && human.out.contains("75%"), "{}", human.out);
    let markdown = budget(&["-o", "markdown"]);
    assert!(markdown.out.contains("### Quotas\n\n| quota | key |"), "{}", markdown.out);
    let wrong = gitopsc(&root(), &["check", "-e", "iris", "-o", "markdown"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}

#[test]
fn environments_have_layers() {
    let json = gitopsc(&root(), &["budget", "k3s", "-o", "json"]).json();
    let layers = json["environments"][0]["layers"].as_array().unwrap();
    let data = layers.iter().find(|layer| layer["name"] == "data-services").unwrap();
    assert_eq!(data["memory"], serde_json::json!({"budget": "6Gi", "promised": "6Gi"}));
    let unknown = gitopsc(&root(), &["budget", "nonesuch"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}

/// What is not counted is told in every form, and no number is made up for it.
#[test]
fn what_is_not_counted_is_told() {
    const WIDGETS: &str = "
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop}
spec: {hard: {requests.memory: lots, count/widgets.example.com: 1, count/gadgets.example.org: 1, gpu.deviceclass.resource.k8s.io/devices: 1}}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: gpu, namespace: shop}
spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu}}]}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: one, namespace: shop}
";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "all.yaml", WIDGETS);
    let path = folder.path().join("all.yaml");
    let run = |form| gitopsc(&root(), &["budget", path.to_str().unwrap(), "-o", form]);
    let quota = &run("json").json()["quotas"][0];
    let keys = |field: &str| {
        let all = quota[field].as_array().unwrap().iter();
        all.map(|key| key["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys("keys"), ["count/gadgets.example.org"]);
    let devices = "gpu.deviceclass.resource.k8s.io/devices";
    assert_eq!(keys("notCounted"), ["requests.memory", "count/widgets.example.com", devices]);
    for form in ["human", "markdown"] {
        let out = run(form).out;
        for words in [
            "not counted: it is no quantity",
            "not counted: which objects are meant",
            "not counted: what is claimed",
        ] {
            assert!(out.contains(words), "{form}: {out}");
        }
    }
}

/// An autoscaler without a bound is a note, and no number.
#[test]
fn what_grows_without_bound_is_told() {
    const SCALER: &str = "
---
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  resourcePolicy: {containerPolicies: [{containerName: web, maxAllowed: {cpu: 1}}]}
";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "all.yaml", format!("{MANIFESTS}{SCALER}"));
    let path = folder.path().join("all.yaml");
    let run = |form| gitopsc(&root(), &["budget", path.to_str().unwrap(), "-o", form]);
    let json = run("json").json();
    assert_eq!(json["workloads"][0]["unbounded"], serde_json::json!(["memory"]));
    assert_eq!(json["quotas"][0]["keys"][0]["autoscaled"], "768Mi");
    assert!(run("human").out.contains("scaled without bound: memory"));
}

/// Keys of maps whose keys are names are no fields.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    const FREE: [&str; 5] = ["requests", "limits", "allocatable", "free", "quota"];
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                if !FREE.contains(&key.as_str()) {
                    fields(value, found);
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| fields(one, found)),
        _ => {}
    }
}

#[test]
fn every_field_is_explained() {
    let text = fs::read_to_string(root().join("docs/budget.md")).unwrap();
    let mut found = BTreeSet::new();
    fields(&budget(&["-o", "json"]).json(), &mut found);
    fields(&gitopsc(&root(), &["budget", "-o", "json"]).json(), &mut found);
    let gone: Vec<_> = found.iter().filter(|field| !text.contains(&format!("`{field}`"))).collect();
    assert!(gone.is_empty(), "not in docs/budget.md: {gone:?}");
}
