//! Parameters that no generator gives.

use super::{URL, config, file, told};

/// What is told of a set with these elements and this destination's namespace.
fn of_set(engine: &str, elements: &str, namespace: &str, source: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set, namespace: argocd}}\nspec:\n  \
         {engine}\n  generators: [{{list: {{elements: [{elements}]}}}}]\n  template:\n    \
         metadata: {{name: NAME}}\n    spec:\n      project: default\n      \
         source: {{repoURL: '{URL}', {source}}}\n      destination: {{name: in-cluster, namespace: '{namespace}'}}"
    );
    let name = if engine.contains("true") { "'{{.name}}'" } else { "'{{name}}'" };
    let set = file("set.yaml", &text.replace("NAME", name));
    told(&[set, config("web/config.yaml", "web")], "parameter-missing application-path-invalid")
}

const GO: &str = "goTemplate: true";
const OLD: &str = "goTemplate: false";

#[test]
fn go_prints_no_value() {
    let web = "path: web";
    let message = "the template makes `ns-<no value>` of a parameter that is not there";
    assert_eq!(of_set(GO, "{name: a}", "ns-{{.ns}}", web), [message]);
    // Once for all that lack it, and null is as little.
    assert_eq!(of_set(GO, "{name: a}, {name: b, ns: null}", "ns-{{.ns}}", web), [message]);
    assert_eq!(of_set(GO, "{name: a, ns: x}, {name: b}", "ns-{{.ns}}", web), [message]);
    for namespace in ["{{.name}}", "{{.ns | default .name}}", "{{with .ns}}{{.}}{{end}}"] {
        assert!(of_set(GO, "{name: a}", namespace, web).is_empty(), "{namespace}");
    }
    let helm = "path: web, directory: {jsonnet: {extVars: [{name: v, value: '{{.none}}'}]}}";
    let message = "the template makes `<no value>` of a parameter that is not there";
    assert_eq!(of_set(GO, "{name: a}", "x", helm), [message]);
}

#[test]
fn the_older_engine_leaves_tags() {
    let message = "the template leaves `ns-{{ns}}` as it is";
    assert_eq!(of_set(OLD, "{name: a}", "ns-{{ns}}", "path: web"), [message]);
    assert!(of_set(OLD, "{name: a, ns: b}", "ns-{{ns}}", "path: web").is_empty());
    // What a chart makes of such a text nobody knows.
    let values = "path: web, helm: {values: 'a: {{ .Release.Name }}'}";
    assert!(of_set(OLD, "{name: a}", "x", values).is_empty());
    // A path that leads nowhere is told as such.
    let message = "the template leaves `{{dir}}` as it is";
    assert_eq!(of_set(OLD, "{name: a}", "x", "path: '{{dir}}'"), [message]);
}
