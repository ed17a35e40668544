//! Applications in namespaces in which Argo CD has nothing to do with them.
//!
//! Rules: `IsAppNamespacePermitted` in `pkg/apis/application/v1alpha1/app_project_types.go` of Argo CD,
//! which `getAppProj` in `controller/appcontroller.go` asks, and `IsNamespaceEnabled` in
//! `util/security/application_namespaces.go`.

use std::collections::BTreeSet;

use super::at;
use crate::argocd::project::{Project, is_listed};
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::Finding;
use crate::model::GroupKind;
use crate::source::Span;

const ID: &str = "application-namespace-forbidden";

/// The key by which Argo CD is told where Applications may be.
const KEY: &str = "application.namespaces";

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let projects: Vec<Project> =
        followed.projects.iter().map(|stated| Project::read(&stated.node)).collect();
    let commands = commands(followed);
    let mut told = BTreeSet::new();
    for one in followed.applications.iter().filter(|one| !one.is_dropped) {
        // There another Argo CD may be.
        let is_own = followed.projects.iter().any(|project| project.namespace == one.namespace);
        if one.namespace.is_empty() || one.namespace.contains("{{") || is_own {
            continue;
        }
        let found = watched(one, commands.as_slice())
            .or_else(|| permitted(one, followed, &projects))
            .filter(|it| told.insert((it.labels.first().map(|it| it.span), it.message.clone())));
        findings.extend(found);
    }
}

/// The ConfigMaps that say where Applications may be.
fn commands(followed: &Followed) -> Vec<&Member> {
    let kind = GroupKind::new("", "ConfigMap");
    let applications = followed.applications.iter().filter(|one| !one.is_dropped);
    let members = applications.flat_map(FollowedApplication::members);
    let is_it = |it: &&Member| it.key.group_kind == kind && it.key.name == "argocd-cmd-params-cm";
    members.filter(is_it).collect()
}

/// Of several Argo CDs nobody says which of them it is for.
fn watched(one: &FollowedApplication, commands: &[&Member]) -> Option<Finding> {
    let [config] = commands else { return None };
    let list = config.node.get("data")?.get(KEY)?;
    let patterns = list.as_str()?.split(',').map(str::trim);
    if config.key.namespace == one.namespace || is_listed(&one.namespace, patterns) {
        return None;
    }
    Some(told(one, list.span, "Argo CD looks at no Application in", &format!("`{KEY}`")))
}

fn permitted(
    one: &FollowedApplication,
    followed: &Followed,
    projects: &[Project],
) -> Option<Finding> {
    let name = one.application.project();
    let mut of_name =
        followed.projects.iter().zip(projects).filter(|(_, project)| project.name == name);
    let (Some((stated, project)), None) = (of_name.next(), of_name.next()) else { return None };
    // Without any, another Argo CD may have a project of the name.
    let list = stated.node.pointer("/spec/sourceNamespaces")?;
    let is_stated = list.as_seq().is_some_and(|items| !items.is_empty());
    if !is_stated
        || stated.namespace.is_empty()
        || project.source_namespace(&one.namespace, &stated.namespace).is_permitted()
    {
        return None;
    }
    let message = format!("the AppProject `{name}` does not permit Applications in");
    Some(told(one, list.span, &message, "`sourceNamespaces` of the AppProject"))
}

fn told(one: &FollowedApplication, list: Span, message: &str, of: &str) -> Finding {
    let namespace = &one.namespace;
    let finding = Finding::error(ID, format!("{message} the namespace `{namespace}`"));
    at(finding, one, "/metadata/namespace")
        .at(list, "what is permitted")
        .note("nothing of it is compared or synced")
        .help(format!("add `{namespace}` to {of}, or move the Application"))
}
