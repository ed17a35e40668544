//! Expressions of jq, as `jqPathExpressions` have them: whether Argo CD can use one, and what it takes
//! away from an object.
//!
//! Source: `NewIgnoreNormalizer` and `Normalize` in `util/argo/normalizers/diff_normalizer.go` of Argo CD,
//! which puts each into `del(…)`, and itchyny/gojq 0.12.19, which runs that.

mod code;
mod lexer;
mod names;
mod paths;
mod run;
mod value;

use jaq_core::load::parse::Term;
use jaq_core::load::{Lexer, Parser};

pub use paths::Expression;

/// What may lie within something else; where there is more of it, the expression is not read.
const NESTING: [&str; 12] =
    ["(", "[", "{", "|", "-", "try", "def", "if", "reduce", "foreach", "label", "as"];

/// How much of it.
const MAX_NESTING: usize = 100;

/// Why Argo CD cannot use an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is none.
    Syntax,
    /// It calls a function that is not there.
    Function(String),
    /// It names a variable or a label that is not there.
    Name(String),
}

/// Why Argo CD cannot use an expression; nothing where it can, or where that is not known.
#[must_use]
pub fn refused(expression: &str) -> Option<Refused> {
    if is_deep(expression) {
        return None;
    }
    let Some(words) = lexer::words(expression) else { return Some(Refused::Syntax) };
    match with_term(&format!("del({})", words.text), names::unknown) {
        Some(refused) => refused,
        None if words.is_open => None,
        None => Some(Refused::Syntax),
    }
}

fn is_deep(expression: &str) -> bool {
    NESTING.iter().map(|it| expression.matches(it).count()).sum::<usize>() > MAX_NESTING
}

/// Reads a text and hands over what it says; nothing where it cannot be read.
fn with_term<T>(text: &str, use_it: impl FnOnce(&Term<&str>) -> T) -> Option<T> {
    let tokens = Lexer::new(text).lex().ok()?;
    let term = Parser::new(&tokens).parse(|parser| parser.term()).ok()?;
    Some(use_it(&term))
}
