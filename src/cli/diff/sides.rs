//! The two sides that are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::cli::args::{Args, DiffArgs};
use crate::cli::session::{Session, select};
use crate::diff::File;
use crate::load::manifest;
use crate::model;
use crate::source::Sources;
use crate::world::current_directory;
use crate::world::git::GitRepository;
use crate::world::git_changes::State;
use crate::world::named::{self, Named};

/// The files of both sides that are not the same.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) before: Vec<File>,
    pub(super) after: Vec<File>,
    /// Those that are the same, where they were read to find that out.
    pub(super) same: Vec<File>,
    /// Files that are the same on both sides and may hold Secrets.
    pub(super) secrets: Vec<File>,
    /// Where they come from, if from git.
    pub(super) revisions: Option<Revisions>,
}

/// Two states of a repository.
pub(super) struct Revisions {
    pub(super) repository: GitRepository,
    pub(super) before: State,
    pub(super) after: State,
    /// The directory of rendered trees, with `/` at its end, where there is one.
    pub(super) rendered: Option<String>,
    /// The trees of both states as they are rendered anew, if they are.
    pub(super) fresh: Option<[Trees; 2]>,
}

/// The files of trees by their paths, by environment.
pub(super) type Trees = BTreeMap<String, BTreeMap<String, String>>;

/// One of the two states that are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Before,
    After,
}

impl Revisions {
    /// How paths in the repository begin to git, where it has one.
    pub(super) fn top(&self) -> Option<&str> {
        self.rendered.as_deref()?.strip_suffix("rendered/")
    }

    fn state(&self, side: Side) -> &State {
        match side {
            Side::Before => &self.before,
            Side::After => &self.after,
        }
    }

    /// The files of the tree of an environment, by their paths below its directory.
    ///
    /// # Errors
    ///
    /// Where git cannot read it.
    pub(super) fn tree(&self, side: Side, name: &str) -> anyhow::Result<Vec<(String, String)>> {
        if let Some(trees) = &self.fresh {
            let files = trees[side as usize].get(name).into_iter().flatten();
            return Ok(files.map(|(path, text)| (path.clone(), text.clone())).collect());
        }
        let rendered = self.rendered.as_deref().unwrap_or_default();
        let above = format!("{rendered}{name}/");
        let files = self.texts(side, &above, &|_| true)?.into_iter();
        let below = |(path, text): (String, String)| {
            path.strip_prefix(&above).map(|path| (path.to_owned(), text))
        };
        Ok(files.filter_map(below).collect())
    }

