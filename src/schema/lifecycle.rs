//! Since when Kubernetes calls its own kinds deprecated, and when they went.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The end of one kind in one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// The minor version of Kubernetes 1 whose server first warns.
    pub deprecated: u32,
    /// The minor version that serves it no more.
    pub removed: Option<u32>,
    /// `apiVersion` of what stands in for it, where it is the same kind.
    pub instead: Option<&'static str>,
}

type Key<'a> = (&'a str, &'a str, &'a str);

/// What the `APILifecycle…` methods of `k8s.io/api` and its siblings say; made by
/// `schemas/kubernetes/lifecycle.py`.
static KINDS: LazyLock<HashMap<Key<'static>, Lifecycle>> = LazyLock::new(|| {
    let table = include_str!("../../schemas/kubernetes/lifecycle.tsv");
    table.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

fn row(line: &'static str) -> Option<(Key<'static>, Lifecycle)> {
    let mut columns = line.split('\t');
    let key = (columns.next()?, columns.next()?, columns.next()?);
    let deprecated = columns.next()?.parse().ok()?;
    let removed = columns.next()?.parse().ok();
    let instead = columns.next()?.split_once(' ').map(|(api_version, _)| api_version);
    Some((key, Lifecycle { deprecated, removed, instead }))
}

/// The end of a kind in a version, where one is planned.
#[must_use]
pub fn lifecycle(group: &str, version: &str, kind: &str) -> Option<Lifecycle> {
    let kinds: &HashMap<Key<'_>, Lifecycle> = &KINDS;
    kinds.get(&(group, version, kind)).copied()
}

/// Whether some version of a group ever had a kind, as far as an end of it was planned.
#[must_use]
pub fn was_served(group: &str, kind: &str) -> bool {
    KINDS.keys().any(|(of, _, it)| (*of, *it) == (group, kind))
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Lifecycle, lifecycle};

    #[test]
    fn table_is_read_whole() {
        let rows = include_str!("../../schemas/kubernetes/lifecycle.tsv").lines().count() - 1;
        assert_eq!(KINDS.len(), rows);
        let found = lifecycle("flowcontrol.apiserver.k8s.io", "v1beta3", "FlowSchema");
        let instead = Some("flowcontrol.apiserver.k8s.io/v1");
        assert_eq!(found, Some(Lifecycle { deprecated: 29, removed: Some(32), instead }));
    }
}
