//! The part of jq that is run here, from the terms of the parser: paths, conditions, and the functions
//! that conditions are made of. Functions that gojq itself defines in jq stand in `definitions.jq`.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::{Opt, Part};
use serde_json::Value as Json;

use super::with_term;
use crate::cel::regexp::Pattern;

/// What is known before an expression defines something.
const DEFINITIONS: &str = include_str!("definitions.jq");

/// How large an expression may become, with each function in place of its call.
const MAX_SIZE: usize = 2000;

#[derive(Debug, Clone)]
pub(super) enum Code {
    Input,
    Recurse,
    Empty,
    Constant(Json),
    List(Box<Code>),
    Pipe(Box<Code>, Box<Code>),
    Comma(Box<Code>, Box<Code>),
    Alternative(Box<Code>, Box<Code>),
    And(Box<Code>, Box<Code>),
    Or(Box<Code>, Box<Code>),
    Compare(Box<Code>, Cmp, Box<Code>),
    If(Box<Code>, Box<Code>, Box<Code>),
    Try(Box<Code>),
    /// A part, which may fail without harm, of what comes before it; its numbers and names are those of
    /// the input.
    Part(Box<Code>, Box<Part<Code>>, bool),
    IsEmpty(Box<Code>),
    First(Box<Code>),
    GetPath(Box<Code>),
    /// A function of its input.
    Of(Function),
    /// A function of its input and of this.
    With(Relation, Box<Code>),
    Test(std::sync::Arc<Pattern>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    Type,
    Length,
    Keys,
    Entries,
    Lower,
    Upper,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    StartsWith,
    EndsWith,
    Contains,
    Has,
}

/// A function, as it is known where an expression calls it.
#[derive(Clone)]
struct Known<'t> {
    name: &'t str,
    means: Means<'t>,
}

#[derive(Clone)]
enum Means<'t> {
    /// An argument of the function around it.
    Code(Code),
    /// A definition, which sees the first so many of what is known.
    Defined(&'t Def<&'t str>, usize),
}

/// Reads an expression; nothing where it says more than is run here.
pub(super) fn read(text: &str) -> Option<Code> {
    // What comes before the expression is read with it, for one parser cannot hand on to another.
    let all = DEFINITIONS.trim_end().strip_suffix('.')?.to_owned() + "(" + text + "\n)";
    with_term(&all, |term| Reader { size: 0 }.code(term, &[]))?
}

struct Reader {
    size: usize,
}

