//! What an AppProject permits newly, and to whom it permits less.

use std::collections::{BTreeMap, BTreeSet};

use super::words::listed;
use super::{Subject, signature};
use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::project::{List, Permission, Project};
use crate::diff::snapshot::Object;
use crate::yaml::{Node, Value};

const GROUP: &str = "argoproj.io";

/// An address that only patterns for all take.
const UNKNOWN_SERVER: &str = "https://unknown.invalid";

/// What Applications of a project may newly, and what those that are there may no longer.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<String> {
    let Some(after) = subject.is() else { return Vec::new() };
    let before = subject.was();
    // Argo CD makes `default` itself, and what another file says of a project is not known to go.
    let mut others = subject.whole.before.of_kind(after, GROUP, "AppProject");
    let is_there = after.key.name == "default" || others.any(|other| other.key == after.key);
    if before.is_none() && is_there {
        return Vec::new();
    }
    let nothing = Node::new(Value::Null, after.node.span);
    let before = before.map_or(&nothing, |before| &before.node);
    let mut told = lists(before, after);
    told.extend(signature::of(before, &after.node));
    told.extend(roles(before, &after.node));
    told.extend(accounts(before, &after.node));
    told.extend_from_slice(subject.whole.fates.barred(&after.environment, &after.key.name));
    told
}

fn lists(before: &Node, after: &Object) -> Vec<String> {
    let (old, new) = (Project::read(before), Project::read(&after.node));
    let mut told = Vec::new();
    let list = |list: List| {
        let items = after.node.pointer(&format!("/spec/{}", list.as_str()));
        items.and_then(Node::as_seq).unwrap_or_default()
    };
    let denies = |permission: Permission| !permission.is_permitted();
    let mut came = |what: &str, names: BTreeSet<String>| {
        if !names.is_empty() {
            told.push(format!("its Applications may newly {what} {}", listed(&names)));
        }
    };
    // What one pattern takes that is taken for a name, it takes as a pattern too.
    let positive = |text: &&str| !text.starts_with('!');
    let sources = list(List::SourceRepos).iter().filter_map(Node::as_str).filter(positive);
    let sources = sources.filter(|it| denies(old.source(it)) && new.source(it).is_permitted());
    let gone = no_longer_denied(before, &after.node, List::SourceRepos);
    let gone = gone.filter_map(|it| it.as_str()?.strip_prefix('!'));
    let gone = gone.filter(|it| denies(old.source(it)) && new.source(it).is_permitted());
    came("come from", sources.chain(gone).map(str::to_owned).collect());
    let text = |item: &Node, name: &str| {
        item.get(name).and_then(Node::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
    };
    let gone = no_longer_denied(before, &after.node, List::Destinations);
    let stated = list(List::Destinations).iter().filter(|item| !is_denial(item));
    let destinations = stated.chain(gone).filter_map(|item| {
        let plain = |name: &str| text(item, name).map(|it| it.trim_start_matches('!').to_owned());
        let (server, name) = (plain("server"), plain("name"));
        let namespace = plain("namespace").unwrap_or_default();
        // A cluster that is stated by its name has an address, too, which is not known here.
        let address = server.as_deref().or(name.as_ref().map(|_| UNKNOWN_SERVER));
        let may = |project: &Project| {
            project.destination(address, name.as_deref(), &namespace).is_permitted()
        };
        let cluster = server.as_deref().or(name.as_deref()).unwrap_or_default();
        (!may(&old) && may(&new)).then(|| format!("{namespace} of {cluster}"))
    });
    came("go to namespace", destinations.collect());
    let namespaces = list(List::SourceNamespaces).iter().filter_map(Node::as_str);
    // It stands in Argo CD's own namespace, where Applications may stand anyhow.
    let own = after.key.namespace.as_str();
    let namespaces = namespaces.filter(|it| denies(old.source_namespace(it, own)));
    came("stand in namespace", namespaces.map(str::to_owned).collect());
    for (whitelist, blacklist, is_cluster_wide, what) in [
        (
            List::ClusterResourceWhitelist,
            List::ClusterResourceBlacklist,
            true,
            "have the cluster's",
        ),
        (List::NamespaceResourceWhitelist, List::NamespaceResourceBlacklist, false, "have"),
    ] {
        let taken = before.pointer(&format!("/spec/{}", blacklist.as_str()));
        let taken = taken.and_then(Node::as_seq).unwrap_or_default();
        let kinds = list(whitelist).iter().chain(taken).filter_map(|item| {
            let (group, kind) = (text(item, "group").unwrap_or_default(), text(item, "kind")?);
            let name = text(item, "name").unwrap_or_else(|| "*".to_owned());
            let may = |project: &Project| {
                project.kind(&group, &kind, &name, is_cluster_wide).is_permitted()
            };
            let is_new = !may(&old) && may(&new);
            is_new.then(|| if group.is_empty() { kind } else { format!("{group}/{kind}") })
        });
        came(what, kinds.collect());
    }
    let whitelist = |project: &Node| {
        let list = project.pointer("/spec/namespaceResourceWhitelist");
        list.is_some_and(|list| list.as_seq().is_some())
    };
    if whitelist(before) && !whitelist(&after.node) {
        told.push(
            "its Applications may newly have every kind of a namespace that no list forbids"
                .to_owned(),
        );
    }
    told
}

/// What a list denied by `!`, and denies no longer; nothing where it denies other things instead, which may
/// be a part of that.
fn no_longer_denied<'n>(
    before: &'n Node,
    after: &Node,
    list: List,
) -> impl Iterator<Item = &'n Node> + use<'n> {
    let pointer = format!("/spec/{}", list.as_str());
    let denials = |project: &'_ Node| -> Vec<Node> {
        let items = project.pointer(&pointer).and_then(Node::as_seq).unwrap_or_default();
        items.iter().filter(|item| is_denial(item)).cloned().collect()
    };
    let (old, new) = (denials(before), denials(after));
    let same = |one: &Node, other: &Node| {
        let words = ["server", "name", "namespace"].into_iter();
        let mut words =
            words.map(|name| [one, other].map(|it| it.get(name).and_then(Node::as_str)));
        one.as_str() == other.as_str() && words.all(|[one, other]| one == other)
    };
    let is_narrower = new.iter().all(|one| old.iter().any(|other| same(one, other)));
    let items = before.pointer(&pointer).and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter(move |item| is_narrower && is_denial(item))
}

