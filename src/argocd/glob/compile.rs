//! A pattern of gobwas/glob in the form in which that library holds it against texts.
//!
//! The form decides what the pattern matches where the library has faults, so each step is that of
//! `compiler/compiler.go` of gobwas/glob 0.2.

use super::gobwas::Tree;
use super::matcher::{Around, Matcher, Separator};

/// The matcher of a pattern.
pub(super) fn compile(tree: &Tree, separator: Separator) -> Matcher {
    let parts = |parts: &[Tree]| -> Vec<Matcher> {
        parts.iter().map(|part| simplest(compile(part, separator))).collect()
    };
    simplest(match tree {
        Tree::Nothing => Matcher::Nothing,
        Tree::Text(text) => Matcher::Text(text.clone()),
        Tree::Any => Matcher::Any(separator),
        Tree::Super => Matcher::Super,
        Tree::Single => Matcher::Single(separator),
        Tree::List { characters, negated } => {
            Matcher::List { characters: characters.clone(), negated: *negated }
        }
        Tree::Range { low, high, negated } => {
            Matcher::Range { low: *low, high: *high, negated: *negated }
        }
        Tree::Row(row) if row.is_empty() => Matcher::Nothing,
        Tree::Row(row) => join(shortened(parts(row))),
        Tree::Choice(choices) => match factored(choices) {
            Some(tree) => compile(&tree, separator),
            None => Matcher::Choice(parts(choices)),
        },
    })
}

/// The same in simpler words.
fn simplest(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::Any(None) => Matcher::Super,
        Matcher::Choice(mut choices) if choices.len() == 1 => choices.remove(0),
        Matcher::List { characters, negated: false } if characters.chars().count() == 1 => {
            Matcher::Text(characters)
        }
        Matcher::Around(mut around) => {
            around.left = around.left.take().map(simplest);
            around.right = around.right.take().map(simplest);
            let Matcher::Text(text) = &around.middle else { return Matcher::Around(around) };
            let text = text.clone();
            match (&around.left, &around.right) {
                (None, None) => Matcher::Text(text),
                (Some(Matcher::Super), Some(Matcher::Super)) => Matcher::Contains(text),
                (Some(Matcher::Super), None) => Matcher::Suffix(text),
                (None, Some(Matcher::Super)) => Matcher::Prefix(text),
                (None, Some(Matcher::Suffix(suffix))) => {
                    Matcher::PrefixSuffix(text, suffix.clone())
                }
                (Some(Matcher::Prefix(prefix)), None) => {
                    Matcher::PrefixSuffix(prefix.clone(), text)
                }
                (Some(Matcher::Any(separator)), None) => Matcher::SuffixAny(*separator, text),
                (None, Some(Matcher::Any(separator))) => Matcher::PrefixAny(text, *separator),
                _ => Matcher::Around(around),
            }
        }
        other => other,
    }
}

/// One matcher for several in a row: the longest of fixed length, with what is beside it.
fn join(mut row: Vec<Matcher>) -> Matcher {
    if row.len() == 1 {
        return row.remove(0);
    }
    if let Some(glued) = glue(&row) {
        return glued;
    }
    let lengths = row.iter().enumerate().filter_map(|(at, one)| Some((one.length()?, at)));
    let (left, middle, right) = match lengths.max() {
        Some((_, at)) => {
            let right = row.split_off(at + 1);
            let middle = row.remove(at);
            (row, middle, right)
        }
        None => {
            let right = row.split_off(1);
            (Vec::new(), row.remove(0), right)
        }
    };
    let side = |side: Vec<Matcher>| (!side.is_empty()).then(|| join(side));
    Matcher::Around(Box::new(Around::new(middle, side(left), side(right))))
}

/// Puts neighbours together as long as there are some that can be.
fn shortened(row: Vec<Matcher>) -> Vec<Matcher> {
    let mut best: Option<(Matcher, usize, usize)> = None;
    for left in 0..row.len() {
        for right in (left + 1..=row.len()).rev() {
            let Some(glued) = glue(&row[left..right]) else { continue };
            let better = best.as_ref().is_none_or(|(done, from, to)| {
                let longer = done.length().zip(glued.length()).is_some_and(|(old, new)| new > old);
                longer || to - from < right - left
            });
            if better {
                best = Some((glued, left, right));
            }
        }
    }
    let Some((glued, left, right)) = best else { return row };
    let mut next = row[..left].to_vec();
    next.push(glued);
    next.extend_from_slice(&row[right..]);
    shortened(next)
}

