//! Names for findings that hold while lines move.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Report;
use crate::diagnostic::Finding;

/// Gives each finding of a report its fingerprint: 64 hexadecimal digits, different for every
/// finding of a run.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<String, usize>,
}

impl Fingerprints {
    /// The fingerprint of the next finding, made of the fault, the file, the object, the field and
    /// the message, and of how many before it were equal in all that. The line has no part in it,
    /// nor have the environments: a fault that spreads is the same fault.
    pub(super) fn next(&mut self, report: &Report<'_>, finding: &Finding) -> String {
        let file = report.file(finding).map(|file| report.plain(file));
        let parts = [
            Some(finding.id),
            file.as_deref(),
            finding.object.as_deref(),
            finding.keyed_field.as_deref().or(finding.field.as_deref()),
            Some(&finding.message),
        ];
        let identity = digest(parts.into_iter().map(Option::unwrap_or_default));
        let seen = self.seen.entry(identity.clone()).or_default();
        *seen += 1;
        match *seen {
            1 => identity,
            more => digest([&*identity, &more.to_string()].into_iter()),
        }
    }
}

fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
