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
//! The scanner is `granit-parser`, which follows YAML 1.2. What can be mended behind it is mended
//! here. What is left is rare, is listed by name with its reason in `tests/yaml_differential.rs`,
//! and is one of these:
//!
//! - Stricter than Kubernetes, so that a document is refused which Kubernetes would take:
//!   tabs as separation after `-`, `?` and `:` before a nested block, U+0085, U+2028 and U+2029
//!   (line breaks in YAML 1.1 only), a byte order mark inside text.
//! - Laxer than Kubernetes, which matters little as the emitter never writes such text: the escape
//!   `\/` and adjacent values such as `{"a":1}` (both fine in JSON).

mod comments;
mod emit;
mod explain;
mod fault;
mod go_number;
mod indented;
mod json;
mod limits;
mod node;
mod read;
mod resolve;
mod scalar_style;
mod split;
mod strict;
#[cfg(test)]
mod tests;
mod tree;

pub use comments::comments;
pub use emit::{emit, emit_to};
pub use fault::{Fault, FaultKind};
pub use json::{Json, from_json, to_json, to_json_string};
pub use limits::{MAX_ALIAS_COST, MAX_DEPTH, MAX_DOCUMENT_BYTES};
pub use node::{Key, Map, Node, Value};
pub use read::{Document, Read, read};
