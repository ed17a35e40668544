//! What a pod may say.

pub(crate) mod annotation;
pub(crate) mod container;
pub(crate) mod env;
pub(crate) mod file_path;
pub(crate) mod mount;
pub(crate) mod network;
pub(crate) mod node_selector;
pub(crate) mod probe;
pub(crate) mod resource;
pub(crate) mod scheduling;
pub(crate) mod security;
pub(crate) mod spec;
pub(crate) mod template;
pub(crate) mod volume;
pub(crate) mod volume_source;
pub(crate) mod windows;
