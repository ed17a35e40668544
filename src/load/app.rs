//! Apps: `app.yaml` and what lies beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use globset::{GlobBuilder, GlobMatcher};

use super::config_file::{read_config, read_single};
use super::{Content, Files, Repo, not_utf8, sync_option};
use crate::config::{AppSpec, ConfigKind, Validator, decode};
use crate::diagnostic::{Finding, Severity};
use crate::source::{FileId, Span};
use crate::world::World;
use crate::yaml::{self, Node};

/// A file of an app.
#[derive(Debug, Clone)]
pub enum AppFile {
    /// UTF-8 text.
    Text(FileId),
    /// Anything else; only for embedding.
    Binary(Arc<[u8]>),
}

/// One app as its folder has it.
#[derive(Debug)]
pub struct App {
    /// The folder's name.
    pub name: String,
    /// `app.yaml` as it is.
    pub node: Arc<Node>,
    /// `app.yaml` in types.
    pub spec: AppSpec,
    /// Where `app.yaml` is.
    pub file: FileId,
    /// All other files by path below the folder.
    pub files: BTreeMap<String, AppFile>,
    /// Paths of the templates, ordered.
    pub templates: Vec<String>,
    /// Paths of the plain manifests, ordered.
    pub manifests: Vec<String>,
    /// `values.schema.json`, compiled.
    pub values_schema: Option<Validator>,
    /// The folder could not be read whole: what uses it is not rendered.
    pub broken: bool,
    /// `app.yaml` itself says nothing that could be used.
    pub unknown: bool,
    /// Part of the tool, not of the repository.
    pub built_in: bool,
}

const BUILT_IN: [(&str, &[(&str, &str)]); 2] = [
    (
        "cluster",
        &[
            ("app.yaml", include_str!("builtin/cluster/app.yaml")),
            ("namespaces.yaml", include_str!("builtin/cluster/namespaces.yaml")),
            ("priority-classes.yaml", include_str!("builtin/cluster/priority-classes.yaml")),
        ],
    ),
    (
        "metallb-config",
        &[
            ("app.yaml", include_str!("builtin/metallb-config/app.yaml")),
            ("pools.yaml", include_str!("builtin/metallb-config/pools.yaml")),
        ],
    ),
];

/// Adds the apps that make objects of what environments declare.
pub(super) fn load_built_in(repo: &mut Repo) {
    for (name, texts) in BUILT_IN {
        let files: Files = texts
            .iter()
            .map(|(path, text)| {
                let id = repo.sources.add(format!("<builtin>/{name}/{path}"), *text);
                ((*path).to_owned(), Content::Text(id))
            })
            .collect();
        let mut app = read_app(repo, name, "<builtin>", &files);
        app.built_in = true;
        repo.apps.insert(name.to_owned(), app);
    }
}

/// Adds every app below `apps/`.
pub(super) fn load_all(repo: &mut Repo, world: &dyn World, files: &Files) -> anyhow::Result<()> {
    for name in world.directories("apps").context("cannot list `apps/`")? {
        if name == "_lib" || super::is_noise(&name) {
            continue;
        }
        if repo.apps.get(&name).is_some_and(|app| app.built_in) {
            repo.findings.push(
                Finding::error("app-name-taken", format!("`{name}` is the name of a built-in app"))
                    .in_file(format!("apps/{name}/app.yaml"))
                    .help("rename the folder"),
            );
            continue;
        }
        let prefix = format!("apps/{name}/");
        let own: Files = files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, content)| {
                let content = match content {
                    Content::Text(id) => Content::Text(*id),
                    Content::Binary(bytes) => Content::Binary(bytes.clone()),
                };
                (path[prefix.len()..].to_owned(), content)
            })
            .collect();
        let app = read_app(repo, &name, "apps", &own);
        repo.apps.insert(name, app);
    }
    Ok(())
}

