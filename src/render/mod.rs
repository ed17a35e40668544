//! Releases rendered to manifests whose every node knows its places.

mod analysis;
mod convert;
mod engine;
mod error;
mod expression;
mod finish;
mod functions;
mod made;
mod origins;
mod parsed;
mod peer;
mod recorder;
mod release;
mod secret;
mod substitute;
mod template;
mod tracked;

pub use finish::Manifest;
pub(crate) use finish::finish_argocd;
pub use peer::DeclaredPeer;
pub use release::{ChartSource, Rendered};
pub use secret::RequiredSecret;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::Value as JinjaValue;
use minijinja::{Error, ErrorKind};
use rayon::prelude::*;

use crate::diagnostic::Finding;
use crate::load::{App, AppFile, Repo};
use crate::resolve::{Environment, Release};
use crate::source::Sources;
use crate::yaml::{self, Key, Map, Node};
use engine::{Engine, Texts};
use origins::Places;
use release::Draft;
use tracked::tracked;

/// The names that every template has.
const ROOTS: &[&str] = &["values", "env", "app", "release", "releases", "layer"];

/// Renders releases; the templates of each app are compiled once, when they are first needed.
#[derive(Debug)]
pub struct Renderer<'a> {
    repo: &'a Repo,
    sources: Arc<Sources>,
    engines: BTreeMap<&'a str, Mutex<Option<Arc<Compiled>>>>,
    application_sets: Mutex<Option<Arc<Compiled>>>,
}

#[derive(Debug)]
struct Compiled {
    engine: Engine,
    findings: Vec<Finding>,
}

impl<'a> Renderer<'a> {
    /// A renderer for a repository.
    #[must_use]
    pub fn new(repo: &'a Repo) -> Self {
        let engines = repo.apps.keys().map(|name| (name.as_str(), Mutex::new(None))).collect();
        Self {
            repo,
            sources: Arc::new(repo.sources.clone()),
            engines,
            application_sets: Mutex::new(None),
        }
    }

    /// Renders every release of an environment, side by side, in the order of the plan.
    #[must_use]
    pub fn environment(&self, environment: &Environment) -> Vec<Rendered> {
        let env = tracked(&environment.node, false);
        let releases = release_table(self.repo, environment);
        let drafts: Vec<Draft> = environment
            .releases
            .par_iter()
            .map(|release| self.release(environment, release, &env, &releases))
            .collect();
        let defined = finish::defined_kinds(drafts.iter().flat_map(|draft| &draft.objects));
        let finish = |(release, draft): (&Release, Draft)| {
            let Draft { objects, mut rendered } = draft;
            let findings = &mut rendered.findings;
            rendered.manifests = finish::finish(environment, release, objects, &defined, findings);
            for finding in &mut rendered.findings {
                finding.environments = vec![environment.name.clone()];
            }
            rendered
        };
        environment.releases.par_iter().zip(drafts).map(finish).collect()
    }

    /// Renders the ApplicationSet template of a layer. `layer` is what the template sees under
    /// that name.
    pub fn application_set(
        &self,
        environment: &Environment,
        name: &str,
        layer: &crate::yaml::Node,
        findings: &mut Vec<Finding>,
    ) -> Vec<crate::yaml::Node> {
        let Some(&file) = self.repo.application_sets.templates.get(name) else {
            return Vec::new();
        };
        let compiled = compile_once(&self.application_sets, || self.application_set_engine());
        // What is broken in the set of another layer does not concern this one.
        let concerns = |finding: &&Finding| {
            let found = finding.labels.first().map(|label| label.span.file);
            found == Some(file)
                || self.repo.application_sets.library.values().any(|&id| Some(id) == found)
        };
        let before = findings.len();
        findings.extend(compiled.findings.iter().filter(concerns).cloned());
        if findings.len() > before {
            return Vec::new();
        }
        let context = object([
            ("env", tracked(&environment.node, false)),
            ("layer", tracked(&Arc::new(layer.clone()), false)),
        ]);
        let scope = Scope { compiled: Arc::clone(&compiled), sources: Arc::clone(&self.sources) };
        enter(&scope, || {
            let name = format!("{name}.yaml");
            template::render(&scope, &name, file, &context, Places::new(), findings)
        })
    }

    fn application_set_engine(&self) -> Compiled {
        let sets = &self.repo.application_sets;
        let templates = sets.templates.iter().map(|(name, &id)| (format!("{name}.yaml"), id));
        let library = sets.library.iter().map(|(path, &id)| (format!("_lib/{path}"), id));
        let files =
            sets.library.iter().map(|(path, &id)| (format!("_lib/{path}"), AppFile::Text(id)));
        let texts = Texts {
            templates: templates.chain(library).collect(),
            files: files.collect(),
            unreadable: self.unreadable(&["applicationsets/"]),
        };
        self.compile(texts)
    }

    /// What cannot be read below some directories, by the names that templates have there.
    fn unreadable(&self, directories: &[&str]) -> BTreeMap<String, Finding> {
        let named = |(path, finding): (&String, &Finding)| {
            let name = directories.iter().find_map(|directory| path.strip_prefix(directory))?;
            Some((name.to_owned(), finding.clone()))
        };
        self.repo.unreadable.iter().filter_map(named).collect()
    }

