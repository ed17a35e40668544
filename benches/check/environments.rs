//! What the checks across objects add to those of single objects, over environments.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::measure::Run;
use crate::repository::{self, OBJECTS, Size};

const SIZE: Size = Size { environments: 20, apps: 200 };

/// Renders, judges each object, and judges clusters as a whole, in turn; prints the medians, and what
/// the last adds to the second. Both render too, about as `build --check` does.
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
    let steps =
        [start(&["build", "--check"]), start(&["check", "--select", "object"]), start(&["check"])];
    let mut walls = [Vec::new(), Vec::new(), Vec::new()];
    let mut shares = Vec::new();
    // One more that does not count, for what the system keeps in memory.
    for round in 0..=runs {
        let mut taken = [Duration::ZERO; 3];
        for (step, taken) in steps.iter().zip(&mut taken) {
            let sample = step.time(&root)?;
            if sample.code != Some(0) {
                return Err(format!("{step:?} ended with {:?}", sample.code).into());
            }
            *taken = sample.wall;
        }
        if round > 0 {
            let [_, objects, whole] = taken.map(|wall| wall.as_secs_f64());
            shares.push((whole - objects) / objects);
            walls.iter_mut().zip(taken).for_each(|(all, one)| all.push(one.as_secs_f64()));
        }
    }
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let [rendered, objects, whole] = walls.each_mut().map(median);
    writeln!(
        out,
        "\n{} environments of {} objects: `build --check` {:.0} ms, `check --select object` {:.0} ms, \
         `check` {:.0} ms\nchecks across objects add {:.0} % to the time of the second",
        SIZE.environments,
        SIZE.apps * OBJECTS,
        rendered * 1000.0,
        objects * 1000.0,
        whole * 1000.0,
        median(&mut shares) * 100.0,
    )?;
    Ok(())
}
