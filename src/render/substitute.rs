//! Sentinels replaced in the parsed tree, and output offsets replaced by places in the sources.

use super::convert::to_node;
use super::engine::plain_text;
use super::recorder::{CLOSE, Captured, OPEN, Recorder};
use crate::diagnostic::Finding;
use crate::source::{FileId, Span};
use crate::yaml::{Key, Map, Node, Value};

pub(super) struct Substitution<'a> {
    pub(super) recorder: &'a Recorder,
    pub(super) file: FileId,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Substitution<'_> {
    pub(super) fn node(&mut self, node: &Node) -> Node {
        let range = node.span.range();
        match &node.value {
            Value::String(text) if text.contains(OPEN) => {
                // The reader marks a scalar that is plain and has no tag.
                let typed = !node.origins.is_empty();
                self.scalar(text, range, typed)
            }
            Value::Seq(items) => {
                let items: Vec<_> = items.iter().map(|item| self.node(item)).collect();
                let span = items.first().map_or_else(|| self.place(range), |first| first.span);
                Node::new(Value::Seq(items), span)
            }
            Value::Map(map) => self.map(map, range),
            other => Node::new(other.clone(), self.place(range)),
        }
    }

    fn map(&mut self, map: &Map, range: std::ops::Range<usize>) -> Node {
        let mut replaced = Map::default();
        let mut span = None;
        // Only a key that a value is part of can come twice; the reader has seen all others.
        let may_repeat = map.iter().any(|(key, _)| key.name.contains(OPEN));
        for (key, child) in map.iter() {
            let key_range = key.span.range();
            let key = if key.name.contains(OPEN) {
                let (name, _) = self.text(&key.name, key_range.clone());
                Key { name: name.into(), span: self.place(key_range) }
            } else {
                Key { name: key.name.clone(), span: self.place(key_range) }
            };
            span.get_or_insert(key.span);
            let child = self.node(child);
            if !may_repeat {
                replaced.push_unique(key, child);
                continue;
            }
            if let Some((known, _)) = replaced.entry(&key.name) {
                self.findings.push(
                    Finding::error("yaml-duplicate-key", format!("key `{}` comes twice", key.name))
                        .at(key.span, "the second one")
                        .at(known.span, "the first one"),
                );
            }
            replaced.insert(key, child);
        }
        Node::new(Value::Map(replaced), span.unwrap_or_else(|| self.place(range)))
    }

    /// A scalar with sentinels: one that may have a type and is nothing else takes the value's.
    fn scalar(&mut self, text: &str, range: std::ops::Range<usize>, typed: bool) -> Node {
        if typed && let Some(captured) = Self::only(self.recorder, text) {
            return match to_node(&captured.value, captured.expression, &captured.origins) {
                Ok(node) => node,
                Err(error) => {
                    let message = error.detail().map_or_else(|| error.to_string(), str::to_owned);
                    self.findings.push(
                        Finding::error("template-error", message).at(captured.expression, ""),
                    );
                    Node::new(Value::Null, captured.expression)
                }
            };
        }
        let (text, origins) = self.text(text, range.clone());
        Node { value: Value::String(text.into()), span: self.place(range), origins }
    }

    fn only<'t>(recorder: &'t Recorder, text: &str) -> Option<&'t Captured> {
        let number = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        recorder.captured.get(number.parse::<usize>().ok()?)
    }

    fn text(&mut self, text: &str, range: std::ops::Range<usize>) -> (String, Box<[Span]>) {
        let mut whole = String::with_capacity(text.len());
        let mut origins: Vec<Span> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            whole.push_str(before);
            let Some((number, after)) = after.split_once(CLOSE) else { break };
            rest = after;
            let captured = number.parse().ok().and_then(|n: usize| self.recorder.captured.get(n));
            let Some(captured) = captured else { continue };
            match plain_text(&captured.value) {
                Ok(text) => whole.push_str(&text),
                Err(error) => {
                    let mut finding = Finding::error(
                        "template-error",
                        error.detail().unwrap_or("this cannot stand inside text").to_owned(),
                    )
                    .at(captured.expression, "");
                    if captured.expression.range().is_empty() {
                        finding = finding.at(self.recorder.place(range.clone(), self.file), "");
                    }
                    self.findings.push(finding);
                }
            }
            for origin in &captured.origins {
                if !origins.contains(origin) {
                    origins.push(*origin);
                }
            }
        }
        whole.push_str(rest);
        (whole, origins.into())
    }

    fn place(&self, range: std::ops::Range<usize>) -> Span {
        self.recorder.place(range, self.file)
    }
}
