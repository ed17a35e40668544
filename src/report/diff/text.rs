//! Differences for people.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use annotate_snippets::renderer::{AnsiColor, Style};

use super::around::{self, Block};
use super::beside;
use super::value::{line, lines};
use super::{Counts, judged, quotas, remarks, renamed, title, unread};
use crate::diff::{Change, Changes, Edit, Hunk, Kind, Line, What, Within, path, readable, within};
use crate::report::plural;
use crate::report::visible::visible;
use crate::source::Sources;
use crate::yaml::Node;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const TITLE: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// How far the body of a change stands to the right.
const INDENT: usize = 4;

/// The summary, and then each change with the environments that it reaches. What was and what is stand
/// side by side where there are columns enough for that.
#[must_use]
pub fn text(
    changes: &Changes<'_>,
    sources: &Sources,
    color: bool,
    columns: Option<usize>,
) -> String {
    let half = beside::width(columns, INDENT);
    let mut page = Page { text: String::new(), sources, color, neighbours: true, half };
    page.summary(changes);
    page.cluster(changes);
    renamed(changes).iter().for_each(|line| page.line(0, TITLE, line));
    quotas(changes).iter().for_each(|line| page.line(0, TITLE, line));
    if let Some(unread) = unread(changes) {
        page.line(0, Style::new(), &unread);
        changes.unread.iter().for_each(|path| page.line(4, DIM, path));
    }
    for change in &changes.changes {
        page.change(change);
    }
    page.judgement(changes);
    page.text
}

/// What differs in one object, or all of a new one, from the first column on; empty for what is gone.
pub(super) fn block(change: &Change<'_>, sources: &Sources) -> String {
    let mut page =
        Page { text: String::new(), sources, color: false, neighbours: false, half: None };
    page.body(change, 0);
    page.text
}

struct Page<'p> {
    text: String,
    sources: &'p Sources,
    color: bool,
    /// Whether items that only their place tells apart are shown with their neighbours.
    neighbours: bool,
    /// How wide each of two columns is, where there are two.
    half: Option<usize>,
}

