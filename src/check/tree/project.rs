//! What AppProjects forbid.

use std::collections::BTreeSet;

use super::at;
use crate::argocd::application::{Application, Destination};
use crate::argocd::application_set::{IN_CLUSTER_NAME, IN_CLUSTER_SERVER};
use crate::argocd::project::{Permission, Project};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::{Finding, suggest};
use crate::facts::is_system;
use crate::model::{GroupKind, ObjectKey, Scope};

/// It is there in every Argo CD, and permits all unless somebody changed it.
const DEFAULT: &str = "default";

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let projects: Vec<Project> =
        followed.projects.iter().map(|stated| Project::read(&stated.node)).collect();
    // None of them may be seen here, if none is.
    if projects.is_empty() {
        return;
    }
    let mut told = BTreeSet::new();
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        let name = one.application.project();
        let of_name: Vec<&Project> =
            projects.iter().filter(|project| project.name == name).collect();
        match of_name.as_slice() {
            [] if name == DEFAULT || name.contains("{{") => {}
            [] if followed.applications.iter().any(|it| may_make(it, &one.namespace)) => {}
            [] => findings.push(missing(one, name, &projects)),
            [project] => judge(one, project, &mut told, findings),
            // Several Argo CDs have one of the name; which of them this is nobody says.
            _ => {}
        }
    }
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        let name = one.application.project();
        let mut of_name = projects.iter().filter(|project| project.name == name);
        if let (Some(project), None) = (of_name.next(), of_name.next()) {
            made_namespace(one, project, followed, &mut told, findings);
        }
    }
}

/// The namespace that `CreateNamespace=true` makes, which is an object of the sync like any other where
/// it is not there yet, or where its metadata are managed.
///
/// Source: `getSyncTasks` and `autoCreateNamespace` in `pkg/sync/sync_context.go` of gitops-engine,
/// `syncNamespace` in `controller/sync_namespace.go` and `validateSyncPermissions` in
/// `controller/sync.go` of Argo CD.
fn made_namespace(
    one: &FollowedApplication,
    project: &Project,
    followed: &Followed,
    told: &mut BTreeSet<(String, GroupKind)>,
    findings: &mut Vec<Finding>,
) {
    let namespace = one.application.target_namespace();
    let policy = one.application.object.pointer("/spec/syncPolicy");
    let is_managed = policy
        .and_then(|it| it.get("managedNamespaceMetadata"))
        .is_some_and(|metadata| !metadata.is_null());
    let is_it = |it: &Member| {
        it.key.group_kind == GroupKind::new("", "Namespace") && it.key.name == namespace
    };
    let mut others = followed.applications.iter().filter(|one| !one.is_dropped);
    if one.application.destination() != Some(Destination::InCluster)
        || namespace.is_empty()
        || !one.application.has_sync_option("CreateNamespace=true")
        || one.members().any(is_it)
        || !is_managed && (is_system(namespace) || others.any(|it| it.members().any(is_it)))
    {
        return;
    }
    let permission = project.kind("", "Namespace", namespace, true);
    let key = (project.name.clone(), GroupKind::new("", "Namespace"));
    let Some(why) = why(&permission).filter(|_| told.insert(key)) else { return };
    let message = format!(
        "the AppProject `{}` does not permit the Namespace that `CreateNamespace=true` makes",
        project.name
    );
    let id = "project-kind-forbidden";
    let (finding, pointer, note) = if is_managed {
        let note = "Argo CD applies it for its metadata in each sync, and fails it".to_owned();
        (Finding::error(id, message), "/spec/syncPolicy/managedNamespaceMetadata", note)
    } else {
        let note = format!("while there is no namespace `{namespace}`, each sync fails");
        (Finding::warning(id, message), "/spec/syncPolicy/syncOptions", note)
    };
    let finding = at(finding, one, pointer).note(note);
    let entry = "{group: \"\", kind: Namespace}";
    findings.push(told_by(finding, &permission, project, why, entry));
}

/// Whether an AppProject for the Applications of a namespace may be among what is not seen of one: Argo
/// CD's own namespace is its destination, or it says none of its own.
fn may_make(one: &FollowedApplication, namespace: &str) -> bool {
    let into = one.application.target_namespace();
    let is_open = namespace.is_empty() || ["", "default", namespace].contains(&into);
    !one.is_dropped && is_open && !one.is_known()
}

fn missing(one: &FollowedApplication, name: &str, projects: &[Project]) -> Finding {
    let message = format!("there is no AppProject `{name}`");
    let finding =
        at(Finding::warning("application-project-missing", message), one, "/spec/project");
    let help = suggest(name, projects.iter().map(|project| project.name.as_str()));
    help.into_iter().fold(finding, Finding::help)
}

