//! What a server-side apply makes of an object, worked out without a server.

use gitopsc::argocd::ignored::{Ignored, of_settings};
use gitopsc::diff::{Rules, merged, migrated, take_away};
use gitopsc::schema::{Definitions, NEWEST, Shape, pack};
use gitopsc::yaml::{Node, to_json};

use crate::values::node;

fn service(spec: &str) -> Node {
    node(&format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {spec}}}"))
}

/// Whose fields these are: those that `us` applied, and those that others set.
fn managed(us: &str, others: &str) -> Node {
    node(&format!(
        "[{{manager: us, operation: Apply, fieldsV1: {{'f:spec': {us}}}}}, \
         {{manager: other, operation: Update, fieldsV1: {{'f:spec': {others}}}}}]"
    ))
}

#[test]
fn what_others_own_stays_and_what_was_applied_before_goes() {
    let http = "'k:{\"port\":80,\"protocol\":\"TCP\"}': {'.': {}, 'f:name': {}}";
    let cases = [
        // Fields that nobody of us ever stated.
        ("{type: NodePort}", "{}", "{}", "{}", "{type: NodePort}"),
        // A field that we stated, and do no more.
        ("{type: NodePort}", "{'f:type': {}}", "{}", "{}", "{}"),
        // The same where somebody else owns it as well.
        ("{type: NodePort}", "{'f:type': {}}", "{'f:type': {}}", "{}", "{type: NodePort}"),
        // A label selector of which one key goes.
        (
            "{selector: {a: x, b: y}}",
            "{'f:selector': {'f:a': {}, 'f:b': {}}}",
            "{}",
            "{selector: {a: z}}",
            "{selector: {a: z}}",
        ),
        // An item that we stated, beside one of somebody else.
        (
            "{ports: [{name: http, port: 80, protocol: TCP}, {name: own, port: 81, protocol: TCP}]}",
            &format!("{{'f:ports': {{{http}}}}}"),
            "{'f:ports': {'k:{\"port\":81,\"protocol\":\"TCP\"}': {'.': {}}}}",
            "{}",
            "{ports: [{name: own, port: 81, protocol: TCP}]}",
        ),
        // An item keeps what the server filled in; the order is that of what is stated.
        (
            "{ports: [{name: a, port: 1, protocol: TCP, targetPort: 1}, {name: b, port: 2, protocol: TCP}]}",
            "{}",
            "{}",
            "{ports: [{name: b, port: 2}, {name: c, port: 1}]}",
            "{ports: [{name: b, port: 2, protocol: TCP}, {name: c, port: 1, protocol: TCP, targetPort: 1}]}",
        ),
    ];
    let definitions = Definitions::default();
    for (live, us, others, stated, expected) in cases {
        let (live, stated) = (service(live), service(stated));
        let managed = managed(us, others);
        let shape = Shape::of(&live, pack(NEWEST), &definitions);
        let result = merged(&live, &stated, shape, Some(&managed), "us");
        assert_eq!(to_json(&result), to_json(&service(expected)), "{stated:?} onto {live:?}");
    }
}

#[test]
fn what_was_applied_client_side_goes_where_nobody_else_took_it() {
    let live = service("{type: NodePort, sessionAffinity: ClientIP, clusterIP: None}");
    let applied = service("{type: NodePort, sessionAffinity: ClientIP}");
    let managed = node(
        "[{manager: kubectl-client-side-apply, operation: Update, \
         fieldsV1: {'f:spec': {'f:type': {}, 'f:clusterIP': {}}}}, \
         {manager: other, operation: Update, fieldsV1: {'f:spec': {'f:sessionAffinity': {}}}}]",
    );
    let definitions = Definitions::default();
    let shape = Shape::of(&live, pack(NEWEST), &definitions);
    let mut result = live;
    take_away(&mut result, &applied, &service("{}"), shape, Some(&managed), "us");
    let expected = service("{sessionAffinity: ClientIP, clusterIP: None}");
    assert_eq!(to_json(&result), to_json(&expected));
}

#[test]
fn annotations_that_nobody_applied_stay() {
    let object = |metadata: &str| {
        node(&format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {metadata}, spec: {{}}}}"
        ))
    };
    let copy = "kubectl.kubernetes.io/last-applied-configuration: copy";
    let managed = node(
        "[{manager: us, operation: Update, fieldsV1: {'f:metadata': {'f:annotations': \
         {'.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {}, 'f:note': {}}}}}, \
         {manager: controller, operation: Update, subresource: status, \
         fieldsV1: {'f:metadata': {'f:annotations': {'f:revision': {}}}}}]",
    );
    let definitions = Definitions::default();
    for (live, was, stated, expected) in [
        // What `kubectl` writes where none are stated.
        (
            format!("{{annotations: {{{copy}, revision: '3'}}}}"),
            "{annotations: {}}",
            "{}",
            format!("{{annotations: {{{copy}, revision: '3'}}}}"),
        ),
        // One that was stated, and is no more.
        (
            format!("{{annotations: {{{copy}, revision: '3', note: a}}}}"),
            "{annotations: {note: a}}",
            "{}",
            format!("{{annotations: {{{copy}, revision: '3'}}}}"),
        ),
        (
            format!("{{annotations: {{{copy}, revision: '3', note: a}}}}"),
            "{annotations: {note: a}}",
            "{annotations: {other: b}}",
            format!("{{annotations: {{{copy}, revision: '3'}}}}"),
        ),
    ] {
        let (live, was, stated) = (object(&live), object(was), object(stated));
        let shape = Shape::of(&live, pack(NEWEST), &definitions);
        let mut result = live;
        take_away(&mut result, &was, &stated, shape, Some(&managed), "us");
        assert_eq!(to_json(&result), to_json(&object(&expected)), "{stated:?}");
    }
}

