//! Which Application has which object of a tree.

use std::collections::HashMap;

use anyhow::Context;

use crate::argocd::application::Application;
use crate::argocd::tracking::instance;
use crate::argocd::{Followed, FollowedApplication};
use crate::check::Judge;
use crate::cli::argocd::{Known, followed};
use crate::diff::File;
use crate::load::Checkouts;
use crate::model::MadeFile;
use crate::model::ObjectKey;
use crate::resolve::Environment;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// What a person applies of a tree.
const ROOT: &str = "root.yaml";

/// Follows the tree of an environment from its root.
pub(super) fn tree(
    files: &[File],
    environment: &Environment,
    judge: &Judge<'_>,
    sources: &mut Sources,
) -> anyhow::Result<Followed> {
    let root = files.iter().find(|file| &*file.path == ROOT);
    let text = root.and_then(|file| file.text.clone()).context("the tree has no `root.yaml`")?;
    let file = sources.add(ROOT, text.clone());
    let documents = yaml::read(file, &text).documents.into_iter();
    let objects: Vec<Node> = documents.filter_map(|document| document.node).collect();
    let above = above(environment);
    let mut checkouts = Checkouts::default();
    for node in &objects {
        let Some(url) = node.pointer("/spec/source/repoURL").and_then(Node::as_str) else {
            continue;
        };
        let texts = files.iter().filter_map(|file| {
            Some((format!("{above}{}", file.path), MadeFile::Text(file.text.as_ref()?.to_string())))
        });
        checkouts.add_made(url, texts, sources);
    }
    followed(&objects, &Known::default(), &mut checkouts, judge, sources)
}

fn above(environment: &Environment) -> String {
    format!("{}/{}/", environment.rendered_path(), environment.name)
}

/// The Application that has an object.
pub(super) struct Owner<'f> {
    pub(super) application: &'f Application,
    /// Its name in marks.
    pub(super) instance: String,
    /// Who the object is in the cluster.
    key: ObjectKey,
    /// Whether it is applied in the course of a sync, and not kept.
    pub(super) is_hook: bool,
}

/// The owners of the objects of a tree, by file and name.
pub(super) struct Owners<'f> {
    above: String,
    by_object: HashMap<(String, ObjectKey), Owner<'f>>,
}

impl<'f> Owners<'f> {
    /// Of the Applications of a tree; `own` is the namespace of Argo CD.
    pub(super) fn of(followed: &'f Followed, environment: &Environment, own: &str) -> Self {
        let mut by_object = HashMap::new();
        let there = |one: &&FollowedApplication| !one.is_dropped;
        for one in followed.applications.iter().filter(there) {
            for member in one.members() {
                let owner = Owner {
                    application: &one.application,
                    instance: instance(&one.namespace, one.application.name(), own),
                    key: member.key.clone(),
                    is_hook: !member.hooks.is_empty(),
                };
                by_object.insert((member.path.clone(), ObjectKey::of(&member.node)), owner);
            }
        }
        Self { above: above(environment), by_object }
    }

    /// The owner of an object, and who it is in the cluster.
    pub(super) fn find(&self, path: &str, key: &ObjectKey) -> Option<(&Owner<'f>, ObjectKey)> {
        let owner = self.by_object.get(&(format!("{}{path}", self.above), key.clone()))?;
        Some((owner, owner.key.clone()))
    }
}
