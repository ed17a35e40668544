//! Following the Applications among what was judged.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::argocd::{Followed, GROUP};
use crate::check::registry::Reach;
use crate::check::{Judge, tree};
use crate::cli::argocd::{clusters_of, followed, repositories};
use crate::diagnostic::Finding;
use crate::facts;
use crate::load::manifest::File;
use crate::model::ObjectKey;
use crate::policy::{Extent, Looked, Object, Policy, Sorted};
use crate::source::Sources;
use crate::yaml::Node;

/// Whether there is anything to follow among objects.
pub(super) fn is_wanted(objects: &[facts::Object]) -> bool {
    objects.iter().any(|object| {
        let kind = &object.key.group_kind;
        kind.group == GROUP && ["Application", "ApplicationSet"].contains(&kind.kind.as_str())
    })
}

/// Follows the Applications in files, and sorts what is found in these.
pub(super) fn of_paths(
    paths: &[PathBuf],
    files: &[File],
    judge: &Judge<'_>,
    policy: &Policy,
    sources: &mut Sources,
) -> anyhow::Result<Sorted> {
    let mut all = Sorted::default();
    for mut one in repositories(paths, files, sources)? {
        let clusters = clusters_of(&one.objects);
        let clusters = (!clusters.is_empty()).then_some(clusters.as_slice());
        let followed = followed(&one.objects, clusters, &mut one.checkouts, judge, sources);
        let mut findings = tree::check(&followed);
        let is_asked = |finding: &Finding| {
            let label = finding.labels.first();
            label.is_some_and(|label| one.shown.contains(&*sources.get(label.span.file).path))
        };
        findings.retain(is_asked);
        let mut sorted = sort(policy, findings, &followed, sources);
        all.shown.append(&mut sorted.shown);
        all.silenced.append(&mut sorted.silenced);
        all.remarks.append(&mut sorted.remarks);
    }
    Ok(all)
}

fn sort(policy: &Policy, findings: Vec<Finding>, followed: &Followed, sources: &Sources) -> Sorted {
    let mut seen = BTreeSet::new();
    let mut records = Vec::new();
    let mut record = |node: &Node| {
        if seen.insert((node.span.file, node.span.start)) {
            records.push(Object::judged(node, ObjectKey::of(node).to_string()));
        }
    };
    followed.stated().for_each(&mut record);
    let extent = Extent { only: Some(Reach::Tree), ..Extent::default() };
    policy.sort(findings, Looked { sources, objects: &records, extent: &extent })
}
