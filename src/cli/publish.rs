//! `gitopsc publish`: the rendered trees on a branch of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::json;

use super::Streams;
use super::args::{Args, PublishArgs};
use super::build::{Built, Goal, account, summary, trees};
use super::output::{exit_code, listed, settle, write_report};
use super::progress::Progress;
use super::session::{Session, ignored, inputs_on_disk, select};
use crate::diagnostic::{Finding, fold};
use crate::model::secret::without_password;
use crate::report::{Report, plural};
use crate::resolve::{Environment, Request, resolve};
use crate::world::git::GitRepository;
use crate::world::git_changes::State;
use crate::world::git_output::{
    Age, CommitId, ENVIRONMENT, Held, OutputBranch, Pushed, SOURCE, Source,
};
use crate::world::{Disk, Memory, Stopwatch, is_directory, named};

/// How often to begin again on what somebody else pushed meanwhile.
const ATTEMPTS: usize = 10;

/// What was published, or would be.
struct Published {
    built: Vec<Built>,
    findings: Vec<Finding>,
    /// The commit on the branch; nothing where it has all of it already, and in a dry run.
    commit: Option<String>,
    /// Files that are written or removed.
    files: usize,
}

/// Renders environments and puts their trees on a branch, in one commit.
pub(super) fn run(
    world: Disk,
    args: &Args,
    wanted: &PublishArgs,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let watch = Stopwatch::start();
    let only = select(&world, &wanted.selection.environments)?;
    let root = world.root().to_owned();
    let repository = GitRepository::needed(&root)?;
    let source = repository.source().context("there is nothing to publish yet: commit first")?;
    let session = Session::open(world)?;
    let dirty = uncommitted(&repository, &session)?;
    if !wanted.allow_dirty && !dirty.is_empty() {
        bail!(
            "{} in no commit: {}; commit first, or publish them with --allow-dirty",
            if dirty.len() == 1 { "a change is" } else { "changes are" },
            listed(&dirty)
        );
    }
    let top = repository.path_of(&root);
    let left_out: Vec<String> =
        repository.left_out(&inputs_on_disk(&repository, &top)).into_keys().collect();
    if !wanted.allow_dirty && !left_out.is_empty() {
        bail!(
            "this sparse work tree leaves out sources of the commit: {}; add their directories with \
             `git sparse-checkout add DIRECTORY`",
            listed(&left_out)
        );
    }
    // The program `git` runs at the top of the repository, and a path is meant from here.
    let directory = Path::new(&wanted.remote);
    let remote = match is_directory(directory) && wanted.remote.contains(['/', '\\', '.']) {
        true => named::real_path(directory).to_string_lossy().into_owned(),
        false => wanted.remote.clone(),
    };
    let output = OutputBranch::new(&repository, &remote, &wanted.branch)?;
    let request = Request { only, ..Request::default() };
    let publication = Publication {
        session: &session,
        request,
        wanted,
        output,
        source,
        dirty: !dirty.is_empty() || !left_out.is_empty(),
    };
    let published = publication.publish(&|| Progress::begin(args, streams))?;
    let findings = settle(args, fold(published.findings), &session.repo.sources);
    let mut closing = Vec::new();
    account(args, &published.built, &findings, watch.elapsed_milliseconds(), &mut closing)?;
    let mut closing = String::from_utf8_lossy(&closing).into_owned();
    let made = published.commit.as_deref().map(short);
    let (branch, remote) = (&wanted.branch, without_password(&wanted.remote));
    let files = plural(published.files, "file");
    closing.push_str(&match made {
        _ if args.quiet => String::new(),
        Some(made) => format!("{files} published as {made} on `{branch}` of `{remote}`\n"),
        None if published.files == 0 && published.built.iter().all(Built::is_kept) => {
            format!("nothing is published on `{branch}` of `{remote}`\n")
        }
        None if published.files == 0 => format!("`{branch}` of `{remote}` has all of it\n"),
        None => format!("{files} would be published on `{branch}` of `{remote}`: a dry run\n"),
    });
    let environments: Vec<_> = published.built.iter().map(summary).collect();
    let environments: Vec<_> = environments
        .into_iter()
        .map(|mut one| {
            one["published"] = json!({"branch": branch, "commit": published.commit});
            one
        })
        .collect();
    let mut report = Report::new(&session.repo.sources, &findings);
    report.environments = &environments;
    report.closing = &closing;
    write_report(args, streams, report)?;
    let kept = published.built.iter().any(Built::is_kept);
    Ok(exit_code(&findings).max(u8::from(kept)))
}

/// The files of the repository's sources that are in no commit as they are.
fn uncommitted(repository: &GitRepository, session: &Session) -> anyhow::Result<Vec<String>> {
    let top = repository.path_of(session.world.root());
    let head = State::Revision("HEAD".to_owned());
    // What else lies there changes no tree.
    let changes = repository.changes(&head, &State::WorkTree, &inputs_on_disk(repository, &top));
    let changes = changes.context("git cannot compare the work tree")?;
    let mut paths: Vec<String> = changes.into_iter().map(|file| file.path).collect();
    let ignored = ignored(&session.world, &session.repo).into_iter();
    paths.extend(ignored.map(|path| format!("{top}{path}")));
    Ok(paths)
}

/// All that one publication needs.
struct Publication<'a> {
    session: &'a Session,
    request: Request,
    wanted: &'a PublishArgs,
    output: OutputBranch<'a>,
    source: Source,
    /// Whether the work tree has what the source has not.
    dirty: bool,
}

