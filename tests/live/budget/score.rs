//! How many predictions hold, by rule, and the floors that they keep.

use std::{collections::BTreeMap, fs, path::Path};

use crate::say;

/// Agreements and predictions by rule.
#[derive(Default)]
pub(super) struct Score {
    rules: BTreeMap<String, (u32, u32)>,
    pub(super) wrong: Vec<String>,
}

impl Score {
    pub(super) fn count(&mut self, rule: &str, agrees: bool, why: impl FnOnce() -> String) {
        let (right, all) = self.rules.entry(rule.to_owned()).or_default();
        *all += 1;
        if agrees {
            *right += 1;
        } else {
            self.wrong.push(format!("{rule}: {}", why()));
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (rule, (right, all)) in other.rules {
            let sum = self.rules.entry(rule).or_default();
            *sum = (sum.0 + right, sum.1 + all);
        }
        self.wrong.extend(other.wrong);
    }
}

/// Prints the agreement and compares it with the floors.
pub(super) fn conclude(score: Score) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/budget/floors.tsv");
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut floors: BTreeMap<&str, f64> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(rule, share)| (rule, share.trim().parse().expect("a share in percent")))
        .collect();
    let mut faults = Vec::new();
    let (mut right, mut all) = (0, 0);
    for (rule, (agreed, of)) in &score.rules {
        (right, all) = (right + agreed, all + of);
        let share = f64::from(*agreed) * 100.0 / f64::from(*of);
        say(format_args!("budget: {rule}: {agreed} of {of} as predicted ({share:.1} %)"));
        match floors.remove(rule.as_str()) {
            Some(floor) if share + 0.05 < floor => {
                faults.push(format!("{rule}: {share:.1} % agree, and it was {floor} %"));
            }
            Some(_) => {}
            None => faults.push(format!("{rule} has no floor")),
        }
    }
    say(format_args!("budget: {right} of {all} predictions hold"));
    faults.extend(floors.keys().map(|rule| format!("{rule}: nothing was predicted")));
    for wrong in score.wrong.iter().take(40) {
        say(format_args!("budget: {wrong:.1200}"));
    }
    faults
}
