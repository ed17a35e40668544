//! Telling lists of objects, whose items are judged, from what is no list or none that can be read.

use crate::load::manifest::{Content, Reason, classify};
use crate::model::{GroupKind, is_list, is_native};
use crate::yaml::Node;

/// What a value is as a list.
pub(super) enum List {
    /// None.
    None,
    /// One of another tool, or one that cannot be read as it is.
    Skip(Reason),
    /// One without items.
    Faulty(String),
    /// One with items; whether all of them must be objects.
    Items { is_strict: bool },
}

/// Tells what kubectl makes of a value as a list: `unstructuredJSONScheme.decode` and
/// `FlattenListVisitor` of `k8s.io/cli-runtime/pkg/resource/visitor.go`. Kinds that others have
/// named so need not be lists of objects.
pub(super) fn list(node: &Node) -> List {
    let key = GroupKind::of(node);
    let version = node.get("apiVersion").and_then(Node::as_str);
    let is_plain = key.kind == "List" && matches!(version, None | Some("" | "v1"));
    let has_items = is_list(node);
    if !is_plain && !has_items {
        return List::None;
    }
    if let Content::Skip(reason @ (Reason::OtherTool | Reason::Encrypted | Reason::Template)) =
        classify(node)
    {
        return List::Skip(reason);
    }
    if has_items {
        let of = key.kind.strip_suffix("List").unwrap_or_default().to_owned();
        let is_native = is_native(&GroupKind { kind: of, ..key });
        return List::Items { is_strict: is_plain || is_native };
    }
    if version != Some("v1") {
        return List::None;
    }
    List::Faulty(match node.get("items") {
        None => "the list has no `items`".to_owned(),
        Some(items) => format!("`items` is {}, no list", items.type_name()),
    })
}

/// What an item lacks to be an object.
pub(super) fn lacking(item: &Node) -> Option<&'static str> {
    let has = |name| item.get(name).and_then(Node::as_str).is_some_and(|text| !text.is_empty());
    ["kind", "apiVersion"].into_iter().find(|name| !has(name))
}
