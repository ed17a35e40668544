//! One template rendered to nodes that know their places.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::value::{Kwargs, Value as JinjaValue};
use minijinja::{Error, ErrorKind, State};

use super::engine::round;
use super::origins::{Origins, Places};
use super::recorder::{self, Recorder, Sink};
use super::substitute::Substitution;
use super::tracked::{reads_len, tracked};
use super::{ROOTS, Scope, error};
use crate::diagnostic::Finding;
use crate::source::{FileId, Span};
use crate::yaml::Node;

/// How deep fragments may nest; one that calls itself stops here.
const MAX_NESTING: usize = 16;
/// What rendering and parsing a fragment costs beside its instructions, in instructions.
const FRAGMENT_COST: u64 = 100;

thread_local! {
    /// How many fragments are being rendered on this thread, one inside the other.
    static NESTING: Cell<usize> = const { Cell::new(0) };
    /// The instructions that fragments took since the outermost template began: minijinja counts
    /// for each template by itself.
    static SPENT: Cell<u64> = const { Cell::new(0) };
}

/// Forgets, before the outermost template or expression, what one left that failed, or a fragment
/// whose error nobody minded.
pub(super) fn begin() {
    if NESTING.get() == 0 {
        SPENT.set(0);
        recorder::reset();
        error::forget_kept();
    }
}

/// Renders one template. Empty documents are nothing.
pub(super) fn render(
    scope: &Scope,
    name: &str,
    file: FileId,
    context: &JinjaValue,
    places: Places,
    findings: &mut Vec<Finding>,
) -> Vec<Node> {
    begin();
    let recorder = match record(scope, name, file, context, places) {
        Ok(recorder) => recorder,
        Err(Stopped { error, place }) => {
            findings.extend(error::render(scope, place, &error, context));
            return Vec::new();
        }
    };
    parse(scope, &recorder, file, findings)
}

/// A template that did not come to its end, and how far it came.
struct Stopped {
    error: Error,
    place: Span,
}

fn record(
    scope: &Scope,
    name: &str,
    file: FileId,
    context: &JinjaValue,
    places: Places,
) -> Result<Recorder, Stopped> {
    let nowhere = Span::new(file, 0..0);
    let at = |place| move |error| Stopped { error, place };
    let template = scope.engine().jinja.get_template(name).map_err(at(nowhere))?;
    let engine = scope.engine();
    let mixes = engine.tables.get(&file).is_some_and(|table| table.mixes);
    let nothing = BTreeSet::new();
    let origins = Origins::new(context, places, if mixes { &engine.bound } else { &nothing });
    recorder::start(&engine.ranges, engine.output_limit, origins);
    let result = template.render_captured_to(context.clone(), Sink);
    let recorder = recorder::stop();
    let place = recorder.as_ref().map_or(nowhere, |recorder| recorder.last_place(file));
    let rendered = result.map_err(at(place))?;
    let (used, _) = rendered.state().fuel_levels().unwrap_or_default();
    SPENT.set(SPENT.get() + used);
    let mut recorder = recorder
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "nothing was recorded"))
        .map_err(at(nowhere))?;
    recorder.locate(&engine.tables);
    Ok(recorder)
}

fn parse(
    scope: &Scope,
    recorder: &Recorder,
    file: FileId,
    findings: &mut Vec<Finding>,
) -> Vec<Node> {
    let (documents, faults) = scope.engine().parsed.read(file, &recorder.output);
    let mut broken = false;
    for fault in &faults {
        let mut finding = crate::load::yaml_finding(fault);
        for label in &mut finding.labels {
            label.span = recorder.place(label.span.range(), file);
        }
        broken |= fault.kind.is_fatal();
        findings.push(finding.note("the template is YAML, what it renders is not"));
    }
    if broken {
        return Vec::new();
    }
    let mut substitution = Substitution { recorder, file, findings };
    documents
        .iter()
        .filter_map(|document| document.node.as_ref())
        .filter(|node| !node.is_null())
        .map(|node| substitution.node(node))
        .collect()
}

