//! Differences as the comment of a pull request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text::block;
use super::{Counts, SECTIONS, judged, quotas, remarks, renamed, title, unread};
use crate::diff::{Change, Changes, Effect, Kind, readable};
use crate::report::plural;
use crate::report::visible::visible;
use crate::source::Sources;

/// A comment on GitHub holds 65,536 characters; some of them are for a mark by which it is found again.
const MOST: usize = 65_536 - 128;
/// A change of more lines is left out before all others are.
const LONG: usize = 40;
/// How many of each list are named where not all of them can be, the most first.
const FEWER: [usize; 8] = [1_000, 500, 200, 100, 50, 20, 5, 0];

/// How much of each change is shown, the most first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// All of it.
    Full,
    /// All of those that are short.
    Short,
    /// That it is there.
    Names,
    /// That the first of each list are there, and how many follow.
    First(usize),
}

/// The verdict, what is grave, a table by environment, and each change once, folded. What does not fit
/// is left out in steps, which are named; nothing is cut.
#[must_use]
pub fn markdown(changes: &Changes<'_>, sources: &Sources) -> String {
    let mut page = String::new();
    let all = [Detail::Full, Detail::Short, Detail::Names];
    for detail in all.into_iter().chain(FEWER.map(Detail::First)) {
        page = visible(&at(changes, sources, detail));
        if page.chars().count() <= MOST {
            break;
        }
    }
    page
}

fn at(changes: &Changes<'_>, sources: &Sources, detail: Detail) -> String {
    let mut page = verdict(changes);
    let names = renamed(changes).into_iter().map(|line| format!("\n{}.", sentence(&line)));
    list(&mut page, names, detail, "renamed environment");
    if let Some(unread) = unread(changes) {
        let _ = writeln!(page, "\n{unread}.");
    }
    if let Some(cluster) = &changes.cluster {
        let _ = writeln!(page, "\nIn the cluster of context `{}`.", plain(&cluster.context));
        for remark in remarks(cluster) {
            let _ = writeln!(page, "\n{}.", escaped(&remark));
        }
        if !cluster.unowned.is_empty() {
            page.push_str("\n### Belonging to nobody\n\n");
            let unowned = cluster.unowned.iter();
            let lines = unowned.map(|key| format!("- `{}`", plain(&key.to_string())));
            list(&mut page, lines, detail, "object");
        }
    }
    if changes.changes.is_empty() {
        errors(&mut page, changes, detail);
        return page;
    }
    for (heading, effect) in SECTIONS {
        section(&mut page, changes, heading, effect, detail);
        if effect == Effect::DataLoss {
            errors(&mut page, changes, detail);
        }
    }
    let quotas = quotas(changes);
    if !quotas.is_empty() {
        page.push_str("\n### Quotas, by what the files hold\n\n");
        list(&mut page, quotas.iter().map(|line| format!("- {line}")), detail, "quota");
    }
    table(&mut page, changes, detail);
    page.push_str("\n### Changes\n\n");
    let entries = changes.changes.iter().map(|change| entry(change, sources, detail));
    list(&mut page, entries, detail, "change");
    let left_out = match detail {
        Detail::Short => Some(format!("Changes of more than {LONG} lines are only named")),
        Detail::Names => Some("What changes in each object is left out".to_owned()),
        Detail::First(count) => {
            Some(format!("What changes is left out, and of each list all but the first {count}"))
        }
        Detail::Full => None,
    };
    if let Some(what) = left_out {
        let _ = writeln!(page, "\n{what}, for want of room: `gitopsc diff` shows all.");
    }
    page
}

/// The lines of a list, or the first of them and how many follow.
fn list(page: &mut String, lines: impl Iterator<Item = String>, detail: Detail, noun: &str) {
    let most = if let Detail::First(most) = detail { most } else { usize::MAX };
    let mut rest = 0;
    for (place, line) in lines.enumerate() {
        if place < most {
            page.push_str(&line);
            page.push('\n');
        } else {
            rest += 1;
        }
    }
    match (rest, most) {
        (0, _) => {}
        (_, 0) => drop(writeln!(page, "{}", plural(rest, noun))),
        _ => drop(writeln!(page, "\n… and {rest} more")),
    }
}

/// With a capital at its start.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

