//! Generators: from a node of the ApplicationSet to parameter sets.
//!
//! Source: `generators/generator_spec_processor.go` (`Transform`), `TestTransForm`.

use std::borrow::Cow;

use crate::source::Span;
use crate::yaml::{Node, Value};

use super::fault::{Fault, FaultKind};
use super::parameter::{Items, Parameter, Parameters, flatten};
use super::selector::{self, Values};
use super::template::Renderer;
use super::world::World;
use super::{Wanted, clusters, git, list, matrix, merge};

/// The parameters of one Application, and where they come from.
#[derive(Debug, Clone, Default)]
pub(super) struct ParameterSet {
    pub(super) parameters: Parameters,
    /// The elements and generators that gave them, the first child's first.
    pub(super) origins: Vec<Span>,
    /// What of it is one map with that of other sets in Argo CD.
    pub(super) lent: Option<Lent>,
}

/// Maps that a matrix takes from a set of its first child, and gives to all that it makes of that set.
#[derive(Debug, Clone)]
pub(super) struct Lent {
    /// The number of that set.
    pub(super) by: usize,
    /// Where the maps are, each by the keys that lead to it.
    pub(super) maps: Vec<Vec<String>>,
}

impl ParameterSet {
    /// What one place gives.
    pub(super) fn new(parameters: Parameters, origin: Span) -> Self {
        Self { parameters, origins: vec![origin], lent: None }
    }
}

/// What all generators of a set need.
pub(super) struct Generators<'g> {
    pub(super) world: &'g World<'g>,
    pub(super) renderer: &'g Renderer<'g>,
    /// `spec.template.spec.project` as it is written.
    pub(super) project: &'g str,
    /// What goes wrong without an error.
    pub(super) warnings: Vec<Fault>,
    /// The revisions that git generators name.
    pub(super) wanted: Vec<Wanted>,
}

/// The kinds of generators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Clusters,
    Git,
    Matrix,
    Merge,
    /// One that asks a server.
    Remote(&'static str),
}

const KINDS: [(&str, Kind); 9] = [
    ("list", Kind::List),
    ("clusters", Kind::Clusters),
    ("git", Kind::Git),
    ("scmProvider", Kind::Remote("scmProvider")),
    ("clusterDecisionResource", Kind::Remote("clusterDecisionResource")),
    ("pullRequest", Kind::Remote("pullRequest")),
    ("matrix", Kind::Matrix),
    ("merge", Kind::Merge),
    ("plugin", Kind::Remote("plugin")),
];

/// The kinds that a generator has, with the node of each. It should be one.
pub(super) fn kinds(generator: &Node) -> Vec<(Kind, &Node)> {
    let present = |(field, kind): &(&str, Kind)| generator.get(field).map(|body| (*kind, body));
    KINDS.iter().filter_map(present).collect()
}

