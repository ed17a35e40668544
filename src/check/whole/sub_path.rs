//! Single files that containers mount, and that cannot be in their volumes.

use super::{Whole, at, title};
use crate::diagnostic::{Finding, suggest};
use crate::facts::{Body, Cluster, StrayPath};

/// What volumes hold is stated in the pod itself: nothing else is asked.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        let Body::Workload(pod) = &object.body else { continue };
        // What is wrong with a template of another is told there.
        for StrayPath { path, volume, known, place } in
            pod.strays.iter().filter(|_| !pod.is_borrowed)
        {
            let message = format!("volume `{volume}` of {} holds no `{path}`", title(object));
            let finding = Finding::error("sub-path-missing", message);
            let finding = at(finding, object, place).note(
                "the kubelet makes an empty directory of that name and mounts it in place of the file",
            );
            let known = known.iter().map(|path| &**path);
            whole.findings.push(match suggest(path, known) {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
    }
    whole
}
