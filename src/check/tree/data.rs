//! Data that an ordinary commit deletes.

use std::collections::{BTreeMap, BTreeSet};

use super::wave::key;
use super::{by_root, read, title};
use crate::argocd::application::Destination;
use crate::argocd::removal::{is_pruned, is_taken_along, may_delete};
use crate::argocd::{Followed, FollowedApplication, Member, Thing};
use crate::diagnostic::Finding;
use crate::model::GroupKind;
use crate::yaml::Node;

const ID: &str = "data-unprotected";

/// Where a cluster's data lies: the namespaces with claims to volumes.
type Filled<'f> = BTreeSet<(Destination, &'f str)>;

/// What keeps the data of a deleted claim in a cluster: classes and volumes, by kind and name.
type Retained<'f> = BTreeSet<(Destination, &'f str, &'f str)>;

/// One finding for each Application, and for all of one set.
pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut lost: BTreeMap<Thing, Lost<'_>> = BTreeMap::new();
    let (mut renewed, mut told) = (Vec::new(), BTreeSet::new());
    for applications in by_root(followed) {
        let all = || applications.iter().map(|&at| (at, &followed.applications[at]));
        let retained: Retained<'_> = all().flat_map(|(_, one)| retained(one)).collect();
        let filled: Filled<'_> = all().flat_map(|(_, one)| claims(one, &retained)).collect();
        for (number, one) in all() {
            let owner = one.set.map_or(Thing::Application(number), Thing::Set);
            let hooks = one.members().filter(|it| is_renewed(it) && loses(one, it, &retained));
            let hooks = hooks.filter(|it| told.insert(it.span()));
            renewed.extend(hooks.map(|member| of_hook(one, member)));
            let vanishes = vanishes(followed, number, &applications);
            for member in one.members().filter(|it| it.hooks.is_empty()) {
                if !holds_data(one, member, &filled, &retained) {
                    continue;
                }
                let is_pruned = is_pruned(&member.node, &one.application);
                let is_taken = vanishes && is_taken_along(&member.node, &one.application);
                if is_pruned || is_taken {
                    let lost = lost.entry(owner).or_insert(Lost {
                        one,
                        members: Vec::new(),
                        is_pruned: false,
                        is_taken: false,
                    });
                    lost.is_pruned |= is_pruned;
                    lost.is_taken |= is_taken;
                    if !lost.members.iter().any(|known| known.span() == member.span()) {
                        lost.members.push(member);
                    }
                }
            }
        }
    }
    findings.extend(lost.values().filter_map(Lost::finding));
    findings.append(&mut renewed);
}

/// What goes without a question.
struct Lost<'f> {
    one: &'f FollowedApplication,
    members: Vec<&'f Member>,
    /// When it leaves the repository.
    is_pruned: bool,
    /// When its Application does.
    is_taken: bool,
}

impl Lost<'_> {
    fn finding(&self) -> Option<Finding> {
        let (first, rest) = self.members.split_first()?;
        let more = match rest.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let message = format!("Argo CD deletes data without a question: {}{more}", first.key);
        let place = |pointer| self.one.application.place(pointer);
        let mut finding = Finding::info(ID, message)
            .at(first.span(), format!("of {}", title(self.one)))
            .about(first.key.to_string());
        if self.is_pruned {
            finding = finding.at(
                place("/spec/syncPolicy/automated/prune"),
                "it is pruned when it leaves the repository",
            );
        }
        if self.is_taken {
            finding = match self.one.set {
                Some(_) => finding.note(
                    "an Application that leaves its ApplicationSet takes its objects along, unless \
                     the set says `preserveResourcesOnDeletion: true` under `spec.syncPolicy`",
                ),
                None => finding.at(
                    place("/metadata/finalizers"),
                    "an Application that leaves the repository takes its objects along",
                ),
            };
        }
        Some(finding.help(
            "annotate it with `argocd.argoproj.io/sync-options: Prune=confirm,Delete=confirm`",
        ))
    }
}

/// Whether an object is a claim that each sync deletes and makes anew, though nobody says so.
///
/// Source: `DeletePolicies` in `pkg/sync/hook/delete_policy.go` of gitops-engine.
fn is_renewed(member: &Member) -> bool {
    let annotations = member.node.pointer("/metadata/annotations");
    let has_policy = ["argocd.argoproj.io/hook-delete-policy", "helm.sh/hook-delete-policy"]
        .iter()
        .any(|name| annotations.is_some_and(|it| it.get(name).is_some()));
    is_claim(member) && member.step().is_some() && !member.hooks.is_empty() && !has_policy
}

