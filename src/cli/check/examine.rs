//! Rendering the environments of a plan, and judging what comes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

pub(in crate::cli) use super::object::Denied;
use super::object::{Tally, Told};
use super::tree;
use crate::check::Judge;
use crate::check::registry::Reach;
use crate::check::whole::{self, Told as Before};
use crate::cli::argocd::Known;
use crate::cli::progress::Progress;
use crate::diagnostic::{Finding, Severity};
use crate::facts::{Cluster, Extent as Seen, Reading, Surroundings};
use crate::load::{Repo, Schemas};
use crate::policy::{Extent, Object as Record, Policy};
use crate::render::{Manifest, Rendered, Renderer};
use crate::report::{Object, Verdict};
use crate::resolve::{Environment, Plan, Release};
use crate::schema::{self, NEWEST};
use crate::source::{FileId, Sources};

/// What came of the objects of one environment.
pub(in crate::cli) struct Judged {
    pub(in crate::cli) environment: String,
    pub(super) minor: u32,
    pub(super) tally: Tally,
    /// What is wrong with what was rendered.
    rendering: Vec<Finding>,
    /// What is wrong with objects.
    findings: Vec<Finding>,
    records: Vec<Record>,
    /// The objects as reports show them.
    objects: Vec<Object>,
}

/// What several environments have together.
#[derive(Default)]
pub(in crate::cli) struct Sum {
    /// What is wrong with what was rendered.
    pub(in crate::cli) rendering: Vec<Finding>,
    /// What is wrong with objects.
    pub(in crate::cli) findings: Vec<Finding>,
    pub(in crate::cli) records: Vec<Record>,
    pub(super) objects: Vec<Object>,
    pub(super) tally: Tally,
    /// The environments that were rendered without an error.
    pub(in crate::cli) extent: Extent,
}

impl Sum {
    /// Takes what environments have out of them.
    pub(in crate::cli) fn of(all: &mut [Judged]) -> Self {
        let mut sum = Self::default();
        for one in all {
            if !has_errors(&one.rendering) {
                sum.extent.environments.insert(one.environment.clone());
            }
            sum.rendering.append(&mut one.rendering);
            sum.findings.append(&mut one.findings);
            sum.records.append(&mut one.records);
            sum.objects.append(&mut one.objects);
            sum.tally.add(&one.tally);
        }
        sum
    }
}

/// What environments are judged by.
pub(in crate::cli) struct Examination<'r> {
    pub(in crate::cli) repo: &'r Repo,
    pub(in crate::cli) plan: &'r Plan,
    pub(in crate::cli) schemas: &'r Schemas,
    pub(in crate::cli) known: &'r Known,
    pub(in crate::cli) policy: &'r Policy,
    pub(in crate::cli) denied: Denied,
    /// The minor version of Kubernetes; that of each environment if not set.
    pub(in crate::cli) minor: Option<u32>,
    pub(in crate::cli) progress: &'r Progress,
}

