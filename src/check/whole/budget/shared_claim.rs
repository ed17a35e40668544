//! Claims that more pods mount than can have them at a time.

use std::collections::HashMap;

use super::spread::Spread;
use super::{at_text, pods};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load};
use crate::facts::{Body, Claim, Cluster, Object, Place, RunKind};
use crate::model::GroupKind;

const KIND: &str = "PersistentVolumeClaim";

/// Looks at every claim; what mounts those that are told of.
pub(super) fn check<'c>(
    cluster: &'c Cluster,
    budget: &Budget<'c>,
    findings: &mut Vec<Finding>,
) -> Vec<&'c Object> {
    let mut mounting: HashMap<(&str, &str), Vec<&Load<'c>>> = HashMap::new();
    for load in budget.loads.iter().filter(|load| is_there(load)) {
        for name in &load.pod.needs.claims {
            let loads = mounting.entry((load.namespace(), name)).or_default();
            // A pod may have it as two volumes.
            if !loads.last().is_some_and(|last| std::ptr::eq(*last, load)) {
                loads.push(load);
            }
        }
    }
    let mut told = Vec::new();
    let kind = GroupKind::new("", KIND);
    for object in cluster.of_kind(&kind) {
        let Body::Claim(claim) = &object.body else { continue };
        let key = (object.key.namespace.as_str(), object.key.name.as_str());
        let there = mounting.get(&key).into_iter().flatten().copied();
        let loads: Vec<&Load<'c>> =
            there.filter(|load| cluster.surely_share(load.object, object)).collect();
        if let Some(finding) = one(cluster, budget, (object, claim), &loads) {
            findings.push(finding);
            told.extend(loads.iter().map(|load| load.object));
        }
    }
    told
}

/// Whether pods of it mount a claim at the same time as others. A Job may be over before they come.
fn is_there(load: &Load<'_>) -> bool {
    match load.pod.run.kind {
        RunKind::Job | RunKind::Never => false,
        RunKind::Schedule => load.scheduled > 0,
        _ => load.most > 0 && !load.pod.needs.is_finished,
    }
}

fn one(
    cluster: &Cluster,
    budget: &Budget<'_>,
    (object, claim): (&Object, &Claim),
    loads: &[&Load<'_>],
) -> Option<Finding> {
    let is_daemon = |load: &Load<'_>| load.pod.run.kind == RunKind::EachNode;
    let has_no_nodes = budget.fleet.machines.is_empty();
    let is_many = match loads {
        [] => false,
        [only] => only.most > 1 || (is_daemon(only) && has_no_nodes),
        // What comes by a schedule takes turns with its like.
        _ => loads.iter().any(|load| load.pod.run.kind != RunKind::Schedule),
    };
    if !is_many {
        return None;
    }
    let name = &object.key.name;
    let message =
        |of: &str| format!("{} mount claim `{name}`, which one {of} has at a time", pods(loads));
    let is_one_pod = claim.is_of_one_pod();
    let finding = if is_one_pod {
        Finding::error("claim-of-several-pods", message("pod"))
            .note("the scheduler finds no node for a second pod: it stays Pending")
    } else if cluster.is_attached_to_one(object, claim) {
        let id = "claim-on-several-nodes";
        let finding = match Spread::of(budget, loads) {
            Spread::SeveralNodes => Finding::warning(id, message("node")),
            Spread::Unknown => Finding::info(id, message("node")),
            Spread::OneNode => return None,
        };
        finding.note(
            "a pod on another node than the first stays in ContainerCreating: \
             the volume is attached there already",
        )
    } else {
        return None;
    };
    let finding = placed(finding, loads, name).at(object.span, "the claim");
    Some(finding.help(match (loads, is_one_pod) {
        ([only], _) if !is_daemon(only) => {
            "ask for `ReadWriteMany` where the storage has it, run one pod, or give each its own \
             claim by a StatefulSet's `volumeClaimTemplates`"
        }
        (_, true) => "ask for `ReadWriteMany` where the storage has it, or give each its own claim",
        (_, false) => {
            "ask for `ReadWriteMany` where the storage has it, give each its own claim, or keep \
             them on one node by a required `podAffinity`"
        }
    }))
}

/// The number of pods where that is what is too many, else where the claim is mounted once more.
fn placed(finding: Finding, loads: &[&Load<'_>], name: &str) -> Finding {
    let mounted = |load: &Load<'_>| -> Place {
        let mut references = load.object.references.iter();
        let it = references.find(|reference| {
            reference.target.group_kind.kind == KIND && *reference.target.name == *name
        });
        it.map_or_else(|| load.pod.run.place.clone(), |it| it.place.clone())
    };
    match loads {
        [only] => {
            let mount = mounted(only);
            let finding = match only.autoscaler {
                _ if only.pod.run.kind == RunKind::EachNode => {
                    return at_text(finding, only.object, &mount);
                }
                Some((by, scaler)) if only.steady <= 1 => at_text(finding, by, &scaler.place),
                _ => at_text(finding, only.object, &only.pod.run.place),
            };
            finding.at(mount.span, "it is mounted here")
        }
        [first, second, rest @ ..] => {
            let mut finding = at_text(finding, second.object, &mounted(second));
            for load in [first].into_iter().chain(rest).take(4) {
                finding = finding.at(mounted(load).span, format!("{} mounts it too", load.title()));
            }
            finding
        }
        [] => finding,
    }
}
