//! Objects that a real kube-apiserver took, with one value after the other replaced by what is yet
//! to be filled in: none of them may be refused for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "apiserver/mod.rs"]
mod apiserver;

use std::collections::BTreeMap;

use apiserver::{cases, definitions};
use gitopsc::check::{Fault, Judge, Reason};
use gitopsc::load::manifest::{Refused, concerns, is_open};
use gitopsc::schema::Definitions;
use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{self, Node};
use serde_json::Value;

/// One of so many values of an object is replaced, so that the test stays quick; `STRIDE=1` tries
/// them all.
const STRIDE: usize = 7;

/// The objects that the server took, or those that it refused.
fn objects(accepted: bool) -> Vec<Value> {
    let wanted = cases().into_iter().filter(|case| case["accept"] == accepted);
    wanted.map(|mut case| case["object"].take()).collect()
}

/// The faults for which an object is refused, but for those at what is yet to be filled in.
fn refused(judge: &Judge<'_>, node: &Node) -> Vec<Fault> {
    let verdict = judge.partial(node, is_open);
    let is_told = |fault: &Fault| {
        let refused = match fault.reason {
            Some(Reason::Unknown) => Refused::Key,
            Some(Reason::Type) => Refused::Type,
            _ => Refused::Value,
        };
        fault.reason.is_some() && !concerns(node, &fault.path, refused)
    };
    verdict.faults.into_iter().filter(is_told).collect()
}

/// The pointers of all values below the object, but for what says what it is.
fn pointers(value: &Value, above: &str, found: &mut Vec<String>) {
    let mut each = |step: &str, child: &Value| {
        let pointer = format!("{above}/{}", step.replace('~', "~0").replace('/', "~1"));
        if !child.is_null() && !["/apiVersion", "/kind"].contains(&&*pointer) {
            found.push(pointer.clone());
            pointers(child, &pointer, found);
        }
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, child)| each(key, child)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, child)| each(&at.to_string(), child));
        }
        _ => {}
    }
}

#[test]
fn nothing_is_refused_for_what_is_yet_to_be_filled_in() {
    let span = Span::new(Sources::default().add("case", ""), 0..0);
    let definitions = definitions();
    let judge = Judge::new(36, &definitions);
    let stride = std::env::var("STRIDE").map_or(STRIDE, |stride| stride.parse().unwrap());
    let mut tried = 0;
    let mut alarms: BTreeMap<String, usize> = BTreeMap::new();
    for (number, object) in objects(true).into_iter().enumerate() {
        let mut all = Vec::new();
        pointers(&object, "", &mut all);
        for (turn, pointer) in all.iter().enumerate().skip(number % stride).step_by(stride) {
            let mut changed = object.clone();
            *changed.pointer_mut(pointer).unwrap() = Value::from("${VALUE}");
            // Every other time a second one, which may lie in what is replaced.
            let second = all.get(turn * 7 % all.len()).filter(|_| turn % 2 == 0);
            if let Some(value) = second.and_then(|second| changed.pointer_mut(second)) {
                *value = Value::from("a-{{ other }}");
            }
            let node = yaml::from_json(&changed, span);
            tried += 1;
            for fault in refused(&judge, &node) {
                let kind = changed["kind"].as_str().unwrap_or_default();
                let said =
                    format!("{kind} {pointer}: {} {} {}", fault.id, fault.path, fault.message);
                *alarms.entry(said).or_default() += 1;
            }
        }
    }
    for (said, count) in &alarms {
        println!("{count} {said}");
    }
    assert!(tried > 5000, "only {tried} objects");
    assert!(alarms.is_empty(), "{} false alarms", alarms.len());
}

/// What is not known hides as little as can be: the same object with a placeholder in `labels`, where
/// text must be, and with a number there, is refused as before.
#[test]
fn what_is_yet_to_be_filled_in_hides_little() {
    let span = Span::new(Sources::default().add("case", ""), 0..0);
    let definitions = Definitions::default();
    let judge = Judge::new(36, &definitions);
    for value in [Value::from("${VALUE}"), Value::from(1)] {
        let (mut all, mut still) = (0, 0);
        for object in objects(false) {
            let told = |object: &Value| {
                let faults = refused(&judge, &yaml::from_json(object, span)).into_iter();
                faults.map(|fault| fault.id).filter(|id| *id != "field-type-mismatch").collect()
            };
            let before: Vec<&str> = told(&object);
            let mut changed = object.clone();
            let Some(metadata) = changed["metadata"].as_object_mut() else { continue };
            if metadata.contains_key("labels") {
                continue;
            }
            metadata.insert("labels".to_owned(), serde_json::json!({"some": value}));
            let after = told(&changed);
            all += usize::from(!before.is_empty());
            still += usize::from(before.iter().any(|id| after.contains(id)));
        }
        println!("{still} of {all} refused objects are refused with `{value}` in them");
        assert!(all > 900 && still * 20 > all * 19, "{still} of {all}");
    }
}

/// The ids and paths of the faults of a pod or a service in YAML.
fn faults(text: &str) -> Vec<(&'static str, String)> {
    let read = yaml::read(Sources::default().add("x", ""), text);
    let definitions = Definitions::default();
    let faults = refused(&Judge::new(36, &definitions), read.documents[0].node.as_ref().unwrap());
    faults.into_iter().map(|fault| (fault.id, fault.path)).collect()
}

#[test]
fn what_does_not_depend_on_it_is_told() {
    let service = |port: &str, kind: &str| {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{type: {kind}, ports: [{{port: {port}}}]}}}}"
        )
    };
    let kind = ("value-unknown", "spec.type".to_owned());
    for port in ["'${PORT}'", "'{{ port }}'", "<PORT>"] {
        assert_eq!(faults(&service(port, "Odd")), std::slice::from_ref(&kind));
        assert_eq!(faults(&service(port, "NodePort")), []);
    }
    let port = ("field-type-mismatch", "spec.ports[0].port".to_owned());
    assert_eq!(faults(&service("'http'", "Odd")), [port.clone(), kind.clone()]);
    assert_eq!(faults(&service("'http'", "NodePort")), [port]);
    // Which volumes there are is not known; that the image is missing is.
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: [{name: '${V}'}], \
               containers: [{name: a, volumeMounts: [{name: v, mountPath: /v}]}]}}";
    let image = ("image-invalid", "spec.containers[0].image".to_owned());
    assert_eq!(faults(pod), [image]);
    // The port on the host must be that of the container where they share a network.
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: true, \
               containers: [{name: a, image: a, ports: [{containerPort: '${P}', hostPort: 80}]}]}}";
    assert_eq!(faults(pod), []);
}
