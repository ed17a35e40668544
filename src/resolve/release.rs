//! Releases: each App of an environment with its place and its merged values.

use std::sync::Arc;

use super::merge::merge;
use super::{CLUSTER_LAYER, Environment, Release, Request};
use super::{environment, form, reference, sealed, stated};
use crate::config::{EnvironmentSpec, ReleaseSpec, State, decode, pointer_span};
use crate::diagnostic::{Finding, Severity, suggest};
use crate::load::{App, Repo};
use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

/// The plan of one environment.
pub(super) fn plan(
    repo: &Repo,
    request: &Request,
    name: &str,
    mut node: Node,
    findings: &mut Vec<Finding>,
) -> Option<Environment> {
    let file = repo.environments.get(name)?.file;
    let start = findings.len();
    if let Some(url) = &request.repo_url {
        let gitops = node.as_map_mut().and_then(|map| map.get_mut("gitops")?.as_map_mut());
        if let Some(gitops) = gitops {
            let span = Span::new(file, 0..0);
            let key = Key { name: "repoURL".into(), span };
            gitops.insert(key, Node::string(url.as_str(), span));
        }
    }
    let path =
        node.as_map_mut().and_then(|map| map.get_mut("gitops")?.as_map_mut()?.get_mut("path"));
    if let Some(path) = path
        && let Some(text) = path.as_str().map(|text| text.trim_end_matches('/').to_owned())
        && !text.is_empty()
    {
        path.value = Value::String(text.into());
    }
    let mut typed = node.clone();
    if let Some(map) = typed.as_map_mut() {
        map.remove("name");
    }
    let spec: EnvironmentSpec = match decode(&typed) {
        Ok(spec) => spec,
        Err(error) => {
            findings.push(
                Finding::error("config-wrong", format!("environment `{name}` cannot be read"))
                    .at(node.span, error)
                    .in_environment(name),
            );
            return None;
        }
    };
    let mut environment = Environment {
        name: name.to_owned(),
        file,
        node: Arc::new(node),
        spec,
        releases: Vec::new(),
        broken: false,
    };
    let listed = environment.node.get("apps").and_then(Node::as_map);
    for (key, entry) in listed.into_iter().flat_map(Map::iter) {
        let planner = Planner { repo, request, environment: &environment, findings };
        match planner.release(&key.name, key.span, entry) {
            Some((release, broken)) => {
                environment.releases.push(release);
                environment.broken |= broken;
            }
            None => environment.broken = true,
        }
    }
    form::check(&environment, findings);
    // The templates of the built-in apps rely on what is asked for here. Without it they would
    // fail too, at lines that nobody can change.
    let before = findings.len();
    stated::check(repo, &environment, findings);
    if findings.len() == before {
        add_built_in(repo, &mut environment);
    }
    reference::check(repo, &environment, findings);
    sealed::check(repo, &environment, findings);
    let order: Vec<String> = environment.live_layers().map(str::to_owned).collect();
    environment.releases.sort_by_key(|release| {
        let layer = order.iter().position(|layer| *layer == release.layer).unwrap_or(usize::MAX);
        (layer, release.name.clone())
    });
    for finding in &mut findings[start..] {
        if !finding.environments.iter().any(|known| known == name) {
            finding.environments.push(name.to_owned());
        }
        environment.broken |= finding.severity == Severity::Error;
    }
    Some(environment)
}

struct Planner<'a, 'f> {
    repo: &'a Repo,
    request: &'a Request,
    environment: &'a Environment,
    findings: &'f mut Vec<Finding>,
}

