//! Kubernetes' own notions: object keys, scopes, quantities.

mod kind;
mod object;
mod quantity;

pub use kind::{Scope, is_native, known_scope};
pub use object::{GroupKind, ObjectKey};
pub use quantity::{Quantity, QuantityError};
