//! Which fields of each kind name other objects.

use super::rules::{
    ACCOUNT, CERTIFICATE, NO_BACKEND, NO_POD, NO_VOLUME, PartRule, Refers, Rule, SECRET, SERVICE,
    STORAGE,
};

const TLS: Rule = Rule::new("spec.tls[]", "secretName", SECRET, CERTIFICATE);
const ROLE: Refers = Refers::Stated("rbac.authorization.k8s.io", "");
const NOBODY: &str = "nobody gets the permissions";
const WEBHOOK: &str = "the API server cannot ask the webhook";
const NOT_ISSUED: &str = "the certificate is never issued";
const NOT_FETCHED: &str = "the operator fetches nothing";
const GATEWAY_SERVICE: Refers = Refers::Stated("", "Service");
const NO_TLS: &str = "no gateway speaks TLS to a backend by it";
const NO_ROUTE: &str = "no gateway takes the route";
const MIDDLEWARE: Refers = Refers::To("traefik.io", "Middleware");
const NO_TRAEFIK_ROUTE: &str = "Traefik drops the routes that use it";
const NO_ROLLOUT: &str = "Argo Rollouts refuses the Rollout";
const CLAIM: Refers = Refers::To("", "PersistentVolumeClaim");

const BACKENDS: Rule = Rule::new("spec.rules[].backendRefs[]", "name", GATEWAY_SERVICE, NO_BACKEND)
    .anywhere()
    .part(PartRule::Port("port"));

const TRAEFIK_SERVICES: Rule =
    Rule::new("spec.routes[].services[]", "name", GATEWAY_SERVICE, NO_BACKEND)
        .anywhere()
        .part(PartRule::Port("port"));

const TRAEFIK_TLS: Rule = Rule::new("spec.tls", "secretName", SECRET, CERTIFICATE);

const OPERATED_ACCOUNT: Rule = Rule::new("spec", "serviceAccountName", ACCOUNT, NO_POD);

