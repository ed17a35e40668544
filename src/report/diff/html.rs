//! Differences as one page that needs nothing else.

use std::fmt::Write as _;

use super::markdown::{escaped, with, within};
use super::text::block;
use super::{Counts, SECTIONS, judged, quotas, remarks, renamed, title, unread};
use crate::diff::{Change, Changes, Effect, Kind, readable};
use crate::report::visible::visible;
use crate::source::Sources;

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}\
code,pre{font:13px/1.45 monospace}pre{overflow-x:auto;padding:.6em;background:#8881}\
summary{cursor:pointer;font-family:monospace}.new{color:#1a7f37}.gone{color:#cf222e}.at{opacity:.6}\
li.grave{color:#cf222e}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}\
.new{color:#3fb950}.gone,li.grave{color:#f85149}}";

/// The verdict, what is grave, and each change, folded.
#[must_use]
pub fn html(changes: &Changes<'_>, sources: &Sources) -> String {
    let Counts { added, removed, changed } = Counts::of(changes);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>gitopsc diff</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{added} new, {removed} gone, {changed} changed</h1>\n"
    );
    let mut notes: Vec<String> = unread(changes).into_iter().collect();
    notes.extend(renamed(changes));
    if let Some(cluster) = &changes.cluster {
        notes.push(format!("in the cluster of context {}, {}", cluster.context, cluster.server));
        notes.extend(remarks(cluster));
    }
    for note in notes {
        let _ = writeln!(page, "<p>{}</p>", code(&note));
    }
    for (heading, effect) in SECTIONS {
        let mut lines = Vec::new();
        for change in with(changes, effect) {
            let texts = change.consequences.iter().filter(|one| one.effect == effect);
            let texts: Vec<String> = texts.map(|one| code(&one.text)).collect();
            let class = if effect.is_mild() { "" } else { " class=\"grave\"" };
            lines.push(format!("<li{class}>{}: {}</li>", name(change), texts.join("; ")));
        }
        list(&mut page, heading, &lines);
        if effect == Effect::DataLoss {
            errors(&mut page, changes);
        }
    }
    let quotas: Vec<String> =
        quotas(changes).iter().map(|line| format!("<li>{}</li>", code(line))).collect();
    list(&mut page, "Quotas, by what the files hold", &quotas);
    if let Some(cluster) = &changes.cluster {
        let keys = cluster.unowned.iter();
        let keys: Vec<String> =
            keys.map(|key| format!("<li>{}</li>", escaped(&key.to_string()))).collect();
        list(&mut page, "Belonging to nobody", &keys);
    }
    if !changes.changes.is_empty() {
        page.push_str("<h2>Changes</h2>\n");
    }
    for change in &changes.changes {
        entry(&mut page, change, sources);
    }
    page.push_str("</body>\n</html>\n");
    visible(&page)
}

/// The errors that only the newer state has.
fn errors(page: &mut String, changes: &Changes<'_>) {
    let Some(judgement) = &changes.judgement else { return };
    let lines = judgement.new.iter().map(|one| {
        let place = one.place.as_deref().unwrap_or_default();
        let (message, place) = (code(&one.message), escaped(place));
        format!("<li class=\"grave\">{message}: <code>{}</code> <code>{place}</code></li>", one.id)
    });
    list(page, "New errors", &lines.collect::<Vec<_>>());
    let _ = writeln!(page, "<p>{}</p>", escaped(&judged(judgement)));
}

fn list(page: &mut String, heading: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(page, "<h2>{heading}</h2>\n<ul>\n{}\n</ul>", lines.join("\n"));
    }
}

fn name(change: &Change<'_>) -> String {
    format!("<code>{}</code>{}", escaped(&title(change)), escaped(&within(change)))
}

/// A sentence whose literals stand in backticks.
fn code(text: &str) -> String {
    let mut shown = String::new();
    for (number, part) in escaped(&readable(text)).split('`').enumerate() {
        if number > 0 {
            shown.push_str(if number % 2 == 1 { "<code>" } else { "</code>" });
        }
        shown.push_str(part);
    }
    if text.matches('`').count() % 2 == 1 {
        shown.push_str("</code>");
    }
    shown
}

fn entry(page: &mut String, change: &Change<'_>, sources: &Sources) {
    let (sign, class) = match change.kind {
        Kind::Added => ("+", "new"),
        Kind::Removed => ("-", "gone"),
        Kind::Changed(_) | Kind::Renamed(..) => ("~", "changed"),
    };
    let _ = writeln!(
        page,
        "<details><summary class=\"{class}\">{sign} {}{}</summary>",
        escaped(&title(change)),
        escaped(&within(change))
    );
    for (before, after) in &change.places {
        if let Some(object) = after.or(*before) {
            let place = sources.place(object.node.span);
            let _ = writeln!(page, "<p class=\"at\"><code>{}</code></p>", escaped(&place));
        }
    }
    let block = block(change, sources);
    if !block.is_empty() {
        page.push_str("<pre>");
        for line in block.lines() {
            let class = match line.trim_start().chars().next() {
                Some('+') => "new",
                Some('-') => "gone",
                _ => "",
            };
            let _ = match class {
                "" => writeln!(page, "{}", escaped(line)),
                class => writeln!(page, "<span class=\"{class}\">{}</span>", escaped(line)),
            };
        }
        page.push_str("</pre>\n");
    }
    page.push_str("</details>\n");
}
