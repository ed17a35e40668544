//! Plain manifests, judged and sorted without the command line.

use gitopsc::check::Judge;
use gitopsc::config::Settings;
use gitopsc::diagnostic::Finding;
use gitopsc::model::ObjectKey;
use gitopsc::policy::{Baseline, Extent, Looked, Object, Outcome, Policy, Selection};
use gitopsc::schema::{Definitions, NEWEST};
use gitopsc::source::Sources;
use gitopsc::yaml;

use crate::support::describe;

/// Files, and all that was found in them.
pub struct Manifests {
    pub sources: Sources,
    pub objects: Vec<Object>,
    pub findings: Vec<Finding>,
    pub extent: Extent,
}

impl Manifests {
    /// Judges the objects of some files; what cannot be read is an error of its file.
    pub fn judge<T: AsRef<str>>(files: &[(&str, T)]) -> Self {
        let definitions = Definitions::default();
        let judge = Judge::new(NEWEST, &definitions);
        let (mut sources, mut objects, mut findings) = (Sources::default(), Vec::new(), Vec::new());
        for (path, text) in files {
            let file = sources.add(*path, text.as_ref());
            let read = yaml::read(file, text.as_ref());
            findings.extend(
                read.faults
                    .iter()
                    .map(|f| Finding::error("yaml-syntax", &*f.message).at(f.span, "")),
            );
            for node in read.documents.iter().filter_map(|document| document.node.as_ref()) {
                let verdict = judge.object(node);
                let name = ObjectKey::of(node).to_string();
                objects.push(Object::new(node, name.clone(), None, &verdict));
                findings.extend(
                    verdict
                        .faults
                        .into_iter()
                        .map(|f| f.into_finding(&sources).about(name.as_str())),
                );
            }
        }
        let extent = Extent { roots: vec![".".to_owned()], ..Extent::default() };
        Self { sources, objects, findings, extent }
    }

    pub fn looked(&self) -> Looked<'_> {
        Looked { sources: &self.sources, objects: &self.objects, extent: &self.extent }
    }

    pub fn apply(&self, policy: &Policy) -> Outcome {
        policy.apply(self.findings.clone(), self.looked())
    }

    /// Sorted by a policy that changes nothing but what silencers say.
    pub fn plain(&self) -> Outcome {
        self.apply(&Policy::default())
    }

    /// The baseline of what is found, as a file would hold it.
    pub fn baseline(&self, old: Option<&Baseline>) -> String {
        let policy = Policy::default();
        let sorted = policy.sort(self.findings.clone(), self.looked());
        policy.renew(old, &sorted, self.looked()).to_text()
    }

    /// What is left behind a baseline, with its lines.
    pub fn beyond(&self, baseline: &str) -> Vec<String> {
        let policy = Policy::default().with_baseline(read(baseline));
        self.apply(&policy).findings.iter().map(|f| describe(f, &self.sources)).collect()
    }

    pub fn ids(&self, outcome: &Outcome) -> Vec<&'static str> {
        outcome.findings.iter().map(|finding| finding.id).collect()
    }
}

pub fn read(baseline: &str) -> Baseline {
    Baseline::parse("b.json", baseline, "gitopsc check --write-baseline b.json").unwrap()
}

pub fn selection(select: &[&str], ignore: &[&str]) -> Selection {
    let parse = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    Selection { select: parse(select), ignore: parse(ignore) }
}

pub fn policy(selection: Selection) -> Policy {
    let mut findings = Vec::new();
    let policy = Policy::new(&Settings::default(), selection, &mut findings);
    assert!(findings.is_empty());
    policy
}

/// A Service with one port.
pub fn service(name: &str, port: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n    - port: {port}\n"
    )
}
