//! Workloads that give way before what depends on them.

use super::{Whole, at, host, title};
use crate::diagnostic::Finding;
use crate::facts::{Body, Cluster, Extent, Object, Pod, RunKind};

/// Looks at every Service that pods name. Only of a whole cluster all classes are known.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    if cluster.extent() < Extent::Whole {
        return whole;
    }
    for object in cluster.objects() {
        let Body::Workload(pod) = &object.body else { continue };
        if object.hosts.is_empty() {
            continue;
        }
        let Some(own) = priority(cluster, object, pod) else { continue };
        let mut told: Vec<*const Object> = Vec::new();
        for name in &object.hosts {
            let Some((service, said)) = host::found(cluster, object, name) else { continue };
            let Some(selecting) = &said.selector else { continue };
            let behind = cluster.selected(service, &selecting.selector);
            let known = behind.filter_map(|other| match &other.body {
                Body::Workload(pod) if pod.run.kind != RunKind::Never && pod.run.count > 0 => {
                    Some((priority(cluster, other, pod), other, &**pod))
                }
                _ => None,
            });
            // One that stays is enough.
            let Some((Some(least), other, theirs)) =
                known.max_by_key(|(value, ..)| value.unwrap_or(i64::MAX))
            else {
                continue;
            };
            if least >= own || told.contains(&std::ptr::from_ref(other)) {
                continue;
            }
            told.push(other);
            let (from, to) = (title(object), title(other));
            let message =
                format!("{to} has priority {least}, and {from}, which talks to it, has {own}");
            let finding = Finding::info("dependency-less-important", message);
            let finding = match &theirs.needs.priority_class {
                Some((_, place)) => at(finding, other, place),
                None => finding.at(other.span, "").about(other.key.to_string()),
            };
            whole.findings.push(
                finding
                    .at(name.place.span, format!("{from} names it"))
                    .note("where room is short it goes first, and what depends on it runs in vain")
                    .help(match &pod.needs.priority_class {
                        Some((class, _)) => format!("set `priorityClassName: {class}` there too"),
                        None => format!("give it a class of {own} at least"),
                    }),
            );
        }
    }
    whole
}

/// The priority of the pods of a workload; nothing where their class is not seen.
fn priority(cluster: &Cluster, object: &Object, pod: &Pod) -> Option<i64> {
    let class = pod.needs.priority_class.as_ref().map(|(class, _)| &**class);
    Some(cluster.priority(object, class)?.value)
}
