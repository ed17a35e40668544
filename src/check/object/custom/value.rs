//! A value against its schema, as `k8s.io/kube-openapi/pkg/validation/validate` validates it.
//!
//! Without the formats that definitions may not use and with the peculiarities that they may: a
//! list passes for text that has a format, a bound of `1.5` is `1` to a whole number.

use serde_json::Value as Json;

use crate::check::object::custom::format;
use crate::check::object::custom::number;
use crate::check::object::fault::{Fault, Faults, Reason};
use crate::check::object::value::or_list;
use crate::diagnostic::suggest;
use crate::model::Field;
use crate::schema::{Kind, Others, Structural};
use crate::yaml::{self, Node, Value};

const TYPE: &str = "field-type-mismatch";
const MISSING: &str = "field-required";
const CHOICE: &str = "value-unknown";
const VALUE: &str = "value-refused";

/// Validates values for a minor version of Kubernetes 1.
pub(crate) struct Validator {
    pub(crate) minor: u32,
    /// What could not be judged.
    pub(crate) unknown: Vec<String>,
}

impl Validator {
    /// What is wrong with a value.
    pub(crate) fn value(&mut self, schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
        if !self.is_of_type(schema, field.node) {
            return wrong_type(schema, field, faults);
        }
        choices(schema, field, faults);
        // Of a null, the server looks at nothing else.
        if field.node.is_null() {
            return;
        }
        self.combined(schema, field, faults);
        match &field.node.value {
            Value::String(text) => self.text(schema, text, field, faults),
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
                if let Some(wrong) = number::fault(schema, field.node, self.minor) {
                    refuse(field, format!("`{field}` {wrong}"), faults);
                }
            }
            Value::Seq(items) => {
                let limits = schema.limits.as_deref();
                let (most, least) = limits.map_or((None, None), |l| (l.max_items, l.min_items));
                size(field, items.len(), "item", (least, most), faults);
                if let Some(inner) = &schema.items {
                    field.items().for_each(|item| self.value(inner, &item, faults));
                }
            }
            Value::Map(_) => self.map(schema, field, faults),
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// `typeValidator` of `type.go`
    fn is_of_type(&self, schema: &Structural, node: &Node) -> bool {
        let wanted: &[Kind] = match (schema.int_or_string, &schema.kind) {
            (true, _) => &[Kind::Integer, Kind::String],
            (false, Some(kind)) => std::slice::from_ref(kind),
            (false, None) => &[],
        };
        let is_number = wanted.iter().any(|kind| matches!(kind, Kind::Integer | Kind::Number));
        let format = format::known(schema, self.minor);
        let is = match &node.value {
            Value::Null => return wanted.is_empty() || schema.nullable,
            // A format is all that is looked at in text, and passes lists.
            Value::String(_) | Value::Seq(_) if format.is_some() && !is_number => return true,
            Value::String(_) => Kind::String,
            Value::Seq(_) => Kind::Array,
            Value::Map(_) => Kind::Object,
            Value::Bool(_) => Kind::Boolean,
            Value::Int(_) => Kind::Integer,
            Value::UInt(_) | Value::Float(_) => Kind::Number,
        };
        let fits = |kind: &Kind| {
            *kind == is
                || (*kind == Kind::Number && is == Kind::Integer)
                || (*kind == Kind::Integer && number::is_whole(node))
        };
        (wanted.is_empty() && format.is_none()) || wanted.iter().any(fits)
    }

    /// `stringValidator` of `validator.go`, then `formatValidator` of `formats.go`.
    fn text(&mut self, schema: &Structural, text: &str, field: &Field<'_>, faults: &mut Faults) {
        let limits = schema.limits.as_deref();
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        if let Some(most) = limits.and_then(|l| l.max_length).filter(|most| length > *most) {
            let message = format!("`{field}` has {length} characters, more than {most}");
            faults.at(VALUE, Reason::TooLong, field, message);
        } else if let Some(least) =
            limits.and_then(|l| l.min_length).filter(|least| length < *least)
        {
            let message = match text {
                "" => format!("`{field}` may not be empty"),
                _ => format!("`{field}` has {length} characters, fewer than {least}"),
            };
            refuse(field, message, faults);
        } else if let Some(pattern) = &schema.pattern {
            match pattern.is_match(text) {
                Some(true) => {}
                Some(false) => {
                    let message = format!("`{field}` may not be `{text}`");
                    refuse(field, message, faults);
                    last(faults).help(format!("write what matches `{}`", pattern.as_str()));
                }
                None => {
                    let pattern = pattern.as_str();
                    self.unknown.push(format!("{field}: the pattern `{pattern}` cannot be read"));
                }
            }
        }
        if let Some(format) = format::known(schema, self.minor)
            && !format::is(format, text)
        {
            let message =
                format!("`{field}` may not be `{text}`: its format is `{}`", schema.format);
            refuse(field, message, faults);
            last(faults).reason = Some(Reason::Type);
        }
    }

    /// `objectValidator` of `object_validator.go`
    fn map(&mut self, schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
        let count = field.node.as_map().map_or(0, yaml::Map::len);
        let limits = schema.limits.as_deref();
        let bounds = limits.map_or((None, None), |l| (l.min_properties, l.max_properties));
        size(field, count, "field", bounds, faults);
        for name in &schema.required {
            if field.node.as_map().is_none_or(|map| !map.contains_key(name)) {
                let message = match field.to_string() {
                    path if path.is_empty() => format!("`{name}` is missing"),
                    path => format!("`{path}` needs `{name}`"),
                };
                faults.missing(MISSING, field, name, message);
            }
        }
        for (name, child) in field.fields() {
            let known = schema.properties.get(name).or(match &schema.others {
                Others::Any(Some(others)) => Some(others),
                _ => None,
            });
            if let Some(known) = known {
                self.value(known, &child, faults);
            }
        }
    }

    /// `schemaPropsValidator` of `schema_props.go`
    fn combined(&mut self, schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
        for part in &schema.all_of {
            self.value(part, field, faults);
        }
        let before = self.unknown.len();
        let mut results = |parts: &[std::sync::Arc<Structural>]| -> Vec<Vec<Fault>> {
            let faults_of = |part: &std::sync::Arc<Structural>| {
                let mut inner = Faults::new(self.minor);
                self.value(part, field, &mut inner);
                inner.found
            };
            parts.iter().map(faults_of).collect()
        };
        let any = results(&schema.any_of);
        let one = results(&schema.one_of);
        let not = schema.not.as_ref().map(|not| results(std::slice::from_ref(not)));
        // What could not be judged may be the one thing that counts.
        if self.unknown.len() > before {
            return;
        }
        let place = match field.to_string() {
            path if path.is_empty() => "the object".to_owned(),
            path => format!("`{path}`"),
        };
        if !any.is_empty() && any.iter().all(|found| !found.is_empty()) {
            refuse(field, format!("{place} fits none of the forms that it may have"), faults);
            last(faults).help = nearest(&any);
        }
        let fitting = one.iter().filter(|found| found.is_empty()).count();
        if !one.is_empty() && fitting == 0 {
            refuse(field, format!("{place} fits none of the forms that it may have"), faults);
            last(faults).help = nearest(&one);
        } else if fitting > 1 {
            let message = format!("{place} fits {fitting} of the forms of which it may have one");
            refuse(field, message, faults);
            last(faults).help = excluded(&schema.one_of, field);
        }
        if not.is_some_and(|found| found.iter().all(Vec::is_empty)) {
            refuse(field, format!("{place} has a form that it may not have"), faults);
            let fields = schema.not.as_ref().map(|not| names(&not.required)).unwrap_or_default();
            if !fields.is_empty() {
                last(faults).help(format!("it may not have {fields}"));
            }
        }
    }
}

fn refuse(field: &Field<'_>, message: String, faults: &mut Faults) {
    faults.at(VALUE, Reason::Invalid, field, message);
}

/// The fault that was found last.
fn last(faults: &mut Faults) -> &mut Fault {
    let last = faults.found.len() - 1;
    &mut faults.found[last]
}

fn names(names: &[Box<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

/// What is missing to the form that is nearest.
fn nearest(forms: &[Vec<Fault>]) -> Option<String> {
    let messages = |form: &Vec<Fault>| -> Vec<String> {
        form.iter().map(|fault| fault.message.clone()).collect()
    };
    // Where each form lacks one thing, none is nearer than another.
    let mut each: Vec<String> = Vec::new();
    for form in forms {
        let said = messages(form).join(", ");
        if !each.contains(&said) {
            each.push(said);
        }
    }
    match each.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several if several.len() <= 3 => Some(several.join("; or: ")),
        several => several.iter().min_by_key(|text| text.len()).cloned(),
    }
}

/// Which of the fields that exclude each other are there.
fn excluded(forms: &[std::sync::Arc<Structural>], field: &Field<'_>) -> Option<String> {
    let map = field.node.as_map()?;
    let there = |form: &std::sync::Arc<Structural>| {
        let all = !form.required.is_empty() && form.required.iter().all(|n| map.contains_key(n));
        all.then(|| names(&form.required))
    };
    let there: Vec<String> = forms.iter().filter_map(there).collect();
    (there.len() > 1).then(|| format!("keep one of {}", there.join(", ")))
}

fn wrong_type(schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
    let wanted = match schema.kind {
        _ if schema.int_or_string => "a whole number or text",
        Some(Kind::Object) => "a map",
        Some(Kind::Array) => "a list",
        Some(Kind::String) => "text",
        Some(Kind::Integer) => "a whole number",
        Some(Kind::Number) => "a number",
        Some(Kind::Boolean) => "`true` or `false`",
        None => "text of a format",
    };
    let is = field.node.type_name();
    let fault =
        faults.at(TYPE, Reason::Type, field, format!("`{field}` must be {wanted}, not {is}"));
    let is_scalar = !matches!(field.node.value, Value::Map(_) | Value::Seq(_) | Value::Null);
    if wanted == "text" && is_scalar {
        fault.help("write it in quotes");
    }
}

/// `basicCommonValidator` of `validator.go`: a null is none of the values of `enum`, even where it
/// is there.
fn choices(schema: &Structural, field: &Field<'_>, faults: &mut Faults) {
    let is = |choice: &Json| !field.node.is_null() && number::same(choice, field.node);
    if schema.choices.is_empty() || schema.choices.iter().any(is) {
        return;
    }
    let texts: Vec<&str> = schema.choices.iter().filter_map(Json::as_str).collect();
    let said = match field.node.as_str() {
        Some(text) => text.to_owned(),
        None => yaml::to_json_string(field.node),
    };
    let message = format!("`{field}` may not be `{said}`");
    let fault = faults.at(CHOICE, Reason::NotSupported, field, message);
    fault.help = suggest(&said, texts.iter().copied());
    if fault.help.is_none() && !texts.is_empty() && texts.len() <= 12 {
        fault.help(format!("write {}", or_list(&texts)));
    }
}

fn size(
    field: &Field<'_>,
    count: usize,
    what: &str,
    (least, most): (Option<i64>, Option<i64>),
    faults: &mut Faults,
) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let what = if count == 1 { what.to_owned() } else { format!("{what}s") };
    if let Some(least) = least.filter(|least| count < *least) {
        let message = format!("`{field}` has {count} {what}, fewer than {least}");
        refuse(field, message, faults);
    }
    if let Some(most) = most.filter(|most| count > *most) {
        let message = format!("`{field}` has {count} {what}, more than {most}");
        faults.at(VALUE, Reason::TooMany, field, message);
    }
}
