//! The schemas of a repository are those of the revisions, not those on disk.

use serde_json::{Value, json};

use crate::anew::build;
use crate::process::git;
use crate::runs::{commit, run};
use crate::site::Site;

const SCHEMA: &str = "schemas/widgets.yaml";

/// A definition of widgets with a schema of their `spec`.
fn definition(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: Widget, plural: widgets}}\n  \
         versions:\n    - name: v1\n      served: true\n      storage: true\n      \
         schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {{type: object, {spec}}}}}}}}}\n"
    )
}

/// Ports are a list without keys, and nothing is wanted or filled in.
fn loose() -> String {
    definition(
        "properties: {mode: {type: string}, size: {type: integer}, ports: {type: array, \
         items: {type: object, properties: {slot: {type: string}, port: {type: integer}}}}}",
    )
}

/// Ports have keys, a mode is filled in, and a size is wanted.
fn strict() -> String {
    definition(
        "required: [size], properties: {mode: {type: string, default: fast}, size: {type: integer}, \
         ports: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [slot], \
         items: {type: object, required: [slot], properties: {slot: {type: string}, port: {type: integer}}}}}",
    )
}

fn widget(spec: &str) -> String {
    format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
}

/// Paths of edits, and messages of new errors.
fn found(site: &Site, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let run = run(site.path(), &[arguments, &["-o", "json"]].concat());
    let value: Value = serde_json::from_str(&run.out)
        .unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err));
    let texts = |value: &Value, field: &str| -> Vec<String> {
        let all = value.as_array().into_iter().flatten();
        all.map(|it| it[field].as_str().unwrap().to_owned()).collect()
    };
    let changes = value["changes"].as_array().unwrap().iter();
    let edits = changes.flat_map(|change| texts(&change["edits"], "path")).collect();
    (edits, texts(&value["newErrors"], "message"))
}

#[test]
fn each_revision_has_schemas_of_its_own() {
    let site = Site::new();
    let path = site.path();
    let permitted = "[ConfigMap, Service, Widget.example.com]";
    site.replace("environments/one/environment.yaml", "[ConfigMap, Service]", permitted);
    let before = "ports: [{slot: a, port: 1}, {slot: b, port: 2}]";
    let after = "mode: fast, ports: [{slot: b, port: 2}, {slot: a, port: 3}]";
    git(path, &["init", "-q", "-b", "main"]);
    let state = |tag: &str, schema: String, spec: &str| {
        site.write(SCHEMA, schema);
        site.write("apps/web/widget.yaml", widget(spec));
        assert!(build(path), "{tag}");
        commit(path, tag);
        git(path, &["tag", tag]);
    };
    state("loose", loose(), before);
    state("strict", strict(), after);
    state("strict-only", strict(), before);
    state("back", loose(), before);
    let ports = "spec.ports[slot=a].port";
    // Whatever lies in the work tree.
    for here in
        [Some(loose()), Some(strict()), Some("kind: CustomResourceDefinition: [\n".into()), None]
    {
        match here {
            Some(text) => site.write(SCHEMA, text),
            None => site.remove(SCHEMA),
        }
        let (edits, errors) = found(&site, &["--render", "loose..strict"]);
        assert!(edits.contains(&ports.to_owned()), "{edits:?}");
        assert!(!edits.contains(&"spec.mode".to_owned()), "{edits:?}");
        assert!(errors.len() == 1 && errors[0].contains("size"), "{errors:?}");
        let (edits, errors) = found(&site, &["--render", "strict..loose"]);
        assert!(!edits.contains(&ports.to_owned()), "{edits:?}");
        assert!(edits.contains(&"spec.mode".to_owned()), "{edits:?}");
        assert!(errors.is_empty(), "{errors:?}");
        // A schema alone.
        let (edits, errors) = found(&site, &["--render", "back..strict-only"]);
        assert!(edits.is_empty() && errors.len() == 1, "{edits:?} {errors:?}");
        assert_eq!(found(&site, &["--render", "strict..strict-only"]).1, [""; 0]);
        // Trees as they were committed are compared by the same.
        let (edits, _) = found(&site, &["loose..strict"]);
        assert!(edits.contains(&ports.to_owned()), "{edits:?}");
    }
    // Those on disk are those of the work tree.
    git(path, &["checkout", "-q", "-f", "back"]);
    site.write(SCHEMA, strict());
    assert_eq!(found(&site, &["--render"]).1.len(), 1);
    site.write(SCHEMA, "kind: CustomResourceDefinition\n");
    let run = run(path, &["--render", "-o", "json"]);
    let value: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(value["newErrors"][0]["id"], "schema-file-wrong", "{}", run.err);
    assert_eq!(value["newErrors"][0]["place"], json!("schemas/widgets.yaml:1"));
    commit(path, "wrong");
    site.write("apps/web/widget.yaml", widget(after));
    assert_eq!(found(&site, &["--render"]).1, [""; 0], "it was so before");
}
