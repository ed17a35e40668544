//! Rules of custom kinds that compare an object with what it was.

use std::fmt::Write as _;

use crate::consequences::told;
use crate::runs::run;
use crate::support::write;

/// A definition whose `spec` has the fields, and whose `spec` has the rules.
fn definition(fields: &str, rules: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: foos.example.com}}\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: Foo, plural: foos}}\n  versions:\n  - name: v1\n    \
         served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          \
         spec:\n            type: object\n            properties: {fields}\n            x-kubernetes-validations: {rules}\n---\n"
    )
}

/// What is told of a Foo whose `spec` changes.
fn changed(definition: &str, before: &str, after: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (state, spec) in [("old", before), ("new", after)] {
        let mut text = definition.to_owned();
        write!(text, "apiVersion: example.com/v1\nkind: Foo\nmetadata: {{name: a, namespace: b}}\nspec: {spec}\n")
            .unwrap();
        write(path, &format!("{state}/a.yaml"), text);
    }
    let found = run(path, &["old", "new"]);
    assert_eq!(found.code, 0, "{}", found.err);
    let refused = found.out.lines().find_map(|line| line.trim().strip_prefix("! refused: "));
    refused.map(|text| text.split(':').next().unwrap().to_owned()).unwrap_or_default()
}

const FINAL: &str = "[{rule: self == oldSelf, message: Value is immutable.}]";

#[test]
fn what_a_rule_keeps_as_it_was_is_refused() {
    let class = definition(
        &format!(
            "{{class: {{type: string, x-kubernetes-validations: {FINAL}}}, size: {{type: integer}}}}"
        ),
        "[]",
    );
    let refused = "`spec.class` breaks the rule `self == oldSelf` of its kind (Value is immutable)";
    assert_eq!(changed(&class, "{class: a}", "{class: b}"), refused);
    // Nothing that had a value has another.
    assert_eq!(changed(&class, "{class: a, size: 1}", "{class: a, size: 2}"), "");
    assert_eq!(changed(&class, "{size: 1}", "{class: b, size: 1}"), "");
    assert_eq!(changed(&class, "{class: a, size: 1}", "{size: 1}"), "");
    assert_eq!(changed(&class, "{class: '${CLASS}'}", "{class: b}"), "");
    // One that only grows.
    let grows = definition("{size: {type: integer}}", "[{rule: self.size >= oldSelf.size}]");
    let refused = "`spec` breaks the rule `self.size >= oldSelf.size` of its kind";
    assert_eq!(changed(&grows, "{size: 3}", "{size: 2}"), refused);
    assert_eq!(changed(&grows, "{size: 2}", "{size: 3}"), "");
    // A rule that was broken before, and says nothing of it.
    let own = definition("{size: {type: integer}}", "[{rule: self.size > 5}]");
    assert_eq!(changed(&own, "{size: 3}", "{size: 2}"), "");
}

#[test]
fn what_the_server_fills_in_is_not_missed() {
    let has = "[{rule: has(self.mode) == has(oldSelf.mode)}]";
    let filled = definition("{mode: {type: string, default: a}, size: {type: integer}}", has);
    assert_eq!(changed(&filled, "{size: 1}", "{mode: a, size: 1}"), "");
    let bare = definition("{mode: {type: string}, size: {type: integer}}", has);
    assert_ne!(changed(&bare, "{size: 1}", "{mode: a, size: 1}"), "");
}

#[test]
fn items_are_what_they_were_by_their_keys() {
    let items = |list: &str| {
        definition(
            &format!(
                "{{l: {{type: array, {list} items: {{type: object, required: [id], properties: {{id: {{type: string}}, v: {{type: \
                 string, x-kubernetes-validations: {FINAL}}}}}}}}}}}"
            ),
            "[]",
        )
    };
    let keyed = items("x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id],");
    let before = "{l: [{id: a, v: x}, {id: b, v: q}]}";
    assert_eq!(
        changed(&keyed, before, "{l: [{id: b, v: z}, {id: a, v: x}]}"),
        "`spec.l[id=b].v` breaks the rule `self == oldSelf` of its kind (Value is immutable)"
    );
    assert_eq!(changed(&keyed, before, "{l: [{id: c, v: z}, {id: a, v: x}]}"), "");
    // Of others nobody knows which is which.
    assert_eq!(changed(&items(""), before, "{l: [{id: b, v: z}, {id: a, v: x}]}"), "");
}

#[test]
fn kinds_that_are_known_have_their_rules() {
    let class = |controller: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {{name: a}}\nspec: {{controllerName: \
             {controller}}}\n"
        )
    };
    assert_eq!(
        told(&class("example.com/a"), &class("example.com/b")),
        [
            "refused: `spec.controllerName` breaks the rule `self == oldSelf` of its kind (field is immutable): the API server \
             refuses it until the object is deleted"
        ]
    );
    let other = class("example.com/a").replace("spec: {", "spec: {description: x, ");
    assert_eq!(told(&class("example.com/a"), &other), [""; 0]);
}
