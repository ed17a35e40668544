//! Why the two still differ, where they do.

use super::verdict::Outcome;

/// Words of the server, and why we do not say the same.
const MISSED: [(&str, &str); 4] = [
    ("compilation failed", "An expression of CEL that does not compile"),
    ("must evaluate to bool", "An expression of CEL of another type than asked for"),
    ("rule cost exceeds budget", "An expression of CEL that may take too long"),
    (
        "the server could not find the requested resource",
        "An early version that a server may have switched on: a warning here",
    ),
];

/// Why an object that the server refuses passes.
pub(crate) fn of_miss(outcome: &Outcome) -> Option<&'static str> {
    MISSED.iter().find(|(words, _)| outcome.message.contains(words)).map(|(_, reason)| *reason)
}

/// Why we name another field.
pub(crate) fn of_field(outcome: &Outcome) -> &'static str {
    let field = outcome.field.as_deref().unwrap_or_default();
    let of = |words: &[&str]| words.iter().any(|word| field.contains(word));
    if field.starts_with("[]") {
        "The server's decoder stops at its first fault and names Go's embedded structs; all faults are named here, each with its path in the object"
    } else if of(&[
        "downwarAPI",
        "downwardAPI.",
        "volumeMounts.",
        "openAPIV3Schema",
        "webhookClientConfig",
        "ownerReferences.",
        "clusterIPs",
    ]) {
        "The server names a path that is not in the object: an index left out, an old spelling, the name of another version"
    } else {
        "Several faults at once: the server names first one that follows from another, which is the one named here"
    }
}
