//! How long `gitopsc diff` takes between two revisions, as whole processes.
//!
//! `cargo bench --bench diff` generates a repository with 10,000 rendered objects, commits it, changes
//! 100 of them and commits again. It prints the median wall time, with the fastest and the slowest
//! run, of comparing the two revisions, of `git diff` on the same, run in turn, and of rendering both
//! revisions anew. It judges nothing: machines differ. `GITOPSC_RUNS` sets the runs, 5 if not set.

#[path = "../scale/measure.rs"]
#[allow(dead_code, reason = "the bench of builds uses all of it")]
mod measure;
#[path = "../scale/repository.rs"]
#[allow(dead_code, reason = "the bench of builds uses all of it")]
mod repository;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use measure::Run;
use repository::{OBJECTS, Size};

const SIZE: Size = Size { environments: 20, apps: 50 };
/// How many objects differ.
const CHANGED: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let runs = match env::var("GITOPSC_RUNS") {
        Ok(runs) => runs.parse::<usize>()?.max(1),
        Err(_) => 5,
    };
    let scratch = tempfile::tempdir()?;
    let top = scratch.path();
    let gitopsc = PathBuf::from(env!("CARGO_BIN_EXE_gitopsc"));
    repository::generate(top, SIZE)?;
    run(top, &gitopsc, &["build", "-q"])?;
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
        // What a commit begins to tidy up in the background would stand in the way of `gc`.
        let alone = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];
        run(top, Path::new("git"), &[&who, &alone, arguments].concat())
    };
    git(&["init", "-q"])?;
    git(&["add", "-A"])?;
    git(&["commit", "-qm", "all"])?;
    let changed = change(&top.join("rendered"))?;
    git(&["commit", "-qam", "change"])?;
    git(&["gc", "-q"])?;

    let mut out = io::stdout().lock();
    let objects = SIZE.environments * SIZE.apps * OBJECTS;
    writeln!(
        out,
        "\n{objects} objects, {changed} changed; {runs} runs, median (fastest - slowest)\n"
    )?;
    let cases: [(&str, &Path, &[&str]); 3] = [
        ("gitopsc diff", &gitopsc, &["diff", "HEAD~1..HEAD", "-o", "json"]),
        ("git diff", Path::new("git"), &["diff", "HEAD~1", "HEAD"]),
        ("gitopsc diff --render", &gitopsc, &["diff", "--render", "HEAD~1..HEAD", "-o", "json"]),
    ];
    let mut walls: Vec<Vec<Duration>> = vec![Vec::new(); cases.len()];
    // One more that does not count, for what the system keeps in memory.
    for round in 0..=runs {
        for ((name, program, arguments), walls) in cases.iter().zip(&mut walls) {
            let arguments = arguments.iter().map(|&one| one.to_owned()).collect();
            let run = Run { program: program.to_path_buf(), arguments, threads: None };
            let sample = run.time(top)?;
            if sample.code != Some(0) {
                return Err(format!("{name} ended with {:?}", sample.code).into());
            }
            if round > 0 {
                walls.push(sample.wall);
            }
        }
    }
    for ((name, ..), walls) in cases.iter().zip(&mut walls) {
        walls.sort();
        let milliseconds = |at: usize| walls[at].as_secs_f64() * 1000.0;
        let (middle, last) = (milliseconds(walls.len() / 2), milliseconds(walls.len() - 1));
        writeln!(out, "{name:<24} {middle:>8.1} ms ({:.1} - {last:.1})", milliseconds(0))?;
    }
    Ok(())
}

/// Raises the port of some Services in trees, and gives how many it were.
fn change(rendered: &Path) -> io::Result<usize> {
    let mut files = Vec::new();
    collect(rendered, &mut files)?;
    files.sort();
    let mut changed = 0;
    for file in files {
        let text = fs::read_to_string(&file)?;
        let port = text.split_once(" port: ").filter(|_| text.contains("kind: Service\n"));
        let Some((head, rest)) = port.filter(|_| changed < CHANGED) else { continue };
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, rest) = rest.split_at(digits);
        let Ok(number) = number.parse::<u16>() else { continue };
        fs::write(&file, format!("{head} port: {}{rest}", number + 1))?;
        changed += 1;
    }
    Ok(changed)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn run(directory: &Path, program: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.status()?;
    if !status.success() {
        return Err(format!("{} {arguments:?} ended with {status}", program.display()).into());
    }
    Ok(())
}
