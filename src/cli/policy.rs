//! What `check` makes of its findings: settings, options and baseline put together.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::args::{Args, CheckArgs, DenyArg, PolicyArgs};
use crate::config::Settings;
use crate::diagnostic::Finding;
use crate::policy::{Base, Baseline, Looked, Outcome, Policy, Selection, Sorted};
use crate::report::plural;
use crate::world::named::real_path;
use crate::world::{is_directory, read_input, write_result};

/// A policy, and the baseline that is to be written.
pub(super) struct Settled<'a> {
    policy: Policy,
    write: Option<(&'a Path, Option<Baseline>)>,
    /// Where the baseline is.
    file: Option<PathBuf>,
}

impl<'a> Settled<'a> {
    /// Reads the baseline before anything else is done. `command` is the run without its options
    /// for baselines.
    pub(super) fn open(
        args: &'a PolicyArgs,
        settings: &Settings,
        command: &str,
        findings: &mut Vec<Finding>,
    ) -> anyhow::Result<Self> {
        let selection = Selection { select: args.select.clone(), ignore: args.ignore.clone() };
        let policy = Policy::new(settings, selection, findings);
        let read = |file: &Path| {
            let path = file.display().to_string();
            let command = format!("{command} --write-baseline {}", shell(&path));
            let text = read_input(file).map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    anyhow!("there is no baseline `{path}`: make one with `{command}`")
                }
                _ => anyhow!("the baseline `{path}` cannot be read: {error}"),
            })?;
            Baseline::parse(&path, &text, &command)
                .map_err(|why| anyhow!("this is no baseline: {why}; `{command}` makes one"))
        };
        let write = match &args.write_baseline {
            Some(file) if is_new(file) => Some((file.as_path(), None)),
            Some(file) => Some((file.as_path(), Some(read(file)?))),
            None => None,
        };
        let policy = match &args.baseline {
            Some(file) => policy.with_baseline(read(file)?),
            None => policy,
        };
        let file = args.write_baseline.as_deref().or(args.baseline.as_deref());
        Ok(Self { policy, write, file: file.map(start) })
    }

    /// Whether a file is the baseline, which is no manifest.
    pub(super) fn is_baseline(&self, file: &Path) -> bool {
        self.file.as_ref().is_some_and(|baseline| {
            baseline.file_name() == file.file_name() && *baseline == start(file)
        })
    }

    /// Where files are, by the paths that findings begin with; seen from the baseline.
    pub(super) fn base(&self, starts: impl Iterator<Item = (String, PathBuf)>) -> Base {
        let directory = self.file.as_ref().and_then(|file| file.parent());
        directory.map_or_else(Base::default, |directory| Base {
            directory: directory.to_owned(),
            starts: starts.collect(),
        })
    }

    /// What sorts findings.
    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Holds what was sorted against the baseline. One that is to be written is written, and then
    /// hides what it lists.
    pub(super) fn conclude(self, sorted: Sorted, looked: Looked<'_>) -> anyhow::Result<Outcome> {
        let Some((file, old)) = self.write else {
            return Ok(self.policy.conclude(sorted, looked));
        };
        let baseline = self.policy.renew(old.as_ref(), &sorted, looked);
        write_result(file, baseline.to_text().as_bytes())
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        Ok(self.policy.with_baseline(baseline).conclude(sorted, looked))
    }
}

/// The command that does the same again, but for what it shows. `what` is what is judged.
pub(super) fn command(
    args: &Args,
    check: &CheckArgs,
    what: impl Iterator<Item = String>,
) -> String {
    let mut words = vec!["gitopsc".to_owned(), "check".to_owned()];
    words.extend(what);
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), shell(value)]);
    if let Some(version) = check.kubernetes_version {
        option("--kubernetes-version", &format!("1.{}", version.0));
    }
    for directory in &check.schemas {
        option("--schemas", &directory.to_string_lossy());
    }
    for (what, name) in [
        (DenyArg::SchemaMissing, "schema-missing"),
        (DenyArg::UnknownRules, "unknown-rules"),
        (DenyArg::UnknownReferences, "unknown-references"),
    ] {
        if args.denies(what) {
            option("--deny", name);
        }
    }
    if check.strict_files {
        words.push("--strict-files".to_owned());
    }
    words.join(" ")
}

/// A word as a shell takes it for one.
pub(super) fn shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The directory of a file, without links.
fn directory(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => real_path(parent),
        _ => real_path(Path::new(".")),
    }
}

/// Where a path is that findings begin with. A file that is a link stays where it is.
pub(super) fn start(path: &Path) -> PathBuf {
    match path.file_name() {
        Some(name) if !is_directory(path) => directory(path).join(name),
        _ => real_path(path),
    }
}

fn is_new(file: &Path) -> bool {
    read_input(file).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// What is not shown, for the last line of a run; empty where there is nothing.
pub(super) fn hidden(outcome: &Outcome) -> String {
    let silenced =
        (!outcome.silenced.is_empty()).then(|| format!("; {} silenced", outcome.silenced.len()));
    let known = (!outcome.known.is_empty())
        .then(|| format!("; {} in the baseline", plural(outcome.known.len(), "finding")));
    [silenced, known].into_iter().flatten().collect()
}
