//! Objects of custom kinds: the verdicts of a real kube-apiserver against ours, path by path.
//!
//! `apiserver/custom.jsonl.gz` is written by `apiserver/record.py`: lines with `crd` define kinds,
//! the others are objects with what kube-apiserver 1.36.0 said of them (create, dry run,
//! `fieldValidation=Strict`). `CASES=<file>` takes another file of that form, not compressed, and
//! `SHOW=<text> cargo test --test custom -- --nocapture` prints the cases in which the two differ
//! and whose line has the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use gitopsc::cel::Type;
use gitopsc::check::Judge;
use gitopsc::schema::{Definitions, Found, Others, Structural, pack_kinds};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml;
use serde_json::{Value, json};

/// How many refused objects may lack a field that the server names, by kind, and why. A figure may
/// only fall.
const OTHER_FIELDS: [(&str, usize, &str); 5] = [
    ("Database", 22, OWNERS_AND_FORMS),
    ("Rule", 9, OWNERS_AND_FORMS),
    ("Shape", 12, OWNERS_AND_FORMS),
    ("Value", 10, OWNERS_AND_FORMS),
    ("Widget", 11, OWNERS_AND_FORMS),
];

const OWNERS_AND_FORMS: &str = "owners and finalizers are named by the item, not by the list; \
    of forms that do not fit, the value is named, not what it lacks to one of them";