impl Publication<'_> {
    fn publish(&self, begin: &dyn Fn() -> Progress) -> anyhow::Result<Published> {
        let _lock = self.output.lock().context("another run holds the repository")?;
        let plan = resolve(&self.session.repo, &self.request);
        let bases: BTreeSet<&str> =
            plan.environments.iter().map(Environment::rendered_path).collect();
        let mut held = None;
        for _ in 0..ATTEMPTS {
            let head = self.output.fetch()?;
            let (mut before, mut links) = (BTreeMap::new(), BTreeSet::new());
            for (base, head) in bases.iter().filter_map(|base| Some((base, head?))) {
                for (path, held) in self.output.files(head, &format!("{base}/"))? {
                    match held {
                        Held::File(bytes) => drop(before.insert(path, bytes)),
                        Held::Link => drop(links.insert(path)),
                    }
                }
            }
            let world = Memory::new(before.clone());
            links.iter().for_each(|path| world.link(path));
            let goal = Goal { world: &world, base: None, check: false };
            // Fetching and pushing are the program `git`, which may ask for a password.
            let (built, findings) = trees(self.session, &self.request, &goal, &begin())?;
            let mut findings: Vec<Finding> =
                findings.into_iter().map(|finding| self.of_branch(finding)).collect();
            findings.extend(plan.environments.iter().filter_map(|one| self.unread(one)));
            let changes = changes(before, world.files());
            let files = changes.len();
            let mut published = Published { built, findings, commit: None, files };
            if files == 0 {
                return Ok(published);
            }
            let sound = published.built.iter().filter(|built| !built.is_kept());
            let names: Vec<&str> = sound.map(|built| built.name.as_str()).collect();
            if let Some(head) = head.filter(|_| !self.wanted.allow_older) {
                self.refuse_older(head, &names)?;
            }
            if self.wanted.dry_run {
                published.built.iter_mut().for_each(Built::only_planned);
                return Ok(published);
            }
            let commit = self.output.commit(head, &changes, &self.message(&names), &self.source)?;
            match self.output.push(head, commit)? {
                Pushed::Done => {
                    published.commit = Some(commit.to_string());
                    return Ok(published);
                }
                Pushed::Overtaken => held = None,
                Pushed::Held(said) => held = Some(said),
            }
        }
        let branch = &self.wanted.branch;
        match held {
            Some(said) => bail!("`{branch}` was held {ATTEMPTS} times; at last {said}"),
            None => bail!("others pushed to `{branch}` {ATTEMPTS} times meanwhile: try again"),
        }
    }

    /// Fails where the branch has a tree of something newer: a run that was slow must not take back
    /// what a later one published.
    fn refuse_older(&self, head: CommitId, names: &[&str]) -> anyhow::Result<()> {
        for name in names {
            let branch = &self.wanted.branch;
            match self.output.newer(head, name, &self.source)? {
                Age::Older => {}
                Age::Newer(newer) => bail!(
                    "`{branch}` has `{name}` from {}, which is newer than {}: nothing is published; \
                     to go back all the same, use --allow-older",
                    short(&newer),
                    short(&self.source.id)
                ),
                Age::Unknown(other) => bail!(
                    "`{branch}` has `{name}` from {}, of the same second as {}, and git does not have \
                     here which came first: nothing is published; fetch the whole history, or use \
                     --allow-older",
                    short(&other),
                    short(&self.source.id)
                ),
            }
        }
        Ok(())
    }

    fn message(&self, names: &[&str]) -> String {
        let (id, subject) = (&self.source.id, &self.source.subject);
        // On the first line, where no subject can be taken for a mark of git's own.
        let mut message = format!("Render {} from {}: {subject}\n\n", names.join(", "), short(id));
        let dirty = if self.dirty { " with uncommitted changes" } else { "" };
        message.push_str(&format!("{SOURCE}: {id}{dirty}\n"));
        names.iter().for_each(|name| message.push_str(&format!("{ENVIRONMENT}: {name}\n")));
        message
    }

    /// Says of what lies in the way that it does so on the branch, and not here.
    fn of_branch(&self, mut finding: Finding) -> Finding {
        let note = format!("that is so on the branch `{}`", self.wanted.branch);
        match finding.id {
            "file-foreign" => finding.note(note),
            "file-in-the-way" => {
                let (link, either) = ("is a symbolic link", "is a symbolic link or a submodule");
                finding.message = finding.message.replace(link, either);
                finding.note(note).help("take it off the branch, by a commit there")
            }
            _ => finding,
        }
    }

    /// A warning where Argo CD follows another branch than this one.
    fn unread(&self, environment: &Environment) -> Option<Finding> {
        let (branch, revision) = (&self.wanted.branch, environment.revision());
        let followed = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        let name = &environment.name;
        (followed != branch).then(|| {
            let message = format!("Argo CD follows `{revision}` for `{name}`, not `{branch}`");
            Finding::warning("publication-unread", message)
                .in_file(format!("environments/{name}/environment.yaml"))
                .in_environment(name)
                .note(format!("what is published on `{branch}` reaches no cluster"))
                .help(format!("state `gitops: {{revision: {branch}}}`, or publish on `{revision}`"))
        })
    }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// What changed, by path: new bytes, or nothing for a file that is gone.
fn changes(
    before: BTreeMap<String, Vec<u8>>,
    after: BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, Option<Vec<u8>>> {
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    let mut changes: BTreeMap<_, _> = gone.map(|path| (path.clone(), None)).collect();
    let is_new = |(path, bytes): &(String, Vec<u8>)| before.get(path) != Some(bytes);
    changes.extend(after.into_iter().filter(is_new).map(|(path, bytes)| (path, Some(bytes))));
    changes
}
