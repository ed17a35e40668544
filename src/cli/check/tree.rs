//! Following the Applications among what was judged.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::argocd::{Followed, GROUP, Stated};
use crate::check::registry::Reach;
use crate::check::{Judge, Verdict, tree};
use crate::cli::argocd::{Known, followed, laid_out, repositories, root_objects};
use crate::diagnostic::{Finding, Severity};
use crate::facts;
use crate::load::manifest::File;
use crate::load::{Checkouts, Repo};
use crate::model::ObjectKey;
use crate::policy::{Extent, Looked, Object, Policy, Sorted};
use crate::render::{Rendered, Renderer};
use crate::resolve::Environment;
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
    (paths, files): (&[PathBuf], &[File]),
    known: &Known,
    judge: &Judge<'_>,
    policy: &Policy,
    sources: &mut Sources,
) -> anyhow::Result<Sorted> {
    let mut all = Sorted::default();
    for mut one in repositories(paths, files, sources)? {
        let followed = followed(&one.objects, known, &mut one.checkouts, judge, sources)?;
        let mut findings = tree::check(&followed, &one.checkouts);
        findings
            .extend(one.checkouts.first().into_iter().flat_map(|it| tree::orphaned(&followed, it)));
        let is_passed_over = |file| one.passed_over.contains(&*sources.get(file).path);
        findings.extend(tree::unread(&followed, &is_passed_over));
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

/// What is found in the tree of an environment.
#[derive(Default)]
pub(super) struct OfEnvironment {
    pub(super) findings: Vec<Finding>,
    /// Its objects of Argo CD, which no app renders.
    pub(super) records: Vec<Object>,
}

/// Follows the tree of an environment from its root, as it would be built; one that would not be
/// written is not followed.
pub(super) fn of_environment(
    repo: &Repo,
    renderer: &Renderer<'_>,
    (environment, rendered): (&Environment, &[Rendered]),
    known: &Known,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<OfEnvironment> {
    let (built, mut found) = crate::tree::build(repo, renderer, environment, rendered);
    // `build` tells what keeps it from being written.
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(OfEnvironment::default());
    }
    found.retain(|finding| finding.id == "permission-unused");
    let stated: Vec<&Node> = built.manifests().map(|it| &**it).collect();
    let known = &known.of_environments(repo, [environment], &stated);
    let objects = root_objects(environment, &built, sources);
    let mut checkouts = Checkouts::default();
    checkouts.add_made(environment.repo_url(), laid_out(environment, built), sources);
    let followed = followed(&objects, known, &mut checkouts, judge, sources)?;
    let mut findings = tree::check(&followed, &checkouts);
    findings.append(&mut found);
    findings.extend(checkouts.first().into_iter().flat_map(|it| tree::unowned(&followed, it)));
    checkouts.fill(sources);
    let argo_cd = followed.sets.iter().map(|set| &set.stated).chain(&followed.projects);
    let record = |stated: &Stated| {
        let name = ObjectKey::of(&stated.node).to_string();
        let verdict = Verdict { has_schema: true, ..Verdict::default() };
        Object::new(&stated.node, name, Some(&environment.name), &verdict)
    };
    Ok(OfEnvironment { findings, records: argo_cd.map(record).collect() })
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
