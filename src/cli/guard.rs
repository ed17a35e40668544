//! Outputs that would destroy something: two for one file, and those over what a run reads.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::args::{Args, Command, OutputArg};
use super::policy::start;
use super::session::Session;
use crate::world::is_directory;
use crate::world::named::{self, Named};

/// The directories of a repository that hold sources, and the trees made of them.
pub(super) const SOURCES: [&str; 5] =
    ["applicationsets", "apps", "environments", "rendered", "schemas"];

/// What shells and systems call the standard output of a process.
const STANDARD_OUTPUT: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Where an output goes: a file by its one true path, or nothing for standard output.
fn place(output: &OutputArg) -> Option<PathBuf> {
    let file = output.file.as_deref()?;
    let is_standard = STANDARD_OUTPUT.iter().any(|name| Path::new(name) == file);
    (!is_standard).then(|| real(file))
}

/// The one true path of a file, be it there or not. A link is what it leads to.
fn real(file: &Path) -> PathBuf {
    if named::examine(file).is_ok() { named::real_path(file) } else { start(file) }
}

fn spelt(output: &OutputArg) -> String {
    let file = output.file.as_ref().map(|file| format!("={}", file.display()));
    format!("-o {}{}", output.format.name, file.unwrap_or_default())
}

/// Refuses two outputs for one file, and for standard output.
pub(super) fn distinct(args: &Args) -> anyhow::Result<()> {
    let mut seen: Vec<(Option<PathBuf>, &OutputArg)> = Vec::new();
    for output in &args.output {
        let place = place(output);
        let is_bottomless = |place: &PathBuf| named::examine(place).ok() == Some(Named::Other);
        if place.as_ref().is_some_and(is_bottomless) {
            continue;
        }
        if let Some((_, other)) = seen.iter().find(|(known, _)| *known == place) {
            let (one, two) = (spelt(other), spelt(output));
            match &place {
                Some(_) => bail!("two formats for one file, `{one}` and `{two}`"),
                None => bail!(
                    "two formats on standard output: let one go to a file, as `-o {}=FILE`",
                    output.format.name
                ),
            }
        }
        seen.push((place, output));
    }
    Ok(())
}

/// Refuses outputs over what a run reads, as far as that is known before it begins: sources of the
/// repository, settings, schemas, the baseline, files that were named.
pub(super) fn spare_sources(args: &Args) -> anyhow::Result<()> {
    if args.output.iter().all(|output| output.file.is_none()) {
        return Ok(());
    }
    let root = Session::root(args).map(|root| named::real_path(&root));
    let root = root.as_deref();
    let check = match &args.command {
        Command::Check(check) => Some(check),
        _ => None,
    };
    for output in &args.output {
        let Some(file) = place(output) else { continue };
        if let Some(check) = check {
            let policy = &check.policy;
            let mut baselines = policy.baseline.iter().chain(&policy.write_baseline);
            if baselines.any(|baseline| real(baseline) == file) {
                return refuse(output, "the baseline of this run");
            }
        }
        if named::examine(&file).ok() != Some(Named::File) {
            continue;
        }
        let is_source = |root: &Path| SOURCES.iter().any(|name| file.starts_with(root.join(name)));
        if root.is_some_and(is_source) {
            return refuse(output, "a file of the repository that this run reads");
        }
        if file.file_name().is_some_and(|name| name == "gitopsc.yaml") {
            return refuse(output, "where settings are");
        }
        if let Some(check) = check {
            let holds = |directory: &PathBuf| file.starts_with(named::real_path(directory));
            if check.schemas.iter().any(holds) && is_text(&file) {
                return refuse(output, "a schema that this run reads");
            }
            let is_file = |path: &&PathBuf| !is_directory(path);
            if check.paths.iter().filter(is_file).any(|path| real(path) == file) {
                return refuse(output, "a file that this run checks");
            }
        }
    }
    Ok(())
}

/// Refuses outputs over files that were checked.
pub(super) fn spare<'f>(args: &Args, files: impl Iterator<Item = &'f Path>) -> anyhow::Result<()> {
    let outputs: Vec<_> =
        args.output.iter().filter_map(|output| Some((place(output)?, output))).collect();
    if outputs.is_empty() {
        return Ok(());
    }
    for file in files {
        let is_there = |(place, _): &&(PathBuf, &OutputArg)| {
            // A link may have another name.
            *place == *file || *place == real(file)
        };
        if let Some((_, output)) = outputs.iter().find(is_there) {
            return refuse(output, "a file that this run checks");
        }
    }
    Ok(())
}

fn is_text(file: &Path) -> bool {
    file.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
}

fn refuse(output: &OutputArg, what: &str) -> anyhow::Result<()> {
    bail!("`{}` would overwrite {what}; nothing was written", spelt(output))
}
