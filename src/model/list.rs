//! Lists of objects.

use crate::yaml::{Key, Map, Node, Value};

/// The items of a list, those of lists in it too, or the object itself.
///
/// An item of a typed list, as `PodList`, need not say what it is: `decodeToList` of
/// `k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go`.
#[must_use]
pub fn items(node: Node) -> Vec<Node> {
    if !is_list(&node) {
        return vec![node];
    }
    let kind = node.get("kind").and_then(Node::as_str).and_then(|kind| kind.strip_suffix("List"));
    let of = kind.filter(|kind| !kind.is_empty()).map(|kind| {
        let place = node.get("kind").map_or(node.span, |kind| kind.span);
        (Node::string(kind, place), node.get("apiVersion").cloned())
    });
    let Value::Map(mut map) = node.value else { return Vec::new() };
    let Some(Value::Seq(list)) = map.remove("items").map(|(_, items)| items.value) else {
        return Vec::new();
    };
    let named = list.into_iter().map(|mut item| {
        if let (Some(fields), Some((kind, version))) = (item.as_map_mut(), &of) {
            complete(fields, "kind", Some(kind));
            complete(fields, "apiVersion", version.as_ref());
        }
        item
    });
    named.flat_map(items).collect()
}

/// Whether an object stands for its items.
#[must_use]
pub fn is_list(node: &Node) -> bool {
    let is_items = |items: &Node| items.as_seq().is_some() || items.is_null();
    node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"))
        && node.get("items").is_some_and(is_items)
}

fn complete(fields: &mut Map, name: &str, value: Option<&Node>) {
    if let (false, Some(value)) = (fields.contains_key(name), value) {
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
        assert!(of(json!({"apiVersion": "v1", "kind": "List", "items": null})).is_empty());
        let own = json!({"apiVersion": "x/v1", "kind": "AllowList", "spec": {}});
        assert_eq!(of(own.clone()), vec![own]);
    }
}