fn lines() -> Vec<Value> {
    let mut text = String::new();
    match std::env::var_os("CASES") {
        Some(path) => text = std::fs::read_to_string(path).unwrap(),
        None => {
            let file = include_bytes!("apiserver/custom.jsonl.gz");
            flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
        }
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The fields that the server names, as far as it says them in a form of its own.
fn fields(case: &Value) -> BTreeSet<String> {
    let causes = case["causes"].as_array().into_iter().flatten();
    // Paths of the subresource `scale` begin with a dot.
    let field = |cause: &Value| {
        Some(cause[1].as_str()?.replace("<nil>", "").trim_start_matches('.').to_owned())
    };
    let mut fields: BTreeSet<String> =
        causes.filter_map(field).filter(|field| !field.is_empty()).collect();
    // The decoder names them in its message.
    let message = case["message"].as_str().unwrap_or_default();
    for part in message.split("unknown field \"").skip(1) {
        fields.insert(part.split('"').next().unwrap().to_owned());
    }
    fields
}

#[test]
fn verdicts() {
    let mut sources = Sources::default();
    let span = Span::new(sources.add("case", ""), 0..0);
    let (crds, cases): (Vec<Value>, Vec<Value>) =
        lines().into_iter().partition(|line| line.get("crd").is_some());
    let mut definitions = Definitions::default();
    for line in &crds {
        assert!(definitions.add_crd(&yaml::from_json(&line["crd"], span), Found::Checked));
    }
    let judge = Judge::new(36, &definitions);
    let recorded = std::env::var_os("CASES").is_none();
    let show = std::env::var("SHOW").ok();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    let mut kinds: BTreeMap<String, [usize; 6]> = BTreeMap::new();
    for case in &cases {
        let verdict = judge.object(&yaml::from_json(&case["object"], span));
        // What an embedded definition does not know is a warning, since a cluster may have another.
        let faults: Vec<_> = verdict
            .faults
            .iter()
            .filter(|fault| fault.reason.is_some() || fault.id == "field-unknown")
            .collect();
        let (refused, accepted) = (!faults.is_empty(), case["accept"].as_bool().unwrap());
        let ours: BTreeSet<String> = faults.iter().map(|fault| fault.path.clone()).collect();
        let theirs = fields(case);
        let kind = case["object"]["kind"].as_str().unwrap_or_default().to_owned();
        let [all, missed, alarms, paths, unknown, unjudged] = kinds.entry(kind).or_default();
        *all += 1;
        *unknown += usize::from(!verdict.unknown.is_empty());
        reasons.extend(verdict.unknown);
        *unjudged += usize::from(!verdict.has_schema);
        let differs = if refused == accepted {
            *(if accepted { alarms } else { missed }) += 1;
            true
        } else {
            let differs = !theirs.is_subset(&ours);
            *paths += usize::from(differs);
            differs
        };
        let line = format!("{case}");
        if differs && show.as_ref().is_some_and(|show| line.contains(&**show)) {
            let said: Vec<_> = faults.iter().map(|f| (&f.path, &f.message)).collect();
            println!(
                "{} {}\n  ours {said:?}\n  server {theirs:?} {}",
                case["id"], case["object"], case["message"]
            );
        }
    }
    let mut wrong = Vec::new();
    for reason in &reasons {
        println!("not evaluated: {reason}");
    }
    for (kind, [all, missed, alarms, paths, unknown, unjudged]) in &kinds {
        println!(
            "{kind:28} {all:5} objects, missed {missed}, false alarms {alarms}, \
             other fields {paths}, rules not evaluated {unknown}, without schema {unjudged}"
        );
        let known = OTHER_FIELDS.iter().find(|(known, ..)| known == kind);
        let other = known.map_or(0, |(_, other, _)| *other);
        if missed + alarms > 0 || (recorded && *paths > other) {
            wrong.push(format!(
                "{kind}: {missed} missed, {alarms} false alarms, {paths} other fields"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases.len() > 500, "only {} objects were judged", cases.len());
}

/// The faults of an object: id, path, and whether it is an error.
fn judged(definitions: &Definitions, object: &Value) -> Vec<(&'static str, String, bool)> {
    let mut sources = Sources::default();
    let span = Span::new(sources.add("object", ""), 0..0);
    let verdict = Judge::new(36, definitions).object(&yaml::from_json(object, span));
    let faults = verdict.faults.into_iter();
    faults.map(|fault| (fault.id, fault.path, fault.reason.is_some())).collect()
}

fn certificate(version: &str) -> Value {
    json!({
        "apiVersion": format!("cert-manager.io/{version}"), "kind": "Certificate",
        "metadata": {"name": "web"},
        "spec": {"secretName": "web", "issuerRef": {"name": "ca"}, "dnsName": "web.example.com"},
    })
}

#[test]
fn what_is_nearest_to_the_cluster_wins() {
    let mut sources = Sources::default();
    let span = Span::new(sources.add("crd", ""), 0..0);
    let mut definitions = Definitions::default();
    // The cluster may run another release than the embedded one.
    let unknown = |is_error| vec![("field-unknown", "spec.dnsName".to_owned(), is_error)];
    assert_eq!(judged(&definitions, &certificate("v1")), unknown(false));
    let unserved = |is_error| vec![("api-version-unserved", "apiVersion".to_owned(), is_error)];
    assert_eq!(judged(&definitions, &certificate("v1alpha2")), unserved(false));

    let schema = json!({
        "type": "object",
        "properties": {"spec": {
            "type": "object", "additionalProperties": false, "required": ["secretName"],
            "properties": {"secretName": {"type": "string"}, "issuerRef": {"type": "object"}},
        }},
    });
    definitions.add_json_schema("cert-manager.io", "Certificate", "v1", &schema).unwrap();
    assert_eq!(judged(&definitions, &certificate("v1")), unknown(true));

    let crd = |field: &str| {
        let spec = json!({"type": "object", "properties": {
            "secretName": {"type": "string"}, "issuerRef": {"type": "object", "properties": {"name": {"type": "string"}}},
            field: {"type": "string", "maxLength": 5},
        }});
        let schema = json!({"type": "object", "properties": {"spec": spec}});
        json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "certificates.cert-manager.io"},
            "spec": {
                "group": "cert-manager.io", "scope": "Cluster",
                "names": {"kind": "Certificate", "plural": "certificates"},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
            },
        })
    };
    let node = |crd: &Value| yaml::from_json(crd, span);
    assert!(definitions.add_crd(&node(&crd("dnsName")), Found::Directory));
    let long = vec![("value-refused", "spec.dnsName".to_owned(), true)];
    assert_eq!(judged(&definitions, &certificate("v1")), long);
    assert_eq!(definitions.is_namespaced("cert-manager.io", "Certificate"), Some(false));
    assert!(definitions.add_crd(&node(&crd("other")), Found::Checked));
    assert_eq!(judged(&definitions, &certificate("v1")), unknown(true));
    assert!(definitions.add_crd(&node(&crd("dnsName")), Found::Directory));
    assert_eq!(judged(&definitions, &certificate("v1")), unknown(true), "it came later, from afar");
    assert_eq!(judged(&definitions, &certificate("v1alpha2")), unserved(true));
}

#[test]
fn nulls_are_nothing_to_a_json_schema() {
    let mut definitions = Definitions::default();
    let schema = json!({"properties": {"spec": {"properties": {"a": {"type": "string"}, "l": {"items": {"type": "string"}}}}}});
    definitions.add_json_schema("example.com", "Thing", "v1", &schema).unwrap();
    let thing = |spec: Value| json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec});
    assert_eq!(judged(&definitions, &thing(json!({"a": null}))), []);
    let wrong = vec![("field-type-mismatch", "spec.l[1]".to_owned(), true)];
    assert_eq!(judged(&definitions, &thing(json!({"l": ["x", 1]}))), wrong);
}

/// Rules below a schema, and those that do not compile.
fn compile(schema: &Structural, ty: &Type, count: &mut usize, wrong: &mut Vec<String>) {
    for rule in &schema.rules {
        *count += 1;
        if let Err(error) = rule.program(ty) {
            wrong.push(format!("`{}` {error}", rule.rule));
        }
    }
    let others = match &schema.others {
        Others::Any(Some(others)) => Some(others),
        _ => None,
    };
    for part in schema.properties.values().chain(&schema.items).chain(others) {
        if part.has_rules() && !matches!(part.seen().ty, Type::Hidden) {
            compile(part, &part.seen().ty, count, wrong);
        }
    }
}

#[test]
fn the_rules_of_embedded_definitions_compile() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (group, kind, definition) in pack_kinds() {
        for version in definition.versions.iter().filter(|version| version.served) {
            let before = wrong.len();
            compile(&version.schema, &version.schema.seen_as_object().ty, &mut count, &mut wrong);
            for text in &mut wrong[before..] {
                *text = format!("{group}/{kind} {}: {text}", version.name);
            }
        }
    }
    println!("{count} rules");
    assert!(count > 500, "only {count} rules");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
