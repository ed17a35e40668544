//! How long `gitopsc` takes for a large repository, as whole processes.
//!
//! `cargo bench --bench scale` generates 20 environments of 50 apps of 10 objects each and prints,
//! for one thread and for all, the median wall time with the fastest and the slowest run, the
//! processor time, the peak memory and the objects a second. It judges nothing: machines differ.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `GITOPSC_PEER` | another build of gitopsc to compare with: the two run in turn, and the last column is the median of the ratios of wall time, pair by pair; below 1 this build is faster |
//! | `GITOPSC_RUNS` | runs of each case, 5 if not set |
//!
//! It needs about 1 GiB below the directory for temporary files, with a peer twice that.
//! `cargo bench --bench scale -- generate DIR` only writes the repository, for a profiler.

mod measure;
mod repository;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use measure::{Run, Sample};
use repository::{OBJECTS, Size};

const SIZE: Size = Size { environments: 20, apps: 50 };

/// What has to be done before each run.
#[derive(Debug, Clone, Copy)]
enum Before {
    Nothing,
    /// The tree is moved away and not deleted: file systems may be slow to make files right after
    /// they have lost as many.
    MoveRendered,
    ChangeOneValue,
}

/// One line of the table, for each number of threads.
struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    before: Before,
    /// The repository of this crate, instead of the generated one.
    reference: bool,
    /// Whether objects are made, so that they can be counted.
    renders: bool,
}

const CASES: [Case; 6] = [
    Case {
        name: "first build",
        arguments: &["build"],
        before: Before::MoveRendered,
        reference: false,
        renders: true,
    },
    Case {
        name: "no-change build",
        arguments: &["build"],
        before: Before::Nothing,
        reference: false,
        renders: true,
    },
    Case {
        name: "build --check",
        arguments: &["build", "--check"],
        before: Before::Nothing,
        reference: false,
        renders: true,
    },
    Case {
        name: "one changed value",
        arguments: &["build"],
        before: Before::ChangeOneValue,
        reference: false,
        renders: true,
    },
    Case {
        name: "this repository --check",
        arguments: &["build", "--check"],
        before: Before::Nothing,
        reference: true,
        renders: false,
    },
    Case {
        name: "--version",
        arguments: &["--version"],
        before: Before::Nothing,
        reference: true,
        renders: false,
    },
];

/// A build of gitopsc with a repository of its own: another build may render it differently.
struct Subject {
    program: PathBuf,
    repository: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    if let Some(word) = arguments.next() {
        let directory = arguments.next().filter(|_| word == "generate");
        let directory = directory.ok_or("only `generate DIR` can be said here")?;
        return Ok(repository::generate(Path::new(&directory), SIZE)?);
    }
    let runs = match env::var("GITOPSC_RUNS") {
        Ok(runs) => runs.parse::<usize>()?.max(1),
        Err(_) => 5,
    };
    let scratch = tempfile::tempdir()?;
    let peer = env::var_os("GITOPSC_PEER").map(PathBuf::from);
    let programs = std::iter::once(PathBuf::from(env!("CARGO_BIN_EXE_gitopsc"))).chain(peer);
    let mut subjects = Vec::new();
    for (number, program) in programs.enumerate() {
        let repository = scratch.path().join(number.to_string());
        repository::generate(&repository, SIZE)?;
        subjects.push(Subject { program: program.canonicalize()?, repository });
    }
    table(&subjects, runs, &mut io::stdout().lock())
}

