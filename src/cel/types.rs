//! The types of data that expressions read, as schemas give them.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The type of a value that an expression reads, made from a schema.
///
/// Both sides follow from it: what the expression may do with the value (checked when it is
/// compiled), and how the node is read (`k8s.io/apiserver/pkg/cel/common`, `SchemaDeclType` and
/// `UnstructuredToVal`). Cheap to clone.
#[derive(Debug, Clone)]
pub enum Type {
    /// `type: boolean`.
    Bool,
    /// `type: integer`.
    Int,
    /// `type: number`.
    Double,
    /// `type: string` with no format, or one that has no type of its own.
    String,
    /// `type: string`, `format: byte`: base64.
    Bytes,
    /// `type: string`, `format: duration`.
    Duration,
    /// `type: string`, `format: date`.
    Date,
    /// `type: string`, `format: date-time`.
    DateTime,
    /// `x-kubernetes-int-or-string`, whatever its type is.
    IntOrString,
    /// `type: array`; make it with [`Type::list`].
    List(Arc<List>),
    /// `type: object` with a schema under `additionalProperties`; make it with [`Type::map`].
    Map(Arc<Slot>),
    /// `type: object` with or without `properties`; make it with [`Type::object`] or, where it is
    /// the root of a resource or an embedded resource, with [`Type::resource`].
    Object(Arc<Object>),
    /// Data without a type in expressions: a schema without `type`
    /// (`x-kubernetes-preserve-unknown-fields`). Not to be read, only compared with the object
    /// around it.
    Hidden,
    /// Anything, typed by what it is when it is read: the objects of admission policies.
    Dyn,
}

/// A place for a value: items of a list, values of a map, a field.
#[derive(Debug, Clone)]
pub struct Slot {
    /// What the value is.
    pub ty: Type,
    /// Whether the schema says `nullable: true`.
    pub nullable: bool,
}

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    /// The items.
    pub items: Slot,
    /// How items are told apart.
    pub kind: ListKind,
}

/// `x-kubernetes-list-type`: it decides what `==` and `+` mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListKind {
    /// `atomic`, or not said.
    Atomic,
    /// `set`.
    Set,
    /// `map`, with `x-kubernetes-list-map-keys`.
    Map(Vec<Box<str>>),
}

/// An object with known fields.
#[derive(Debug, Clone, Default)]
pub struct Object {
    /// The fields by the names that they have in YAML (expressions write them escaped).
    pub fields: BTreeMap<Box<str>, Slot>,
}

impl Slot {
    /// A place that cannot be null.
    #[must_use]
    pub fn new(ty: Type) -> Self {
        Self { ty, nullable: false }
    }
}

impl Type {
    /// A list; hidden where its items are.
    #[must_use]
    pub fn list(items: Slot, kind: ListKind) -> Self {
        if matches!(items.ty, Self::Hidden) {
            return Self::Hidden;
        }
        Self::List(Arc::new(List { items, kind }))
    }

    /// A map with free keys; hidden where its values are.
    #[must_use]
    pub fn map(values: Slot) -> Self {
        if matches!(values.ty, Self::Hidden) {
            return Self::Hidden;
        }
        Self::Map(Arc::new(values))
    }

    /// An object with fields, by the names that they have in YAML.
    #[must_use]
    pub fn object(fields: impl IntoIterator<Item = (Box<str>, Slot)>) -> Self {
        Self::Object(Arc::new(Object { fields: fields.into_iter().collect() }))
    }

    /// The root of a resource, or of an embedded one (`x-kubernetes-embedded-resource`): `kind`,
    /// `apiVersion`, `metadata.name` and `metadata.generateName` can be read whatever the schema
    /// says, and of `metadata` nothing else unless the schema says all of it
    /// (`WithTypeAndObjectMeta`).
    #[must_use]
    pub fn resource(fields: impl IntoIterator<Item = (Box<str>, Slot)>) -> Self {
        let mut fields: BTreeMap<Box<str>, Slot> = fields.into_iter().collect();
        let is_text = |slot: Option<&Slot>| {
            // What counts there is `type: string`, formats included.
            slot.is_some_and(|slot| {
                matches!(
                    slot.ty,
                    Self::String | Self::Bytes | Self::Duration | Self::Date | Self::DateTime
                )
            })
        };
        let whole = is_text(fields.get("kind"))
            && is_text(fields.get("apiVersion"))
            && fields.get("metadata").is_some_and(|slot| match &slot.ty {
                Self::Object(object) => {
                    is_text(object.fields.get("name")) && is_text(object.fields.get("generateName"))
                }
                _ => false,
            });
        if !whole {
            let text = || Slot::new(Self::String);
            fields.insert("kind".into(), text());
            fields.insert("apiVersion".into(), text());
            let metadata = [("name".into(), text()), ("generateName".into(), text())];
            fields.insert("metadata".into(), Slot::new(Self::object(metadata)));
        }
        Self::object(fields)
    }
}
