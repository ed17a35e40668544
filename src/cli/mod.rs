//! The command line.

mod apps;
mod argocd;
mod args;
mod budget;
mod build;
mod check;
mod conflict;
mod diff;
mod explain;
mod guard;
mod init;
mod inspect;
mod list;
mod manual;
mod output;
mod policy;
mod progress;
mod publish;
mod session;
mod trace;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Parser;

pub use args::Args;
use args::Command;
use session::Session;

/// Where a run writes to.
pub struct Streams<'a> {
    /// Results and findings.
    pub out: &'a mut dyn Write,
    /// What goes wrong with the tool itself.
    pub err: &'a mut dyn Write,
    /// Whether `out` is a terminal.
    pub is_terminal: bool,
    /// Whether it is one that shows colours.
    pub color: bool,
    /// Whether standard error is a terminal on which a line may come and go.
    pub progress: bool,
    /// How many columns the terminal has, where that is known.
    pub columns: Option<usize>,
}

impl<'a> Streams<'a> {
    /// Streams of which none is a terminal.
    pub fn plain(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, is_terminal: false, color: false, progress: false, columns: None }
    }
}

/// Runs the tool and gives its exit code: 0 clean, 1 errors found, 2 wrong use or a failure of the
/// tool itself.
pub fn run(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> u8 {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            let text = error.render();
            let stream: &mut dyn Write = if error.use_stderr() { streams.err } else { streams.out };
            let _ = if streams.color {
                write!(stream, "{}", text.ansi())
            } else {
                write!(stream, "{text}")
            };
            return u8::from(error.use_stderr()) * 2;
        }
    };
    match execute(&args, streams) {
        Ok(code) => code,
        // Whoever reads has seen enough.
        Err(error) if is_broken_pipe(&error) => 0,
        Err(error) => {
            let _ = writeln!(streams.err, "error: {error:#}");
            2
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn execute(args: &Args, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    output::validate(args)?;
    guard::distinct(args)?;
    guard::spare_sources(args)?;
    if let Command::Schema { kind } = &args.command {
        let schema = kind.schema();
        let human = |stream: &mut dyn Write, _| {
            Ok(writeln!(stream, "{}", serde_json::to_string_pretty(&schema)?)?)
        };
        output::write_all(args, streams, human, || schema.clone())?;
        return Ok(0);
    }
    if let Command::Explain { name } = &args.command {
        return explain::run(args, name.as_deref(), streams);
    }
    if let Command::Check(check) = &args.command {
        return check::run(args, check, streams);
    }
    if let Command::Budget(wanted) = &args.command {
        return budget::run(args, wanted, streams);
    }
    if let Command::Apps(wanted) = &args.command {
        return apps::run(args, wanted, streams);
    }
    if let Command::Diff(wanted) = &args.command {
        return diff::run(args, wanted, streams);
    }
    if let Command::Completions { shell } = &args.command {
        return manual::completions(*shell, streams.out).map(|()| 0);
    }
    if let Command::Man { command } = &args.command {
        return manual::page(command.as_deref(), streams.out).map(|()| 0);
    }
    if let Command::Init(wanted) = &args.command {
        return init::run(args, wanted, streams);
    }
    let world = Session::find(args)?;
    if let Command::Build(build) = &args.command {
        return build::run(world, args, build, streams);
    }
    if let Command::Publish(wanted) = &args.command {
        return publish::run(world, args, wanted, streams);
    }
    if let Command::Resolve = &args.command {
        return conflict::run(world, args, streams);
    }
    let mut session = Session::open(world)?;
    match &args.command {
        Command::Render { target, set } => {
            inspect::render(&mut session, args, target, set, streams)
        }
        Command::Values { target } => inspect::values(&mut session, args, target, streams),
        Command::List(selection) => list::run(&mut session, args, selection, streams),
        Command::Trace { environment, object, pointer } => {
            trace::run(&mut session, args, environment, object, pointer.as_deref(), streams)
        }
        Command::Apps(_)
        | Command::Budget(_)
        | Command::Build(_)
        | Command::Check(_)
        | Command::Completions { .. }
        | Command::Diff(_)
        | Command::Explain { .. }
        | Command::Init(_)
        | Command::Man { .. }
        | Command::Publish(_)
        | Command::Resolve
        | Command::Schema { .. } => Ok(0),
    }
}
