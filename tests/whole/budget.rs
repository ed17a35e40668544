//! Small broken clusters, one fault each, and their repaired twins: exactly the one finding, and none.

#[path = "budget_apart.rs"]
mod apart;
#[path = "budget_exceeded.rs"]
mod exceeded;
#[path = "budget_others.rs"]
mod others;
#[path = "budget_placed.rs"]
mod placed;
#[path = "budget_refused.rs"]
mod refused;
#[path = "budget_scaled.rs"]
mod scaled;

use gitopsc::diagnostic::{Finding, Severity};
use gitopsc::facts::Extent;

use crate::cluster::told_apart;
use crate::support::whole as clusters;

/// A cluster whose `$1` is what is broken, or repaired.
struct Case {
    text: String,
    broken: &'static str,
    repaired: &'static str,
    id: &'static str,
    /// What the finding must say: in its message, notes or help.
    says: &'static str,
}

/// A Deployment `web` in `shop`: what its spec, its pods and its container have.
fn deployment(spec: &str, pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         {spec}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    spec:\n      {pod}\n      containers:\n        - name: web\n          \
         image: registry.example.com/web:1.4.0\n          {container}\n"
    )
}

fn quota(hard: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: quota, namespace: shop}}\nspec:\n  hard: {{{hard}}}\n"
    )
}

fn range(limit: &str) -> String {
    format!(
        "apiVersion: v1\nkind: LimitRange\nmetadata: {{name: limits, namespace: shop}}\nspec:\n  limits: [{{{limit}}}]\n"
    )
}

fn namespace(labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n")
}

fn node(name: &str, spec: &str, size: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{disk: ssd}}}}\nspec: {{{spec}}}\nstatus: {{allocatable: {{{size}}}}}\n"
    )
}

fn claim(modes: &str, size: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: shop}}\nspec:\n  \
         accessModes: [{modes}]\n  resources: {{requests: {{storage: {size}}}}}\n"
    )
}

fn scaler(max: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  minReplicas: 2\n  maxReplicas: {max}\n  metrics: [{{type: Pods, pods: {{metric: {{name: hits}}, target: {{type: AverageValue, averageValue: 10}}}}}}]\n"
    )
}

fn keeper(keeps: &str) -> String {
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         {keeps}\n  selector: {{matchLabels: {{app: web}}}}\n"
    )
}

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: other, namespace: shop}}\nspec: {{{spec}, ports: [{{name: a, port: 80}}, {{name: b, port: 81}}]}}\n"
    )
}

/// Another kind of workload of one pod of 256Mi.
fn workload(version: &str, kind: &str, spec: &str, template: &str) -> String {
    let pod = "{restartPolicy: Never, containers: [{name: web, image: 'registry.example.com/web:1', resources: {requests: {memory: 256Mi}}}]}";
    let pod = if kind.ends_with("Job") {
        pod.to_owned()
    } else {
        pod.replace("restartPolicy: Never, ", "")
    };
    let body = template.replace("POD", &pod);
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: other, namespace: shop}}\nspec: {{{spec}{body}}}\n"
    )
}

/// A volume that is made for each pod and goes with it.
fn scratch(spec: &str) -> String {
    format!(
        "volumes: [{{name: scratch, ephemeral: {{volumeClaimTemplate: {{spec: {{{spec}accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}}}}}]"
    )
}

/// Old ones go first, so that no rollout needs room.
const STILL: &str = "strategy: {type: Recreate}";
const M256: &str = "resources: {requests: {memory: 256Mi}}";
const NOTHING: &str = "terminationGracePeriodSeconds: 30";

fn case(
    parts: &[String],
    (broken, repaired): (&'static str, &'static str),
    id: &'static str,
    says: &'static str,
) -> Case {
    Case { text: parts.join("---\n"), broken, repaired, id, says }
}

fn found(text: &str) -> Vec<Finding> {
    // What references lead to is another matter.
    let (found, _) = clusters::of_text(text, Extent::Files);
    found
}

fn says(finding: &Finding, words: &str) -> bool {
    let texts = finding.notes.iter().chain(&finding.help).chain([&finding.message]);
    let labels = finding.labels.iter().map(|label| &label.text);
    texts.chain(labels).any(|text| text.contains(words))
}

#[test]
fn each_fault_is_found_once_and_its_repaired_twin_is_clean() {
    let cases: Vec<Case> = [
        apart::all(),
        exceeded::all(),
        refused::all(),
        others::all(),
        placed::all(),
        scaled::all(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let broken = case.text.replace("$1", case.broken);
        let all = found(&broken);
        let is_it = all.len() == 1 && all[0].id == case.id && says(&all[0], case.says);
        if !is_it {
            wrong.push(format!("wanted {} ({}), found {all:#?} in\n{broken}", case.id, case.says));
        } else if all[0].labels.is_empty() || all[0].severity < Severity::Note {
            wrong.push(format!("{}: no place\n{broken}", case.id));
        }
        let repaired = case.text.replace("$1", case.repaired);
        let left = found(&repaired);
        if !left.is_empty() {
            wrong.push(format!("repaired, and still {left:#?} in\n{repaired}"));
        }
    }
    told_apart(cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 90, "{}", cases.len());
}
