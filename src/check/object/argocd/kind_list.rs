//! Entries of an AppProject's lists of kinds that match no kind.
//!
//! `IsGroupKindNamePermitted` in `pkg/apis/application/v1alpha1/app_project_types.go` of Argo CD asks
//! the lists of the cluster's kinds or those of the namespaces', as the kind is served
//! (`validateSyncPermissions` in `controller/sync.go`); `isResourceInList` in `types.go` beside it
//! matches by `filepath.Match`, case and all.

use crate::argocd::glob::{Dialect, Pattern};
use crate::check::object::fault::Faults;
use crate::load::manifest::is_placeholder;
use crate::model::{Field, Scope, known_scope, native_kinds};
use crate::schema::{Definitions, was_served};

const ID: &str = "project-kind-idle";

/// The lists, the scope of what they are about, their counterparts, and what their entries do.
const LISTS: [(&str, Scope, &str, &str); 4] = [
    (CLUSTER_WHITELIST, Scope::Cluster, NAMESPACE_WHITELIST, "permits"),
    ("clusterResourceBlacklist", Scope::Cluster, "namespaceResourceBlacklist", "denies"),
    (NAMESPACE_WHITELIST, Scope::Namespaced, CLUSTER_WHITELIST, "permits"),
    ("namespaceResourceBlacklist", Scope::Namespaced, "clusterResourceBlacklist", "denies"),
];

const CLUSTER_WHITELIST: &str = "clusterResourceWhitelist";
const NAMESPACE_WHITELIST: &str = "namespaceResourceWhitelist";

/// Checks the lists of an AppProject. Of groups that are neither Kubernetes' own nor defined here
/// nothing is known.
pub(super) fn check(spec: &Field<'_>, definitions: &Definitions, faults: &mut Faults) {
    for (list, scope, other, does) in LISTS {
        let entries = spec.get(list);
        for entry in entries.iter().flat_map(Field::items) {
            let (group, kind) = (entry.text("group"), entry.text("kind"));
            if kind.is_empty() || [group, kind].into_iter().any(is_placeholder) {
                continue;
            }
            let Some((field, message, help)) = unmatched(group, kind, definitions)
                .or_else(|| misplaced(spec, (group, kind), scope, other, definitions))
            else {
                continue;
            };
            let place = entry.get(field).unwrap_or(entry);
            let message = format!("{message}, so this entry {does} nothing");
            faults.warn(ID, &place, message).help(help);
        }
    }
}

/// The field that no kind has, why, and what is meant.
fn unmatched(
    group: &str,
    kind: &str,
    definitions: &Definitions,
) -> Option<(&'static str, String, String)> {
    if let Some(meant) = unversioned(group) {
        let message = format!("no group is called `{group}`");
        return Some(("group", message, format!("write `group: {meant:?}`, without the version")));
    }
    if is_pattern(group) {
        return None;
    }
    let of_group = || native_kinds().filter(|(of, ..)| *of == group).map(|(_, kind, _)| kind);
    let is_native = of_group().next().is_some();
    if is_pattern(kind) {
        let lower = pattern(&kind.to_lowercase())?;
        let (exact, mut kinds) = (pattern(kind)?, of_group());
        if kind.contains(['[', '\\']) || kinds.any(|it| exact.matches(it)) {
            return None;
        }
        let meant = of_group().filter(|it| lower.matches(&it.to_lowercase())).min()?;
        let message = format!("{} has no kind like `{kind}`", named(group));
        return Some(("kind", message, format!("write it as in `{meant}`: the case counts")));
    }
    if scope_of(group, kind, definitions).is_some() || was_served(group, kind) {
        return None;
    }
    if let Some(meant) = meant(group, kind, of_group(), definitions) {
        let message = format!("{} has no kind `{kind}`", named(group));
        return Some(("kind", message, format!("did you mean `{meant}`?")));
    }
    // The group of a custom kind has a dot (`ValidateCustomResourceDefinition` of apiextensions).
    if !is_native && (group.contains('.') || group == "extensions") {
        return None;
    }
    let mut homes: Vec<&str> =
        native_kinds().filter(|(_, it, _)| *it == kind).map(|(group, ..)| group).collect();
    homes.sort_unstable();
    let home = homes.first()?;
    let message = match is_native {
        true => format!("{} has no kind `{kind}`", named(group)),
        false => format!("there is no group `{group}`"),
    };
    Some(("group", message, format!("`{kind}` is of {}: write `group: {home:?}`", named(home))))
}

