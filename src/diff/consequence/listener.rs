//! Whose routes the listeners of a Gateway take.

use std::collections::{BTreeMap, BTreeSet};

use super::words::listed;
use crate::diff::snapshot::Object;
use crate::model::Labels;
use crate::yaml::Node;

/// Listeners that take the routes of other namespaces than before: who may have hosts there.
///
/// Source: `FromNamespaces` and `RouteNamespaces` in `apis/v1/gateway_types.go` of the Gateway API: of the
/// namespace of the Gateway where nothing is stated.
pub(super) fn admitted(before: &Object, after: &Object) -> Vec<String> {
    let (old, new) = (all(before), all(after));
    let mut told = Vec::new();
    for (name, is) in &new {
        if let (Some(Some(was)), Some(is)) = (old.get(name), is)
            && was != is
        {
            told.push(format!("listener `{name}` takes routes of {is} instead of {was}"));
        }
    }
    told
}

/// From where each listener takes routes, in words; nothing where that is not known.
fn all(gateway: &Object) -> BTreeMap<&str, Option<String>> {
    let items = gateway.node.pointer("/spec/listeners").and_then(Node::as_seq);
    let items = items.into_iter().flatten();
    items.filter_map(|item| Some((item.get("name")?.as_str()?, from(item)))).collect()
}

fn from(listener: &Node) -> Option<String> {
    let namespaces = listener.pointer("/allowedRoutes/namespaces");
    let text = |name: &str| namespaces?.get(name)?.as_str();
    match text("from").unwrap_or("Same") {
        "All" => Some("every namespace".to_owned()),
        "Same" => Some("its own namespace".to_owned()),
        "None" => Some("no namespace".to_owned()),
        "Selector" => {
            let selector = namespaces?.get("selector")?;
            let labels = Labels::of(selector.get("matchLabels"));
            let labels: BTreeSet<String> =
                labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let is_plain = selector.get("matchExpressions").is_none() && !labels.is_empty();
            Some(match is_plain {
                true => format!("namespaces with {}", listed(&labels)),
                false => "namespaces that it selects".to_owned(),
            })
        }
        _ => None,
    }
}
