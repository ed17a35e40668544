//! Objects with very many entries: what judging takes may grow with their number, not with its
//! square.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::time::{Duration, Instant};

use gitopsc::check::Judge;
use gitopsc::schema::Definitions;
use gitopsc::source::{Sources, Span};
use gitopsc::yaml;
use serde_json::{Value, json};

const MANY: usize = 20_000;

/// What each may take on a slow machine in a debug build. Compared one with the other, so many
/// entries take a minute.
const MOST: Duration = Duration::from_secs(20);

fn many(entry: impl Fn(usize) -> Value) -> Value {
    (0..MANY).map(entry).collect()
}

fn fields(entry: impl Fn(usize) -> (String, Value)) -> Value {
    Value::Object((0..MANY).map(entry).collect())
}

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})
}

fn service(ports: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"ports": ports}})
}

#[test]
fn time_does_not_grow_with_the_square() {
    let name = |start: &str, number: usize| format!("{start}{number}");
    let container = |env: &Value| json!([{"name": "a", "image": "a", "env": env}]);
    let objects = [
        ("ports", service(&many(|n| json!({"name": name("p", n), "port": n + 1})))),
        ("ports that are wrong", service(&many(|n| json!({"name": name("P", n), "port": 0})))),
        ("ports without a number", service(&many(|n| json!({"name": name("p", n), "port": "x"})))),
        (
            "containers",
            pod(&json!({"containers": many(|n| json!({"name": name("c", n), "image": "a"}))})),
        ),
        (
            "variables",
            pod(&json!({
                "containers": container(&many(|n| json!({"name": name("E", n), "value": "a"}))),
            })),
        ),
        ("unknown fields", pod(&fields(|n| (name("unknownField", n), json!(1))))),
        (
            "unknown fields of a custom kind",
            json!({
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "AppProject",
                "metadata": {"name": "a", "annotations": fields(|n| (name("a", n), json!("b")))},
                "spec": fields(|n| (name("unknownField", n), json!(1))),
            }),
        ),
        (
            "addresses",
            json!({
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {"name": "a"},
                "addressType": "IPv4",
                "endpoints": [{"addresses": many(|n| json!(format!("10.0.{}.{}", n / 256, n % 256)))}],
            }),
        ),
    ];
    let span = Span::new(Sources::default().add("x", ""), 0..0);
    let definitions = Definitions::default();
    let judge = Judge::new(36, &definitions);
    for (what, object) in objects {
        let object = yaml::from_json(&object, span);
        let start = Instant::now();
        let faults = judge.object(&object).faults.len();
        println!("{what}: {faults} faults in {:?}", start.elapsed());
        assert!(start.elapsed() < MOST, "{what}: {:?}", start.elapsed());
    }
}
