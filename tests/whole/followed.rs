//! What a name leads to by way of something else: what a program may make, what makes a Secret, what
//! a Service stands for.

use std::collections::BTreeSet;

use gitopsc::diagnostic::Finding;
use gitopsc::facts::Extent;

use crate::cluster::told_apart;
use crate::support::whole as clusters;

pub(super) fn findings(text: &str) -> Vec<Finding> {
    let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n\
                apiVersion: v1\nkind: Namespace\nmetadata: {name: edge}\n---\n"
        .to_owned()
        + text;
    clusters::of_text(&text, Extent::Whole).0
}

pub(super) fn ids(text: &str) -> BTreeSet<&'static str> {
    findings(text).iter().map(|finding| finding.id).collect()
}

/// A Deployment with a Service; the fields go into the pod and its container.
fn app(name: &str, pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      \
         {pod}\n      containers:\n      - name: c\n        image: registry.example.com/x:1.4.0\n        \
         ports: [{{containerPort: 8080}}]\n        {container}\n---\napiVersion: v1\nkind: Service\n\
         metadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n---\n"
    )
}

const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: own}\n\
    spec: {controllerName: example.com/x}\n---\n\
    apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: public, namespace: edge}\nspec:\n  \
    gatewayClassName: own\n  listeners:\n  - {name: a, port: 443, protocol: HTTPS, \
    tls: {certificateRefs: [{name: c, namespace: shop}]}}\n---\n";

const CERTIFICATE: &str = "apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: {name: x, namespace: shop}\n\
    spec: {selfSigned: {}}\n---\n\
    apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: shop}\n\
    spec: {secretName: c, dnsNames: [a.example.com], issuerRef: {name: x}}\n---\n";

const GRANT: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\n\
    metadata: {name: g, namespace: shop}\nspec:\n  \
    from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: edge}]\n  \
    to: [{group: '', kind: Secret}]\n---\n";

const ALIAS: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: alias, namespace: shop}\n\
    spec: {type: ExternalName, externalName: api.shop.svc.cluster.local}\n---\n";

/// A Deployment that names a URL, one with a Service, and another name of that Service.
pub(super) fn by_alias(url: &str) -> String {
    app("web", "", &format!("env: [{{name: API_URL, value: '{url}'}}]"))
        + &app("api", "", "")
        + ALIAS
}

const SET: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: own}\n\
    spec: {controllerName: example.com/x}\n---\n\
    apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: public, namespace: edge}\nspec:\n  \
    gatewayClassName: own\n  allowedListeners: {namespaces: {from: All}}\n  \
    listeners: [{name: own, port: 80, protocol: HTTP}]\n---\n\
    apiVersion: gateway.networking.k8s.io/v1\nkind: ListenerSet\nmetadata: {name: more, namespace: shop}\nspec:\n  \
    parentRef: {name: public, namespace: edge}\n  \
    listeners: [{name: extra, port: 443, protocol: HTTPS, hostname: shop.example.com, tls: {certificateRefs: [{name: c}]}}]\n---\n\
    apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web, namespace: shop}\nspec:\n  \
    parentRefs: [{group: gateway.networking.k8s.io, kind: ListenerSet, name: more, sectionName: extra}]\n  \
    hostnames: [shop.example.com]\n---\n";

/// A program whose ServiceAccount has a role, and a pod that needs a Secret and a claim.
fn program(kind: &str, rules: &str, binding: &str, role: &str) -> String {
    let binds = format!("kind: {binding}\nmetadata: {{name: maker, namespace: shop}}\n");
    let binds = match binding {
        "ClusterRoleBinding" => binds.replace(", namespace: shop", ""),
        _ => binds,
    };
    let makes = app("maker", "serviceAccountName: maker", "");
    let needs = "volumes: [{name: a, secret: {secretName: word}}]";
    app("web", needs, "")
        + &makes
        + &format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: maker, namespace: shop}}\n---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\n{rules}---\n\
             apiVersion: rbac.authorization.k8s.io/v1\n{binds}\
             roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}}}\n\
             subjects: [{{kind: ServiceAccount, name: maker, namespace: shop}}]\n---\n"
        )
}

const OWN: &str = "metadata: {name: maker, namespace: shop}\n\
    rules: [{apiGroups: [''], resources: [secrets], verbs: [get, create]}]\n";
const WIDE: &str = "metadata: {name: maker, labels: {for: maker}}\n\
    rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n";