impl<'a> Planner<'a, '_> {
    /// One release, and whether a file of its App is broken.
    fn release(mut self, name: &str, span: Span, entry: &Node) -> Option<(Release, bool)> {
        let spec: ReleaseSpec =
            if entry.is_null() { ReleaseSpec::default() } else { decode(entry).ok()? };
        let place = |field: &str| entry.get(field).map_or(span, |node| node.span);
        let app = self.app(spec.app.as_deref().unwrap_or(name), place("app"))?;
        if app.unknown {
            return None;
        }
        let layer = spec.layer.as_deref().or(app.spec.layer.as_deref());
        let layer = self.layer(name, app, layer, place("layer"));
        let namespace = spec.namespace.as_deref().or(app.spec.namespace.as_deref());
        let namespace = self.namespace(name, app, namespace, layer, place("namespace"));
        let values = self.values(name, app);
        if let Some(note) = &app.spec.note {
            self.findings.push(
                Finding::info("app-note", format!("`{}`: {}", app.name, note.trim()))
                    .at(pointer_span(&app.node, "/note"), ""),
            );
        }
        let (layer, namespace) = (layer?, namespace?);
        let declared = self.environment.spec.layers.as_ref()?.get(layer)?.as_ref();
        let version = spec.version.or_else(|| app.spec.version.clone());
        let priority_class = declared.and_then(|layer| layer.priority_class.clone());
        let stated = |field: &str| {
            entry.get(field).or_else(|| app.node.get(field)).map_or(span, |node| node.span)
        };
        let layers = self.environment.node.get("layers").and_then(|layers| layers.get(layer));
        let class = layers.and_then(|layer| layer.get("priorityClass"));
        let node = fields([
            ("name", Some(name), span),
            ("app", Some(&app.name), place("app")),
            ("layer", Some(layer), stated("layer")),
            ("namespace", Some(namespace), stated("namespace")),
            ("version", version.as_deref(), stated("version")),
            ("priorityClass", priority_class.as_deref(), class.map_or(span, |class| class.span)),
        ]);
        let release = Release {
            name: name.to_owned(),
            app: app.name.clone(),
            layer: layer.to_owned(),
            namespace: namespace.to_owned(),
            version,
            state: spec.state.unwrap_or_default(),
            priority_class,
            values: Arc::new(values?),
            node: Arc::new(node),
            span,
        };
        Some((release, app.broken))
    }

    fn app(&mut self, name: &str, span: Span) -> Option<&'a App> {
        let app = self.repo.apps.get(name).filter(|app| !app.built_in);
        if app.is_none() {
            let known = self.repo.apps.values().filter(|app| !app.built_in);
            let finding = Finding::error("app-unknown", format!("there is no app `{name}`"))
                .at(span, "named here");
            self.push(finding, suggest(name, known.map(|app| app.name.as_str())));
        }
        app
    }

    fn layer<'b>(
        &mut self,
        release: &str,
        app: &App,
        layer: Option<&'b str>,
        span: Span,
    ) -> Option<&'b str> {
        let Some(layer) = layer else {
            self.findings.push(
                Finding::error("field-missing", format!("`{release}` has no layer"))
                    .at(span, "neither here")
                    .at(Span::new(app.file, 0..0), "nor in the App")
                    .help("set `layer` in app.yaml"),
            );
            return None;
        };
        let declared = self.environment.spec.layers.as_ref().and_then(|layers| layers.get(layer));
        let Some(declared) = declared else {
            let known = self.environment.spec.layers.iter().flat_map(|layers| layers.keys());
            let finding = Finding::error(
                "layer-unknown",
                format!("`{release}` belongs to `{layer}`, a layer that is not declared"),
            )
            .at(span, "")
            .at(pointer_span(&self.environment.node, "/layers"), "the layers of this environment");
            self.push(finding, suggest(layer, known.map(String::as_str)));
            return None;
        };
        if declared.as_ref().and_then(|layer| layer.reserved).unwrap_or(false) {
            self.findings.push(
                Finding::error(
                    "layer-reserved",
                    format!("`{layer}` is reserved, nothing runs there"),
                )
                .at(span, format!("`{release}` does"))
                .at(
                    pointer_span(&self.environment.node, &format!("/layers/{layer}/reserved")),
                    "reserved here",
                )
                .help("take `reserved` off the layer, or move the app to another"),
            );
            return None;
        }
        Some(layer)
    }

    fn namespace<'b>(
        &mut self,
        release: &str,
        app: &App,
        namespace: Option<&'b str>,
        layer: Option<&str>,
        span: Span,
    ) -> Option<&'b str> {
        let Some(namespace) = namespace else {
            self.findings.push(
                Finding::error("field-missing", format!("`{release}` has no namespace"))
                    .at(span, "neither here")
                    .at(Span::new(app.file, 0..0), "nor in the App")
                    .help("set `namespace` in app.yaml"),
            );
            return None;
        };
        let spec = &self.environment.spec;
        let declared = spec.namespaces.as_ref().and_then(|all| all.get(namespace));
        let Some(declared) = declared else {
            let finding = namespace_undeclared(self.environment, namespace)
                .at(span, format!("`{release}` goes there"));
            self.findings.push(finding);
            return Some(namespace);
        };
        let owner = declared.as_ref().and_then(|declared| declared.layer.as_deref());
        if owner.is_some_and(|owner| !spec.layers.iter().flatten().any(|(name, _)| name == owner)) {
            // `layer-unknown` says it already.
            return Some(namespace);
        }
        if let Some(layer) = layer.filter(|layer| owner != Some(*layer)) {
            let (message, help) = match owner {
                Some(owner) => (
                    format!("namespace `{namespace}` belongs to layer `{owner}`"),
                    "move the namespace or the app, so that both are in one layer",
                ),
                None => (
                    format!("namespace `{namespace}` belongs to no layer"),
                    "set `layer` of the namespace: it is what the layer's AppProject permits",
                ),
            };
            let place = pointer_span(&self.environment.node, &format!("/namespaces/{namespace}"));
            self.findings.push(
                Finding::error("namespace-of-other-layer", message)
                    .at(span, format!("`{release}` of layer `{layer}` goes there"))
                    .at(place, "declared here")
                    .help(help),
            );
        }
        Some(namespace)
    }

    /// The App's defaults under what the environments change, held against the App's schema.
    fn values(&mut self, name: &str, app: &App) -> Option<Node> {
        let mut values =
            app.node.get("values").cloned().unwrap_or_else(|| {
                Node::new(Value::Map(Map::default()), Span::new(app.file, 0..0))
            });
        for change in environment::changes(self.repo, &self.environment.name, name) {
            merge(&mut values, change);
        }
        for change in self.request.changes.iter().filter(|change| change.release == name) {
            merge(&mut values, &change.values);
        }
        let faults =
            app.values_schema.as_ref().map(|schema| schema.validate(&values, "values-wrong"));
        let faults = faults.unwrap_or_default();
        let sound = faults.is_empty();
        self.findings.extend(faults.into_iter().map(|mut finding| {
            finding.notes.push(format!("`apps/{}/values.schema.json` says so", app.name));
            finding
        }));
        sound.then_some(values)
    }

    fn push(&mut self, finding: Finding, help: Option<String>) {
        self.findings.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }
}

