//! The ApplicationSet of a layer: rendered from its template, with the layer's releases as list.

use serde_json::{Value, json};

use super::{marker, set_rules};
use crate::config::{State, pointer_span};
use crate::diagnostic::{Finding, suggest};
use crate::load::Repo;
use crate::render::{Rendered, Renderer, finish_argocd};
use crate::resolve::{CLUSTER_LAYER, Environment, Release};
use crate::source::Span;
use crate::yaml::{self, Node, Value as YamlValue};

/// Renders `applicationsets/<layer>.yaml`.
pub(super) fn render(
    repo: &Repo,
    renderer: &Renderer<'_>,
    environment: &Environment,
    layer: &str,
    rendered: &[Rendered],
    findings: &mut Vec<Finding>,
) -> Option<Node> {
    let place = if layer == CLUSTER_LAYER {
        Span::new(environment.file, 0..0)
    } else {
        pointer_span(&environment.node, &format!("/layers/{layer}"))
    };
    if let Some(finding) = repo.unreadable.get(&format!("applicationsets/{layer}.yaml")) {
        findings.push(finding.clone());
        return None;
    }
    if !repo.application_sets.templates.contains_key(layer) {
        let known = repo.application_sets.templates.keys().map(String::as_str);
        let hint = suggest(layer, known).unwrap_or_default();
        findings.push(
            Finding::error("file-missing", format!("there is no `applicationsets/{layer}.yaml`"))
                .at(place, "every layer has one")
                .help(format!("copy the one of another layer; {hint}")),
        );
        return None;
    }
    let mut elements: Vec<Value> = Vec::new();
    let pairs = environment.releases.iter().zip(rendered);
    for (release, output) in pairs.filter(|(release, _)| release.layer == layer) {
        if let Some(chart) = &output.chart {
            imprecise(&chart.values, findings);
        }
        elements.push(element(repo, environment, release, output));
    }
    let context = json!({
        "name": layer,
        "project": format!("{}-{layer}", environment.name),
        "releases": &elements,
    });
    let context = yaml::from_json(&context, place);
    let start = findings.len();
    let mut objects = renderer.application_set(environment, layer, &context, findings).into_iter();
    if findings.len() > start {
        return None;
    }
    let (Some(mut set), None) = (objects.next(), objects.next()) else {
        findings.push(
            Finding::error(
                "application-set-wrong",
                format!("`applicationsets/{layer}.yaml` must give one object"),
            )
            .in_file(format!("applicationsets/{layer}.yaml")),
        );
        return None;
    };
    let name = set.pointer("/metadata/name");
    let expected = format!("{}-{layer}", environment.name);
    if name.and_then(Node::as_str) != Some(&expected) {
        findings.push(
            Finding::error(
                "application-set-wrong",
                format!("the ApplicationSet of layer `{layer}` must be named `{expected}`"),
            )
            .at(name.map_or(set.span, |name| name.span), "its name")
            .help("write `name: ${{ env.name }}-${{ layer.name }}`: environments may share one Argo CD"),
        );
        return None;
    }
    set_rules::check(environment, layer, &elements, &set, findings);
    finish_argocd(&mut set);
    Some(set)
}

/// Whole numbers in chart values that the set's controller changes: it reads the list's elements as
/// JSON, whose numbers are floats of 64 bits for it.
fn imprecise(values: &Node, findings: &mut Vec<Finding>) {
    /// Every whole number up to here has a float of its own.
    const EXACT: u64 = 1 << 53;
    let rounded = match &values.value {
        YamlValue::Int(number) => number.unsigned_abs() > EXACT,
        YamlValue::UInt(number) => *number > EXACT,
        YamlValue::Seq(items) => {
            items.iter().for_each(|item| imprecise(item, findings));
            false
        }
        YamlValue::Map(map) => {
            map.iter().for_each(|(_, value)| imprecise(value, findings));
            false
        }
        _ => false,
    };
    if rounded {
        findings.push(
            Finding::warning("number-imprecise", "Argo CD rounds a whole number this large")
                .at(values.span, "")
                .note("ApplicationSets hold numbers as floats of 64 bits, exact up to 2^53")
                .help("write it in quotes, if the chart takes text"),
        );
    }
}

/// What a set's template knows of one release.
fn element(repo: &Repo, environment: &Environment, release: &Release, output: &Rendered) -> Value {
    let path = format!(
        "{}/{}/manifests/{}/{}",
        environment.rendered_path(),
        environment.name,
        release.layer,
        release.name
    );
    let mut sources = Vec::new();
    if let Some(chart) = &output.chart {
        sources.push(json!({
            "repoURL": chart.repo_url,
            "chart": chart.name,
            "targetRevision": chart.version,
            "helm": {"releaseName": chart.release_name, "valuesObject": yaml::to_json(&chart.values)},
        }));
    }
    if !output.manifests.is_empty() || release.state == State::Absent || sources.is_empty() {
        sources.push(json!({
            "repoURL": environment.repo_url(),
            "targetRevision": environment.revision(),
            "path": path,
        }));
    }
    let app = repo.apps.get(&release.app).map(|app| &app.spec);
    let mut sync_options = app.and_then(|app| app.sync_options.clone()).unwrap_or_default();
    if app.is_some_and(|app| app.chart.is_some()) {
        confirm(&mut sync_options);
    }
    let ignored = app.and_then(|app| app.ignore_differences.clone()).unwrap_or_default();
    json!({
        "name": release.name,
        "application": format!("{}-{}", environment.name, release.name),
        "namespace": release.namespace,
        "path": path,
        "state": match release.state {
            State::Present => "present",
            State::Absent => "absent",
        },
        "empty": marker::is_empty(output),
        "sources": sources,
        "syncOptions": sync_options,
        "ignoreDifferences": ignored,
    })
}

/// Lets a person confirm whatever Argo CD would prune or delete of a chart: its objects cannot be
/// marked one by one, since they are not seen here. It holds for a present app too, because a chart
/// may drop an object that holds data with any version. What the objects state themselves wins.
fn confirm(sync_options: &mut Vec<String>) {
    for name in ["Prune", "Delete"] {
        let stated = |option: &String| option.split('=').next() == Some(name);
        if !sync_options.iter().any(stated) {
            sync_options.push(format!("{name}=confirm"));
        }
    }
}
