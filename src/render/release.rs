//! One release: its templates, its plain manifests, its chart and the Secrets that it needs.

use minijinja::value::Value as JinjaValue;

use super::finish::Manifest;
use super::origins::Places;
use super::peer::{self, DeclaredPeer};
use super::secret::{self, RequiredSecret};
use super::{Scope, expression, template};
use crate::config::State;
use crate::diagnostic::Finding;
use crate::load::{App, AppFile, Repo, yaml_finding};
use crate::model::items;
use crate::resolve::{Environment, Release};
use crate::source::{FileId, Span};
use crate::yaml::{self, Node, Value};

/// Everything that one release gives.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Objects in the order of the templates.
    pub manifests: Vec<Manifest>,
    /// The chart that Argo CD renders, if there is one.
    pub chart: Option<ChartSource>,
    /// What the chart brings, as declared.
    pub footprint: Option<Node>,
    /// Secrets that must exist.
    pub secrets: Vec<RequiredSecret>,
    /// The apps that it talks to.
    pub peers: Vec<DeclaredPeer>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// A Helm chart as Argo CD's source.
#[derive(Debug, Clone)]
pub struct ChartSource {
    /// Repository, or OCI registry and path.
    pub repo_url: String,
    /// Chart name.
    pub name: String,
    /// Chart version.
    pub version: String,
    /// Helm release name.
    pub release_name: String,
    /// Values with their expressions replaced.
    pub values: Node,
}

/// A release before its objects are finished, which takes what other releases define.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Objects in the order of the templates; `true` says that one comes from our templates, plain
    /// manifests are taken as they are.
    pub(super) objects: Vec<(Node, bool)>,
    /// All the rest.
    pub(super) rendered: Rendered,
}

/// Renders a release.
pub(super) fn render(
    repo: &Repo,
    scope: &Scope,
    environment: &Environment,
    release: &Release,
    app: &App,
    context: &JinjaValue,
) -> Draft {
    let mut draft = Draft::default();
    if release.state == State::Absent {
        return draft;
    }
    let Draft { objects: nodes, rendered } = &mut draft;
    let findings = &mut rendered.findings;
    for path in &app.templates {
        if let Some(AppFile::Text(file)) = app.files.get(path)
            && scope.engine().jinja.get_template(path).is_ok()
        {
            let objects = template::render(scope, path, *file, context, Places::new(), findings);
            nodes.extend(objects.into_iter().flat_map(items).map(|node| (node, true)));
        }
    }
    for path in &app.manifests {
        if let Some(AppFile::Text(file)) = app.files.get(path) {
            let objects = plain(repo, *file, findings);
            nodes.extend(objects.into_iter().flat_map(items).map(|node| (node, false)));
        }
    }
    rendered.secrets = secret::required(scope, release, app, context, findings);
    let made = secret::objects(environment, &rendered.secrets, findings);
    nodes.extend(made.into_iter().map(|node| (node, true)));
    let compiled = |path: &String| scope.engine().jinja.get_template(path).is_ok();
    let broken = !findings.is_empty() || !app.templates.iter().all(compiled);
    rendered.chart = chart(scope, release, app, context, findings);
    rendered.footprint =
        app.node.get("footprint").map(|node| expression::fill(scope, node, context, findings));
    rendered.peers = peer::declared(repo, scope, app, context, findings);
    let nothing = nodes.is_empty() && rendered.chart.is_none();
    if nothing && !broken && findings.is_empty() && !app.broken && !app.built_in {
        findings.push(
            Finding::error("app-renders-nothing", format!("`{}` renders nothing", release.name))
                .at(release.span, "runs here")
                .at(Span::new(app.file, 0..0), "no template of this app gave an object")
                .help("add a template beside app.yaml, or take the app off the list"),
        );
    }
    draft
}

fn plain(repo: &Repo, file: FileId, findings: &mut Vec<Finding>) -> Vec<Node> {
    let read = yaml::read(file, &repo.sources.get(file).text);
    findings.extend(read.faults.iter().map(yaml_finding));
    read.documents.into_iter().filter_map(|document| document.node).collect()
}

fn chart(
    scope: &Scope,
    release: &Release,
    app: &App,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Option<ChartSource> {
    let chart = app.spec.chart.as_ref()?;
    let place = app.node.get("chart").map_or(app.node.span, |node| node.span);
    let mut field = |value: &Option<String>, name: &str| {
        let value = value.clone();
        if value.is_none() {
            findings.push(
                Finding::error(
                    "field-missing",
                    format!("the chart of `{}` has no `{name}`", app.name),
                )
                .at(place, ""),
            );
        }
        value
    };
    let repo_url = field(&chart.repo_url, "repoURL");
    let name = field(&chart.name, "name");
    let version = field(&chart.version, "version");
    let values = match &chart.values {
        Some(key) => release.values.get(key),
        None => Some(&*release.values),
    };
    let empty = Node::new(Value::Map(yaml::Map::default()), place);
    let values = expression::fill(scope, values.unwrap_or(&empty), context, findings);
    Some(ChartSource {
        repo_url: repo_url?,
        name: name?,
        version: version?,
        release_name: chart.release_name.clone().unwrap_or_else(|| release.name.clone()),
        values,
    })
}
