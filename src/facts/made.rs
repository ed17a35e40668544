//! What comes to be through an object beside itself: what controllers and operators make of it.

use super::gateway::{GROUP, TRIED, is_listener_set};
use super::mention;
use super::reference::each;
use crate::model::{Field, GroupKind, ObjectKey};
use crate::yaml::Node;

/// Something that an object makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Group and kind; nothing where it may be of any.
    pub group_kind: Option<GroupKind>,
    /// The namespace; nothing where it may be in any, or in none.
    pub namespace: Option<Box<str>>,
    /// Its name.
    pub name: Name,
    /// The keys of a ConfigMap or Secret; nothing where they are not known.
    pub keys: Option<Box<[Box<str>]>>,
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// The very name.
    Is(Box<str>),
    /// How it begins.
    StartsWith(Box<str>),
    /// A name that is a part of it, between dashes or dots.
    Holds(Box<str>),
    /// Perhaps this one: a text names it, as of what is to be made.
    Perhaps(Box<str>),
    /// Nothing: something of any name may be made.
    Any,
}

impl Name {
    /// Whether it may be this one.
    #[must_use]
    pub fn may_be(&self, name: &str) -> bool {
        match self {
            Self::Is(known) | Self::Perhaps(known) => **known == *name,
            Self::Holds(part) => holds(name, part),
            Self::StartsWith(start) => name.starts_with(&**start),
            Self::Any => true,
        }
    }
}

/// Whether a name has another as a part, between dashes or dots.
pub(super) fn holds(name: &str, part: &str) -> bool {
    let ends = |(at, _)| {
        let (before, after) = (&name[..at], &name[at + part.len()..]);
        (before.is_empty() || before.ends_with(['-', '.']))
            && (after.is_empty() || after.starts_with(['-', '.']))
    };
    name.match_indices(part).any(ends)
}

impl Made {
    fn secret(namespace: &str, name: &str) -> Self {
        Self::named("Secret", namespace, Name::Is(name.into()))
    }

    fn named(kind: &str, namespace: &str, name: Name) -> Self {
        let group_kind = GroupKind::new("", kind);
        Self { group_kind: Some(group_kind), namespace: Some(namespace.into()), name, keys: None }
    }

    /// The definition of a custom kind, which objects know by the kind alone.
    pub(super) fn definition(group: &str, kind: &str) -> Self {
        let name = Name::Is(definition_of(group, kind).into());
        Self { group_kind: Some(definitions()), namespace: None, name, keys: None }
    }

    fn with_keys(self, keys: Box<[Box<str>]>) -> Self {
        Self { keys: Some(keys), ..self }
    }
}

