//! The values of Secrets, to be found again where other objects repeat them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::secret::mark;
use super::secret_within::{DATA, each_secret};
use crate::yaml::{Node, Value};

/// A shorter value (`true`, `admin`) stands elsewhere by chance.
const SHORTEST: usize = 8;
/// Lines of keys have 64 characters, but for the last.
const KEY_LINE: usize = 32;
/// What stays as it is in the password of a URL.
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Texts that nobody may see, wherever they stand.
#[derive(Default, Clone)]
pub struct SecretValues(BTreeSet<Text>);

/// The longest first: one may be a part of another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Text(std::cmp::Reverse<usize>, Box<str>);

impl fmt::Debug for SecretValues {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SecretValues")
    }
}

impl SecretValues {
    /// Remembers the values that are not hidden yet of a Secret, and of those within an object.
    pub fn learn(&mut self, object: &Node) {
        each_secret(object, &mut |secret| self.learn_one(secret));
    }

    fn learn_one(&mut self, secret: &Node) {
        for (field, is_encoded) in DATA {
            let values = secret.get(field).and_then(Node::as_map).into_iter();
            for (_, value) in values.flat_map(|map| map.iter()) {
                let text = match &value.value {
                    Value::String(text) => text.to_string(),
                    // The server takes text alone; a value it is all the same.
                    Value::Int(number) => number.to_string(),
                    Value::UInt(number) => number.to_string(),
                    _ => continue,
                };
                let compact: String = text.split_ascii_whitespace().collect();
                let bytes = is_encoded.then(|| STANDARD.decode(compact).ok()).flatten();
                match bytes.map(String::from_utf8) {
                    Some(Ok(plain)) => self.add(&plain),
                    // A key or an archive is repeated as it is encoded, if at all.
                    Some(Err(raw)) => self.insert(STANDARD.encode(raw.as_bytes())),
                    None => self.add(&text),
                }
            }
        }
    }

    /// Adds a value in all the ways in which others write it.
    fn add(&mut self, plain: &str) {
        let trimmed = plain.trim();
        if trimmed.chars().count() < SHORTEST || is_placeholder(trimmed) {
            return;
        }
        let json = serde_json::Value::from(trimmed).to_string();
        self.insert(json[1..json.len() - 1].to_owned());
        self.insert(utf8_percent_encode(trimmed, IN_URLS).to_string());
        self.insert(STANDARD.encode(plain));
        self.insert(STANDARD.encode(trimmed));
        // After other bytes, as in `name:value`: what these leave the same.
        for before in 0..3 {
            let bytes = [&[0; 2][..before], trimmed.as_bytes()].concat();
            let inner = &STANDARD.encode(&bytes)[(before * 8).div_ceil(6)..bytes.len() * 8 / 6];
            self.insert(inner.to_owned());
            self.insert(inner.replace('+', "-").replace('/', "_"));
        }
        self.insert(trimmed.to_owned());
        // Where a key is a part of a file, its lines stand further in.
        let lines = trimmed.lines().map(str::trim).filter(|line| is_of_key(line));
        lines.for_each(|line| self.insert(line.to_owned()));
    }

    fn insert(&mut self, text: String) {
        if text.chars().count() >= SHORTEST {
            self.0.insert(Text(std::cmp::Reverse(text.len()), text.into()));
        }
    }

    /// Remembers what another one does.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether a text has one of them.
    #[must_use]
    pub fn occur_in(&self, text: &str) -> bool {
        self.0.iter().any(|value| text.contains(&*value.1))
    }

    /// Puts marks in the place of values in an object. What it is and what it is called is no value,
    /// though it may be a word that one has, too.
    pub fn hide(&self, object: &mut Node) {
        let top = object.as_map_mut().filter(|_| !self.0.is_empty()).into_iter();
        for (key, node) in top.flat_map(|map| map.iter_mut()) {
            match (&*key.name, node.as_map_mut()) {
                ("apiVersion" | "kind", _) => {}
                ("metadata", Some(metadata)) => {
                    let names = ["name", "namespace"];
                    let others = metadata.iter_mut();
                    let others = others.filter(|(key, _)| !names.contains(&&*key.name));
                    others.for_each(|(_, node)| self.hide_in(node));
                }
                _ => self.hide_in(node),
            }
        }
    }

    fn hide_in(&self, node: &mut Node) {
        let text = match &mut node.value {
            Value::Map(map) => return map.iter_mut().for_each(|(_, node)| self.hide_in(node)),
            Value::Seq(items) => return items.iter_mut().for_each(|node| self.hide_in(node)),
            Value::String(text) => Cow::Borrowed(&**text),
            Value::Int(number) => Cow::Owned(number.to_string()),
            Value::UInt(number) => Cow::Owned(number.to_string()),
            _ => return,
        };
        if let Cow::Owned(hidden) = self.hide_text(&text) {
            node.value = Value::String(hidden.into());
        }
    }

    /// A text with marks in the place of values; the text itself where it has none.
    #[must_use]
    pub fn hide_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut hidden = Cow::Borrowed(text);
        for Text(_, value) in &self.0 {
            if hidden.contains(&**value) {
                hidden = Cow::Owned(hidden.replace(&**value, &mark(value.as_bytes())));
            }
        }
        hidden
    }
}

/// Whether a line is one of a key, a certificate or the like, and of nothing else.
fn is_of_key(line: &str) -> bool {
    line.len() >= KEY_LINE
        && line.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
}

/// Whether somebody else puts the value in later.
fn is_placeholder(text: &str) -> bool {
    let pairs = [("${", "}"), ("{{", "}}"), ("<", ">")];
    pairs.iter().any(|(start, end)| text.starts_with(start) && text.ends_with(end))
}