impl Reader {
    fn code<'t>(&mut self, term: &'t Term<&'t str>, known: &[Known<'t>]) -> Option<Code> {
        self.size += 1;
        if self.size > MAX_SIZE {
            return None;
        }
        let mut code = |term| self.code(term, known).map(Box::new);
        Some(match term {
            Term::Id => Code::Input,
            Term::Recurse => Code::Recurse,
            Term::Num(text) => Code::Constant(number(text)?),
            Term::Neg(inner) => match &**inner {
                Term::Num(text) => Code::Constant(number(&format!("-{text}"))?),
                _ => return None,
            },
            Term::Str(None, parts) => Code::Constant(Json::String(string(parts)?)),
            Term::Arr(inner) => Code::List(match inner {
                Some(inner) => code(inner)?,
                None => Box::new(Code::Empty),
            }),
            Term::BinOp(left, operator, right) => {
                let (left, right) = (code(left)?, code(right)?);
                match operator {
                    BinaryOp::Pipe(None) => Code::Pipe(left, right),
                    BinaryOp::Comma => Code::Comma(left, right),
                    BinaryOp::Alt => Code::Alternative(left, right),
                    BinaryOp::And => Code::And(left, right),
                    BinaryOp::Or => Code::Or(left, right),
                    BinaryOp::Cmp(operator) => Code::Compare(left, *operator, right),
                    _ => return None,
                }
            }
            Term::TryCatch(tried, None) => Code::Try(code(tried)?),
            Term::IfThenElse(cases, otherwise) => {
                let otherwise = match otherwise {
                    Some(term) => code(term)?,
                    None => Box::new(Code::Input),
                };
                let mut all = otherwise;
                for (condition, then) in cases.iter().rev() {
                    all = Box::new(Code::If(code(condition)?, code(then)?, all));
                }
                *all
            }
            Term::Def(definitions, rest) => {
                let mut known = known.to_vec();
                for one in definitions {
                    let means = Means::Defined(one, known.len());
                    known.push(Known { name: one.name, means });
                }
                return self.code(rest, &known);
            }
            Term::Call(name, arguments) => return self.call(name, arguments, known),
            Term::Path(start, path) => {
                let mut all = code(start)?;
                for (part, optional) in &path.0 {
                    let part = match part {
                        Part::Index(index) => Part::Index(*code(index)?),
                        Part::Range(from, to) => {
                            let mut end = |it: &'t Option<Term<&'t str>>| match it {
                                Some(term) => code(term).map(|it| Some(*it)),
                                None => Some(None),
                            };
                            Part::Range(end(from)?, end(to)?)
                        }
                    };
                    all = Box::new(Code::Part(
                        all,
                        Box::new(part),
                        matches!(optional, Opt::Optional),
                    ));
                }
                *all
            }
            _ => return None,
        })
    }

    fn call<'t>(
        &mut self,
        name: &'t str,
        arguments: &'t [Term<&'t str>],
        known: &[Known<'t>],
    ) -> Option<Code> {
        let is_it = |it: &&Known<'t>| {
            let count = match it.means {
                Means::Code(_) => 0,
                Means::Defined(definition, _) => definition.args.len(),
            };
            it.name == name && count == arguments.len()
        };
        let found = known.iter().rev().find(is_it).map(|it| it.means.clone());
        let mut given = Vec::new();
        if let (None, "test", [pattern, flags @ ..]) = (&found, name, arguments) {
            return test(pattern, flags);
        }
        for argument in arguments {
            given.push(self.code(argument, known)?);
        }
        let (definition, seen) = match found {
            Some(Means::Code(code)) => return Some(code),
            Some(Means::Defined(definition, seen)) => (definition, seen),
            None => return builtin(name, given),
        };
        let mut inner = known.get(..seen)?.to_vec();
        for (argument, code) in definition.args.iter().zip(given) {
            // A variable, which has one value after the other.
            if argument.starts_with('$') {
                return None;
            }
            inner.push(Known { name: argument, means: Means::Code(code) });
        }
        self.code(&definition.body, &inner)
    }
}

fn builtin(name: &str, given: Vec<Code>) -> Option<Code> {
    let mut given = given.into_iter().map(Box::new);
    let code = match (name, given.next()) {
        ("null", None) => Code::Constant(Json::Null),
        ("true", None) => Code::Constant(Json::Bool(true)),
        ("false", None) => Code::Constant(Json::Bool(false)),
        ("empty", None) => Code::Empty,
        ("type", None) => Code::Of(Function::Type),
        ("length", None) => Code::Of(Function::Length),
        ("keys", None) => Code::Of(Function::Keys),
        ("to_entries", None) => Code::Of(Function::Entries),
        ("ascii_downcase", None) => Code::Of(Function::Lower),
        ("ascii_upcase", None) => Code::Of(Function::Upper),
        ("isempty", Some(of)) => Code::IsEmpty(of),
        ("first", Some(of)) => Code::First(of),
        ("getpath", Some(path)) => Code::GetPath(path),
        ("startswith", Some(with)) => Code::With(Relation::StartsWith, with),
        ("endswith", Some(with)) => Code::With(Relation::EndsWith, with),
        ("contains", Some(with)) => Code::With(Relation::Contains, with),
        ("has", Some(with)) => Code::With(Relation::Has, with),
        _ => return None,
    };
    given.next().is_none().then_some(code)
}

/// `test` with a pattern that is written down.
fn test(pattern: &Term<&str>, flags: &[Term<&str>]) -> Option<Code> {
    let text = |term: &Term<&str>| match term {
        Term::Str(None, parts) => string(parts),
        _ => None,
    };
    let flags = match flags {
        [] => String::new(),
        [flags] => text(flags)?,
        _ => return None,
    };
    let beginning = match flags.as_str() {
        "" | "g" => "",
        "i" | "gi" | "ig" => "(?i)",
        _ => return None,
    };
    let pattern = Pattern::new(&format!("{beginning}{}", text(pattern)?)).ok()?;
    Some(Code::Test(std::sync::Arc::new(pattern)))
}

/// A text with nothing put into it.
fn string(parts: &[StrPart<&str, Term<&str>>]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(one) => text.push(*one),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

fn number(text: &str) -> Option<Json> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| number.into())
}