/// Groups of custom kinds that make no object that others name, and the kinds where it is not all of
/// them: they tell a controller what to do.
const MAKE_NOTHING: [(&str, &[&str]); 36] = [
    ("acme.cert-manager.io", &[]),
    ("argoproj.io", &["AnalysisTemplate", "AppProject", "ClusterAnalysisTemplate"]),
    ("cert-manager.io", &["CertificateRequest", "ClusterIssuer", "Issuer"]),
    ("cilium.io", &[]),
    ("configuration.konghq.com", &[]),
    ("constraints.gatekeeper.sh", &[]),
    ("crd.projectcalico.org", &[]),
    ("elbv2.k8s.aws", &[]),
    ("extensions.istio.io", &[]),
    ("external-secrets.io", &["ClusterSecretStore", "PushSecret", "SecretStore"]),
    ("flagger.app", &["AlertProvider", "MetricTemplate"]),
    ("gateway.envoyproxy.io", &[]),
    (TRIED, &[]),
    (
        "grafana.integreatly.org",
        &["GrafanaAlertRuleGroup", "GrafanaDashboard", "GrafanaDatasource", "GrafanaFolder"],
    ),
    ("image.toolkit.fluxcd.io", &[]),
    ("karpenter.k8s.aws", &[]),
    ("karpenter.sh", &[]),
    ("keda.sh", &[]),
    ("kyverno.io", &["CleanupPolicy", "ClusterCleanupPolicy", "PolicyException"]),
    ("metallb.io", &[]),
    (
        "monitoring.coreos.com",
        &[
            "AlertmanagerConfig",
            "PodMonitor",
            "Probe",
            "PrometheusRule",
            "ScrapeConfig",
            "ServiceMonitor",
        ],
    ),
    ("monitoring.googleapis.com", &[]),
    ("networking.istio.io", &[]),
    ("notification.toolkit.fluxcd.io", &[]),
    (
        "operator.victoriametrics.com",
        &[
            "VMAlertmanagerConfig",
            "VMNodeScrape",
            "VMPodScrape",
            "VMProbe",
            "VMRule",
            "VMScrapeConfig",
            "VMServiceScrape",
            "VMStaticScrape",
        ],
    ),
    (
        "policies.kyverno.io",
        &[
            "DeletingPolicy",
            "ImageValidatingPolicy",
            "MutatingPolicy",
            "PolicyException",
            "ValidatingPolicy",
        ],
    ),
    ("policy.linkerd.io", &[]),
    ("projectcalico.org", &[]),
    ("route.openshift.io", &[]),
    ("security.istio.io", &[]),
    ("security.openshift.io", &[]),
    ("source.toolkit.fluxcd.io", &[]),
    ("telemetry.istio.io", &[]),
    ("traefik.containo.us", &[]),
    ("traefik.io", &[]),
    ("velero.io", &[]),
];

fn makes_nothing(group: &str, kind: &str) -> bool {
    let mut rows = MAKE_NOTHING.iter().filter(|(known, _)| *known == group);
    rows.any(|(_, kinds)| kinds.is_empty() || kinds.contains(&kind))
}

/// Whether a Rollout gives its pods labels that no template of it shows.
fn labels_pods(rollout: &Node) -> bool {
    const OF_STRATEGIES: [&str; 4] = [
        "/spec/strategy/canary/canaryMetadata",
        "/spec/strategy/canary/stableMetadata",
        "/spec/strategy/blueGreen/activeMetadata",
        "/spec/strategy/blueGreen/previewMetadata",
    ];
    rollout.pointer("/spec/template").is_none()
        || OF_STRATEGIES.iter().any(|at| rollout.pointer(at).is_some())
}

