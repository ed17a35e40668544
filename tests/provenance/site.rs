//! One app in one environment, and where the nodes of its manifest come from.

use gitopsc::diagnostic::Finding;
use gitopsc::render::Manifest;
use gitopsc::source::Sources;
use gitopsc::world::Memory;
use gitopsc::yaml::{self, Node};

use crate::support::{Stages, describe};

const ENVIRONMENT: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.test/platform.git, revision: main}
layers: {main: {}}
namespaces: {web: {layer: main}}
apps:
";

const APP: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
layer: main
namespace: web
";

/// One app rendered in one environment.
pub struct Site {
    pub stages: Stages,
    pub manifests: Vec<Manifest>,
    pub findings: Vec<Finding>,
}

impl Site {
    /// `app` goes on from line 5 of app.yaml, `release` from line 8 of environment.yaml, and the
    /// data of the ConfigMap in `template` begins in its line 6.
    pub fn new(app: &str, release: &str, data: &str, more: &[(&str, &str)]) -> Self {
        let template =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n{data}");
        let mut files = vec![
            ("environments/e/environment.yaml".to_owned(), format!("{ENVIRONMENT}{release}")),
            ("apps/web/app.yaml".to_owned(), format!("{APP}{app}")),
            ("apps/web/template.yaml".to_owned(), template),
        ];
        files.extend(more.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        let stages = Stages::new(&Memory::new(files));
        assert!(
            stages.plan.environments.iter().all(|environment| !environment.broken),
            "{:?}",
            stages.plan.findings
        );
        let rendered = stages.rendered("e");
        let position = stages.environment("e").releases.iter().position(|r| r.name == "web");
        let web = rendered.into_iter().nth(position.unwrap()).unwrap();
        Self { manifests: web.manifests, findings: web.findings, stages }
    }

    pub fn sources(&self) -> &Sources {
        &self.stages.repo.sources
    }

    pub fn sound(self) -> Self {
        let found: Vec<_> = self.findings.iter().map(|f| describe(f, self.sources())).collect();
        assert!(found.is_empty(), "{found:#?}");
        self
    }

    pub fn node(&self, pointer: &str) -> &Node {
        let manifest = &self.manifests[0].node;
        let found = manifest.pointer(pointer);
        found.unwrap_or_else(|| panic!("no {pointer} in\n{}", yaml::emit(manifest)))
    }

    /// Where the template makes a node, the text there, and where its values are written.
    pub fn chain(&self, pointer: &str) -> (String, &str, Vec<String>) {
        let node = self.node(pointer);
        let origins = node.origins.iter().map(|&origin| self.sources().place(origin)).collect();
        (self.sources().place(node.span), self.sources().slice(node.span), origins)
    }

    #[track_caller]
    pub fn expect(&self, pointer: &str, place: &str, text: &str, origins: &[&str]) {
        let (found_place, found_text, found_origins) = self.chain(pointer);
        let found = (found_place.as_str(), found_text);
        assert_eq!((found, found_origins), ((place, text), owned(origins)), "{pointer}");
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// A node as JSON.
pub fn json(node: &Node) -> serde_json::Value {
    yaml::to_json(node)
}
