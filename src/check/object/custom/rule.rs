//! Rules in CEL (`x-kubernetes-validations`):
//! `pkg/apiserver/schema/cel/validation.go` of `k8s.io/apiextensions-apiserver`.

use std::collections::HashSet;

use crate::cel::{Failure, Outcome, Program, Type};
use crate::check::object::custom::children;
use crate::check::object::fault::{Fault, Faults, Reason};
use crate::model::{Field, prefixes};
use crate::schema::{Rule, Structural};
use crate::yaml::Value;

const ID: &str = "custom-rule-broken";

/// Evaluates the rules of an object and of what is in it. Not where another fault, in what a rule
/// sees, leaves too little to go by; the server then evaluates none at all (`hasBlockingErr` of
/// `pkg/registry/customresource/strategy.go`). What cannot be told is unknown.
pub(crate) fn check(
    schema: &Structural,
    object: &Field<'_>,
    faults: &mut Faults,
    unknown: &mut Vec<String>,
) {
    const BLOCKING: [Reason; 5] =
        [Reason::NotSupported, Reason::Required, Reason::TooLong, Reason::TooMany, Reason::Type];
    let blocks = |fault: &&Fault| fault.reason.is_some_and(|reason| BLOCKING.contains(&reason));
    let blocked = faults.found.iter().filter(blocks).flat_map(|fault| prefixes(&fault.path));
    let mut blocked: HashSet<String> = blocked.map(str::to_owned).collect();
    if !blocked.is_empty() {
        blocked.insert(String::new());
    }
    let mut rules = Rules { faults, unknown, blocked };
    rules.value(schema, &schema.seen_as_object().ty, object);
}

struct Rules<'f> {
    faults: &'f mut Faults,
    unknown: &'f mut Vec<String>,
    /// Places with such a fault in them.
    blocked: HashSet<String>,
}

impl Rules<'_> {
    fn value(&mut self, schema: &Structural, ty: &Type, field: &Field<'_>) {
        // What expressions do not see has no rules either, nor has a null.
        if !schema.has_rules() || field.node.is_null() || matches!(ty, Type::Hidden) {
            return;
        }
        let is_blocked = || !self.blocked.is_empty() && self.blocked.contains(&field.to_string());
        if !schema.rules.is_empty() && !is_blocked() {
            for rule in &schema.rules {
                self.rule(rule, ty, field);
            }
        }
        match &field.node.value {
            Value::Map(_) => {
                for (known, child) in children(schema, field) {
                    self.value(known, &known.seen().ty, &child);
                }
            }
            Value::Seq(_) => {
                if let Some(items) = &schema.items {
                    field.items().for_each(|item| self.value(items, &items.seen().ty, &item));
                }
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Rule, ty: &Type, field: &Field<'_>) {
        let program = match rule.program(ty) {
            Ok(program) => program,
            Err(error) => return self.unknown(rule, field, &error.message),
        };
        // An object that is new has no old self.
        if program.reads_old_self() && !rule.optional_old_self {
            return;
        }
        match program.evaluate(&[("self", field.node)]) {
            Ok(Outcome::Bool(true)) => {}
            Ok(_) => self.broken(rule, ty, field),
            Err(Failure::Error(error)) => {
                let message = format!("a rule of {} fails: {error}", place(field));
                let fault = self.faults.at(ID, Reason::Invalid, field, message);
                fault.help(format!("the rule is `{}`", shown(&rule.rule)));
            }
            Err(Failure::Unknown(reason)) => self.unknown(rule, field, &reason),
        }
    }

    fn unknown(&mut self, rule: &Rule, field: &Field<'_>, why: &str) {
        self.unknown.push(format!("{}: the rule `{}` {why}", place(field), shown(&rule.rule)));
    }

    fn broken(&mut self, rule: &Rule, ty: &Type, field: &Field<'_>) {
        let evaluated = rule.message_program(ty).ok().and_then(|program| message(program, field));
        let said = evaluated.unwrap_or_else(|| rule.message.trim().to_owned());
        let (message, help) = if said.is_empty() {
            (format!("{} breaks the rule `{}`", place(field), shown(&rule.rule)), None)
        } else {
            let help = format!("the rule is `{}`", shown(&rule.rule));
            (format!("{}: {}", place(field), said.trim_end_matches('.')), Some(help))
        };
        let reason = match &*rule.reason {
            "FieldValueForbidden" => Reason::Forbidden,
            "FieldValueRequired" => Reason::Required,
            "FieldValueDuplicate" => Reason::Duplicate,
            _ => Reason::Invalid,
        };
        let steps = steps(&rule.field_path);
        below(field, &steps, &mut |target, missing| {
            let fault = self.faults.at(ID, reason, target, message.clone());
            for name in missing {
                let dot = if fault.path.is_empty() { "" } else { "." };
                fault.path = format!("{}{dot}{name}", fault.path);
            }
            fault.help.clone_from(&help);
        });
    }
}

/// What a `messageExpression` gives: one line of text, or nothing.
fn message(program: &Program, field: &Field<'_>) -> Option<String> {
    match program.evaluate(&[("self", field.node)]) {
        Ok(Outcome::Text(text)) => {
            let text = text.trim();
            (!text.is_empty() && !text.contains('\n')).then(|| text.to_owned())
        }
        _ => None,
    }
}

fn place(field: &Field<'_>) -> String {
    match field.to_string() {
        path if path.is_empty() => "the object".to_owned(),
        path => format!("`{path}`"),
    }
}

/// A rule on one line, cut where it is long.
fn shown(rule: &str) -> String {
    const MOST: usize = 200;
    let line = rule.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The names in a path such as `.spec['a.b'].c`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        if first == '[' {
            let Some(end) = rest.find("']") else { break };
            steps.push(rest.get(2..end).unwrap_or_default().replace("\\'", "'"));
            rest = &rest[end + 2..];
        } else {
            let after = rest.strip_prefix('.').unwrap_or(rest);
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(after[..end].to_owned());
            rest = &after[end..];
        }
    }
    steps
}

/// Goes down as far as there is something; gives the place and the names that are not there.
fn below(field: &Field<'_>, steps: &[String], then: &mut impl FnMut(&Field<'_>, &[String])) {
    let child = steps.first().and_then(|step| field.get(step));
    match child {
        Some(child) => below(&child, &steps[1..], then),
        None => then(field, steps),
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn paths() {
        assert_eq!(steps(".spec.a"), ["spec", "a"]);
        assert_eq!(steps(".a['b.c'].d"), ["a", "b.c", "d"]);
        assert!(steps("").is_empty());
    }
}
