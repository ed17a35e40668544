//! Lists of objects.

use crate::yaml::{Key, Map, Node, Value};

/// The items of a list, those of lists in it too, or the object itself.
#[must_use]
pub fn items(node: Node) -> Vec<Node> {
    if !is_list(&node) {
        return vec![node];
    }
    own_items(node).into_iter().flat_map(items).collect()
}

/// The items of a list as they stand in it; nothing where it has none.
///
/// An item of a typed list, as `PodList`, need not say what it is. One that says half of it stays
/// so: `decodeToList` of `k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go`.
#[must_use]
pub fn own_items(node: Node) -> Vec<Node> {
    let kind = node.get("kind").and_then(Node::as_str).and_then(|kind| kind.strip_suffix("List"));
    let of = kind.filter(|kind| !kind.is_empty()).map(|kind| {
        let place = node.get("kind").map_or(node.span, |kind| kind.span);
        (Node::string(kind, place), node.get("apiVersion").cloned())
    });
    let Value::Map(mut map) = node.value else { return Vec::new() };
    let Some(Value::Seq(mut list)) = map.remove("items").map(|(_, items)| items.value) else {
        return Vec::new();
    };
    let says = |item: &Node, name| {
        item.get(name).and_then(Node::as_str).is_some_and(|text| !text.is_empty())
    };
    for item in &mut list {
        if says(item, "kind") || says(item, "apiVersion") {
            continue;
        }
        if let (Some(fields), Some((kind, version))) = (item.as_map_mut(), &of) {
            complete(fields, "kind", Some(kind));
            complete(fields, "apiVersion", version.as_ref());
        }
    }
    list
}

/// Whether an object stands for its items.
#[must_use]
pub fn is_list(node: &Node) -> bool {
    let is_items = |items: &Node| items.as_seq().is_some() || items.is_null();
    node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"))
        && node.get("items").is_some_and(is_items)
}

fn complete(fields: &mut Map, name: &str, value: Option<&Node>) {
    if let Some(value) = value {
        fields.remove(name);
        let key = Key { name: name.into(), span: value.span };
        fields.insert_at(0, key, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::items;
    use crate::source::{Sources, Span};
    use crate::yaml::{from_json, to_json};

    #[test]
    fn lists_are_their_items() {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let of = |json| -> Vec<_> { items(from_json(&json, span)).iter().map(to_json).collect() };
        let pod = json!({"apiVersion": "v1", "kind": "Pod"});
        let inner = json!({"apiVersion": "v1", "kind": "List", "items": [pod, pod]});
        let outer = json!({"apiVersion": "v1", "kind": "List", "items": [inner, pod]});
        assert_eq!(of(outer), vec![pod.clone(), pod.clone(), pod.clone()]);
        let typed = json!({"apiVersion": "v1", "kind": "PodList", "items": [{}]});
        assert_eq!(of(typed), vec![pod]);
        let half = json!({"apiVersion": "v1", "kind": "PodList", "items": [{"kind": "Pod"}]});
        assert_eq!(of(half), vec![json!({"kind": "Pod"})]);
        assert!(of(json!({"apiVersion": "v1", "kind": "List", "items": null})).is_empty());
        let own = json!({"apiVersion": "x/v1", "kind": "AllowList", "spec": {}});
        assert_eq!(of(own.clone()), vec![own]);
    }
}
