//! Walking a template: `text/template/exec.go`.

mod operand;

use std::ops::Range;

use super::failure::{Error, Failure};
use super::format;
use super::place::line_and_column;
use super::tree::{Branch, Node, NodeKind};
use super::value::Value;
use super::{Settings, Template};

/// Templates and blocks within each other.
const MAX_NESTING: usize = 100;

/// From here on templates are watched for one that comes back to itself.
const WATCHED_NESTING: usize = MAX_NESTING / 2;

/// Templates within each other that Go allows: `maxExecDepth`.
const GO_DEPTH: usize = 100_000;

/// Nodes, calls, and the sizes of what functions take and give, which bounds time and memory. No
/// template that a person wrote comes near.
const MAX_WORK: usize = 2_000_000;

/// What the template writes for the data.
pub(super) fn evaluate(
    template: &Template,
    data: &Value,
    settings: &Settings,
) -> Result<String, Error> {
    let name = template.name.as_str();
    let mut run =
        Run { template, settings, out: String::new(), work: 0, nesting: 0, calls: Vec::new() };
    let mut scope = Scope::new(name, data);
    let nodes = template.defined.get(name).map_or(&[][..], Vec::as_slice);
    run.nodes(&mut scope, data, nodes)?;
    Ok(run.out)
}

/// The variables of one execution of one template.
struct Scope<'t> {
    name: &'t str,
    variables: Vec<(&'t str, Value)>,
}

impl<'t> Scope<'t> {
    fn new(name: &'t str, dot: &Value) -> Self {
        Self { name, variables: vec![("$", dot.clone())] }
    }

    fn variable(&mut self, name: &str) -> Option<&mut Value> {
        let found = self.variables.iter_mut().rev().find(|(other, _)| *other == name);
        found.map(|(_, value)| value)
    }
}

/// What comes after a node.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    On,
    Break,
    Continue,
}

struct Run<'t> {
    template: &'t Template,
    settings: &'t Settings,
    out: String,
    work: usize,
    nesting: usize,
    /// The templates that are being executed, each with what it was given.
    calls: Vec<(&'t str, String)>,
}

type Evaluated<T = Value> = Result<T, Error>;

impl<'t> Run<'t> {
    fn fail<T>(&self, scope: &Scope<'_>, span: &Range<usize>, failure: Failure) -> Evaluated<T> {
        let text = &self.template.text;
        let (line, column) = line_and_column(text, span.start);
        let shown = text.get(span.clone()).unwrap_or_default();
        let (template, name) = (&self.template.name, scope.name);
        let place = format!("{template}:{line}:{column}: executing {name:?} at <{shown}>");
        Err(Error { kind: failure.kind, span: span.clone(), message: failure.message, place })
    }

    fn wrong<T>(
        &self,
        scope: &Scope<'_>,
        span: &Range<usize>,
        message: impl Into<String>,
    ) -> Evaluated<T> {
        self.fail(scope, span, Failure::wrong(message))
    }

    fn spend(&mut self, scope: &Scope<'_>, span: &Range<usize>, work: usize) -> Evaluated<()> {
        self.work += work;
        if self.work > MAX_WORK {
            return self.fail(scope, span, Failure::limit("the template does too much"));
        }
        Ok(())
    }

    fn write(&mut self, scope: &Scope<'_>, span: &Range<usize>, text: &str) -> Evaluated<()> {
        if self.out.len() + text.len() > self.settings.max_output {
            return self.fail(scope, span, Failure::limit("the template writes too much"));
        }
        self.out.push_str(text);
        Ok(())
    }

    fn nodes(&mut self, scope: &mut Scope<'t>, dot: &Value, nodes: &'t [Node]) -> Evaluated<Flow> {
        self.nesting += 1;
        for node in nodes {
            self.spend(scope, &node.span, 1)?;
            if self.nesting > MAX_NESTING {
                let failure = Failure::limit("exceeded maximum template depth");
                return self.fail(scope, &node.span, failure);
            }
            let flow = self.node(scope, dot, node)?;
            if flow != Flow::On {
                self.nesting -= 1;
                return Ok(flow);
            }
        }
        self.nesting -= 1;
        Ok(Flow::On)
    }

