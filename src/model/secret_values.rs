//! The values of Secrets, to be found again where other objects repeat them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::secret::mark;
use super::secret_search::{Search, normal};
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
pub struct SecretValues {
    texts: BTreeSet<Box<[u8]>>,
    /// Made when the first text is searched.
    search: OnceLock<Search>,
}

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
                    Some(Err(raw)) => self.insert(&STANDARD.encode(raw.as_bytes())),
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
        // JSON has what Go writes for the web, too.
        let json = serde_json::Value::from(trimmed).to_string();
        let web = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        [&json, &web].into_iter().for_each(|json| self.insert(&json[1..json.len() - 1]));
        self.insert(trimmed);
        self.add_encoded(plain);
        if plain.contains("\r\n") {
            self.add_encoded(&plain.replace("\r\n", "\n"));
        }
        // A part of a file may have a key of it alone.
        let lines = trimmed.lines().map(str::trim).filter(|line| is_of_key(line));
        lines.for_each(|line| self.insert(line));
    }

    fn add_encoded(&mut self, plain: &str) {
        let trimmed = plain.trim();
        self.insert(&utf8_percent_encode(trimmed, IN_URLS).to_string());
        self.insert(&STANDARD.encode(plain));
        self.insert(&STANDARD.encode(trimmed));
        // After other bytes, as in `name:value`: what these leave the same.
        for before in 0..3 {
            let bytes = [&[0; 2][..before], trimmed.as_bytes()].concat();
            let inner = &STANDARD.encode(&bytes)[(before * 8).div_ceil(6)..bytes.len() * 8 / 6];
            self.insert(inner);
            self.insert(&inner.replace('+', "-").replace('/', "_"));
        }
    }

    fn insert(&mut self, text: &str) {
        if text.chars().count() >= SHORTEST {
            self.texts.extend(normal(text));
            self.search.take();
        }
    }

    /// Remembers what another one does.
    pub fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.search.take();
    }

    /// Whether a text has one of them.
    #[must_use]
    pub fn occur_in(&self, text: &str) -> bool {
        !self.ranges(text).is_empty()
    }

    /// Where values stand in a text, in order.
    fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.texts.is_empty() || text.len() < SHORTEST {
            return Vec::new();
        }
        let search = self.search.get_or_init(|| Search::of(self.texts.iter().map(|it| &**it)));
        let mut ranges = search.ranges(text);
        ranges.retain(|range| text[range.clone()].chars().count() >= SHORTEST);
        ranges
    }

    /// Puts marks in the place of values in an object. What it is and what it is called is no value,
    /// though it may be a word that one has, too.
    pub fn hide(&self, object: &mut Node) {
        let top = object.as_map_mut().filter(|_| !self.texts.is_empty()).into_iter();
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
        let ranges = self.ranges(text);
        if ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut hidden = String::new();
        let mut end = 0;
        for range in ranges {
            hidden.push_str(&text[end..range.start]);
            // What is written in another way is told to differ.
            hidden.push_str(&mark(text[range.clone()].as_bytes()));
            end = range.end;
        }
        hidden.push_str(&text[end..]);
        Cow::Owned(hidden)
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
