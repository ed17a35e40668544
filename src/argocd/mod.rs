//! What Argo CD 3.5 would make of a repository, worked out without a server.

pub mod application_set;
pub mod glob;
pub mod hook;
pub mod key;
pub mod project;
pub mod repository_url;
pub mod sync_option;
