//! The expressions of schemas (`x-kubernetes-validations`): what
//! `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation` refuses of them. What they
//! cost is not judged.

use crate::cel::{Program, Returns, Type, Variables};
use crate::check::object::crd::structure::flag;
use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;
use crate::schema::Structural;
use crate::yaml::{self, Node};

const RULE: &str = "schema-rule-invalid";
const EMBEDDED: &str = "x-kubernetes-embedded-resource";

/// The rules of a schema at the root, which is otherwise without fault.
pub(crate) fn check(schema: &Field<'_>, faults: &mut Faults) {
    below(schema, true, None, faults);
}

/// The rules of a schema and of those in it; `apart` is the schema below which old values are not
/// known from new ones.
fn below(schema: &Field<'_>, is_root: bool, apart: Option<&str>, faults: &mut Faults) {
    rules(schema, is_root, apart, faults);
    let here = schema.to_string();
    if let Some(properties) = schema.get("properties") {
        let granular = matches!(schema.text("x-kubernetes-map-type"), "" | "granular");
        let apart = if granular { apart } else { Some(&*here) };
        for (name, property) in properties.entries() {
            // The metadata of an object has a type of its own; other names no expression writes.
            let is_seen = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
            let digit = name.starts_with(|first: char| first.is_ascii_digit());
            if name.chars().all(is_seen) && !digit && !(is_root && name == "metadata") {
                below(&property, false, apart, faults);
            }
        }
    }
    if let Some(items) = schema.get("items") {
        let by_key = schema.text("x-kubernetes-list-type") == "map";
        below(&items, false, if by_key { apart } else { Some(&here) }, faults);
    }
    if let Some(values) = schema.get("additionalProperties") {
        below(&values, false, apart, faults);
    }
}

fn rules(schema: &Field<'_>, is_root: bool, apart: Option<&str>, faults: &mut Faults) {
    let Some(rules) = schema.get("x-kubernetes-validations") else { return };
    let ty = type_of(schema.node, is_root || flag(schema.node, EMBEDDED));
    if matches!(ty, Type::Hidden) {
        return;
    }
    for rule in rules.items() {
        let optional = flag(rule.node, "optionalOldSelf");
        let variables = Variables::rule(&ty, optional);
        let Some(field) = rule.get("rule") else { continue };
        let mut reads_old = None;
        match Program::compile(rule.text("rule"), &variables, Returns::Bool) {
            Ok(program) => reads_old = Some(program.reads_old_self()),
            Err(error) if error.refused => {
                faults.at(RULE, Reason::Invalid, &field, format!("`{field}`: {error}"));
                // The server looks no further in such a rule.
                continue;
            }
            Err(_) => {}
        }
        if let Some(apart) = apart.filter(|_| reads_old == Some(true)) {
            let message = format!("`oldSelf` cannot be told below `{apart}`");
            faults
                .at(RULE, Reason::Invalid, &field, message)
                .help("only the items of lists of the type `map` are known from their old ones");
        }
        if let Some(field) = rule.get("optionalOldSelf").filter(|_| reads_old == Some(false)) {
            let message = "`optionalOldSelf` is for rules that read `oldSelf`";
            faults.at(RULE, Reason::Invalid, &field, message).help("leave it out");
        }
        let Some(field) = rule.get("messageExpression") else { continue };
        let text = rule.text("messageExpression");
        if !text.is_empty()
            && let Err(error) = Program::compile(text, &variables, Returns::Text)
            && error.refused
        {
            faults.at(RULE, Reason::Invalid, &field, format!("`{field}`: {error}"));
        }
    }
}

/// What expressions see of a schema.
fn type_of(schema: &Node, is_object: bool) -> Type {
    let schema = Structural::read(&yaml::to_json(schema));
    if is_object { schema.seen_as_object().ty } else { schema.seen().ty.clone() }
}
