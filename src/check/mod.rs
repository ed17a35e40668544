//! What is wrong with objects: each by itself, and all of a cluster together.

mod object;
pub mod registry;
pub mod tree;
pub mod whole;

pub use object::{Fault, Judge, Reason, Verdict};
