//! How Argo CD knows its objects.

use super::{HERE, application, file, root, told};

const IDS: &str = "tracking-label-refused tracking-label-overwritten tracking-method-unknown";
const LONG: &str = "shop-frontend-for-the-internal-customers-of-the-northern-region";

fn settings(data: &str) -> String {
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-cm, namespace: argocd}}\ndata: {{{data}}}"
    );
    file("argocd/settings.yaml", &text)
}

fn method(name: &str) -> String {
    settings(&format!("application.resourceTrackingMethod: {name}"))
}

fn with(settings: &[String], name: &str, namespace: &str, labels: &str) -> Vec<String> {
    let web = application(name, "default", "path: apps/web", HERE)
        .replace("namespace: argocd", &format!("namespace: {namespace}"));
    let object =
        |kind: &str| format!("apiVersion: {kind}\nmetadata:\n  name: web\n  labels: {{{labels}}}");
    let definition = "apiextensions.k8s.io/v1\nkind: CustomResourceDefinition";
    let files = [
        root(""),
        file("argocd/web.yaml", &web),
        file("apps/web/one.yaml", &object(definition)),
        file("apps/web/two.yaml", &object("v1\nkind: Service")),
    ];
    told(&[&files[..], settings].concat(), IDS)
}

#[test]
fn names_must_fit_a_label_where_labels_are_asked_for() {
    assert_eq!(LONG.len(), 63);
    let label = [method("label")];
    assert!(with(&label, LONG, "argocd", "").is_empty());
    let message = |name: &str| {
        let length = name.len();
        format!(
            "`{name}` has {length} characters, and Argo CD writes it as a label, which holds 63"
        )
    };
    let longer = format!("{LONG}s");
    assert_eq!(with(&label, &longer, "argocd", ""), [message(&longer)]);
    assert_eq!(with(&label, LONG, "team", ""), [message(&format!("team_{LONG}"))]);
    for other in ["annotation", "annotation+label", "''"] {
        assert!(with(&[method(other)], &longer, "argocd", "").is_empty(), "{other}");
    }
    assert!(with(&[], &longer, "argocd", "").is_empty());
    let second = method("annotation").replace("settings.yaml", "again.yaml");
    assert!(with(&[method("label"), second], &longer, "argocd", "").is_empty());
}

#[test]
fn labels_of_manifests_are_overwritten() {
    let own = "app.kubernetes.io/instance: web-1";
    let message = |key: &str| {
        format!("Argo CD overwrites the label `{key}: web-1` with the name of its Application")
    };
    for label in ["label", "annotation+label"] {
        assert_eq!(
            with(&[method(label)], "web", "argocd", own),
            [message("app.kubernetes.io/instance")]
        );
        assert!(with(&[method(label)], "web-1", "argocd", own).is_empty());
    }
    assert!(with(&[method("annotation")], "web", "argocd", own).is_empty());
    let other = settings(
        "application.resourceTrackingMethod: label, application.instanceLabelKey: example.com/app",
    );
    assert!(with(std::slice::from_ref(&other), "web", "argocd", own).is_empty());
    let own = "example.com/app: web-1";
    assert_eq!(with(&[other], "web", "argocd", own), [message("example.com/app")]);
}

#[test]
fn a_method_that_is_none() {
    let message = "Argo CD has no tracking method `Label`, and takes `annotation`";
    assert_eq!(with(&[method("Label")], "web", "argocd", ""), [message]);
}
