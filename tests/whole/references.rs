//! Names, selectors and ports, each spoilt once in a cluster where all is well.

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

/// A cluster in which everything that is named is there.
const SOUND: &str = include_str!("sound.yaml");

/// A name, the check, and what is put in place of what: the first of it, after the third where there
/// is one.
const SPOILT: &[(&str, &str, &str, &str)] = &[
    (
        "envFrom ConfigMap",
        "config-map-missing",
        "configMapRef: {name: settings}",
        "configMapRef: {name: setting}",
    ),
    ("envFrom Secret", "secret-missing", "secretRef: {name: login}", "secretRef: {name: logins}"),
    ("key of a ConfigMap", "config-key-missing", "key: LEVEL}", "key: LEVELS}"),
    (
        "key of what is everywhere",
        "config-key-missing",
        "configMapKeyRef: {name: settings, key: LEVEL}",
        "configMapKeyRef: {name: kube-root-ca.crt, key: tls.crt}",
    ),
    (
        "key of a Secret",
        "config-key-missing",
        "name: login, key: password",
        "name: login, key: passwort",
    ),
    (
        "key of an ExternalSecret",
        "config-key-missing",
        "name: fetched, key: token",
        "name: fetched, key: tokens",
    ),
    (
        "key of a SealedSecret",
        "config-key-missing",
        "name: sealed, key: word",
        "name: sealed, key: words",
    ),
    (
        "volume of a ConfigMap",
        "config-map-missing",
        "configMap: {name: files}",
        "configMap: {name: filez}",
    ),
    ("item of a volume", "config-key-missing", "{key: a.conf,", "{key: b.conf,"),
    (
        "volume of a Secret",
        "secret-missing",
        "secret: {secretName: login}",
        "secret: {secretName: log-in}",
    ),
    (
        "projected ConfigMap",
        "config-map-missing",
        "- configMap: {name: settings}",
        "- configMap: {name: settinks}",
    ),
    ("projected Secret", "secret-missing", "- secret: {name: login}", "- secret: {name: logim}"),
    ("claim", "claim-missing", "claimName: data}", "claimName: date}"),
    (
        "ServiceAccount",
        "service-account-missing",
        "serviceAccountName: web",
        "serviceAccountName: wep",
    ),
    (
        "PriorityClass",
        "priority-class-missing",
        "priorityClassName: high",
        "priorityClassName: hihg",
    ),
    (
        "RuntimeClass",
        "runtime-class-missing",
        "runtimeClassName: gvisor",
        "runtimeClassName: gvysor",
    ),
    (
        "pull secret",
        "secret-missing",
        "imagePullSecrets: [{name: registry}]",
        "imagePullSecrets: [{name: registri}]",
    ),
    (
        "class of a claim",
        "storage-class-missing",
        "storageClassName: fast\n  resources",
        "storageClassName: fasst\n  resources",
    ),
    (
        "class of a template",
        "storage-class-missing",
        "storageClassName: fast, resources",
        "storageClassName: fest, resources",
    ),
    (
        "service of a StatefulSet",
        "service-missing",
        "serviceName: db-headless",
        "serviceName: db-headles",
    ),
    (
        "labels of pods",
        "selector-matches-nothing",
        "selector: {app: web}\n  ports: [{name: http",
        "selector: {app: wep}\n  ports: [{name: http",
    ),
    (
        "labels of a budget",
        "selector-matches-nothing",
        "selector: {matchLabels: {app: web}}\n---\n# budget",
        "selector: {matchLabels: {app: wed}}\n---\n# budget",
    ),
    ("named target port", "target-port-missing", "targetPort: http}", "targetPort: htttp}"),
    ("number of a target port", "target-port-undeclared", "targetPort: http}", "targetPort: 9999}"),
    (
        "Service of a StatefulSet that is not headless",
        "stateful-service-not-headless",
        "serviceName: db-headless",
        "serviceName: db",
    ),
    (
        "Service of an Ingress",
        "service-missing",
        "service: {name: web, port: {name: http}}",
        "service: {name: webb, port: {name: http}}",
    ),
    (
        "port name of an Ingress",
        "service-port-missing",
        "service: {name: web, port: {name: http}}",
        "service: {name: web, port: {name: https}}",
    ),
    (
        "port number of an Ingress",
        "service-port-missing",
        "port: {number: 5432}",
        "port: {number: 5433}",
    ),
    ("IngressClass", "ingress-class-missing", "ingressClassName: nginx", "ingressClassName: ngnix"),
    ("TLS of an Ingress", "secret-missing", "secretName: tls}", "secretName: tsl}"),
    (
        "autoscaler",
        "scale-target-missing",
        "kind: Deployment, name: web}",
        "kind: Deployment, name: webs}",
    ),
    (
        "kind of the target",
        "scale-target-missing",
        "kind: Deployment, name: web}",
        "kind: StatefulSet, name: web}",
    ),
    ("Role", "role-missing", "kind: Role, name: reader}", "kind: Role, name: reeder}"),
    (
        "ClusterRole",
        "role-missing",
        "kind: ClusterRole, name: viewer}",
        "kind: ClusterRole, name: vieuer}",
    ),
    (
        "subject",
        "service-account-missing",
        "{kind: ServiceAccount, name: web, namespace: shop}",
        "{kind: ServiceAccount, name: web, namespace: data}",
    ),
    (
        "webhook",
        "service-missing",
        "service: {name: web, namespace: shop, path: /hook, port: 80}",
        "service: {name: web, namespace: data, path: /hook, port: 80}",
    ),
    ("issuer", "reference-missing", "issuerRef: {name: own}", "issuerRef: {name: onw}"),
    (
        "store",
        "reference-missing",
        "secretStoreRef: {name: vault}",
        "secretStoreRef: {name: fault}",
    ),
    (
        "route",
        "service-missing",
        "backendRefs: [{name: web, port: 80}]",
        "backendRefs: [{name: wep, port: 80}]",
    ),
    (
        "port of a route",
        "service-port-missing",
        "backendRefs: [{name: web, port: 80}]",
        "backendRefs: [{name: web, port: 81}]",
    ),
    ("gateway", "reference-missing", "parentRefs: [{name: way}]", "parentRefs: [{name: weg}]"),
    ("pool", "reference-missing", "ipAddressPools: [lan]", "ipAddressPools: [lam]"),
];

