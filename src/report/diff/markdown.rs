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

/// How much of each change is shown, the most first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// All of it.
    Full,
    /// All of those that are short.
    Short,
    /// That it is there.
    Names,
    /// How many there are.
    Numbers,
}

/// The verdict, what is grave, a table by environment, and each change once, folded. What does not fit
/// is left out in steps, which are named; nothing is cut.
#[must_use]
pub fn markdown(changes: &Changes<'_>, sources: &Sources) -> String {
    let mut page = String::new();
    for detail in [Detail::Full, Detail::Short, Detail::Names, Detail::Numbers] {
        page = visible(&at(changes, sources, detail));
        if page.chars().count() <= MOST {
            break;
        }
    }
    page
}

fn at(changes: &Changes<'_>, sources: &Sources, detail: Detail) -> String {
    let mut page = verdict(changes);
    for line in renamed(changes) {
        let _ = writeln!(page, "\n{}.", sentence(&line));
    }
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
            let count = cluster.unowned.len();
            match detail {
                Detail::Numbers => drop(writeln!(page, "{}", plural(count, "object"))),
                _ => cluster.unowned.iter().for_each(|key| {
                    let _ = writeln!(page, "- `{}`", plain(&key.to_string()));
                }),
            }
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
        match detail {
            Detail::Numbers => drop(writeln!(page, "{}", plural(quotas.len(), "quota"))),
            _ => quotas.iter().for_each(|line| {
                let _ = writeln!(page, "- {line}");
            }),
        }
    }
    table(&mut page, changes);
    if detail == Detail::Numbers {
        page.push_str("\nThe changes are too many to be named here: `gitopsc diff` shows them.\n");
        return page;
    }
    page.push_str("\n### Changes\n\n");
    for change in &changes.changes {
        entry(&mut page, change, sources, detail);
    }
    let left_out = match detail {
        Detail::Short => Some(format!("Changes of more than {LONG} lines are only named")),
        Detail::Names => Some("What changes in each object is left out".to_owned()),
        Detail::Full | Detail::Numbers => None,
    };
    if let Some(what) = left_out {
        let _ = writeln!(page, "\n{what}, for want of room: `gitopsc diff` shows all.");
    }
    page
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
    if detail == Detail::Numbers {
        let _ = writeln!(page, "{}", plural(judgement.new.len(), "error"));
        return;
    }
    for one in &judgement.new {
        let place = one.place.as_ref().map(|it| format!(", `{}`", plain(it))).unwrap_or_default();
        let within = match one.environments.as_slice() {
            [] => String::new(),
            names => format!(" ({})", names.join(", ")),
        };
        let _ = writeln!(page, "- {}{within}: `{}`{place}", escaped(&one.message), one.id);
    }
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
    // What is lost is always named.
    if detail == Detail::Numbers && effect != Effect::DataLoss {
        let _ = writeln!(page, "{}", plural(all.count(), "object"));
        return;
    }
    for change in all {
        let texts = change.consequences.iter().filter(|one| one.effect == effect);
        let texts: Vec<&str> = texts.map(|one| one.text.as_str()).collect();
        let _ = writeln!(page, "- {}: {}", name(change), readable(&texts.join("; ")));
    }
}

fn table(page: &mut String, changes: &Changes<'_>) {
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
    for (environment, [added, removed, changed, restarts]) in rows {
        let _ = writeln!(page, "| {environment} | {added} | {removed} | {changed} | {restarts} |");
    }
}

fn entry(page: &mut String, change: &Change<'_>, sources: &Sources, detail: Detail) {
    let mut block = block(change, sources);
    if !change.origins.is_empty() {
        block.insert_str(0, &format!("# made by {}\n", change.origins.join(", ")));
    }
    let is_shown = match detail {
        Detail::Full => true,
        Detail::Short => block.lines().count() <= LONG,
        Detail::Names | Detail::Numbers => false,
    };
    let sign = match change.kind {
        Kind::Added => "new",
        Kind::Removed => "gone",
        Kind::Changed(_) => "changed",
        Kind::Renamed(..) => "renamed",
    };
    if !is_shown || block.is_empty() {
        let _ = writeln!(page, "- {} {sign}", name(change));
        return;
    }
    // A fence is longer than any in it.
    let longest = block.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(
        page,
        "<details><summary>{} {sign}</summary>\n\n{fence}diff\n{block}{fence}\n\n</details>\n",
        escaped(&(title(change) + &within(change)))
    );
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
