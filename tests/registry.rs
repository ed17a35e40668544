//! The ids that the code can give and the registry are the same.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;

use gitopsc::check::registry::CHECKS;
use support::{files, root};

/// What looks like the id of a check in `src/check` and is none: words of Kubernetes, and what is only
/// told on request.
const WORDS: [&str; 23] = [
    "argo-cd",
    "argocd-cm",
    "argocd-cmd-params-cm",
    "audit-version",
    "controller-uid",
    "date-time",
    "enforce-version",
    "ephemeral-storage",
    "job-name",
    "kube-system",
    "local-path",
    "reference-unknown",
    "ssh-privatekey",
    "system-cluster-critical",
    "system-node-critical",
    "warn-version",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];

/// The texts in quotes of a line of code.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") { "" } else { line };
    code.split('"').skip(1).step_by(2)
}

/// Whether a text is words of small letters and digits with hyphens between them.
fn is_kebab(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    text.contains('-') && text.split('-').all(is_word)
}

#[test]
fn every_id_in_the_code_is_a_check_and_every_check_is_in_the_code() {
    let mut written = BTreeSet::new();
    for (path, bytes) in files(&root().join("src/check")) {
        if path == "registry/list.rs" || !path.ends_with(".rs") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap().replace("\\\"", "");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let found = code.lines().flat_map(quoted).filter(|text| is_kebab(text));
        written.extend(found.map(str::to_owned));
    }
    let written: BTreeSet<&str> = written.iter().map(String::as_str).collect();
    let words = BTreeSet::from(WORDS);
    let checks: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert!(checks.iter().all(|id| is_kebab(id)), "{checks:?}");
    let known: BTreeSet<&str> = checks.union(&words).copied().collect();
    let without_page: Vec<_> = written.difference(&known).collect();
    assert!(without_page.is_empty(), "in src/check, and no check: {without_page:?}");
    let gone: Vec<_> = known.difference(&written).collect();
    assert!(gone.is_empty(), "not in src/check: {gone:?}");
    assert!(checks.is_disjoint(&words));
}