/// What an object makes.
pub(super) fn all(key: &ObjectKey, root: &Field<'_>) -> Vec<Made> {
    let mut made = Vec::new();
    let (namespace, own) = (&*key.namespace, &*key.name);
    let mut secrets_at = |path: &str, name: &str| {
        each(root, path, &mut |holder| {
            let name = holder.text(name);
            if !name.is_empty() {
                made.push(Made::secret(namespace, name));
            }
        });
    };
    match (&*key.group_kind.group, &*key.group_kind.kind) {
        ("apps", "StatefulSet") => {
            made.extend(mention::of_workload(key, root));
            each(root, "spec.volumeClaimTemplates[].metadata", &mut |template| {
                let start = format!("{}-{own}-", template.text("name"));
                let name = Name::StartsWith(start.into());
                made.push(Made::named("PersistentVolumeClaim", namespace, name));
            });
        }
        ("", "PersistentVolume") => made.extend(class_of_volume(root)),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => made.extend(kind_of(root)),
        ("external-secrets.io", "ExternalSecret") => made.push(external_secret(key, root)),
        ("bitnami.com", "SealedSecret") => made.push(sealed_secret(key, root)),
        ("cert-manager.io", "Certificate") => secrets_at("spec", "secretName"),
        // cert-manager's shim makes a Certificate of each.
        ("networking.k8s.io", "Ingress") if asks_for_certificate(root) => {
            secrets_at("spec.tls[]", "secretName");
        }
        (group, kind)
            if asks_for_certificate(root)
                && ((group, kind) == (GROUP, "Gateway") || is_listener_set((group, kind))) =>
        {
            secrets_at("spec.listeners[].tls.certificateRefs[]", "name");
        }
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
            secrets_at("spec.secretObjects[]", "secretName");
        }
        ("secrets.hashicorp.com", _) => secrets_at("spec.destination", "name"),
        ("secrets.infisical.com", _) => secrets_at("spec.managedSecretReference", "secretName"),
        ("secrets.doppler.com", _) => secrets_at("spec.managedSecret", "name"),
        ("isindir.github.com", "SopsSecret") => secrets_at("spec.secretTemplates[]", "name"),
        ("k8s.bitwarden.com", _) => secrets_at("spec", "secretName"),
        ("trust.cert-manager.io", "Bundle") => {
            for kind in ["ConfigMap", "Secret"] {
                let bundle = Made::named(kind, "", Name::Is(own.into()));
                made.push(Made { namespace: None, ..bundle });
            }
        }
        ("argoproj.io", "Application") => {
            let destination = root.node.pointer("/spec/destination/namespace");
            made.push(anything(destination.and_then(Node::as_str)));
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease") | ("helm.cattle.io", "HelmChart") => {
            let target = root.node.pointer("/spec/targetNamespace").and_then(Node::as_str);
            made.push(anything(target.or(Some(namespace))));
        }
        ("kustomize.toolkit.fluxcd.io", "Kustomization") | ("argoproj.io", "ApplicationSet") => {
            made.push(anything(None));
        }
        // Their pods and names are made of more than the object's name.
        ("kubevirt.io" | "acid.zalan.do", _) => made.push(anything(Some(namespace))),
        (GROUP, "Gateway") => {
            let name = Name::StartsWith(format!("{own}-").into());
            made.push(Made {
                group_kind: None,
                namespace: Some(namespace.into()),
                name,
                keys: None,
            });
        }
        ("", "Service") => made.extend(serving_certificate(key, root)),
        ("kyverno.io", "ClusterPolicy" | "Policy") => generated(root, &mut made),
        ("argoproj.io", "Rollout") if !labels_pods(root.node) => {}
        (group, kind) if makes_nothing(group, kind) => {}
        // What operators make of their own objects has the object's name in its own, or a name that
        // the object states.
        (group, kind) if is_custom(group) => {
            let stated = (!namespace.is_empty()).then(|| Box::from(namespace));
            let name = Name::Holds(own.into());
            made.push(Made { group_kind: None, namespace: stated, name, keys: None });
            if (group, kind) == ("minio.min.io", "Tenant") {
                made.push(Made::named("Service", namespace, Name::Is("minio".into())));
            }
            made.extend(mention::of_custom(key, root));
        }
        _ => made.extend(mention::of_workload(key, root)),
    }
    if is_mirrored(root) {
        let (group_kind, name) = (Some(key.group_kind.clone()), Name::Is(own.into()));
        made.push(Made { group_kind, namespace: None, name, keys: None });
    }
    made
}

/// The name under which the definition of a kind counts as made, whatever its plural is.
pub(super) fn definition_of(group: &str, kind: &str) -> String {
    format!("{kind}.{group}")
}

/// The kind of definitions.
pub(super) fn definitions() -> GroupKind {
    GroupKind::new("apiextensions.k8s.io", "CustomResourceDefinition")
}

/// Whether a group is none of Kubernetes' own: those have no dot, or end in `.k8s.io`.
pub(super) fn is_custom(group: &str) -> bool {
    let is_own = group.ends_with(".k8s.io") && !group.ends_with(".x-k8s.io");
    group.contains('.') && !is_own
}

fn anything(namespace: Option<&str>) -> Made {
    let namespace = namespace.filter(|name| !name.is_empty()).map(Into::into);
    Made { group_kind: None, namespace, name: Name::Any, keys: None }
}

fn kind_of(root: &Field<'_>) -> Option<Made> {
    let text = |pointer| root.node.pointer(pointer).and_then(Node::as_str);
    Some(Made::definition(text("/spec/group")?, text("/spec/names/kind")?))
}

