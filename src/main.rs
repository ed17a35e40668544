//! The `gitopsc` command.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use gitopsc::cli::{self, Streams};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let color = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut err = io::stderr().lock();
    let mut streams = Streams { out: &mut out, err: &mut err, color };
    let code = cli::run(std::env::args_os(), &mut streams);
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ => ExitCode::from(code),
    }
}
