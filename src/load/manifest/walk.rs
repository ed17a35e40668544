//! Finding the files that a user means, and telling from where they lie what they are.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};

use super::changes::Changes;
use super::directory::{PROGRAMS, Place, has, inside, is_build, is_entered, is_manifest_name};
use super::foreign;
use super::kustomization::{Kustomization, Kustomizations, NAMES, Role, Roles};
use super::overlays::Search;
use super::reason::Reason;
use crate::diagnostic::Finding;
use crate::world::named::{self, Listed, Named};

/// A file, or standard input.
#[derive(Debug, Clone)]
pub struct File {
    /// Where it is; nothing for standard input.
    pub path: Option<PathBuf>,
    /// Its path as the user wrote it, with `/`.
    pub shown: Arc<str>,
    /// Why it is not judged, where that is known without reading it.
    pub skip: Option<Reason>,
    /// What kustomize changes of its objects before they are applied.
    pub changes: Changes,
    /// Whether it is a kustomization, which is read only because kustomize refuses it.
    pub is_kustomization: bool,
    /// Whether it is a kustomization out of which objects come that are not among its files as they
    /// stand: generated ones, remote ones, those under other names or in other namespaces.
    pub makes_objects: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The files, in the order of the paths that were named, then of their own.
    pub files: Vec<File>,
    /// Directories that cannot be listed.
    pub findings: Vec<Finding>,
}

/// Finds the files below the paths that were named; `-` is standard input.
///
/// # Errors
///
/// Where a path leads to nothing, or to something that may never end.
pub fn find(paths: &[PathBuf]) -> anyhow::Result<Found> {
    let within = paths.iter().map(|path| named::real_path(path)).collect();
    let mut walk = Walk { within, ..Walk::default() };
    for path in paths {
        if path == Path::new("-") {
            walk.stream(None, "<stdin>");
            continue;
        }
        let kind = named::examine(path)
            .with_context(|| format!("`{}` cannot be checked", path.display()))?;
        match kind {
            Named::Stream => walk.stream(Some(path), &shown(path)),
            Named::Other => bail!(
                "`{}` is a pipe, socket or device; hand its content over as `gitopsc check -`",
                path.display()
            ),
            Named::File => walk.named_file(path),
            Named::Directory => walk.named_directory(path),
        }
    }
    Ok(walk.finish(paths))
}

/// A path as the user wrote it.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    let mut rest = text.as_str();
    while let Some(after) = rest.strip_prefix("./") {
        rest = after.trim_start_matches('/');
    }
    if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }
}

/// A file with what will tell its role.
struct Candidate {
    file: File,
    real: PathBuf,
    /// Links to it.
    links: Vec<PathBuf>,
    /// Whether it was found by a link.
    is_link: bool,
    beside: Option<usize>,
}

#[derive(Default)]
struct Walk {
    candidates: Vec<Option<Candidate>>,
    known: HashMap<PathBuf, usize>,
    kustomizations: Kustomizations,
    findings: Vec<Finding>,
    /// What was named, without links.
    within: Vec<PathBuf>,
}

impl Walk {
    fn stream(&mut self, path: Option<&Path>, shown: &str) {
        let real = path.map_or_else(|| PathBuf::from("-"), Path::to_owned);
        let file = file(path, shown, None);
        self.push(Candidate { file, real, links: Vec::new(), is_link: false, beside: None });
    }

    fn push(&mut self, candidate: Candidate) {
        let Some(&at) = self.known.get(&candidate.real) else {
            self.known.insert(candidate.real.clone(), self.candidates.len());
            return self.candidates.push(Some(candidate));
        };
        let Some(known) = self.candidates[at].as_mut() else { return };
        known.links.extend(candidate.links.iter().cloned());
        // The file itself counts, not the link that was found before it.
        if known.is_link && !candidate.is_link {
            let links = std::mem::take(&mut known.links);
            self.candidates[at] = None;
            self.known.insert(candidate.real.clone(), self.candidates.len());
            self.candidates.push(Some(Candidate { links, ..candidate }));
        }
    }

