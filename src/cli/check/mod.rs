//! `gitopsc check`.

mod environments;
pub(super) mod examine;
mod first_look;
mod judges;
mod kept;
mod list;
mod object;
mod outcome;
mod paths;
mod piece;
mod summary;
mod together;
mod tree;

use std::path::PathBuf;

use anyhow::Context;

use super::Streams;
use super::args::{Args, CheckArgs};
use super::session::Session;
use crate::load::Schemas;
use crate::source::Sources;
use crate::world::Disk;

/// Judges what was named: files, or else environments.
pub(super) fn run(args: &Args, check: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if !check.paths.is_empty() {
        return paths::run(args, check, streams);
    }
    let world = Session::find(args).context("no file was named, so environments are meant")?;
    environments::run(&mut Session::open(world)?, args, check, streams)
}

/// The schemas of custom kinds: those of the repository, where there is one, and those that were
/// named.
pub(super) fn schemas(
    args: &Args,
    named: &[PathBuf],
    sources: &mut Sources,
) -> anyhow::Result<Schemas> {
    let mut schemas = Schemas::default();
    if let Some(root) = Session::root(args) {
        let above = root.join("").to_string_lossy().replace('\\', "/");
        schemas.add_own(&Disk::new(&root), &above, sources)?;
    }
    for directory in named {
        schemas.add(directory, sources)?;
    }
    Ok(schemas)
}
