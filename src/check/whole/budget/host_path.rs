//! Directories of nodes that pods on several nodes take for one, or that do not stay.

use std::collections::BTreeMap;

use super::spread::Spread;
use super::{at_amount, pods};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load};
use crate::facts::{Cluster, HostPath, RunKind};

/// What mounts a directory of its node.
type User<'b, 'c> = (&'b Load<'c>, &'c HostPath);

pub(super) fn check(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    let mut paths: BTreeMap<&str, Vec<User<'_, '_>>> = BTreeMap::new();
    for load in &budget.loads {
        for path in &load.pod.needs.host_paths {
            paths.entry(&path.path).or_default().push((load, path));
        }
    }
    for (path, users) in paths {
        // What is on each node by intent is cared for on each node.
        if users.iter().any(|(load, _)| load.pod.run.kind == RunKind::EachNode) {
            continue;
        }
        let stays = |load: &Load<'_>| load.pod.run.kind == RunKind::Replicas && load.most > 0;
        let writes = |(load, path): &&User<'_, '_>| stays(load) && path.is_written;
        let Some(&first) = users.iter().find(writes) else { continue };
        let is_with_it = |(load, _): &&User<'_, '_>| {
            stays(load) && cluster.surely_share(first.0.object, load.object)
        };
        let mut users: Vec<User<'_, '_>> = users.iter().filter(is_with_it).copied().collect();
        users.sort_by_key(|(_, path)| !path.is_written);
        let loads: Vec<&Load<'_>> = users.iter().map(|(load, _)| *load).collect();
        // What one workload keeps for a while is its own on each node.
        let is_many = loads.len() > 1 || (loads[0].most > 1 && !first.1.is_temporary());
        if is_many && Spread::of(budget, &loads) == Spread::SeveralNodes {
            findings.push(shared(path, &users));
        }
        if first.1.is_temporary() {
            findings.push(emptied(path, first));
        }
    }
}

fn shared(path: &str, users: &[User<'_, '_>]) -> Finding {
    let (first, place) = users[0];
    let loads: Vec<&Load<'_>> = users.iter().map(|(load, _)| *load).collect();
    let who = pods(&loads);
    let what = if users.iter().all(|(_, path)| path.is_written) { "write to" } else { "share" };
    let message = format!("{who} {what} `{path}`, which is another directory on each node");
    let finding = Finding::info("host-path-on-several-nodes", message);
    let mut finding = at_amount(finding, first.object, &place.place);
    for (load, other) in users.iter().skip(1).take(4) {
        let does = if other.is_written { "writes to" } else { "reads" };
        finding = finding.at(other.place.span, format!("{} {does} it too", load.title()));
    }
    finding
        .note("what one pod writes, a pod on another node does not see, unless the nodes mount the same there")
        .help("mount a claim with `ReadWriteMany`, or keep the pods on one node")
}

fn emptied(path: &str, (load, place): User<'_, '_>) -> Finding {
    let message = format!(
        "{} writes to `{path}` of its node, which most systems empty when they start",
        load.title()
    );
    at_amount(Finding::info("host-path-emptied", message), load.object, &place.place)
        .help("take a directory that stays, as one below `/srv` or `/var/lib`, or mount a claim")
}
