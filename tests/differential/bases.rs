//! Sound objects to start from.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use gitopsc::schema::{Pack, Schema};
use gitopsc::source::Sources;
use gitopsc::yaml;
use serde_json::Value;

use super::random::Random;

/// A sound object and what it is.
pub(crate) struct Base {
    pub(crate) kind: String,
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
    /// The name of its schema.
    pub(crate) name: &'static str,
    pub(crate) schema: &'static Schema,
    pub(crate) object: Value,
}

/// Kinds of which a repository has many, and whose rules are many, get more mutants.
const OFTEN: [&str; 17] = [
    "ConfigMap",
    "CronJob",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "ResourceQuota",
    "Secret",
    "Service",
    "StatefulSet",
];
const MORE: usize = 4;

/// The objects of the recorded cases that the server accepted, those of the rendered trees, and those of `bases.yaml`
/// for the kinds that neither has, by kind.
pub(crate) fn bases(pack: &'static Pack, root: &Path) -> BTreeMap<String, Vec<Base>> {
    let mut by_kind: BTreeMap<String, Vec<Base>> = BTreeMap::new();
    let here = root.join("tests/differential/bases.yaml");
    for object in
        recorded(root).into_iter().chain(rendered(&root.join("rendered"))).chain(documents(&here))
    {
        let text = |key: &str| object[key].as_str().unwrap_or_default();
        let (group, version) =
            text("apiVersion").rsplit_once('/').unwrap_or(("", text("apiVersion")));
        let Some(resource) = pack.resource(group, version, text("kind")) else { continue };
        let schema = pack.schema(resource).expect("a kind has a schema");
        let kind = resource.kind.to_string();
        let bases = by_kind.entry(kind.clone()).or_default();
        if bases.iter().all(|base| base.object != object) {
            let (plural, namespaced) = (&*resource.plural, resource.namespaced);
            let name = pack.schema_name(resource);
            bases.push(Base { kind, plural, namespaced, name, schema, object });
        }
    }
    by_kind
}

/// Whose turn it is, `count` times.
pub(crate) fn turns(
    by_kind: &BTreeMap<String, Vec<Base>>,
    seed: u64,
    count: usize,
) -> Vec<(&Base, Random)> {
    let weight = |kind: &str| if OFTEN.contains(&kind) { MORE } else { 1 };
    let all: usize = by_kind.keys().map(|kind| weight(kind)).sum();
    let turns_of = |(kind, bases): (&String, &'_ Vec<Base>)| {
        let turns = count * weight(kind) / all + 1;
        (0..turns)
            .map(|index| {
                let mut random = Random::new(seed, kind, index);
                (random.below(bases.len()), random)
            })
            .collect::<Vec<_>>()
    };
    by_kind
        .iter()
        .flat_map(|entry| {
            turns_of(entry).into_iter().map(|(base, random)| (&entry.1[base], random))
        })
        .collect()
}

fn recorded(root: &Path) -> Vec<Value> {
    let file = std::fs::File::open(root.join("tests/apiserver/cases.jsonl.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    cases.filter(|case| case["accept"] == true).map(|mut case| case["object"].take()).collect()
}

fn rendered(folder: &Path) -> Vec<Value> {
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let inside = paths.into_iter().map(|path| match path.extension() {
        _ if path.is_dir() => rendered(&path),
        Some(end) if end == "yaml" => documents(&path),
        _ => Vec::new(),
    });
    inside.flatten().collect()
}

pub(crate) fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file = Sources::default().add(path.display().to_string(), text.clone());
    let read = yaml::read(file, &text);
    assert!(read.faults.is_empty(), "{}: {:?}", path.display(), read.faults);
    let nodes = read.documents.iter().filter_map(|document| document.node.as_ref());
    nodes.map(yaml::to_json).filter(Value::is_object).collect()
}
