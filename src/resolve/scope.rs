//! Which environments a finding concerns.
//!
//! An error in an app stops every environment that runs the app, one in what all share stops all,
//! one in an environment stops those that extend it, and nothing else is stopped.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Finding, Severity};
use crate::load::Repo;
use crate::source::Span;
use crate::yaml::{Map, Node};

/// The environments that run each app and have each layer, and those that each extends.
#[derive(Debug, Default)]
pub(super) struct Users {
    of_app: BTreeMap<String, BTreeSet<String>>,
    of_layer: BTreeMap<String, BTreeSet<String>>,
    extended: BTreeMap<String, String>,
    /// Environments that could not be merged.
    lost: BTreeSet<String>,
}

impl Users {
    /// Notes what an environment runs; of one that cannot be merged, what its own file says.
    pub(super) fn add(&mut self, repo: &Repo, name: &str, merged: Option<&Node>) {
        if merged.is_none() {
            self.lost.insert(name.to_owned());
        }
        let own = repo.environments.get(name).and_then(|files| files.node.as_ref());
        if let Some(base) = own.and_then(|own| own.get("extends")?.as_str()) {
            self.extended.insert(name.to_owned(), base.to_owned());
        }
        let layers = merged.or(own).and_then(|node| node.get("layers")).and_then(Node::as_map);
        for (layer, _) in layers.into_iter().flat_map(Map::iter) {
            self.of_layer.entry(layer.name.to_string()).or_default().insert(name.to_owned());
        }
        let listed = merged.or(own).and_then(|node| node.get("apps")).and_then(Node::as_map);
        for (key, entry) in listed.into_iter().flat_map(Map::iter) {
            let app = entry.get("app").and_then(Node::as_str).unwrap_or(&key.name);
            self.of_app.entry(app.to_owned()).or_default().insert(name.to_owned());
        }
    }

    /// Names the environments that each finding concerns.
    pub(super) fn name_environments(&self, repo: &Repo, findings: &mut [Finding]) {
        let all: BTreeSet<String> = repo.environments.keys().cloned().collect();
        for finding in findings {
            let mut names: BTreeSet<String> = finding.environments.iter().cloned().collect();
            // A note on an app is one on the app.
            if names.is_empty() && finding.severity != Severity::Note {
                names = self.of_place(repo, finding, &all);
            }
            if finding.severity == Severity::Error {
                let heirs: Vec<_> =
                    self.lost.iter().filter(|name| self.loses_by(name, &names)).cloned().collect();
                names.extend(heirs);
            }
            finding.environments = names.into_iter().collect();
        }
    }

    /// Whether an environment could not be merged because one that it extends could not.
    fn loses_by(&self, name: &str, faulty: &BTreeSet<String>) -> bool {
        let mut seen = BTreeSet::new();
        let mut base = self.extended.get(name);
        while let Some(next) = base.filter(|next| seen.insert(next.as_str())) {
            if self.lost.contains(next) && faulty.contains(next) {
                return true;
            }
            base = self.extended.get(next);
        }
        false
    }

    fn of_place(&self, repo: &Repo, finding: &Finding, all: &BTreeSet<String>) -> BTreeSet<String> {
        let label = finding.labels.first().map(|label| repo.sources.get(label.span.file));
        let path = match (label, &finding.path) {
            (Some(source), _) => &*source.path,
            (None, Some(path)) => path.as_str(),
            (None, None) => return all.clone(),
        };
        if let Some(set) = path.strip_prefix("applicationsets/")
            && let Some(users) =
                set.strip_suffix(".yaml").and_then(|layer| self.of_layer.get(layer))
        {
            return users.clone();
        }
        let app = path.strip_prefix("apps/").and_then(|rest| rest.split('/').next());
        match app {
            Some("_lib") | None => all.clone(),
            Some(app) => self.of_app.get(app).cloned().unwrap_or_default(),
        }
    }

    /// Notes the apps that no environment lists: people write apps first.
    pub(super) fn note_unused_apps(&self, repo: &Repo, findings: &mut Vec<Finding>) {
        let unused = |name: &str| !self.of_app.contains_key(name);
        for app in
            repo.apps.values().filter(|app| !app.built_in && !app.unknown && unused(&app.name))
        {
            findings.push(
                Finding::info("app-unused", format!("no environment runs `{}`", app.name))
                    .at(Span::new(app.file, 0..0), "")
                    .help(format!("list `{}: {{}}` under `apps:` of an environment", app.name)),
            );
        }
    }
}