/// Whether an item of a list takes something away.
fn is_denial(item: &Node) -> bool {
    let words = ["server", "name", "namespace"].into_iter().filter_map(|name| item.get(name));
    words.chain([item]).filter_map(Node::as_str).any(|word| word.starts_with('!'))
}

/// What its roles allow newly, and which groups have them newly.
///
/// Source: `ProjectPoliciesString` in `pkg/apis/application/v1alpha1/app_project_types.go` of Argo CD,
/// `assets/model.conf` and `globMatchFunc` in `util/rbac/rbac.go`.
fn roles(before: &Node, after: &Node) -> Vec<String> {
    let (old, new) = (by_role(before), by_role(after));
    let mut told = Vec::new();
    for (name, role) in &new {
        let was = old.get(name);
        let had = |policy: &Policy| {
            let allowed = was.is_some_and(|was| was.allowed.iter().any(|it| it.covers(policy)));
            allowed || role.denied.iter().any(|it| it.covers(policy))
        };
        let more = role.allowed.iter().filter(|policy| !had(policy));
        let more: BTreeSet<String> = more.map(|policy| policy.0.join(", ")).collect();
        if !more.is_empty() {
            told.push(format!("its role `{name}` newly allows {}", listed(&more)));
        }
        // What is allowed newly is told above.
        let is_let = |policy: &&Policy| {
            let overlaps = |it: &Policy| it.covers(policy) || policy.covers(it);
            let lets = |role: &Role| role.allowed.iter().any(overlaps);
            !role.denied.iter().any(|it| it.covers(policy)) && lets(role) && was.is_some_and(lets)
        };
        let denied = was.into_iter().flat_map(|was| &was.denied).filter(is_let);
        let denied: BTreeSet<String> = denied.map(|policy| policy.0.join(", ")).collect();
        if !denied.is_empty() {
            told.push(format!("its role `{name}` denies no longer {}", listed(&denied)));
        }
        let had = |group: &&String| was.is_some_and(|was| was.groups.contains(*group));
        let groups: BTreeSet<String> =
            role.groups.iter().filter(|group| !had(group)).cloned().collect();
        if !groups.is_empty() {
            let word = if groups.len() == 1 { "group" } else { "groups" };
            told.push(format!("its role `{name}` is newly that of {word} {}", listed(&groups)));
        }
    }
    told
}

