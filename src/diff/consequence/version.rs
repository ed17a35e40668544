//! Versions of custom kinds that are served no longer.

use std::collections::BTreeSet;

use super::words::{joined, named};
use super::{Consequence, Effect, Subject};
use crate::load::manifest::is_open;
use crate::yaml::Node;

/// What the server refuses of a definition that loses versions: itself, where one goes in which
/// objects are stored, and the objects in the files that still are of one.
///
/// Source: `ValidateCustomResourceDefinitionStoredVersions` in
/// `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`, and `Update` of
/// `pkg/registry/customresourcedefinition/strategy.go` beside it, which notes each version that was
/// the stored one.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<Consequence> {
    let (Some(before), Some(after)) = (subject.before, subject.after) else { return Vec::new() };
    let kind = &after.key.group_kind;
    let is_definition =
        (&*kind.group, &*kind.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition");
    if !is_definition || before.key != after.key || is_open(&before.node) || is_open(&after.node) {
        return Vec::new();
    }
    let refused = |text: String| Consequence { effect: Effect::Refused, text };
    let mut found = Vec::new();
    let left = versions(&after.node, None);
    if let Some(stored) = versions(&before.node, Some("storage")).difference(&left).next() {
        found.push(refused(format!(
            "`spec.versions` cannot lose `{stored}`, in which objects are stored: the API server refuses it until \
             they are stored in another and `status.storedVersions` names it no longer"
        )));
    }
    let text = |at: &str| after.node.pointer(at).and_then(Node::as_str);
    let (Some(group), Some(name)) = (text("/spec/group"), text("/spec/names/kind")) else {
        return found;
    };
    let served = versions(&after.node, Some("served"));
    for version in versions(&before.node, Some("served")).difference(&served) {
        let stated = format!("{group}/{version}");
        let objects = subject.whole.after.of_kind(after, group, name);
        let of_version = objects.filter(|object| {
            object.node.get("apiVersion").and_then(Node::as_str) == Some(stated.as_str())
        });
        let names: BTreeSet<String> = of_version.map(|object| named(&object.key)).collect();
        if !names.is_empty() {
            let count = names.len();
            let who = joined(names.into_iter().collect(), count);
            found.push(refused(format!(
                "`{stated}` is served no longer: the API server knows nothing of that version, and takes none of {who}"
            )));
        }
    }
    found
}

/// The names of versions for which a switch is on; of all where none is asked for.
fn versions<'n>(definition: &'n Node, switch: Option<&str>) -> BTreeSet<&'n str> {
    let items = definition.pointer("/spec/versions").and_then(Node::as_seq).unwrap_or_default();
    let is_on =
        |item: &&Node| switch.is_none_or(|switch| item.get(switch).is_some_and(Node::is_true));
    items.iter().filter(is_on).filter_map(|item| item.get("name")?.as_str()).collect()
}
