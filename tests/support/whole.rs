//! What is wrong with objects together: those of a text, and those of an environment.

use gitopsc::check::{Judge, whole};
use gitopsc::diagnostic::Finding;
use gitopsc::facts::{Cluster, Extent, Object, Reading, Surroundings};
use gitopsc::schema::{Definitions, Found, NEWEST};
use gitopsc::source::Sources;
use gitopsc::world::{Memory, World};
use gitopsc::yaml::{self, Node};

use super::{Stages, errors};

/// The objects of a text with documents, as one directory.
pub fn cluster(text: &str, extent: Extent) -> (Cluster, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("example.yaml", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?} in {text}", read.faults);
    let nodes: Vec<&Node> =
        read.documents.iter().filter_map(|document| document.node.as_ref()).collect();
    let mut definitions = Definitions::default();
    for node in &nodes {
        definitions.add_crd(node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let objects: Vec<Object> =
        nodes.iter().map(|node| object(&judge, node, "", Some(&sources))).collect();
    (Cluster::new(objects, Surroundings::unknown(), extent), sources)
}

fn object(judge: &Judge<'_>, node: &Node, unit: &str, sources: Option<&Sources>) -> Object {
    let is_cluster_wide = judge.is_cluster_wide(node);
    Reading { file: None, unit: &unit.into(), is_cluster_wide, sources }.object(node)
}

/// A text with something else in place of what is in it once.
pub fn spoilt(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` is there once");
    text.replacen(from, to, 1)
}

/// What is wrong with the objects of a text together.
pub fn of_text(text: &str, extent: Extent) -> (Vec<Finding>, Sources) {
    let (cluster, sources) = cluster(text, extent);
    (whole::check(&cluster).findings, sources)
}

/// The cluster of an environment, which must have no errors by itself.
pub fn environment(world: &dyn World, name: &str) -> (Cluster, Sources) {
    let stages = Stages::new(world);
    let planned = errors(&stages.plan.findings, &stages.repo.sources);
    assert!(planned.is_empty(), "{planned:#?}");
    let environment = stages.environment(name);
    let rendered = stages.rendered(name);
    let findings: Vec<_> = rendered.iter().flat_map(|it| it.findings.iter().cloned()).collect();
    let broken = errors(&findings, &stages.repo.sources);
    assert!(broken.is_empty(), "{broken:#?}");
    let mut definitions = Definitions::default();
    for manifest in rendered.iter().flat_map(|output| &output.manifests) {
        definitions.add_crd(&manifest.node, Found::Checked);
    }
    let judge = Judge::new(NEWEST, &definitions);
    let mut objects = Vec::new();
    for (release, output) in environment.releases.iter().zip(&rendered) {
        let of_release = output.manifests.iter();
        objects.extend(of_release.map(|manifest| {
            object(&judge, &manifest.node, &release.name, Some(&stages.repo.sources))
        }));
    }
    let surroundings = Surroundings::of(environment, &rendered);
    (Cluster::new(objects, surroundings, Extent::Whole), stages.repo.sources)
}

/// The environment of a text: the first document is `environment.yaml`, each other one begins with
/// a comment that is its path.
pub fn repository(text: &str) -> Memory {
    let mut files = Vec::new();
    for document in text.split("---\n").filter(|document| !document.trim().is_empty()) {
        let path = document.lines().next().and_then(|line| line.strip_prefix("# "));
        let path = path.unwrap_or("environments/example/environment.yaml");
        files.push((path.to_owned(), document.to_owned()));
    }
    Memory::new(files)
}
