//! minijinja's errors as findings.

use std::cell::RefCell;

use minijinja::value::Value as JinjaValue;
use minijinja::{Error, ErrorKind};

use super::Scope;
use super::tracked::Tracked;
use crate::diagnostic::{Finding, suggest};
use crate::source::{FileId, Sources, Span};

thread_local! {
    /// Findings of a broken fragment, kept while minijinja's own error travels up to the template
    /// that asked for it.
    static KEPT: RefCell<Vec<Finding>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a fragment's findings for the template that asked for it.
pub(super) fn keep(findings: Vec<Finding>) {
    KEPT.with_borrow_mut(|kept| kept.extend(findings));
}

/// Forgets what was kept, when the outermost template begins.
pub(super) fn forget_kept() {
    KEPT.with_borrow_mut(Vec::clear);
}

/// A template that does not compile.
pub(super) fn compile(sources: &Sources, file: FileId, error: &Error) -> Finding {
    Finding::error("template-syntax", message(error)).at(place(sources, file, error), "")
}

/// What was kept since.
pub(super) fn take_kept() -> Vec<Finding> {
    KEPT.with_borrow_mut(std::mem::take)
}

/// A template that does not render. `reached` is how far it came.
pub(super) fn render(
    scope: &Scope,
    reached: Span,
    error: &Error,
    context: &JinjaValue,
) -> Vec<Finding> {
    let deepest = deepest(error);
    let named = deepest.name().and_then(|name| scope.engine().names.get(name)).copied();
    let span = match deepest.line() {
        Some(_) => place(&scope.sources, named.unwrap_or(reached.file), deepest),
        None => reached,
    };
    let kept = take_kept();
    if kept.is_empty() {
        return vec![own(scope, span, deepest, context)];
    }
    // A fragment that calls itself asks at the same place each time, and a file that cannot be read
    // has been told of already.
    let known = |finding: &Finding| {
        finding.labels.iter().any(|label| label.span == span)
            || scope.engine().unreadable.values().any(|known| known == finding)
    };
    let asked = |finding: Finding| match known(&finding) {
        true => finding,
        false => finding.at(span, "asked for here"),
    };
    kept.into_iter().map(asked).collect()
}

/// What went wrong in the template itself.
fn own(scope: &Scope, span: Span, deepest: &Error, context: &JinjaValue) -> Finding {
    match deepest.kind() {
        ErrorKind::OutOfFuel => {
            let finding = Finding::error("template-endless", "this template does not end")
                .at(span, "stopped here")
                .help("bound the loop, or raise `limits.fuel` in gitopsc.yaml");
            match deepest.detail() {
                Some(detail) => finding.note(detail),
                None => finding,
            }
        }
        ErrorKind::WriteFailure => {
            Finding::error("template-too-large", "this template writes too much")
                .at(span, "stopped in here")
                .help("split the template, or raise `limits.output` in gitopsc.yaml")
        }
        ErrorKind::UndefinedError => undefined(scope, span, deepest, context),
        _ => Finding::error("template-error", message(deepest)).at(span, ""),
    }
}

/// The error that began it: includes and macros wrap what happened inside them.
fn deepest(error: &Error) -> &Error {
    let mut deepest = error;
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<Error>() {
            deepest = inner;
        }
        source = inner.source();
    }
    deepest
}

fn message(error: &Error) -> String {
    match error.detail() {
        Some(detail) if error.kind() == ErrorKind::InvalidOperation => detail.to_owned(),
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

fn place(sources: &Sources, file: FileId, error: &Error) -> Span {
    let text = &sources.get(file).text;
    if let Some(range) = error.range().filter(|range| range.end <= text.len()) {
        return Span::new(file, range);
    }
    let line = error.line().unwrap_or(1).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let length = text[start.min(text.len())..].lines().next().map_or(0, str::len);
    Span::new(file, start..start + length)
}

fn undefined(scope: &Scope, span: Span, error: &Error, context: &JinjaValue) -> Finding {
    let span = whole_path(&scope.sources, span);
    let expression = scope.sources.slice(span).trim();
    not_defined(expression, &message(error), context).at(span, "undefined")
}

/// An expression of which some name does not exist; `otherwise` is said where it is not found.
pub(super) fn not_defined(expression: &str, otherwise: &str, context: &JinjaValue) -> Finding {
    if let Some((path, name, known)) = missing(expression, context) {
        let whole = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let finding = Finding::error("value-undefined", format!("`{whole}` is not defined"));
        return match suggest(&name, known.iter().map(String::as_str)) {
            Some(help) => finding.help(help),
            None => finding,
        };
    }
    let help = unknown_root(expression, context).unwrap_or_else(|| {
        "give it a default in the app's `values`, or test it with `is defined`".to_owned()
    });
    Finding::error("value-undefined", otherwise.to_owned()).help(help)
}

/// A span together with the names before it on its path: minijinja marks where a path breaks off.
fn whole_path(sources: &Sources, span: Span) -> Span {
    let text = &sources.get(span.file).text;
    let before = text.get(..span.range().start).unwrap_or("");
    let start = before.trim_end_matches(is_in_path).len();
    Span { start: u32::try_from(start).unwrap_or(span.start), ..span }
}

fn is_in_path(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// What exists, where an expression begins with a name that nothing has.
fn unknown_root(expression: &str, context: &JinjaValue) -> Option<String> {
    let name = expression.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    let exists = |root: &&str| context.get_attr(root).is_ok_and(|value| !value.is_undefined());
    let roots: Vec<&str> = super::ROOTS.iter().copied().filter(exists).collect();
    if name.is_empty() || roots.contains(&name) {
        return None;
    }
    suggest(name, roots)
}

/// The first name in a dotted path that does not exist, what stands before it, and the names
/// that exist there.
fn missing(expression: &str, context: &JinjaValue) -> Option<(String, String, Vec<String>)> {
    for path in expression.split(|c: char| !is_in_path(c)).filter(|path| !path.is_empty()) {
        let mut value = context.clone();
        let mut before: Vec<&str> = Vec::new();
        for name in path.split('.') {
            let next = value.get_attr(name).ok()?;
            if next.is_undefined() {
                if before.is_empty() && !super::ROOTS.contains(&name) {
                    // A local name, a function or a word of the language.
                    break;
                }
                let known = names_of(&value);
                return Some((before.join("."), name.to_owned(), known));
            }
            before.push(name);
            value = next;
        }
    }
    None
}

fn names_of(value: &JinjaValue) -> Vec<String> {
    match value.downcast_object_ref::<Tracked>() {
        Some(tracked) => tracked.keys(),
        None => value.try_iter().into_iter().flatten().map(|key| key.to_string()).collect(),
    }
}
