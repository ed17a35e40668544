//! The `gitopsc` command.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use console::Term;
use gitopsc::cli::{self, Streams};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let is_set = |name| std::env::var_os(name).is_some();
    let is_terminal = io::stdout().is_terminal();
    let color = is_terminal && !is_set("NO_COLOR");
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let progress = io::stderr().is_terminal() && !is_dumb && !is_set("CI") && !is_set("NO_COLOR");
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = named.or_else(|| {
        let sizes = [Term::stdout().size_checked(), Term::stderr().size_checked()];
        sizes.into_iter().flatten().map(|(_, columns)| columns.into()).next()
    });
    let mut out = BufWriter::new(io::stdout().lock());
    // Not locked: what the run is at is written from another thread.
    let mut err = io::stderr();
    let mut streams =
        Streams { out: &mut out, err: &mut err, is_terminal, color, progress, columns };
    let code = cli::run(std::env::args_os(), &mut streams);
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(code),
    }
}