    fn named_file(&mut self, path: &Path) {
        let real = named::real_path(path);
        let directory = real.parent().unwrap_or(Path::new("/")).to_owned();
        let mut place = self.above(&directory, &real);
        let entries = named::list(&directory).unwrap_or_default();
        place.is_chart = has(&entries, &["Chart.yaml"]);
        if let Some(own) = self.kustomization(&directory, &entries) {
            place.beside = Some(own);
        }
        self.file(&shown(path), path, real, None, place);
    }

    fn named_directory(&mut self, path: &Path) {
        let real = named::real_path(path);
        let place = self.above(&real, &real);
        let shown = shown(path);
        let prefix = if shown == "." { String::new() } else { format!("{shown}/") };
        self.directory(&prefix.replace("//", "/"), path, &real, place);
    }

    /// What the directories above one that was named make of it: a chart whose templates it is
    /// among, a kustomization that names something in it.
    fn above(&mut self, directory: &Path, wanted: &Path) -> Place {
        let mut place = Place::default();
        if named::is_there(&directory.join(".git")) {
            return place;
        }
        for above in directory.ancestors().skip(1) {
            if named::is_there(&above.join("Chart.yaml"))
                && directory.strip_prefix(above).is_ok_and(|rest| rest.starts_with("templates"))
            {
                place.skip = Some(Reason::HelmTemplate);
            }
            let read = |name: &&str| named::read(&above.join(name)).ok();
            let found = NAMES.iter().find_map(read);
            if let Some(found) = found.and_then(|bytes| Kustomization::read(above, &bytes))
                && found.names_below(wanted)
            {
                self.kustomizations.push(found);
            }
            if named::is_there(&above.join(".git")) {
                break;
            }
        }
        place
    }

    fn directory(&mut self, prefix: &str, path: &Path, real: &Path, mut place: Place) {
        let entries = match named::list(path) {
            Ok(entries) => entries,
            Err(error) => return self.unlisted(prefix, &error),
        };
        place.is_chart = has(&entries, &["Chart.yaml"]);
        place.is_program = has(&entries, &PROGRAMS);
        if let Some(own) = self.kustomization(real, &entries) {
            place.beside = Some(own);
        }
        let is_build = is_build(&entries);
        for (name, listed) in entries {
            let text = name.to_string_lossy().into_owned();
            let (shown, path) = (format!("{prefix}{text}"), path.join(&name));
            match listed {
                Listed::Directory => {
                    if !is_entered(&text, is_build) {
                        if text != ".git" {
                            let shown = format!("{shown}/");
                            self.skipped(&shown, &path, real.join(&name), Reason::NotEntered);
                        }
                        continue;
                    }
                    let skip = place.skip.or_else(|| inside(place, &text));
                    let inner = Place { skip, beside: place.beside, ..Place::default() };
                    self.directory(&format!("{shown}/"), &path, &real.join(&name), inner);
                }
                Listed::DirectoryLink if !is_manifest_name(&text) => {
                    if !text.starts_with('.') && !self.is_judged(&path) {
                        self.skipped(&shown, &path, real.join(&name), Reason::Link);
                    }
                }
                _ if !is_manifest_name(&text) => {
                    if listed == Listed::File && is_manifest_name(&text.to_ascii_lowercase()) {
                        self.skipped(&shown, &path, real.join(&name), Reason::Ending);
                    }
                }
                Listed::File => self.file(&shown, &path, real.join(&name), None, place),
                Listed::FileLink(target) => {
                    self.file(&shown, &path, target, Some(real.join(&name)), place);
                }
                Listed::DirectoryLink | Listed::BrokenLink => {
                    self.skipped(&shown, &path, real.join(&name), Reason::Link);
                }
                Listed::Other => self.skipped(&shown, &path, real.join(&name), Reason::NoFile),
            }
        }
    }