/// `fragment("name", key=value)`: renders a file and gives back what it holds as a value.
pub(super) fn fragment(
    state: &State<'_, '_>,
    name: &str,
    arguments: &Kwargs,
) -> Result<JinjaValue, Error> {
    super::functions::check_path(name)?;
    let scope = &super::current_scope()?;
    let candidates = [format!("fragments/{name}"), format!("_lib/{name}"), name.to_owned()];
    let found = candidates
        .iter()
        .find_map(|candidate| scope.engine().names.get_key_value(candidate.as_str()));
    let Some((template, &file)) = found else {
        let unreadable = &scope.engine().unreadable;
        if let Some(reason) = candidates.iter().find_map(|candidate| unreadable.get(candidate)) {
            error::keep(vec![reason.clone()]);
            return Err(Error::new(ErrorKind::BadInclude, format!("`{name}` cannot be read")));
        }
        let known = scope.engine().names.keys().filter_map(|known| {
            known.strip_prefix("fragments/").or_else(|| known.strip_prefix("_lib/"))
        });
        let known: Vec<_> = known.collect();
        let hint = crate::diagnostic::suggest(name, known.iter().copied()).unwrap_or_default();
        return Err(Error::new(
            ErrorKind::TemplateNotFound,
            format!("there is no fragment `{name}`; {hint}"),
        ));
    };
    let mut given: BTreeMap<String, JinjaValue> = BTreeMap::new();
    for argument in arguments.args() {
        given.insert(argument.to_owned(), arguments.get(argument)?);
    }
    let caller = scope.engine().names.get(state.name());
    let table = caller.and_then(|caller| scope.engine().tables.get(caller));
    let places = table.map(|table| recorder::arguments(table, name, &given, round(state)));
    let roots = ROOTS.iter().filter_map(|&root| Some((root.to_owned(), state.lookup(root)?)));
    let context = super::object(roots.chain(given));
    let mut findings = Vec::new();
    let reads = reads_len();
    let nodes = nested(scope, template, file, &context, places.unwrap_or_default(), &mut findings);
    recorder::leave_fragment(reads);
    let mut nodes = nodes?.into_iter();
    if !findings.is_empty() {
        error::keep(findings);
        return Err(Error::new(ErrorKind::BadInclude, format!("fragment `{name}` is broken")));
    }
    match (nodes.next(), nodes.next()) {
        (Some(node), None) => Ok(tracked(&Arc::new(node), true)),
        (None, _) => Ok(JinjaValue::from(())),
        (Some(_), Some(_)) => Err(Error::new(
            ErrorKind::BadInclude,
            format!("fragment `{name}` holds several documents; a value is one"),
        )),
    }
}

/// Renders a fragment within what the outermost template may take.
fn nested(
    scope: &Scope,
    name: &str,
    file: FileId,
    context: &JinjaValue,
    places: Places,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Node>, Error> {
    if NESTING.get() == MAX_NESTING {
        let message = format!("fragments nest deeper than {MAX_NESTING} levels");
        return Err(Error::new(ErrorKind::OutOfFuel, message));
    }
    SPENT.set(SPENT.get() + FRAGMENT_COST);
    if SPENT.get() > scope.engine().fuel {
        return Err(Error::new(ErrorKind::OutOfFuel, "its fragments together take too long"));
    }
    if scope.engine().jinja.get_template(name).is_err() {
        let of_file = |finding: &&Finding| {
            finding.labels.first().is_some_and(|label| label.span.file == file)
        };
        findings.extend(scope.compiled.findings.iter().filter(of_file).cloned());
        return Ok(Vec::new());
    }
    let _level = Level::enter();
    Ok(render(scope, name, file, context, places, findings))
}

/// One level of nested fragments, as long as it lives.
struct Level;

impl Level {
    fn enter() -> Self {
        NESTING.set(NESTING.get() + 1);
        Self
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        NESTING.set(NESTING.get() - 1);
    }
}
