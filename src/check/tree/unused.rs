//! What an AppProject permits and nothing uses.
//!
//! Rules: `ValidatePermissions` in `util/argo/argo.go` of Argo CD asks for sources and destinations,
//! `validateSyncPermissions` in `controller/sync.go` for kinds, and `getResourceTree` in
//! `controller/appcontroller.go` shows what the objects of an Application make only where it is
//! permitted as well.

use std::collections::BTreeSet;

use super::complete::{Below, below};
use super::dotted;
use crate::argocd::application::{Application, Destination};
use crate::argocd::application_set::IN_CLUSTER_SERVER;
use crate::argocd::project::{Entry, List, Permission, Project};
use crate::argocd::{Followed, FollowedApplication, State, Stated, Thing};
use crate::diagnostic::Finding;
use crate::model::{GroupKind, ObjectKey, Scope, is_native};
use crate::yaml::{Node, Value};

/// Who wrote an object.
const OWN: &str = "/metadata/labels/app.kubernetes.io~1managed-by";

/// The lists that are looked at, in the order in which they are told.
const LISTS: [List; 5] = [
    List::SourceRepos,
    List::Destinations,
    List::ClusterResourceWhitelist,
    List::NamespaceResourceWhitelist,
    List::SourceNamespaces,
];

/// Kinds that controllers of Kubernetes make: they are permitted so that they are shown.
const MADE: [(&str, &str); 9] = [
    ("", "Endpoints"),
    ("", "Event"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("", "Secret"),
    ("apps", "ControllerRevision"),
    ("apps", "ReplicaSet"),
    ("batch", "Job"),
    ("discovery.k8s.io", "EndpointSlice"),
];

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let projects: Vec<Project> =
        followed.projects.iter().map(|stated| Project::read(&stated.node)).collect();
    let roots = below(followed, &projects);
    for (number, (stated, project)) in followed.projects.iter().zip(&projects).enumerate() {
        // Its permissions are declared elsewhere, and `permission-unused` tells of them there.
        let is_ours = stated.node.pointer(OWN).and_then(Node::as_str) == Some("gitopsc");
        let of_name = projects.iter().filter(|other| other.name == project.name);
        if is_ours || of_name.count() > 1 {
            continue;
        }
        let of_it = |one: &&FollowedApplication| one.application.project() == project.name;
        let is_of_it = |thing: &Thing| match *thing {
            Thing::Application(at) => of_it(&&followed.applications[at]),
            _ => false,
        };
        // What makes the project makes its Applications, too, and is seen to the end.
        let this = Thing::Project(number);
        let makes_both = |root: &&Below| {
            let all = &root.things;
            all.contains(&this) && all.first() != Some(&this) && all.iter().any(is_of_it)
        };
        let makers: Vec<&Below> = roots.iter().filter(makes_both).collect();
        if makers.is_empty() || !makers.iter().all(|root| root.is_complete) {
            continue;
        }
        let applications: Vec<&FollowedApplication> =
            followed.applications.iter().filter(of_it).collect();
        let used = Used { project, applications: &applications };
        LISTS.into_iter().filter(|&list| used.is_known(list, stated)).for_each(|list| {
            findings.extend(used.unused(list, stated));
        });
    }
}

struct Used<'p> {
    project: &'p Project,
    applications: &'p [&'p FollowedApplication],
}

