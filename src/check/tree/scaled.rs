//! Numbers of pods that Argo CD and an autoscaler set to and fro.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::Settings;
use super::{by_root, read};
use crate::argocd::application::Destination;
use crate::argocd::ignored::{Ignored, any, scales};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::Finding;
use crate::facts::{Body, Bounds};
use crate::model::{GroupKind, ObjectKey};
use crate::yaml::Node;

/// What scales an object of a cluster.
type Scalers<'f> = BTreeMap<(Destination, ObjectKey), Scaler<'f>>;

struct Scaler<'f> {
    member: &'f Member,
    /// The only number of pods that it leaves.
    only: Option<u32>,
}

pub(super) fn check(followed: &Followed, settings: &Settings, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        let all = || applications.iter().map(|&at| &followed.applications[at]);
        let mut scalers = Scalers::new();
        for one in all() {
            let Some(destination) = one.destination.clone() else { continue };
            for (key, scaler) in one.members().filter_map(scaler) {
                scalers.insert((destination.clone(), key), scaler);
            }
        }
        if scalers.is_empty() {
            continue;
        }
        for one in all() {
            let Some(destination) = one.destination.clone() else { continue };
            for member in one.members().filter(|member| member.hooks.is_empty()) {
                let scaler = scalers.get(&(destination.clone(), member.key.clone()));
                if let Some(scaler) = scaler
                    && let Some(replicas) = member.node.pointer("/spec/replicas")
                    && let Some(finding) = set_back(one, member, replicas, scaler, settings)
                    && told.insert(replicas.span)
                {
                    findings.push(finding);
                }
            }
        }
    }
}

/// Who is scaled by an object, if that is an autoscaler that changes the number of pods.
fn scaler(member: &Member) -> Option<(ObjectKey, Scaler<'_>)> {
    let kind = &member.key.group_kind;
    let (group, kind) = (kind.group.as_str(), kind.kind.as_str());
    if !matches!(
        (group, kind),
        ("autoscaling", "HorizontalPodAutoscaler") | ("keda.sh", "ScaledObject")
    ) {
        return None;
    }
    let Body::Autoscaler(autoscaler) = read(member).body else { return None };
    let Bounds::Pods { min, max, .. } = autoscaler.bounds else { return None };
    let (group, kind, name) = &autoscaler.target;
    let key = ObjectKey {
        group_kind: GroupKind::new(group, kind),
        namespace: member.key.namespace.clone(),
        name: name.to_string(),
    };
    Some((key, Scaler { member, only: (min == max).then_some(min) }))
}

/// Argo CD applies the number at each sync, and at once where it heals; who wrote no pods at all may
/// mean it.
///
/// Source: `normalizeTargetResources` in `controller/sync.go` of Argo CD.
fn set_back(
    one: &FollowedApplication,
    member: &Member,
    replicas: &Node,
    scaler: &Scaler<'_>,
    settings: &Settings,
) -> Option<Finding> {
    let is_moved = |number: &i64| *number > 0 && scaler.only.map(i64::from) != Some(*number);
    let number = replicas.as_int().filter(is_moved)?;
    let application = &one.application;
    let holds = |it: Ignored<'_>| {
        any(it.managers().map(scales).chain([it.holds(&member.node, "/spec/replicas")]))
    };
    let mut own = Ignored::of(application).filter(|it| it.is_of(&member.key)).peekable();
    // Settings of Argo CD as a whole may ignore the field, too, unless the Application has an entry for
    // the object, which is then the one that is meant.
    let is_stated = own.peek().is_some();
    let own = any(own.map(holds));
    let shared = settings.ignore(&member.key, holds).or(is_stated.then_some(false));
    let ignored = any([own, shared]);
    let is_respected = application.has_sync_option("RespectIgnoreDifferences=true");
    if is_respected && ignored != Some(false) {
        return None;
    }
    let is_ignored = ignored == Some(true);
    let heals = application.automates("selfHeal") && own == Some(false) && !is_ignored;
    let name = application.name();
    let when = if heals { "as soon as it has changed" } else { "at every sync" };
    let message = format!("Argo CD sets `replicas` of {} back to {number} {when}", member.key);
    let finding = Finding::warning("replicas-set-back", message)
        .at(replicas.span, format!("`{name}` applies it"))
        .at(scaler.member.span(), "this scales it")
        .about(member.key.to_string())
        .field("spec.replicas");
    Some(if is_ignored {
        finding
            .note("`ignoreDifferences` says what is compared, not what is applied")
            .help("leave `replicas` out, or add the sync option `RespectIgnoreDifferences=true`")
    } else {
        let finding = finding.help("leave `replicas` out");
        match is_respected {
            true => finding.note("`RespectIgnoreDifferences=true` respects `/spec/replicas` only where an entry of `ignoreDifferences` names it"),
            false => finding,
        }
    })
}