fn judge(
    one: &FollowedApplication,
    project: &Project,
    told: &mut BTreeSet<(String, GroupKind)>,
    findings: &mut Vec<Finding>,
) {
    let name = &project.name;
    for source in one.application.asked_sources() {
        let permission = project.source(source.repo_url());
        if let Some(why) = why(&permission) {
            let message =
                format!("the AppProject `{name}` does not permit the source {}", source.repo_url());
            let finding = Finding::error("project-source-forbidden", message);
            let finding = at(finding, one, &source.pointer("repoURL"));
            findings.push(told_by(finding, &permission, project, why, source.repo_url()));
        }
    }
    // Of another cluster only one of its two names is known here.
    if one.application.destination() != Some(Destination::InCluster) {
        return;
    }
    let namespace = one.application.target_namespace();
    let permission = destination(project, namespace);
    if let Some(why) = why(&permission) {
        let message = format!(
            "the AppProject `{name}` does not permit the namespace `{namespace}` of in-cluster"
        );
        let finding =
            at(Finding::error("project-destination-forbidden", message), one, "/spec/destination");
        findings.push(told_by(finding, &permission, project, why, &in_cluster(namespace)));
        return;
    }
    for member in one.contents.iter().flat_map(|contents| contents.members()) {
        object(&one.application, member, project, told, findings);
    }
}

fn destination(project: &Project, namespace: &str) -> Permission {
    project.destination(Some(IN_CLUSTER_SERVER), Some(IN_CLUSTER_NAME), namespace)
}

/// Whether an object may be applied: its kind, and the namespace that it names.
fn object(
    application: &Application,
    member: &Member,
    project: &Project,
    told: &mut BTreeSet<(String, GroupKind)>,
    findings: &mut Vec<Finding>,
) {
    let ObjectKey { group_kind: GroupKind { group, kind }, namespace, name } = &member.key;
    let kind_of = |cluster_wide| project.kind(group, kind, name, cluster_wide);
    let permission = match member.scope {
        Some(scope) => kind_of(scope == Scope::Cluster),
        None if kind_of(true).is_permitted() == kind_of(false).is_permitted() => kind_of(false),
        None => return,
    };
    let of = &project.name;
    if let Some(why) = why(&permission) {
        if told.insert((of.clone(), member.key.group_kind.clone())) {
            let message =
                format!("the AppProject `{of}` does not permit {}", member.key.group_kind);
            let finding = Finding::error("project-kind-forbidden", message)
                .at(member.span(), format!("in `{}`", application.name()))
                .about(member.key.to_string());
            let entry = format!("{{group: {group:?}, kind: {kind}}}");
            findings.push(told_by(finding, &permission, project, why, &entry));
        }
        return;
    }
    if member.scope == Some(Scope::Namespaced) && namespace != application.target_namespace() {
        let permission = destination(project, namespace);
        if let Some(why) = why(&permission) {
            let message =
                format!("the AppProject `{of}` does not permit the namespace `{namespace}`");
            let place =
                member.node.pointer("/metadata/namespace").map_or(member.span(), |it| it.span);
            let finding = Finding::error("project-destination-forbidden", message)
                .at(place, format!("`{}` applies this there", application.name()))
                .about(member.key.to_string());
            findings.push(told_by(finding, &permission, project, why, &in_cluster(namespace)));
        }
    }
}

/// An entry that permits a namespace.
fn in_cluster(namespace: &str) -> String {
    format!("{{name: {IN_CLUSTER_NAME}, namespace: {namespace}}}")
}

/// Why something is not permitted; nothing where it is.
fn why(permission: &Permission) -> Option<String> {
    match permission {
        Permission::Permitted(_) => None,
        Permission::Denied(entry) => {
            Some(format!("an entry of `{}` denies it", entry.list.as_str()))
        }
        Permission::Unlisted(list) => Some(format!("no entry of `{}` permits it", list.as_str())),
    }
}

/// Points at what forbids something, and says which entry would permit it.
fn told_by(
    finding: Finding,
    permission: &Permission,
    project: &Project,
    why: String,
    entry: &str,
) -> Finding {
    match permission {
        Permission::Denied(denying) => {
            finding.at(denying.span, why).help("take that entry out, or what it denies")
        }
        Permission::Unlisted(list) => finding
            .at(project.span, why)
            .help(format!("add `{entry}` to `{}` of the AppProject", list.as_str())),
        Permission::Permitted(_) => finding,
    }
}
