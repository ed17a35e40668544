//! MetalLB's own verdicts on pools and Services.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::text::check;

const CASES: &[u8] = include_bytes!("metallb/cases.jsonl.gz");

/// Clusters in which a Service stays without an address and nothing is told: those of Services with
/// one sharing key and one port, which are counted as one. May only become less.
const MISSED: usize = 2;

#[test]
fn agrees_with_metallb() {
    let mut text = String::new();
    GzDecoder::new(CASES).read_to_string(&mut text).unwrap();
    let (mut all, mut refused, mut missed, mut wrong) = (0, 0, 0, Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let objects = case["objects"].as_str().unwrap();
        let is_refused =
            !case["pools"].is_null() || !case["services"].as_object().unwrap().is_empty();
        let found = check(objects);
        let is_told = found.findings.iter().any(|it| {
            let is_of_addresses = it.id.starts_with("address-") || it.id.starts_with("pool-");
            is_of_addresses && it.id != "address-unguarded"
        });
        all += 1;
        refused += usize::from(is_refused);
        missed += usize::from(is_refused && !is_told);
        if is_told && !is_refused {
            wrong.push(format!("{}\n{objects}", found.account()));
        }
    }
    println!(
        "{all} clusters, {refused} refused by MetalLB in part, {missed} of them missed, {} told in vain",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(missed <= MISSED, "{missed} missed");
    assert!(all >= 1200 && refused > 700, "{all} {refused}");
}
