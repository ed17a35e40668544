//! The judge is judged: faults of each sort that it is there for, beside their sound twins.

use std::{fs, path::Path, time::Duration};

use serde_json::json;

use crate::{Verdict, judge, servers::Servers, site::Site};

const ROOT: &str = "
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: root, namespace: argocd}
spec: {sourceRepos: ['*']}
";

const NAMESPACE: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: NAME}
";

const QUOTA: &str = "
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: NAME}
spec: {hard: {requests.memory: 1Gi}}
";

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: NAME}
spec:
  replicas: 1
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: main, image: 'registry.example.com/main:1', resources: {requests: {memory: MEMORY}}}
";

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: good}
spec: {type: TYPE, selector: {app: good}, ports: [{port: 80, nodePort: 30080}]}
";

const STATEFUL_SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME, namespace: good}
spec:
  replicas: 2
  serviceName: NAME
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: main, image: 'registry.example.com/main:1'}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: CLASS, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

const CRON_JOB: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: NAME, namespace: good}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          serviceAccountName: ACCOUNT
          containers:
          - {name: main, image: 'registry.example.com/main:1'}
";

/// Judges a tree with known faults, then one whose only fault shows when it is updated.
pub(crate) fn run(servers: &Servers) {
    let namespace = |name: &str| NAMESPACE.replace("NAME", name);
    let quota = |name: &str| QUOTA.replace("NAME", name);
    let deployment =
        |name: &str, memory: &str| DEPLOYMENT.replace("NAME", name).replace("MEMORY", memory);
    let service = |name: &str, kind: &str| SERVICE.replace("NAME", name).replace("TYPE", kind);
    let stateful =
        |name: &str, class: &str| STATEFUL_SET.replace("NAME", name).replace("CLASS", class);
    let cron =
        |name: &str, account: &str| CRON_JOB.replace("NAME", name).replace("ACCOUNT", account);
    let unknown_field = deployment("good", "64Mi").replace("replicas", "replica");

    let verdict = judged(
        servers,
        &[
            ("good", namespace("good")),
            ("good-deployment", deployment("good", "64Mi")),
            ("good-service", service("good", "NodePort")),
            ("good-stateful", stateful("kept", "standard")),
            ("good-cron", cron("nightly", "default")),
            ("bad-service", service("closed", "ClusterIP")),
            ("bad-field", unknown_field),
            ("bad-namespace", deployment("nowhere", "64Mi")),
            ("counted", namespace("counted")),
            ("counted-quota", quota("counted")),
            ("bad-quota", deployment("counted", "1025Mi")),
            ("large", namespace("large")),
            ("bad-size", deployment("large", "4097Mi")),
            ("bad-class", stateful("lost", "nonesuch")),
            ("bad-cron", cron("nobody", "nobody")),
        ],
    );
    let refused: Vec<_> = verdict.applied.refusals.iter().map(ToString::to_string).collect();
    expect(
        &refused,
        &[
            ("bad-field.yaml", ".spec.replica: field not declared in schema"),
            ("bad-namespace.yaml", "namespaces \"nowhere\" not found"),
            ("bad-service.yaml", "may not be used when `type` is 'ClusterIP'"),
        ],
    );
    expect(
        &verdict.settled.faults,
        &[
            ("CronJob good/nobody", "serviceaccount \"nobody\" not found"),
            ("Deployment counted/counted", "exceeded quota: quota"),
            ("Deployment large/large", "Insufficient memory"),
            ("PersistentVolumeClaim good/data-lost-0", "`nonesuch` is none of the storage classes"),
            ("StatefulSet good/lost", "unbound immediate PersistentVolumeClaims"),
        ],
    );

    let verdict = judged(
        servers,
        &[
            ("surging", namespace("surging")),
            ("quota", quota("surging")),
            ("deployment", deployment("surging", "600Mi")),
        ],
    );
    expect(&verdict.settled.faults, &[]);
    expect(&verdict.stuck, &[("Deployment surging/surging", "exceeded quota: quota")]);
}

/// Each fault once, in order, with the words that tell it.
fn expect(found: &[String], expected: &[(&str, &str)]) {
    let matches = found.len() == expected.len()
        && found.iter().zip(expected).all(|(f, (at, words))| f.contains(at) && f.contains(words));
    assert!(matches, "expected {expected:#?}\nfound {found:#?}");
}

fn judged(servers: &Servers, manifests: &[(&str, String)]) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(&folder.path().join("root.yaml"), ROOT);
    for (name, text) in manifests {
        write(&folder.path().join(format!("manifests/layer/app/{name}.yaml")), text);
    }
    let size = json!({"cpu": "2", "memory": "4Gi", "pods": 110});
    let site = Site::of(&json!({
        "nodes": {"one": {"cpu": 2, "memory": "4Gi", "allocatable": size}},
        "storageClasses": {"standard": {"provisioner": "example.com/disk", "default": true}},
    }));
    judge(servers, folder.path(), &site, Duration::from_secs(8))
}
