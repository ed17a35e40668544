//! What becomes of objects that stay in the files, where their Application goes, has them no longer, or
//! goes to another cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::consequence::{Consequence, Effect, is_answering, joined, lost, named};
use super::fate::{Fall, Fate, Fates};
use super::snapshot::{Object, Snapshot};
use crate::argocd::application::Destination;
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::model::ObjectKey;
use crate::model::secret::hide;
use crate::source::{Sources, Span};
use crate::yaml::{Node, from_json};

/// An object that goes with its data, although files have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The environment whose cluster it is in.
    pub environment: Arc<str>,
    /// Who it is.
    pub key: ObjectKey,
    /// Where it stands.
    pub span: Span,
    /// What goes with it, in words.
    pub text: String,
}

/// What comes of it for several objects: the sort, how that begins, and their names, the gravest first.
type Groups = BTreeMap<(Effect, String), BTreeSet<(u8, String)>>;

impl Fates {
    /// Adds what comes of Applications that differ for objects of files that stay, to be told of the
    /// Application: one that a set makes becomes an object of the two states for that.
    pub fn add_along(
        &mut self,
        environment: &Arc<str>,
        (before, after): (&Followed, &Followed),
        (old, new): (&mut Snapshot, &mut Snapshot),
        sources: &Sources,
    ) {
        let gone: BTreeSet<ObjectKey> = {
            let keys = |side: &Snapshot| -> BTreeSet<ObjectKey> {
                let objects = side.objects.iter().filter(|one| one.environment == *environment);
                objects.map(|one| one.key.clone()).collect()
            };
            &keys(old) - &keys(new)
        };
        let fall = Fall::of(before, after);
        for (number, one) in before.applications.iter().enumerate().filter(|(_, it)| !it.is_dropped)
        {
            let next = fall.successor(one);
            if !fall.is_certain(one, next) {
                continue;
            }
            let is_here = |member: &Member| {
                member.hooks.is_empty() && !gone.contains(&ObjectKey::shown(&member.node))
            };
            let whole = next.is_none().then(|| fall.application(number, 0));
            let object = object_of(one, environment, sources);
            let at = (object.path.to_string(), object.key.clone());
            let mut groups = Groups::new();
            let has_any = one.members().any(is_here);
            match &whole {
                _ if !has_any => {}
                // It goes on with what it has.
                Some(Fate::Stays(why)) if self.of(&at.0, &at.1).is_none() => {
                    groups.entry((Effect::Orphan, format!("it stays: {why}"))).or_default();
                }
                Some(Fate::Waits) if self.of(&at.0, &at.1).is_none() => {
                    let text = "Argo CD deletes it when a person approves".to_owned();
                    groups.entry((Effect::Approval, text)).or_default();
                }
                Some(Fate::Stays(_) | Fate::Waits) => {}
                _ => {
                    let fates = fall.fates(number).into_iter();
                    for (member, fate) in fates.filter(|(member, _)| is_here(member)) {
                        let both = (one, next);
                        self.group(environment, &fall, both, (member, fate), &mut groups);
                    }
                }
            }
            if groups.is_empty() && (next.is_some() || !has_any) {
                continue;
            }
            let told = groups.into_iter().map(|((effect, start), names)| {
                let all = names.len();
                let names = names.into_iter().map(|(_, name)| name).collect();
                let rest =
                    if all == 0 { String::new() } else { format!(": {}", joined(names, all)) };
                Consequence { effect, text: format!("{start}{rest}") }
            });
            self.along.insert(at, told.collect());
            push(old, object);
            if let Some(next) = next {
                push(new, object_of(next, environment, sources));
            }
        }
    }

