//! What was not judged, and the numbers at the end of a run over files.

use std::collections::BTreeMap;
use std::io::Write;

use super::object::Tally;
use crate::diagnostic::Finding;
use crate::load::manifest::Reason;
use crate::report::{self, Counts, plural};

/// One file, or some documents of it, that were not judged.
#[derive(Debug)]
pub(super) struct Skipped {
    /// The path as it is shown.
    pub(super) file: String,
    pub(super) reason: Reason,
    /// How many documents, and the line of the first; nothing for a whole file.
    pub(super) documents: Option<(usize, usize)>,
}

impl Skipped {
    /// The finding that `--strict-files` makes of it.
    pub(super) fn finding(&self) -> Finding {
        let what = match self.documents {
            None => "the file is".to_owned(),
            Some((1, _)) => "a document is".to_owned(),
            Some((count, _)) => format!("{count} documents are"),
        };
        let message = format!("{what} not judged: {}", self.reason.text());
        let finding = Finding::error("file-skipped", message).in_file(self.file.as_str());
        match self.documents {
            Some((_, line)) => finding.note(format!("the first one is in line {line}")),
            None => finding,
        }
    }

    fn line(&self) -> String {
        let reason = self.reason.text();
        match self.documents {
            None => format!("{}: {reason}", self.file),
            Some((1, line)) => format!("{}:{line}: {reason}", self.file),
            Some((count, line)) => format!("{}:{line}: {reason} ({count} documents)", self.file),
        }
    }

    /// The same for reports.
    pub(super) fn reported(&self) -> report::Skipped {
        report::Skipped {
            file: self.file.clone(),
            reason: self.reason.as_str().to_owned(),
            documents: self.documents.map(|(count, _)| count),
            line: self.documents.map(|(_, line)| line),
        }
    }
}

/// The numbers of a run over files.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) minor: u32,
    pub(super) files: usize,
    pub(super) tally: Tally,
    pub(super) skipped: Vec<Skipped>,
}

impl Summary {
    /// How many files, or documents of other files, were skipped, by reason.
    fn counts(&self, of_files: bool) -> BTreeMap<Reason, usize> {
        let mut counts = BTreeMap::new();
        for skipped in &self.skipped {
            if skipped.documents.is_none() == of_files {
                *counts.entry(skipped.reason).or_default() +=
                    skipped.documents.map_or(1, |(count, _)| count);
            }
        }
        counts
    }

    /// Writes the end of the output for people.
    pub(super) fn write(
        &self,
        counts: Counts,
        hidden: &str,
        show_skipped: bool,
        stream: &mut dyn Write,
    ) -> anyhow::Result<()> {
        if show_skipped {
            for skipped in &self.skipped {
                writeln!(stream, "skipped: {}", skipped.line())?;
            }
        }
        let Tally { objects, valid, invalid, .. } = self.tally;
        writeln!(
            stream,
            "{} in {} judged for Kubernetes 1.{}: {valid} valid, {invalid} invalid, {} without a schema",
            plural(objects, "object"),
            plural(self.files, "file"),
            self.minor,
            self.tally.without()
        )?;
        if self.tally.without() > 0 {
            writeln!(stream, "without a schema: {}", self.tally.kinds_without())?;
        }
        for (of_files, word) in [(true, "file"), (false, "document")] {
            let counts = self.counts(of_files);
            if counts.is_empty() {
                continue;
            }
            let all = plural(counts.values().sum(), word);
            let named = |(reason, count): (&Reason, &usize)| format!("{count} {}", reason.text());
            let reasons: Vec<_> = counts.iter().map(named).collect();
            writeln!(stream, "skipped: {all} ({})", reasons.join("; "))?;
        }
        for caveat in self.tally.caveats() {
            writeln!(stream, "{caveat}")?;
        }
        let errors = plural(counts.errors, "error");
        let (warnings, notes) = (plural(counts.warnings, "warning"), plural(counts.notes, "note"));
        Ok(writeln!(stream, "\n{errors}; {warnings}; {notes}{hidden}")?)
    }
}