impl Generators<'_> {
    /// The parameter sets of one kind of a generator, those that its selector lets through.
    /// `parent` are parameters of the first child of a matrix, which are put into the second, but
    /// not into its selector.
    pub(super) fn sets(
        &mut self,
        generator: &Node,
        kind: Kind,
        parent: Option<&Parameters>,
    ) -> Result<Vec<ParameterSet>, Fault> {
        let selector = selector::read(generator.get("selector"), Values::Any)?;
        let generator = match parent {
            Some(parent) if !parent.is_empty() => Cow::Owned(self.interpolated(generator, parent)?),
            _ => Cow::Borrowed(generator),
        };
        let Some((_, body)) = kinds(&generator).into_iter().find(|(one, _)| *one == kind) else {
            return Ok(Vec::new());
        };
        let warned = self.warnings.len();
        let mut sets = match kind {
            Kind::List => list::sets(self, body)?,
            Kind::Clusters => clusters::sets(self, body)?,
            Kind::Git => git::sets(self, body)?,
            Kind::Matrix => matrix::sets(self, body)?,
            Kind::Merge => merge::sets(self, body)?,
            Kind::Remote(field) => self.declared(field, body)?,
        };
        // Where a pattern has parameters of another, not each of them leads to something.
        if parent.is_some() {
            let all: Vec<Fault> = self.warnings.drain(warned..).collect();
            let counts = |fault: &Fault| fault.kind != FaultKind::NothingMatched;
            self.warnings.extend(all.into_iter().filter(counts));
        }
        sets.retain(|set| {
            let flat = flatten(&set.parameters);
            selector.is_empty() || selector.holds(|key| flat.get(key).map(String::as_str))
        });
        Ok(sets)
    }

    /// The parameter sets of a child of a matrix or a merge, which has exactly one kind.
    pub(super) fn child(
        &mut self,
        child: &Node,
        parent: Option<&Parameters>,
    ) -> Result<Vec<ParameterSet>, Fault> {
        match kinds(child)[..] {
            [(kind, _)] => self.sets(child, kind, parent),
            [] => Err(Fault::stops(
                FaultKind::InvalidGenerator,
                child.span,
                "this generator has no kind, or one that cannot stand at this depth",
            )),
            _ => Err(Fault::stops(
                FaultKind::InvalidGenerator,
                child.span,
                "a generator within a matrix or merge has one kind only",
            )),
        }
    }

    /// A generator with the parameters of another put in. Its `values` keep the templates that need
    /// parameters of its own.
    fn interpolated(&self, generator: &Node, parameters: &Parameters) -> Result<Node, Fault> {
        let field = |key: &str, node: &Node| match KINDS.iter().find(|(field, _)| *field == key) {
            None | Some((_, Kind::List)) => self.renderer.node(node, parameters),
            Some((_, Kind::Matrix | Kind::Merge)) => mapped(node, |key, node| match key {
                "generators" => self.interpolated_children(node, parameters),
                _ => self.renderer.node(node, parameters),
            }),
            Some(_) => mapped(node, |key, node| match key {
                "values" => mapped(node, |_, value| self.renderer.early_node(value, parameters)),
                _ => self.renderer.node(node, parameters),
            }),
        };
        mapped(generator, field)
    }

    fn interpolated_children(&self, list: &Node, parameters: &Parameters) -> Result<Node, Fault> {
        let children = list.as_seq().unwrap_or_default().iter();
        let children = children.map(|child| self.interpolated(child, parameters));
        Ok(Node::new(Value::Seq(children.collect::<Result<_, _>>()?), list.span))
    }

    /// Adds the `values` of a generator, rendered with its own parameters alone, never with each
    /// other. They replace what is there under that name.
    ///
    /// Source: `generators/value_interpolation.go`, `TestValueInterpolation`.
    pub(super) fn add_values(&self, body: &Node, parameters: &mut Parameters) -> Result<(), Fault> {
        let Some(values) = body.get("values").and_then(Node::as_map).filter(|map| !map.is_empty())
        else {
            return Ok(());
        };
        let mut rendered = Parameters::new();
        for (key, value) in values.iter() {
            let text = value.as_str().unwrap_or_default();
            let text = self.renderer.text(text, value.span, parameters)?;
            rendered.insert(key.name.to_string(), Parameter::Text(text));
        }
        if self.renderer.is_go() {
            parameters.insert("values".into(), Parameter::Map(Items::Text, rendered));
        } else {
            let named = |(key, value)| (format!("values.{key}"), value);
            parameters.extend(rendered.into_iter().map(named));
        }
        Ok(())
    }

    /// What was declared for generators that ask servers.
    fn declared(&self, field: &str, body: &Node) -> Result<Vec<ParameterSet>, Fault> {
        let Some(declared) = self.world.declared.get(field) else {
            let message = format!(
                "a `{field}` generator asks a server for its parameters, and none are declared"
            );
            return Err(Fault::unknown(body.span, message));
        };
        let mut sets = Vec::new();
        for parameters in declared {
            let mut parameters = match self.renderer.is_go() {
                true => parameters.clone(),
                false => texts(parameters),
            };
            self.add_values(body, &mut parameters)?;
            sets.push(ParameterSet::new(parameters, body.span));
        }
        Ok(sets)
    }
}

/// Parameters as the engine without Go knows them: flat, and all of them text.
pub(super) fn texts(parameters: &Parameters) -> Parameters {
    let flat = flatten(parameters).into_iter();
    flat.map(|(key, text)| (key, Parameter::Text(text))).collect()
}

/// A map with other values under its keys.
fn mapped(node: &Node, value: impl Fn(&str, &Node) -> Result<Node, Fault>) -> Result<Node, Fault> {
    let mut mapped = node.clone();
    for (key, node) in mapped.as_map_mut().into_iter().flat_map(|map| map.iter_mut()) {
        *node = value(&key.name, node)?;
    }
    Ok(mapped)
}
