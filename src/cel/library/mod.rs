//! The functions, by name and by how many values they are called with.

mod address;
mod convert;
mod format;
mod lists;
mod named;
mod operators;
mod optional;
mod quantity;
pub(crate) mod semver;
mod text;
mod time;
pub(crate) mod url;

pub(crate) use lists::{at_index, sorted_by, sum_of};

use super::code::{Code, Search};
use super::evaluate::{constant, search};
use super::program::CompileError;
use super::regexp::Pattern;
use super::value::{Evaluated, Failure, Value};

/// A function; the value that it is called on comes first.
pub(crate) type Function = for<'a> fn(&[Value<'a>]) -> Evaluated<'a>;

/// The function of a name; nothing where this implementation has none.
pub(crate) fn function(name: &str, arguments: usize) -> Option<Function> {
    let libraries = [
        operators::function,
        text::function,
        lists::function,
        convert::function,
        optional::function,
        time::function,
        quantity::function,
        address::function,
        url::function,
        semver::function,
        named::function,
    ];
    if let Some(run) = searching(name) {
        return Some(run);
    }
    if (name, arguments) == ("format", 2) {
        return Some(format::format);
    }
    libraries.iter().find_map(|library| library(name, arguments))
}

/// Searches whose regular expression is not known beforehand.
fn searching(name: &str) -> Option<Function> {
    fn run<'a>(arguments: &[Value<'a>], kind: Search) -> Evaluated<'a> {
        let Some(Value::String(pattern)) = arguments.get(1) else {
            return Err(Failure::overload());
        };
        let pattern = Pattern::new(pattern).map_err(|wrong| {
            Failure::error(format!("the regular expression `{}` {wrong}", &**pattern))
        })?;
        search(&pattern, kind, arguments)
    }
    match name {
        "matches" => Some(|arguments| run(arguments, Search::Matches)),
        "find" => Some(|arguments| run(arguments, Search::Find)),
        "findAll" => Some(|arguments| run(arguments, Search::FindAll)),
        _ => None,
    }
}

/// The server converts literals while it compiles, and refuses an expression where one fails.
pub(crate) fn check_literal(
    name: &str,
    run: Function,
    arguments: &[Code],
) -> Result<(), CompileError> {
    let converts = matches!(
        name,
        "bool" | "bytes" | "double" | "duration" | "int" | "string" | "timestamp" | "uint"
    );
    let [argument] = arguments else { return Ok(()) };
    let Some(value) = constant(argument).filter(|_| converts) else { return Ok(()) };
    match run(&[value]) {
        Err(Failure::Error(message)) => Err(CompileError::refused(message)),
        _ => Ok(()),
    }
}