fn table(subjects: &[Subject], runs: usize, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let available = thread::available_parallelism()?.get();
    let compared = subjects.len() > 1;
    writeln!(
        out,
        "\n{} environments x {} apps x {OBJECTS} objects = {} objects; {available} processors, \
         {runs} runs, median (fastest - slowest)\n",
        SIZE.environments,
        SIZE.apps,
        SIZE.environments * SIZE.apps * OBJECTS,
    )?;
    writeln!(
        out,
        "{:<24} {:>7}  {:>27} {:>9} {:>9} {:>10}{}",
        "case",
        "threads",
        "wall ms",
        "CPU ms",
        "peak MiB",
        "objects/s",
        if compared { "  wall/peer" } else { "" },
    )?;
    let mut turn = 0;
    for case in &CASES {
        for threads in [Some(1), None] {
            let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); subjects.len()];
            // One more that does not count, for what the system keeps in memory.
            for round in 0..=runs {
                turn += 1;
                for (subject, samples) in subjects.iter().zip(&mut samples) {
                    prepare(case, subject, turn)?;
                    let sample = run(case, subject, threads).time(directory(case, subject))?;
                    if sample.code != Some(0) && !case.reference {
                        return Err(format!("{} ended with {:?}", case.name, sample.code).into());
                    }
                    if round > 0 {
                        samples.push(sample);
                    }
                }
            }
            let Some(subject) = subjects.first() else { return Ok(()) };
            turn += 1;
            prepare(case, subject, turn)?;
            let peak = run(case, subject, threads).peak_memory(directory(case, subject))?;
            line(case, threads.unwrap_or(available), &samples, peak, out)?;
        }
    }
    Ok(())
}

fn directory<'a>(case: &Case, subject: &'a Subject) -> &'a Path {
    if case.reference { Path::new(env!("CARGO_MANIFEST_DIR")) } else { &subject.repository }
}

fn run(case: &Case, subject: &Subject, threads: Option<usize>) -> Run {
    Run {
        program: subject.program.clone(),
        arguments: case.arguments.iter().map(|&argument| argument.to_owned()).collect(),
        threads,
    }
}

fn prepare(case: &Case, subject: &Subject, turn: usize) -> io::Result<()> {
    match case.before {
        Before::Nothing => Ok(()),
        Before::MoveRendered => {
            let rendered = subject.repository.join("rendered");
            if rendered.exists() {
                fs::rename(&rendered, subject.repository.join(format!("old-{turn}")))?;
            }
            Ok(())
        }
        Before::ChangeOneValue => repository::change_one_value(&subject.repository, SIZE, turn),
    }
}

fn line(
    case: &Case,
    threads: usize,
    samples: &[Vec<Sample>],
    peak: Option<u64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let own = samples.first().map(Vec::as_slice).unwrap_or_default();
    let mut walls: Vec<f64> = own.iter().map(|sample| milliseconds(sample.wall)).collect();
    let wall = median(&mut walls);
    let (fastest, slowest) =
        (walls.first().copied().unwrap_or(wall), walls.last().copied().unwrap_or(wall));
    // The mean, since a process may take less than what the system counts in.
    let cpu: Option<Duration> = own.iter().map(|sample| sample.cpu).sum();
    let cpu = cpu.map(|cpu| milliseconds(cpu) / own.len() as f64);
    let objects = (SIZE.environments * SIZE.apps * OBJECTS) as f64;
    let rate = case.renders.then(|| objects / wall * 1000.0);
    let or_dash = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    write!(
        out,
        "{:<24} {threads:>7}  {:>27} {:>9} {:>9} {:>10}",
        case.name,
        format!("{wall:.1} ({fastest:.1} - {slowest:.1})"),
        or_dash(cpu, 1),
        or_dash(peak.map(|bytes| bytes as f64 / f64::from(1 << 20)), 1),
        or_dash(rate, 0),
    )?;
    if let Some(peer) = samples.get(1) {
        let mut ratios: Vec<f64> =
            own.iter().zip(peer).map(|(own, peer)| own.wall.div_duration_f64(peer.wall)).collect();
        write!(out, "  {:>9.3}", median(&mut ratios))?;
    }
    writeln!(out)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Sorts and gives the middle.
fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => numbers[length / 2],
        length => f64::midpoint(numbers[length / 2 - 1], numbers[length / 2]),
    }
}
