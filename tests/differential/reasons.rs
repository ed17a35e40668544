//! Why the two still differ, where they do.

use super::verdict::Outcome;

/// Words of the server, and why we do not say the same.
const MISSED: [(&str, &str); 7] = [
    ("status.declaredFeatures", "The status of a node, which nobody writes by hand"),
    ("inlineVolumeSpec", "The volume within an attachment, which only the migration to CSI writes"),
    ("compilation failed", "An expression of CEL that does not compile"),
    ("must evaluate to", "An expression of CEL of another type than asked for"),
    (
        "in body must be of type int32",
        "The default of a field that is int-or-string, text, and of a format of numbers at once",
    ),
    ("rule cost exceeds budget", "An expression of CEL that may take too long"),
    (
        "the server could not find the requested resource",
        "An early version that a server may have switched on: a warning here",
    ),
];

/// Why an object that the server refuses passes.
pub(crate) fn of_miss(outcome: &Outcome) -> Option<&'static str> {
    let large = |words: &&str| outcome.change.contains(*words);
    if ["12e30", "99999999999999999999"].iter().any(large) {
        return Some("A quantity beyond 64 bits, of which the server sees the lowest");
    }
    MISSED.iter().find(|(words, _)| outcome.message.contains(words)).map(|(_, reason)| *reason)
}

/// Why we name another field.
pub(crate) fn of_field(outcome: &Outcome) -> &'static str {
    let field = outcome.field.as_deref().unwrap_or_default();
    let of = |words: &[&str]| words.iter().any(|word| field.contains(word));
    let ours = |word: &str| outcome.faults.iter().any(|(_, path)| path.contains(word));
    if field.starts_with("[]") {
        "The server's decoder stops at the first value that it cannot read; other faults are named here"
    } else if outcome.kind == "StatefulSet" && of(&["spec.volumes["]) {
        "The server counts the volumes of a StatefulSet's claims before those of its pods"
    } else if of(&["webhookClientConfig", "clientConfig.service"]) {
        "The server takes `name` for `namespace` in webhooks, and the other way round"
    } else if field.starts_with("metadata.labels") {
        "The server has given the labels of the template to the object, and names them first there"
    } else if field.starts_with("spec.dataSource") {
        "The server has copied `dataSourceRef` to `dataSource`, and names that first"
    } else if of(&["ephemeralContainers["]) {
        "Ephemeral containers are refused on the whole; the server also looks into them"
    } else if of(&["openAPIV3Schema"]) {
        "The server names the fields of a definition's schema by the form that it keeps it in"
    } else if of(&["averageUtilization"]) && ours("targetCPUUtilizationPercentage") {
        "The server names `autoscaling/v1` fields as `autoscaling/v2` does"
    } else if of(&["matchConditions", "expression"]) {
        "The server names first an expression of CEL that does not compile"
    } else {
        "Several faults at once, or another spelling: the server names first what is not named here"
    }
}
