//! What the checks across objects add to those of single objects, over environments.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::measure::{Run, Sample};
use crate::repository::{self, OBJECTS, Size};

const SIZE: Size = Size { environments: 20, apps: 200 };

/// What runs in turn; each but the first adds checks, and all render.
const STEPS: [(&str, &[&str]); 4] = [
    ("rendering alone", &["build", "--check"]),
    ("and objects", &["check", "--select", "object"]),
    ("and references, addresses, budgets", &["check", "--select", "object", "--select", "whole"]),
    ("and Argo CD's tree", &["check"]),
];

/// Times the steps in turn, and prints the medians, each with its share of the time for objects
/// (rendered and judged one by one).
pub(crate) fn run(
    root: &Path,
    gitopsc: &Path,
    runs: usize,
    out: &mut dyn Write,
) -> Result<(), Box<dyn Error>> {
    let root = root.join("environments-of-2000");
    repository::generate(&root, SIZE)?;
    let start = |arguments: &[&str]| Run {
        program: gitopsc.to_owned(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        threads: None,
    };
    start(&["build"]).time(&root)?;
    let steps = STEPS.map(|(_, arguments)| start(arguments));
    let mut samples = STEPS.map(|_| Vec::new());
    // One more that does not count, for what the system keeps in memory.
    for round in 0..=runs {
        for (step, samples) in steps.iter().zip(&mut samples) {
            let sample = step.time(&root)?;
            if sample.code != Some(0) {
                return Err(format!("{step:?} ended with {:?}", sample.code).into());
            }
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    let median = |samples: &[Sample], of: fn(&Sample) -> Duration| {
        let mut all: Vec<_> = samples.iter().map(of).collect();
        all.sort();
        all[all.len() / 2].as_secs_f64()
    };
    let medians = samples
        .map(|it| (median(&it, |one| one.wall), median(&it, |one| one.cpu.unwrap_or_default())));
    let (objects, _) = medians[1];
    writeln!(
        out,
        "\n{:<38} {:>9} {:>9} {:>9}",
        format!("{} environments of {} objects", SIZE.environments, SIZE.apps * OBJECTS),
        "wall ms",
        "CPU ms",
        "share"
    )?;
    for ((name, _), (wall, cpu)) in STEPS.iter().zip(medians) {
        let (wall_ms, cpu_ms, share) = (wall * 1000.0, cpu * 1000.0, wall / objects * 100.0);
        writeln!(out, "{name:<38} {wall_ms:>9.0} {cpu_ms:>9.0} {share:>7.0} %")?;
    }
    Ok(())
}
