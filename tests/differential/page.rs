//! `docs/fidelity.md`, from `figures.tsv` alone.

use std::fmt::Write as _;

use super::figures::{Count, Figures, share};

const HEAD: &str = "\
# Fidelity

<!-- made from tests/differential/figures.tsv by `UPDATE_DOCS=1 cargo test --test docs` -->

How far `gitopsc check` says what kube-apiserver says. `tests/live.rs` starts a real one and shows both the same
objects: sound ones of every kind (those that a server accepted before, and those of `rendered/`), each changed in one
way or two by a generator with a fixed seed. Two thirds of the ways are meant to break the object (fields removed,
misspelt, moved, of another type, out of range, repeated, a second member in a one-of, spoilt names, labels, ports,
quantities, selectors, addresses, paths, schedules), one third not (other order, other spelling, fields that the schema
allows). The server alone decides which are sound: create, dry run, `fieldValidation=Strict`. What it refuses because
of the cluster's state (an address taken, a priority class that is not there) is left out.

- *caught*: of the objects that the server refuses, those that are refused here.
- *field*: of those, the ones where the first field that the server names is among the fields named here.
- A *false alarm* is an object that the server accepts and that is refused here. One is enough to fail the test.

The test fails where a kind, a way or a rule falls below its own floor, and where the server refuses for a reason that
nobody has written down below. `GITOPSC_SEED` and `GITOPSC_MUTANTS` ask other questions.

";

/// The whole page.
pub(crate) fn page(figures: &Figures) -> String {
    let mut text = HEAD.to_owned();
    let run = |key: &str| figures.run.get(key).map_or("?", String::as_str);
    let total = figures.total();
    let missed = total.refused - total.caught;
    let _ = writeln!(
        text,
        "## The run on record\n\nkube-apiserver {}, seed {}, {} mutants, of which {} were judged on their own account: {} \
         refused, {missed} of them missed ({}); {} accepted, no false alarm. The server's first field is named in {} of {} \
         ({}). {} of our checks fired.\n",
        run("server"),
        run("seed"),
        run("mutants"),
        total.accepted + total.refused,
        total.refused,
        percent(missed, total.refused),
        total.accepted,
        total.same,
        total.named,
        percent(total.same, total.named),
        figures.checks.len(),
    );
    let _ = writeln!(
        text,
        "What only server-side apply refuses is a check of its own, `list-key-repeated`, and a warning: list items that \
         say the same key twice, such as two ports with one number. Of the accepted harmless and duplicated mutants {} \
         were put to it (dry run): it refuses {}, {} of them missed here. Those have items without any key, which a pack \
         does not tell from a key that is empty unless it is given. No false alarm.\n",
        run("applied"),
        run("applied-refused"),
        run("applied-missed"),
    );
    reasons(&mut text, "Missed", "Why the server refuses and we do not", &figures.missed);
    reasons(&mut text, "Named elsewhere", "Why another field is named", &figures.elsewhere);
    counts(&mut text, "By kind", "Kind", &figures.kinds);
    counts(&mut text, "By way of changing", "Way", &figures.classes);
    let _ = writeln!(
        text,
        "## By check\n\nOn how many refused mutants each check fired, and in how many ways of changing.\n"
    );
    let _ = writeln!(text, "| Check | Mutants | Ways |\n| --- | ---: | ---: |");
    for (id, fired) in &figures.checks {
        let ways = figures.rules.keys().filter(|(_, of)| of == id).count();
        let _ = writeln!(text, "| `{id}` | {} | {ways} |", fired.times);
    }
    text
}

fn reasons(
    text: &mut String,
    title: &str,
    column: &str,
    reasons: &std::collections::BTreeMap<String, u32>,
) {
    let _ = writeln!(text, "## {title}\n");
    if reasons.is_empty() {
        let _ = writeln!(text, "None.\n");
        return;
    }
    let _ = writeln!(text, "| {column} | Mutants |\n| --- | ---: |");
    for (reason, times) in reasons {
        let _ = writeln!(text, "| {reason} | {times} |");
    }
    text.push('\n');
}

fn counts(
    text: &mut String,
    title: &str,
    column: &str,
    counts: &std::collections::BTreeMap<String, Count>,
) {
    let _ = writeln!(
        text,
        "## {title}\n\n| {column} | Accepted | Refused | Caught | Field |\n| --- | ---: | ---: | ---: | ---: |"
    );
    for (name, count) in counts {
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} |",
            count.accepted,
            count.refused,
            percent(count.caught, count.refused),
            percent(count.same, count.named),
        );
    }
    text.push('\n');
}

fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let share = share(part, whole);
    format!("{}.{} %", share / 10, share % 10)
}
