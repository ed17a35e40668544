//! Words that may be names of Services, or of machines in the network around.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

/// A home: a tracking server, its front, a machine that a Service stands for, and a Deployment that
/// says something.
fn home(value: &str) -> String {
    home_with(&format!(
        "containers: [{{name: c, image: 'registry.example.com/c:1', env: [{{name: A, value: '{value}'}}]}}]"
    ))
}

fn home_with(spec: &str) -> String {
    let service = |name: &str, namespace: &str, spec: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n---\n"
        )
    };
    let deployment = |name: &str, namespace: &str, spec: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  \
             selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec: {{{spec}}}\n---\n"
        )
    };
    let image = "containers: [{name: c, image: 'registry.example.com/c:1', ports: [{containerPort: 5000}]}]";
    let namespaces = ["shop", "home", "data"]
        .map(|name| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n---\n"));
    namespaces.concat()
        + &service(
            "mlflow-server-service",
            "shop",
            "selector: {app: mlflow-server}, ports: [{port: 5000}]",
        )
        + &deployment("mlflow-server", "shop", image)
        + &service("tracking", "data", "selector: {app: tracking}, ports: [{port: 5000}]")
        + &deployment("tracking", "data", image)
        + &service("nas", "data", "ports: [{port: 5000}]")
        + &service("plex", "data", "type: ExternalName, externalName: plex.example.com")
        + &service(
            "main",
            "shop",
            "selector: {app: mlflow-server}, ports: [{port: 25, targetPort: 5000}]",
        )
        + &deployment("web", "shop", spec)
}

#[test]
fn words_that_are_services_and_words_that_are_machines() {
    let machine = |word: &str| home(&format!("http://{word}:5000"));
    let cases = [
        ("a slip of the pen", home("http://mlflow-server-servic:5000"), machine("nas")),
        ("a Deployment for its Service", machine("mlflow-server"), machine("printer")),
        ("a name of another namespace", machine("tracking"), machine("tracking.data")),
        (
            "a name that only Services have",
            machine("typo-service"),
            machine("mlflow-server-service"),
        ),
        ("a database by its role", home("postgres://web-db:5432/a"), home("postgres://nas:5432/a")),
        ("a domain at home", home("http://tracking.home:5000"), machine("nas.home")),
    ];
    let cases = cases.map(|(name, broken, mended)| (name, "host-unresolved", broken, mended));
    pairs(&cases, Extent::Whole);
}

#[test]
fn what_helps_is_told() {
    for (value, help) in [
        (
            "http://mlflow-server:5000",
            "`mlflow-server-service` is the Service of the pods of Deployment/mlflow-server",
        ),
        ("http://tracking:5000", "there is one in `data`: `tracking.data.svc`"),
        ("http://tracking.home:5000", "there is one in `data`: `tracking.data.svc`"),
        ("http://mlflow-server-servic:5000", "did you mean `mlflow-server-service`?"),
        ("http://tracking.dataa:5000", "there is one in `data`: `tracking.data.svc`"),
    ] {
        let found = findings(&home(value), Extent::Whole);
        assert_eq!(found.len(), 1, "{value}: {found:?}");
        assert_eq!(found[0].help.as_deref(), Some(help), "{value}");
    }
}

#[test]
fn words_that_may_be_machines() {
    for value in [
        "http://nas",
        "http://nas/webdav",
        "http://NAS:5000",
        "http://plex:32400",
        "smtp://mail:25",
        "http://tracking:9000",
        "redis://pi:6379",
        "http://node2:5000",
        "nfs://nas/volume1",
        "http://localhost.localdomain:5000",
        "http://LOCALHOST:5000",
        "tcp://printer:9100",
        "http://mlflow-server:9999",
        "http://nas.lan:5000",
        "http://tracking.date:5000",
        "http://tracking.example:5000",
    ] {
        let found = findings(&home(value), Extent::Whole);
        assert!(found.is_empty(), "{value}: {found:?}");
    }
}

/// Pods that look for words elsewhere, or know them.
#[test]
fn words_that_pods_look_for_elsewhere() {
    let value = "containers: [{name: c, image: 'registry.example.com/c:1', env: [{name: A, value: 'http://tracking:5000'}]}]";
    assert_eq!(findings(&home_with(value), Extent::Whole).len(), 1);
    for spec in [
        "hostNetwork: true",
        "dnsPolicy: Default",
        "dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.1]}",
        "dnsConfig: {searches: [data.svc.cluster.local]}",
        "hostAliases: [{ip: 127.0.0.1, hostnames: [Tracking]}]",
    ] {
        let found = findings(&home_with(&format!("{spec}, {value}")), Extent::Whole);
        assert!(found.is_empty(), "{spec}: {found:?}");
    }
    let asks =
        home_with(&format!("hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet, {value}"));
    assert_eq!(findings(&asks, Extent::Whole).len(), 1);
}
