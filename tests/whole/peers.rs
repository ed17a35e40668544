//! Conversations that apps declare, held against NetworkPolicies.

use gitopsc::check::whole;
use gitopsc::diagnostic::Finding;
use gitopsc::source::Sources;

use crate::support::whole as clusters;

const REPOSITORY: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: '1.36'}
gitops: {repoURL: https://git.example.com/acme/platform.git, revision: main}
layers: {data: {}, web: {}}
namespaces:
  shop: {layer: web}
  data: {layer: data}
apps:
  web: {}
  db: {}
---
# apps/db/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A database
version: '1.0'
layer: data
namespace: data
ports: {postgresql: 5432, metrics: 9187}
---
# apps/db/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - name: db
          image: registry.example.com/db:1.4.0
          ports: [{containerPort: 5432}, {containerPort: 9187}]
---
# apps/db/service.yaml
apiVersion: v1
kind: Service
metadata: {name: db}
spec:
  selector: {app: db}
  ports: [{name: postgresql, port: 5432}, {name: metrics, port: 9187}]
---
# apps/db/policy.yaml
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A shop
version: '1.0'
layer: web
namespace: shop
values: {database: {enabled: true}}
peers:
  - {app: db, port: postgresql, purpose: orders, when: values.database.enabled}
---
# apps/web/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          env: [{name: MODE, value: fast}]
---
# apps/web/job.yaml
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        metadata: {labels: {app: report}}
        spec:
          restartPolicy: Never
          containers: [{name: report, image: 'registry.example.com/report:1.4.0'}]
";

fn findings(text: &str) -> (Vec<Finding>, Sources) {
    let (cluster, sources) = clusters::environment(&clusters::repository(text), "example");
    (whole::check(&cluster).findings, sources)
}

fn spoil(from: &str, to: &str) -> String {
    crate::support::whole::spoilt(REPOSITORY, from, to)
}

#[test]
fn a_declared_conversation_that_is_forbidden_is_told_where_it_is_declared() {
    let (found, _) = findings(REPOSITORY);
    assert!(found.is_empty(), "{found:#?}");
    for (name, from, to) in [
        (
            "other pods",
            "podSelector: {matchLabels: {app: web}}}]",
            "podSelector: {matchLabels: {app: api}}}]",
        ),
        ("other namespace", "metadata.name: shop}", "metadata.name: api}"),
        ("other port", "ports: [{port: 5432}]", "ports: [{port: 9187}]"),
        ("other peer", "app: db, port: postgresql", "app: db, port: metrics"),
        ("nobody", "  ingress:\n    - from", "  egress:\n    - to"),
    ] {
        let (found, sources) =
            findings(&spoil(from, to).replace("egress:", "policyTypes: [Ingress]\n  egress:"));
        assert_eq!(found.len(), 1, "{name}: {found:#?}");
        assert_eq!(found[0].id, "conversation-forbidden", "{name}");
        let place = found[0].labels[0].span;
        assert_eq!(&*sources.get(place.file).path, "apps/web/app.yaml", "{name}");
    }
}

/// What does not take place, or begins elsewhere, or is not known, is forbidden to nobody.
#[test]
fn what_does_not_take_place_is_not_forbidden() {
    let forbidden = spoil("ports: [{port: 5432}]", "ports: [{port: 9187}]");
    for (name, from, to) in [
        ("switched off", "{database: {enabled: true}}", "{database: {enabled: false}}"),
        ("from elsewhere", "  - {app: db, ", "  - {from: browser, app: db, "),
        (
            "more policies",
            "matchLabels: {app: db}}\n  ingress",
            "matchLabels: {job-name: load}}\n  ingress",
        ),
    ] {
        assert_eq!(forbidden.matches(from).count(), 1, "`{from}` is there once");
        let (found, _) = findings(&forbidden.replacen(from, to, 1));
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

/// One fault is one finding: a text that names the host is where it shows.
#[test]
fn what_a_text_says_too_is_told_once() {
    let spoilt = spoil("ports: [{port: 5432}]", "ports: [{port: 9187}]");
    let (found, sources) = findings(
        &spoilt.replace("{name: MODE, value: fast}", "{name: DB_HOST, value: 'db.data:5432'}"),
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(&*sources.get(found[0].labels[0].span.file).path, "apps/web/deployment.yaml");
}

/// Nobody sees the pods of a chart: only a policy of one's own that lets nothing out to its namespace
/// forbids the conversation for sure.
#[test]
fn a_conversation_with_a_chart_is_forbidden_where_nothing_gets_out() {
    let (head, rest) = REPOSITORY.split_once("# apps/db/all.yaml").unwrap();
    let (_, web) = rest.split_once("---\n# apps/web/app.yaml").unwrap();
    let chart = "chart: {repoURL: https://charts.example.com, name: db, version: '1.0'}\n\
                 footprint: {workloads: {db: {replicas: 1}}}\n---\n# apps/web/app.yaml";
    let head = head
        .replace("ports: {postgresql: 5432, metrics: 9187}\n---\n", "ports: {postgresql: 5432}\n");
    // One that governs every pod of the namespace, so that both workloads are meant.
    let with = |egress: &str| {
        format!(
            "{head}{chart}{web}---\n# apps/web/policy.yaml\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
             metadata: {{name: web}}\nspec:\n  podSelector: {{}}\n  policyTypes: [Egress]\n  egress: [{egress}]\n"
        )
    };
    let to = |name: &str| {
        format!(
            "{{to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}}}]}}"
        )
    };
    for egress in [String::new(), to("shop"), "{to: [{podSelector: {}}]}".to_owned()] {
        let (found, sources) = findings(&with(&egress));
        let found: Vec<_> = found.iter().filter(|it| it.id == "conversation-forbidden").collect();
        assert_eq!(found.len(), 1, "{egress}: {found:#?}");
        let place = found[0].labels[0].span;
        assert_eq!(&*sources.get(place.file).path, "apps/web/app.yaml", "{egress}");
    }
    let pods = to("data").replace("}]}", ", podSelector: {matchLabels: {app: any}}}]}");
    for egress in [to("data"), pods, "{}".to_owned(), "{ports: [{port: 1}]}".to_owned()] {
        let (found, _) = findings(&with(&egress));
        assert!(found.iter().all(|it| it.id != "conversation-forbidden"), "{egress}: {found:#?}");
    }
}
