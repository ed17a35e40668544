//! One template rendered to nodes that know their places.

use std::sync::Arc;

use minijinja::value::{Kwargs, Value as JinjaValue};
use minijinja::{Error, ErrorKind, State};

use super::recorder::{self, Recorder, Sink};
use super::substitute::Substitution;
use super::tracked::tracked;
use super::{ROOTS, Scope, error};
use crate::diagnostic::Finding;
use crate::source::FileId;
use crate::yaml::{self, Node};

/// Renders one template. Empty documents are nothing.
pub(super) fn render(
    scope: &Scope,
    name: &str,
    file: FileId,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Vec<Node> {
    let recorder = match record(scope, name, context) {
        Ok(recorder) => recorder,
        Err(fault) => {
            findings.push(error::render(scope, file, &fault, context));
            return Vec::new();
        }
    };
    parse(&recorder, file, findings)
}

fn record(scope: &Scope, name: &str, context: &JinjaValue) -> Result<Recorder, Error> {
    let template = scope.engine().jinja.get_template(name)?;
    recorder::start(&scope.engine().ranges, scope.engine().output_limit);
    let result = template.render_captured_to(context.clone(), Sink).map(drop);
    let recorder = recorder::stop();
    result?;
    let mut recorder =
        recorder.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "nothing was recorded"))?;
    recorder.locate(&scope.sources);
    Ok(recorder)
}

fn parse(recorder: &Recorder, file: FileId, findings: &mut Vec<Finding>) -> Vec<Node> {
    let read = yaml::read(file, &recorder.output);
    let mut broken = false;
    for fault in &read.faults {
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
    read.documents
        .into_iter()
        .filter_map(|document| document.node)
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
    let scope = &super::current_scope()?;
    let candidates = [format!("fragments/{name}"), format!("_lib/{name}"), name.to_owned()];
    let found = candidates
        .iter()
        .find_map(|candidate| scope.engine().names.get_key_value(candidate.as_str()));
    let Some((template, &file)) = found else {
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
    let mut values: Vec<(String, JinjaValue)> = Vec::new();
    for root in ROOTS {
        if let Some(value) = state.lookup(root) {
            values.push(((*root).to_owned(), value));
        }
    }
    for argument in arguments.args() {
        values.push((argument.to_owned(), arguments.get(argument)?));
    }
    let context = super::object(values);
    let mut findings = Vec::new();
    let mut nodes = render(scope, template, file, &context, &mut findings).into_iter();
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
