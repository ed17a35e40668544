//! Names of objects that are not there.

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{Answer, Cluster, Extent, Object, Part, Reference, Target, is_slip};

/// Follows every reference.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    for object in cluster.objects() {
        // One that is missing is told once, with all places that name it.
        let mut told: Vec<(&Target, usize)> = Vec::new();
        for reference in &object.references {
            let target = &reference.target;
            if let Some((_, index)) = told.iter().find(|(known, _)| is_same(known, target)) {
                if reference.is_of_file() {
                    continue;
                }
                let finding = whole.findings[*index].clone();
                whole.findings[*index] = finding.at(reference.place.span, "named here too");
                continue;
            }
            let finding = match cluster.follow(object, &reference.target) {
                Answer::Found(_) | Answer::Made => continue,
                Answer::Unknown => {
                    whole.unknown(object, &reference.place, &reference.target);
                    continue;
                }
                _ if reference.is_optional => continue,
                Answer::PartMissing(found, known) => {
                    let is_sure = cluster.surely_share(object, found);
                    let finding = part_missing(reference, &found.key.to_string(), &known, is_sure);
                    let finding = at(finding, object, &reference.place);
                    whole
                        .findings
                        .push(finding.at(found.span, "this one").note(reference.otherwise));
                    continue;
                }
                Answer::KeyMissing(known) => {
                    let owner = target.to_string();
                    let finding = part_missing(reference, &owner, &known, true);
                    whole
                        .findings
                        .push(at(finding, object, &reference.place).note(reference.otherwise));
                    continue;
                }
                // Things go on without it, and nothing says that another one was meant.
                Answer::Missing { ref elsewhere, near, .. }
                    if reference.is_mild
                        && elsewhere.is_empty()
                        && near.is_none_or(|near| !is_slip(near, &reference.target.name))
                        && reference.target.group_kind.kind == "Service" =>
                {
                    whole.unknown(object, &reference.place, &reference.target);
                    continue;
                }
                Answer::Missing { elsewhere, near, is_sure } => {
                    missing(cluster, object, reference, (&elsewhere, near, is_sure))
                }
            };
            told.push((target, whole.findings.len()));
            whole.findings.push(at(finding, object, &reference.place).note(reference.otherwise));
        }
    }
    whole
}

/// Whether two references are to one object, whichever part of it they mean.
fn is_same(one: &Target, other: &Target) -> bool {
    (&one.group_kind, &one.namespace, &one.name)
        == (&other.group_kind, &other.namespace, &other.name)
}

/// Looks for namespaces that nothing makes. Files of an unknown cluster need not make any.
pub(super) fn namespaces(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    if cluster.extent() < Extent::Whole {
        return whole;
    }
    for namespace in cluster.namespaces().filter(|name| !cluster.makes_namespace(name)) {
        let inside = || cluster.objects().iter().filter(|it| it.key.namespace == namespace);
        let Some(first) = inside().next() else { continue };
        let message = format!("there is no Namespace `{namespace}`");
        let others = inside().count() - 1;
        let finding = Finding::error("namespace-missing", message)
            .at(first.span, "")
            .about(first.key.to_string())
            .field("metadata.namespace")
            .note(refused(others));
        whole.findings.push(finding.help("declare it, or correct the name"));
    }
    whole
}

/// Looks for custom kinds that nothing defines, in clusters of which everything is known.
pub(super) fn definitions(cluster: &Cluster) -> Whole {
    let mut whole = Whole::default();
    if cluster.extent() < Extent::Whole {
        return whole;
    }
    for kind in cluster.undefined_kinds() {
        let mut objects: Vec<&Object> = cluster.of_kind(kind).collect();
        objects.sort_by_key(|object| object.span);
        let Some(first) = objects.first() else { continue };
        let message = format!("nothing defines `{}` of `{}`", kind.kind, kind.group);
        let others = objects.len() - 1;
        let finding = Finding::error("definition-missing", message)
            .at(first.span, "")
            .about(first.key.to_string())
            .field("kind")
            .note(refused(others));
        let help = "render its CustomResourceDefinition, list the kind under `crds` of the \
                    footprint of the app that brings it, or under `existing` of the environment";
        whole.findings.push(finding.help(help));
    }
    whole
}

