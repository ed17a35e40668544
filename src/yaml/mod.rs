//! YAML as Kubernetes reads it: a reader with places, an emitter, and JSON.
//!
//! The rule is `sigs.k8s.io/yaml` (a fork of goyaml.v2) followed by its conversion to JSON, behind
//! the stream splitting of `k8s.io/apimachinery/pkg/util/yaml`: that is what kubectl, Helm and
//! Argo CD do before anything reaches the API server. In short:
//!
//! - `y`, `n`, `yes`, `no`, `on`, `off` are booleans; `0644`, `0o644`, `0b11`, `0x1F` and `1_000`
//!   are whole numbers; `08` is the number 8; `1.0` is the whole number 1 (JSON has one kind of
//!   number); dates and `1:30` are text.
//! - Keys become text: `1:` is `"1"`, `yes:` is `"true"`, `1.50:` is `"1.5"`. A null, a list, a map
//!   and a whole number above `i64::MAX` cannot be keys.
//! - `.inf` and `.nan` are refused: JSON has no such number.
//! - `<<` merges where it stands, so it overwrites the keys above it. The YAML 1.1 specification
//!   says otherwise; this is what goyaml.v2 does, and a [`Fault`] says so.
//! - A stream is split at lines that start with `---` before it is parsed. Anything but a comment
//!   after the dashes is refused, and so are directives (`%YAML`), since the split separates them
//!   from their document. Only the first document before a `...` is read.
//!
//! The scanner is `granit-parser`, which follows YAML 1.2. Where Kubernetes' YAML 1.1 scanner reads
//! the same text as something else or not at all, `strict.rs` makes it a fault; where only the
//! parser refuses it, `indented.rs` mends it. No text is known that both read and read differently.
//! `tests/yaml_differential.rs` holds that, counts what is left, and says why. It is this:
//!
//! - Refused here, read by Kubernetes: text after the first value of a document, which Kubernetes
//!   drops in silence; within brackets a plain `-`, a `?` in plain text, and `:` right before a
//!   bracket or comma; a comment without a space before it; a block scalar at the indentation of
//!   its key (empty for Kubernetes); punctuation in the names of tags and anchors; U+0085, U+2028,
//!   U+2029 (line breaks in YAML 1.1 only) and a byte order mark inside text; `!!binary` that is
//!   not UTF-8.
//! - Read here, refused by Kubernetes' YAML reader: JSON's escapes `\/` and `\uD83D\uDE00` in text
//!   that starts with `{`, since Kubernetes has a JSON reader for that. Documents before and after a
//!   wrong `---` line, where Kubernetes gives up the stream.

mod comments;
mod emit;
mod explain;
mod fault;
mod go_number;
mod indented;
mod json;
mod limits;
mod mapping;
mod node;
mod read;
mod resolve;
mod scalar_style;
mod split;
mod strict;
mod surprise;
#[cfg(test)]
mod tests;
mod tree;
mod written;

pub use comments::{comments, parts};
pub use emit::{emit, emit_to};
pub use fault::{Fault, FaultKind};
pub use json::{Json, from_json, to_json, to_json_string};
pub use limits::{MAX_ALIAS_COST, MAX_DEPTH, MAX_DOCUMENT_BYTES};
pub use node::{Key, Map, Node, Value};
pub(crate) use read::read_marked;
pub use read::{Document, Read, read, read_at, read_each};
pub use surprise::surprise;
pub(crate) use written::written;

/// Whether a plain scalar is read as text.
pub(crate) fn reads_as_text(plain: &str) -> bool {
    resolve::plain(plain) == resolve::Meaning::Text
}
