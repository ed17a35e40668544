//! Whether a Kubernetes version serves a kind in the version that an object states.

use std::fmt::Write as _;

use crate::check::object::fault::{Faults, Reason};
use crate::diagnostic::{nearest, suggest};
use crate::model::Field;
use crate::schema::{NEWEST, OLDEST, Pack, Resource, lifecycle, pack};

/// Kubernetes' own groups, with those that it gave up.
const GROUPS: [&str; 23] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Judges an object whose kind is not served as it is stated. Gives `false` where the group is not
/// Kubernetes' own, nor a slip for one: then a definition decides, and it is not known here.
pub(crate) fn check(object: &Field<'_>, group: &str, faults: &mut Faults) -> bool {
    let minor = faults.minor();
    let (stated, kind) = (object.text("apiVersion"), object.text("kind"));
    // A list is no object: its items are.
    if kind.ends_with("List") {
        return false;
    }
    let pack = pack(minor);
    let meant = if GROUPS.contains(&group) { Some(group) } else { meant(pack, group, kind) };
    let Some(meant) = meant else { return false };
    let field = object.get("apiVersion").unwrap_or(*object);
    let message = format!("Kubernetes 1.{minor} serves no `{kind}` as `{stated}`");
    let version = stated.rsplit('/').next().unwrap_or_default();
    let life = lifecycle(group, version, kind);
    let end = life.and_then(|life| life.removed);
    let is_gone = end.is_some_and(|end| end <= minor);
    // An early version that exists and no server has by itself is off where nobody switches it on.
    let may_be_on = life.is_some() && !is_gone && !was_served(group, version, kind);
    let fault = faults.at("api-version-unserved", Reason::NotFound, &field, message);
    if may_be_on {
        fault.reason = None;
    }
    fault.help = instead(pack, meant, kind);
    if let Some(end) = end.filter(|_| is_gone) {
        fault.message.push_str(&format!(": it went with 1.{end}"));
    }
    if stated.matches('/').count() > 1 {
        fault.message.push_str(": an `apiVersion` is `group/version`");
    }
    true
}

fn was_served(group: &str, version: &str, kind: &str) -> bool {
    (OLDEST..=NEWEST).any(|minor| pack(minor).resource(group, version, kind).is_some())
}

/// The group of Kubernetes' own that is meant by another, for a kind that Kubernetes has. A group
/// without a dot is nobody else's: that of a definition must be a domain.
fn meant<'p>(pack: &'p Pack, group: &str, kind: &str) -> Option<&'p str> {
    let groups =
        || pack.resources().filter(|known| &*known.kind == kind).map(|known| &*known.group);
    if group.contains('/') || !group.contains('.') {
        let first = group.split('/').next().unwrap_or_default();
        return groups().find(|known| *known == first).or_else(|| groups().next());
    }
    let domain = |group: &'_ str| group.split_once('.').map_or("", |(_, domain)| domain).to_owned();
    nearest(group, groups().filter(|known| known.contains('.')))
        .filter(|known| nearest(&domain(group), [&*domain(known)]).is_some())
}

/// Judges the version of an object that is served as it is stated: the server warns where it is to
/// go, as the handlers of `k8s.io/apiserver/pkg/endpoints/deprecation` do.
pub(crate) fn deprecated(object: &Field<'_>, resource: &Resource, faults: &mut Faults) {
    let minor = faults.minor();
    let Resource { group, version, kind, .. } = resource;
    let Some(life) = lifecycle(group, version, kind).filter(|life| life.deprecated <= minor) else {
        return;
    };
    let field = object.get("apiVersion").unwrap_or(*object);
    let stated = object.text("apiVersion");
    let mut message =
        format!("`{kind}` as `{stated}` is deprecated since Kubernetes 1.{}", life.deprecated);
    if let Some(removed) = life.removed {
        let _ = write!(message, " and gone in 1.{removed}");
    }
    let fault = faults.warn("api-version-deprecated", &field, message);
    fault.help = life.instead.map(|instead| format!("write `apiVersion: {instead}`"));
}

