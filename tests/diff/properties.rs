//! Carrying out the difference of two values on the first gives the second.

use gitopsc::diff::compare;
use gitopsc::schema::{Definitions, NEWEST, Shape, pack};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{self, Node, to_json};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::apply::apply;

fn node(value: &Value) -> Node {
    yaml::from_json(value, Span::new(Sources::default().add("", ""), 0..0))
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_i64..4).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let named = ("[a-e]", inner.clone()).prop_map(|(name, x)| json!({"name": name, "x": x}));
        prop_oneof![
            prop::collection::btree_map("[a-d]", inner.clone(), 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
            prop::collection::vec(inner, 0..5).prop_map(Value::Array),
            prop::collection::vec(named, 0..5).prop_map(Value::Array),
        ]
    })
}

/// Pods of few parts, so that the same ones come again, in other places and spellings.
fn any_pod() -> impl Strategy<Value = Value> {
    let amount =
        prop_oneof![Just(json!(1)), Just(json!("1")), Just(json!("1000m")), Just(json!(2))];
    let port = (1_u16..4, prop_oneof![Just(None), Just(Some("TCP")), Just(Some("UDP"))], "[a-c]")
        .prop_map(|(port, protocol, name)| match protocol {
            Some(protocol) => json!({"containerPort": port, "protocol": protocol, "name": name}),
            None => json!({"containerPort": port, "name": name}),
        });
    let container = (
        "[a-c]",
        prop::collection::vec("[a-d]{1,2}", 0..4),
        prop::collection::vec(port, 0..3),
        amount,
        prop::option::of(prop_oneof![Just("IfNotPresent"), Just("Always")]),
        prop_oneof![Just("web"), Just("web:1"), Just("web:latest")],
    )
        .prop_map(|(name, args, ports, cpu, policy, image)| {
            let mut container = json!({
                "name": name, "image": image, "args": args, "ports": ports,
                "resources": {"requests": {"cpu": cpu}},
            });
            if let Some(policy) = policy {
                container["imagePullPolicy"] = json!(policy);
            }
            container
        });
    (prop::collection::vec(container, 0..4), prop::option::of(prop_oneof![Just(30), Just(5)]))
        .prop_map(|(containers, grace)| {
            let mut spec = json!({"containers": containers});
            if let Some(grace) = grace {
                spec["terminationGracePeriodSeconds"] = json!(grace);
            }
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_difference_makes_one_of_the_other(before in any_value(), after in any_value()) {
        let edits = compare(&node(&before), &node(&after), Shape::Unknown);
        prop_assert_eq!(edits.is_empty(), before == after);
        prop_assert_eq!(apply(&before, &edits), after);
    }

    #[test]
    fn of_pods_too_as_the_server_sees_them(before in any_pod(), after in any_pod()) {
        let definitions = Definitions::default();
        let (old, new) = (node(&before), node(&after));
        let shape = Shape::of(&new, pack(NEWEST), &definitions);
        let made = node(&apply(&before, &compare(&old, &new, shape)));
        let left = compare(&made, &new, shape);
        prop_assert!(left.is_empty(), "{:?} between {} and {}", left, to_json(&made), after);
        prop_assert!(compare(&old, &old, shape).is_empty());
    }
}
