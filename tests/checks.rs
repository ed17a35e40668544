//! Every check by its own page: what the page calls wrong is found, in what it calls right nothing is.

#![allow(clippy::unwrap_used)]

#[path = "support/cluster.rs"]
mod cluster;
mod support;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::fs;

use gitopsc::check::registry::{CHECKS, Check, Reach};
use gitopsc::check::{Fault, whole};
use gitopsc::diagnostic::{Finding, Severity};

/// In an example, this stands for so much text.
const LARGE: &str = "<1 MiB of text>";

/// What is wrong with the objects of an example, each by itself, and with all together.
fn faults(text: &str) -> (Vec<Fault>, Vec<Finding>) {
    let text = &*text.replace(LARGE, &"x".repeat(1 << 20));
    // An environment that says where its repository is belongs to one, and rendered.
    if text.contains("kind: Environment") && text.contains("gitops:") {
        let (cluster, _) =
            support::whole::environment(&support::whole::repository(text), "example");
        return (Vec::new(), whole::check(&cluster).findings);
    }
    let checked = cluster::check(text);
    (checked.faults, checked.findings)
}

#[test]
fn pages_hold() {
    let mut wrong = Vec::new();
    for check in CHECKS.iter() {
        let id = check.id;
        if check.page.lines().next() != Some(&*format!("# {id}")) {
            wrong.push(format!("{id}: the page does not begin with its id"));
        }
        let title = check.title();
        if title.is_empty() || title.ends_with('.') || title.contains('\n') {
            wrong.push(format!("{id}: no headline in one line without a period"));
        }
        if check.text().is_empty() {
            wrong.push(format!("{id}: no text"));
        }
        if check.page.lines().any(|line| line.len() > 120) {
            wrong.push(format!("{id}: a line is longer than 120"));
        }
        if check.wrong().count() == 0 || check.right().count() == 0 {
            wrong.push(format!("{id}: no example"));
        }
        for example in check.wrong() {
            let (found, together) = faults(example);
            let is_right = match check.reach {
                Reach::One | Reach::Made => {
                    let mut of_it = found.iter().filter(|fault| fault.id == id).peekable();
                    let is_error = check.level() == Severity::Error;
                    of_it.peek().is_some() && of_it.all(|it| it.reason.is_some() == is_error)
                }
                Reach::Tree => {
                    let followed = tree::faults(example);
                    let is_it = |it: &Finding| it.id == id && it.severity == check.level();
                    followed.len() == 1 && followed.iter().all(is_it)
                }
                Reach::All => {
                    let is_it = |it: &Finding| it.id == id && it.severity == check.level();
                    found.is_empty() && together.len() == 1 && together.iter().all(is_it)
                }
            };
            if !is_right {
                let followed = tree::faults(example);
                wrong.push(format!(
                    "{id}: in its wrong example: {found:#?} {together:#?} {followed:#?}\n{example}"
                ));
            }
        }
        for example in check.right() {
            let (found, mut together) = faults(example);
            if check.reach == Reach::Tree {
                together = tree::faults(example);
            }
            if !found.is_empty() || !together.is_empty() {
                wrong.push(format!(
                    "{id}: in its right example: {found:#?} {together:#?}\n{example}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_is_registered_in_order() {
    let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
    let pages = fs::read_dir("docs/checks").unwrap();
    let pages: BTreeSet<String> = pages
        .map(|page| page.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(pages, ids.iter().map(|id| (*id).to_owned()).collect());
    assert!(ids.iter().all(|id| Check::find(id).is_some_and(|check| check.id == *id)));
}

/// The server asks whether the keys are there, not what they hold: `ValidateSecret` in
/// `pkg/apis/core/validation/validation.go` of Kubernetes; it warns of a pair that it cannot read
/// (`warningsForSecret` in `pkg/registry/core/secret/strategy.go`).
#[test]
fn an_empty_certificate_is_no_missing_one() {
    let of = |field: &str, data: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: web, namespace: web}}\ntype: kubernetes.io/tls\n\
             {field}: {{{data}}}\n"
        );
        faults(&text).0.iter().map(|fault| fault.id).collect::<Vec<_>>()
    };
    for field in ["data", "stringData"] {
        assert_eq!(of(field, "tls.crt: '', tls.key: ''"), [""; 0], "{field}");
        assert_eq!(of(field, "tls.key: ''"), ["secret-incomplete"], "{field}");
    }
    let key = "\"-----BEGIN PRIVATE KEY-----\\nMC4=\\n-----END PRIVATE KEY-----\"";
    assert_eq!(of("stringData", &format!("tls.crt: '', tls.key: {key}")), ["tls-pair-unreadable"]);
}
