//! The two states of a repository that are rendered anew, and what differs between them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use crate::cli::session::{INPUTS, revision};
use crate::load::{AppFile, Repo, Schemas, load};
use crate::resolve::{Request, resolve};
use crate::source::Sources;
use crate::world::git::GitRepository;
use crate::world::git_changes::State;
use crate::world::{Disk, World};

/// The directory of a repository's own schemas.
const SCHEMAS: &str = "schemas";

/// Where the repository is: on disk, and as paths in the repository of git begin.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) root: &'a Path,
    pub(super) top: &'a str,
}

impl Place<'_> {
    /// Some files and directories of a state.
    fn world(self, state: &State, paths: &[&str]) -> anyhow::Result<Box<dyn World>> {
        let Place { root, top } = self;
        let State::Revision(name) = state else { return Ok(Box::new(Disk::new(root))) };
        // Opened anew, since each is for one thread.
        let git = GitRepository::needed(root)?;
        Ok(Box::new(revision(&git, name, top, paths)?))
    }

    /// The schemas of both states; where both define a kind, that of the newer one counts.
    ///
    /// # Errors
    ///
    /// Where a state cannot be read.
    pub(super) fn schemas(
        self,
        states: [&State; 2],
        sources: &mut Sources,
    ) -> anyhow::Result<Schemas> {
        let mut schemas = Schemas::default();
        for state in states {
            schemas.add_own(&*self.world(state, &[SCHEMAS])?, self.top, sources)?;
        }
        Ok(schemas)
    }
}

/// A state of a repository, read.
pub(super) struct Known {
    pub(super) repo: Repo,
    pub(super) schemas: Schemas,
}

impl Known {
    pub(super) fn read(state: &State, place: Place<'_>) -> anyhow::Result<Self> {
        let world = place.world(state, &[&INPUTS[..], &[SCHEMAS]].concat())?;
        let mut repo = load(&*world).context("the repository cannot be read")?;
        let mut schemas = Schemas::default();
        schemas.add_own(&*world, "", &mut repo.sources)?;
        Ok(Self { repo, schemas })
    }

    /// What was read, by path. It is the same where all that is made of it is the same; what git has
    /// may not say so, since links lead elsewhere, and what it ignores is read all the same.
    fn contents(&self) -> BTreeSet<(String, &[u8])> {
        let Repo { sources, apps, unreadable, .. } = &self.repo;
        let texts = sources.iter().map(|it| (it.path.to_string(), it.text.as_bytes()));
        let faults = unreadable.iter().map(|(path, why)| (path.clone(), why.message.as_bytes()));
        let of_apps = apps.iter().flat_map(|(app, it)| it.files.iter().map(move |it| (app, it)));
        let binary = of_apps.filter_map(|(app, (path, file))| match file {
            AppFile::Binary(bytes) => Some((format!("apps/{app}/{path}"), &**bytes)),
            AppFile::Text(_) => None,
        });
        texts.chain(faults).chain(binary).collect()
    }
}

/// The environments that files which differ can reach, by their paths in the repository: their own,
/// those that extend these, those with a release of the app, and all for what all share.
pub(super) fn reached(states: [&Known; 2]) -> BTreeSet<String> {
    let repos = states.map(|state| &state.repo);
    let plans = repos.map(|repo| resolve(repo, &Request::default()));
    let [before, after] = states.map(Known::contents);
    let differing = before.symmetric_difference(&after);
    let changed: BTreeSet<&str> = differing.map(|(path, _)| path.as_str()).collect();
    let mut reached = BTreeSet::new();
    for path in changed {
        let mut parts = path.split('/');
        let of_app = match (parts.next(), parts.next()) {
            (Some("environments"), Some(name)) => {
                repos.iter().for_each(|repo| extenders(repo, name, &mut reached));
                continue;
            }
            (Some("apps"), Some(app)) if !app.starts_with('_') => Some(app),
            _ => None,
        };
        for (repo, plan) in repos.iter().zip(&plans) {
            let has = |name: &&String| {
                let environment = plan.environments.iter().find(|it| it.name == **name);
                // Of one that cannot be planned, or not whole, nobody knows what it has.
                of_app.is_none_or(|app| {
                    environment.is_none_or(|it| it.releases.iter().any(|one| one.app == app))
                        || plan.has_errors(name)
                })
            };
            reached.extend(repo.environments.keys().filter(has).cloned());
        }
    }
    reached
}

/// An environment and all that extend it.
fn extenders(repo: &Repo, name: &str, reached: &mut BTreeSet<String>) {
    if !reached.insert(name.to_owned()) {
        return;
    }
    for (other, files) in &repo.environments {
        let base = files.node.as_ref().and_then(|node| node.get("extends")?.as_str());
        if base == Some(name) {
            extenders(repo, other, reached);
        }
    }
}
