//! What roles permit, and to whom they are bound.
//!
//! Source: `pkg/apis/rbac/v1/evaluation_helpers.go` and `pkg/registry/rbac/validation` of Kubernetes.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use super::words::joined;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::yaml::Node;

/// The group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// Roles with more rules than that are not compared.
const MOST: usize = 20_000;

/// One thing that is permitted; any of its parts may be `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    group: String,
    /// Empty for a path of the API server's own.
    resource: String,
    verb: String,
    /// The one object, or the path.
    name: Option<String>,
}

impl Grant {
    fn new(group: &str, resource: &str, verb: &str) -> Self {
        let text = str::to_owned;
        Self { group: text(group), resource: text(resource), verb: text(verb), name: None }
    }

    /// Whether all that another permits is permitted.
    fn covers(&self, other: &Self) -> bool {
        let any = |own: &str, other: &str| own == "*" || own == other;
        if !any(&self.verb, &other.verb) || self.resource.is_empty() != other.resource.is_empty() {
            return false;
        }
        if self.resource.is_empty() {
            let (own, path) = (self.name.as_deref(), other.name.as_deref());
            let start = own.and_then(|own| own.strip_suffix('*'));
            return own == path
                || start.zip(path).is_some_and(|(start, path)| path.starts_with(start));
        }
        let below = self.resource.strip_prefix('*').filter(|rest| rest.starts_with('/'));
        any(&self.group, &other.group)
            && (any(&self.resource, &other.resource)
                || below.is_some_and(|below| other.resource.ends_with(below)))
            && (self.name.is_none() || self.name == other.name)
    }

    fn is_everything(&self) -> bool {
        [&self.group, &self.resource, &self.verb].iter().all(|part| *part == "*")
            && self.name.is_none()
    }

    /// What is permitted it on, as people write it.
    fn on(&self) -> String {
        let resource = match (&*self.group, &*self.resource) {
            (_, "") => return format!("path `{}`", self.name.as_deref().unwrap_or_default()),
            ("*", "*") => "everything".to_owned(),
            ("", "*") => "everything of the core group".to_owned(),
            (group, "*") => format!("everything of `{group}`"),
            ("" | "*", resource) => format!("`{resource}`"),
            (group, resource) => format!("`{resource}.{group}`"),
        };
        match &self.name {
            Some(name) => format!("{resource} `{name}`"),
            None => resource,
        }
    }
}

/// What should not be overlooked among other things.
const GRAVE: [(&str, &str, &str, &str); 8] = [
    ("", "secrets", "get", "Secrets can be read"),
    ("", "secrets", "list", "Secrets can be read"),
    ("", "pods/exec", "create", "commands can be run in pods"),
    ("", "serviceaccounts/token", "create", "tokens of ServiceAccounts can be made"),
    ("", "serviceaccounts", "impersonate", "requests can be made as somebody else"),
    ("", "users", "impersonate", "requests can be made as somebody else"),
    (GROUP, "clusterroles", "escalate", "any permission can be given, even those that one lacks"),
    (GROUP, "clusterroles", "bind", "any role can be bound"),
];

/// What the rules of a role permit; nothing where others fill them in, or there are too many.
fn grants(role: &Object) -> Option<BTreeSet<Grant>> {
    if role.node.get("aggregationRule").is_some_and(|it| !it.is_null()) {
        return None;
    }
    let rules = role.node.get("rules").and_then(Node::as_seq).unwrap_or_default();
    let mut grants = BTreeSet::new();
    for rule in rules {
        let texts = |name: &str| -> Vec<&str> {
            let items = rule.get(name).and_then(Node::as_seq).unwrap_or_default();
            items.iter().filter_map(Node::as_str).collect()
        };
        let names = texts("resourceNames");
        for verb in texts("verbs") {
            for path in texts("nonResourceURLs") {
                let name = Some(path.to_owned());
                grants.insert(Grant { name, ..Grant::new("", "", verb) });
            }
            for group in texts("apiGroups") {
                for resource in texts("resources") {
                    let grant = Grant::new(group, resource, verb);
                    if names.is_empty() {
                        grants.insert(grant);
                        continue;
                    }
                    grants.extend(
                        names.iter().map(|it| Grant { name: Some((*it).into()), ..grant.clone() }),
                    );
                }
            }
        }
        if grants.len() > MOST {
            return None;
        }
    }
    Some(grants)
}

/// What the first permit and the second do not.
fn beyond(one: &BTreeSet<Grant>, other: &BTreeSet<Grant>) -> Vec<Grant> {
    // Most are the same.
    let left = one.difference(other);
    left.filter(|grant| !other.iter().any(|it| it.covers(grant))).cloned().collect()
}

/// Verbs on resources, in words.
fn shown(grants: &[Grant]) -> String {
    if grants.iter().any(Grant::is_everything) {
        return "everything".to_owned();
    }
    let mut by: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for grant in grants {
        let verb =
            if grant.verb == "*" { "every verb".into() } else { format!("`{}`", grant.verb) };
        by.entry(grant.on()).or_default().push(verb);
    }
    let all = by.len();
    let parts = by.into_iter().map(|(on, verbs)| {
        let count = verbs.len();
        format!("{} on {on}", joined(verbs, count))
    });
    joined(parts.collect(), all)
}

/// What is grave among what the first permit and the second do not, each once.
fn grave(one: &BTreeSet<Grant>, other: &BTreeSet<Grant>) -> String {
    let covers = |grants: &BTreeSet<Grant>, grant: &Grant| grants.iter().any(|it| it.covers(grant));
    let mut words = Vec::new();
    for (group, resource, verb, what) in GRAVE {
        let grant = Grant::new(group, resource, verb);
        if covers(one, &grant) && !covers(other, &grant) && !words.contains(&what) {
            words.push(what);
        }
    }
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}

