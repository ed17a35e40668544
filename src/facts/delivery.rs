//! What tools are told to bring that no manifest shows: charts, and paths of repositories.

use crate::load::manifest::is_open;
use crate::model::{Field, GroupKind};
use crate::yaml::Node;

/// The kinds that bring other objects.
const KINDS: [(&str, &str); 9] = [
    ("argoproj.io", "Application"),
    ("argoproj.io", "ApplicationSet"),
    ("fleet.cattle.io", "Bundle"),
    ("fleet.cattle.io", "GitRepo"),
    ("fleet.cattle.io", "HelmOp"),
    HELM_CHART,
    HELM_RELEASE,
    ("kappctrl.k14s.io", "App"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"),
];
const HELM_CHART: (&str, &str) = ("helm.cattle.io", "HelmChart");
const HELM_RELEASE: (&str, &str) = ("helm.toolkit.fluxcd.io", "HelmRelease");

/// Whether objects of a kind bring others.
pub(super) fn brings(kind: &GroupKind) -> bool {
    KINDS.contains(&(kind.group.as_str(), kind.kind.as_str()))
}

/// The charts that an object brings, as it names them; nothing where it may bring anything else: a
/// path of a repository, a chart whose name is not told.
pub(super) fn charts(kind: (&str, &str), root: &Field<'_>) -> Option<Box<[Box<str>]>> {
    let spec = root.node.get("spec")?;
    match kind {
        ("argoproj.io", "Application") => of_sources(spec),
        ("argoproj.io", "ApplicationSet") if spec.get("templatePatch").is_none() => {
            of_sources(spec.pointer("/template/spec")?)
        }
        // `chartContent` is the chart itself.
        HELM_CHART if spec.get("chartContent").is_none() => Some([name(spec)?].into()),
        HELM_RELEASE => {
            let chart = spec.pointer("/chart/spec")?;
            let from = chart.pointer("/sourceRef/kind").and_then(Node::as_str);
            (from == Some("HelmRepository")).then_some([name(chart)?].into())
        }
        _ => None,
    }
}

/// Of an Application. Beside a path or a chart, a `ref` lends files alone: `GenerateManifest`
/// of Argo CD's `reposerver/repository/repository.go`.
fn of_sources(spec: &Node) -> Option<Box<[Box<str>]>> {
    let several = spec.get("sources").filter(|sources| !sources.is_null());
    let sources: Vec<&Node> = match several {
        Some(sources) => sources.as_seq()?.iter().collect(),
        None => vec![spec.get("source")?],
    };
    let is_lent = |source: &&Node| {
        let text = |field| source.get(field).and_then(Node::as_str).unwrap_or_default();
        let is_file = text("path").is_empty() && text("chart").is_empty();
        !text("ref").is_empty() && is_file && !text("repoURL").starts_with("oci://")
    };
    sources.into_iter().filter(|source| !is_lent(source)).map(name).collect()
}

/// The chart that a source names.
fn name(source: &Node) -> Option<Box<str>> {
    let chart = source.get("chart").filter(|chart| !is_open(chart))?.as_str()?;
    (!chart.is_empty()).then(|| chart.into())
}
