//! What `check` makes of its findings: settings, options and baseline put together.

use std::path::Path;

use anyhow::{Context, anyhow};

use super::args::PolicyArgs;
use crate::config::Settings;
use crate::diagnostic::Finding;
use crate::policy::{Baseline, Looked, Outcome, Policy, Selection, Sorted};
use crate::report::plural;
use crate::world::{read_input, write_result};

/// A policy, and the baseline that is to be written.
pub(super) struct Settled<'a> {
    policy: Policy,
    write: Option<(&'a Path, Option<Baseline>)>,
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
            let text = read_input(file)
                .with_context(|| format!("the baseline `{}` cannot be read", file.display()))?;
            let path = file.display().to_string();
            let command = format!("{command} --write-baseline {path}");
            Baseline::parse(&path, &text, &command)
                .map_err(|why| anyhow!("this is no baseline: {why}"))
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
        Ok(Self { policy, write })
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

fn is_new(file: &Path) -> bool {
    read_input(file).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// What is not shown, for the last line of a run; empty where there is nothing.
pub(super) fn hidden(outcome: &Outcome) -> String {
    let silenced =
        (!outcome.silenced.is_empty()).then(|| format!("; {} silenced", outcome.silenced.len()));
    let known = (!outcome.known.is_empty())
        .then(|| format!("; {} in the baseline", plural(outcome.known.len(), "finding")));
    [silenced, known].into_iter().flatten().collect()
}
