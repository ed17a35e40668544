//! Directories of nodes that pods on several nodes take for one.

use std::collections::BTreeMap;

use super::spread::Spread;
use super::{at_text, pods};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load};
use crate::facts::{Cluster, HostPath, RunKind};

/// What writes to a directory of its node.
type Writer<'b, 'c> = (&'b Load<'c>, &'c HostPath);

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    let mut paths: BTreeMap<&str, Vec<Writer<'_, '_>>> = BTreeMap::new();
    for load in &budget.loads {
        for path in &load.pod.needs.host_paths {
            paths.entry(&path.path).or_default().push((load, path));
        }
    }
    for (path, writers) in paths {
        // What is on each node by intent is cared for on each node.
        if writers.iter().any(|(load, _)| load.pod.run.kind == RunKind::EachNode) {
            continue;
        }
        let stays = |load: &Load<'_>| load.pod.run.kind == RunKind::Replicas && load.most > 0;
        let Some(first) = writers.iter().find(|(load, _)| stays(load)) else { continue };
        let is_with_it = |(load, _): &&Writer<'_, '_>| {
            stays(load) && cluster.surely_share(first.0.object, load.object)
        };
        let writers: Vec<Writer<'_, '_>> = writers.iter().filter(is_with_it).copied().collect();
        let loads: Vec<&Load<'_>> = writers.iter().map(|(load, _)| *load).collect();
        let is_many = loads.len() > 1 || loads[0].most > 1;
        if is_many && Spread::of(budget, &loads) == Spread::SeveralNodes {
            findings.push(finding(path, &writers));
        }
    }
}

fn finding(path: &str, writers: &[Writer<'_, '_>]) -> Finding {
    let (first, place) = writers[0];
    let loads: Vec<&Load<'_>> = writers.iter().map(|(load, _)| *load).collect();
    let who = pods(&loads);
    let message = format!("{who} write to `{path}`, which is another directory on each node");
    let finding = Finding::info("host-path-on-several-nodes", message);
    let mut finding = at_text(finding, first.object, &place.place);
    for (load, other) in writers.iter().skip(1).take(4) {
        finding = finding.at(other.place.span, format!("{} writes to it too", load.title()));
    }
    finding
        .note("what one pod writes, a pod on another node does not see, unless the nodes mount the same there")
        .help("mount a claim with `ReadWriteMany`, or keep the pods on one node")
}