    fn node(&mut self, scope: &mut Scope<'t>, dot: &Value, node: &'t Node) -> Evaluated<Flow> {
        match &node.kind {
            NodeKind::Text => {
                let template = self.template;
                let text = template.text.get(node.span.clone()).unwrap_or_default();
                self.write(scope, &node.span, text)?;
            }
            NodeKind::Action(pipeline) => {
                let value = self.pipeline(scope, dot, pipeline)?;
                if pipeline.variables.is_empty() {
                    let text = match &value {
                        Value::Nothing => Ok("<no value>".to_owned()),
                        Value::String(text) => Ok(text.to_string()),
                        _ => format::print(&value),
                    };
                    let text = text.or_else(|failure| self.fail(scope, &node.span, failure))?;
                    self.write(scope, &node.span, &text)?;
                }
            }
            NodeKind::If(branch) => return self.branch(scope, dot, branch, false),
            NodeKind::With(branch) => return self.branch(scope, dot, branch, true),
            NodeKind::Range(branch) => return self.range(scope, dot, branch),
            NodeKind::Template { name, pipeline } => {
                let template = self.template;
                let Some((name, nodes)) = template.defined.get_key_value(name) else {
                    let message = format!("template {name:?} not defined");
                    return self.wrong(scope, &node.span, message);
                };
                let dot = match pipeline {
                    Some(pipeline) => self.pipeline(scope, dot, pipeline)?,
                    None => Value::Nothing,
                };
                let calls = self.calls.len();
                if self.nesting > WATCHED_NESTING {
                    // It sees nothing but that: where it comes back to itself, it does so for ever.
                    let call = (name.as_str(), format!("{dot:?}"));
                    if self.calls.contains(&call) {
                        let message = format!("exceeded maximum template depth ({GO_DEPTH})");
                        return self.wrong(scope, &node.span, message);
                    }
                    self.calls.push(call);
                }
                // A template sees none of the variables around its call.
                self.nodes(&mut Scope::new(name, &dot), &dot, nodes)?;
                self.calls.truncate(calls);
            }
            NodeKind::Break => return Ok(Flow::Break),
            NodeKind::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn branch(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        branch: &'t Branch,
        with: bool,
    ) -> Evaluated<Flow> {
        let mark = scope.variables.len();
        let value = self.pipeline(scope, dot, &branch.pipeline)?;
        let flow = if value.truth() {
            self.nodes(scope, if with { &value } else { dot }, &branch.body)?
        } else {
            self.nodes(scope, dot, &branch.otherwise)?
        };
        scope.variables.truncate(mark);
        Ok(flow)
    }

    /// `walkRange`. Maps are walked in the order of their keys.
    fn range(&mut self, scope: &mut Scope<'t>, dot: &Value, branch: &'t Branch) -> Evaluated<Flow> {
        let outer = scope.variables.len();
        let span = &branch.pipeline.span;
        let value = self.pipeline(scope, dot, &branch.pipeline)?;
        let mark = scope.variables.len();
        let pairs: Box<dyn Iterator<Item = (Value, Value)>> = match &value {
            Value::Int(..) if branch.pipeline.variables.len() > 1 => {
                let printed = format::print(&value).unwrap_or_default();
                let message = format!("can't use {printed} to iterate over more than one variable");
                return self.wrong(scope, span, message);
            }
            &Value::Int(kind, end) => {
                Box::new((0..end).map(move |at| (Value::Nothing, Value::Int(kind, at))))
            }
            Value::List(list) => Box::new((0..).map(Value::int).zip(list.items())),
            Value::Map(map) => {
                Box::new(map.entries().into_iter().map(|(key, value)| (Value::String(key), value)))
            }
            Value::Nothing | Value::Nil => Box::new(std::iter::empty()),
            _ => {
                let printed = match format::print(&value) {
                    Ok(printed) => printed,
                    Err(failure) => return self.fail(scope, span, failure),
                };
                return self.wrong(scope, span, format!("range can't iterate over {printed}"));
            }
        };
        let mut empty = true;
        for (key, item) in pairs {
            empty = false;
            self.spend(scope, span, 1)?;
            match branch.pipeline.variables.as_slice() {
                [] => {}
                [one] => self.set(scope, span, one, &item)?,
                [first, second, ..] => {
                    self.set(scope, span, first, &key)?;
                    self.set(scope, span, second, &item)?;
                }
            }
            let flow = self.nodes(scope, &item, &branch.body)?;
            scope.variables.truncate(mark);
            if flow == Flow::Break {
                break;
            }
        }
        let mut flow = Flow::On;
        if empty {
            flow = self.nodes(scope, dot, &branch.otherwise)?;
        }
        scope.variables.truncate(outer);
        // In `else`, `continue` is for the loop around, but Go stops a `break` here.
        Ok(if flow == Flow::Continue { flow } else { Flow::On })
    }

    fn set(
        &self,
        scope: &mut Scope<'t>,
        span: &Range<usize>,
        name: &str,
        value: &Value,
    ) -> Evaluated<()> {
        match scope.variable(name) {
            Some(variable) => *variable = value.clone(),
            None => return self.wrong(scope, span, format!("undefined variable: {name}")),
        }
        Ok(())
    }
}
