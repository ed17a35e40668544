//! What a cluster has that no manifest shows.

use super::{Machine, Made, Name, Object, Plan, plan};
use crate::config::Distribution;
use crate::model::GroupKind;
use crate::render::Rendered;
use crate::resolve::Environment;
use crate::yaml::{Map, Node};

/// What is known of a cluster beside its objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    /// What is there, or may be, that no manifest shows.
    pub made: Vec<Made>,
    /// Workloads that charts declare, which no manifest shows.
    pub workloads: Vec<Object>,
    /// Machines that are declared; where there are none, Node objects are the machines.
    pub machines: Vec<Machine>,
    /// What the environment promises to whom.
    pub plan: Option<Box<Plan>>,
    /// The minor version of Kubernetes 1, where it is known.
    pub minor: Option<u32>,
    /// The storage class of claims that name none, where it is known.
    pub default_class: Option<Box<str>>,
}

impl Surroundings {
    /// Of files whose cluster is not known: what every cluster has.
    #[must_use]
    pub fn unknown() -> Self {
        Self { made: distribution(None, &[]), ..Self::default() }
    }

    /// Of an environment: its distribution, what it declares, what its charts bring, and the
    /// Secrets that a person makes.
    #[must_use]
    pub fn of(environment: &Environment, rendered: &[Rendered]) -> Self {
        let spec = &environment.spec;
        let footprints =
            environment.releases.iter().zip(rendered).filter_map(|(release, output)| {
                Some(plan::declared(output.footprint.as_ref()?, release))
            });
        let version = spec.kubernetes.as_ref().and_then(|kubernetes| kubernetes.version.as_deref());
        let classes = spec.storage_classes.iter().flatten();
        let mut defaults = classes.filter(|(_, class)| {
            class.as_ref().is_some_and(|class| class.is_default == Some(true))
        });
        Self {
            made: environment_made(environment, rendered),
            workloads: footprints.flatten().collect(),
            machines: plan::machines(environment),
            plan: Some(Box::new(plan::plan(environment))),
            minor: version.and_then(|version| version.split('.').nth(1)?.parse().ok()),
            default_class: defaults.next().map(|(name, _)| name.as_str().into()),
        }
    }
}

/// What every cluster of a distribution has but for what is switched off.
fn distribution(distribution: Option<Distribution>, disabled: &[String]) -> Vec<Made> {
    let own = match distribution {
        Some(Distribution::K3s) => "k3s",
        Some(Distribution::Minikube) => "minikube",
        Some(Distribution::Kind) => "kind",
        Some(Distribution::Kubernetes) | None => "",
    };
    let lines = include_str!("distributions.tsv").lines().filter(|line| !line.starts_with('#'));
    let parts = lines.filter_map(|line| {
        let mut fields = line.split('\t');
        let (of, part) = (fields.next()?, fields.next()?);
        let (kind, namespace, name) = (fields.next()?, fields.next()?, fields.next()?);
        if (of != "*" && of != own) || disabled.iter().any(|known| known == part) {
            return None;
        }
        Some(Made {
            group_kind: Some(GroupKind::parse(kind)),
            namespace: (!matches!(namespace, "*" | "-")).then(|| namespace.into()),
            name: match name.strip_suffix('*') {
                Some(start) => Name::StartsWith(start.into()),
                None => Name::Is(name.into()),
            },
            keys: None,
        })
    });
    parts.collect()
}

fn environment_made(environment: &Environment, rendered: &[Rendered]) -> Vec<Made> {
    let spec = &environment.spec;
    let kubernetes = spec.kubernetes.as_ref();
    let disabled = kubernetes.and_then(|kubernetes| kubernetes.disabled.as_deref());
    let known = kubernetes.and_then(|kubernetes| kubernetes.distribution).unwrap_or_default();
    let mut around = distribution(Some(known), disabled.unwrap_or_default());
    for (name, _) in spec.storage_classes.iter().flatten() {
        around.push(made("storage.k8s.io/StorageClass", None, name));
    }
    for (release, output) in environment.releases.iter().zip(rendered) {
        if output.chart.is_some() {
            let namespace = Some(release.namespace.as_str().into());
            around.push(Made { group_kind: None, namespace, name: Name::Any, keys: None });
        }
        if let Some(footprint) = &output.footprint {
            of_footprint(footprint, &release.namespace, &mut around);
        }
        around.extend(output.secrets.iter().map(|secret| {
            let keys = secret.keys.iter().map(|(key, _)| key.as_str().into()).collect();
            Made { keys: Some(keys), ..made("Secret", Some(&secret.namespace), &secret.name) }
        }));
    }
    around
}

fn of_footprint(footprint: &Node, namespace: &str, around: &mut Vec<Made>) {
    const LISTS: [(&str, &str, bool); 4] = [
        ("priorityClasses", "scheduling.k8s.io/PriorityClass", false),
        ("storageClasses", "storage.k8s.io/StorageClass", false),
        ("ingressClasses", "networking.k8s.io/IngressClass", false),
        ("serviceAccounts", "ServiceAccount", true),
    ];
    for (field, kind, is_namespaced) in LISTS {
        let names = footprint.get(field).and_then(Node::as_seq).unwrap_or_default();
        let names = names.iter().filter_map(Node::as_str);
        around.extend(names.map(|name| made(kind, is_namespaced.then_some(namespace), name)));
    }
    let services = footprint.get("services").and_then(Node::as_map).into_iter().flat_map(Map::iter);
    around.extend(services.map(|(name, _)| made("Service", Some(namespace), &name.name)));
}

fn made(kind: &str, namespace: Option<&str>, name: &str) -> Made {
    Made {
        group_kind: Some(GroupKind::parse(kind)),
        namespace: namespace.map(Into::into),
        name: Name::Is(name.into()),
        keys: None,
    }
}
