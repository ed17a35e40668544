//! Steps of a sync that wait for something of a later step, and so for ever.
//!
//! Source: `Sync` in `pkg/sync/sync_context.go` and `GetHealthCheckFunc` in `pkg/health/health.go` of
//! gitops-engine: what is progressing or suspended holds up all that comes later, what is degraded ends
//! the sync, and the next one begins with the same step.

use std::collections::{BTreeMap, BTreeSet};

use super::late::{self, Comes, hook_of, makes, moment, needed};
use super::settings::Settings;
use super::{by_root, read};
use crate::argocd::{Followed, FollowedApplication, Member, Step};
use crate::diagnostic::Finding;
use crate::facts::{Name, Target};
use crate::model::{GroupKind, ObjectKey};
use crate::source::Span;
use crate::yaml::Node;

/// Classes that bind a claim when its first pod comes, by names under which a distribution brings them:
/// `deploy/local-path-storage.yaml` of local-path-provisioner, which k3s has as well.
const BIND_LATE: [&str; 1] = ["local-path"];

pub(super) fn check(followed: &Followed, settings: &Settings, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        for &number in &applications {
            let one = &followed.applications[number];
            let syncs = Syncs::of(one);
            let beside = Beside { followed, applications: &applications, number };
            never(one, &beside, &mut told, findings);
            // What has not changed is passed over in the next sync, so that this one gets further.
            if !syncs.has_several() || one.application.has_sync_option("ApplyOutOfSyncOnly=true") {
                continue;
            }
            syncs.waiting(&beside, &mut told, findings);
            if !settings.names("PersistentVolumeClaim") {
                syncs.claims(&beside, &mut told, findings);
            }
        }
    }
}

/// The objects of an Application and the first step that applies each.
struct Syncs<'f> {
    members: Vec<(&'f Member, Step)>,
    /// Nothing for what stands there twice, and for what no sync applies.
    steps: BTreeMap<&'f ObjectKey, Option<(Step, &'f Member)>>,
    last: Option<Step>,
}

impl<'f> Syncs<'f> {
    fn of(one: &'f FollowedApplication) -> Self {
        let members: Vec<(&Member, Step)> =
            one.members().filter_map(|member| Some((member, member.step()?))).collect();
        let mut steps = BTreeMap::new();
        for &(member, step) in &members {
            let known = steps.entry(&member.key).or_insert(Some((step, member)));
            *known = known.filter(|(_, first)| first.span() == member.span());
        }
        for member in one.members() {
            steps.entry(&member.key).or_insert(None);
        }
        let last = members.iter().map(|(_, step)| *step).max();
        Self { members, steps, last }
    }

    fn has_several(&self) -> bool {
        self.members.iter().any(|(_, step)| Some(*step) != self.last)
    }

    /// What is waited for though it cannot become healthy before a later step.
    fn waiting(
        &self,
        beside: &Beside<'_>,
        told: &mut BTreeSet<(Span, Span)>,
        findings: &mut Vec<Finding>,
    ) {
        for &(member, step) in &self.members {
            if Some(step) == self.last || !is_waited_for(member) || self.may_shrink(member) {
                continue;
            }
            let late = needed(member, beside, |wanted| self.after(step, wanted));
            if let Some(first) = late.first()
                && told.insert((member.span(), first.producer.span()))
            {
                findings.push(late::waits(member, step, &late));
            }
        }
    }

    /// What comes after a step, or is made by what comes after it.
    fn after(&self, step: Step, wanted: &ObjectKey) -> Option<(&'f Member, Comes)> {
        if let Some(known) = self.steps.get(wanted) {
            let (after, producer) = (*known)?;
            return (after > step).then_some((producer, Comes::Applied(after)));
        }
        let mut later = self.members.iter().filter(|(_, after)| *after > step);
        let (maker, after) = later.find(|(maker, _)| makes(maker, wanted))?;
        Some((maker, Comes::Made(*after)))
    }

