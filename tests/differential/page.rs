//! `docs/fidelity.md`, from `figures.tsv` alone.

use std::fmt::Write as _;

use gitopsc::schema::pack;

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

const APPLY: &str = "
What only server-side apply refuses is a check of its own, `list-key-repeated`, and a warning: list items that say the
same key twice, such as two ports with one number. Accepted mutants of the harmless ways and of `duplicated` are put to
it too (dry run). Missed are items without any key, which a pack does not tell from keys that are empty unless given.

";

/// The whole page.
pub(crate) fn page(figures: &Figures) -> String {
    let mut text = HEAD.to_owned();
    let run = |key: &str| figures.run.get(key).map_or("?", String::as_str);
    let total = figures.total();
    let missed = total.refused - total.caught;
    let _ = writeln!(
        text,
        "## The run on record\n\nkube-apiserver {}, seed {}, {} mutants; {} of them it judges by the object alone.\n",
        run("server"),
        run("seed"),
        run("mutants"),
        total.accepted + total.refused,
    );
    let rows = [
        ("Accepted", total.accepted.to_string()),
        ("False alarms", run("alarms").to_owned()),
        ("Refused", total.refused.to_string()),
        ("Missed", format!("{missed} ({})", percent(missed, total.refused))),
        ("The server's first field named", percent(total.same, total.named)),
        ("Checks that fired", figures.checks.len().to_string()),
        ("Put to server-side apply as well", run("applied").to_owned()),
        ("Refused by it alone", run("applied-refused").to_owned()),
        ("Missed of these", run("applied-missed").to_owned()),
    ];
    text.push_str("| | |\n| --- | ---: |\n");
    for (what, figure) in rows {
        let _ = writeln!(text, "| {what} | {figure} |");
    }
    text.push_str(APPLY);
    reasons(&mut text, "Missed", "Why the server refuses and we do not", &figures.missed);
    reasons(&mut text, "Named elsewhere", "Why another field is named", &figures.elsewhere);
    counts(&mut text, "By kind", "Kind", &figures.kinds);
    counts(&mut text, "By way of changing", "Way", &figures.classes);
    unasked(&mut text, figures);
    let _ = writeln!(
        text,
        "## By check\n\nOn how many refused mutants each check fired, and in how many ways of changing\n([each by each](../tests/differential/figures.tsv)).\n"
    );
    let _ = writeln!(text, "| Check | Mutants | Ways |\n| --- | ---: | ---: |");
    for (id, fired) in &figures.checks {
        let ways = figures.rules.keys().filter(|(_, of)| of == id).count();
        let _ = writeln!(text, "| `{id}` | {} | {ways} |", fired.times);
    }
    text
}

/// What the figures do not speak of.
fn unasked(text: &mut String, figures: &Figures) {
    let served = pack(36).resources().map(|resource| &*resource.kind);
    let mut kinds: Vec<_> = served.filter(|kind| !figures.kinds.contains_key(*kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let _ = writeln!(
        text,
        "## Not measured\n\n- Native kinds that a server or its components write: {}.\n- Custom resources.\n- Other \
         versions than that of the server: where their rules differ, it is by their sources.\n- Updates: only creation \
         is asked.\n",
        kinds.join(", "),
    );
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