/// Claims and volumes find each other by the name of a class that need not exist.
fn class_of_volume(root: &Field<'_>) -> Option<Made> {
    let class = root.node.pointer("/spec/storageClassName")?.as_str()?;
    let group_kind = GroupKind::new("storage.k8s.io", "StorageClass");
    let name = Name::Is(class.into());
    Some(Made { group_kind: Some(group_kind), namespace: None, name, keys: None })
}

/// The Secret that OpenShift makes for a Service.
fn serving_certificate(key: &ObjectKey, root: &Field<'_>) -> Option<Made> {
    const ANNOTATIONS: [&str; 2] = [
        "service.beta.openshift.io/serving-cert-secret-name",
        "service.alpha.openshift.io/serving-cert-secret-name",
    ];
    let annotations = root.node.pointer("/metadata/annotations")?;
    let name = ANNOTATIONS.iter().find_map(|key| annotations.get(key)?.as_str())?;
    Some(Made::secret(&key.namespace, name))
}

fn external_secret(key: &ObjectKey, root: &Field<'_>) -> Made {
    let text = |pointer| root.node.pointer(pointer).and_then(Node::as_str);
    let name = text("/spec/target/name").filter(|name| !name.is_empty()).unwrap_or(&key.name);
    let secret = Made::secret(&key.namespace, name);
    let is_open = |pointer| root.node.pointer(pointer).is_some_and(|node| !node.is_null());
    if is_open("/spec/dataFrom") || is_open("/spec/target/template") {
        return secret;
    }
    let mut keys: Vec<Box<str>> = Vec::new();
    each(root, "spec.data[]", &mut |one| keys.push(one.text("secretKey").into()));
    secret.with_keys(keys.into())
}

fn sealed_secret(key: &ObjectKey, root: &Field<'_>) -> Made {
    let mut keys: Vec<Box<str>> = Vec::new();
    for path in ["spec.encryptedData", "spec.template.data"] {
        each(root, path, &mut |map| keys.extend(map.entries().map(|(key, _)| Box::from(key))));
    }
    let text = |pointer| root.node.pointer(pointer).and_then(Node::as_str);
    let name = text("/spec/template/metadata/name").unwrap_or(&key.name);
    Made::secret(&key.namespace, name).with_keys(keys.into())
}

fn asks_for_certificate(root: &Field<'_>) -> bool {
    const ASKS: [&str; 3] =
        ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];
    let annotations = root.node.pointer("/metadata/annotations").and_then(Node::as_map);
    annotations.is_some_and(|map| ASKS.iter().any(|key| map.contains_key(key)))
}

/// Whether a controller copies the object into other namespaces.
fn is_mirrored(root: &Field<'_>) -> bool {
    const COPIES: [&str; 3] = [
        "reflector.v1.k8s.emberstack.com/reflection-allowed",
        "replicator.v1.mittwald.de/replicate-to",
        "replicator.v1.mittwald.de/replicate-to-matching",
    ];
    let annotations = root.node.pointer("/metadata/annotations").and_then(Node::as_map);
    annotations.is_some_and(|map| COPIES.iter().any(|key| map.contains_key(key)))
}

/// What a policy of Kyverno generates, in namespaces that it finds.
fn generated(root: &Field<'_>, made: &mut Vec<Made>) {
    each(root, "spec.rules[].generate", &mut |generate| {
        let version = generate.text("apiVersion");
        let group = version.rsplit_once('/').map_or("", |(group, _)| group);
        let name = generate.text("name");
        let is_open = name.is_empty() || name.contains("{{");
        made.push(Made {
            group_kind: (!generate.text("kind").is_empty())
                .then(|| GroupKind::new(group, generate.text("kind"))),
            namespace: None,
            name: if is_open { Name::Any } else { Name::Is(name.into()) },
            keys: None,
        });
    });
}
