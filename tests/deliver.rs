//! From sources to where Argo CD reads them: publishing, merging, the hooks of pre-commit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, unreachable_pub)]

mod support;

#[path = "deliver/hooks.rs"]
mod hooks;
#[path = "deliver/merge.rs"]
mod merge;
#[path = "deliver/pipeline.rs"]
mod pipeline;
#[path = "deliver/pipeline_base.rs"]
mod pipeline_base;
#[path = "support/process.rs"]
mod process;
#[path = "deliver/publish.rs"]
mod publish;
#[path = "deliver/publish_clones.rs"]
mod publish_clones;
#[path = "deliver/publish_collisions.rs"]
mod publish_collisions;
#[allow(dead_code, reason = "what is wrong in it is tested elsewhere")]
#[path = "bad_input/site.rs"]
mod site;
#[path = "deliver/sparse.rs"]
mod sparse;
#[path = "deliver/staged.rs"]
mod staged;
#[path = "deliver/start.rs"]
mod start;
