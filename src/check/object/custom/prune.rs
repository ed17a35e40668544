//! What the server takes out of an object before it looks at it: fields that its schema does not
//! know (`pkg/apiserver/schema/pruning`) and nulls that stand for nothing (`prunenulls.go` of
//! `pkg/apiserver/schema/defaulting`).

use std::fmt::Write as _;

use crate::check::object::decode::SUGGESTED;
use crate::check::object::fault::{Faults, Reason};
use crate::diagnostic::suggest;
use crate::schema::{Others, Structural};
use crate::yaml::{Key, Map, Node, Value};

/// Fields that every object has, whatever its schema says.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Takes unknown fields out of an object; under strict validation, each is a fault.
pub(crate) fn unknown_fields(schema: &Structural, object: &mut Node, faults: &mut Faults) {
    of_value(schema, true, object, faults);
}

/// The same of any value.
pub(crate) fn of_value(
    schema: &Structural,
    is_object: bool,
    value: &mut Node,
    faults: &mut Faults,
) {
    let mut pruner = Pruner { path: String::new(), faults };
    pruner.inside(schema, value, Place { is_object, keeps: schema.keeps_unknown });
}

struct Pruner<'f> {
    path: String,
    faults: &'f mut Faults,
}

#[derive(Clone, Copy)]
struct Place {
    is_object: bool,
    keeps: bool,
}

impl Pruner<'_> {
    fn value(&mut self, schema: Option<&Structural>, node: &mut Node) {
        let Some(schema) = schema else { return self.nothing_known(node) };
        let place = Place { is_object: schema.is_object, keeps: schema.keeps_unknown };
        self.inside(schema, node, place);
    }

    fn inside(&mut self, schema: &Structural, node: &mut Node, place: Place) {
        match &mut node.value {
            Value::Map(_) => self.map(schema, node, place),
            Value::Seq(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.below(&format!("[{index}]"), |pruner| {
                        match (&schema.items, place.keeps) {
                            (Some(items), true) => {
                                // What is kept is kept below too, but for what has a schema.
                                let inner = Place { is_object: items.is_object, keeps: true };
                                pruner.inside(items, item, inner);
                            }
                            (None, true) => {}
                            (items, false) => pruner.value(items.as_deref(), item),
                        }
                    });
                }
            }
            _ => {}
        }
    }

    fn map(&mut self, schema: &Structural, node: &mut Node, place: Place) {
        let Some(map) = node.as_map_mut() else { return };
        let mut unknown = Vec::new();
        for (key, child) in map.iter_mut() {
            if place.is_object && META.contains(&&*key.name) {
                continue;
            }
            let known = schema.properties.get(&key.name).map(|field| Some(&**field));
            let known = known.or(match &schema.others {
                Others::Any(others) => Some(others.as_deref()),
                Others::None => None,
            });
            let dot = if self.path.is_empty() { "" } else { "." };
            match known {
                Some(known) => {
                    self.below(&format!("{dot}{}", key.name), |pruner| pruner.value(known, child));
                }
                None if place.keeps => {}
                None => unknown.push(key.clone()),
            }
        }
        for (number, key) in unknown.iter().enumerate() {
            // What stands beside it already is not meant.
            let names = schema.properties.keys().map(|name| &**name);
            let known = match number {
                0..SUGGESTED => names.filter(|known| !map.contains_key(known)).collect(),
                _ => Vec::new(),
            };
            self.fault(&key.name, key.span, known);
        }
        take_out(map, &unknown);
    }

    /// Where there is no schema, no map may have any field.
    fn nothing_known(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Map(map) => {
                for (key, _) in map.iter() {
                    self.fault(&key.name, key.span, Vec::new());
                }
                *map = Map::default();
            }
            Value::Seq(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.below(&format!("[{index}]"), |pruner| pruner.nothing_known(item));
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(step);
        then(self);
        self.path.truncate(length);
    }

    fn fault(&mut self, name: &str, span: crate::source::Span, mut known: Vec<&str>) {
        let mut message = format!("unknown field `{name}`");
        let mut path = name.to_owned();
        if !self.path.is_empty() {
            let _ = write!(message, " in `{}`", self.path);
            path = format!("{}.{name}", self.path);
        }
        known.sort_unstable();
        let help = suggest(name, known);
        self.faults.at_path("field-unknown", Reason::Unknown, path, span, message).help = help;
    }
}

/// Takes out entries that are null where that means nothing: no default stands for them, and they
/// may not be null.
pub(crate) fn nulls(schema: &Structural, node: &mut Node) {
    all_nulls(Some(schema), node);
}

/// Takes entries out of a map; `keys` are in its order.
fn take_out(map: &mut Map, keys: &[Key]) {
    if keys.is_empty() {
        return;
    }
    let mut keys = keys.iter().peekable();
    let stays = |(key, _): &(Key, Node)| keys.next_if(|gone| gone.name == key.name).is_none();
    *map = Map::from_unique(std::mem::take(map).into_iter().filter(stays).collect());
}

fn all_nulls(schema: Option<&Structural>, node: &mut Node) {
    match &mut node.value {
        Value::Map(map) => {
            let mut dropped = Vec::new();
            for (key, child) in map.iter_mut() {
                let known = schema.and_then(|schema| schema.field(&key.name)).map(|known| &**known);
                let means_nothing =
                    known.is_some_and(|known| !known.nullable && known.default.is_none());
                if child.is_null() && means_nothing {
                    dropped.push(key.clone());
                } else {
                    all_nulls(known, child);
                }
            }
            take_out(map, &dropped);
        }
        Value::Seq(items) => {
            let inner = schema.and_then(|schema| schema.items.as_deref());
            items.iter_mut().for_each(|item| all_nulls(inner, item));
        }
        _ => {}
    }
}
