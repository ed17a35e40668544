//! What a cluster has that no manifest shows.

use super::made::definitions;
use super::{
    Conversation, Machine, Made, Name, Network, Object, Plan, chart, conversation, plan, storage,
};
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
    /// Its network; nothing is stated of it where no environment is known.
    pub network: Network,
    /// Directories with files that may hold objects and were not read.
    pub unseen: Vec<Box<str>>,
    /// Names of charts that Argo CD renders.
    pub charts: Vec<Box<str>>,
    /// Hosts outside the cluster.
    pub externals: Vec<Box<str>>,
    /// The domain of the cluster's own names; empty where it is not known.
    pub domain: Box<str>,
    /// Workloads that charts declare, which no manifest shows.
    pub workloads: Vec<Object>,
    /// Conversations that apps declare.
    pub conversations: Vec<Conversation>,
    /// Machines that are declared; where there are none, Node objects are the machines.
    pub machines: Vec<Machine>,
    /// What the environment promises to whom.
    pub plan: Option<Box<Plan>>,
    /// The minor version of Kubernetes 1, where it is known.
    pub minor: Option<u32>,
    /// The storage class of claims that name none, where it is known.
    pub default_class: Option<Box<str>>,
    /// Storage classes that the environment states or its distribution brings, with their
    /// provisioners.
    pub provisioners: Vec<(Box<str>, Box<str>)>,
}

impl Surroundings {
    /// Of files whose cluster is not known: what every cluster has.
    #[must_use]
    pub fn unknown() -> Self {
        Self { made: distribution(None, &[]), ..Self::default() }
    }

    /// Of an environment by its file alone, merged over what it extends: without what its apps
    /// bring.
    #[must_use]
    pub fn stated(environment: &Node) -> Self {
        Self { network: Network::of(environment), ..Self::unknown() }
    }

    /// The same with a chart that is not rendered, and what its app says that it brings.
    #[must_use]
    pub fn with_chart(mut self, release: &str, namespace: &str, footprint: Option<&Node>) -> Self {
        self.network.add_chart(release, namespace, footprint);
        let (all, within) = (Name::Any, Some(namespace.into()));
        self.made.push(Made { group_kind: None, namespace: within, name: all, keys: None });
        if let Some(footprint) = footprint {
            of_footprint(footprint, namespace, &mut self.made);
        }
        self
    }

    /// Of an environment: its distribution, what it declares, what its charts bring, and the
    /// Secrets that a person makes.
    #[must_use]
    pub fn of(environment: &Environment, rendered: &[Rendered]) -> Self {
        let mut network = Network::of(&environment.node);
        for (release, output) in environment.releases.iter().zip(rendered) {
            if output.chart.is_some() {
                network.add_chart(&release.name, &release.namespace, output.footprint.as_ref());
            }
        }
        let spec = &environment.spec;
        let mut externals: Vec<Box<str>> = Vec::new();
        for (name, external) in spec.externals.iter().flatten() {
            externals.push(name.as_str().into());
            let address = external.as_ref().and_then(|external| external.address.as_deref());
            externals.extend(address.map(Into::into));
        }
        let domain = spec.network.as_ref().and_then(|network| network.cluster_domain.as_deref());
        let footprints =
            environment.releases.iter().zip(rendered).filter_map(|(release, output)| {
                Some(chart::declared(output.footprint.as_ref()?, release))
            });
        let version = spec.kubernetes.as_ref().and_then(|kubernetes| kubernetes.version.as_deref());
        let classes = spec.storage_classes.iter().flatten();
        let mut defaults = classes.filter(|(_, class)| {
            class.as_ref().is_some_and(|class| class.is_default == Some(true))
        });
        Self {
            unseen: Vec::new(),
            charts: rendered.iter().flat_map(|it| &it.chart).map(|it| (*it.name).into()).collect(),
            made: environment_made(environment, rendered),
            externals,
            workloads: footprints.flatten().collect(),
            conversations: conversation::all(environment, rendered),
            machines: plan::machines(environment),
            plan: Some(Box::new(plan::plan(environment))),
            minor: version.and_then(|version| version.split('.').nth(1)?.parse().ok()),
            default_class: defaults.next().map(|(name, _)| name.as_str().into()),
            provisioners: storage::provisioners(spec),
            network,
            domain: domain.unwrap_or("cluster.local").into(),
        }
    }