    /// Whether a directory is looked through by another name.
    fn is_judged(&self, path: &Path) -> bool {
        let real = named::real_path(path);
        self.within.iter().any(|named| real.starts_with(named))
    }

    /// Takes a file, which may have been found as a link.
    fn file(
        &mut self,
        shown: &str,
        path: &Path,
        real: PathBuf,
        link: Option<PathBuf>,
        place: Place,
    ) {
        let text = path.file_name().unwrap_or_default().to_string_lossy();
        let skip = place.skip.or_else(|| {
            let is_chart = matches!(&*text, "Chart.yaml" | "Chart.lock" | "requirements.yaml")
                || foreign::is_values_file(&text);
            (place.is_chart && is_chart).then_some(Reason::HelmChart)
        });
        let own = place.beside.filter(|_| NAMES.contains(&&*text));
        let is_faulty = own.is_some_and(|own| self.kustomizations.is_faulty(own));
        let skip = skip.or(own.filter(|_| !is_faulty).map(|_| Reason::Kustomization));
        let mut file = file(Some(path), shown, skip);
        file.is_kustomization = own.is_some();
        file.makes_objects = own.is_some_and(|own| self.kustomizations.makes_objects(own));
        let is_link = link.is_some();
        let links = link.into_iter().collect();
        self.push(Candidate { file, real, links, is_link, beside: place.beside });
    }

    fn skipped(&mut self, shown: &str, path: &Path, real: PathBuf, reason: Reason) {
        let file = file(Some(path), shown, Some(reason));
        self.push(Candidate { file, real, links: Vec::new(), is_link: false, beside: None });
    }

    /// The kustomization of a directory.
    fn kustomization(&mut self, real: &Path, entries: &[(OsString, Listed)]) -> Option<usize> {
        let is_there = |name: &&&str| entries.iter().any(|(entry, _)| entry == **name);
        let name = NAMES.iter().find(is_there)?;
        let bytes = named::read(&real.join(name)).ok()?;
        Some(self.kustomizations.push(Kustomization::read(real, &bytes)?))
    }

    fn unlisted(&mut self, prefix: &str, error: &io::Error) {
        if error.kind() == io::ErrorKind::NotFound {
            return;
        }
        let shown = prefix.trim_end_matches('/');
        self.findings.push(
            Finding::error("file-unreadable", format!("the directory `{shown}` cannot be listed"))
                .in_file(shown)
                .note(error.to_string())
                .help("make it readable, or move it away"),
        );
    }

    fn finish(mut self, paths: &[PathBuf]) -> Found {
        let mut search = Search::new(&self.within, &mut self.kustomizations);
        for (path, real) in
            paths.iter().zip(&self.within).filter(|(path, _)| *path != Path::new("-"))
        {
            let is_file = matches!(named::examine(path), Ok(Named::File));
            search.around(real.parent().filter(|_| is_file).unwrap_or(real), is_file);
        }
        let roles = self.kustomizations.roles();
        let files =
            self.candidates.into_iter().flatten().map(|candidate| settle(candidate, &roles));
        Found { files: files.collect(), findings: self.findings }
    }
}

fn file(path: Option<&Path>, shown: &str, skip: Option<Reason>) -> File {
    File {
        path: path.map(Path::to_owned),
        shown: shown.into(),
        skip,
        changes: Changes::default(),
        is_kustomization: false,
        makes_objects: false,
    }
}

fn settle(candidate: Candidate, roles: &Roles) -> File {
    let Candidate { mut file, real, links, beside, .. } = candidate;
    if file.skip.is_some() || file.is_kustomization {
        return file;
    }
    match roles.of_links(&links).or_else(|| roles.of(&real, beside)) {
        None => {}
        Some(Role::Applied(changes)) => file.changes = changes,
        Some(Role::Built) => file.skip = Some(Reason::NeedsKustomize),
        Some(Role::NotListed) => file.skip = Some(Reason::NotListed),
    }
    file
}
