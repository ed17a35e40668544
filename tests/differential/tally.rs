//! Outcomes, counted.

use super::figures::{Count, Figures};
use super::reasons;
use super::verdict::{Outcome, ids};

/// What was measured; disagreements without a known reason are given beside it, in words.
pub(crate) fn tally(outcomes: &[Outcome]) -> (Figures, Vec<String>) {
    let (mut figures, mut unexplained) = (Figures::default(), Vec::new());
    for outcome in outcomes {
        add(figures.kinds.entry(outcome.kind.clone()).or_default(), outcome);
        add(figures.classes.entry(outcome.class.to_owned()).or_default(), outcome);
        if outcome.accepted {
            if outcome.repeated && matches!(outcome.applied, Some(Err(_))) {
                figures.checks.entry("list-key-repeated".to_owned()).or_default().times += 1;
            }
            continue;
        }
        for id in ids(outcome) {
            figures.checks.entry(id.to_owned()).or_default().times += 1;
            figures.rules.entry((outcome.class.to_owned(), id.to_owned())).or_default().times += 1;
        }
        if outcome.faults.is_empty() {
            match reasons::of_miss(outcome) {
                Some(reason) => *figures.missed.entry(reason.to_owned()).or_default() += 1,
                None => unexplained.push(format!("passes here: {}", words(outcome))),
            }
        } else if outcome.same_field() == Some(false) {
            let reason = reasons::of_field(outcome);
            *figures.elsewhere.entry(reason.to_owned()).or_default() += 1;
        }
    }
    (figures, unexplained)
}

fn add(count: &mut Count, outcome: &Outcome) {
    if outcome.accepted {
        count.accepted += 1;
        return;
    }
    count.refused += 1;
    if !outcome.faults.is_empty() {
        count.caught += 1;
        if let Some(same) = outcome.same_field() {
            count.named += 1;
            count.same += u32::from(same);
        }
    }
}

/// A disagreement in words.
pub(crate) fn words(outcome: &Outcome) -> String {
    let Outcome { kind, class, change, message, .. } = outcome;
    format!(
        "{kind} [{class}] {change:.300}\n  server: {message:.300}\n  here: {:?}",
        outcome.faults
    )
}
