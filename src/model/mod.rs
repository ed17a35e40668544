//! Kubernetes' own notions: object keys, fields, labels, lists, scopes, quantities.

mod field;
mod kind;
mod label;
mod list;
mod made_file;
mod object;
mod quantity;
pub mod secret;
mod secret_search;
mod secret_values;
mod secret_within;

pub(crate) use field::{Field, Way, prefixes};
pub use kind::{Scope, is_native, known_scope, native_kinds};
pub use label::{Labels, Selector};
pub use list::{is_list, items, own_items};
pub use made_file::MadeFile;
pub use object::{GroupKind, ObjectKey};
pub use quantity::{Quantity, QuantityError};
pub use secret_values::SecretValues;
pub(crate) use secret_within::may_hold_secret;
