//! What differs in a map or list, with the unchanged neighbours of it.

use indexmap::IndexMap;

use super::value::{line, lines};
use crate::diff::{Change, Edit, Kind, Line, Step, What, Within, path, within};
use crate::yaml::{Node, Value};

/// How many neighbours are shown on each side of what differs.
const NEIGHBOURS: usize = 1;

/// What stands for what is not shown.
const MORE: &str = "…";

/// What an item of a list has for a name: a dash stands before it, where it has more than one line.
const ITEM: &str = "- ";

/// What differs below one parent.
pub(super) struct Block {
    /// The way to the parent.
    pub(super) at: String,
    pub(super) lines: Vec<Line>,
}

/// All that differs in an object, by parents in the order in which they first come.
pub(super) fn blocks(change: &Change<'_>) -> Vec<Block> {
    let (Kind::Changed(edits) | Kind::Renamed(_, edits)) = &change.kind else { return Vec::new() };
    let mut blocks = Vec::new();
    collect(&mut blocks, "", root(change), edits);
    blocks
}

/// What differs in a list by the edits directly below it, where nothing but their places tells its items
/// apart and no text among them is to be looked into.
pub(super) fn list(change: &Change<'_>, parent: &[Step], edits: &[&Edit]) -> Option<Block> {
    let is_placed =
        |edit: &&Edit| matches!(edit.at.last(), Some(Step::Item { label, .. }) if label.is_empty());
    if !edits.iter().all(is_placed) {
        return None;
    }
    let mut blocks = Vec::new();
    group(&mut blocks, "", root(change), parent, edits);
    (blocks.len() == 1).then(|| blocks.pop()).flatten()
}

/// Edits by the value that is directly above them; one of the whole has none.
pub(super) fn by_parent(edits: &[Edit]) -> IndexMap<Option<&[Step]>, Vec<&Edit>> {
    let mut found: IndexMap<Option<&[Step]>, Vec<&Edit>> = IndexMap::new();
    for edit in edits {
        found.entry(edit.at.split_last().map(|(_, parent)| parent)).or_default().push(edit);
    }
    found
}

/// The object as it was, in the first of its environments.
fn root<'c>(change: &'c Change<'_>) -> Option<&'c Node> {
    let (before, _) = change.places.first()?;
    before.map(|object| &object.node)
}

fn collect(blocks: &mut Vec<Block>, above: &str, root: Option<&Node>, edits: &[Edit]) {
    for (parent, edits) in by_parent(edits) {
        match parent {
            Some(parent) => group(blocks, above, root, parent, &edits),
            None => {
                let lines = edits.iter().flat_map(|edit| told("", &edit.what)).collect();
                blocks.push(Block { at: above.trim_end_matches(": ").to_owned(), lines });
            }
        }
    }
}

/// One block of a parent, and others for what differs within texts.
fn group(
    blocks: &mut Vec<Block>,
    above: &str,
    root: Option<&Node>,
    parent: &[Step],
    edits: &[&Edit],
) {
    let before = root.and_then(|root| led(root, parent));
    let mut apart = Vec::new();
    let (mut fields, mut places) = (IndexMap::new(), IndexMap::new());
    let mut added = Vec::new();
    for edit in edits {
        match edit.at.last() {
            Some(Step::Field(name)) => {
                let lines = lines_of(&format!("{name}: "), above, edit, &mut apart);
                fields.insert(&**name, Some(Entry::of(edit, lines)));
            }
            Some(Step::Item { before: was, after, .. }) => {
                let entry = Entry::of(edit, lines_of(ITEM, above, edit, &mut apart));
                match was {
                    Some(place) => drop(places.insert(*place, Some(entry))),
                    None => added.push((after.unwrap_or_default(), entry)),
                }
            }
            None => {}
        }
    }
    let mut entries: Vec<Entry> = match before.map(|node| &node.value) {
        Some(Value::Map(map)) => map
            .iter()
            .map(|(key, node)| {
                let edited = fields.get_mut(&*key.name).and_then(Option::take);
                edited.unwrap_or_else(|| Entry::same(&format!("{}: ", key.name), node))
            })
            .collect(),
        Some(Value::Seq(items)) => {
            let mut edited = |place| places.get_mut(&place).and_then(Option::take);
            let items = items.iter().enumerate();
            items.map(|(at, node)| edited(at).unwrap_or_else(|| Entry::same(ITEM, node))).collect()
        }
        _ => Vec::new(),
    };
    entries.extend(fields.into_values().chain(places.into_values()).flatten());
    let entries = merged(entries, added);
    if entries.iter().any(|entry| entry.is_edited) {
        let at = format!("{above}{}", path(parent)).trim_end_matches(": ").to_owned();
        blocks.push(Block { at, lines: narrowed(entries) });
    }
    blocks.append(&mut apart);
}