fn read_app(repo: &mut Repo, name: &str, parent: &str, files: &Files) -> App {
    let folder = format!("{parent}/{name}");
    let id = match files.get("app.yaml") {
        Some(Content::Text(id)) => Some(*id),
        _ => None,
    };
    let within = format!("{folder}/");
    let unreadable = repo.unreadable.keys().any(|path| path.starts_with(&within));
    let start = repo.findings.len();
    let path = format!("{folder}/app.yaml");
    if id.is_none() && !repo.unreadable.contains_key(&path) {
        repo.findings.push(
            Finding::error("file-missing", format!("app `{name}` has no `{path}`"))
                .in_file(path.as_str())
                .help("add the file with `kind: App`, or remove the directory"),
        );
    }
    let node =
        id.and_then(|id| read_config(&repo.sources, id, ConfigKind::App, &mut repo.findings));
    // An app that cannot be read exists all the same: whoever runs it is told no second fault.
    let id = id.unwrap_or_else(|| repo.sources.add(path, ""));
    let unknown = node.is_none();
    let mut app = App {
        name: name.to_owned(),
        node: Arc::new(node.unwrap_or_else(|| {
            Node::new(yaml::Value::Map(yaml::Map::default()), Span::new(id, 0..0))
        })),
        spec: AppSpec::default(),
        file: id,
        files: BTreeMap::new(),
        templates: Vec::new(),
        manifests: Vec::new(),
        values_schema: None,
        broken: false,
        unknown,
        built_in: false,
    };
    match decode::<AppSpec>(&app.node) {
        Ok(spec) => app.spec = spec,
        Err(error) => repo.findings.push(
            Finding::error("config-wrong", format!("`{folder}/app.yaml` cannot be read"))
                .at(app.node.span, error),
        ),
    }
    sync_option::check(&app.spec, &app.node, &mut repo.findings);
    let templates = match &app.spec.templates {
        Some(globs) => globs.clone(),
        None if app.spec.chart.is_some() => Vec::new(),
        None => vec!["*.yaml".to_owned()],
    };
    app.templates =
        select(repo, &app, files, &templates, "/templates", app.spec.templates.is_some());
    let manifests = app.spec.manifests.clone().unwrap_or_default();
    app.manifests = select(repo, &app, files, &manifests, "/manifests", true);
    for path in app.templates.iter().chain(&app.manifests) {
        if let Some(Content::Binary(bytes)) = files.get(path) {
            let finding = not_utf8(&mut repo.sources, &format!("{folder}/{path}"), bytes);
            repo.findings.push(finding);
        }
    }
    for (path, content) in files {
        if path != "app.yaml" {
            let file = match content {
                Content::Text(id) => AppFile::Text(*id),
                Content::Binary(bytes) => AppFile::Binary(bytes.as_slice().into()),
            };
            app.files.insert(path.clone(), file);
        }
    }
    app.values_schema = read_values_schema(repo, &app);
    let errors = |finding: &Finding| finding.severity == Severity::Error;
    app.broken = unreadable || repo.findings[start..].iter().any(errors);
    app
}

/// The files that some globs of `app.yaml` name.
fn select(
    repo: &mut Repo,
    app: &App,
    files: &Files,
    globs: &[String],
    field: &str,
    explicit: bool,
) -> Vec<String> {
    let mut selected: Vec<String> = Vec::new();
    for (index, pattern) in globs.iter().enumerate() {
        let place = || crate::config::pointer_span(&app.node, &format!("{field}/{index}"));
        if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") {
            repo.findings.push(
                Finding::error("path-leaves-app", format!("`{pattern}` leaves the app's folder"))
                    .at(place(), "only files of this app")
                    .help("share fragments through `apps/_lib/`"),
            );
            continue;
        }
        let matcher = match glob(pattern) {
            Ok(matcher) => matcher,
            Err(error) => {
                repo.findings.push(
                    Finding::error("config-wrong", format!("`{pattern}` is no glob"))
                        .at(place(), error.to_string()),
                );
                continue;
            }
        };
        let before = selected.len();
        selected.extend(
            files.keys().filter(|path| *path != "app.yaml" && matcher.is_match(path)).cloned(),
        );
        if selected.len() == before && explicit {
            repo.findings.push(
                Finding::error("file-missing", format!("`{pattern}` names no file"))
                    .at(place(), "nothing of this name in the app's folder"),
            );
        }
    }
    selected.sort();
    selected.dedup();
    selected
}

/// A glob in which `*` stays within one path segment and `**` does not.
pub(crate) fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    let glob =
        GlobBuilder::new(pattern.trim_start_matches("./")).literal_separator(true).build()?;
    Ok(glob.compile_matcher())
}

fn read_values_schema(repo: &mut Repo, app: &App) -> Option<Validator> {
    let Some(AppFile::Text(id)) = app.files.get("values.schema.json") else { return None };
    let node = read_single(&repo.sources, *id, &mut repo.findings)?;
    match Validator::new(&yaml::to_json(&node)) {
        Ok(validator) => Some(validator),
        Err(error) => {
            repo.findings.push(
                Finding::error("values-schema-wrong", "this is no JSON Schema")
                    .at(node.span, "")
                    .note(error),
            );
            None
        }
    }
}