    /// Whether KEDA may take all pods away before they have started, after which nothing is waited for.
    fn may_shrink(&self, member: &Member) -> bool {
        let kind = GroupKind::new("keda.sh", "ScaledObject");
        let scalers = self.members.iter().filter(|(scaler, _)| scaler.key.group_kind == kind);
        scalers.into_iter().any(|(scaler, _)| {
            let references = read(scaler).references;
            references.iter().any(|it| key(&it.target, scaler) == member.key)
        })
    }

    /// Claims that get their volume only when a pod of a later step comes.
    fn claims(
        &self,
        beside: &Beside<'_>,
        told: &mut BTreeSet<(Span, Span)>,
        findings: &mut Vec<Finding>,
    ) {
        for &(claim, step) in &self.members {
            let is_claim = claim.key.group_kind == GroupKind::new("", "PersistentVolumeClaim");
            if Some(step) == self.last
                || !is_claim
                || !beside.binds_late(&claim.node)
                || beside.uses(&claim.key)
            {
                continue;
            }
            let users = self.members.iter().filter_map(|&(member, used)| {
                let references = read(member).references.into_vec().into_iter();
                let mut references = references.map(|it| (key(&it.target, member), it.place));
                let (_, place) = references.find(|(target, _)| *target == claim.key)?;
                Some((used, member, place))
            });
            let Some((used, user, place)) = users.min_by_key(|(used, ..)| *used) else { continue };
            if used <= step || !told.insert((claim.span(), place.span)) {
                continue;
            }
            let message = format!("{} waits for a pod that is applied after it", claim.title());
            let note = format!(
                "its class binds a claim when the first pod comes; until then Argo CD takes it for \
                 progressing, and does not go on to {used}"
            );
            findings.push(
                Finding::warning("sync-waits-for-claim", message)
                    .at(claim.span(), format!("applied in {step}"))
                    .at(place.span, format!("used here, in {used}"))
                    .about(claim.title())
                    .note(note)
                    .help(format!("apply it together with {}, in {used}", user.title())),
            );
        }
    }
}

/// Whether a sync that has more steps waits until an object is healthy, and the object cannot be
/// without what it names. A DaemonSet has perhaps no node.
pub(super) fn is_waited_for(member: &Member) -> bool {
    let GroupKind { group, kind } = &member.key.group_kind;
    let spec = |name: &str| member.node.get("spec")?.get(name);
    let number = |name| spec(name).and_then(Node::as_int);
    match (group.as_str(), kind.as_str()) {
        ("apps", "Deployment" | "ReplicaSet" | "StatefulSet") => number("replicas") != Some(0),
        ("apps", "DaemonSet") => {
            let strategy = member.node.pointer("/spec/updateStrategy/type").and_then(Node::as_str);
            let pod = |name: &str| member.node.pointer("/spec/template/spec")?.get(name);
            strategy != Some("OnDelete") && pod("nodeSelector").or(pod("affinity")).is_none()
        }
        ("argoproj.io", "Rollout") => number("replicas") != Some(0),
        ("batch", "Job") => !spec("suspend").is_some_and(Node::is_true),
        ("", "Pod")
        | ("autoscaling", "HorizontalPodAutoscaler")
        | ("apiregistration.k8s.io", "APIService") => true,
        _ => false,
    }
}

/// What a namespace has by itself.
pub(super) fn is_there_anyhow(key: &ObjectKey) -> bool {
    let kind = key.group_kind.kind.as_str();
    [("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")].contains(&(kind, &key.name))
}

