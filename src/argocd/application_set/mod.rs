//! ApplicationSets, evaluated as the controller of Argo CD 3.5.7 does it.
//!
//! [`evaluate`] takes an ApplicationSet and the [`World`] that its generators ask, and gives the
//! Applications in full, each with the places it comes from, and the faults. Every generator is known;
//! those that ask a server (`scmProvider`, `pullRequest`, `plugin`, `clusterDecisionResource`) give
//! what is declared for them. Bugs of Argo CD are faults and not imitated.
//!
//! Rules come from `applicationset/` of Argo CD's source; each file here names those that it follows.
//! `tests/application_sets.rs` compares the results with those of Argo CD's own controller.

mod application;
mod clusters;
mod deep_merge;
mod fault;
mod fields;
mod generator;
mod git;
mod go_template;
mod list;
mod listing;
mod matrix;
mod merge;
mod names;
mod parameter;
mod patch;
mod pathspec;
mod selector;
mod template;

mod validate;
mod world;

pub use application::Application;
pub use fault::{Effect, Fault, FaultKind};
pub use go_template::ArgoCdTemplates;
pub use listing::TreeError;
pub(super) use names::clean;
pub use parameter::{Items, Parameter, Parameters, flatten};
pub use template::{GoTemplate, GoTemplateError, MissingKey};
pub use validate::wrong_destination;
pub use world::{
    Cluster, IN_CLUSTER_NAME, IN_CLUSTER_SERVER, Lacking, Repositories, SERVED, Settings, World,
};

use crate::source::Span;
use crate::yaml::{Map, Node, Value};

use application::Rules;
use fields::SET_SPEC;
use generator::{Generators, kinds};
use template::Renderer;

/// What becomes of an ApplicationSet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// The Applications that Argo CD makes, in the order of generators and elements. Where a fault
    /// [stops the set](Effect::SetStops) or something is not evaluable, there are none.
    pub applications: Vec<Application>,
    /// Those that are generated and then refused; a fault says why.
    pub dropped: Vec<Application>,
    /// What is wrong, in the order in which it is found.
    pub faults: Vec<Fault>,
    /// The revisions that its git generators name, with what another generator puts there.
    pub revisions: Vec<Wanted>,
}

/// A revision that a git generator reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The repository.
    pub repo_url: String,
    /// The revision.
    pub revision: String,
    /// Where it is written.
    pub span: Span,
}

impl Wanted {
    /// What the body of a git generator names.
    #[must_use]
    pub fn of(body: &Node) -> Option<Self> {
        let text = |field| body.get(field).and_then(Node::as_str).unwrap_or_default().to_owned();
        let span = body.get("revision")?.span;
        Some(Self { repo_url: text("repoURL"), revision: text("revision"), span })
    }
}

/// Evaluates an ApplicationSet, a whole object with `metadata` and `spec`.
#[must_use]
pub fn evaluate(set: &Node, world: &World<'_>, go_template: &dyn GoTemplate) -> Evaluation {
    let mut faults = Vec::new();
    let empty = Node::new(Value::Map(Map::default()), set.span);
    let spec = fields::decode(set.get("spec").unwrap_or(&empty), SET_SPEC, &mut faults);
    let (mut generated, mut revisions) = (Vec::new(), Vec::new());
    if !stops(&faults) {
        generated = applications(set, &spec, world, go_template, (&mut faults, &mut revisions));
    }
    once_each(&mut faults);
    if stops(&faults) {
        return Evaluation { faults, revisions, ..Evaluation::default() };
    }
    let (mut applications, mut dropped) = validate::split(generated, world, &mut faults);
    for application in applications.iter_mut().chain(&mut dropped) {
        application::normalize(&mut application.object);
    }
    Evaluation { applications, dropped, faults, revisions }
}

/// Whether nothing is applied, or nobody knows what.
fn stops(faults: &[Fault]) -> bool {
    faults.iter().any(|fault| matches!(fault.effect, Effect::SetStops | Effect::Unknown))
}

/// One fault in a template would be found for each parameter set again.
fn once_each(faults: &mut Vec<Fault>) {
    let mut seen: Vec<Fault> = Vec::new();
    faults.retain(|fault| {
        let is_new = !seen.contains(fault);
        if is_new {
            seen.push(fault.clone());
        }
        is_new
    });
}

/// Everything that generators and templates make. A fault ends its generator or its Application, and
/// the rest is looked at for more faults.
fn applications(
    set: &Node,
    spec: &Node,
    world: &World<'_>,
    go_template: &dyn GoTemplate,
    (faults, revisions): (&mut Vec<Fault>, &mut Vec<Wanted>),
) -> Vec<Application> {
    let empty = Node::new(Value::Map(Map::default()), spec.span);
    let template = spec.get("template").unwrap_or(&empty);
    let renderer = Renderer::new(spec, go_template);
    let project = template.pointer("/spec/project").and_then(Node::as_str).unwrap_or_default();
    let (warnings, wanted) = (Vec::new(), Vec::new());
    let mut generators = Generators { world, renderer: &renderer, project, warnings, wanted };
    let rules = Rules {
        renderer: &renderer,
        namespace: set.pointer("/metadata/namespace").and_then(Node::as_str),
        preserve_resources: spec
            .pointer("/syncPolicy/preserveResourcesOnDeletion")
            .is_some_and(Node::is_true),
        patch: spec.get("templatePatch"),
    };
    let mut made = Vec::new();
    for generator in spec.get("generators").and_then(Node::as_seq).unwrap_or_default() {
        if kinds(generator).is_empty() {
            let message = "this generator has no kind, so it gives nothing";
            faults.push(Fault::ignored(FaultKind::InvalidGenerator, generator.span, message));
        }
        for (kind, body) in kinds(generator) {
            let own = body.get("template").unwrap_or(&empty);
            let template = deep_merge::templates(own, template, fields::SET_TEMPLATE);
            let sets = generators.sets(generator, kind, None).unwrap_or_else(|fault| {
                faults.push(fault);
                Vec::new()
            });
            for set in &sets {
                match rules.application(&template, set, faults) {
                    Ok(application) => made.push(application),
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
    faults.append(&mut generators.warnings);
    revisions.append(&mut generators.wanted);
    made
}
