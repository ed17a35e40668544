//! A repository in one text: a document that begins with a comment such as `# apps/web.yaml` lies in that
//! file, and all that follow until the next.

use std::collections::BTreeMap;

use gitopsc::argocd::application_set::{Repositories, World};
use gitopsc::argocd::tree::{Entry, Text, Tree};
use gitopsc::argocd::{GROUP, Setting, follow};
use gitopsc::check::tree;
use gitopsc::diagnostic::Finding;
use gitopsc::model::{GroupKind, known_scope};
use gitopsc::source::Sources;
use gitopsc::yaml;

/// It is the repository of every URL and at every revision.
struct Only(Tree);

impl Repositories for Only {
    fn tree(&self, _: &str, _: &str) -> Option<&Tree> {
        Some(&self.0)
    }
}

/// What is wrong with such a repository.
pub(crate) fn faults(text: &str) -> Vec<Finding> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut path = "example.yaml".to_owned();
    for document in text.split("---\n") {
        let first = document.lines().next().and_then(|line| line.strip_prefix("# "));
        if let Some(named) = first.filter(|line| line.to_lowercase().ends_with(".yaml")) {
            path = named.to_owned();
        }
        let file = files.entry(path.clone()).or_default();
        if !file.is_empty() {
            file.push_str("---\n");
        }
        file.push_str(document);
    }
    let (mut sources, mut objects, mut entries) = (Sources::default(), Vec::new(), Vec::new());
    for (path, text) in files {
        let file = sources.add(path.as_str(), text.as_str());
        let read = yaml::read(file, &text);
        objects.extend(read.documents.into_iter().filter_map(|document| document.node));
        entries.push((path, Entry::File(Text { file, text: text.into() })));
    }
    objects.retain(|node| GroupKind::stated(node).0 == GROUP);
    let repositories = Only(Tree::new(entries));
    let world = World { repositories: Some(&repositories), ..World::default() };
    let scope = |node: &yaml::Node| {
        let (group, kind) = GroupKind::stated(node);
        known_scope(group, kind)
    };
    let followed = follow(objects, &Setting { world, scope: &scope });
    let mut findings = tree::check(&followed, &repositories);
    findings.extend(tree::orphaned(&followed, &repositories.0));
    let is_template = |file| sources.get(file).path.contains("/templates/");
    findings.extend(tree::unread(&followed, &is_template));
    findings
}
