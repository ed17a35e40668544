//! `gitopsc completions` and `gitopsc man`: the command line as shells and `man` read it.

use std::io::Write;

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use crate::diagnostic::suggest;

/// What a shell needs to complete what is typed.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "gitopsc", &mut text);
    // A shell may close the pipe early, which the generator would panic upon.
    Ok(out.write_all(&text)?)
}

/// The page of the whole, or of one command.
pub(super) fn page(name: Option<&str>, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut whole = Args::command();
    whole.build();
    let command = match name {
        None => whole,
        Some(name) => {
            let names: Vec<&str> = whole.get_subcommands().map(clap::Command::get_name).collect();
            if !names.contains(&name) {
                let hint = suggest(name, names.iter().copied()).unwrap_or_default();
                bail!("there is no command `{name}`; {hint}");
            }
            let command = whole.find_subcommand(name).context("the command is there")?;
            command.clone()
        }
    };
    Ok(clap_mangen::Man::new(command).render(out)?)
}