/// Resource, action and object of a policy; each may be a pattern.
struct Policy([String; 3]);

impl Policy {
    /// Whether all that another is for is so for this one. A pattern that takes another for a name
    /// takes what that takes, too.
    fn covers(&self, other: &Self) -> bool {
        let dialect = Dialect::Gobwas { separator: None };
        self.0.iter().zip(&other.0).all(|(own, other)| {
            own == other || Pattern::new(own, dialect).is_ok_and(|own| own.matches(other))
        })
    }
}

#[derive(Default)]
struct Role {
    allowed: Vec<Policy>,
    denied: Vec<Policy>,
    groups: BTreeSet<String>,
}

fn by_role(project: &Node) -> BTreeMap<String, Role> {
    let items = project.pointer("/spec/roles").and_then(Node::as_seq).unwrap_or_default();
    let mut roles: BTreeMap<String, Role> = BTreeMap::new();
    for item in items {
        let Some(name) = item.get("name").and_then(Node::as_str) else { continue };
        let texts = |field| {
            let items = item.get(field).and_then(Node::as_seq).unwrap_or_default();
            items.iter().filter_map(Node::as_str)
        };
        let role = roles.entry(name.to_owned()).or_default();
        role.groups.extend(texts("groups").map(str::to_owned));
        for policy in texts("policies") {
            let parts: Vec<&str> = policy.split(',').map(str::trim).collect();
            let ["p", _, resource, action, object, effect] = parts[..] else { continue };
            let policy = Policy([resource, action, object].map(str::to_owned));
            match effect {
                "allow" => role.allowed.push(policy),
                "deny" => role.denied.push(policy),
                _ => {}
            }
        }
    }
    roles
}

/// The ServiceAccounts that Argo CD applies as, where it impersonates: those of the first entry that
/// fits.
///
/// Source: `DeriveServiceAccountToImpersonate` in `util/settings/impersonation.go` of Argo CD.
fn accounts(before: &Node, after: &Node) -> Vec<String> {
    type Entry<'n> = (&'n str, &'n str, &'n str);
    fn read(project: &Node) -> Vec<Entry<'_>> {
        let items = project.pointer("/spec/destinationServiceAccounts").and_then(Node::as_seq);
        let entry = |item| {
            let text = |name| Node::get(item, name).and_then(Node::as_str).unwrap_or_default();
            (text("server"), text("namespace"), text("defaultServiceAccount"))
        };
        let entries = items.into_iter().flatten().map(entry);
        let mut reached: Vec<Entry<'_>> = Vec::new();
        for entry in entries.filter(|entry| !entry.2.is_empty()) {
            let takes = |own: &str, other: &str| own == "*" || own == other;
            if !reached.iter().any(|it| takes(it.0, entry.0) && takes(it.1, entry.1)) {
                reached.push(entry);
            }
        }
        reached
    }
    let old = read(before);
    let mut told = Vec::new();
    for (server, namespace, account) in read(after) {
        let was = old.iter().find(|it| (it.0, it.1) == (server, namespace));
        let instead = match was {
            Some((.., was)) if *was == account => continue,
            Some((.., was)) => format!(" instead of `{was}`"),
            None => String::new(),
        };
        told.push(format!(
            "where Argo CD impersonates, it newly applies to namespace `{namespace} of {server}` as ServiceAccount `{account}`{instead}"
        ));
    }
    told
}