/// What needs something that is only there when the Application goes, or when a sync has failed.
fn never(
    one: &FollowedApplication,
    beside: &Beside<'_>,
    told: &mut BTreeSet<(Span, Span)>,
    findings: &mut Vec<Finding>,
) {
    let beside_syncs: Vec<(&Member, usize)> = one
        .members()
        .filter_map(|member| Some((member, moment(member)?)))
        .filter(|(_, moment)| *moment > 0)
        .collect();
    if beside_syncs.is_empty() {
        return;
    }
    for member in one.members().filter(|member| is_waited_for(member)) {
        let Some(now) = moment(member) else { continue };
        let late = needed(member, beside, |wanted| {
            let mut same = one.members().filter(|it| it.key == *wanted);
            let known = same.next().filter(|_| same.next().is_none())?;
            let (_, later) = beside_syncs.iter().find(|(it, _)| it.span() == known.span())?;
            Some((known, Comes::As(hook_of(*later).filter(|_| *later > now)?)))
        });
        if let Some(first) = late.first()
            && told.insert((member.span(), first.producer.span()))
        {
            findings.push(late::never(member, &late));
        }
    }
}

/// Who is named, from an object that may stand in the namespace of its destination.
pub(super) fn key(target: &Target, from: &Member) -> ObjectKey {
    let namespace = match target.namespace.as_deref() {
        None => "",
        Some("") => &from.key.namespace,
        Some(stated) => stated,
    };
    ObjectKey {
        group_kind: target.group_kind.clone(),
        namespace: namespace.to_owned(),
        name: target.name.to_string(),
    }
}

/// The Applications of one Argo CD, seen from one of them.
pub(super) struct Beside<'f> {
    pub(super) followed: &'f Followed,
    pub(super) applications: &'f [usize],
    pub(super) number: usize,
}

impl<'f> Beside<'f> {
    /// The Applications of the same cluster.
    fn applications(&self) -> impl Iterator<Item = (usize, &'f FollowedApplication)> {
        let all = &self.followed.applications;
        let here = &all[self.number].destination;
        let there = self.applications.iter().map(|&at| (at, &all[at]));
        there.filter(move |(_, one)| one.destination == *here)
    }

    /// Whether another Application has what is meant, or another object may make it.
    pub(super) fn may_bring(&self, consumer: &Member, producer: &Member, target: &Target) -> bool {
        let wanted = key(target, consumer);
        let is_other = |at: usize, it: &Member| at != self.number && it.key == wanted;
        let makes = |it: &Member| {
            let is_itself = [consumer.span(), producer.span()].contains(&it.span());
            let made = if is_itself { Box::default() } else { read(it).made };
            made.iter()
                .any(|it| (it.group_kind.is_some() || it.name != Name::Any) && it.may_be(target))
        };
        let mut all =
            self.applications().flat_map(|(at, one)| one.members().map(move |it| (at, it)));
        all.any(|(at, it)| is_other(at, it) || makes(it))
    }

    /// Whether another Application has an object.
    pub(super) fn others_have(&self, wanted: &ObjectKey) -> bool {
        let mut others = self.applications().filter(|(at, _)| *at != self.number);
        others.any(|(_, one)| one.members().any(|it| it.key == *wanted))
    }

    /// Whether another Application has something that names an object.
    fn uses(&self, meant: &ObjectKey) -> bool {
        let others = self.applications().filter(|(at, _)| *at != self.number);
        others.flat_map(|(_, one)| one.members()).any(|member| {
            read(member).references.iter().any(|it| key(&it.target, member) == *meant)
        })
    }

    /// Whether a claim gets its volume only when a pod comes, as far as its class is known.
    fn binds_late(&self, claim: &Node) -> bool {
        let spec = |name: &str| claim.get("spec")?.get(name)?.as_str();
        let Some(class) = spec("storageClassName").filter(|_| spec("volumeName").is_none()) else {
            return false;
        };
        let kind = GroupKind::new("storage.k8s.io", "StorageClass");
        let mut members = self.applications().flat_map(|(_, one)| one.members());
        let stated = members.find(|it| it.key.group_kind == kind && it.key.name == class);
        match stated {
            Some(stated) => {
                let mode = stated.node.get("volumeBindingMode").and_then(Node::as_str);
                mode == Some("WaitForFirstConsumer")
            }
            None => BIND_LATE.contains(&class),
        }
    }
}
