//! Disruption budgets that let no pod go.

use std::collections::HashMap;

use super::{at_text, by_namespace};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load};
use crate::facts::{Body, Cluster, Keeps, Object, RunKind};

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    let all = by_namespace(budget);
    // The first budget of each workload.
    let mut first: HashMap<*const Object, &Object> = HashMap::new();
    for object in cluster.objects() {
        let Body::DisruptionBudget(selecting, Some(keeps)) = &object.body else { continue };
        let is_selected = |load: &&&Load<'_>| {
            !load.is_declared
                && selecting.selector.matches(&load.pod.labels)
                && cluster.surely_share(object, load.object)
                && matches!(load.pod.run.kind, RunKind::Replicas)
        };
        let there = all.get(object.key.namespace.as_str()).into_iter().flatten();
        let loads: Vec<&Load<'_>> = there.filter(is_selected).copied().collect();
        let known: Vec<_> = loads
            .iter()
            .filter(|load| load.steady > 0)
            .filter_map(|load| {
                let known = first.insert(std::ptr::from_ref(load.object), object)?;
                (known.key != object.key).then_some((known, *load))
            })
            .collect();
        if let Some((other, load)) = known.first() {
            findings.push(twice((object, keeps), other, load));
        }
        let count = loads.iter().fold(0_u32, |sum, load| sum.saturating_add(load.steady));
        // An autoscaler may make room for one to go.
        let is_scaled = loads.iter().any(|load| load.most > load.steady);
        if loads.is_empty() || count == 0 || !blocks(keeps, count) || (is_scaled && !never(keeps)) {
            continue;
        }
        let pods = if count == 1 { "1 pod".to_owned() } else { format!("{count} pods") };
        let message = format!("{} keeps all of its {pods}", object.key);
        let finding = Finding::warning("disruption-budget-blocks", message);
        let mut finding = at_text(finding, object, &keeps.place);
        for load in loads.iter().take(4) {
            finding =
                finding.at(load.pod.run.place.span, format!("{} of {}", load.steady, load.title()));
        }
        let help = if count == 1 {
            "let the one pod go with `maxUnavailable: 1`, run two, or delete the budget".to_owned()
        } else {
            "write `maxUnavailable: 1` instead".to_owned()
        };
        findings.push(
            finding
                .note("draining a node waits for ever, and upgrades of nodes with it")
                .help(help),
        );
    }
}

/// Two budgets of the same pods: `Create` of `pkg/registry/core/pod/storage/eviction.go` refuses to
/// evict a pod of more than one.
fn twice((object, keeps): (&Object, &Keeps), other: &Object, load: &Load<'_>) -> Finding {
    let message = format!(
        "{} and `{}` are for the same pods, those of {}",
        object.key,
        other.key.name,
        load.title()
    );
    at_text(Finding::warning("disruption-budget-blocks", message), object, &keeps.place)
        .at(other.span, "the other one")
        .at(load.object.span, "the pods of both")
        .note("the API server evicts no pod of two budgets: draining a node waits for ever")
        .help("keep one of the two, or select other pods")
}

/// Whether no pod may go: `getExpectedPodCount` of `pkg/controller/disruption`, which rounds
/// shares up.
fn blocks(keeps: &Keeps, count: u32) -> bool {
    match (keeps.available, keeps.unavailable) {
        (Some(available), _) => available.up(count) >= count,
        (None, Some(unavailable)) => unavailable.up(count) == 0,
        (None, None) => false,
    }
}

/// Whether no pod may go however many there are.
fn never(keeps: &Keeps) -> bool {
    [2, 100].iter().all(|count| blocks(keeps, *count))
}
