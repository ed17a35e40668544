//! Disruption budgets that let no pod go.

use super::at_text;
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load};
use crate::facts::{Body, Cluster, Keeps, RunKind};

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for object in cluster.objects() {
        let Body::DisruptionBudget(selecting, Some(keeps)) = &object.body else { continue };
        let is_selected = |load: &&Load<'_>| {
            !load.is_declared
                && load.namespace() == object.key.namespace
                && selecting.selector.matches(&load.pod.labels)
                && cluster.surely_share(object, load.object)
                && matches!(load.pod.run.kind, RunKind::Replicas)
        };
        let loads: Vec<&Load<'_>> = budget.loads.iter().filter(is_selected).collect();
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
