//! ClusterRoles that take in the rules of others, by their labels.
//!
//! Source: `syncClusterRole` in
//! `pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go` of Kubernetes, and for
//! those of the server itself `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`.

use std::collections::BTreeSet;

use super::Subject;
use super::access::GROUP;
use super::grant::{Grant, grants, grave, shown};
use super::words::joined;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::model::{Field, Labels, Selector};

/// The roles of the server itself that take in others, with those that take these in.
const BUILT_IN: [(&str, &[&str]); 3] =
    [("view", &["view", "edit", "admin"]), ("edit", &["edit", "admin"]), ("admin", &["admin"])];

/// What `edit` and `admin` permit anyhow, of what should not be overlooked.
const OF_EDIT: [(&str, &str); 5] = [
    ("secrets", "get"),
    ("secrets", "list"),
    ("pods/exec", "create"),
    ("serviceaccounts/token", "create"),
    ("serviceaccounts", "impersonate"),
];

/// Roles that newly take a role in, and that do so no longer; and what a role takes in newly itself.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let (old, new) = sides(subject);
    let mut told = Vec::new();
    let came: BTreeSet<String> = new.difference(&old).cloned().collect();
    let gone: BTreeSet<String> = old.difference(&new).cloned().collect();
    let all = |role: Option<&Object>| role.and_then(grants).filter(|all| !all.is_empty());
    if let Some(all) = all(subject.is()).filter(|_| !came.is_empty()) {
        let is_edit = came.iter().all(|name| ["admin", "edit"].contains(&&**name));
        let had = OF_EDIT.iter().filter(|_| is_edit);
        let had = had.map(|(resource, verb)| Grant::new("", resource, verb)).collect();
        let takes = if came.len() == 1 { "takes" } else { "take" };
        let grave = grave(&all, &had);
        let what = shown(&all.into_iter().collect::<Vec<_>>());
        told.push(format!("{} newly {takes} in what it permits: {what}{grave}", named(&came)));
    }
    if let Some(all) = all(subject.was()).filter(|_| !gone.is_empty()) {
        let takes = if gone.len() == 1 { "takes" } else { "take" };
        let what = shown(&all.into_iter().collect::<Vec<_>>());
        told.push(format!("{} {takes} in no longer what it permits: {what}", named(&gone)));
    }
    told.extend(wider(subject));
    told
}

/// The roles that take a role in before and after its change.
pub(super) fn keeps(subject: &Subject<'_, '_>) -> BTreeSet<String> {
    let (old, new) = sides(subject);
    old.intersection(&new).cloned().collect()
}

fn sides(subject: &Subject<'_, '_>) -> (BTreeSet<String>, BTreeSet<String>) {
    let takers = |role: Option<&Object>, side: &Side<'_>| role.map(|role| takers(role, side));
    let old = takers(subject.was(), &subject.whole.before);
    (old.unwrap_or_default(), takers(subject.is(), &subject.whole.after).unwrap_or_default())
}

/// What a role that takes in others takes in newly, of roles that are there in both states.
fn wider(subject: &Subject<'_, '_>) -> Vec<String> {
    let (Some(before), Some(after)) = (subject.was(), subject.is()) else { return Vec::new() };
    let (Some(old), Some(new)) = (selectors(before), selectors(after)) else { return Vec::new() };
    let (before_side, after_side) = (&subject.whole.before, &subject.whole.after);
    let mut told = Vec::new();
    for role in after_side.of_kind(after, GROUP, "ClusterRole") {
        let was = before_side.of_kind(before, GROUP, "ClusterRole").find(|it| it.key == role.key);
        let is_new = role.key != after.key && selects(&new, role) && !selects(&old, role);
        let Some(all) = grants(role).filter(|all| is_new && was.is_some() && !all.is_empty())
        else {
            continue;
        };
        let grave = grave(&all, &BTreeSet::new());
        let what = shown(&all.into_iter().collect::<Vec<_>>());
        let name = &role.key.name;
        told.push(format!("it newly takes in what ClusterRole `{name}` permits: {what}{grave}"));
    }
    told
}

/// What a role that takes in others permits at least, by those that are known.
pub(super) fn taken_in(role: &Object, side: &Side<'_>) -> Option<BTreeSet<Grant>> {
    let selectors = selectors(role)?;
    let roles = side.of_kind(role, GROUP, "ClusterRole");
    let taken = roles.filter(|one| one.key != role.key && selects(&selectors, one));
    Some(taken.filter_map(grants).flatten().collect())
}

/// The roles that take in a role, and those that take in these.
fn takers(role: &Object, side: &Side<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if role.key.group_kind.kind != "ClusterRole" {
        return found;
    }
    let mut open = vec![role];
    while let Some(role) = open.pop() {
        for (name, all) in BUILT_IN {
            let label = format!("rbac.authorization.k8s.io/aggregate-to-{name}");
            if labels(role).get(&label) == Some("true") {
                found.extend(all.iter().map(|name| (*name).to_owned()));
            }
        }
        for other in side.of_kind(role, GROUP, "ClusterRole") {
            let takes = selectors(other).is_some_and(|all| selects(&all, role));
            if takes && other.key.name != role.key.name && found.insert(other.key.name.clone()) {
                open.push(other);
            }
        }
    }
    found.remove(&role.key.name);
    found
}

/// What selects the roles that a role takes in; nothing of one that takes in none.
fn selectors(role: &Object) -> Option<Vec<Selector>> {
    let items = role.node.pointer("/aggregationRule/clusterRoleSelectors")?.as_seq()?;
    items.iter().map(|item| Selector::of(&Field::root(item))).collect()
}

fn selects(selectors: &[Selector], role: &Object) -> bool {
    selectors.iter().any(|selector| selector.matches(&labels(role)))
}

fn labels(role: &Object) -> Labels {
    Labels::of(role.node.pointer("/metadata/labels"))
}

/// "ClusterRole `view`", "ClusterRoles `admin`, `edit`".
pub(super) fn named(names: &BTreeSet<String>) -> String {
    let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let what = if names.len() == 1 { "ClusterRole" } else { "ClusterRoles" };
    format!("{what} {}", joined(shown, names.len()))
}
