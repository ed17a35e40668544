//! Names that become directories, Applications, projects and labels.

use std::collections::BTreeMap;

use super::reference::entries;
use super::{CLUSTER_LAYER, Environment};
use crate::config::pointer_span;
use crate::diagnostic::Finding;
use crate::load::Repo;
use crate::source::Span;
use crate::yaml::Node;

/// What an ending `-root` of a project or an Application would collide with.
const ROOT: &str = "root";

/// Why a text is no name where Kubernetes takes DNS subdomains (RFC 1123): labels with dots.
fn subdomain_fault(name: &str) -> Option<&'static str> {
    if name.len() > 253 {
        return Some("it must have 1 to 253 characters");
    }
    let begins_well = |part: &str| !part.starts_with('-') && !part.ends_with('-');
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if !name.chars().all(allowed) {
        Some("only lower-case letters, digits, `-` and `.` may be in it")
    } else if name.split('.').any(|part| part.is_empty() || !begins_well(part)) {
        Some("it, and each part between dots, must begin and end with a letter or a digit")
    } else {
        None
    }
}

/// Why a text is no name of a priority class: Kubernetes keeps `system-` for its own.
fn class_fault(name: &str) -> Option<&'static str> {
    match name.starts_with("system-") {
        true => Some("Kubernetes keeps names that begin with `system-` for itself"),
        false => subdomain_fault(name),
    }
}

/// Says why a text is no name.
type Judge = fn(&str) -> Option<&'static str>;

/// What an environment names and Kubernetes judges: the field and what it is.
const OBJECTS: [(&str, &str, Judge); 5] = [
    ("namespaces", "a namespace", fault),
    ("nodes", "a node", subdomain_fault),
    ("pools", "a pool", subdomain_fault),
    ("storageClasses", "a storage class", subdomain_fault),
    ("priorityClasses", "a priority class", class_fault),
];

/// Why a text is no name: DNS labels (RFC 1123) are valid wherever names go.
fn fault(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 63 {
        Some("it must have 1 to 63 characters")
    } else if !name.chars().all(allowed) {
        Some("only lower-case letters, digits and `-` may be in it")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("it must begin and end with a letter or a digit")
    } else {
        None
    }
}

fn refused(what: &str, name: &str, why: &str, span: Span) -> Finding {
    Finding::error("name-wrong", format!("`{name}` cannot be the name of {what}"))
        .at(span, why.to_owned())
}

fn wrong(what: &str, name: &str, why: &str, span: Span) -> Finding {
    refused(what, name, why, span).note("it becomes a directory, an Argo CD name and a label")
}

/// The names that one environment gives.
pub(super) fn check_environment(repo: &Repo, name: &str, node: &Node, findings: &mut Vec<Finding>) {
    let Some(files) = repo.environments.get(name) else { return };
    let start = findings.len();
    if let Some(why) = fault(name) {
        let span = Span::new(files.file, 0..0);
        findings.push(wrong("an environment", name, why, span).help("rename its folder"));
    }
    for (field, what) in [("layers", "a layer"), ("apps", "a release")] {
        for (key, entry) in entries(node, field) {
            if let Some(why) = fault(&key.name) {
                findings.push(wrong(what, &key.name, why, key.span));
            }
            let reserved = match field {
                "layers" => [ROOT, CLUSTER_LAYER].as_slice(),
                _ => [ROOT, "cluster", "metallb-config"].as_slice(),
            };
            // Without `app`, the name is that of a built-in app, and the finding is that no other
            // app has it.
            let told = field == "apps" && &*key.name != ROOT && entry.get("app").is_none();
            if reserved.contains(&&*key.name) && !told {
                let why = "the tree has one of its own of this name";
                findings.push(wrong(what, &key.name, why, key.span).help("choose another name"));
            }
        }
    }
    for (field, what, fault) in OBJECTS {
        for (key, _) in entries(node, field) {
            let why = fault(&key.name);
            findings.extend(why.map(|why| refused(what, &key.name, why, key.span)));
        }
    }
    for finding in &mut findings[start..] {
        finding.environments = vec![name.to_owned()];
    }
}

/// The names of apps, which become label values.
pub(super) fn check_apps(repo: &Repo, findings: &mut Vec<Finding>) {
    for app in repo.apps.values() {
        if let Some(why) = fault(&app.name) {
            let span = Span::new(app.file, 0..0);
            findings.push(wrong("an app", &app.name, why, span).help("rename its folder"));
        }
    }
}

/// Warns where two environments give Argo CD one name: `a` with `b-c`, and `a-b` with `c`.
pub(super) fn check_shared(environments: &[Environment], findings: &mut Vec<Finding>) {
    let mut owners: BTreeMap<(&str, String), (&str, Span)> = BTreeMap::new();
    for environment in environments {
        let releases = environment
            .releases
            .iter()
            .map(|release| ("Application", release.name.as_str(), release.span));
        let layers = environment.live_layers().map(|layer| {
            let span = pointer_span(&environment.node, &format!("/layers/{layer}"));
            ("AppProject", layer, span)
        });
        for (kind, name, span) in releases.chain(layers) {
            let whole = format!("{}-{name}", environment.name);
            let owner = (environment.name.as_str(), span);
            let Some((other, first)) = owners.insert((kind, whole.clone()), owner) else {
                continue;
            };
            if other == environment.name {
                continue;
            }
            findings.push(
                Finding::warning(
                    "name-shared",
                    format!("`{other}` and `{}` both have the {kind} `{whole}`", environment.name),
                )
                .at(span, "here")
                .at(first, "and here")
                .note("one Argo CD cannot hold both")
                .help("rename one of them, or let each cluster have an Argo CD of its own")
                .in_environment(other)
                .in_environment(&environment.name),
            );
        }
    }
}
