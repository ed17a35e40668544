//! What schemas say of a value that objects are compared by, whichever kind of schema it is.

use super::definition::{Definitions, Known};
use super::pack::Pack;
use super::structural::{ListKind, Structural};
use super::{Schema, native_default};
use crate::model::GroupKind;
use crate::yaml::Node;

/// What is known of a value.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'s> {
    /// The schema of a kind that Kubernetes has, with its name; that is empty for plain values.
    Native(&'s Pack, &'s str, &'s Schema),
    /// The schema of a custom kind.
    Custom(&'s Structural),
    /// A custom object itself: its metadata is that of every object.
    CustomObject(&'s Pack, &'s Structural),
    /// Nothing.
    Unknown,
}

/// How the items of a list belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items<'s> {
    /// By where they stand, or nobody says how.
    Ordered,
    /// Each is there once, by its value.
    Set,
    /// Each is there once, by the values of these fields.
    Keyed(&'s [Box<str>]),
}

const METADATA: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

impl<'s> Shape<'s> {
    /// The shape of an object, by its own words.
    #[must_use]
    pub fn of(object: &Node, pack: &'s Pack, definitions: &'s Definitions) -> Self {
        let (group, kind) = GroupKind::stated(object);
        let version = object.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        let version = version.rsplit_once('/').map_or(version, |(_, version)| version);
        let native = pack.resource(group, version, kind);
        if let Some((resource, schema)) = native.and_then(|it| Some((it, pack.schema(it)?))) {
            return Self::Native(pack, pack.schema_name(resource), schema);
        }
        match definitions.known(group, version, kind) {
            Some(Known::Version(_, version)) => Self::CustomObject(pack, &version.schema),
            _ => Self::Unknown,
        }
    }

    /// The shape of a field, or of an entry of a map with free keys.
    #[must_use]
    pub fn field(self, name: &str) -> Self {
        match self {
            Self::Native(pack, _, schema) => {
                let found = schema.properties.get(name).or(schema.values.as_deref());
                found.map_or(Self::Unknown, |schema| Self::native(pack, schema))
            }
            Self::CustomObject(pack, _) if name == "metadata" => {
                pack.named(METADATA).map_or(Self::Unknown, |schema| Self::native(pack, schema))
            }
            Self::Custom(schema) | Self::CustomObject(_, schema) => {
                schema.field(name).map_or(Self::Unknown, |schema| Self::Custom(schema))
            }
            Self::Unknown => Self::Unknown,
        }
    }

    /// The shape of each item of a list.
    #[must_use]
    pub fn item(self) -> Self {
        match self {
            Self::Native(pack, _, schema) => {
                schema.items.as_deref().map_or(Self::Unknown, |items| Self::native(pack, items))
            }
            Self::Custom(schema) | Self::CustomObject(_, schema) => {
                schema.items.as_deref().map_or(Self::Unknown, Self::Custom)
            }
            Self::Unknown => Self::Unknown,
        }
    }

    fn native(pack: &'s Pack, schema: &'s Schema) -> Self {
        let (name, schema) = pack.follow(schema);
        Self::Native(pack, name, schema)
    }

    /// How the items of a list belong together.
    #[must_use]
    pub fn items(self) -> Items<'s> {
        match self {
            Self::Native(_, _, schema) => match schema.list_type.as_deref() {
                Some("map") => Items::Keyed(&schema.list_keys),
                Some("set") => Items::Set,
                _ => Items::Ordered,
            },
            Self::Custom(schema) | Self::CustomObject(_, schema) => match &schema.list {
                ListKind::Map(keys) => Items::Keyed(keys),
                ListKind::Set => Items::Set,
                ListKind::Atomic => Items::Ordered,
            },
            Self::Unknown => Items::Ordered,
        }
    }

    /// Whether whoever applies one field of it applies all of them. Of custom kinds nobody says it.
    #[must_use]
    pub fn is_atomic(self) -> bool {
        matches!(self, Self::Native(_, _, schema) if schema.map_type.as_deref() == Some("atomic"))
    }

    /// Whether it is an amount as `500m`, which the server reads as what it means. In custom kinds
    /// amounts are texts or numbers to the server.
    #[must_use]
    pub fn is_quantity(self) -> bool {
        matches!(self, Self::Native(_, name, _) if name.ends_with(".Quantity"))
    }

    /// Whether a value of a field says as much to the server as if the field were not there.
    #[must_use]
    pub fn is_nothing(self, field: &str, value: &Node) -> bool {
        match self {
            Self::Native(_, name, schema) if schema.properties.contains_key(field) => {
                native_default::is_nothing(name, field, value)
            }
            _ => false,
        }
    }

    /// What the server puts where the field of an object is not there, if that is known.
    #[must_use]
    pub fn default_of(self, object: &Node, field: &str) -> Option<Node> {
        match self {
            Self::Native(pack, name, schema) => {
                let short = name.rsplit('.').next().unwrap_or_default();
                let property = schema.properties.get(field)?;
                // An object that is no pointer in Go is always there.
                let is_object = || !pack.follow(property).1.properties.is_empty();
                let empty = || {
                    let is_there = is_object() && !native_default::is_pointer(name, field);
                    is_there.then(|| serde_json::json!({}))
                };
                let stated = || property.default.as_deref().cloned();
                native_default::of(short, object, field).or_else(stated).or_else(empty)
            }
            Self::Custom(schema) | Self::CustomObject(_, schema) => {
                schema.properties.get(field)?.default.clone()
            }
            Self::Unknown => None,
        }
        .map(|value| crate::yaml::from_json(&value, object.span))
    }

    /// The other name of a field that the server knows by two.
    #[must_use]
    pub fn other_name(self, field: &str) -> Option<&'static str> {
        let Self::Native(_, name, _) = self else { return None };
        native_default::other_name(name.rsplit('.').next().unwrap_or_default(), field)
    }

    /// Whether the other name of a field holds instead of it.
    #[must_use]
    pub fn is_overruled(self, object: &Node, field: &str) -> bool {
        let Self::Native(_, name, _) = self else { return false };
        native_default::is_overruled(name.rsplit('.').next().unwrap_or_default(), object, field)
    }
}
