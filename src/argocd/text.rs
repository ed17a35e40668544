//! YAML of which only the first document counts: files of git generators, `elementsYaml`, patches,
//! changes of sources.

use crate::source::FileId;
use crate::yaml::{self, Node};

/// The first document of a text, as `sigs.k8s.io/yaml` reads it; nothing where it is empty. The file
/// is what places in the result belong to.
///
/// # Errors
///
/// Why it cannot be read, in words.
pub(super) fn first_document(text: &str, file: FileId) -> Result<Option<Node>, String> {
    let mut first = None;
    yaml::read_each(file, text, |_, read| {
        if first.is_some() {
            return;
        }
        let node = read.documents.into_iter().find_map(|document| document.node);
        let fatal = read.faults.into_iter().find(|fault| fault.kind.is_fatal());
        first = match (node, fatal) {
            (None, Some(fault)) => Some(Err(fault.message)),
            (Some(node), _) => Some(Ok(node)),
            (None, None) => None,
        };
    });
    first.transpose()
}