#[test]
fn each_spoilt_name_is_one_finding() {
    let spoil = |from: &str, to: &str| {
        assert_eq!(SOUND.matches(from).count(), 1, "`{from}` is there once");
        SOUND.replacen(from, to, 1)
    };
    let cases: Vec<_> = SPOILT
        .iter()
        .map(|(name, id, from, to)| (*name, *id, spoil(from, to), SOUND.to_owned()))
        .collect();
    pairs(&cases, Extent::Whole);
}

/// What must not be told, in a cluster of which everything is known.
const FINE: &[(&str, &str, &str)] = &[
    ("filled by others", "data: {LEVEL: info}", "data: {}"),
    ("of another provider", "parentRefs: [{name: way}]", "parentRefs: [{name: way@file}]"),
    (
        "action of an annotation",
        "service: {name: web, port: {name: http}}",
        "service: {name: ssl-redirect, port: {name: use-annotation}}",
    ),
    ("optional", "configMapRef: {name: settings}", "configMapRef: {name: gone, optional: true}"),
    ("default account", "serviceAccountName: web", "serviceAccountName: default"),
    ("root certificate", "configMap: {name: files}", "configMap: {name: kube-root-ca.crt}"),
    ("class of the system", "priorityClassName: high", "priorityClassName: system-node-critical"),
    ("role of the server", "kind: ClusterRole, name: viewer}", "kind: ClusterRole, name: view}"),
    ("claim of a StatefulSet", "claimName: data}", "claimName: data-cache-0}"),
    (
        "labels at run time",
        "selector: {app: web}\n  ports: [{name: http",
        "selector: {vault-active: \"true\"}\n  ports: [{name: http",
    ),
    (
        "pod of a StatefulSet",
        "selector: {app: web}\n  ports: [{name: http",
        "selector: {statefulset.kubernetes.io/pod-name: db-0}\n  ports: [{name: http",
    ),
    ("secret of a certificate", "secretRef: {name: login}", "secretRef: {name: web-tls}"),
    ("key of a certificate", "name: login, key: password", "name: web-tls, key: tls.crt"),
    ("secret of an operator", "secretRef: {name: login}", "secretRef: {name: pg-app}"),
];