impl Page<'_> {
    fn line(&mut self, indent: usize, style: Style, text: &str) {
        // Marks stand within lines of texts and the server's words, too.
        let text = visible(&readable(text.trim_end())).replace('\n', "\\n");
        let _ = match self.color && style != Style::new() {
            true => writeln!(self.text, "{:indent$}{style}{text}{style:#}", ""),
            false => writeln!(self.text, "{:indent$}{text}", ""),
        };
    }

    fn summary(&mut self, changes: &Changes<'_>) {
        let counts = Counts::of(changes);
        if counts.all() == 0 {
            return self.line(0, Style::new(), "no object differs");
        }
        let parts = [(counts.added, "new"), (counts.removed, "gone"), (counts.changed, "changed")];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, word)| format!("{count} {word}")).collect();
        let names = changes.changes.iter().flat_map(Change::environments);
        let names: BTreeSet<&str> = names.map(|name| &**name).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let within =
            if names.is_empty() { String::new() } else { format!(" in {}", names.join(", ")) };
        let objects = if counts.all() == 1 { "differs" } else { "differ" };
        let all = plural(counts.all(), "object");
        self.line(0, Style::new(), &format!("{all} {objects}{within}: {}", parts.join(", ")));
    }

    fn cluster(&mut self, changes: &Changes<'_>) {
        let Some(cluster) = &changes.cluster else { return };
        self.line(
            0,
            DIM,
            &format!("in the cluster of context {}, {}", cluster.context, cluster.server),
        );
        remarks(cluster).iter().for_each(|remark| self.line(0, TITLE, remark));
        if !cluster.unowned.is_empty() {
            let count = cluster.unowned.len();
            let verb = if count == 1 { "belongs" } else { "belong" };
            let objects = plural(count, "object");
            self.line(0, Style::new(), &format!("{objects} of the namespaces {verb} to nobody:"));
            cluster.unowned.iter().for_each(|key| self.line(4, Style::new(), &key.to_string()));
        }
    }

    fn change(&mut self, change: &Change<'_>) {
        let (sign, style) = match change.kind {
            Kind::Added => ("+", NEW),
            Kind::Removed => ("-", OLD),
            Kind::Changed(_) | Kind::Renamed(..) => ("~", TITLE),
        };
        let names: Vec<&str> = change.environments().map(|name| &**name).collect();
        let names =
            if names.is_empty() { String::new() } else { format!("  ({})", names.join(", ")) };
        self.text.push('\n');
        self.line(0, style, &format!("{sign} {}{names}", title(change)));
        self.place(change);
        for one in &change.consequences {
            let style = if one.effect.is_mild() { TITLE } else { OLD };
            self.line(4, style, &format!("! {}: {}", one.effect.id(), one.text));
        }
        self.body(change, INDENT);
    }

    fn body(&mut self, change: &Change<'_>, indent: usize) {
        match &change.kind {
            Kind::Added => {
                let object = change.places.first().and_then(|(_, after)| *after);
                for line in object.iter().flat_map(|object| lines(&object.node)) {
                    self.line(indent, NEW, &format!("+ {line}"));
                }
            }
            Kind::Removed => {}
            Kind::Changed(edits) | Kind::Renamed(_, edits) => match self.half {
                Some(half) => self.side_by_side(change, half),
                None => self.edits(change, edits, indent),
            },
        }
    }

    fn edits(&mut self, change: &Change<'_>, edits: &[Edit], indent: usize) {
        let mut lists = HashMap::new();
        if self.neighbours {
            lists.extend(around::by_parent(edits).into_iter().filter_map(|(parent, below)| {
                Some((parent?, Some(around::list(change, parent?, &below)?)))
            }));
        }
        for edit in edits {
            let list = edit.at.split_last().and_then(|(_, parent)| lists.get_mut(parent));
            match list.map(Option::take) {
                None => self.edit(edit, indent),
                Some(Some(Block { at, lines })) => {
                    self.line(indent, Style::new(), &format!("{at}:"));
                    self.signed(&lines, indent + 2);
                }
                // It was told with the first of its items.
                Some(None) => {}
            }
        }
    }

    fn side_by_side(&mut self, change: &Change<'_>, half: usize) {
        for Block { at, lines } in around::blocks(change) {
            if !at.is_empty() {
                self.line(INDENT, DIM, &format!("@@ {at} @@"));
            }
            for row in beside::rows(&lines, half) {
                let color = self.color && !row.is_same;
                let text = row.joined(|side, is_old| {
                    let style = if is_old { OLD } else { NEW };
                    if color { format!("{style}{side}{style:#}") } else { side.to_owned() }
                });
                let _ = writeln!(self.text, "{:INDENT$}{}", "", text.trim_end());
            }
        }
    }

    /// Where the first of its objects is written.
    fn place(&mut self, change: &Change<'_>) {
        let Some((before, after)) = change.places.first() else { return };
        let Some(object) = after.or(*before) else { return };
        let others = match change.places.len() {
            1 => String::new(),
            count => format!(" and {}", plural(count - 1, "other")),
        };
        let place = self.sources.place(object.node.span);
        self.line(4, DIM, &format!("{place}{others}"));
        if !change.origins.is_empty() {
            self.line(4, DIM, &format!("made by {}", change.origins.join(", ")));
        }
    }

    /// The errors that are new are told as findings; here they are counted.
    fn judgement(&mut self, changes: &Changes<'_>) {
        if let Some(text) = changes.judgement.as_ref().map(judged) {
            self.text.push('\n');
            self.line(0, Style::new(), &text);
        }
    }

    fn edit(&mut self, edit: &Edit, indent: usize) {
        let at = path(&edit.at);
        match &edit.what {
            What::Added(node) => self.one(NEW, '+', &at, node, indent),
            What::Removed(node) => self.one(OLD, '-', &at, node, indent),
            What::Replaced(before, after) => self.replaced(&at, before, after, indent),
            What::Reordered(_) => {
                self.line(indent, Style::new(), &format!("{at}: the same items in another order"));
            }
        }
    }

    fn one(&mut self, style: Style, sign: char, at: &str, node: &Node, indent: usize) {
        if let Some(line) = line(node) {
            return self.line(indent, style, &format!("{sign} {at}: {line}"));
        }
        self.line(indent, style, &format!("{sign} {at}:"));
        for line in lines(node) {
            self.line(indent, style, &format!("{sign}   {line}"));
        }
    }

    fn replaced(&mut self, at: &str, before: &Node, after: &Node, indent: usize) {
        let texts = before.as_str().zip(after.as_str());
        match texts.map(|(before, after)| within(before, after)) {
            Some(Within::Fields(edits)) if edits.is_empty() => {
                let note = "the same values, written in another way";
                self.line(indent, Style::new(), &format!("{at}: {note}"));
            }
            Some(Within::Fields(edits)) => {
                self.line(indent, Style::new(), &format!("{at}:"));
                edits.iter().for_each(|edit| self.edit(edit, indent + 2));
            }
            Some(Within::Lines(hunks)) => {
                self.line(indent, Style::new(), &format!("{at}:"));
                hunks.iter().for_each(|hunk| self.hunk(hunk, indent + 2));
            }
            _ => match line(before).zip(line(after)) {
                Some((old, new)) if at.len() + old.len() + new.len() < 90 => {
                    self.line(indent, Style::new(), &format!("{at}: {old} → {new}"));
                }
                Some((old, new)) => {
                    self.line(indent, Style::new(), &format!("{at}:"));
                    self.line(indent, OLD, &format!("- {old}"));
                    self.line(indent, NEW, &format!("+ {new}"));
                }
                None => {
                    self.one(OLD, '-', at, before, indent);
                    self.one(NEW, '+', at, after, indent);
                }
            },
        }
    }

    fn hunk(&mut self, hunk: &Hunk, indent: usize) {
        self.line(indent, DIM, &format!("@@ line {} → {} @@", hunk.before, hunk.after));
        self.signed(&hunk.lines, indent);
    }

    fn signed(&mut self, lines: &[Line], indent: usize) {
        for line in lines {
            match line {
                Line::Same(text) => self.line(indent, Style::new(), &format!("  {text}")),
                Line::Removed(text) => self.line(indent, OLD, &format!("- {text}")),
                Line::Added(text) => self.line(indent, NEW, &format!("+ {text}")),
            }
        }
    }
}
