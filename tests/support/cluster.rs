//! A small cluster from a text: its documents, and what their environment states.
//!
//! A document of kind `Environment` makes the rest a whole cluster of its own; without one they are
//! files of a cluster that is not known. A line `# app NAME` in a document says what it belongs to.
//! A document of kind `App` with a `footprint` stands for a chart that is not rendered.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, unreachable_pub)]

use gitopsc::check::{Fault, Judge, whole};
use gitopsc::diagnostic::Finding;
use gitopsc::facts::{Cluster, Extent, Made, Name, Reading, Surroundings};
use gitopsc::model::GroupKind;
use gitopsc::schema::{Definitions, Found, NEWEST};
use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{self, Node};

/// What is wrong with a text.
pub struct Checked {
    /// With each object by itself.
    pub faults: Vec<Fault>,
    /// With all together.
    pub findings: Vec<Finding>,
    sources: Sources,
}

impl Checked {
    /// The line of the text that a place lies in, without blanks around it.
    pub fn line(&self, span: Span) -> &str {
        let text = &self.sources.get(span.file).text;
        let start = span.start as usize;
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        text[from..].lines().next().unwrap_or_default().trim()
    }

    /// Findings as a person wants to read them in a failing test.
    pub fn account(&self) -> String {
        let one = |finding: &Finding| {
            let labels: Vec<String> = finding
                .labels
                .iter()
                .map(|label| format!("\n      {} | {}", self.line(label.span), label.text))
                .collect();
            let Finding { id, message, notes, help, .. } = finding;
            format!("{id}: {message}{}\n      {notes:?} {help:?}\n", labels.concat())
        };
        self.findings.iter().map(one).collect()
    }
}

/// Checks a text.
pub fn check(text: &str) -> Checked {
    let mut sources = Sources::default();
    let file = sources.add("example.yaml", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?} in {text}", read.faults);
    let all: Vec<&Node> = read.documents.iter().filter_map(|it| it.node.as_ref()).collect();
    let own = |kind: &'static str| {
        all.iter().filter(move |node| is_own(node) && text_of(node, "kind") == kind)
    };
    let objects: Vec<&Node> = all.iter().copied().filter(|node| !is_own(node)).collect();
    let mut definitions = Definitions::default();
    for object in &objects {
        definitions.add_crd(object, Found::Checked);
    }
    // `# Kubernetes 1.29` in the first line asks for that version.
    let stated = text.strip_prefix("# Kubernetes 1.").and_then(|rest| rest.lines().next());
    let minor = stated.map_or(NEWEST, |minor| minor.parse().unwrap());
    let judge = Judge::new(minor, &definitions);
    let environment = own("Environment").next();
    let mut surroundings =
        environment.map_or_else(Surroundings::unknown, |it| Surroundings::stated(it));
    // Namespaces, unless all is there, and the definitions of custom kinds, were there before.
    let is_all = text.starts_with("# The whole cluster\n");
    let around = ["Namespace", "apiextensions.k8s.io/CustomResourceDefinition"];
    let around = around.into_iter().skip(usize::from(is_all));
    for kind in around.filter(|_| environment.is_some()) {
        let (group_kind, name) = (Some(GroupKind::parse(kind)), Name::Any);
        surroundings.made.push(Made { group_kind, namespace: None, name, keys: None });
    }
    for app in own("App") {
        let (name, namespace) = (unit(text, app), text_of(app, "namespace"));
        surroundings = surroundings.with_chart(&name, namespace, app.get("footprint"));
    }
    let facts = objects.iter().map(|object| {
        let is_cluster_wide = judge.is_cluster_wide(object);
        let sources = Some(&sources);
        Reading { file: None, unit: &unit(text, object).into(), is_cluster_wide, sources }
            .object(object)
    });
    let is_whole = environment.is_some() || is_all;
    let extent = if is_whole { Extent::Whole } else { Extent::default() };
    let cluster = Cluster::new(facts.collect(), surroundings, extent);
    let findings = whole::check(&cluster).findings;
    let mut faults: Vec<Fault> = objects.iter().flat_map(|it| judge.object(it).faults).collect();
    // Where an environment is known, so are its node ports.
    faults.retain(|fault| environment.is_none() || fault.id != "node-port-unusual");
    Checked { faults, findings, sources }
}

fn is_own(node: &Node) -> bool {
    text_of(node, "apiVersion").starts_with("gitopsc.dev/")
}

fn text_of<'n>(node: &'n Node, field: &str) -> &'n str {
    node.get(field).and_then(Node::as_str).unwrap_or_default()
}

/// What the line `# app NAME` before or in the first lines of a document says.
fn unit(text: &str, node: &Node) -> String {
    let kind = node.get("kind").map_or(node.span, |kind| kind.span);
    let before = &text[..kind.start as usize];
    let own = before.rsplit("---\n").next().unwrap_or_default();
    let line = own.lines().find_map(|line| line.trim().strip_prefix("# app "));
    line.unwrap_or_default().to_owned()
}
