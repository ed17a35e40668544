//! Template values as nodes.

use minijinja::value::{Value as JinjaValue, ValueKind};
use minijinja::{Error, ErrorKind};

use super::tracked::{Tracked, note_leaves};
use crate::source::Span;
use crate::yaml::{Key, MAX_DEPTH, Map, Node, Value};

/// How many nodes one value may become; lists that hold each other make more out of nothing.
const MAX_NODES: usize = 1_000_000;

/// A value as it goes into a manifest: what has places of its own keeps them, the rest gets the
/// place of the expression and the origins of what was read for it.
pub(super) fn to_node(
    value: &JinjaValue,
    expression: Span,
    origins: &[Span],
) -> Result<Node, Error> {
    Conversion { expression, origins, left: MAX_NODES }.node(value, MAX_DEPTH)
}

struct Conversion<'a> {
    expression: Span,
    origins: &'a [Span],
    left: usize,
}

impl Conversion<'_> {
    fn node(&mut self, value: &JinjaValue, depth: usize) -> Result<Node, Error> {
        if let Some(tracked) = value.downcast_object_ref::<Tracked>() {
            return Ok(tracked.to_manifest(self.expression));
        }
        let (Some(left), Some(depth)) = (self.left.checked_sub(1), depth.checked_sub(1)) else {
            return Err(wrong(
                "a value nested this deep, or this large, cannot go into a manifest",
            ));
        };
        self.left = left;
        let inner = match value.kind() {
            ValueKind::Undefined | ValueKind::None => Value::Null,
            ValueKind::Bool => Value::Bool(value.is_true()),
            ValueKind::Number => number(value)?,
            ValueKind::String => Value::String(value.as_str().unwrap_or_default().into()),
            ValueKind::Seq | ValueKind::Iterable => {
                let items: Result<_, Error> =
                    value.try_iter()?.map(|item| self.node(&item, depth)).collect();
                Value::Seq(items?)
            }
            ValueKind::Map => {
                let mut map = Map::default();
                for key in value.try_iter()? {
                    let child = self.node(&value.get_item(&key)?, depth)?;
                    map.insert(Key { name: key.to_string().into(), span: self.expression }, child);
                }
                Value::Map(map)
            }
            kind => return Err(wrong(format!("a {kind} cannot go into a manifest"))),
        };
        Ok(Node { value: inner, span: self.expression, origins: self.origins.into() })
    }
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// A value without places, to be written as JSON or YAML text; all of it counts as read.
pub(super) fn to_plain_node(value: &JinjaValue) -> Result<Node, Error> {
    let mut sources = crate::source::Sources::default();
    let nowhere = Span::new(sources.add("", ""), 0..0);
    let node = to_node(value, nowhere, &[])?;
    note_leaves(&node);
    Ok(node)
}

fn number(value: &JinjaValue) -> Result<Value, Error> {
    if value.is_integer() {
        if let Ok(number) = i64::try_from(value.clone()) {
            return Ok(Value::Int(number));
        }
        return u64::try_from(value.clone()).map(Value::UInt);
    }
    f64::try_from(value.clone()).map(Value::Float)
}
