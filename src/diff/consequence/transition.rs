//! Rules of custom kinds that compare an object with what it was.

use super::{Consequence, Effect, Subject};
use crate::cel::{Outcome, Type};
use crate::diff::list::label;
use crate::diff::same::same;
use crate::diff::snapshot::Object;
use crate::load::manifest::is_open;
use crate::schema::{ListKind, Rule, Shape, Structural};
use crate::yaml::{Node, Value};

/// What the server refuses of a change because a rule of the kind, as it is afterwards, compares it with
/// what was there, if anything. Rules are evaluated where a value is in both states and differs; not those
/// of which a default, which the server would have filled in, could say otherwise.
///
/// Source: `validateExpressions` in `pkg/apiserver/schema/cel/validation.go` and `CorrelatedObject` in
/// `pkg/cel/common/values.go` of `k8s.io/apiextensions-apiserver` and `k8s.io/apiserver`.
pub(super) fn refused(
    subject: &Subject<'_, '_>,
    before: &Object,
    after: &Object,
) -> Option<Consequence> {
    let version = |object: &Object| object.node.get("apiVersion").cloned();
    let whole = subject.whole;
    let Shape::CustomObject(_, schema) = Shape::of(&after.node, whole.pack, whole.definitions)
    else {
        return None;
    };
    if !schema.has_rules() || is_open(&before.node) || is_open(&after.node) {
        return None;
    }
    // One in another version is converted first.
    version(before).zip(version(after)).filter(|(old, new)| same(old, new))?;
    let found = broken(schema, &schema.seen_as_object().ty, (&before.node, &after.node), "")?;
    let place = if found.path.is_empty() { "the object" } else { &found.path };
    let rule = found.rule.rule.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = found.rule.message.trim().trim_end_matches('.');
    let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
    let text = format!(
        "`{place}` breaks the rule `{rule}` of its kind{said}: the API server refuses it until the object is deleted"
    );
    Some(Consequence { effect: Effect::Refused, text })
}

/// A rule that a change breaks, and the way to the value that has it.
struct Broken<'s> {
    rule: &'s Rule,
    path: String,
}

/// The first rule of a value, or of what is in it, that a change breaks.
fn broken<'s>(
    schema: &'s Structural,
    ty: &Type,
    (before, after): (&Node, &Node),
    path: &str,
) -> Option<Broken<'s>> {
    let is_seen = !matches!(ty, Type::Hidden) && !before.is_null() && !after.is_null();
    if !schema.has_rules() || !is_seen || same(before, after) {
        return None;
    }
    let is_whole = || !lacks_default(schema, before) && !lacks_default(schema, after);
    let breaks = |rule: &&Rule| {
        let program = rule.program(ty).ok().filter(|program| program.reads_old_self());
        let outcome =
            program.map(|program| program.evaluate(&[("self", after), ("oldSelf", before)]));
        !rule.optional_old_self && matches!(outcome, Some(Ok(Outcome::Bool(false)))) && is_whole()
    };
    if let Some(rule) = schema.rules.iter().find(breaks) {
        return Some(Broken { rule, path: path.to_owned() });
    }
    match (&before.value, &after.value) {
        (Value::Map(old), Value::Map(new)) => old.iter().find_map(|(key, before)| {
            let name = &*key.name;
            let (known, after) = (schema.field(name)?, new.get(name)?);
            let dot = if path.is_empty() { "" } else { "." };
            broken(known, &known.seen().ty, (before, after), &format!("{path}{dot}{name}"))
        }),
        (Value::Seq(old), Value::Seq(new)) => {
            // Only items with keys are the same ones as before.
            let (ListKind::Map(keys), Some(items)) = (&schema.list, &schema.items) else {
                return None;
            };
            let label = |item: &Node| label(item, keys, Shape::Custom(items));
            old.iter().find_map(|before| {
                let name = label(before).filter(|name| !name.is_empty())?;
                let after = new.iter().find(|item| label(item).as_ref() == Some(&name))?;
                broken(items, &items.seen().ty, (before, after), &format!("{path}[{name}]"))
            })
        }
        _ => None,
    }
}

/// Whether the server would fill in something of a value.
fn lacks_default(schema: &Structural, node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => {
            schema.properties.iter().any(|(name, known)| {
                let stated = map.get(name).filter(|node| !node.is_null());
                stated.is_none() && known.default.is_some()
            }) || map.iter().any(|(key, node)| {
                schema.field(&key.name).is_some_and(|known| lacks_default(known, node))
            })
        }
        Value::Seq(items) => {
            let known = schema.items.as_deref();
            known.is_some_and(|known| items.iter().any(|item| lacks_default(known, item)))
        }
        _ => false,
    }
}