    /// Whether there may be more objects that belong together with those of a directory: in it,
    /// below it, or beside it.
    #[must_use]
    pub(super) fn is_unseen(&self, unit: &str) -> bool {
        let parent = |unit: &str| unit.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
        let is_below = |unit: &str, of: &str| {
            unit.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.unseen.iter().any(|unseen| {
            **unseen == *unit || is_below(unseen, unit) || is_below(unit, &parent(unseen))
        })
    }

    /// Whether a host is known to lie outside the cluster.
    #[must_use]
    pub fn is_external(&self, host: &str) -> bool {
        self.externals.iter().any(|known| **known == *host)
    }

    /// The domain of the cluster's own names, `cluster.local` where nothing else is known.
    #[must_use]
    pub fn domain(&self) -> &str {
        if self.domain.is_empty() { "cluster.local" } else { &self.domain }
    }
}

/// What every cluster of a distribution has but for what is switched off.
fn distribution(distribution: Option<Distribution>, disabled: &[String]) -> Vec<Made> {
    let own = match distribution {
        Some(Distribution::K3s) => "k3s",
        Some(Distribution::Minikube) => "minikube",
        Some(Distribution::Kind) => "kind",
        Some(Distribution::Kubernetes) | None => "kubernetes",
    };
    let lines = include_str!("distributions.tsv").lines().filter(|line| !line.starts_with('#'));
    let parts = lines.filter_map(|line| {
        let mut fields = line.split('\t');
        let (of, part) = (fields.next()?, fields.next()?);
        let (kind, namespace, name) = (fields.next()?, fields.next()?, fields.next()?);
        let keys = fields.next().map(|keys| keys.split(',').map(Into::into).collect());
        if (of != "*" && of != own) || disabled.iter().any(|known| known == part) {
            return None;
        }
        let group_kind = GroupKind::parse(kind);
        if group_kind == definitions() {
            return Some(existing(group_kind, name));
        }
        Some(Made {
            group_kind: Some(group_kind),
            namespace: (!matches!(namespace, "*" | "-")).then(|| namespace.into()),
            name: match (name.strip_suffix('*'), name.strip_suffix('?')) {
                (Some(start), _) => Name::StartsWith(start.into()),
                (_, Some(name)) => Name::Perhaps(name.into()),
                _ => Name::Is(name.into()),
            },
            keys,
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
    // Whether Argo CD itself runs in this cluster or in another one, its kinds are never told.
    if spec.gitops.is_some() {
        let kinds = ["Application", "ApplicationSet", "AppProject"];
        around.extend(kinds.map(|kind| Made::definition("argoproj.io", kind)));
    }
    for (name, _) in spec.storage_classes.iter().flatten() {
        around.push(made("storage.k8s.io/StorageClass", None, name));
    }
    for (kind, names) in spec.existing.iter().flatten() {
        let names = names.iter().flatten();
        around.extend(names.map(|name| existing(GroupKind::parse(kind), name)));
    }
    for (name, namespace) in spec.namespaces.iter().flatten() {
        if namespace.as_ref().is_some_and(|namespace| namespace.existing == Some(true)) {
            around.push(made("Namespace", None, name));
        }
    }
    for (release, output) in environment.releases.iter().zip(rendered) {
        if output.chart.is_some() {
            let namespace = Some(release.namespace.as_str().into());
            around.push(Made { group_kind: None, namespace, name: Name::Any, keys: None });
            let declares = output.footprint.as_ref().is_some_and(|it| it.get("crds").is_some());
            if !declares {
                let group_kind = Some(definitions());
                around.push(Made { group_kind, namespace: None, name: Name::Any, keys: None });
            }
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

/// Something that the cluster has already: its name, with its namespace where it has one.
fn existing(group_kind: GroupKind, name: &str) -> Made {
    if group_kind == definitions() {
        let defined = GroupKind::parse(name);
        return Made::definition(&defined.group, &defined.kind);
    }
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace.into()), name),
        None => (None, name),
    };
    Made { group_kind: Some(group_kind), namespace, name: Name::Is(name.into()), keys: None }
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
    let kinds = footprint.get("crds").and_then(Node::as_seq).unwrap_or_default();
    let kinds = kinds.iter().filter_map(Node::as_str).map(GroupKind::parse);
    around.extend(kinds.map(|kind| Made::definition(&kind.group, &kind.kind)));
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
