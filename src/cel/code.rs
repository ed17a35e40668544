//! What expressions are compiled to.

use std::sync::Arc;

use super::library::Function;
use super::regexp::Pattern;

/// An expression that is ready to be evaluated.
#[derive(Debug)]
pub(crate) enum Code {
    Literal(Literal),
    /// A variable of the program, by its number.
    Variable(usize),
    /// A variable of a loop around, by its depth.
    Local(usize),
    /// A type as a value.
    TypeName(&'static str),
    Select(Box<Select>),
    /// `has(operand.field)`
    Has(Box<Select>),
    /// `operand[index]`, or `operand[?index]`.
    Index {
        operand: Box<Code>,
        index: Box<Code>,
        optional: bool,
    },
    And(Box<(Code, Code)>),
    Or(Box<(Code, Code)>),
    Choice(Box<(Code, Code, Code)>),
    Call {
        run: Function,
        arguments: Vec<Code>,
    },
    /// A regular expression that is known beforehand.
    Search {
        pattern: Arc<Pattern>,
        search: Search,
        arguments: Vec<Code>,
    },
    /// Elements, each with whether it is left out where it is an empty optional.
    List(Vec<(Code, bool)>),
    Map(Vec<(Code, Code, bool)>),
    Loop(Box<Loop>),
    /// `optional.optMap(name, body)`; with `flat` the body is optional itself.
    OptMap {
        target: Box<Code>,
        body: Box<Code>,
        flat: bool,
    },
    /// `list.sortBy(name, key)`
    SortBy {
        list: Box<Code>,
        key: Box<Code>,
    },
    /// What this implementation does not evaluate.
    Unsupported(Box<str>),
}

#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
}

#[derive(Debug)]
pub(crate) struct Select {
    pub(crate) operand: Code,
    /// The field as the expression writes it.
    pub(crate) field: Box<str>,
    pub(crate) optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    Matches,
    Find,
    FindAll,
}

/// A macro that goes through a list or a map.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) kind: LoopKind,
    pub(crate) range: Code,
    /// Whether each turn has two variables: index or key, and value.
    pub(crate) two: bool,
    pub(crate) filter: Option<Code>,
    pub(crate) body: Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    /// A list of what the body gives.
    List,
    /// A map of what the body gives, under the same keys.
    Map,
    /// A map of the entries that the body gives.
    MapEntry,
}
