//! Differences for programs. Their form is versioned, and described by `schemas/diff.json`.

use std::borrow::Cow;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::Counts;
use super::value::shown;
use crate::diff::{self, Changes, Effect, Kind, What, is_hidden, path, readable};
use crate::model::ObjectKey;
use crate::source::Sources;
use crate::yaml::{Node, to_json};

/// All that differs between two states.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// The version of the form: fields may be added to it; one that goes or changes raises it.
    version: u32,
    /// How many objects became what; the same in several environments counts in each.
    summary: Summary,
    /// The files whose objects are not compared.
    not_compared: Vec<&'a str>,
    /// Environments that are gone, each with a new one that has its objects; to Argo CD they are two.
    renamed_environments: Vec<Renamed<'a>>,
    /// What quotas count otherwise than before, by what the files hold.
    quotas: Vec<Quota<'a>>,
    /// The changes, in the order of kinds and names.
    changes: Vec<Change<'a>>,
    /// The cluster, where one was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<Cluster<'a>>,
    /// The errors that only the newer state has, where both were rendered anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_errors: Option<Vec<NewError<'a>>>,
    /// How many errors both states have, where they were rendered anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    known_errors: Option<usize>,
    /// The environments that are not compared, since the newer state cannot be rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_rendered: Option<Vec<&'a str>>,
}

/// An error that a change brings.
#[derive(Debug, Serialize, JsonSchema)]
struct NewError<'a> {
    /// The check that finds it.
    id: &'a str,
    /// What is wrong.
    message: &'a str,
    /// The file and line that someone has to change; null where there is none.
    place: Option<&'a str>,
    /// The environments that have it.
    environments: &'a [String],
}

/// How many objects became what.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    /// Objects that were not there.
    added: usize,
    /// Objects that are gone.
    removed: usize,
    /// Objects that differ, with those under another name.
    changed: usize,
}

/// An environment under another name.
#[derive(Debug, Serialize, JsonSchema)]
struct Renamed<'a> {
    /// The one that is gone.
    from: &'a str,
    /// The new one.
    to: &'a str,
    /// How many objects the first had, without those of Argo CD.
    objects: usize,
    /// How many of these the second has as they were.
    same: usize,
}

/// A bound of a quota.
#[derive(Debug, Serialize, JsonSchema)]
struct Quota<'a> {
    /// The environment; empty where there are none.
    environment: &'a str,
    /// The namespace.
    namespace: &'a str,
    /// The name of the ResourceQuota.
    quota: &'a str,
    /// What it bounds, as `limits.memory`.
    key: &'a str,
    /// Before the change.
    before: QuotaState,
    /// After it.
    after: QuotaState,
}

/// A bound of a quota in one state.
#[derive(Debug, Serialize, JsonSchema)]
struct QuotaState {
    /// What the objects take at rest.
    used: String,
    /// The bound.
    hard: String,
}

/// What became of one object, in one environment or in several.
#[derive(Debug, Serialize, JsonSchema)]
struct Change<'a> {
    /// What became of it.
    change: Word,
    /// Who it is, or was where it is gone.
    object: Key<'a>,
    /// What it brings about, the gravest first.
    consequences: Vec<Consequence<'a>>,
    /// Where it is written, by environment.
    places: Vec<Place<'a>>,
    /// Files and lines of templates and values that make what differs; empty where they are not known.
    origins: &'a [String],
    /// Who it was, where it has another name or namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Key<'a>>,
    /// What differs in it, where it was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    edits: Option<Vec<Edit<'a>>>,
    /// All of it, where it is new or gone; values that nobody may see are `(hidden)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Value>,
}

/// What can become of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Word {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// Something in it differs, or becomes of it.
    Changed,
    /// It has another name or namespace.
    Renamed,
}

/// Group, kind, namespace and name; what there is not is empty.
#[derive(Debug, Serialize, JsonSchema)]
struct Key<'a> {
    /// The API group; empty for the core group.
    group: &'a str,
    /// The kind.
    kind: &'a str,
    /// The namespace; empty where none is stated.
    namespace: &'a str,
    /// The name; where the server gives it, what it begins with and `…`.
    name: &'a str,
}

/// What a change brings about.
#[derive(Debug, Serialize, JsonSchema)]
struct Consequence<'a> {
    /// Of which sort it is. There may be more of them in time.
    effect: &'a str,
    /// What happens, in words.
    text: Cow<'a, str>,
}

/// An object in one environment.
#[derive(Debug, Serialize, JsonSchema)]
struct Place<'a> {
    /// The environment; empty where there are none.
    environment: &'a str,
    /// File and line before; null where it was not there.
    before: Option<String>,
    /// File and line after; null where it is gone.
    after: Option<String>,
}

/// One difference within an object.
#[derive(Debug, Serialize, JsonSchema)]
struct Edit<'a> {
    /// The way to it as people read it.
    path: String,
    /// The way to it in steps.
    at: Vec<Step<'a>>,
    /// What it is: `added`, `removed`, `replaced`, or `reordered` items of a list.
    change: &'static str,
    /// Whether it is a value that nobody may see.
    #[serde(skip_serializing_if = "is_false")]
    #[schemars(default)]
    hidden: bool,
    /// The value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    /// The value after; of `reordered` the former place of each item that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// A field by its name, or an item of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Step<'a> {
    /// A field, or an entry of a map.
    Field(&'a str),
    /// An item of a list.
    Item {
        /// What tells it from the others, as `name=web`; null where only its place does.
        key: Option<Cow<'a, str>>,
        /// Where it stood, from 0; null where it is new.
        before: Option<usize>,
        /// Where it stands; null where it is gone.
        after: Option<usize>,
    },
}