fn glue(row: &[Matcher]) -> Option<Matcher> {
    if row.len() < 2 {
        return None;
    }
    glue_as_every(row).or_else(|| {
        let length = row.iter().map(Matcher::length).sum::<Option<usize>>()?;
        Some(Matcher::Row(length, row.to_vec()))
    })
}

/// Parts that any text fits which has enough characters and not a certain one.
fn glue_as_every(row: &[Matcher]) -> Option<Matcher> {
    let (mut any, mut all, mut least) = (false, false, 0);
    let mut without: Option<String> = None;
    for one in row {
        let own = match one {
            Matcher::Super => {
                all = true;
                String::new()
            }
            Matcher::Any(separator) => {
                any = true;
                separator.iter().collect()
            }
            Matcher::Single(separator) => {
                least += 1;
                separator.iter().collect()
            }
            Matcher::List { characters, negated: true } => {
                least += 1;
                characters.clone()
            }
            _ => return None,
        };
        if *without.get_or_insert_with(|| own.clone()) != own {
            return None;
        }
    }
    let without = without.unwrap_or_default();
    if least == 0 && !any {
        return Some(Matcher::Super);
    }
    if least == 0 && !all {
        return Some(Matcher::Any(without.chars().next()));
    }
    if (any || all) && least > 0 && without.is_empty() {
        return Some(Matcher::AtLeast(least));
    }
    let mut every = Vec::new();
    if least > 0 {
        every.push(Matcher::AtLeast(least));
        if !any && !all {
            every.push(Matcher::AtMost(least));
        }
    }
    if !without.is_empty() {
        every.push(Matcher::ContainsNot(without));
    }
    Some(Matcher::Every(every))
}

/// Choices with what they have in common at both ends before and after them.
fn factored(choices: &[Tree]) -> Option<Tree> {
    let row = |choice: &Tree| match choice {
        Tree::Row(row) => Some(row.clone()),
        _ => None,
    };
    let rows: Vec<Vec<Tree>> = choices.iter().map(row).collect::<Option<_>>()?;
    let (left, right) = in_common(&rows);
    if left == 0 && right == 0 {
        return None;
    }
    let mut result = Vec::new();
    let first = rows.first()?;
    if left > 0 {
        result.push(Tree::Row(first[..left].to_vec()));
    }
    let mut rest: Vec<Tree> = Vec::new();
    for row in &rows {
        let own = &row[left..row.len() - right];
        let own = if own.is_empty() { Tree::Nothing } else { Tree::Row(own.to_vec()) };
        if !rest.contains(&own) {
            rest.push(own);
        }
    }
    match &rest[..] {
        [Tree::Nothing] => {}
        [one] => result.push(one.clone()),
        _ => result.push(Tree::Choice(rest)),
    }
    if right > 0 {
        result.push(Tree::Row(first[first.len() - right..].to_vec()));
    }
    Some(Tree::Row(result))
}

/// How many parts all rows begin and end with.
fn in_common(rows: &[Vec<Tree>]) -> (usize, usize) {
    let (mut left, mut right) = (0, 0);
    let shortest = rows.iter().enumerate().min_by_key(|(_, row)| row.len());
    let (Some((number, shortest)), true) = (shortest, rows.len() > 1) else { return (0, 0) };
    let (mut left_ends, mut right_ends) = (false, false);
    for begin in 0..shortest.len() {
        let end = shortest.len() - 1 - begin;
        if left + right >= shortest.len() || (left_ends && right_ends) {
            break;
        }
        for (_, other) in rows.iter().enumerate().filter(|(at, _)| *at != number) {
            if left_ends && right_ends {
                break;
            }
            left_ends = left_ends || shortest[begin] != other[begin];
            right_ends = right_ends || (!left_ends && end <= begin);
            right_ends = right_ends || shortest[end] != other[end + other.len() - shortest.len()];
        }
        left += usize::from(!left_ends);
        right += usize::from(!right_ends);
    }
    (left, right)
}