impl Examination<'_> {
    /// Renders and judges the environments of the plan. `keep` gets each with what was rendered.
    ///
    /// # Errors
    ///
    /// Where a repository that lies elsewhere cannot be read.
    pub(in crate::cli) fn run(
        &self,
        sources: &mut Sources,
        mut keep: impl FnMut(&Renderer<'_>, &Environment, &[Rendered]),
    ) -> anyhow::Result<Vec<Judged>> {
        let renderer = Renderer::new(self.repo);
        let mut environments = self.plan.environments.iter();
        let mut render = || {
            let environment = environments.next()?;
            Some((environment, renderer.environment(environment)))
        };
        self.progress.stage("rendering", 0);
        let mut all = Vec::new();
        let mut next = render();
        while let Some((environment, rendered)) = next {
            keep(&renderer, environment, &rendered);
            let of = Of {
                renderer: &renderer,
                environment,
                rendered: &rendered,
                // What has errors is not all there, and would be missing everywhere.
                is_whole: !self.plan.has_errors(&environment.name),
            };
            // Much of judging is one step after the other: the next one is rendered meanwhile.
            let (judged, after) = rayon::join(|| self.judge(&of, sources), &mut render);
            all.push(judged?);
            next = after;
        }
        Ok(all)
    }

    fn judge(&self, of: &Of<'_>, sources: &mut Sources) -> anyhow::Result<Judged> {
        let Of { renderer, environment, rendered, is_whole } = *of;
        let minor = self.minor.unwrap_or_else(|| minor(environment));
        let manifests: Vec<_> = rendered.iter().flat_map(|output| &output.manifests).collect();
        let (mut definitions, _) = self.schemas.definitions();
        for manifest in &manifests {
            if manifest.key.group_kind.kind == "CustomResourceDefinition" {
                definitions.add_crd(&manifest.node, schema::Found::Checked);
            }
        }
        let judge = Judge::new(minor, &definitions);
        self.progress.stage(format!("judging objects of {}", environment.name), manifests.len());
        let verdict = |manifest: &&Manifest| {
            let mut verdict = judge.object(&manifest.node);
            // Which node ports this cluster has is known, and judged with the others.
            verdict.faults.retain(|fault| fault.id != "node-port-unusual");
            self.progress.step();
            verdict
        };
        let verdicts: Vec<_> = manifests.par_iter().map(verdict).collect();
        let mut judged = Judged {
            environment: environment.name.clone(),
            minor,
            tally: Tally::default(),
            rendering: rendered.iter().flat_map(|output| output.findings.iter().cloned()).collect(),
            findings: Vec::new(),
            records: Vec::new(),
            objects: Vec::new(),
        };
        let flawed = flawed(&manifests, &judged.rendering);
        for (manifest, verdict) in manifests.iter().zip(verdicts) {
            let name = manifest.key.to_string();
            let record =
                Record::new(&manifest.node, name.clone(), Some(&environment.name), &verdict);
            judged.records.push(record);
            let is_flawed = flawed.contains(&start(manifest));
            let told = Told { denied: self.denied, is_flawed };
            let (found, verdict) =
                judged.tally.take(&manifest.node, &name, verdict, told, || &*sources);
            judged.add(found);
            judged.objects.push(object(sources, environment, manifest, verdict));
        }
        self.progress.stage(format!("judging {} as a whole", environment.name), 0);
        // What could not be rendered would be missing everywhere.
        let is_whole = is_whole && !has_errors(&judged.rendering);
        let together = (is_whole && self.policy.wants(Reach::All))
            .then(|| cluster(&judge, environment, rendered, Some(sources)));
        let (whole, followed) = rayon::join(
            || together.map(|cluster| whole::check(&cluster)),
            || {
                let of = (environment, rendered);
                let is_wanted = is_whole && self.policy.wants(Reach::Tree);
                is_wanted.then(|| {
                    tree::of_environment(self.repo, renderer, of, self.known, &judge, sources)
                })
            },
        );
        if let Some(mut whole) = whole {
            let mut told = Before::default();
            for finding in &judged.findings {
                finding.labels.first().into_iter().for_each(|it| told.add(it.span.file, finding));
            }
            whole.leave_out(&told);
            judged.tally.unknown_references += whole.unknown.len();
            judged.add(whole.findings);
            judged.add(whole.unknown.into_iter().filter(|_| self.denied.unknown_references));
        }
        if let Some(mut found) = followed.transpose()? {
            judged.records.append(&mut found.records);
            judged.add(found.findings);
        }
        Ok(judged)
    }
}

impl Judged {
    fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let findings = findings.into_iter();
        self.findings.extend(findings.map(|one| one.in_environment(&self.environment)));
    }
}

/// An environment with what was rendered of it.
struct Of<'r> {
    renderer: &'r Renderer<'r>,
    environment: &'r Environment,
    rendered: &'r [Rendered],
    is_whole: bool,
}

fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// What the objects of an environment say together.
pub(in crate::cli) fn cluster(
    judge: &Judge<'_>,
    environment: &Environment,
    rendered: &[Rendered],
    sources: Option<&Sources>,
) -> Cluster {
    let of_release = |(release, output): (&Release, &Rendered)| {
        let unit: Arc<str> = release.name.as_str().into();
        let read = |manifest: &Manifest| {
            let is_cluster_wide = judge.is_cluster_wide(&manifest.node);
            let reading = Reading { file: None, unit: &unit, is_cluster_wide, sources };
            reading.object(&manifest.node)
        };
        output.manifests.iter().map(read).collect::<Vec<_>>()
    };
    let objects = environment.releases.par_iter().zip(rendered).flat_map(of_release).collect();
    Cluster::new(objects, Surroundings::of(environment, rendered), Seen::Whole)
}

/// Where the objects begin in which errors of rendering lie.
fn flawed(manifests: &[&Manifest], rendering: &[Finding]) -> BTreeSet<(FileId, u32)> {
    let starts: BTreeSet<(FileId, u32)> = manifests.iter().map(|one| start(one)).collect();
    let errors = rendering.iter().filter(|finding| finding.severity == Severity::Error);
    let places = errors.filter_map(|finding| finding.labels.first());
    let above = places.filter_map(|label| {
        let place = (label.span.file, label.span.start);
        starts.range(..=place).next_back().filter(|above| above.0 == place.0).copied()
    });
    above.collect()
}

fn start(manifest: &Manifest) -> (FileId, u32) {
    (manifest.node.span.file, manifest.node.span.start)
}

/// A judged object as reports show it.
fn object(
    sources: &Sources,
    environment: &Environment,
    manifest: &Manifest,
    verdict: Verdict,
) -> Object {
    let source = sources.get(manifest.node.span.file);
    let (line, column) = source.line_column(manifest.node.span.start);
    Object {
        key: manifest.key.clone(),
        file: source.path.clone(),
        line,
        column,
        environment: Some(environment.name.clone()),
        verdict,
    }
}

/// The minor version of Kubernetes that an environment states; the newest that is known where it
/// states none.
pub(in crate::cli) fn minor(environment: &Environment) -> u32 {
    let version = environment.spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
    let minor = version.and_then(|version| version.split('.').nth(1)?.parse().ok());
    minor.unwrap_or(NEWEST)
}
