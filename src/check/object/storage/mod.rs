//! Where data lives.

pub(crate) mod attachment;
pub(crate) mod claim;
pub(crate) mod class;
pub(crate) mod persistent_volume;
