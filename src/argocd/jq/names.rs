//! Names that an expression uses, of which gojq must know each: `compileFunc` in its `compiler.go`.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::Part;

use super::Refused;

/// The functions of gojq with the numbers of their arguments.
const FUNCTIONS: &str = include_str!("functions.txt");

/// Words of the language that look like functions.
const WORDS: [&str; 3] = ["false", "null", "true"];

/// Variables that are always there.
const VARIABLES: [&str; 1] = ["$ENV"];

/// The first name that nothing has.
pub(super) fn unknown(term: &Term<&str>) -> Option<Refused> {
    let mut terms = Vec::new();
    all(term, &mut terms);
    let (mut functions, mut names) = (Vec::new(), VARIABLES.to_vec());
    for term in &terms {
        match term {
            Term::Def(definitions, _) => {
                for one in definitions {
                    functions.push((one.name, one.args.len()));
                    functions.extend(one.args.iter().map(|it| (it.trim_start_matches('$'), 0)));
                    names.extend(one.args.iter().filter(|it| it.starts_with('$')));
                }
            }
            Term::BinOp(_, BinaryOp::Pipe(Some(pattern)), _) | Term::Fold(_, _, pattern, _) => {
                bound(pattern, &mut names);
            }
            Term::Label(name, _) => names.push(name),
            _ => {}
        }
    }
    terms.into_iter().find_map(|term| match term {
        // A format, which is looked up when it is needed.
        Term::Call(name, _) if name.starts_with('@') => None,
        Term::Call(name, arguments) => {
            let count = arguments.len();
            let is_known = (count == 0 && WORDS.contains(name))
                || functions.contains(&(name, count))
                || FUNCTIONS.split_whitespace().any(|it| *it == format!("{name}/{count}"));
            (!is_known).then(|| Refused::Function((*name).to_owned()))
        }
        Term::Var(name) | Term::Break(name) => {
            (!names.contains(name)).then(|| Refused::Name((*name).to_owned()))
        }
        _ => None,
    })
}

/// The variables of a pattern.
fn bound<'s>(pattern: &Pattern<&'s str>, names: &mut Vec<&'s str>) {
    match pattern {
        Pattern::Var(name) => names.push(name),
        Pattern::Arr(items) => items.iter().for_each(|item| bound(item, names)),
        Pattern::Obj(entries) => entries.iter().for_each(|(key, value)| {
            if let Term::Var(name) = key {
                names.push(name);
            }
            bound(value, names);
        }),
    }
}

/// A term and all within it, in the order in which they are written.
fn all<'t, 's>(term: &'t Term<&'s str>, found: &mut Vec<&'t Term<&'s str>>) {
    found.push(term);
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => {}
        Term::Str(_, parts) => parts.iter().for_each(|part| {
            if let StrPart::Term(term) = part {
                all(term, found);
            }
        }),
        Term::Arr(inner) => inner.iter().for_each(|term| all(term, found)),
        Term::Obj(entries) => entries.iter().for_each(|(key, value)| {
            all(key, found);
            value.iter().for_each(|value| all(value, found));
        }),
        Term::Neg(inner) | Term::Label(_, inner) => all(inner, found),
        Term::BinOp(left, operator, right) => {
            all(left, found);
            if let BinaryOp::Pipe(Some(pattern)) = operator {
                keys(pattern, found);
            }
            all(right, found);
        }
        Term::Fold(_, over, pattern, steps) => {
            all(over, found);
            keys(pattern, found);
            steps.iter().for_each(|term| all(term, found));
        }
        Term::TryCatch(tried, caught) => {
            all(tried, found);
            caught.iter().for_each(|term| all(term, found));
        }
        Term::IfThenElse(cases, otherwise) => {
            for (condition, then) in cases {
                all(condition, found);
                all(then, found);
            }
            otherwise.iter().for_each(|term| all(term, found));
        }
        Term::Def(definitions, rest) => {
            definitions.iter().for_each(|one| all(&one.body, found));
            all(rest, found);
        }
        Term::Call(_, arguments) => arguments.iter().for_each(|term| all(term, found)),
        Term::Path(start, path) => {
            all(start, found);
            for (part, _) in &path.0 {
                match part {
                    Part::Index(index) => all(index, found),
                    Part::Range(from, to) => {
                        from.iter().chain(to).for_each(|term| all(term, found));
                    }
                }
            }
        }
    }
}

/// The keys in a pattern.
fn keys<'t, 's>(pattern: &'t Pattern<&'s str>, found: &mut Vec<&'t Term<&'s str>>) {
    match pattern {
        Pattern::Var(_) => {}
        Pattern::Arr(items) => items.iter().for_each(|item| keys(item, found)),
        Pattern::Obj(entries) => entries.iter().for_each(|(key, value)| {
            all(key, found);
            keys(value, found);
        }),
    }
}
