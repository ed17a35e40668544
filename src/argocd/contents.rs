//! What the sources of an Application hold.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::diagnostic::nearest;
use crate::model::{ObjectKey, Scope};
use crate::source::Span;
use crate::yaml::Node;

use super::application::Application;
use super::application_set::{Repositories, clean};
use super::directory::{Failure, Listing, Skipped, list};
use super::follow::{Identity, Setting, Thing, identity};
use super::source::{Source, Tool, directory_options, discovered, explicit_tools, says_nothing};
use super::sync::{self, Step, hooks, wave};
use super::tree::{Found, Tree};

/// What one source holds.
#[derive(Debug)]
pub struct Contents {
    /// What makes its manifests.
    pub tool: Tool,
    /// Its directory in the repository, without `.` and `..`; empty for the top and for what has none.
    pub directory: String,
    /// What came of it.
    pub state: State,
    /// What its hydrator reads; nothing without one, and where that states no path.
    pub dry: Option<Box<Self>>,
}

/// What came of a source.
#[derive(Debug)]
pub enum State {
    /// Its objects are known.
    Read(Manifests),
    /// Another program makes the objects.
    NotRendered,
    /// The repository, or this revision of it, is not here.
    NotAtHand,
    /// Argo CD could not use it.
    Wrong(Problem),
}

/// The objects of a source.
#[derive(Debug, Default)]
pub struct Manifests {
    /// In the order of files.
    pub members: Vec<Member>,
    /// Why Argo CD cannot read the directory; then it applies nothing of this Application.
    pub failures: Vec<Failure>,
    /// Files whose objects are not known.
    pub unknown: Vec<String>,
    /// Files that Argo CD passes over.
    pub skipped: Vec<(String, Skipped)>,
}

/// One object of an Application.
#[derive(Debug)]
pub struct Member {
    /// Its file in the repository.
    pub path: String,
    /// The object.
    pub node: Arc<Node>,
    /// Who it is where it is applied: with the namespace of the destination where it states none.
    pub key: ObjectKey,
    /// Whether it lives in a namespace, if that is known.
    pub scope: Option<Scope>,
    /// Where it stands in the order of a sync.
    pub wave: i64,
    /// When it is applied, if it is a hook.
    pub hooks: Vec<&'static str>,
    /// Which object of Argo CD it is.
    pub thing: Option<Thing>,
    /// What no two objects have in common.
    pub(super) identity: Identity,
}

/// Why a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// It has neither a path nor a chart nor a `ref`.
    NoPath,
    /// The path begins with `/`.
    Absolute,
    /// The path leads out of the repository.
    Outside,
    /// There is nothing under the path; perhaps this directory was meant.
    Missing(Option<String>),
    /// There is a file under the path.
    File,
    /// The path is a link itself and no tool is named, so that Argo CD finds nothing there, without a word.
    Link,
    /// Blocks of several tools.
    SeveralTools(Vec<Tool>),
    /// This link leads out of the repository, from wherever in it.
    LinkOutside(String),
    /// This link in the directory leads in a circle.
    LinkInCircle(String),
    /// This file, which changes the source, cannot be read, and why.
    Override(String, String),
}

impl Contents {
    /// Its objects, as far as they are known.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        match &self.state {
            State::Read(manifests) => manifests.members.iter(),
            _ => [].iter(),
        }
    }

    /// Whether all that it brings is known; a source that lends its files to others brings nothing.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match &self.state {
            State::Read(manifests) => manifests.failures.is_empty() && manifests.unknown.is_empty(),
            State::NotRendered => self.tool == Tool::Values,
            State::NotAtHand | State::Wrong(_) => false,
        }
    }

    /// The source from which Argo CD makes manifests, and what that leads to: of a hydrator what that
    /// reads.
    #[must_use]
    pub fn made_from<'s>(&self, source: Source<'s>) -> (Source<'s>, &Self) {
        source.dry().zip(self.dry.as_deref()).unwrap_or((source, self))
    }

    /// Why Argo CD cannot use it, or what its hydrator reads.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match &self.dry.as_deref().unwrap_or(self).state {
            State::Wrong(problem) => Some(problem),
            _ => None,
        }
    }

    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        match &mut self.state {
            State::Read(manifests) => manifests.members.iter_mut(),
            _ => [].iter_mut(),
        }
    }
}

/// Reads all sources of an Application.
pub(super) fn read(application: &Application, setting: &Setting<'_>) -> Vec<Contents> {
    application.sources().iter().map(|source| contents(application, source, setting)).collect()
}

fn contents(application: &Application, source: &Source<'_>, setting: &Setting<'_>) -> Contents {
    if let Some(tool) = source.remote_tool() {
        // Without a path it is the top of the repository, which is always there.
        let dry = source.dry().filter(|dry| !dry.path().is_empty());
        let dry = dry.map(|dry| Box::new(contents(application, &dry, setting)));
        return Contents { tool, directory: String::new(), state: State::NotRendered, dry };
    }
    let place = match found(source, setting.world.repositories) {
        Ok(place) => place,
        Err((directory, state)) => {
            let stated = explicit_tools(source.fields).first().copied();
            let stated = stated.filter(|_| matches!(state, State::NotAtHand));
            let tool = stated.unwrap_or(Tool::Directory);
            return Contents { tool, directory, state, dry: None };
        }
    };
    let (tree, directory) = (place.tree, &place.directory);
    let contents = |tool, state| Contents { tool, directory: directory.clone(), state, dry: None };
    let merged = match source.with_overrides(application.name(), tree, directory) {
        Ok(merged) => merged,
        Err((path, why)) => {
            return contents(Tool::Directory, State::Wrong(Problem::Override(path, why)));
        }
    };
    let state = match place.tool(source, &merged) {
        Err(several) => {
            return contents(several[0], State::Wrong(Problem::SeveralTools(several)));
        }
        Ok(Tool::Directory) if place.is_link => {
            let (directory, state) = (place.named, State::Wrong(Problem::Link));
            return Contents { tool: Tool::Directory, directory, state, dry: None };
        }
        Ok(Tool::Directory) => {
            let options = directory_options(&merged);
            let mut listing = list(tree, directory, &options);
            match listing.circle.take() {
                Some(link) => State::Wrong(Problem::LinkInCircle(link)),
                None => State::Read(manifests(application, listing, setting)),
            }
        }
        Ok(tool) => return contents(tool, State::NotRendered),
    };
    contents(Tool::Directory, state)
}