#[test]
fn a_field_goes_with_what_the_server_filled_in() {
    let pod = |volume: &str, probe: &str| {
        node(&format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{volumes: [{{name: v, {volume}}}], \
             containers: [{{name: c, readinessProbe: {{{probe}}}}}]}}}}"
        ))
    };
    let managed = node(
        "[{manager: kubectl-client-side-apply, operation: Update, fieldsV1: {'f:spec': { \
         'f:volumes': {'k:{\"name\":\"v\"}': {'.': {}, 'f:name': {}, 'f:emptyDir': {}}}, \
         'f:containers': {'k:{\"name\":\"c\"}': {'.': {}, 'f:readinessProbe': \
         {'.': {}, 'f:httpGet': {'f:port': {}}}}}}}}]",
    );
    let live = pod("emptyDir: {}", "httpGet: {port: 80, scheme: HTTP}");
    let was = pod("emptyDir: {}", "httpGet: {port: 80}");
    let stated = pod("configMap: {name: m}", "tcpSocket: {port: 80}");
    let definitions = Definitions::default();
    let shape = Shape::of(&live, pack(NEWEST), &definitions);
    let result = migrated(&live, &stated, shape, &managed, "us").unwrap();
    assert_eq!(to_json(&result), to_json(&stated));
    let mut result = merged(&live, &stated, shape, Some(&managed), "us");
    take_away(&mut result, &was, &stated, shape, Some(&managed), "us");
    assert_eq!(to_json(&result), to_json(&stated));
    // Who applied server-side has nothing to take over.
    let managed = node("[{manager: us, operation: Apply, fieldsV1: {'f:spec': {}}}]");
    assert!(migrated(&live, &stated, shape, &managed, "us").is_none());
}

#[test]
fn an_item_that_states_not_all_of_its_key_is_the_one_with_the_default() {
    let fields = "{'f:ports': {'k:{\"port\":53,\"protocol\":\"TCP\"}': {'.': {}, 'f:name': {}, 'f:port': {}}, \
                  'k:{\"port\":53,\"protocol\":\"UDP\"}': {'.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {}}}}";
    let live = "{ports: [{port: 53, name: a, protocol: TCP}, {port: 53, name: b, protocol: UDP}]}";
    let definitions = Definitions::default();
    for (stated, expected) in [
        ("{ports: [{port: 53, name: a}, {port: 53, name: b, protocol: UDP}]}", live),
        ("{ports: [{port: 53, name: a}]}", "{ports: [{port: 53, name: a, protocol: TCP}]}"),
        (
            "{ports: [{port: 53, name: b, protocol: UDP}]}",
            "{ports: [{port: 53, name: b, protocol: UDP}]}",
        ),
    ] {
        let (live, stated) = (service(live), service(stated));
        let shape = Shape::of(&live, pack(NEWEST), &definitions);
        let result = merged(&live, &stated, shape, Some(&managed(fields, "{}")), "us");
        assert_eq!(to_json(&result), to_json(&service(expected)), "{stated:?}");
    }
}

#[test]
fn what_a_manager_scaled_is_ignored_as_what_it_wrote() {
    let object = |replicas: u32| {
        node(&format!(
            "{{apiVersion: apps/v1, kind: Deployment, spec: {{replicas: {replicas}, paused: true}}}}"
        ))
    };
    let managed = node(
        "[{manager: hpa, operation: Update, subresource: scale, \
         fieldsV1: {'f:spec': {'f:replicas': {}}}}]",
    );
    let definitions = Definitions::default();
    for (manager, replicas) in [("hpa", None), ("other", Some(6))] {
        let entry = serde_json::json!({"kind": "Deployment", "managedFieldsManagers": [manager]});
        let mut rules = Rules::default();
        rules.add(&Ignored::alone(&entry));
        let live = object(6);
        let shape = Shape::of(&live, pack(NEWEST), &definitions);
        let rest = rules.without(&live, Some(&managed), shape);
        let found = rest.pointer("/spec/replicas").map(to_json);
        assert_eq!(found, replicas.map(serde_json::Value::from), "{manager}");
        assert!(rest.pointer("/spec/paused").is_some());
    }
}

#[test]
fn rules_of_argo_cd_in_their_older_form_hold_where_no_newer_one_is() {
    let settings = node(
        "data:\n  resource.customizations: |\n    apps/Deployment: {ignoreDifferences: 'jsonPointers: [/old]'}\n    \
         ConfigMap: {ignoreDifferences: 'jsonPointers: [/data]'}\n    v1/Other: {health.lua: x}\n  \
         resource.customizations.ignoreDifferences.apps_Deployment: 'jsonPointers: [/new]'\n",
    );
    let found = serde_json::Value::from(of_settings(&settings));
    let expected = serde_json::json!([
        {"jsonPointers": ["/data"], "group": "", "kind": "ConfigMap"},
        {"jsonPointers": ["/new"], "group": "apps", "kind": "Deployment"},
    ]);
    assert_eq!(found, expected);
}
