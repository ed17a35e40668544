//! Templates of ApplicationSets that ask for what no generator gives.
//!
//! Rules: `Replace` in `applicationset/utils/utils.go` of Argo CD: the older engine leaves a tag that it does
//! not know as it is, and Go prints `<no value>`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::at;
use crate::argocd::{Followed, FollowedApplication, State};
use crate::diagnostic::Finding;
use crate::yaml::Node;

const ID: &str = "parameter-missing";

/// What Go prints for a key that is not there, or null.
pub(super) const NOTHING: &str = "<no value>";

/// Fields in which a tag of the older engine is nothing that others fill in.
const PLAIN: [&str; 8] = [
    "/chart",
    "/namespace",
    "/name",
    "/path",
    "/project",
    "/repoURL",
    "/server",
    "/targetRevision",
];

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        let Some(set) = one.set.map(|set| &followed.sets[set].stated.node) else { continue };
        let is_go = set.pointer("/spec/goTemplate").is_some_and(Node::is_true);
        let mut texts = Vec::new();
        for part in ["metadata", "spec"] {
            let value = one.application.object.get(part).unwrap_or(&Json::Null);
            texts_of(value, &format!("/{part}"), &mut texts);
        }
        for (pointer, text) in texts {
            let is_left = match is_go {
                true => text.contains(NOTHING),
                false => text.contains("{{") && text.contains("}}") && is_plain(&pointer),
            };
            let place = one.application.place(&pointer);
            if is_left && !is_told(one, &pointer) && told.insert(place) {
                findings.push(missing(one, &pointer, text, is_go));
            }
        }
    }
}

fn is_plain(pointer: &str) -> bool {
    let is_of_place = ["/spec/destination", "/spec/source", "/spec/project"];
    let is_deep = ["helm", "kustomize", "directory", "plugin"];
    is_of_place.iter().any(|it| pointer.starts_with(it))
        && PLAIN.iter().any(|field| pointer.ends_with(field))
        && !pointer.split('/').any(|step| is_deep.contains(&step))
}

/// A path that leads nowhere is told as such.
fn is_told(one: &FollowedApplication, pointer: &str) -> bool {
    let sources = one.application.sources();
    let mut all = sources.iter().zip(&one.contents);
    all.any(|(source, contents)| {
        let (source, contents) = contents.made_from(*source);
        source.pointer("path") == pointer && matches!(contents.state, State::Wrong(_))
    })
}

/// All texts in a value, with JSON pointers.
fn texts_of<'v>(value: &'v Json, pointer: &str, found: &mut Vec<(String, &'v str)>) {
    match value {
        Json::String(text) => found.push((pointer.to_owned(), text)),
        Json::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                texts_of(item, &format!("{pointer}/{number}"), found);
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                texts_of(item, &format!("{pointer}/{key}"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn missing(one: &FollowedApplication, pointer: &str, text: &str, is_go: bool) -> Finding {
    let line = text.lines().find(|line| line.contains(if is_go { NOTHING } else { "{{" }));
    let line = line.unwrap_or_default().trim();
    let message = match is_go {
        true => format!("the template makes `{line}` of a parameter that is not there"),
        false => format!("the template leaves `{line}` as it is"),
    };
    let name = one.application.name();
    let finding = at(Finding::warning(ID, message), one, pointer);
    match is_go {
        true => finding.note(format!("in `{name}`; the parameter is null, or nobody gives it")).help(
            "give it, or a `default`; with `goTemplateOptions: [missingkey=error]` such a set stops",
        ),
        false => finding.note(format!("in `{name}`: no parameter of its generators has that name")),
    }
}