/// What a role permits newly, and no longer, and to whom.
pub(super) fn role(subject: &Subject<'_, '_>) -> Vec<String> {
    let (Some(before), Some(after)) = (subject.was(), subject.is()) else { return Vec::new() };
    let (Some(old), Some(new)) = (grants(before), grants(after)) else { return Vec::new() };
    let holders = bound(&subject.whole.after, after);
    let whom = if holders.is_empty() { String::new() } else { format!(" ({holders})") };
    let (more, less) = (beyond(&new, &old), beyond(&old, &new));
    let mut told = Vec::new();
    if !more.is_empty() {
        told.push(format!("it newly permits {}{whom}{}", shown(&more), grave(&new, &old)));
    }
    if !less.is_empty() {
        told.push(format!("it permits no longer {}{whom}", shown(&less)));
    }
    told
}

/// Who is bound to a role, in words.
fn bound(side: &Side<'_>, role: &Object) -> String {
    let (kind, name) = (role.key.group_kind.kind.as_str(), role.key.name.as_str());
    let of_cluster = side.of_kind(role, GROUP, "ClusterRoleBinding");
    let of_namespace = match kind {
        "Role" => side.beside(role, GROUP, "RoleBinding").collect::<Vec<_>>(),
        _ => side.of_kind(role, GROUP, "RoleBinding").collect(),
    };
    let of_cluster = of_cluster.filter(|_| kind == "ClusterRole");
    let all = of_cluster.chain(of_namespace);
    let all = all.filter(|one| role_of(one) == Some((kind, name)));
    let holders: BTreeSet<String> = all.flat_map(subjects).map(|(_, shown)| shown).collect();
    let count = holders.len();
    if count == 0 {
        return String::new();
    }
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb} bound to it", joined(holders.into_iter().collect(), count))
}

fn role_of(binding: &Object) -> Option<(&str, &str)> {
    let text = |name: &str| binding.node.get("roleRef")?.get(name)?.as_str();
    Some((text("kind")?, text("name")?))
}

/// The subjects of a binding: who they are, and in words.
fn subjects(binding: &Object) -> Vec<((String, String, String), String)> {
    let items = binding.node.get("subjects").and_then(Node::as_seq).unwrap_or_default();
    let subject = |item: &Node| {
        let text = |name: &str| item.get(name).and_then(Node::as_str).unwrap_or_default();
        let (kind, name, namespace) = (text("kind"), text("name"), text("namespace"));
        let shown = match (kind, name) {
            ("", _) | (_, "") => return None,
            ("Group", "system:authenticated") => {
                "everybody who is logged in (`system:authenticated`)".to_owned()
            }
            ("Group", "system:unauthenticated") => {
                "everybody without logging in (`system:unauthenticated`)".to_owned()
            }
            ("ServiceAccount", _) if !namespace.is_empty() => {
                format!("ServiceAccount `{name}` in {namespace}")
            }
            _ => format!("{kind} `{name}`"),
        };
        Some(((kind.to_owned(), namespace.to_owned(), name.to_owned()), shown))
    };
    items.iter().filter_map(subject).collect()
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
        let there = |who: &(String, String, String)| {
            let twin = counterpart.filter(|twin| role_of(twin) == Some((kind, name)));
            let is_same_scope = |one: &&Object| {
                one.key.group_kind == own.key.group_kind && one.key.namespace == own.key.namespace
            };
            let group_kind = &own.key.group_kind;
            let others = other_side.of_kind(own, &group_kind.group, &group_kind.kind);
            let mut others = others.filter(|one| {
                is_same_scope(one) && one.key != own.key && role_of(one) == Some((kind, name))
            });
            let has = |one: &Object| subjects(one).iter().any(|(it, _)| it == who);
            twin.is_some_and(has) || others.any(has)
        };
        let who: BTreeSet<String> = subjects(own)
            .into_iter()
            .filter(|(who, _)| !there(who))
            .map(|(_, shown)| shown)
            .collect();
        if who.is_empty() {
            continue;
        }
        let count = who.len();
        let who = joined(who.into_iter().collect(), count);
        let rest = if verb == "binds newly" {
            permitted(own, own_side, kind, name)
        } else {
            String::new()
        };
        told.push(format!("it {verb} {who} to {kind} `{name}`{rest}"));
    }
    told
}

/// What a role that is bound permits, as far as that should not be overlooked.
fn permitted(binding: &Object, side: &Side<'_>, kind: &str, name: &str) -> String {
    let whole = binding.key.group_kind.kind == "ClusterRoleBinding";
    let scope = if whole { "in the whole cluster" } else { "in the namespace" };
    if (kind, name) == ("ClusterRole", "cluster-admin") {
        return format!(": everything is permitted {scope}");
    }
    let mut roles: Vec<&Object> = match kind {
        "ClusterRole" => side.of_kind(binding, GROUP, kind).collect(),
        _ => side.beside(binding, GROUP, kind).collect(),
    };
    roles.retain(|role| role.key.name == name);
    let [role] = roles.as_slice() else { return String::new() };
    match grants(role) {
        Some(grants) if grants.iter().any(Grant::is_everything) => {
            format!(": everything is permitted {scope}")
        }
        Some(grants) => grave(&grants, &BTreeSet::new()),
        None => String::new(),
    }
}
