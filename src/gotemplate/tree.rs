//! A template as it was parsed: `text/template/parse/node.go`.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Something that writes: text or an action.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: NodeKind,
}

#[derive(Debug)]
pub(super) enum NodeKind {
    /// The text lies at the span.
    Text,
    Action(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        name: String,
        pipeline: Option<Pipeline>,
    },
    Break,
    Continue,
}

/// What `if`, `with` and `range` have.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands, each with the result of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) span: Range<usize>,
    /// The variables that take the result.
    pub(super) variables: Vec<String>,
    /// Whether the variables were there before: `=`, not `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// A function or a value with arguments.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) span: Range<usize>,
    pub(super) first: Operand,
    pub(super) arguments: Vec<Operand>,
}

#[derive(Debug)]
pub(super) struct Operand {
    pub(super) span: Range<usize>,
    pub(super) kind: OperandKind,
}

#[derive(Debug)]
pub(super) enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    Function(String),
    /// In parentheses.
    Pipeline(Pipeline),
    /// `(…).a.b`, `function.a.b`
    Chain(Box<Operand>, Vec<String>),
}

/// A number in all types that can represent it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub(super) int: Option<i64>,
    pub(super) uint: Option<u64>,
    pub(super) float: Option<f64>,
    /// Whether it is a float where no type is asked for.
    pub(super) looks_float: bool,
}

impl Operand {
    pub(super) fn text(&self) -> Option<Rc<str>> {
        match &self.kind {
            OperandKind::String(text) => Some((&**text).into()),
            _ => None,
        }
    }
}
