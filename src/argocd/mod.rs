//! What Argo CD 3.5 would make of a repository, worked out without a server.

pub mod application_set;
pub mod glob;
pub mod project;
pub mod repository_url;