fn of_hook(one: &FollowedApplication, member: &Member) -> Finding {
    let message = format!("each sync deletes {} with its data, and makes it anew", member.key);
    let users = one.members().filter(|it| it.hooks.is_empty());
    let user = users.into_iter().find(|user| {
        let references = read(user).references.into_vec();
        references.iter().any(|it| key(&it.target, user) == member.key)
    });
    let finding = match user {
        Some(user) => Finding::warning(ID, message)
            .at(member.span(), "a hook")
            .at(user.span(), "this uses it all the time, and keeps the sync waiting"),
        None => Finding::info(ID, message).at(member.span(), "a hook"),
    };
    finding
        .about(member.key.to_string())
        .note("a hook that says nothing else has the deletion policy `BeforeHookCreation`")
        .help("make it an object of the Application, or write `argocd.argoproj.io/hook-delete-policy`")
}

/// Whether an ordinary commit deletes an Application: its set does, or the Application that brings it
/// prunes it.
fn vanishes(followed: &Followed, number: usize, all: &[usize]) -> bool {
    if let Some(set) = followed.applications[number].set {
        return may_delete(&followed.sets[set].stated.node);
    }
    let brings = |one: &FollowedApplication| {
        one.members().any(|member| {
            member.thing == Some(Thing::Application(number))
                && is_pruned(&member.node, &one.application)
        })
    };
    all.iter().any(|&at| at != number && brings(&followed.applications[at]))
}

/// The namespaces in which objects of an Application claim volumes.
fn claims<'f>(
    one: &'f FollowedApplication,
    retained: &Retained<'f>,
) -> impl Iterator<Item = (Destination, &'f str)> {
    let claims = one.members().filter(|it| loses(one, it, retained));
    claims.filter_map(|member| Some((one.destination.clone()?, member.key.namespace.as_str())))
}

/// The classes and volumes of an Application that keep data.
fn retained(one: &FollowedApplication) -> impl Iterator<Item = (Destination, &str, &str)> {
    one.members().filter_map(|member| {
        let (pointer, kind) = if is(member, "storage.k8s.io", "StorageClass") {
            ("/reclaimPolicy", "StorageClass")
        } else if is(member, "", "PersistentVolume") {
            ("/spec/persistentVolumeReclaimPolicy", "PersistentVolume")
        } else {
            return None;
        };
        let keeps = member.node.pointer(pointer).and_then(Node::as_str) == Some("Retain");
        keeps.then_some((one.destination.clone()?, kind, member.key.name.as_str()))
    })
}

/// Whether data goes with a claim, or with one of a StatefulSet.
fn loses(one: &FollowedApplication, member: &Member, retained: &Retained<'_>) -> bool {
    let is_kept = |claim: &Node| {
        let names = [("volumeName", "PersistentVolume"), ("storageClassName", "StorageClass")];
        names.iter().any(|(field, kind)| {
            let name = claim.get("spec").and_then(|spec| spec.get(field)?.as_str());
            let place = name.and_then(|name| Some((one.destination.clone()?, *kind, name)));
            place.is_some_and(|(of, kind, name)| {
                retained.iter().any(|it| *it == (of.clone(), kind, name))
            })
        })
    };
    if is_claim(member) {
        return !is_kept(&member.node);
    }
    let templates = member.node.pointer("/spec/volumeClaimTemplates").and_then(Node::as_seq);
    has_templates(member) && templates.is_some_and(|all| !all.iter().all(is_kept))
}

fn is(member: &Member, group: &str, kind: &str) -> bool {
    let GroupKind { group: of, kind: is } = &member.key.group_kind;
    of == group && is == kind
}

fn is_claim(member: &Member) -> bool {
    is(member, "", "PersistentVolumeClaim")
}

fn has_templates(member: &Member) -> bool {
    let templates = member.node.pointer("/spec/volumeClaimTemplates").and_then(Node::as_seq);
    is(member, "apps", "StatefulSet") && templates.is_some_and(|templates| !templates.is_empty())
}

/// Whether data goes with an object. The claims of a StatefulSet stay when it goes, unless it says
/// otherwise. Definitions of custom resources never go: Argo CD does not track them.
fn holds_data(
    one: &FollowedApplication,
    member: &Member,
    filled: &Filled<'_>,
    retained: &Retained<'_>,
) -> bool {
    let retention = "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted";
    let retention = || member.node.pointer(retention).and_then(Node::as_str);
    if is(member, "", "Namespace") {
        let destination = one.destination.clone();
        return destination.is_some_and(|it| filled.contains(&(it, member.key.name.as_str())));
    }
    loses(one, member, retained) && (is_claim(member) || retention() == Some("Delete"))
}
