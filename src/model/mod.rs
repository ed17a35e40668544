//! Kubernetes' own notions: object keys, lists, scopes, quantities.

mod kind;
mod list;
mod object;
mod quantity;

pub use kind::{Scope, is_native, known_scope};
pub use list::{is_list, items, own_items};
pub use object::{GroupKind, ObjectKey};
pub use quantity::{Quantity, QuantityError};
