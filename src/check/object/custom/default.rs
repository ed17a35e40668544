//! Defaults of schemas: `Default` of `pkg/apiserver/schema/defaulting/algorithm.go`.

use crate::schema::{Others, Structural};
use crate::source::Span;
use crate::yaml::{self, Key, Node, Value};

/// Writes defaults where there is nothing. They stand at the value that lacks them.
pub(crate) fn fill(schema: &Structural, node: &mut Node) {
    let span = node.span;
    match &mut node.value {
        Value::Map(map) => {
            let mut fields: Vec<_> = schema.properties.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, field) in fields {
                let Some(default) = &field.default else { continue };
                if map.get(name).is_none_or(|child| child.is_null() && !field.nullable) {
                    let key = Key { name: name.clone(), span };
                    map.insert(key, yaml::from_json(default, span));
                }
            }
            for (key, child) in map.iter_mut() {
                if let Some(field) = schema.properties.get(&key.name) {
                    fill(field, child);
                } else if let Others::Any(Some(values)) = &schema.others {
                    replace_null(values, child);
                    fill(values, child);
                }
            }
        }
        Value::Seq(items) => {
            let Some(inner) = &schema.items else { return };
            for item in items {
                replace_null(inner, item);
                fill(inner, item);
            }
        }
        _ => {}
    }
}

fn replace_null(schema: &Structural, node: &mut Node) {
    if let (true, false, Some(default)) = (node.is_null(), schema.nullable, &schema.default) {
        let span: Span = node.span;
        *node = yaml::from_json(default, span);
    }
}
