//! The tree of Argo CD for programs.

use serde_json::{Value, json};

use super::{made, outcome, problem_id, sourceless, sources};
use crate::argocd::application_set::Effect;
use crate::argocd::source::Source;
use crate::argocd::{Contents, Followed, FollowedApplication, Member, State, Stated, Thing};
use crate::model::ObjectKey;
use crate::source::{Sources, Span};

/// Everything that was found, by kind; a root is what nothing of this brings.
#[must_use]
pub fn json(followed: &Followed, sources: &Sources) -> Value {
    let names = Names { followed, sources };
    let sets = followed.sets.iter().enumerate().map(|(at, set)| {
        let all = set.applications.iter().map(|&at| names.id(Thing::Application(at)));
        let faults = set.evaluation.faults.iter().map(|fault| {
            let effect = match fault.effect {
                Effect::SetStops => "set-stops",
                Effect::ApplicationDropped => "application-dropped",
                Effect::Ignored => "ignored",
                Effect::Unknown => "unknown",
            };
            json!({
                "rule": fault.kind.id(),
                "effect": effect,
                "message": fault.message,
                "place": names.place(fault.span),
            })
        });
        let mut value = json!({
            "id": names.id(Thing::Set(at)),
            "name": ObjectKey::of(&set.stated.node).name,
            "namespace": set.stated.namespace,
            "place": names.place(set.stated.node.span),
            "applications": all.collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
        });
        if set.applications.is_empty() {
            value["message"] = json!(made(set));
        }
        value
    });
    let projects = followed.projects.iter().enumerate().map(|(at, project)| {
        json!({
            "id": names.id(Thing::Project(at)),
            "name": ObjectKey::of(&project.node).name,
            "namespace": project.namespace,
            "place": names.place(project.node.span),
        })
    });
    json!({
        "version": 1,
        "roots": followed.roots.iter().map(|root| names.id(*root)).collect::<Vec<_>>(),
        "applications": followed.applications.iter().map(|one| names.application(one)).collect::<Vec<_>>(),
        "applicationSets": sets.collect::<Vec<_>>(),
        "projects": projects.collect::<Vec<_>>(),
    })
}

struct Names<'n> {
    followed: &'n Followed,
    sources: &'n Sources,
}

impl Names<'_> {
    /// `Kind/namespace/name`
    fn id(&self, thing: Thing) -> String {
        let of = |kind: &str, stated: &Stated| {
            format!("{kind}/{}/{}", stated.namespace, ObjectKey::of(&stated.node).name)
        };
        match thing {
            Thing::Application(at) => {
                let one = &self.followed.applications[at];
                format!("Application/{}/{}", one.namespace, one.application.name())
            }
            Thing::Set(at) => of("ApplicationSet", &self.followed.sets[at].stated),
            Thing::Project(at) => of("AppProject", &self.followed.projects[at]),
        }
    }

    fn place(&self, span: Span) -> Value {
        let source = self.sources.get(span.file);
        let (line, column) = source.line_column(span.start);
        json!({"file": *source.path, "line": line, "column": column})
    }

    fn application(&self, one: &FollowedApplication) -> Value {
        let sources = sources(one).map(|(source, contents)| {
            let mut value = json!({
                "repoURL": source.repo_url(),
                "targetRevision": source.revision(),
            });
            for (name, text) in [("path", source.path()), ("chart", source.chart())] {
                if !text.is_empty() {
                    value[name] = json!(text);
                }
            }
            if let Some(contents) = contents {
                self.contents(&source, contents, &mut value);
            }
            value
        });
        let mut value = json!({
            "name": one.application.name(),
            "namespace": one.namespace,
            "project": one.application.project(),
            "place": self.place(one.application.place("")),
            "dropped": one.is_dropped,
            "sources": sources.collect::<Vec<_>>(),
            "object": one.application.object,
        });
        if let Some(why) = sourceless(one) {
            value["message"] = json!(why);
        }
        if let Some(set) = one.set {
            value["applicationSet"] = json!(self.id(Thing::Set(set)));
            let origins = one.application.origins().iter().map(|span| self.place(*span));
            value["origins"] = origins.collect();
        }
        value
    }

    fn contents(&self, source: &Source<'_>, contents: &Contents, value: &mut Value) {
        value["tool"] = json!(contents.tool.as_str());
        value["state"] = json!(match &contents.state {
            _ if contents.problem().is_some() => "wrong",
            State::Read(_) => "read",
            State::NotRendered => "not-rendered",
            State::NotAtHand => "not-at-hand",
            State::Wrong(_) => "wrong",
        });
        if let Some(problem) = contents.problem() {
            value["problem"] = json!(problem_id(problem));
        }
        if let Some(outcome) = outcome(source, contents) {
            value["message"] = json!(outcome);
        }
        if let State::Read(manifests) = &contents.state {
            let members = manifests.members.iter().map(|member| self.member(member));
            value["objects"] = members.collect();
            let failures = manifests
                .failures
                .iter()
                .map(|one| json!({"file": one.path, "message": one.message}));
            value["failures"] = failures.collect();
            value["unknownFiles"] = json!(manifests.unknown);
            let skipped = manifests
                .skipped
                .iter()
                .map(|(file, why)| json!({"file": file, "reason": why.as_str()}));
            value["skippedFiles"] = skipped.collect();
        }
    }

    fn member(&self, member: &Member) -> Value {
        let key = &member.key;
        let mut value = json!({
            "group": key.group_kind.group,
            "kind": key.group_kind.kind,
            "namespace": key.namespace,
            "name": key.name,
            "wave": member.wave,
            "place": self.place(member.span()),
        });
        if !member.hooks.is_empty() {
            value["hooks"] = json!(member.hooks);
        }
        value
    }
}
