//! What expressions see of a schema: `SchemaDeclType` of
//! `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model` and
//! `k8s.io/apiserver/pkg/cel/common/schemas.go`.

use super::structural::{Kind, ListKind, Others, Structural};
use crate::cel::{self, Slot, Type};

impl Structural {
    /// The type of the value in expressions.
    #[must_use]
    pub fn seen(&self) -> &Slot {
        self.seen.get_or_init(|| Slot { ty: self.type_of(self.is_object), nullable: self.nullable })
    }

    /// The same where the value is the object itself.
    #[must_use]
    pub fn seen_as_object(&self) -> Slot {
        Slot { ty: self.type_of(true), nullable: false }
    }

    /// Whether there are rules here or below.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        *self.has_rules.get_or_init(|| {
            let others = match &self.others {
                Others::Any(Some(schema)) => Some(schema),
                _ => None,
            };
            let mut parts = self.properties.values().chain(&self.items).chain(others);
            !self.rules.is_empty() || parts.any(|part| part.has_rules())
        })
    }

    fn type_of(&self, is_object: bool) -> Type {
        if self.int_or_string {
            return Type::IntOrString;
        }
        match self.kind {
            Some(Kind::Object) => match &self.others {
                Others::Any(Some(values)) => Type::map(values.seen().clone()),
                _ => {
                    let fields = self.properties.iter();
                    let fields = fields.map(|(name, field)| (name.clone(), field.seen().clone()));
                    if is_object { Type::resource(fields) } else { Type::object(fields) }
                }
            },
            Some(Kind::Array) => {
                let kind = match &self.list {
                    ListKind::Atomic => cel::ListKind::Atomic,
                    ListKind::Set => cel::ListKind::Set,
                    ListKind::Map(keys) => cel::ListKind::Map(keys.clone()),
                };
                match &self.items {
                    Some(items) => Type::list(items.seen().clone(), kind),
                    None => Type::Hidden,
                }
            }
            Some(Kind::Boolean) => Type::Bool,
            Some(Kind::Integer) => Type::Int,
            Some(Kind::Number) => Type::Double,
            Some(Kind::String) => match &*self.format {
                "byte" => Type::Bytes,
                "duration" => Type::Duration,
                "date" => Type::Date,
                "date-time" => Type::DateTime,
                _ => Type::String,
            },
            None => Type::Hidden,
        }
    }
}
