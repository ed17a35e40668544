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

use gitopsc::check::Judge;
use gitopsc::schema::{Definitions, Found};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml;
use serde_json::Value;

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
    let field = |cause: &Value| Some(cause[1].as_str()?.replace("<nil>", ""));
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
    let show = std::env::var("SHOW").ok();
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
        *unjudged += usize::from(!verdict.has_schema);
        let differs = if refused == accepted {
            *(if accepted { alarms } else { missed }) += 1;
            true
        } else {
            let differs = !accepted && ours != theirs;
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
    for (kind, [all, missed, alarms, paths, unknown, unjudged]) in &kinds {
        println!(
            "{kind:28} {all:5} objects, missed {missed}, false alarms {alarms}, \
             other fields {paths}, rules not evaluated {unknown}, without schema {unjudged}"
        );
        if missed + alarms > 0 {
            wrong.push(format!("{kind}: {missed} missed, {alarms} false alarms"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(cases.len() > 500, "only {} objects were judged", cases.len());
}
