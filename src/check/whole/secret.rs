//! Secrets whose values stand in the manifest.

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{Body, Cluster, Extent};

/// How many keys a finding names.
const SHOWN: usize = 3;

/// Looks at every Secret. Files of an unknown cluster may be made up, or be no part of a repository.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        let Body::Secret(secret) = &object.body else { continue };
        let Some((_, first)) = secret.exposed.first() else { continue };
        let keys = secret.exposed.iter().take(SHOWN).map(|(key, _)| format!("`{key}`"));
        let mut keys = keys.collect::<Vec<_>>().join(", ");
        if let Some(more @ 1..) = secret.exposed.len().checked_sub(SHOWN) {
            keys = format!("{keys} and {more} more");
        }
        let message = format!("{} has values for all to read: {keys}", object.key);
        let id = "secret-in-git";
        let finding = match cluster.extent() {
            Extent::Whole => Finding::warning(id, message),
            _ => Finding::info(id, message),
        };
        whole.findings.push(
            at(finding, object, first)
                .veiled()
                .note(
                    "base64 hides nothing, and the history of a repository keeps what is taken out",
                )
                .help(
                    "replace the values where they are used, and let External Secrets, Sealed \
                     Secrets or sops bring the Secret",
                ),
        );
    }
    whole
}
