//! What checks of single objects have told already.

use std::collections::HashSet;

use super::Whole;
use crate::diagnostic::{Finding, Severity};
use crate::model::prefixes;
use crate::source::FileId;

/// Checks whose fault the definition of the kind may forbid too: that of ScaledObjects has a rule
/// and bounds for their numbers of pods, in some versions of KEDA.
const SHARED: [&str; 1] = ["scaled-object-invalid"];

/// Errors of single objects: the file, the object and the field of each.
#[derive(Debug, Default)]
pub struct Told(HashSet<(FileId, String, String)>);

impl Told {
    /// Notes what was found in a file.
    pub fn add(&mut self, file: FileId, finding: &Finding) {
        if let (Severity::Error, Some(object), Some(field)) =
            (finding.severity, &finding.object, &finding.field)
        {
            self.0.insert((file, object.clone(), field.clone()));
        }
    }

    /// Whether a finding is about what was told: of its field, or of what holds that.
    fn has(&self, finding: &Finding) -> bool {
        let (Some(object), Some(field)) = (&finding.object, &finding.field) else { return false };
        let is_told = |file: FileId| {
            prefixes(field).any(|field| self.0.contains(&(file, object.clone(), field.to_owned())))
        };
        finding.labels.iter().any(|label| is_told(label.span.file))
    }
}

impl Whole {
    /// Leaves out faults that the objects have by themselves, and that were told of them.
    pub fn leave_out(&mut self, told: &Told) {
        self.findings.retain(|finding| !SHARED.contains(&finding.id) || !told.has(finding));
    }
}