fn verdict(changes: &Changes<'_>) -> String {
    let counts = Counts::of(changes);
    if counts.all() == 0 {
        let judged = changes.judgement.as_ref().filter(|it| !it.new.is_empty());
        let judged = judged.map(|it| format!("; {}", super::judged(it))).unwrap_or_default();
        return format!("**No object differs{judged}.**\n");
    }
    let all = plural(counts.all(), "object");
    let verb = if counts.all() == 1 { "differs" } else { "differ" };
    let lost = with(changes, Effect::DataLoss).count();
    let lost = if lost == 0 { String::new() } else { format!("; **data go with {lost}**") };
    let Counts { added, removed, changed } = counts;
    let judged = changes.judgement.as_ref().map(|it| format!("; {}", judged(it)));
    let judged = judged.unwrap_or_default();
    format!("**{all} {verb}**: {added} new, {removed} gone, {changed} changed{lost}{judged}\n")
}

/// The errors that only the newer state has.
fn errors(page: &mut String, changes: &Changes<'_>, detail: Detail) {
    let Some(judgement) = &changes.judgement else { return };
    if judgement.new.is_empty() {
        return;
    }
    let _ = writeln!(page, "\n### New errors\n");
    let lines = judgement.new.iter().map(|one| {
        let place = one.place.as_ref().map(|it| format!(", `{}`", plain(it))).unwrap_or_default();
        let within = match one.environments.as_slice() {
            [] => String::new(),
            names => format!(" ({})", names.join(", ")),
        };
        format!("- {}{within}: `{}`{place}", escaped(&one.message), one.id)
    });
    list(page, lines, detail, "error");
}

pub(super) fn with<'c>(
    changes: &'c Changes<'_>,
    effect: Effect,
) -> impl Iterator<Item = &'c Change<'c>> {
    let has =
        move |change: &&Change<'_>| change.consequences.iter().any(|one| one.effect == effect);
    changes.changes.iter().filter(has)
}

fn section(
    page: &mut String,
    changes: &Changes<'_>,
    heading: &str,
    effect: Effect,
    detail: Detail,
) {
    let mut all = with(changes, effect).peekable();
    if all.peek().is_none() {
        return;
    }
    let _ = writeln!(page, "\n### {heading}\n");
    let lines = all.map(|change| {
        let texts = change.consequences.iter().filter(|one| one.effect == effect);
        let texts: Vec<&str> = texts.map(|one| one.text.as_str()).collect();
        format!("- {}: {}", name(change), readable(&texts.join("; ")))
    });
    list(page, lines, detail, "object");
}

fn table(page: &mut String, changes: &Changes<'_>, detail: Detail) {
    let mut rows: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for change in &changes.changes {
        let column = match change.kind {
            Kind::Added => 0,
            Kind::Removed => 1,
            Kind::Changed(_) | Kind::Renamed(..) => 2,
        };
        let restarts = [Effect::Outage, Effect::Restart];
        let restarts = change.consequences.iter().any(|one| restarts.contains(&one.effect));
        for environment in change.environments() {
            let row = rows.entry(environment).or_default();
            row[column] += 1;
            row[3] += usize::from(restarts);
        }
    }
    if rows.is_empty() {
        return;
    }
    page.push_str("\n| Environment | New | Gone | Changed | Restarts |\n| --- | ---: | ---: | ---: | ---: |\n");
    let lines = rows.into_iter().map(|(environment, [added, removed, changed, restarts])| {
        format!("| {environment} | {added} | {removed} | {changed} | {restarts} |")
    });
    list(page, lines, detail, "environment");
}

fn entry(change: &Change<'_>, sources: &Sources, detail: Detail) -> String {
    let sign = match change.kind {
        Kind::Added => "new",
        Kind::Removed => "gone",
        Kind::Changed(_) => "changed",
        Kind::Renamed(..) => "renamed",
    };
    let named = || format!("- {} {sign}", name(change));
    let most = match detail {
        Detail::Full => usize::MAX,
        Detail::Short => LONG,
        Detail::Names | Detail::First(_) => return named(),
    };
    let mut block = block(change, sources);
    if !change.origins.is_empty() {
        block.insert_str(0, &format!("# made by {}\n", change.origins.join(", ")));
    }
    if block.is_empty() || block.lines().count() > most {
        return named();
    }
    // A fence is longer than any in it.
    let longest = block.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!(
        "<details><summary>{} {sign}</summary>\n\n{fence}diff\n{block}{fence}\n\n</details>\n",
        escaped(&(title(change) + &within(change)))
    )
}

/// An object with its environments.
fn name(change: &Change<'_>) -> String {
    format!("`{}`{}", plain(&title(change)), within(change))
}

/// A name in which nothing ends the code, or the line.
fn plain(name: &str) -> String {
    name.replace('`', "'").replace(char::is_control, " ")
}

pub(super) fn within(change: &Change<'_>) -> String {
    let names: Vec<&str> = change.environments().map(|name| &**name).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
