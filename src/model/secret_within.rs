//! Values that nobody may see, within objects that are no Secret themselves: a Secret in a field or in a
//! text, and the password of an address.

use super::GroupKind;
use super::secret::{MARK, hide_value, mark};
use crate::yaml::{Node, Value, read_each};

/// The fields of a Secret that hold its values, and whether they are encoded.
pub(super) const DATA: [(&str, bool); 2] = [("data", true), ("stringData", false)];

/// Whether an object is a Secret, or was to be one: the server takes no other case, and yet its values
/// are those of one.
pub(super) fn is_secret(object: &Node) -> bool {
    let (group, kind) = GroupKind::stated(object);
    group.is_empty() && kind.eq_ignore_ascii_case("Secret")
}

/// Whether there may be a Secret in a text.
pub(crate) fn may_hold_secret(text: &str) -> bool {
    let text = text.as_bytes();
    memchr::memchr2_iter(b'S', b's', text)
        .filter_map(|at| text.get(at..at + "Secret".len()))
        .any(|word| word.eq_ignore_ascii_case(b"Secret"))
}

/// Calls for each Secret in a value, at any depth and within texts.
pub(super) fn each_secret(node: &Node, take: &mut dyn FnMut(&Node)) {
    match &node.value {
        Value::Map(map) => {
            if is_secret(node) {
                take(node);
            }
            map.iter().for_each(|(_, node)| each_secret(node, take));
        }
        Value::Seq(items) => items.iter().for_each(|node| each_secret(node, take)),
        Value::String(text) => _ = in_text(node, text, take),
        _ => {}
    }
}

/// The same for a text; whether it may have a Secret with values.
fn in_text(node: &Node, text: &str, take: &mut dyn FnMut(&Node)) -> bool {
    let has = |word: &str| text.contains(word);
    if !(has("kind") && (has("data") || has("stringData")) && may_hold_secret(text)) {
        return false;
    }
    let mut found = false;
    read_each(node.span.file, text, |_, read| {
        // What cannot be read may be a template of one.
        found |= read.faults.iter().any(|fault| fault.kind.is_fatal());
        for node in read.documents.iter().filter_map(|document| document.node.as_ref()) {
            if node.as_map().is_some() || node.as_seq().is_some() {
                each_secret(node, &mut |secret| {
                    found |= DATA.iter().any(|(field, _)| secret.get(field).is_some());
                    take(secret);
                });
            }
        }
    });
    found
}

/// Puts marks in the place of values below an object.
pub(super) fn hide_within(node: &mut Node) {
    let is_secret = is_secret(node);
    match &mut node.value {
        Value::Map(map) => {
            for (key, value) in map.iter_mut() {
                let data = DATA.iter().find(|(field, _)| is_secret && *field == &*key.name);
                match (data, value.as_map_mut()) {
                    (Some((_, is_encoded)), Some(values)) => {
                        values.iter_mut().for_each(|(_, value)| hide_value(value, *is_encoded));
                    }
                    _ => hide_within(value),
                }
            }
        }
        Value::Seq(items) => items.iter_mut().for_each(hide_within),
        Value::String(text) => {
            let text = text.clone();
            if in_text(node, &text, &mut |_| {}) {
                hide_value(node, false);
            } else if let Some(hidden) = without_words(&text) {
                node.value = Value::String(hidden.into());
            }
        }
        _ => {}
    }
}

/// A text with marks in the place of what addresses say before their host; nothing where none does.
/// A name alone is one but for the web, where it may be a token.
fn without_words(text: &str) -> Option<String> {
    let mut hidden = String::new();
    let mut rest = text;
    let mut is_any = false;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        hidden.push_str(head);
        let ends = |c: char| c.is_whitespace() || "/?#\"'`<>,".contains(c);
        let authority = &tail[..tail.find(ends).unwrap_or(tail.len())];
        rest = tail;
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let (name, word) = match user.split_once(':') {
            Some((name, word)) => (name.len() + 1, word),
            None if head.ends_with("https://") || head.ends_with("http://") => (0, user),
            None => continue,
        };
        // Somebody else fills it in later.
        if word.is_empty() || word.contains(['$', '{', '(', MARK]) {
            continue;
        }
        hidden.push_str(&user[..name]);
        hidden.push_str(&mark(word.as_bytes()));
        rest = &tail[user.len()..];
        is_any = true;
    }
    hidden.push_str(rest);
    is_any.then_some(hidden)
}
