//! What the rules of roles permit.
//!
//! Source: `pkg/apis/rbac/v1/evaluation_helpers.go` of Kubernetes; for `escalate` and `bind`
//! `pkg/registry/rbac/escalation_check.go`.

use std::collections::{BTreeMap, BTreeSet};

use super::access::GROUP;
use super::words::joined;
use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// Roles with more rules than that are not compared.
const MOST: usize = 20_000;

/// One thing that is permitted; any of its parts may be `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    group: String,
    /// Empty for a path of the API server's own.
    resource: String,
    verb: String,
    /// The one object, or the path.
    name: Option<String>,
}

impl Grant {
    pub(super) fn new(group: &str, resource: &str, verb: &str) -> Self {
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

    /// All that there is: what `cluster-admin` permits.
    ///
    /// Source: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go` of Kubernetes.
    pub(super) fn everything() -> BTreeSet<Self> {
        let paths = Self { name: Some("*".to_owned()), ..Self::new("", "", "*") };
        [Self::new("*", "*", "*"), paths].into()
    }

    pub(super) fn is_everything(&self) -> bool {
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

/// What should not be overlooked among other things. A watch begins with all that is there.
const GRAVE: [(&str, &str, &str, &str); 11] = [
    ("", "secrets", "get", "Secrets can be read"),
    ("", "secrets", "list", "Secrets can be read"),
    ("", "secrets", "watch", "Secrets can be read"),
    ("", "pods/exec", "create", "commands can be run in pods"),
    ("", "serviceaccounts/token", "create", "tokens of ServiceAccounts can be made"),
    ("", "serviceaccounts", "impersonate", "requests can be made as somebody else"),
    ("", "users", "impersonate", "requests can be made as somebody else"),
    (GROUP, "clusterroles", "escalate", "any permission can be given, even those that one lacks"),
    (GROUP, "clusterroles", "bind", "any role can be bound"),
    (
        GROUP,
        "roles",
        "escalate",
        "any permission can be given, even those that one lacks, in the namespace",
    ),
    (GROUP, "roles", "bind", "any role can be bound in the namespace"),
];

/// What the rules of a role permit; nothing where others fill them in, or there are too many.
pub(super) fn grants(role: &Object) -> Option<BTreeSet<Grant>> {
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
pub(super) fn beyond(one: &BTreeSet<Grant>, other: &BTreeSet<Grant>) -> Vec<Grant> {
    // Most are the same.
    let left = one.difference(other);
    left.filter(|grant| !other.iter().any(|it| it.covers(grant))).cloned().collect()
}

/// Verbs on resources, in words.
pub(super) fn shown(grants: &[Grant]) -> String {
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
pub(super) fn grave(one: &BTreeSet<Grant>, other: &BTreeSet<Grant>) -> String {
    let covers = |grants: &BTreeSet<Grant>, grant: &Grant| grants.iter().any(|it| it.covers(grant));
    let mut words = Vec::new();
    for (group, resource, verb, what) in GRAVE {
        let grant = Grant::new(group, resource, verb);
        // Where it is permitted everywhere, the namespace goes without saying.
        let is_part = |said: &&str| what.starts_with(said);
        if covers(one, &grant) && !covers(other, &grant) && !words.iter().any(is_part) {
            words.push(what);
        }
    }
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}