/// An entry whose kinds all belong in the other list.
fn misplaced(
    spec: &Field<'_>,
    (group, kind): (&str, &str),
    scope: Scope,
    other: &str,
    definitions: &Definitions,
) -> Option<(&'static str, String, String)> {
    if is_pattern(group) {
        return None;
    }
    if is_pattern(kind) {
        // One that begins with a wildcard is for what may come, too.
        let begins = kind.starts_with(|first: char| first.is_ascii_alphabetic());
        let kinds = pattern(kind).filter(|_| begins)?;
        let mut scopes = native_kinds()
            .filter(|(of, it, _)| *of == group && kinds.matches(it))
            .map(|(.., scope)| scope)
            .peekable();
        scopes.peek()?;
        if scopes.any(|it| it == scope) {
            return None;
        }
    } else if scope_of(group, kind, definitions)? == scope {
        return None;
    }
    let lives = match scope {
        Scope::Cluster => "lives in namespaces",
        Scope::Namespaced => "lives in no namespace",
    };
    let list = spec.get(other).filter(|list| !list.node.is_null());
    let has_it = list.iter().flat_map(Field::items).any(|entry| {
        let matches = |field: &str, text| {
            pattern(entry.text(field)).is_some_and(|pattern| pattern.matches(text))
        };
        matches("group", group) && matches("kind", kind)
    });
    let help = if has_it {
        format!("take it out: `{other}` has it")
    } else if list.is_none() && other == NAMESPACE_WHITELIST {
        format!("take it out: without `{other}` all such kinds are permitted")
    } else {
        format!("move it to `{other}`")
    };
    Some(("kind", format!("`{kind}` {lives}"), help))
}

/// The group that is meant by one that has a version.
pub(super) fn unversioned(group: &str) -> Option<&str> {
    let (before, _) = group.split_once('/')?;
    if is_pattern(before) || before.contains('{') || is_placeholder(before) {
        return None;
    }
    let is_core = before.len() < 4 && before.starts_with('v');
    Some(if is_core { "" } else { before })
}

/// The kind of a group that a wrong one is meant for: its singular, or one that differs by case or by
/// one letter. More may well be a kind of a version that is not known.
fn meant(
    group: &str,
    kind: &str,
    native: impl Iterator<Item = &'static str>,
    definitions: &Definitions,
) -> Option<String> {
    let singular = [("ies", "y"), ("es", ""), ("s", "")];
    let singular: Vec<String> = singular
        .into_iter()
        .filter_map(|(end, instead)| Some(format!("{}{instead}", kind.strip_suffix(end)?)))
        .collect();
    if let Some(known) = singular.iter().find(|it| scope_of(group, it, definitions).is_some()) {
        return Some(known.clone());
    }
    let is_near = |known: &&str| {
        known.eq_ignore_ascii_case(kind)
            || singular.iter().any(|it| known.eq_ignore_ascii_case(it))
            || strsim::damerau_levenshtein(known, kind) == 1
    };
    native.filter(is_near).min().map(str::to_owned)
}

fn scope_of(group: &str, kind: &str, definitions: &Definitions) -> Option<Scope> {
    let defined = definitions.is_namespaced(group, kind);
    let defined = defined.map(|it| if it { Scope::Namespaced } else { Scope::Cluster });
    defined.or_else(|| known_scope(group, kind))
}

fn pattern(text: &str) -> Option<Pattern> {
    Pattern::new(text, Dialect::PathMatch).ok()
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '\\'])
}

fn named(group: &str) -> String {
    if group.is_empty() { "the core group".to_owned() } else { format!("the group `{group}`") }
}