/// The rules of kinds by group and kind.
pub(super) const KINDS: &[((&str, &str), &[Rule])] = &[
    (
        ("", "PersistentVolumeClaim"),
        &[
            Rule::new("spec", "storageClassName", STORAGE, NO_VOLUME),
            Rule::new("spec", "volumeName", Refers::To("", "PersistentVolume"), NO_VOLUME),
            Rule::new(
                "spec",
                "volumeAttributesClassName",
                Refers::To("storage.k8s.io", "VolumeAttributesClass"),
                NO_VOLUME,
            ),
            Rule::new("spec.dataSource", "name", Refers::Stated("", ""), NO_VOLUME),
        ],
    ),
    (
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
        &[
            Rule::new(
                "spec.source",
                "persistentVolumeClaimName",
                CLAIM,
                "there is nothing to copy",
            ),
            Rule::new(
                "spec",
                "volumeSnapshotClassName",
                Refers::To("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
                "no driver takes the snapshot",
            ),
        ],
    ),
    (
        ("", "ServiceAccount"),
        &[Rule::new(
            "imagePullSecrets[]",
            "name",
            SECRET,
            "the kubelet pulls without it, which fails for a private image",
        )
        .mild()],
    ),
    (
        ("apps", "StatefulSet"),
        &[
            Rule::new("spec", "serviceName", SERVICE, "its pods have no names in DNS").mild(),
            Rule::new("spec.volumeClaimTemplates[].spec", "storageClassName", STORAGE, NO_VOLUME),
        ],
    ),
    (
        ("autoscaling", "HorizontalPodAutoscaler"),
        &[Rule::new(
            "spec.scaleTargetRef",
            "name",
            Refers::Stated("", ""),
            "there is nothing to scale",
        )],
    ),
    (
        ("autoscaling.k8s.io", "VerticalPodAutoscaler"),
        &[Rule::new(
            "spec.targetRef",
            "name",
            Refers::Stated("", ""),
            "there is nothing to advise on",
        )],
    ),
    (
        ("keda.sh", "ScaledObject"),
        &[Rule::new(
            "spec.scaleTargetRef",
            "name",
            Refers::Stated("apps", "Deployment"),
            "there is nothing to scale",
        )],
    ),
    (
        ("argoproj.io", "Rollout"),
        &[
            Rule::new("spec.workloadRef", "name", Refers::Stated("", ""), "it starts no pods"),
            Rule::new("spec.strategy.canary", "canaryService", SERVICE, NO_ROLLOUT),
            Rule::new("spec.strategy.canary", "stableService", SERVICE, NO_ROLLOUT),
            Rule::new("spec.strategy.blueGreen", "activeService", SERVICE, NO_ROLLOUT),
            Rule::new("spec.strategy.blueGreen", "previewService", SERVICE, NO_ROLLOUT),
        ],
    ),
    (
        ("networking.k8s.io", "Ingress"),
        &[
            Rule::new("spec.rules[].http.paths[].backend.service", "name", SERVICE, NO_BACKEND)
                .part(PartRule::Port("port")),
            Rule::new("spec.defaultBackend.service", "name", SERVICE, NO_BACKEND)
                .part(PartRule::Port("port")),
            Rule::new(
                "spec",
                "ingressClassName",
                Refers::To("networking.k8s.io", "IngressClass"),
                "no controller takes the Ingress",
            ),
            TLS,
        ],
    ),
    (
        ("gateway.networking.k8s.io", "HTTPRoute"),
        &[
            BACKENDS,
            Rule::new(
                "spec.rules[].filters[].requestMirror.backendRef",
                "name",
                GATEWAY_SERVICE,
                "nobody gets the mirrored requests",
            )
            .anywhere()
            .part(PartRule::Port("port")),
            PARENT,
        ],
    ),
    (("gateway.networking.k8s.io", "GRPCRoute"), &[BACKENDS, PARENT]),
    (("gateway.networking.k8s.io", "TLSRoute"), &[BACKENDS, PARENT]),
    (("gateway.networking.k8s.io", "TCPRoute"), &[BACKENDS, PARENT]),
    (("gateway.networking.k8s.io", "UDPRoute"), &[BACKENDS, PARENT]),
    (
        ("gateway.networking.k8s.io", "BackendTLSPolicy"),
        &[
            Rule::new(
                "spec.validation.caCertificateRefs[]",
                "name",
                Refers::Stated("", "ConfigMap"),
                NO_BACKEND,
            )
            .part(PartRule::Always("ca.crt")),
            Rule::new("spec.targetRefs[]", "name", GATEWAY_SERVICE, NO_TLS)
                .part(PartRule::Port("sectionName")),
        ],
    ),
    (
        ("gateway.networking.k8s.io", "Gateway"),
        &[
            CERTIFICATES,
            Rule::new(
                "spec",
                "gatewayClassName",
                Refers::To("gateway.networking.k8s.io", "GatewayClass"),
                "no controller takes the Gateway",
            ),
        ],
    ),
    (("gateway.networking.k8s.io", "ListenerSet"), &[CERTIFICATES, LISTENS_FOR]),
    (("gateway.networking.x-k8s.io", "XListenerSet"), &[CERTIFICATES, LISTENS_FOR]),
    (
        ("traefik.io", "IngressRoute"),
        &[
            TRAEFIK_SERVICES,
            TRAEFIK_TLS,
            Rule::new("spec.routes[].middlewares[]", "name", MIDDLEWARE, NO_TRAEFIK_ROUTE)
                .anywhere(),
        ],
    ),
    (("traefik.io", "IngressRouteTCP"), &[TRAEFIK_SERVICES, TRAEFIK_TLS]),
    (("traefik.io", "IngressRouteUDP"), &[TRAEFIK_SERVICES]),
    (
        ("traefik.io", "Middleware"),
        &[
            Rule::new("spec.chain.middlewares[]", "name", MIDDLEWARE, NO_TRAEFIK_ROUTE).anywhere(),
            Rule::new("spec.errors.service", "name", GATEWAY_SERVICE, NO_BACKEND)
                .anywhere()
                .part(PartRule::Port("port")),
            Rule::new("spec.basicAuth", "secret", SECRET, NO_TRAEFIK_ROUTE),
            Rule::new("spec.digestAuth", "secret", SECRET, NO_TRAEFIK_ROUTE),
        ],
    ),
    (
        ("rbac.authorization.k8s.io", "RoleBinding"),
        &[
            Rule::new("roleRef", "name", ROLE, NOBODY),
            Rule::new("subjects[]", "name", Refers::Subject, NOBODY).anywhere(),
        ],
    ),
    (
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        &[
            Rule::new("roleRef", "name", ROLE, NOBODY),
            Rule::new("subjects[]", "name", Refers::Subject, NOBODY).anywhere(),
        ],
    ),
    (
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        &[Rule::new("webhooks[].clientConfig.service", "name", SERVICE, WEBHOOK)
            .anywhere()
            .part(PartRule::PortOr("port", 443))],
    ),
    (
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        &[Rule::new("webhooks[].clientConfig.service", "name", SERVICE, WEBHOOK)
            .anywhere()
            .part(PartRule::PortOr("port", 443))],
    ),
    (
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        &[Rule::new(
            "spec",
            "policyName",
            Refers::To("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
            "nothing is validated",
        )],
    ),
    (
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        &[Rule::new("spec.conversion.webhook.clientConfig.service", "name", SERVICE, WEBHOOK)
            .anywhere()
            .part(PartRule::PortOr("port", 443))],
    ),
    (
        ("apiregistration.k8s.io", "APIService"),
        &[Rule::new("spec.service", "name", SERVICE, "the API server cannot serve the group")
            .anywhere()
            .part(PartRule::PortOr("port", 443))],
    ),
    (
        ("cert-manager.io", "Certificate"),
        &[Rule::new(
            "spec.issuerRef",
            "name",
            Refers::Stated("cert-manager.io", "Issuer"),
            NOT_ISSUED,
        )],
    ),
    (
        ("cert-manager.io", "Issuer"),
        &[Rule::new("spec.ca", "secretName", SECRET, "the issuer is never ready")],
    ),
    (("monitoring.coreos.com", "Prometheus"), &[OPERATED_ACCOUNT]),
    (("monitoring.coreos.com", "Alertmanager"), &[OPERATED_ACCOUNT]),
    (
        ("external-secrets.io", "ExternalSecret"),
        &[Rule::new(
            "spec.secretStoreRef",
            "name",
            Refers::Stated("external-secrets.io", "SecretStore"),
            NOT_FETCHED,
        )],
    ),
    (("metallb.io", "L2Advertisement"), &[POOLS]),
    (("metallb.io", "BGPAdvertisement"), &[POOLS]),
];

const POOLS: Rule = Rule::new(
    "spec.ipAddressPools[]",
    "",
    Refers::To("metallb.io", "IPAddressPool"),
    "nobody announces its addresses",
);

const CERTIFICATES: Rule = Rule::new(
    "spec.listeners[].tls.certificateRefs[]",
    "name",
    Refers::Stated("", "Secret"),
    CERTIFICATE,
)
.anywhere();

const LISTENS_FOR: Rule = Rule::new(
    "spec.parentRef",
    "name",
    Refers::Stated("gateway.networking.k8s.io", "Gateway"),
    "nobody listens",
)
.anywhere();

const PARENT: Rule = Rule::new(
    "spec.parentRefs[]",
    "name",
    Refers::Stated("gateway.networking.k8s.io", "Gateway"),
    NO_ROUTE,
)
.anywhere()
.part(PartRule::Listener);
