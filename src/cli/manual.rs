//! `gitopsc completions` and `gitopsc man`: the command line as shells and `man` read it.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, bail};
use clap::builder::PossibleValuesParser;
use clap::{Arg, CommandFactory, ValueHint};
use clap_complete::Shell;

use super::args::{Args, formats};
use super::output::purpose;
use crate::check::registry::{CHECKS, Group};
use crate::diagnostic::explanation::explanations;
use crate::diagnostic::suggest;

/// What a shell needs to complete what is typed.
pub(super) fn completions(shell: Shell, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut text = Vec::new();
    let mut command = offering(narrowed(Args::command()));
    clap_complete::generate(shell, &mut command, "gitopsc", &mut text);
    // A shell may close the pipe early, which the generator would panic upon.
    Ok(out.write_all(&text)?)
}

/// Gives each command the option `--output` with the formats that it has, in place of that of all.
fn narrowed(command: clap::Command) -> clap::Command {
    let all = command.get_arguments().find(|arg| arg.get_id() == "output").cloned();
    command.mut_subcommands(|of| {
        let has = |format: &&str| {
            purpose(format).is_none_or(|(_, commands)| commands.contains(&of.get_name()))
        };
        let own = formats().map(|format| format.name).filter(has).collect();
        let own = all.clone().map(|arg| arg.value_parser(names(own)));
        of.args(own)
    })
}

/// A command line of which each value offers the names that the program itself has, and files where
/// files are meant. What a repository or a cluster has is not known to a text that a shell reads once.
fn offering(command: clap::Command) -> clap::Command {
    command.mut_args(offered).mut_subcommands(offering)
}

fn offered(arg: Arg) -> Arg {
    let own = arg.get_value_names().and_then(<[_]>::first).map(ToString::to_string);
    let has_names = arg.get_value_parser().possible_values().is_some();
    let groups = || Group::ALL.into_iter().map(Group::as_str);
    let checks = || CHECKS.iter().map(|check| check.id);
    match own.as_deref() {
        _ if has_names => arg,
        Some("FORMAT[=FILE]") => {
            arg.value_parser(names(formats().map(|format| format.name).collect()))
        }
        Some("CHECKS") => arg.value_parser(names(groups().chain(checks()).collect())),
        Some("ID") => {
            let others = explanations().map(|row| row.id);
            arg.value_parser(names(groups().chain(checks()).chain(others).collect()))
        }
        Some("FILE") => arg.value_hint(ValueHint::FilePath),
        Some("DIR" | "REMOTE") => arg.value_hint(ValueHint::DirPath),
        Some("PATH" | "ENV|PATH" | "REV|PATH|ENV") => arg.value_hint(ValueHint::AnyPath),
        _ => arg.value_hint(ValueHint::Other),
    }
}

/// Names, each once.
fn names(names: BTreeSet<&'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(names)
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
    let version = concat!("gitopsc ", env!("CARGO_PKG_VERSION"));
    Ok(clap_mangen::Man::new(command).source(version).render(out)?)
}
