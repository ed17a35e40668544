//! `gitopsc check`.

mod environments;
mod first_look;
mod object;
mod paths;
mod piece;
mod summary;

use anyhow::Context;

use super::Streams;
use super::args::{Args, CheckArgs};
use super::session::Session;

/// Judges what was named: files, or else environments.
pub(super) fn run(args: &Args, check: &CheckArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    if !check.paths.is_empty() {
        return paths::run(args, check, streams);
    }
    let world = Session::find(args).context("no file was named, so environments are meant")?;
    environments::run(&mut Session::open(world)?, args, check, streams)
}
