//! Differences for programs.

use serde_json::{Value, json};

use super::Counts;
use super::value::shown;
use crate::diff::{Change, Changes, Edit, Kind, Object, Step, What, is_hidden, path, readable};
use crate::model::ObjectKey;
use crate::source::Sources;
use crate::yaml::{Node, to_json};

/// All changes. Values that nobody may see are not in it; `hidden` says where they would be.
#[must_use]
pub fn json(changes: &Changes<'_>, sources: &Sources) -> Value {
    let counts = Counts::of(changes);
    let mut value = json!({
        "version": 1,
        "summary": {"added": counts.added, "removed": counts.removed, "changed": counts.changed},
        "notCompared": changes.unread.iter().map(|path| &**path).collect::<Vec<_>>(),
        "changes": changes.changes.iter().map(|one| change(one, sources)).collect::<Vec<_>>(),
    });
    if let (Some(cluster), Some(map)) = (&changes.cluster, value.as_object_mut()) {
        let cluster = json!({
            "context": cluster.context,
            "server": cluster.server,
            "ignored": cluster.ignored,
            "notes": cluster.notes,
            "unowned": cluster.unowned.iter().map(key).collect::<Vec<_>>(),
        });
        map.insert("cluster".to_owned(), cluster);
    }
    value
}

fn change(change: &Change<'_>, sources: &Sources) -> Value {
    let place = |object: &Object| sources.place(object.node.span);
    let places = change.places.iter().map(|(before, after)| {
        json!({
            "environment": before.or(*after).map(|object| &*object.environment),
            "before": before.map(place),
            "after": after.map(place),
        })
    });
    let object = |after: bool| {
        let place = change.places.first()?;
        let found = if after { place.1 } else { place.0 };
        found.map(|object| to_json(&shown(&object.node)))
    };
    let (word, from, edits, object) = match &change.kind {
        Kind::Added => ("added", None, None, object(true)),
        Kind::Removed => ("removed", None, None, object(false)),
        Kind::Changed(edits) => ("changed", None, Some(edits), None),
        Kind::Renamed(from, edits) => ("renamed", Some(key(from)), Some(edits), None),
    };
    let consequences = change.consequences.iter();
    let consequences =
        consequences.map(|one| json!({"effect": one.effect.id(), "text": readable(&one.text)}));
    let mut value = json!({
        "change": word,
        "object": key(change.key),
        "consequences": consequences.collect::<Vec<_>>(),
        "places": places.collect::<Vec<_>>(),
    });
    let parts = [
        ("from", from),
        ("edits", edits.map(|edits| edits.iter().map(edit).collect())),
        ("manifest", object),
    ];
    for (name, part) in parts {
        if let (Some(part), Some(map)) = (part, value.as_object_mut()) {
            map.insert(name.to_owned(), part);
        }
    }
    value
}

fn key(key: &ObjectKey) -> Value {
    json!({
        "group": key.group_kind.group,
        "kind": key.group_kind.kind,
        "namespace": key.namespace,
        "name": key.name,
    })
}

fn edit(edit: &Edit) -> Value {
    let node = |node: &Node| to_json(&shown(node));
    let mut value = json!({"path": readable(&path(&edit.at)), "at": edit.at.iter().map(step).collect::<Vec<_>>()});
    let hides = |node: &Node| is_hidden(node);
    let (word, before, after, hidden) = match &edit.what {
        What::Added(new) => ("added", None, Some(node(new)), hides(new)),
        What::Removed(old) => ("removed", Some(node(old)), None, hides(old)),
        What::Replaced(old, new) => {
            ("replaced", Some(node(old)), Some(node(new)), hides(old) || hides(new))
        }
        What::Reordered(order) => ("reordered", None, Some(json!(order)), false),
    };
    if let Some(map) = value.as_object_mut() {
        map.insert("change".to_owned(), json!(word));
        if hidden {
            map.insert("hidden".to_owned(), json!(true));
        } else {
            map.extend(before.map(|it| ("before".to_owned(), it)));
            map.extend(after.map(|it| ("after".to_owned(), it)));
        }
    }
    value
}

fn step(step: &Step) -> Value {
    match step {
        Step::Field(name) => json!(name),
        Step::Item { label, before, after } => {
            json!({"key": (!label.is_empty()).then(|| readable(label)), "before": before, "after": after})
        }
    }
}
