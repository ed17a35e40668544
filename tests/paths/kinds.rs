//! Custom kinds: defined among what is checked, or in directories of schemas.

use super::{check, check_tree, program, tree};

/// A definition of a kind whose `size` has a maximum.
fn definition(maximum: u32) -> String {
    format!(
        "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: things.example.test}}
spec:
  group: example.test
  scope: Namespaced
  names: {{kind: Thing, plural: things, singular: thing, listKind: ThingList}}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {{type: integer, maximum: {maximum}}}
"
    )
}

const THING: &str =
    "apiVersion: example.test/v1\nkind: Thing\nmetadata: {name: x}\nspec: {size: 7}\n";

#[test]
fn a_definition_may_come_after_and_in_another_file() {
    let checked = check_tree(&[("a.yaml", THING), ("b/crd.yaml", &definition(5))]);
    assert_eq!(checked.findings(), ["a.yaml:4 value-refused"]);
    let checked = check_tree(&[("a.yaml", THING), ("b/crd.yaml", &definition(9))]);
    assert_eq!((checked.code, checked.summary("valid")), (0, 2));
    let checked = check_tree(&[("a.yaml", &format!("{THING}---\n{}", definition(5)))]);
    assert_eq!(checked.findings(), ["a.yaml:4 value-refused"]);
}

#[test]
fn a_definition_on_standard_input() {
    let text = format!("{THING}---\n{}", definition(5));
    let here = tree(&[]);
    let (code, out, _) = program(here.path(), &["check", "-"], text.as_bytes());
    assert_eq!(code, 1);
    assert!(out.contains("<stdin>:4"), "{out}");
}

#[test]
fn of_several_definitions_any_may_be_the_right_one() {
    let both = [definition(5), definition(9)];
    let checked = check_tree(&[("a.yaml", THING), ("b.yaml", &both[0]), ("c.yaml", &both[1])]);
    assert_eq!(checked.findings(), Vec::<String>::new());
    let large = THING.replace('7', "11");
    let checked = check_tree(&[("a.yaml", &large), ("b.yaml", &both[0]), ("c.yaml", &both[1])]);
    assert_eq!(checked.findings(), ["a.yaml:4 value-refused"]);
}

#[test]
fn of_several_definitions_that_refuse_it_the_nearest_says_why() {
    let large = THING.replace("size: 7", "size: 11, color: red");
    let near =
        definition(9).replace("size: {type", "color: {type: string}\n              size: {type");
    let files = [
        ("a/crds/thing.yaml", definition(5)),
        ("a/thing.yaml", large.clone()),
        ("b/crds/thing.yaml", near),
        ("b/thing.yaml", large),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, &**text)).collect();
    let checked = check_tree(&files);
    let expected = [
        "a/thing.yaml:4 value-refused",
        "a/thing.yaml:4 field-unknown",
        "b/thing.yaml:4 value-refused",
    ];
    assert_eq!(checked.findings(), expected);
    let said = checked.json["findings"].to_string();
    assert!(said.contains('5') && said.contains('9'), "{said}");
}

#[test]
fn a_definition_that_is_patched_does_not_count() {
    let checked = check_tree(&[
        ("a.yaml", THING),
        ("crd/kustomization.yaml", "resources: [crd.yaml]\npatches: [{path: x.yaml}]\n"),
        ("crd/crd.yaml", &definition(5)),
    ]);
    assert_eq!((checked.code, checked.summary("withoutSchema")), (0, 1));
}

#[test]
fn directories_of_schemas() {
    let json =
        r#"{"type": "object", "properties": {"spec": {"properties": {"size": {"maximum": 5}}}}}"#;
    let tree = tree(&[
        ("a.yaml", THING),
        ("crds/thing.yaml", &definition(5)),
        ("catalogue/example.test/thing_v1.json", json),
    ]);
    let run = |arguments: &[&str]| check(tree.path(), &[&["a.yaml"], arguments].concat());
    assert_eq!(run(&[]).summary("withoutSchema"), 1);
    assert_eq!(run(&["--schemas", "crds"]).findings(), ["a.yaml:4 value-refused"]);
    assert_eq!(run(&["--schemas", "catalogue"]).code, 1);
    let (code, _, err) = program(tree.path(), &["check", "a.yaml", "--schemas", "missing"], b"");
    assert_eq!(code, 2);
    assert!(err.contains("`missing`"), "{err}");
}

#[test]
fn kinds_without_a_schema() {
    let tree = tree(&[("a.yaml", &format!("{THING}---\n{THING}"))]);
    let checked = check(tree.path(), &["."]);
    assert_eq!((checked.code, checked.summary("withoutSchema")), (0, 2));
    let kind = &checked.json["withoutSchema"][0];
    assert_eq!((&kind["kind"], &kind["objects"]), (&"Thing".into(), &2.into()));
    let denied = check(tree.path(), &[".", "--deny", "schema-missing"]);
    assert_eq!(denied.code, 1);
    assert_eq!(denied.findings(), ["a.yaml:2 schema-missing", "a.yaml:7 schema-missing"]);
}
