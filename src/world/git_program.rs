//! The program `git`, for what rests on the user's own setup or on the hook that it runs in.

use std::io::{Error, Result, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command of git in a directory.
pub(super) fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(directory).args(arguments);
    command
}

/// Runs a command to its end.
///
/// # Errors
///
/// Where it cannot be started.
pub(super) fn finish(command: &mut Command, input: &[u8]) -> Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| Error::new(error.kind(), format!("`git` cannot be run: {error}")))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ends early has said why.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output()
}

/// What a command wrote.
///
/// # Errors
///
/// Where it failed, with what it said.
pub(super) fn succeeded(name: &str, output: Output) -> Result<Output> {
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(format!("`git {name}` failed: {}", said.trim())))
}
