//! What a server-side apply makes of an object, worked out without a server.

use gitopsc::diff::{merged, take_away};
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