    /// Puts one object to the others of which the same is to be said.
    fn group(
        &mut self,
        environment: &Arc<str>,
        fall: &Fall<'_>,
        (one, next): (&FollowedApplication, Option<&FollowedApplication>),
        (member, fate): (&Member, Fate),
        groups: &mut Groups,
    ) {
        let object =
            object_at(environment, &member.path, Node::clone(&member.node), member.node.span);
        let elsewhere = next.filter(|next| fall.is_elsewhere(one, next));
        let since = match next {
            Some(_) => "no longer has them",
            None if fall.is_made_anew(one) => "goes with its set, and is made anew",
            None => "goes",
        };
        let has_data = lost(&object).is_some() || has_claims(&object.node);
        // What a StatefulSet owns may stay.
        let data = lost(&object).filter(|_| fate == Fate::Deleted || !has_claims(&object.node));
        let (effect, start) = if let Some(next) = elsewhere {
            let cluster =
                |one: &FollowedApplication| one.destination.as_ref().map_or("", name_of).to_owned();
            let with = if has_data { " with their data" } else { "" };
            let text = format!(
                "its objects are made anew in cluster `{}`; these stay in `{}`{with}, and nobody looks after them",
                cluster(next),
                cluster(one),
            );
            (Effect::Orphan, text)
        } else if let Some((other, _)) = fall.moved(one, next, member) {
            let (from, to) = (one.application.name(), other.application.name());
            let rest = match fate {
                Fate::Deleted | Fate::DeletedAlone => format!(
                    ", and unless it syncs before `{from}` deletes them, they go{} and are made anew",
                    if has_data { " with their data" } else { "" }
                ),
                Fate::Waits => format!(
                    ", and unless it syncs first, `{from}` asks a person whether to delete them"
                ),
                Fate::Stays(_) => String::new(),
            };
            (Effect::Moved, format!("Application `{to}` has these now{rest}"))
        } else {
            match (fate, data) {
                (Fate::Deleted | Fate::DeletedAlone, Some(data)) => {
                    self.lost.push(Loss {
                        environment: environment.clone(),
                        // Two Applications may have one file in two namespaces.
                        key: member.key.clone(),
                        span: object.node.span,
                        text: data.text,
                    });
                    (
                        Effect::DataLoss,
                        format!("the Application {since}, and these are deleted with their data"),
                    )
                }
                (Fate::Deleted | Fate::DeletedAlone, _) if is_answering(&object) => {
                    (Effect::Outage, format!("the Application {since}, and these are deleted"))
                }
                (Fate::Deleted | Fate::DeletedAlone, _) => return,
                (Fate::Waits, _) => (
                    Effect::Approval,
                    format!(
                        "the Application {since}, and Argo CD deletes these when a person approves"
                    ),
                ),
                (Fate::Stays(_), _) => (
                    Effect::Orphan,
                    format!(
                        "the Application {since}, and these stay with nobody to look after them"
                    ),
                ),
            }
        };
        let rank = u8::from(!has_data) + u8::from(!has_data && !is_answering(&object));
        groups.entry((effect, start)).or_default().insert((rank, named(&member.key)));
    }

    /// What comes of it that an Application differs, for objects of files that stay.
    pub(super) fn along(&self, path: &str, key: &ObjectKey) -> impl Iterator<Item = &Consequence> {
        self.along.get(&(path.to_owned(), key.clone())).into_iter().flatten()
    }
}

fn name_of(destination: &Destination) -> &str {
    match destination {
        Destination::InCluster => "in-cluster",
        Destination::Name(name) => name,
        Destination::Server(server) => server,
    }
}

fn has_claims(node: &Node) -> bool {
    let templates = node.pointer("/spec/volumeClaimTemplates").and_then(Node::as_seq);
    templates.is_some_and(|templates| !templates.is_empty())
}

/// An Application as an object of a state: as its file states it, else as its set makes it.
fn object_of(one: &FollowedApplication, environment: &Arc<str>, sources: &Sources) -> Object {
    let span = one.application.place("");
    let node = one.application.stated_as().cloned().unwrap_or_else(|| {
        let mut object = one.application.object.clone();
        object["apiVersion"] = "argoproj.io/v1alpha1".into();
        object["kind"] = "Application".into();
        object["metadata"]["namespace"] = one.namespace.as_str().into();
        from_json(&object, span)
    });
    object_at(environment, &sources.get(span.file).path, node, span)
}

fn object_at(environment: &Arc<str>, path: &str, mut node: Node, span: Span) -> Object {
    hide(&mut node);
    let key = ObjectKey::shown(&node);
    Object {
        environment: environment.clone(),
        file: span.file,
        path: path.into(),
        key,
        node,
        said: None,
        is_implied: true,
    }
}

/// One that is in a file that differs is there already.
fn push(side: &mut Snapshot, object: Object) {
    let is_there = side.objects.iter().any(|one| one.path == object.path && one.key == object.key);
    if !is_there {
        side.objects.push(object);
    }
}