/// A difference in lines; none where it is within texts, and told apart.
fn lines_of(name: &str, above: &str, edit: &Edit, apart: &mut Vec<Block>) -> Vec<Line> {
    let at = || format!("{above}{}", path(&edit.at));
    let What::Replaced(old, new) = &edit.what else { return told(name, &edit.what) };
    match old.as_str().zip(new.as_str()).map(|(old, new)| within(old, new)) {
        Some(Within::Fields(edits)) if !edits.is_empty() => {
            collect(apart, &format!("{}: ", at()), None, &edits);
            Vec::new()
        }
        Some(Within::Fields(_)) => {
            vec![Line::Same(format!("{name}the same values, written in another way").into())]
        }
        Some(Within::Lines(hunks)) => {
            apart.extend(hunks.into_iter().map(|hunk| Block {
                at: format!("{}, line {} → {}", at(), hunk.before, hunk.after),
                lines: hunk.lines,
            }));
            Vec::new()
        }
        Some(Within::Whole) | None => told(name, &edit.what),
    }
}

/// One entry of a map or list.
struct Entry {
    lines: Vec<Line>,
    is_edited: bool,
    /// Whether it is there afterwards, too.
    stays: bool,
}

impl Entry {
    fn of(edit: &Edit, lines: Vec<Line>) -> Self {
        // What is told apart leaves nothing here.
        let is_edited = !lines.is_empty();
        Self { lines, is_edited, stays: !matches!(edit.what, What::Removed(_)) }
    }

    fn same(name: &str, node: &Node) -> Self {
        let text = match line(node) {
            Some(line) if name == ITEM => line,
            Some(line) => format!("{name}{line}"),
            // An item is known by its first field.
            None if name == ITEM && node.as_map().is_some() => {
                format!("{ITEM}{} {MORE}", lines(node).first().map_or("", String::as_str))
            }
            None => format!("{name}{MORE}"),
        };
        let lines = vec![Line::Same(text.into())];
        Self { lines, is_edited: false, stays: true }
    }
}

/// Entries with those that are new, each in its place among what is there afterwards, behind what was
/// there in its stead.
fn merged(entries: Vec<Entry>, added: Vec<(usize, Entry)>) -> Vec<Entry> {
    let mut added = added.into_iter().peekable();
    let mut found: Vec<Entry> = Vec::new();
    let mut staying = 0;
    for entry in entries {
        while let Some((_, new)) = added.next_if(|(place, _)| entry.stays && *place <= staying) {
            found.push(new);
            staying += 1;
        }
        staying += usize::from(entry.stays);
        found.push(entry);
    }
    found.extend(added.map(|(_, new)| new));
    found
}

/// What differs and the neighbours of it; a mark stands where entries are left out between.
fn narrowed(entries: Vec<Entry>) -> Vec<Line> {
    let edited: Vec<bool> = entries.iter().map(|entry| entry.is_edited).collect();
    let is_near = |at: usize| {
        let end = edited.len().min(at + NEIGHBOURS + 1);
        edited[at.saturating_sub(NEIGHBOURS)..end].contains(&true)
    };
    let mut found = Vec::new();
    let mut last = None;
    for (at, entry) in entries.into_iter().enumerate().filter(|(at, _)| is_near(*at)) {
        if last.is_some_and(|last| at > last + 1) {
            found.push(Line::Same(MORE.into()));
        }
        last = Some(at);
        found.extend(entry.lines);
    }
    found
}

/// A difference in lines, texts as a whole.
fn told(name: &str, what: &What) -> Vec<Line> {
    let old = |node| valued(name, node).into_iter().map(Line::Removed);
    let new = |node| valued(name, node).into_iter().map(Line::Added);
    match what {
        What::Added(node) => new(node).collect(),
        What::Removed(node) => old(node).collect(),
        What::Replaced(before, after) => old(before).chain(new(after)).collect(),
        What::Reordered(_) => {
            vec![Line::Same(format!("{name}the same items in another order").into())]
        }
    }
}

/// A value under its name.
fn valued(name: &str, node: &Node) -> Vec<Box<str>> {
    match line(node) {
        Some(line) if name == ITEM => vec![line.into()],
        Some(line) => vec![format!("{name}{line}").into()],
        None if name == ITEM => {
            let marks = std::iter::once(ITEM).chain(std::iter::repeat("  "));
            lines(node)
                .iter()
                .zip(marks)
                .map(|(line, mark)| format!("{mark}{line}").into())
                .collect()
        }
        None if name.is_empty() => lines(node).into_iter().map(Into::into).collect(),
        None => {
            let below = lines(node).into_iter().map(|line| format!("  {line}").into());
            std::iter::once(name.trim_end().into()).chain(below).collect()
        }
    }
}

/// The value to which a way led before.
fn led<'n>(root: &'n Node, steps: &[Step]) -> Option<&'n Node> {
    steps.iter().try_fold(root, |node, step| match step {
        Step::Field(name) => node.get(name),
        Step::Item { before, .. } => node.as_seq()?.get((*before)?),
    })
}
