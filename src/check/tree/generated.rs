//! What is wrong with Applications as a set makes them, and cannot be seen in its template: what a
//! parameter, the template of a generator or `templatePatch` puts there.
//!
//! The rules are those for Applications that a file states; `GenerateApplications` in
//! `applicationset/controllers/template/template.go` of Argo CD makes both alike.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::source::tells_of_path;
use super::title;
use crate::argocd::{Contents, Followed, FollowedApplication, Problem, State};
use crate::check::object::{Fault, Reason, faults_of_application, faults_of_set};
use crate::diagnostic::{Finding, ORIGIN};
use crate::source::Span;
use crate::yaml::{self, Key, Map, Node, Value};

/// Marks of what nobody has filled in, which another check tells.
const OPEN: [&str; 3] = ["{{", "${", "<no value>"];

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    for (number, set) in followed.sets.iter().enumerate() {
        let set = &set.stated.node;
        let Some(template) = set.pointer("/spec/template") else { continue };
        let of_template = faults_of_set(set);
        // Only what the check of the set itself tells, which leaves out what placeholders may mend.
        let mut told: BTreeSet<(&str, String)> = of_template
            .into_iter()
            .filter(|fault| !is_open(fault) && !fault.is_open(set))
            .filter_map(|it| Some((it.id, it.path.strip_prefix("spec.template.")?.to_owned())))
            .collect();
        let patch = set.pointer("/spec/templatePatch").map(|patch| patch.span);
        let made = followed.applications.iter().filter(|one| one.set == Some(number));
        for one in made.filter(|one| !one.is_dropped) {
            let object = placed(&one.application.object, Some(template), template.span, patch);
            let faults = faults_of_application(&object).into_iter();
            let no_path = |it: &Contents| matches!(it.state, State::Wrong(Problem::NoPath));
            let has_told_path = tells_of_path(followed, one) && one.contents.iter().any(no_path);
            for fault in faults.filter(|fault| !is_told(fault, has_told_path, template)) {
                if !told.insert((fault.id, fault.path.clone())) {
                    continue;
                }
                let finding = match fault.reason {
                    Some(_) => Finding::error(fault.id, fault.message),
                    None => Finding::warning(fault.id, fault.message),
                };
                let finding = made_of(finding.at(fault.span, ""), one).field(fault.path);
                let finding = fault.note.into_iter().fold(finding, Finding::note);
                findings.push(fault.help.into_iter().fold(finding, Finding::help));
            }
        }
    }
}

/// Whether other checks tell of it: that of parameters, that of paths, and the schema of the template.
fn is_told(fault: &Fault, has_told_path: bool, template: &Node) -> bool {
    let lacks_path = fault.reason == Some(Reason::Required) && fault.path.ends_with(".path");
    let lacks_url = fault.path.strip_suffix(".repoURL").is_some_and(|source| {
        let pointer = format!("/{}", source.replace(['.', '['], "/").replace(']', ""));
        template.pointer(&pointer).is_some_and(|source| source.get("repoURL").is_none())
    });
    is_open(fault) || lacks_path && has_told_path || lacks_url
}

/// Whether it is about what is yet to be filled in.
fn is_open(fault: &Fault) -> bool {
    OPEN.iter().any(|mark| fault.message.contains(mark))
}

/// Adds which Application it is that the set makes so.
fn made_of(finding: Finding, one: &FollowedApplication) -> Finding {
    let origins = one.application.origins().iter();
    let finding = origins.fold(finding, |finding, &origin| finding.at(origin, ORIGIN));
    let name = one.application.name();
    finding.note(format!("the set makes `{name}` so, as perhaps others")).about(title(one))
}

/// A value with the places of the template: what is not written there comes from the patch, where
/// there is one, and else stands at what is nearest above.
fn placed(json: &Json, written: Option<&Node>, above: Span, patch: Option<Span>) -> Node {
    let span = written.map_or(patch.unwrap_or(above), |node| node.span);
    let value = match json {
        Json::Object(map) => {
            let mut all = Map::default();
            for (name, value) in map {
                let known = written.and_then(|node| node.as_map()?.entry(name));
                let key = known.map_or(patch.unwrap_or(span), |(key, _)| key.span);
                let value = placed(value, known.map(|(_, node)| node), span, patch);
                all.insert(Key { name: name.as_str().into(), span: key }, value);
            }
            Value::Map(all)
        }
        Json::Array(items) => {
            let written = written.and_then(Node::as_seq).unwrap_or_default();
            let item = |(at, item)| placed(item, written.get(at), span, patch);
            Value::Seq(items.iter().enumerate().map(item).collect())
        }
        plain => {
            // What the template says in full, and is otherwise now, the patch says.
            let text = written.and_then(Node::as_str);
            let is_patched =
                text.is_some_and(|it| !it.contains("{{") && plain.as_str() != Some(it));
            return yaml::from_json(plain, patch.filter(|_| is_patched).unwrap_or(span));
        }
    };
    Node::new(value, span)
}