    fn engine(&self, app: &App) -> Arc<Compiled> {
        let build = || {
            let fragment = |path: &String| path.starts_with("fragments/");
            let own = app.files.iter().filter_map(|(path, file)| match file {
                AppFile::Text(id) if app.templates.contains(path) || fragment(path) => {
                    Some((path.clone(), *id))
                }
                _ => None,
            });
            let library = self.repo.library.iter().map(|(path, &id)| (format!("_lib/{path}"), id));
            let texts = Texts {
                templates: own.chain(library).collect(),
                files: app.files.clone(),
                unreadable: self.unreadable(&[&format!("apps/{}/", app.name), "apps/"]),
            };
            self.compile(texts)
        };
        match self.engines.get(app.name.as_str()) {
            Some(cell) => compile_once(cell, build),
            None => Arc::new(build()),
        }
    }

    fn compile(&self, texts: Texts) -> Compiled {
        let mut findings = Vec::new();
        let limits = self.repo.settings.limits.as_ref();
        let engine = Engine::new(&self.repo.sources, texts, limits, &mut findings);
        Compiled { engine, findings }
    }

    fn release(
        &self,
        environment: &Environment,
        release: &Release,
        env: &JinjaValue,
        releases: &JinjaValue,
    ) -> Draft {
        let Some(app) = self.repo.apps.get(&release.app) else {
            return Draft::default();
        };
        let compiled = self.engine(app);
        let context = object([
            ("values", tracked(&release.values, false)),
            ("env", env.clone()),
            ("app", tracked(&app.node, false)),
            ("release", tracked(&release.node, false)),
            ("releases", releases.clone()),
        ]);
        let scope = Scope { compiled: Arc::clone(&compiled), sources: Arc::clone(&self.sources) };
        let work = || {
            enter(&scope, || {
                release::render(self.repo, &scope, environment, release, app, &context)
            })
        };
        // A fault of the tool in one release must not end the run for all others.
        let mut draft = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
            let mut failed = Draft::default();
            failed.rendered.findings.push(
                Finding::error("internal-error", format!("gitopsc failed on `{}`", release.name))
                    .at(release.span, "while it rendered this")
                    .help("this is a fault of gitopsc: please report it with the text above"),
            );
            failed
        });
        let findings = &mut draft.rendered.findings;
        for finding in &compiled.findings {
            // A broken fragment has been told already where it was asked for.
            let known = |other: &Finding| {
                other.id == finding.id && other.labels.first() == finding.labels.first()
            };
            if !findings.iter().any(known) {
                findings.push(finding.clone());
            }
        }
        draft
    }
}

fn compile_once(
    cell: &Mutex<Option<Arc<Compiled>>>,
    build: impl FnOnce() -> Compiled,
) -> Arc<Compiled> {
    let mut slot = cell.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(slot.get_or_insert_with(|| Arc::new(build())))
}

/// A map of named values.
fn object<K: Into<String>>(fields: impl IntoIterator<Item = (K, JinjaValue)>) -> JinjaValue {
    let fields: BTreeMap<String, JinjaValue> =
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
    JinjaValue::from(fields)
}

/// What templates see as `releases`: every release that is wanted, by name, with the ports of its
/// App, so that a port is written once.
fn release_table(repo: &Repo, environment: &Environment) -> JinjaValue {
    let mut table = Map::default();
    let present = |release: &&Release| release.state == crate::config::State::Present;
    for release in environment.releases.iter().filter(present) {
        let ports = repo.apps.get(&release.app).and_then(|app| app.node.get("ports")).cloned();
        let none = || Node::new(yaml::Value::Map(Map::default()), release.span);
        let mut node = Node::clone(&release.node);
        if let Some(fields) = node.as_map_mut() {
            let key = Key { name: "ports".into(), span: release.span };
            fields.insert(key, ports.unwrap_or_else(none));
        }
        table.insert(Key { name: release.name.as_str().into(), span: release.span }, node);
    }
    let span = environment.node.span;
    tracked(&Arc::new(Node::new(yaml::Value::Map(table), span)), false)
}

/// What the functions of a template need, and minijinja cannot hand them.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    compiled: Arc<Compiled>,
    sources: Arc<Sources>,
}

impl Scope {
    fn engine(&self) -> &Engine {
        &self.compiled.engine
    }
}

thread_local! {
    /// The scope of the templates that this thread renders: `fragment` is called by minijinja and
    /// needs it.
    static SCOPE: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// Lets `act` render templates of a scope on this thread.
fn enter<R>(scope: &Scope, act: impl FnOnce() -> R) -> R {
    let _outer = Outer(SCOPE.replace(Some(scope.clone())));
    act()
}

/// The scope around this one, which comes back even after a panic.
struct Outer(Option<Scope>);

impl Drop for Outer {
    fn drop(&mut self) {
        SCOPE.set(self.0.take());
    }
}

fn current_scope() -> Result<Scope, Error> {
    SCOPE.with_borrow(Clone::clone).ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, "fragments exist only in templates of an app")
    })
}
