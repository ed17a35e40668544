//! CEL as the Kubernetes API server evaluates it.

mod types;

pub use types::{List, ListKind, Object, Slot, Type};