/// What to write for a kind, in the group that is meant where that has it.
fn instead(pack: &Pack, group: &str, kind: &str) -> Option<String> {
    let served = || pack.resources().filter(|resource| &*resource.kind == kind);
    match served().find(|resource| &*resource.group == group).or_else(|| served().next()) {
        Some(found) if found.group.is_empty() => {
            Some(format!("write `apiVersion: {}`", found.version))
        }
        Some(found) => Some(format!("write `apiVersion: {}/{}`", found.group, found.version)),
        None => {
            let mut kinds: Vec<&str> = pack.resources().map(|resource| &*resource.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            suggest(kind, kinds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, check, meant};
    use crate::check::object::fault::Faults;
    use crate::model::Field;
    use crate::schema::{NEWEST, OLDEST, pack};
    use crate::source::{Sources, Span};
    use crate::yaml;

    #[test]
    fn groups_are_those_of_the_packs() {
        let mut groups = vec!["extensions"];
        for minor in OLDEST..=NEWEST {
            groups.extend(pack(minor).resources().map(|resource| &*resource.group));
        }
        groups.sort_unstable();
        groups.dedup();
        assert_eq!(groups, GROUPS);
    }

    /// What is said of a kind in a version: the message and the help.
    fn said(api_version: &str, kind: &str) -> Option<(String, String)> {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let object = serde_json::json!({"apiVersion": api_version, "kind": kind});
        let object = yaml::from_json(&object, span);
        let mut faults = Faults::new(NEWEST);
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let is_ours = check(&Field::root(&object), group, &mut faults);
        assert_eq!(is_ours, !faults.found.is_empty());
        let fault = faults.found.pop()?;
        Some((fault.message, fault.help.unwrap_or_default()))
    }

    #[test]
    fn slips() {
        for (api_version, kind, instead) in [
            ("app/v1", "Deployment", "apps/v1"),
            ("Apps/v1", "Deployment", "apps/v1"),
            ("apps/v1/x", "Deployment", "apps/v1"),
            ("apps/v2", "Deployment", "apps/v1"),
            ("v2", "Pod", "v1"),
            ("V1", "Pod", "v1"),
            ("networking/v1", "NetworkPolicy", "networking.k8s.io/v1"),
            ("networking.k8s.io/v1beta3", "Ingress", "networking.k8s.io/v1"),
            ("netwroking.k8s.io/v1", "Ingress", "networking.k8s.io/v1"),
            ("rbac.authorization.k8.io/v1", "Role", "rbac.authorization.k8s.io/v1"),
            ("events.k8s.io/v2", "Event", "events.k8s.io/v1"),
        ] {
            let (_, help) = said(api_version, kind).expect(api_version);
            assert_eq!(help, format!("write `apiVersion: {instead}`"), "{api_version}");
        }
        let (message, _) = said("apps/v1/x", "Deployment").unwrap();
        assert!(message.ends_with("an `apiVersion` is `group/version`"), "{message}");
    }

    #[test]
    fn groups_of_others() {
        for (group, kind) in [
            ("apps.kruise.io", "StatefulSet"),
            ("apps.openshift.io", "Deployment"),
            ("authorization.openshift.io", "Role"),
            ("batch.volcano.sh", "Job"),
            ("networking.gke.io", "NetworkPolicy"),
            ("crd.projectcalico.org", "NetworkPolicy"),
            ("serving.knative.dev", "Service"),
            ("example.com", "Pod"),
            ("node.example.io", "RuntimeClass"),
        ] {
            assert_eq!(meant(pack(NEWEST), group, kind), None, "{group}");
        }
        assert_eq!(meant(pack(NEWEST), "app", "Widget"), None);
        assert_eq!(said("example.com/v1", "Deployment"), None);
        assert_eq!(said("app/v1", "DeploymentList"), None);
    }
}
