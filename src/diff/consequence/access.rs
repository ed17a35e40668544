//! What roles permit otherwise than before, and to whom they are bound.
//!
//! Source: `pkg/registry/rbac/validation/rule.go` of Kubernetes.

use std::collections::BTreeSet;

use super::Subject;
use super::aggregate;
use super::grant::{Grant, beyond, grants, grave, shown};
use super::holder::{self, Holder};
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;

/// The group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// What a role permits newly, and no longer, and to whom. What nobody is bound to permits nothing.
pub(super) fn role(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let whole = subject.whole;
    // Where there is another of its name nobody knows which of them holds.
    let is_twice = |side: &Side<'_>, role: &Object| {
        let kind = &role.key.group_kind.kind;
        side.of_kind(role, GROUP, kind).any(|other| other.key == role.key)
    };
    let mut told = Vec::new();
    match (before, after) {
        (Some(before), Some(after)) => {
            if let (Some(old), Some(new)) = (grants(before), grants(after)) {
                let whom = whom(bound(&whole.after, after), &aggregate::keeps(subject), "");
                let (more, less) = (beyond(&new, &old), beyond(&old, &new));
                if !more.is_empty() {
                    let grave = grave(&new, &old);
                    told.push(format!("it newly permits {}{whom}{grave}", shown(&more)));
                }
                if !less.is_empty() {
                    told.push(format!("it permits no longer {}{whom}", shown(&less)));
                }
            }
        }
        (Some(role), None) | (None, Some(role)) => {
            let is_new = after.is_some();
            let other = if is_new { &whole.before } else { &whole.after };
            let holders = still_bound(subject, role);
            if is_twice(other, role) {
                return Vec::new();
            }
            if let Some(grants) = grants(role).filter(|it| !it.is_empty() && !holders.is_empty()) {
                let grants: Vec<Grant> = grants.into_iter().collect();
                let whom = whom(holders, &BTreeSet::new(), if is_new { " already" } else { "" });
                told.push(if is_new {
                    let all = grants.iter().cloned().collect();
                    let grave = grave(&all, &BTreeSet::new());
                    format!("it newly permits {}{whom}{grave}", shown(&grants))
                } else {
                    format!("it permits no longer {}{whom}", shown(&grants))
                });
            }
        }
        (None, None) => {}
    }
    told.extend(aggregate::of(subject));
    told
}

/// Who has a role, in brackets.
fn whom(holders: BTreeSet<Holder>, takers: &BTreeSet<String>, already: &str) -> String {
    let verb = if holders.len() == 1 { "is" } else { "are" };
    let bound = (!holders.is_empty())
        .then(|| format!("{} {verb} bound to it{already}", holder::listed(&holders)));
    let takes = if takers.len() == 1 { "takes" } else { "take" };
    let taken = (!takers.is_empty()).then(|| format!("{} {takes} it in", aggregate::named(takers)));
    let parts: Vec<String> = bound.into_iter().chain(taken).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

/// Who is bound to a role in one state.
fn bound(side: &Side<'_>, role: &Object) -> BTreeSet<Holder> {
    bindings(side, role).into_iter().flat_map(Holder::all).collect()
}

/// Who is bound to a role in both states.
fn still_bound(subject: &Subject<'_, '_>, role: &Object) -> BTreeSet<Holder> {
    let [old, new] = [&subject.whole.before, &subject.whole.after].map(|side| bound(side, role));
    let has = |all: &BTreeSet<Holder>, one: &Holder| all.iter().any(|it| it.includes(one));
    let both = old.iter().chain(&new).filter(|one| has(&old, one) && has(&new, one));
    both.cloned().collect()
}

/// The bindings to a role.
fn bindings<'s>(side: &Side<'s>, role: &Object) -> Vec<&'s Object> {
    let (kind, name) = (role.key.group_kind.kind.as_str(), role.key.name.as_str());
    let mut all: Vec<&Object> = match kind {
        "Role" => side.beside(role, GROUP, "RoleBinding").collect(),
        _ => ["ClusterRoleBinding", "RoleBinding"]
            .into_iter()
            .flat_map(|kind| side.of_kind(role, GROUP, kind).collect::<Vec<_>>())
            .collect(),
    };
    all.retain(|one| role_of(one) == Some((kind, name)));
    all
}