#[test]
fn what_is_made_elsewhere_is_not_missing() {
    for (name, from, to) in FINE {
        assert_eq!(SOUND.matches(from).count(), 1, "`{from}` is there once");
        let found = findings(&SOUND.replacen(from, to, 1), Extent::Whole);
        // The budget and the Ingress go on, whatever the Service selects.
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

/// Alone, a manifest is held against nothing.
#[test]
fn a_part_of_a_cluster_misses_nothing() {
    for document in SOUND.split("\n---\n") {
        let found = findings(document, Extent::Files);
        assert!(found.is_empty(), "{found:#?}\n{document}");
    }
}

/// A number leads to the pods whether it is declared or not: a note at most, where all containers say
/// what they listen to.
#[test]
fn numbers_of_ports_that_are_not_declared() {
    const FROM: &str = "targetPort: http}";
    const PORTS: &str = "ports: [{name: http, containerPort: 8080}]";
    let spoilt = SOUND.replacen(FROM, "targetPort: 9999}", 1);
    let found = findings(&spoilt, Extent::Whole);
    assert!(found.len() == 1 && found[0].severity == Severity::Note, "{found:#?}");
    assert_eq!(found[0].help.as_deref(), Some("they have 8080/TCP"));
    let container = "        - {name: proxy, image: 'registry.example.com/proxy:1', resources: {requests: {cpu: 10m}}}\n";
    let labels = "metadata: {labels: {app: web}}";
    for (name, from, to) in [
        ("no ports", PORTS, "tty: true"),
        ("declared", PORTS, "ports: [{containerPort: 9999}]"),
        ("one without ports", "      volumes:\n", &format!("{container}      volumes:\n")),
        (
            "injected",
            labels,
            "metadata: {labels: {app: web}, annotations: {sidecar.istio.io/inject: 'true'}}",
        ),
        (
            "injected into a namespace",
            "metadata: {name: shop}",
            "metadata: {name: shop, labels: {istio-injection: enabled}}",
        ),
    ] {
        assert_eq!(spoilt.matches(from).count(), 1, "`{from}` is there once");
        assert_eq!(findings(&spoilt.replacen(from, to, 1), Extent::Whole), [], "{name}");
    }
    let other = SOUND.replacen(FROM, "targetPort: 8080, protocol: UDP}", 1);
    let found = findings(&other, Extent::Whole);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].message.ends_with("declares port 8080 of UDP"), "{found:#?}");
    // A server that takes both protocols often declares one.
    let both = format!("{FROM}, {{name: quick, port: 81, targetPort: 8080, protocol: UDP}}");
    let both = SOUND.replacen(FROM, &both.replacen("targetPort: http", "targetPort: 8080", 1), 1);
    assert_eq!(findings(&both, Extent::Whole), []);
}

/// One pod is reached by the name of its Service; of several only one answers then.
#[test]
fn pods_without_names_of_their_own() {
    let spoilt = SOUND.replacen("serviceName: db-headless", "serviceName: db", 1);
    let several = spoilt.replacen("serviceName: db\n", "serviceName: db\n  replicas: 3\n", 1);
    for (text, severity) in [(spoilt, Severity::Note), (several, Severity::Warning)] {
        let found = findings(&text, Extent::Whole);
        assert!(found.len() == 1 && found[0].severity == severity, "{found:#?}");
    }
}

/// A workload that mounts a Secret, beside something.
fn beside(other: &str) -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - {{name: web, image: 'registry.example.com/web:1', envFrom: [{{secretRef: {{name: web-login}}}}, {{secretRef: {{name: web-login}}}}]}}
---
{other}"
    )
}

/// A custom resource named as its app makes what begins so, unless its kind makes nothing; what Jobs
/// and custom resources name they may make.
#[test]
fn what_makes_things_and_what_does_not() {
    let custom = |kind: &str, name: &str, spec: &str| {
        beside(&format!(
            "apiVersion: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"
        ))
    };
    let job = |text: &str| {
        beside(&format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, namespace: shop}}\nspec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: 'registry.example.com/c:1', args: ['{text}']}}]}}}}}}\n"
        ))
    };
    let missing = [
        custom("monitoring.coreos.com/v1\nkind: PrometheusRule", "web", "{}"),
        custom("traefik.io/v1alpha1\nkind: Middleware", "web", "{}"),
        custom("example.com/v1\nkind: Database", "we", "{}"),
        job("--secret-name=other"),
    ];
    for text in missing {
        let found = findings(&text, Extent::Whole);
        assert!(found.len() == 1 && found[0].id == "secret-missing", "{found:#?} in {text}");
        assert_eq!(found[0].labels.len(), 2, "{found:#?}");
    }
    let made = [
        custom("example.com/v1\nkind: Database", "web", "{}"),
        custom("example.com/v1\nkind: Database", "login", "{}"),
        custom("example.com/v1\nkind: Database", "db", "{writeTo: {name: web-login}}"),
        job("--secret-name=web-login"),
        job("kubectl create secret generic web-login"),
    ];
    for text in made {
        assert_eq!(findings(&text, Extent::Whole), [], "{text}");
    }
}

/// Pods of any kind that has a template, and those of the system.
#[test]
fn pods_that_no_workload_shows() {
    let service = |namespace: &str, selector: &str| {
        beside(&format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: s, namespace: {namespace}}}\nspec: {{selector: {selector}, ports: [{{port: 80}}]}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: kube-system}}\n---\napiVersion: apps.kruise.io/v1alpha1\nkind: CloneSet\nmetadata: {{name: c, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: clone}}}}, spec: {{}}}}}}\n"
        ))
        .replace("envFrom: [{secretRef: {name: web-login}}, {secretRef: {name: web-login}}]", "stdin: true")
    };
    for text in [
        service("shop", "{app: clone}"),
        service("kube-system", "{k8s-app: kube-dns}"),
        service("kube-system", "{component: kube-scheduler}"),
    ] {
        assert_eq!(findings(&text, Extent::Whole), [], "{text}");
    }
    for text in [service("shop", "{app: klone}"), service("kube-system", "{app: kube-dns}")] {
        let found = findings(&text, Extent::Whole);
        assert!(found.len() == 1 && found[0].id == "selector-matches-nothing", "{found:#?}");
    }
}