impl Used<'_> {
    /// Whether all that could use an entry of the list is seen.
    fn is_known(&self, list: List, stated: &Stated) -> bool {
        // What denies, permits all else.
        if self.project.entries().any(|entry| entry.list == list && entry.denies) {
            return false;
        }
        // One that holds nothing is perhaps about to leave, and runs what it held.
        let is_seen = |one: &&FollowedApplication| one.is_known() && one.members().next().is_some();
        match list {
            List::SourceRepos => self.applications.iter().all(|one| has_stated_sources(one)),
            List::SourceNamespaces => {
                !stated.namespace.is_empty()
                    && self.applications.iter().all(|one| !one.namespace.is_empty())
            }
            List::Destinations => self.applications.iter().all(is_seen),
            _ => {
                // All others have operators, which make what they like.
                let mut members = self.applications.iter().flat_map(|one| one.members());
                let is_plain = members
                    .all(|member| is_native(&member.key.group_kind) || member.thing.is_some());
                is_plain && self.applications.iter().all(is_seen)
            }
        }
    }

    fn unused(&self, list: List, stated: &Stated) -> Option<Finding> {
        let used = self.of_list(list, stated);
        let node = |entry: &Entry| stated.node.pointer(&entry.pointer());
        let is_told = |entry: &Entry| {
            entry.list == list
                && !used.contains(entry)
                && node(entry).is_some_and(|node| !is_open(node))
                && !may_be_made(list, node(entry))
        };
        let entries: Vec<Entry> = self.project.entries().filter(is_told).collect();
        let (first, rest) = entries.split_first()?;
        let what = described(list, node(first)?);
        let name = &self.project.name;
        let message = match rest.len() {
            0 => format!("nothing uses {what}, which the AppProject `{name}` permits"),
            count => format!(
                "nothing uses {what} and {count} more that the AppProject `{name}` permits in `{}`",
                list.as_str()
            ),
        };
        let finding = Finding::info("project-permission-unused", message)
            .at(first.span, "")
            .about(ObjectKey::of(&stated.node).to_string())
            .field(dotted(&first.pointer()));
        let finding =
            rest.iter().fold(finding, |finding, entry| finding.at(entry.span, "nor this"));
        Some(finding.help(
            "take it out once nothing of it runs any more: Argo CD prunes nothing that the project \
             does not permit",
        ))
    }

    /// The entries that something uses.
    fn of_list(&self, list: List, stated: &Stated) -> BTreeSet<Entry> {
        let mut used = BTreeSet::new();
        let mut asked = |permission: Permission| {
            if let Permission::Permitted(by) = permission {
                used.extend(by);
            }
        };
        for one in self.applications {
            match list {
                List::SourceRepos => {
                    let sources = one.application.asked_sources();
                    sources.iter().for_each(|it| asked(self.project.source(it.repo_url())));
                }
                List::SourceNamespaces => {
                    asked(self.project.source_namespace(&one.namespace, &stated.namespace));
                }
                List::Destinations => self.destinations(one, stated, &mut asked),
                _ => self.kinds(one, &mut asked),
            }
        }
        used
    }

    /// Asks for every namespace to which an Application deploys.
    fn destinations(
        &self,
        one: &FollowedApplication,
        stated: &Stated,
        asked: &mut impl FnMut(Permission),
    ) {
        let of_objects = one.members().filter(|member| member.scope != Some(Scope::Cluster));
        let mut namespaces: BTreeSet<&str> =
            of_objects.map(|member| member.key.namespace.as_str()).collect();
        namespaces.insert(one.application.target_namespace());
        for entry in self.project.entries().filter(|entry| entry.list == List::Destinations) {
            let (server, name) = cluster(&one.application, stated.node.pointer(&entry.pointer()));
            for namespace in &namespaces {
                asked(self.project.destination(Some(&server), Some(&name), namespace));
            }
        }
    }

    /// Asks for every kind of an Application, and for what it makes beside its objects.
    fn kinds(&self, one: &FollowedApplication, asked: &mut impl FnMut(Permission)) {
        for member in one.members() {
            let GroupKind { group, kind } = &member.key.group_kind;
            for is_cluster_wide in [true, false] {
                let scope = if is_cluster_wide { Scope::Cluster } else { Scope::Namespaced };
                if member.scope.is_none_or(|known| known == scope) {
                    asked(self.project.kind(group, kind, &member.key.name, is_cluster_wide));
                }
            }
        }
        if one.application.has_sync_option("CreateNamespace=true") {
            let namespace = one.application.target_namespace();
            asked(self.project.kind("", "Namespace", namespace, true));
        }
    }
}

/// Whether each source states all the repositories that it needs: a chart or a kustomization in a
/// repository may need others.
fn has_stated_sources(one: &FollowedApplication) -> bool {
    let sources = one.application.sources();
    !one.is_dropped
        && sources.iter().zip(&one.contents).all(|(source, contents)| {
            let (source, contents) = contents.made_from(*source);
            !source.repo_url().is_empty()
                && (source.remote_tool().is_some() || matches!(contents.state, State::Read(_)))
        })
}

/// Address and name of the cluster of an Application; of what is not known that is taken which the entry
/// has.
fn cluster(application: &Application, entry: Option<&Node>) -> (String, String) {
    let of_entry = |field| {
        let text = entry.and_then(|entry| entry.get(field)?.as_str());
        text.unwrap_or_default().to_owned()
    };
    let field = |field: &str| {
        let pointer = format!("/spec/destination/{field}");
        let text = application.object.pointer(&pointer).and_then(serde_json::Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let is_local = application.destination() == Some(Destination::InCluster);
    let local = || is_local.then(|| IN_CLUSTER_SERVER.to_owned());
    let server = field("server").map(|it| it.trim_end_matches('/').to_owned());
    let server = server.or_else(local).unwrap_or_else(|| of_entry("server"));
    (server, field("name").unwrap_or_else(|| of_entry("name")))
}

/// Whether an entry leaves a field open: then it is no list of what is needed.
fn is_open(entry: &Node) -> bool {
    let is_all = |node: &Node| matches!(node.as_str(), Some("*" | "**"));
    match &entry.value {
        Value::Map(map) => map.iter().any(|(_, field)| is_all(field)),
        _ => is_all(entry),
    }
}

/// Whether objects of a kind may come from others.
fn may_be_made(list: List, entry: Option<&Node>) -> bool {
    if !matches!(list, List::ClusterResourceWhitelist | List::NamespaceResourceWhitelist) {
        return false;
    }
    entry.map(kind_of).is_none_or(|kind| {
        !is_native(&kind) || MADE.contains(&(kind.group.as_str(), kind.kind.as_str()))
    })
}

fn kind_of(entry: &Node) -> GroupKind {
    let text = |field| entry.get(field).and_then(Node::as_str).unwrap_or_default().to_owned();
    GroupKind { group: text("group"), kind: text("kind") }
}

fn described(list: List, entry: &Node) -> String {
    let text = |field| entry.get(field).and_then(Node::as_str).unwrap_or_default();
    match list {
        List::SourceRepos => format!("the source `{}`", entry.as_str().unwrap_or_default()),
        List::SourceNamespaces => {
            format!("the source namespace `{}`", entry.as_str().unwrap_or_default())
        }
        List::Destinations => {
            let cluster = [text("name"), text("server")].into_iter().find(|text| !text.is_empty());
            format!("the namespace `{}` of `{}`", text("namespace"), cluster.unwrap_or_default())
        }
        _ => format!("the kind {}", kind_of(entry)),
    }
}