/// Kind and name of the role that a binding binds to.
pub(super) fn role_of(binding: &Object) -> Option<(&str, &str)> {
    let text = |name: &str| binding.node.get("roleRef")?.get(name)?.as_str();
    Some((text("kind")?, text("name")?))
}

/// Whom a binding binds newly, and no longer.
pub(super) fn binding(subject: &Subject<'_, '_>) -> Vec<String> {
    let (before, after) = (subject.was(), subject.is());
    let mut told = Vec::new();
    let sides = [
        (after, before, &subject.whole.before, &subject.whole.after, "binds newly"),
        (before, after, &subject.whole.after, &subject.whole.before, "binds no longer"),
    ];
    for (own, counterpart, other_side, own_side, verb) in sides {
        let Some(own) = own else { continue };
        let Some((kind, name)) = role_of(own) else { continue };
        let there = |who: &Holder| {
            let twin = counterpart.filter(|twin| role_of(twin) == Some((kind, name)));
            let of_kind = |kind: &'static str| other_side.of_kind(own, GROUP, kind);
            // What is permitted in the whole cluster is so in each namespace.
            let is_as_wide = |one: &&Object| {
                one.key.group_kind.kind == "ClusterRoleBinding"
                    || one.key.group_kind == own.key.group_kind
                        && one.key.namespace == own.key.namespace
            };
            let mut others =
                of_kind("ClusterRoleBinding").chain(of_kind("RoleBinding")).filter(|one| {
                    is_as_wide(one) && one.key != own.key && role_of(one) == Some((kind, name))
                });
            let has = |one: &Object| Holder::all(one).iter().any(|it| it.includes(who));
            twin.is_some_and(has) || others.any(has)
        };
        let mut who = Holder::all(own);
        who.retain(|who| !there(who));
        if who.is_empty() {
            continue;
        }
        let rest = if verb == "binds newly" {
            permitted(own, own_side, kind, name)
        } else {
            String::new()
        };
        told.push(format!("it {verb} {} to {kind} `{name}`{rest}", holder::listed(&who)));
    }
    told
}

/// What a role that is bound permits, as far as that should not be overlooked.
fn permitted(binding: &Object, side: &Side<'_>, kind: &str, name: &str) -> String {
    let whole = binding.key.group_kind.kind == "ClusterRoleBinding";
    let scope = if whole { "in the whole cluster" } else { "in the namespace" };
    let known = bound_role(binding, side, kind, name)
        .and_then(|role| aggregate::taken_in(role, side).or_else(|| grants(role)));
    match known {
        _ if (kind, name) == ("ClusterRole", "cluster-admin") => {
            format!(": everything is permitted {scope}")
        }
        Some(grants) if grants.iter().any(Grant::is_everything) => {
            format!(": everything is permitted {scope}")
        }
        Some(grants) => grave(&grants, &BTreeSet::new()),
        None => String::new(),
    }
}

/// All that the role of a binding permits, where that is known.
pub(super) fn all_permitted(binding: &Object, side: &Side<'_>) -> Option<BTreeSet<Grant>> {
    match role_of(binding)? {
        ("ClusterRole", "cluster-admin") => Some(Grant::everything()),
        (kind, name) => grants(bound_role(binding, side, kind, name)?),
    }
}

/// The role of a binding, where there is one of its name.
fn bound_role<'s>(binding: &Object, side: &Side<'s>, kind: &str, name: &str) -> Option<&'s Object> {
    let mut roles: Vec<&Object> = match kind {
        "ClusterRole" => side.of_kind(binding, GROUP, kind).collect(),
        _ => side.beside(binding, GROUP, kind).collect(),
    };
    roles.retain(|role| role.key.name == name);
    match roles.as_slice() {
        [role] => Some(role),
        _ => None,
    }
}