/// The directory of a source.
struct Place<'r> {
    tree: &'r Tree,
    /// As it is written, from the top of the repository.
    named: String,
    /// Where it is, behind all links.
    directory: String,
    /// Whether what is written is a link itself.
    is_link: bool,
}

impl Place<'_> {
    /// What makes its manifests, or the tools that are asked for at once. Argo CD goes with `filepath.Walk`
    /// where no block names a tool, which finds nothing through a link.
    ///
    /// Source: `GetAppSourceType` in `reposerver/repository/repository.go`, which asks `ExplicitType` first;
    /// kustomize and Helm are started in the directory, wherever it is.
    fn tool(&self, source: &Source<'_>, merged: &Json) -> Result<Tool, Vec<Tool>> {
        let explicit = explicit_tools(merged);
        match explicit.as_slice() {
            // Of a hydrator no block is taken out.
            [tool] if source.is_dry() || !says_nothing(merged, *tool) => Ok(*tool),
            [] | [_] if self.is_link => Ok(Tool::Directory),
            [] | [_] => Ok(discovered(self.tree, &self.directory).0),
            _ => Err(explicit),
        }
    }
}

/// The directory of a source; else that as it is written, and why it is not there.
fn found<'r>(
    source: &Source<'_>,
    repositories: Option<&'r dyn Repositories>,
) -> Result<Place<'r>, (String, State)> {
    let wrong = |directory: &str, problem| Err((directory.to_owned(), State::Wrong(problem)));
    let path = source.path();
    if path.is_empty() {
        return wrong("", Problem::NoPath);
    }
    if path.starts_with('/') {
        return wrong("", Problem::Absolute);
    }
    let Some(names) = clean(path) else { return wrong("", Problem::Outside) };
    let directory = names.join("/");
    let Some(tree) = repositories.and_then(|all| source.tree(all)) else {
        return Err((directory, State::NotAtHand));
    };
    if let Some(link) = tree.link_outside() {
        return wrong(&directory, Problem::LinkOutside(link.to_owned()));
    }
    let comes = || {
        let work_tree = repositories?.work_tree(source.repo_url(), &source.wanted()?)?;
        work_tree.find(&directory)
    };
    match tree.find(&directory) {
        None if comes().is_some() => Err((directory, State::NotAtHand)),
        None => wrong(&directory, Problem::Missing(meant(tree, &directory))),
        Some(Found::Elsewhere) => Err((directory, State::NotAtHand)),
        Some(Found::Directory(real)) => {
            let is_link = tree.is_link(&directory);
            Ok(Place { tree, named: directory, directory: real, is_link })
        }
        Some(_) => wrong(&directory, Problem::File),
    }
}

/// A directory that differs from this one in a slip of the pen.
fn meant(tree: &Tree, directory: &str) -> Option<String> {
    let all = tree.directories(false);
    nearest(directory, all.iter().map(String::as_str)).map(str::to_owned)
}

fn manifests(application: &Application, listing: Listing, setting: &Setting<'_>) -> Manifests {
    let Listing { files, failures, unknown, skipped, .. } = listing;
    let mut members = Vec::new();
    for file in files {
        for (number, node) in (0..).zip(file.objects) {
            let mut key = ObjectKey::of(&node);
            let scope = (setting.scope)(&node);
            if scope == Some(Scope::Cluster) {
                key.namespace.clear();
            } else if key.namespace.is_empty() {
                application.target_namespace().clone_into(&mut key.namespace);
            }
            members.push(Member {
                path: file.path.clone(),
                key,
                scope,
                wave: wave(&node),
                hooks: hooks(&node),
                thing: None,
                identity: file.made.map_or_else(|| identity(&node), |file| (file, number)),
                node,
            });
        }
    }
    Manifests { members, failures, unknown, skipped }
}

impl Member {
    /// Where its kind is written, or where it begins.
    #[must_use]
    pub fn span(&self) -> Span {
        self.node.get("kind").map_or(self.node.span, |kind| kind.span)
    }

    /// Its name, or the beginning of it where each sync completes that.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        let start = self.node.pointer("/metadata/generateName").and_then(Node::as_str);
        match start.filter(|_| self.key.name.is_empty()) {
            Some(start) => Cow::Owned(format!("{start}*")),
            None => Cow::Borrowed(&self.key.name),
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(&self) -> String {
        ObjectKey { name: self.name().into_owned(), ..self.key.clone() }.to_string()
    }

    /// The first step of a sync that applies it; nothing where one that goes well never does.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        sync::step(&self.node)
    }
}