    /// The texts of one state as git has it, by their paths.
    ///
    /// # Errors
    ///
    /// Where git cannot read it.
    pub(super) fn texts(
        &self,
        side: Side,
        below: &str,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> anyhow::Result<Vec<(String, String)>> {
        self.repository.texts(self.state(side), below, is_wanted).context("git cannot read a tree")
    }
}

/// Finds out what is to be compared, and reads the files that differ.
pub(super) fn sides(
    args: &Args,
    wanted: &DiffArgs,
    sources: &mut Sources,
) -> anyhow::Result<Sides> {
    match wanted.what.as_slice() {
        [] => revisions(args, wanted, (revision("HEAD"), State::WorkTree), sources),
        [one] => {
            let repository = repository(args)?;
            let pair = match (one.split_once("..."), one.split_once("..")) {
                (Some((old, new)), _) => {
                    let (old, new) = (or_head(old), or_head(new));
                    known(&repository, &[old, new])?;
                    let base = repository.merge_base(old, new);
                    let base = base.with_context(|| format!("cannot compare `{one}`"))?;
                    let Some(base) = base else {
                        bail!("`{old}` and `{new}` have no commit in common")
                    };
                    (revision(&base), revision(new))
                }
                (_, Some((old, new))) => (revision(or_head(old)), revision(or_head(new))),
                _ => (revision(one), State::WorkTree),
            };
            revisions(args, wanted, pair, sources)
        }
        [one, other] if is_path(one) && is_path(other) => {
            if wanted.render {
                bail!("`--render` renders two revisions; directories are compared as they are");
            }
            let (before, after) = (Path::new(one), Path::new(other));
            let mut sides = Sides {
                before: files(before, sources)?,
                after: files(after, sources)?,
                ..Sides::default()
            };
            // Two files are one, whatever their names.
            let is_file =
                |path: &str| !matches!(named::examine(Path::new(path)), Ok(Named::Directory));
            if let ([old], [new]) = (sides.before.as_mut_slice(), sides.after.as_slice())
                && is_file(one)
                && is_file(other)
            {
                old.path = new.path.clone();
            }
            sides.drop_equal();
            Ok(sides)
        }
        [one, other] => {
            there([one, other], repository(args).ok().as_ref())?;
            revisions(args, wanted, (revision(one), revision(other)), sources)
        }
        _ => bail!("at most two things can be compared"),
    }
}

fn revision(name: &str) -> State {
    State::Revision(name.to_owned())
}

/// Fails where git does not know one of the revisions.
fn known(repository: &GitRepository, names: &[&str]) -> anyhow::Result<()> {
    let Some(name) = names.iter().find(|name| !repository.has_revision(name)) else {
        return Ok(());
    };
    bail!("git knows no revision `{name}`; where files are meant, name two that are there")
}

/// Fails where files are meant, and one of the two is not there: what is no revision is meant as a file.
fn there(names: [&str; 2], repository: Option<&GitRepository>) -> anyhow::Result<()> {
    let is_revision = |name: &str| repository.is_some_and(|git| git.has_revision(name));
    if names.into_iter().any(is_revision) {
        return Ok(());
    }
    for name in names {
        match named::examine(Path::new(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let or = repository.map_or("", |_| ", and git knows no such revision");
                bail!("there is no file or directory `{name}`{or}; name two that are there")
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read `{name}`")),
            Ok(_) => {}
        }
    }
    Ok(())
}

fn or_head(name: &str) -> &str {
    if name.is_empty() { "HEAD" } else { name }
}

pub(super) fn is_path(text: &str) -> bool {
    named::examine(Path::new(text)).is_ok()
}

/// The repository of git that a run is about.
fn repository(args: &Args) -> anyhow::Result<GitRepository> {
    let here = match &args.repo {
        Some(root) => root.clone(),
        None => current_directory().context("the current directory cannot be read")?,
    };
    GitRepository::around(&here).with_context(|| {
        format!("`{}` is in no repository of git; name two directories to compare", here.display())
    })
}

fn revisions(
    args: &Args,
    wanted: &DiffArgs,
    (before, after): (State, State),
    sources: &mut Sources,
) -> anyhow::Result<Sides> {
    let repository = repository(args)?;
    for state in [&before, &after] {
        if let State::Revision(name) = state {
            known(&repository, &[name])?;
        }
    }
    let top = Session::root(args).map(|root| repository.path_of(&named::real_path(&root)));
    let rendered = top.map(|top| format!("{top}rendered/"));
    let below: Vec<String> = match (&rendered, wanted.selection.environments.as_slice()) {
        (None, []) => Vec::new(),
        (None, [name, ..]) => bail!("there is no environment `{name}` here"),
        (Some(rendered), []) => vec![rendered.clone()],
        (Some(rendered), names) => names.iter().map(|name| format!("{rendered}{name}/")).collect(),
    };
    let mut sides = Sides::default();
    if wanted.render {
        if rendered.is_none() {
            bail!("`--render` renders environments, and there is no `environments/` here");
        }
        select(&Session::find(args)?, &wanted.selection.environments)?;
        sides.revisions = Some(Revisions { repository, before, after, rendered, fresh: None });
        return Ok(sides);
    }
    let found = repository.changes(&before, &after, &below).context("git cannot compare")?;
    if rendered.is_some() && found.is_empty() {
        // One that is gone from here may still be in a revision.
        select(&Session::find(args)?, &wanted.selection.environments)?;
    }
    // What did not change is the same in the state before; in a tree of the tool the names say what
    // files hold.
    let is_wanted = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        is_manifest(path) && (rendered.is_none() || name.starts_with("secret-"))
    };
    if let Some(below) = (!found.is_empty()).then_some(rendered.as_deref().unwrap_or("")) {
        let files = repository.texts(&before, below, &is_wanted);
        for (path, text) in files.context("git cannot read a tree")? {
            let text: Option<Arc<str>> = Some(text.into());
            let (environment, path, file) = ("".into(), path.into(), sources.add_name("secret"));
            sides.secrets.push(File { environment, path, file, text });
        }
        sides.secrets.retain(may_hold_secret);
    }
    for file in found.into_iter().filter(|file| is_manifest(&file.path)) {
        let rest = rendered.as_ref().and_then(|rendered| file.path.strip_prefix(rendered));
        let environment = rest.and_then(|rest| rest.split_once('/')).map_or("", |(name, _)| name);
        let mut push = |into: &mut Vec<File>, state: &State, bytes: Option<Vec<u8>>| {
            let Some(bytes) = bytes else { return };
            let shown = shown(state, &file.path);
            into.push(file_of(environment, &file.path, &shown, bytes, sources));
        };
        push(&mut sides.before, &before, file.before);
        push(&mut sides.after, &after, file.after);
    }
    sides.revisions = Some(Revisions { repository, before, after, rendered, fresh: None });
    Ok(sides)
}

/// How places name a file of a state.
fn shown(state: &State, path: &str) -> String {
    match state {
        State::Revision(name) => format!("{name}:{path}"),
        State::WorkTree => path.to_owned(),
    }
}

fn may_hold_secret(file: &File) -> bool {
    file.text.as_ref().is_some_and(|text| model::may_hold_secret(text))
}

pub(super) fn is_manifest(path: &str) -> bool {
    let suffix = path.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    ["yaml", "yml", "json"].contains(&suffix) && !manifest::is_patch_file(path)
}

pub(super) fn file_of(
    environment: &str,
    path: &str,
    shown: &str,
    bytes: Vec<u8>,
    sources: &mut Sources,
) -> File {
    let text: Option<Arc<str>> = String::from_utf8(bytes).ok().map(Into::into);
    let file = sources.add(shown, text.clone().unwrap_or_default());
    File { environment: environment.into(), path: path.into(), file, text }
}

/// The files of a directory that may hold objects, or one file.
fn files(top: &Path, sources: &mut Sources) -> anyhow::Result<Vec<File>> {
    files_as(top, None, sources)
}

/// The same, shown as if the directory were another, which ends in `/`.
pub(super) fn files_as(
    top: &Path,
    above: Option<&str>,
    sources: &mut Sources,
) -> anyhow::Result<Vec<File>> {
    let found = manifest::find(&[PathBuf::from(top)])?;
    let mut files = Vec::new();
    for file in found.files.iter().filter(|file| file.skip.is_none()) {
        let Some(path) = &file.path else { continue };
        let bytes = named::read(path).with_context(|| format!("cannot read `{}`", file.shown))?;
        let rest = match path.strip_prefix(top) {
            Ok(rest) if rest.as_os_str().is_empty() => path.file_name().map_or(rest, Path::new),
            Ok(rest) => rest,
            Err(_) => path,
        };
        let rest = rest.to_string_lossy().replace('\\', "/");
        let shown = above.map(|above| format!("{above}{rest}"));
        let shown = shown.as_deref().unwrap_or(&file.shown);
        files.push(file_of("", &rest, shown, bytes, sources));
    }
    Ok(files)
}

impl Sides {
    /// Takes the files of trees that were rendered anew, as far as they differ.
    pub(super) fn take_fresh(&mut self, sources: &mut Sources) {
        let Some(revisions) = &self.revisions else { return };
        let Some([before, after]) = &revisions.fresh else { return };
        let rendered = revisions.rendered.as_deref().unwrap_or_default();
        let secrets = &mut self.secrets;
        let mut push = |into: &mut Vec<File>, trees: &Trees, others: &Trees, state: &State| {
            for (name, files) in trees {
                let other = others.get(name);
                for (path, text) in files.iter().filter(|(path, _)| is_manifest(path)) {
                    let is_same = other.and_then(|other| other.get(path)) == Some(text);
                    if is_same && !model::may_hold_secret(text) {
                        continue;
                    }
                    let path = format!("{rendered}{name}/{path}");
                    let bytes = text.clone().into_bytes();
                    let file = file_of(name, &path, &shown(state, &path), bytes, sources);
                    if is_same { secrets.push(file) } else { into.push(file) }
                }
            }
        };
        push(&mut self.before, before, after, &revisions.before);
        push(&mut self.after, after, before, &revisions.after);
    }

    /// Leaves out files that are the same on both sides.
    fn drop_equal(&mut self) {
        let texts = |files: &[File]| -> BTreeSet<(Arc<str>, Arc<str>)> {
            let text = |file: &File| Some((file.path.clone(), file.text.clone()?));
            files.iter().filter_map(text).collect()
        };
        let (old, new) = (texts(&self.before), texts(&self.after));
        let both: BTreeSet<&Arc<str>> = old.intersection(&new).map(|(path, _)| path).collect();
        let is_same = |file: &mut File| both.contains(&file.path);
        self.same = self.before.extract_if(.., is_same).collect();
        self.secrets = self.same.iter().filter(|file| may_hold_secret(file)).cloned().collect();
        self.after.retain(|file| !both.contains(&file.path));
    }
}