/// The finding for a namespace that an environment does not declare; the caller says where.
pub(crate) fn namespace_undeclared(environment: &Environment, namespace: &str) -> Finding {
    let known = environment.spec.namespaces.iter().flat_map(|all| all.keys());
    let near = crate::diagnostic::nearest(namespace, known.map(String::as_str));
    let help = near.map_or_else(
        || format!("declare `{namespace}: {{layer: …}}` under `namespaces:` in environment.yaml"),
        |near| format!("did you mean `{near}`?"),
    );
    Finding::error(
        "namespace-undeclared",
        format!("`{}` declares no namespace `{namespace}`", environment.name),
    )
    .help(help)
}

/// What templates see as `release`. A version that nobody states is undefined; a priority class is
/// null, so that `#% if release.priorityClass` can ask.
fn fields(fields: [(&str, Option<&str>, Span); 6]) -> Node {
    let mut map = Map::default();
    for (name, text, span) in fields {
        let value = match text {
            Some(text) => Node::string(text, span),
            None if name == "version" => continue,
            None => Node::new(Value::Null, span),
        };
        map.insert(Key { name: name.into(), span }, value);
    }
    Node::new(Value::Map(map), fields[0].2)
}

/// The releases that every environment has: its own declarations, and MetalLB's pools where
/// MetalLB is listed. Nobody can list these, so what they follow says that they leave.
fn add_built_in(repo: &Repo, environment: &mut Environment) {
    let built_in = |app: &str, layer: &str, namespace: &str| {
        let app = repo.apps.get(app)?;
        let span = Span::new(environment.file, 0..0);
        Some(Release {
            name: app.name.clone(),
            app: app.name.clone(),
            layer: layer.to_owned(),
            namespace: namespace.to_owned(),
            version: None,
            state: State::Present,
            priority_class: None,
            values: Arc::new(Node::new(Value::Map(Map::default()), span)),
            node: Arc::new(fields([
                ("name", Some(&app.name), span),
                ("app", Some(&app.name), span),
                ("layer", Some(layer), span),
                ("namespace", Some(namespace), span),
                ("version", None, span),
                ("priorityClass", None, span),
            ])),
            span,
        })
    };
    let mut released = environment.releases.iter().filter(|release| release.app == "metallb");
    // One that runs counts, then one that is leaving: its pools leave with it.
    let metallb = released.clone().find(|release| release.state == State::Present);
    let metallb = metallb.or_else(|| released.next());
    let metallb = environment.spec.pools.as_ref().zip(metallb).and_then(|(pools, metallb)| {
        let mut config = built_in("metallb-config", &metallb.layer, &metallb.namespace)?;
        config.state = if pools.is_empty() { State::Absent } else { metallb.state };
        Some(config)
    });
    let cluster = built_in("cluster", CLUSTER_LAYER, "default");
    environment.releases.extend(cluster.into_iter().chain(metallb));
}