/// What becomes of an object, and of others like it.
fn refused(others: usize) -> String {
    match others {
        0 => "the API server refuses the object".to_owned(),
        _ => format!("the API server refuses it, and {others} more"),
    }
}

/// The check of a kind that is referred to.
fn id(target: &Target) -> &'static str {
    match (&*target.group_kind.group, &*target.group_kind.kind) {
        ("", "ConfigMap") => "config-map-missing",
        ("", "Secret") => "secret-missing",
        ("", "Service") => "service-missing",
        ("", "ServiceAccount") => "service-account-missing",
        ("", "PersistentVolumeClaim") => "claim-missing",
        ("storage.k8s.io", "StorageClass") => "storage-class-missing",
        ("scheduling.k8s.io", "PriorityClass") => "priority-class-missing",
        ("node.k8s.io", "RuntimeClass") => "runtime-class-missing",
        ("networking.k8s.io", "IngressClass") => "ingress-class-missing",
        ("rbac.authorization.k8s.io", _) => "role-missing",
        ("apps" | "argoproj.io", _) => "scale-target-missing",
        _ => "reference-missing",
    }
}

fn missing(
    cluster: &Cluster,
    object: &Object,
    reference: &Reference,
    (elsewhere, near, is_sure): (&[&str], Option<&str>, bool),
) -> Finding {
    let Target { group_kind, namespace, name, .. } = &reference.target;
    let place = match (namespace, cluster.extent()) {
        (Some(namespace), _) if !namespace.is_empty() => format!(" in `{namespace}`"),
        (_, Extent::Files | Extent::Tree) => " in what was checked".to_owned(),
        _ => String::new(),
    };
    let kind = &group_kind.kind;
    let message = format!("there is no {kind} `{name}`{place}");
    let id = id(&reference.target);
    // In files of an unknown cluster only what looks like a slip is sure.
    let is_error = is_sure && !reference.is_mild;
    let finding =
        if is_error { Finding::error(id, message) } else { Finding::warning(id, message) };
    let others: Vec<String> = elsewhere.iter().map(|it| format!("`{it}`")).collect();
    match (others.is_empty(), near) {
        (false, _) => {
            let help = format!("there is one in {}", others.join(", "));
            let is_own = namespace.as_deref() == Some(&*object.key.namespace);
            let kind = &object.key.group_kind.kind;
            finding.help(match is_own && !object.is_cluster_wide {
                true => format!("{help}; a {kind} reads only what is in its own namespace"),
                false => help,
            })
        }
        (true, Some(near)) => finding.help(format!("did you mean `{near}`?")),
        (true, None) => finding.help(format!("render one, or correct the name of the {kind}")),
    }
}

fn part_missing(reference: &Reference, owner: &str, known: &[&str], is_sure: bool) -> Finding {
    let (id, message) = match &reference.target.part {
        Some(Part::PortNumber(number)) => {
            ("service-port-missing", format!("{owner} has no port {number}"))
        }
        Some(Part::PortName(name)) => {
            ("service-port-missing", format!("{owner} has no port `{name}`"))
        }
        Some(Part::Listener(name, port)) => {
            let name = name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
            let port = port.map(|port| format!(" on port {port}")).unwrap_or_default();
            ("listener-missing", format!("{owner} has no listener{name}{port}"))
        }
        Some(Part::Key(key)) => ("config-key-missing", format!("{owner} has no key `{key}`")),
        None => ("reference-missing", format!("{owner} is not what is meant")),
    };
    let known: Vec<String> = known
        .iter()
        .filter(|name| !name.is_empty())
        .take(12)
        .map(|name| format!("`{name}`"))
        .collect();
    let finding = if is_sure { Finding::error(id, message) } else { Finding::warning(id, message) };
    if known.is_empty() { finding } else { finding.help(format!("it has {}", known.join(", "))) }
}