/// A cluster that was compared.
#[derive(Debug, Serialize, JsonSchema)]
struct Cluster<'a> {
    /// Its context in kubeconfig.
    context: &'a str,
    /// The address of its API server.
    server: &'a str,
    /// How many differences are left out, since an Application ignores them.
    ignored: usize,
    /// What was not compared, or in another way.
    notes: Vec<&'a str>,
    /// Objects that nobody owns, where they were asked for.
    unowned: Vec<Key<'a>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The JSON Schema of what [`json`] gives.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Document<'_>>().to_value();
    schema["title"] = json!("gitopsc diff");
    let effects: Vec<&str> = Effect::ALL.iter().map(|effect| effect.id()).collect();
    schema["$defs"]["Consequence"]["properties"]["effect"]["examples"] = json!(effects);
    schema
}

/// All changes. Values that nobody may see are not in it; `hidden` says where they would be.
#[must_use]
pub fn json(changes: &Changes<'_>, sources: &Sources) -> Value {
    let counts = Counts::of(changes);
    let Counts { added, removed, changed } = counts;
    let judgement = changes.judgement.as_ref();
    let document = Document {
        version: 1,
        summary: Summary { added, removed, changed },
        not_compared: changes.unread.iter().map(|path| &**path).collect(),
        renamed_environments: changes.renamed.iter().map(renamed).collect(),
        quotas: changes.quotas.iter().map(quota).collect(),
        changes: changes.changes.iter().map(|one| change(one, sources)).collect(),
        cluster: changes.cluster.as_ref().map(|cluster| Cluster {
            context: &cluster.context,
            server: &cluster.server,
            ignored: cluster.ignored,
            notes: cluster.notes.iter().map(String::as_str).collect(),
            unowned: cluster.unowned.iter().map(key).collect(),
        }),
        new_errors: judgement.map(|it| it.new.iter().map(new_error).collect()),
        known_errors: judgement.map(|it| it.known),
        not_rendered: judgement.map(|it| it.not_rendered.iter().map(String::as_str).collect()),
    };
    serde_json::to_value(document).unwrap_or_default()
}

fn new_error(one: &diff::NewError) -> NewError<'_> {
    NewError {
        id: one.id,
        message: &one.message,
        place: one.place.as_deref(),
        environments: &one.environments,
    }
}

fn renamed(one: &diff::RenamedEnvironment) -> Renamed<'_> {
    Renamed { from: &one.from, to: &one.to, objects: one.objects, same: one.same }
}

fn quota(one: &diff::QuotaChange) -> Quota<'_> {
    let state = |used: &crate::model::Quantity, hard: &crate::model::Quantity| QuotaState {
        used: used.to_string(),
        hard: hard.to_string(),
    };
    Quota {
        environment: &one.environment,
        namespace: &one.namespace,
        quota: &one.quota,
        key: &one.key,
        before: state(&one.used.0, &one.hard.0),
        after: state(&one.used.1, &one.hard.1),
    }
}

fn change<'a>(change: &'a diff::Change<'_>, sources: &Sources) -> Change<'a> {
    let place = |object: &diff::Object| sources.place(object.node.span).to_string();
    let places = change.places.iter().map(|(before, after)| Place {
        environment: before.or(*after).map_or("", |object| &*object.environment),
        before: before.map(place),
        after: after.map(place),
    });
    let object = |after: bool| {
        let place = change.places.first()?;
        let found = if after { place.1 } else { place.0 };
        found.map(|object| to_json(&shown(&object.node)))
    };
    let (word, from, edits, manifest) = match &change.kind {
        Kind::Added => (Word::Added, None, None, object(true)),
        Kind::Removed => (Word::Removed, None, None, object(false)),
        Kind::Changed(edits) => (Word::Changed, None, Some(edits), None),
        Kind::Renamed(from, edits) => (Word::Renamed, Some(key(from)), Some(edits), None),
    };
    let consequences = change.consequences.iter();
    Change {
        change: word,
        object: key(change.key),
        consequences: consequences
            .map(|one| Consequence { effect: one.effect.id(), text: readable(&one.text) })
            .collect(),
        places: places.collect(),
        origins: &change.origins,
        from,
        edits: edits.map(|edits| edits.iter().map(edit).collect()),
        manifest,
    }
}

fn key(key: &ObjectKey) -> Key<'_> {
    Key {
        group: &key.group_kind.group,
        kind: &key.group_kind.kind,
        namespace: &key.namespace,
        name: &key.name,
    }
}

fn edit(edit: &diff::Edit) -> Edit<'_> {
    let node = |node: &Node| Some(to_json(&shown(node)));
    let (change, before, after, hidden) = match &edit.what {
        What::Added(new) => ("added", None, node(new), is_hidden(new)),
        What::Removed(old) => ("removed", node(old), None, is_hidden(old)),
        What::Replaced(old, new) => {
            ("replaced", node(old), node(new), is_hidden(old) || is_hidden(new))
        }
        What::Reordered(order) => ("reordered", None, Some(json!(order)), false),
    };
    Edit {
        path: readable(&path(&edit.at)).into_owned(),
        at: edit.at.iter().map(step).collect(),
        change,
        hidden,
        before: before.filter(|_| !hidden),
        after: after.filter(|_| !hidden),
    }
}

fn step(step: &diff::Step) -> Step<'_> {
    match step {
        diff::Step::Field(name) => Step::Field(name),
        diff::Step::Item { label, before, after } => Step::Item {
            key: (!label.is_empty()).then(|| readable(label)),
            before: *before,
            after: *after,
        },
    }
}