/// A role that something has.
fn bound_to(subject: &str) -> String {
    program("Role", OWN, "RoleBinding", "Role, name: maker")
        .replace("kind: ServiceAccount, name: maker, namespace: shop}]", &format!("{subject}}}]"))
}

/// Each with a part, what to put in its place, the finding that this gives, and the text around.
fn twins() -> Vec<(&'static str, &'static str, &'static str, &'static str, String)> {
    let set = || [SET, CERTIFICATE].concat();
    vec![
        (
            "a Secret that a Certificate makes is granted",
            "kind: Gateway, namespace: edge",
            "kind: Gateway, namespace: other",
            "reference-not-granted",
            [GATEWAY, CERTIFICATE, GRANT].concat(),
        ),
        (
            "a set of listeners that a Gateway takes",
            "from: All",
            "from: Same",
            "listener-set-not-allowed",
            set(),
        ),
        (
            "a set of listeners for a Gateway that is there",
            "parentRef: {name: public",
            "parentRef: {name: publik",
            "reference-missing",
            set(),
        ),
        (
            "a listener of a set",
            "sectionName: extra",
            "sectionName: own",
            "listener-missing",
            set(),
        ),
        (
            "a set that is there",
            "kind: ListenerSet, name: more",
            "kind: ListenerSet, name: less",
            "reference-missing",
            set(),
        ),
        (
            "the certificate of a listener of a set",
            "secretName: c,",
            "secretName: d,",
            "secret-missing",
            set(),
        ),
        (
            "the host of a listener of a set",
            "hostname: shop.example",
            "hostname: other.example",
            "route-host-mismatch",
            set(),
        ),
        (
            "the kinds of a listener of a set",
            "protocol: HTTPS",
            "protocol: TCP",
            "route-not-allowed",
            set(),
        ),
        (
            "a certificate of a set that is granted",
            "kind: ListenerSet, namespace: shop",
            "kind: Gateway, namespace: shop",
            "reference-not-granted",
            set()
                .replace(
                    "certificateRefs: [{name: c}]",
                    "certificateRefs: [{name: c, namespace: edge}]",
                )
                .replace(
                    "{name: c, namespace: shop}\nspec: {secretName",
                    "{name: c, namespace: edge}\nspec: {secretName",
                )
                + &GRANT.replace("namespace: shop", "namespace: edge").replace(
                    "kind: Gateway, namespace: edge",
                    "kind: ListenerSet, namespace: shop",
                ),
        ),
        (
            "as it was called before",
            "from: All",
            "from: None",
            "listener-set-not-allowed",
            set()
                .replace(
                    "networking.k8s.io/v1\nkind: ListenerSet",
                    "networking.x-k8s.io/v1alpha1\nkind: XListenerSet",
                )
                .replace(
                    "group: gateway.networking.k8s.io, kind: ListenerSet",
                    "group: gateway.networking.x-k8s.io, kind: XListenerSet",
                ),
        ),
        (
            "a program may make Secrets",
            "verbs: [get, create]",
            "verbs: [get, list]",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "Role, name: maker"),
        ),
        (
            "a program may make Secrets and nothing else",
            "resources: [secrets]",
            "resources: [configmaps]",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "Role, name: maker"),
        ),
        (
            "a program of a group",
            "apiGroups: ['']",
            "apiGroups: [apps]",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "Role, name: maker"),
        ),
        (
            "what is created has no name yet",
            "verbs: [get, create]",
            "verbs: [get, create], resourceNames: [word]",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "Role, name: maker"),
        ),
        (
            "a role is bound to a program",
            "subjects: [{kind: ServiceAccount,",
            "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User,",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "Role, name: maker"),
        ),
        (
            "the name of a program as a user",
            "name: 'system:serviceaccount:shop:maker'",
            "name: 'system:serviceaccount:maker'",
            "secret-missing",
            bound_to("kind: User, name: 'system:serviceaccount:shop:maker'"),
        ),
        (
            "a group that every program is in",
            "name: 'system:authenticated'",
            "name: 'system:unauthenticated'",
            "secret-missing",
            bound_to("kind: Group, name: 'system:authenticated'"),
        ),
        (
            "the programs of a namespace",
            "name: 'system:serviceaccounts:shop'",
            "name: 'system:serviceaccounts-shop'",
            "secret-missing",
            bound_to("kind: Group, name: 'system:serviceaccounts:shop'"),
        ),
        (
            "a program that is called like one of workflows",
            "kind: ServiceAccount, name: team-argo",
            "kind: ServiceAccount, name: argo",
            "secret-missing",
            bound_to("kind: ServiceAccount, name: team-argo, namespace: shop"),
        ),
        (
            "a role is of its namespace",
            "kind: RoleBinding\nmetadata: {name: maker, namespace: shop}",
            "kind: RoleBinding\nmetadata: {name: maker, namespace: edge}",
            "secret-missing",
            program("ClusterRole", WIDE, "RoleBinding", "ClusterRole, name: maker"),
        ),
        (
            "a program of the whole cluster",
            "kind: ClusterRoleBinding\nmetadata: {name: maker}",
            "kind: RoleBinding\nmetadata: {name: maker, namespace: edge}",
            "secret-missing",
            program("ClusterRole", WIDE, "ClusterRoleBinding", "ClusterRole, name: maker"),
        ),
        (
            "any group, any resource",
            "verbs: ['*']",
            "verbs: [get, list, watch, update]",
            "secret-missing",
            program("ClusterRole", WIDE, "ClusterRoleBinding", "ClusterRole, name: maker"),
        ),
        (
            "roles that gather others",
            "matchLabels: {for: maker}",
            "matchLabels: {for: other}",
            "secret-missing",
            program("ClusterRole", WIDE, "RoleBinding", "ClusterRole, name: all")
                + "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n\
                   aggregationRule: {clusterRoleSelectors: [{matchLabels: {for: maker}}]}\n---\n",
        ),
        (
            "what a role of every cluster lets it make",
            "kind: ClusterRole, name: edit",
            "kind: ClusterRole, name: view",
            "secret-missing",
            program("Role", OWN, "RoleBinding", "ClusterRole, name: edit"),
        ),
        (
            "a program that makes what objects ask for",
            "kind: ServiceAccount, name: other",
            "kind: ServiceAccount, name: argocd-application-controller",
            "secret-missing",
            program("ClusterRole", WIDE, "ClusterRoleBinding", "ClusterRole, name: maker")
                .replace("name: maker, namespace: shop}]", "name: other, namespace: shop}]"),
        ),
        (
            "a program that may start pods",
            "resources: [pods]",
            "resources: [pods/exec]",
            "policy-selects-nothing",
            program("Role", OWN, "RoleBinding", "Role, name: maker").replace("[secrets]", "[pods]")
                + "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: worker, namespace: shop}\n\
                   spec: {podSelector: {matchLabels: {part: worker}}, policyTypes: [Ingress]}\n",
        ),
        (
            "the protocol of a target port",
            "port: 80, targetPort: 8080",
            "port: 80, protocol: UDP, targetPort: 8080",
            "target-port-undeclared",
            app("web", "", ""),
        ),
        (
            "every namespace has the certificate of the cluster",
            "name: kube-root-ca.crt",
            "name: kube-root-cert",
            "config-map-missing",
            app("web", "volumes: [{name: a, configMap: {name: kube-root-ca.crt}}]", ""),
        ),
        (
            "Istio may have put its certificate there",
            "name: istio-ca-root-cert",
            "name: istio-root-cert",
            "config-map-missing",
            app("web", "volumes: [{name: a, configMap: {name: istio-ca-root-cert}}]", ""),
        ),
        (
            "another name of a Service leads to one that is there",
            "externalName: api.shop",
            "externalName: aip.shop",
            "host-unresolved",
            by_alias("http://alias"),
        ),
        (
            "another name of a Service has its ports",
            "http://alias:80",
            "http://alias:8080",
            "service-port-missing",
            by_alias("http://alias:80"),
        ),
        (
            "who uses another name of a Service talks to its pods",
            "{app: web}}}]}]",
            "{app: other}}}]}]",
            "conversation-forbidden",
            by_alias("http://alias")
                + "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api, namespace: shop}\nspec:\n  \
                   podSelector: {matchLabels: {app: api}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]\n",
        ),
        (
            "a name outside of the cluster is anybody's",
            "externalName: api.example.com",
            "externalName: api.example.svc.cluster.local",
            "host-unresolved",
            by_alias("http://alias:8080").replace("api.shop.svc.cluster.local", "api.example.com"),
        ),
    ]
}

#[test]
fn what_a_name_leads_to_is_followed() {
    for (name, right, wrong, id, text) in twins() {
        assert!(text.contains(right), "{name}");
        assert!(!ids(&text).contains(id), "{name}: {:?}", findings(&text));
        let spoilt = text.replace(right, wrong);
        assert!(ids(&spoilt).contains(id), "{name}: {:?}\n{spoilt}", ids(&spoilt));
    }
    told_apart(twins().len());
}
