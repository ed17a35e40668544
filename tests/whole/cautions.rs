//! What only seems to be wrong, beside what is.

use std::collections::BTreeSet;

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::cluster::told_apart;
use crate::support::whole as clusters;

fn ids(text: &str) -> BTreeSet<&'static str> {
    let (findings, _) = clusters::of_text(text, Extent::Whole);
    findings.iter().map(|finding| finding.id).collect()
}

fn namespaces(names: &[&str]) -> String {
    let one =
        |name: &&str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n---\n");
    names.iter().map(one).collect()
}

/// A Deployment with a Service before it; the fields go into the pod and its container.
fn app(namespace: &str, name: &str, pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      \
         {pod}\n      containers:\n      - name: c\n        image: registry.example.com/x:1.4.0\n        \
         ports: [{{containerPort: 8080}}]\n        {container}\n---\napiVersion: v1\nkind: Service\n\
         metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n---\n"
    )
}

const TALKS: &str = "env: [{name: API_URL, value: 'http://api.shop.svc'}]";

/// Each with a part, what to put in its place, the finding that this gives, and the text around.
fn twins() -> Vec<(&'static str, &'static str, &'static str, &'static str, String)> {
    let shop = || namespaces(&["shop"]);
    let callers =
        |pod: &str| shop() + &app("shop", "web", pod, TALKS) + &app("shop", "api", "", "");
    let sized = "resources: {requests: {cpu: 2}}";
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: shop}\nspec:\n  template:\n    spec:\n      \
        restartPolicy: Never\n      containers: [{name: c, image: 'registry.example.com/x:1.4.0', resources: {requests: {cpu: 2}}}]\n---\n";
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: a, labels: {kubernetes.io/hostname: a}}\n\
        status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}}\n---\n";
    let rollout = app("shop", "web", "", sized)
        .replace(
            "apiVersion: apps/v1\nkind: Deployment",
            "apiVersion: argoproj.io/v1alpha1\nkind: Rollout",
        )
        .replacen("spec:\n", "spec:\n  replicas: 3\n  strategy: {canary: {}}\n", 1);
    let class = |name: &str, value: u32| {
        format!(
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: {name}}}\nvalue: {value}\n---\n"
        )
    };
    vec![
        (
            "no types of a policy are those that stand to reason",
            "{app: web}}}]}]",
            "{app: other}}}]}]",
            "conversation-forbidden",
            callers("")
                + "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api, namespace: shop}\nspec:\n  \
                   podSelector: {matchLabels: {app: api}}\n  policyTypes: []\n  \
                   ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]\n",
        ),
        (
            "a resolver of its own asks nobody in the cluster",
            "dnsConfig: {nameservers: [192.0.2.1]}",
            "dnsConfig: {options: [{name: ndots, value: '2'}]}",
            "dns-forbidden",
            callers("dnsConfig: {nameservers: [192.0.2.1]}")
                + "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web, namespace: shop}\nspec:\n  \
                   podSelector: {matchLabels: {app: web}}\n  policyTypes: [Egress]\n  \
                   egress: [{to: [{podSelector: {matchLabels: {app: api}}}]}]\n",
        ),
        (
            "a program that may start pods",
            "kind: ClusterRole, name: edit",
            "kind: ClusterRole, name: view",
            "policy-selects-nothing",
            shop()
                + &app("shop", "web", "serviceAccountName: web", "")
                + "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n---\n\
                   apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web, namespace: shop}\n\
                   roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}\n\
                   subjects: [{kind: ServiceAccount, name: web, namespace: shop}]\n---\n\
                   apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: worker, namespace: shop}\n\
                   spec: {podSelector: {matchLabels: {part: worker}}, policyTypes: [Ingress]}\n",
        ),
        (
            "a route of a mesh is for callers of its own namespace",
            "backendRefs: [{name: web, port: 80}]",
            "backendRefs: [{name: api, namespace: data, port: 80}]",
            "reference-not-granted",
            namespaces(&["shop", "data"])
                + &app("shop", "web", "", "")
                + &app("data", "api", "", "")
                + "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: mesh, namespace: shop}\nspec:\n  \
                   parentRefs: [{group: '', kind: Service, name: api, namespace: data, port: 80}]\n  \
                   rules: [{backendRefs: [{name: web, port: 80}]}]\n",
        ),
        (
            "labels of a Job that no Service selects",
            "labels: {part: job}",
            "labels: {part: job, app: api}",
            "conversation-forbidden",
            callers("")
                + "apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: shop}\nspec:\n  template:\n    \
                   metadata: {labels: {part: job}}\n    spec:\n      restartPolicy: Never\n      \
                   containers: [{name: c, image: 'registry.example.com/x:1.4.0'}]\n---\n\
                   apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: job, namespace: shop}\n\
                   spec: {podSelector: {matchLabels: {part: job}}, policyTypes: [Ingress]}\n",
        ),
        (
            "pods of a lower priority make room",
            "priorityClassName: low",
            "priorityClassName: high",
            "rollout-stuck",
            shop()
                + &class("high", 1000)
                + &class("low", 10)
                + node
                + &app("shop", "web", "priorityClassName: high", sized)
                + &app("shop", "batch", "priorityClassName: low", sized)
                    .replacen("spec:\n", "spec:\n  strategy: {type: Recreate}\n", 1),
        ),
        (
            "Jobs on a node end",
            "kind: Job",
            "kind: ReplicaSet",
            "rollout-stuck",
            shop() + node + &app("shop", "web", "", sized) + job,
        ),
        (
            "steps of a canary need no room for all new pods",
            "canary: {}",
            "blueGreen: {activeService: web}",
            "rollout-stuck",
            shop() + &rollout + "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\n\
                spec: {hard: {requests.cpu: 10}}\n",
        ),
        (
            "steps of a canary on nodes",
            "canary: {}",
            "blueGreen: {activeService: web}",
            "rollout-stuck",
            shop() + &rollout + node + &node.replace("name: a", "name: b"),
        ),
        (
            "zones for one more pod each",
            "minDomains: 3",
            "minDomains: 4",
            "rollout-stuck",
            shop()
                + &["a", "b", "c"].map(|zone| node.replace("labels: {", &format!("labels: {{zone: {zone}, ")).replace("name: a", &format!("name: {zone}"))).concat()
                + &app("shop", "web", "topologySpreadConstraints: [{maxSkew: 1, minDomains: 3, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]", "")
                    .replacen("spec:\n", "spec:\n  replicas: 3\n", 1),
        ),
    ]
}

