//! Applications that their AppProject permits no longer.

use std::collections::{BTreeMap, BTreeSet};

use crate::argocd::application::Destination;
use crate::argocd::application_set::{IN_CLUSTER_NAME, IN_CLUSTER_SERVER};
use crate::argocd::project::{List, Project};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::load::manifest::is_placeholder;
use crate::model::{GroupKind, ObjectKey, Scope};
use crate::yaml::Node;

/// What the Applications of each project may no longer, in words. Only what the project permitted
/// before counts: what is wrong with an Application itself is no matter of its project.
pub(super) fn barred(before: &Followed, after: &Followed) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for stated in &after.projects {
        let name = Project::read(&stated.node).name;
        // Several Argo CDs have one of the name; which of them an Application is in nobody says.
        let Some(pair) = only(before, &name).zip(only(after, &name)) else { continue };
        let mut barred: BTreeMap<Barred, BTreeSet<String>> = BTreeMap::new();
        let taken = after.applications.iter().filter(|one| !one.is_dropped);
        for one in taken.filter(|one| one.application.project() == name) {
            let own = &stated.namespace;
            for what in of_application(one, pair, own) {
                barred.entry(what).or_default().insert(one.application.name().to_owned());
            }
        }
        found.insert(name, barred.into_iter().map(|(what, names)| what.told(&names)).collect());
    }
    found
}

fn only<'f>(followed: &'f Followed, name: &str) -> Option<&'f Node> {
    let mut all = followed.projects.iter().map(|stated| &stated.node);
    let mut named = all.by_ref().filter(|node| Project::read(node).name == name);
    named.next().filter(|_| named.next().is_none())
}

/// What is permitted no longer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Barred {
    /// Where an Application comes from, goes to, or stands: as a verb with its object.
    Whole(String),
    /// A kind of its objects.
    Kind(String),
    /// The namespace of one of its objects.
    Namespace(String),
}

impl Barred {
    /// Source: `ValidatePermissions` in `util/argo/argo.go`, `refreshAppConditions` and
    /// `processAppRefreshQueueItem` in `controller/appcontroller.go` of Argo CD; for objects
    /// `validateSyncPermissions` in `controller/sync.go`, `Sync` in `pkg/sync/sync_context.go` of
    /// gitops-engine, and `CompareAppState` in `controller/state.go`, to which no object is there that
    /// is not permitted.
    fn told(&self, applications: &BTreeSet<String>) -> String {
        let names = super::consequence::listed(applications);
        let word = if applications.len() == 1 { "Application" } else { "Applications" };
        let (what, then) = match self {
            Self::Whole(what) => {
                (what.clone(), "Argo CD syncs no more (`InvalidSpecError`), and deletes nothing")
            }
            Self::Kind(kind) => (format!("have `{kind}`"), "each sync fails, and deletes nothing"),
            Self::Namespace(name) => (
                format!("put objects into namespace `{name}`"),
                "each sync fails, and deletes nothing",
            ),
        };
        format!("{word} {names} may no longer {what}: {then}")
    }
}

fn of_application(one: &FollowedApplication, nodes: (&Node, &Node), own: &str) -> BTreeSet<Barred> {
    let (old, new) = (Project::read(nodes.0), Project::read(nodes.1));
    let mut found = BTreeSet::new();
    let mut whole = |may: &dyn Fn(&Project) -> bool, what: String| {
        if may(&old) && !may(&new) && !is_placeholder(&what) {
            found.insert(Barred::Whole(what));
        }
    };
    for source in one.application.asked_sources() {
        let url = source.repo_url();
        whole(&|project| project.source(url).is_permitted(), format!("come from `{url}`"));
    }
    let namespace = one.namespace.as_str();
    if !own.is_empty() {
        let may = |project: &Project| project.source_namespace(namespace, own).is_permitted();
        whole(&may, format!("stand in namespace `{namespace}`"));
    }
    let Some(cluster) = cluster(one, nodes) else { return found };
    let (server, name) = cluster;
    let goes = |project: &Project, namespace: &str| {
        project.destination(server, name, namespace).is_permitted()
    };
    let target = one.application.target_namespace();
    let shown = name.or(server).unwrap_or_default();
    whole(&|project| goes(project, target), format!("go to namespace `{target}` of `{shown}`"));
    if !found.is_empty() {
        return found;
    }
    for member in one.members() {
        if may_be_had(member, &old) == Some(true) && may_be_had(member, &new) == Some(false) {
            found.insert(Barred::Kind(member.key.group_kind.to_string()));
        }
        let namespace = member.key.namespace.as_str();
        let is_elsewhere = member.scope == Some(Scope::Namespaced) && namespace != target;
        if is_elsewhere && goes(&old, namespace) && !goes(&new, namespace) {
            found.insert(Barred::Namespace(namespace.to_owned()));
        }
    }
    found
}

/// The address and the name of the cluster that an Application goes to, as far as they are known;
/// nothing where an entry asks for what is not.
fn cluster<'o>(
    one: &'o FollowedApplication,
    (before, after): (&Node, &Node),
) -> Option<(Option<&'o str>, Option<&'o str>)> {
    let states = |field: &str| {
        let lists = [before, after].map(|it| {
            let list = it.pointer(&format!("/spec/{}", List::Destinations.as_str()));
            list.and_then(Node::as_seq).unwrap_or_default()
        });
        let stated = lists.into_iter().flatten().filter_map(|item| item.get(field)?.as_str());
        stated.into_iter().any(|text| !text.is_empty())
    };
    match one.destination.as_ref()? {
        Destination::InCluster => Some((Some(IN_CLUSTER_SERVER), Some(IN_CLUSTER_NAME))),
        Destination::Server(server) if !states("name") => Some((Some(server), None)),
        Destination::Name(name) if !states("server") => Some((None, Some(name))),
        _ => None,
    }
}

/// Whether a project lets its Applications have an object; nothing where that is not known.
fn may_be_had(member: &Member, project: &Project) -> Option<bool> {
    let ObjectKey { group_kind: GroupKind { group, kind }, name, .. } = &member.key;
    let may = |is_cluster_wide| project.kind(group, kind, name, is_cluster_wide).is_permitted();
    match member.scope {
        Some(scope) => Some(may(scope == Scope::Cluster)),
        None => Some(may(true)).filter(|it| *it == may(false)),
    }
}
