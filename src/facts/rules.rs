//! Which fields name other objects.

/// A field that names another object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// The path of what holds the name.
    pub(super) at: &'static str,
    /// The field with the name; empty where the items of a list are names.
    pub(super) name: &'static str,
    pub(super) to: Refers,
    pub(super) part: PartRule,
    pub(super) namespace: Namespace,
    /// What happens where it is not there.
    pub(super) otherwise: &'static str,
    /// Whether things go on without it all the same.
    pub(super) is_mild: bool,
}

/// What kind a name is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refers {
    /// Of this group and kind.
    To(&'static str, &'static str),
    /// Of the `kind` beside it, or of this one where there is none; an empty kind here means that
    /// nothing is referred to then.
    Stated(&'static str, &'static str),
    /// A ServiceAccount, where the `kind` beside the name says so: users and groups are no objects.
    Subject,
}

/// Which part of an object is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum PartRule {
    /// All of it.
    Whole,
    /// This key, where it is of a ConfigMap.
    Always(&'static str),
    /// The key in this field.
    Key(&'static str),
    /// The `key` of each of `items`.
    Items,
    /// The port in this field.
    Port(&'static str),
    /// The listener that `sectionName` and `port` name.
    Listener,
    /// The port in this field, or this one.
    PortOr(&'static str, i64),
}

/// Where a name is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Namespace {
    /// In the namespace of the object that states it.
    Own,
    /// In the namespace in this field, or its own.
    Stated(&'static str),
}

impl Rule {
    pub(super) const fn new(
        at: &'static str,
        name: &'static str,
        to: Refers,
        otherwise: &'static str,
    ) -> Self {
        Self {
            at,
            name,
            to,
            part: PartRule::Whole,
            namespace: Namespace::Own,
            otherwise,
            is_mild: false,
        }
    }

    pub(super) const fn part(self, part: PartRule) -> Self {
        Self { part, ..self }
    }

    pub(super) const fn mild(self) -> Self {
        Self { is_mild: true, ..self }
    }

    pub(super) const fn anywhere(self) -> Self {
        Self { namespace: Namespace::Stated("namespace"), ..self }
    }
}

const CONFIG: Refers = Refers::To("", "ConfigMap");
pub(super) const SECRET: Refers = Refers::To("", "Secret");
pub(super) const SERVICE: Refers = Refers::To("", "Service");
pub(super) const ACCOUNT: Refers = Refers::To("", "ServiceAccount");
pub(super) const STORAGE: Refers = Refers::To("storage.k8s.io", "StorageClass");
pub(super) const CERTIFICATE: &str =
    "the controller serves a certificate of its own that no client trusts";
const NO_START: &str = "the container does not start until it is there";
const NO_MOUNT: &str = "the pods wait for the volume for ever";
pub(super) const NO_POD: &str =
    "the API server refuses the pods, and the workload stays without any";
pub(super) const NO_BACKEND: &str = "requests end in an error of the proxy";
pub(super) const NO_VOLUME: &str = "the claim stays Pending, and pods that use it with it";

/// Of a pod's `spec`.
pub(super) const POD: &[Rule] = &[
    Rule::new("", "serviceAccountName", ACCOUNT, NO_POD),
    Rule::new("", "priorityClassName", Refers::To("scheduling.k8s.io", "PriorityClass"), NO_POD),
    Rule::new("", "runtimeClassName", Refers::To("node.k8s.io", "RuntimeClass"), NO_POD),
    Rule::new(
        "imagePullSecrets[]",
        "name",
        SECRET,
        "the kubelet pulls without it, which fails for a private image",
    )
    .mild(),
    Rule::new(
        "resourceClaims[]",
        "resourceClaimName",
        Refers::To("resource.k8s.io", "ResourceClaim"),
        "the pods are not scheduled",
    ),
    Rule::new(
        "resourceClaims[]",
        "resourceClaimTemplateName",
        Refers::To("resource.k8s.io", "ResourceClaimTemplate"),
        "the pods are not scheduled",
    ),
];

/// Of one container.
pub(super) const CONTAINER: &[Rule] = &[
    Rule::new("env[].valueFrom.configMapKeyRef", "name", CONFIG, NO_START)
        .part(PartRule::Key("key")),
    Rule::new("env[].valueFrom.secretKeyRef", "name", SECRET, NO_START).part(PartRule::Key("key")),
    Rule::new("envFrom[].configMapRef", "name", CONFIG, NO_START),
    Rule::new("envFrom[].secretRef", "name", SECRET, NO_START),
];

/// Of one volume of a pod: `VisitPodSecretNames` and its kin in `pkg/api/v1/pod/util.go`.
pub(super) const VOLUME: &[Rule] = &[
    Rule::new("configMap", "name", CONFIG, NO_MOUNT).part(PartRule::Items),
    Rule::new("secret", "secretName", SECRET, NO_MOUNT).part(PartRule::Items),
    Rule::new("projected.sources[].configMap", "name", CONFIG, NO_MOUNT).part(PartRule::Items),
    Rule::new("projected.sources[].secret", "name", SECRET, NO_MOUNT).part(PartRule::Items),
    Rule::new(
        "persistentVolumeClaim",
        "claimName",
        Refers::To("", "PersistentVolumeClaim"),
        "the pods are not scheduled until it is there",
    ),
    Rule::new("ephemeral.volumeClaimTemplate.spec", "storageClassName", STORAGE, NO_VOLUME),
    Rule::new("csi.nodePublishSecretRef", "name", SECRET, NO_MOUNT),
    Rule::new("azureFile", "secretName", SECRET, NO_MOUNT),
    Rule::new("cephfs.secretRef", "name", SECRET, NO_MOUNT),
    Rule::new("flexVolume.secretRef", "name", SECRET, NO_MOUNT),
    Rule::new("iscsi.secretRef", "name", SECRET, NO_MOUNT),
    Rule::new("rbd.secretRef", "name", SECRET, NO_MOUNT),
    Rule::new("scaleIO.secretRef", "name", SECRET, NO_MOUNT),
];