#[test]
fn what_only_seems_wrong_is_not_told() {
    for (name, right, wrong, id, text) in twins() {
        assert!(text.contains(right), "{name}");
        assert!(!ids(&text).contains(id), "{name}: {:?}", ids(&text));
        let mut spoilt = text.replace(right, wrong);
        if wrong == "kind: ReplicaSet" {
            spoilt = spoilt
                .replace("apiVersion: batch/v1", "apiVersion: apps/v1")
                .replace(
                    "spec:\n  template:\n    spec:\n      restartPolicy: Never",
                    "spec:\n  selector: {matchLabels: {app: m}}\n  template:\n    metadata: {labels: {app: m}}\n    spec:",
                );
        }
        assert!(ids(&spoilt).contains(id), "{name}: {:?}\n{spoilt}", ids(&spoilt));
    }
    told_apart(twins().len());
}

/// In a quota a rollout waits for a Job, and for nothing else it would end.
#[test]
fn a_rollout_waits_for_a_job() {
    let text = namespaces(&["shop"])
        + &app("shop", "web", "", "resources: {requests: {cpu: 2}}")
        + "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nspec: {hard: {requests.cpu: 4}}\n---\n\
           apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate, namespace: shop}\nspec:\n  template:\n    spec:\n      \
           restartPolicy: Never\n      containers: [{name: c, image: 'registry.example.com/x:1.4.0', resources: {requests: {cpu: 2}}}]\n";
    let (findings, _) = clusters::of_text(&text, Extent::Whole);
    let stuck: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.id == "rollout-stuck")
        .map(|finding| finding.message.as_str())
        .collect();
    let expected = "a rollout of Deployment/web waits until Jobs end: quota `q` has no room for one more pod beside them";
    assert_eq!(stuck, [expected]);
}

/// A Service that selects the pods of a Job too sends them a share of what it is asked, and no more.
#[test]
fn what_a_job_gets_while_it_runs_is_said() {
    let all = twins();
    let (_, right, wrong, id, text) =
        all.iter().find(|(name, ..)| name.contains("a Job that no Service")).unwrap();
    let told = |text: &str| {
        let (findings, _) = clusters::of_text(text, Extent::Whole);
        let mut told = findings.into_iter().filter(|finding| finding.id == *id);
        told.next().map(|finding| (finding.severity, finding.message))
    };
    let caught = text.replace(right, wrong);
    let message = "while Job/migrate runs, a share of what Deployment/web in shop asks of Service/api goes to it and is dropped on port 8080";
    assert_eq!(told(&caught), Some((Severity::Warning, message.to_owned())));
    // Without others there is nobody else to ask.
    let alone = caught
        .replace("labels: {app: api}}", "labels: {app: other}}")
        .replace("matchLabels: {app: api}}", "matchLabels: {app: other}}");
    let message = "Deployment/web in shop may not talk to Job/migrate in shop on port 8080";
    assert_eq!(told(&alone), Some((Severity::Error, message.to_owned())));
}
