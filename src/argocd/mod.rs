//! What Argo CD 3.5 would make of a repository, worked out without a server.

pub mod application;
pub mod application_set;
mod contents;
mod directory;
mod follow;
pub mod glob;
pub mod hook;
pub mod ignored;
mod in_cluster;
pub mod jq;
mod json;
pub mod key;
pub mod project;
pub mod removal;
pub mod repository_url;
pub mod source;
mod sync;
pub mod sync_option;
mod text;
pub mod tracking;
pub mod tree;

pub use contents::{Contents, Manifests, Member, Problem, State};
pub use directory::{Failure, SKIP_MARK, Skipped};
pub use follow::{
    Followed, FollowedApplication, FollowedSet, GROUP, Setting, Stated, Thing, follow,
};
pub use in_cluster::{InCluster, in_cluster};
pub use sync::{Phase, Step, is_made_anew, kind_rank};
