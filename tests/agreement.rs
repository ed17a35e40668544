//! The verdicts of a real kube-apiserver against ours, kind by kind.
//!
//! `apiserver/cases.jsonl.gz` holds objects with what kube-apiserver 1.36.0 said of them (create,
//! dry run, `fieldValidation=Strict`), one JSON object a line. `SHOW=<kind, class or alarm> cargo
//! test --test agreement -- --nocapture` names the cases in which the two differ.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "apiserver/mod.rs"]
mod apiserver;

use std::collections::{BTreeMap, BTreeSet};

use apiserver::{cases, definitions};
use gitopsc::check::registry::Check;
use gitopsc::check::{Judge, Verdict};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml;

/// How many refused objects may pass, by kind, and why. A figure may only fall.
const MISSED: [(&str, usize, &str); 3] = [
    ("HorizontalPodAutoscaler", 1, "`3.0` is a whole number once it has been YAML"),
    ("PriorityLevelConfiguration", 1, "`100.0` is a whole number once it has been YAML"),
    ("Service", 2, "which address families a cluster has is its own"),
];

/// Kinds of Argo CD, which the server knew by the same definitions as we do. Of a definition that
/// is embedded, an unknown field is a warning; here it counts.
const EMBEDDED: [&str; 3] = ["Application", "ApplicationSet", "AppProject"];

#[derive(Default)]
struct Count {
    refused: usize,
    missed: usize,
    accepted: usize,
    alarms: usize,
}

#[test]
fn verdicts() {
    let span = Span::new(Sources::default().add("case", ""), 0..0);
    let definitions = definitions();
    let judge = Judge::new(36, &definitions);
    let show = std::env::var("SHOW").unwrap_or_default();
    let mut by_kind: BTreeMap<String, Count> = BTreeMap::new();
    let mut unjudged: Vec<String> = Vec::new();
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for case in cases() {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let object = yaml::from_json(&case["object"], span);
        let Verdict { faults, has_schema, .. } = judge.object(&object);
        ids.extend(faults.iter().map(|fault| fault.id));
        if !has_schema {
            unjudged.push(text("kind").to_owned());
            continue;
        }
        let embedded = EMBEDDED.contains(&text("kind"));
        let refused = faults
            .iter()
            .any(|fault| fault.reason.is_some() || (embedded && fault.id == "field-unknown"));
        let accepted = case["accept"].as_bool().unwrap();
        let count = by_kind.entry(text("kind").to_owned()).or_default();
        if accepted {
            count.accepted += 1;
            count.alarms += usize::from(refused);
        } else {
            count.refused += 1;
            count.missed += usize::from(!refused);
        }
        let shown = [text("kind"), text("class"), if refused { "alarm" } else { "" }];
        if refused == accepted && shown.contains(&&*show) {
            let (id, class, change) = (text("id"), text("class"), text("change"));
            println!("{id} [{class}] {change}: {faults:?} {}", text("message"));
        }
    }
    let mut wrong = Vec::new();
    let (mut refused, mut missed) = (0, 0);
    for (kind, count) in &by_kind {
        println!(
            "{kind:32} refused {:4}, missed {:3}; accepted {:4}, false alarms {:3}",
            count.refused, count.missed, count.accepted, count.alarms
        );
        let floor = MISSED.iter().find(|(known, ..)| known == kind).map_or(0, |floor| floor.1);
        if count.missed != floor || count.alarms != 0 {
            wrong.push(format!("{kind}: {} missed, {} false alarms", count.missed, count.alarms));
        }
        refused += count.refused;
        missed += count.missed;
    }
    println!("{missed} of {refused} refused objects pass");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(ids.len() > 50, "only {ids:?} were found");
    ids.retain(|id| Check::find(id).is_none());
    assert!(ids.is_empty(), "without a page: {ids:?}");
    assert!(by_kind.len() > 40, "only {} kinds were judged", by_kind.len());
    assert!(unjudged.len() < 60, "{} objects were not judged: {unjudged:?}", unjudged.len());
}
