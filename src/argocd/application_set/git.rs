//! The git generator, over directories and over files.
//!
//! Source: `generators/git.go`; `TestGitGenerateParamsFromDirectories`,
//! `TestGitGenerateParamsFromFiles`, `TestGitGeneratorParamsFromFilesWithExcludeOptionWithOldGlobbing`.

use std::collections::BTreeMap;

use crate::argocd::tree::{Entry, Text, Tree};
use crate::source::Span;
use crate::yaml::{Node, Value};

use super::Wanted;
use super::fault::{Fault, FaultKind};
use super::generator::{Generators, ParameterSet, texts};
use super::listing::TreeError;
use super::names::{base, directory, normalize};
use super::parameter::{Items, Parameter, Parameters};
use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::text;

/// A parameter set for each directory, or for each object in each file. `directories` count where
/// both are given.
pub(super) fn sets(
    generators: &mut Generators<'_>,
    body: &Node,
) -> Result<Vec<ParameterSet>, Fault> {
    let items = |field| body.get(field).and_then(Node::as_seq).filter(|items| !items.is_empty());
    check_project(generators, body)?;
    let (directories, files) = (items("directories"), items("files"));
    if directories.is_none() && files.is_none() {
        let message = "a git generator needs `directories` or `files`";
        return Err(Fault::stops(FaultKind::InvalidGenerator, body.span, message));
    }
    if let (Some(_), Some(_), Some(unused)) = (directories, files, body.get("files")) {
        let message = "`files` counts for nothing beside `directories`";
        generators.warnings.push(Fault::ignored(FaultKind::InvalidGenerator, unused.span, message));
    }
    let text = |field| body.get(field).and_then(Node::as_str).unwrap_or_default();
    let (url, revision) = (text("repoURL"), text("revision"));
    generators.wanted.extend(Wanted::of(body));
    let Some(tree) = generators.world.repositories.and_then(|known| known.tree(url, revision))
    else {
        let revision = if revision.is_empty() { "HEAD" } else { revision };
        let message = format!("`{revision}` of the repository `{url}` is not at hand");
        return Err(Fault::unknown(body.get("repoURL").unwrap_or(body).span, message));
    };
    gives_nothing(generators, directories.or(files).unwrap_or_default());
    match (directories, files) {
        (Some(items), _) => from_directories(generators, body, items, tree),
        (_, items) => from_files(generators, body, items.unwrap_or_default(), tree),
    }
}

/// A git generator reads the AppProject before the repository, if its name is known by then.
fn check_project(generators: &Generators<'_>, body: &Node) -> Result<(), Fault> {
    let project = generators.project;
    match &generators.world.projects {
        Some(known) if !project.contains("{{") && !known.contains(project) => {
            let message = format!(
                "the AppProject `{project}` of the template does not exist, and a git generator needs it"
            );
            Err(Fault::stops(FaultKind::MissingProject, body.span, message))
        }
        _ => Ok(()),
    }
}

fn path_of(item: &Node) -> (&str, Span) {
    let path = item.get("path");
    let text = path.and_then(Node::as_str).unwrap_or_default();
    (text, path.unwrap_or(item).span)
}

fn is_excluded(item: &Node) -> bool {
    item.get("exclude").is_some_and(Node::is_true)
}

/// `filterApps`: one pattern that excludes a directory beats all that include it.
fn from_directories(
    generators: &mut Generators<'_>,
    body: &Node,
    items: &[Node],
    tree: &Tree,
) -> Result<Vec<ParameterSet>, Fault> {
    let mut patterns = Vec::new();
    for item in items {
        let (text, span) = path_of(item);
        match Pattern::new(text, Dialect::PathMatch) {
            Ok(pattern) => patterns.push((pattern, is_excluded(item), item.span)),
            Err(_) => {
                let message = format!("`{text}` is no valid pattern, so it matches nothing");
                generators.warnings.push(Fault::ignored(FaultKind::InvalidPattern, span, message));
            }
        }
    }
    let included = || patterns.iter().filter(|(_, excluded, _)| !excluded);
    let all = tree.directories(true);
    if let Some((.., place)) = included().next()
        && !all.iter().any(|path| included().any(|(pattern, ..)| pattern.matches(path)))
    {
        nothing_matched(generators, *place, "directory", tree);
    }
    let mut sets = Vec::new();
    for path in tree.directories(generators.world.settings.include_hidden_directories) {
        let matching = || patterns.iter().filter(|(pattern, _, _)| pattern.matches(&path));
        let Some((_, _, origin)) = matching().find(|(_, excluded, _)| !excluded) else { continue };
        if matching().any(|(_, excluded, _)| *excluded) {
            continue;
        }
        let mut parameters = Parameters::new();
        add_path(generators, body, &path, None, &mut parameters);
        generators.add_values(body, &mut parameters)?;
        sets.push(ParameterSet::new(parameters, *origin));
    }
    Ok(sets)
}

/// Warns of patterns that can never give anything: none includes, or each that does excludes as well.
///
/// Source: `filterApps`, `generateParamsForGitFiles`.
fn gives_nothing(generators: &mut Generators<'_>, items: &[Node]) {
    let of = |excluded| items.iter().filter(move |item| is_excluded(item) == excluded);
    let is_both = |item: &Node| of(true).any(|other| path_of(other).0 == path_of(item).0);
    let (Some(first), true) = (items.first(), of(false).all(is_both)) else { return };
    let why = match of(false).next() {
        None => "all patterns exclude",
        Some(_) => "each pattern that includes excludes as well",
    };
    let message = format!("{why}, so this generator gives nothing");
    generators.warnings.push(Fault::ignored(FaultKind::InvalidGenerator, first.span, message));
}

/// Warns of a generator that gives nothing. What is in submodules is not known.
fn nothing_matched(generators: &mut Generators<'_>, place: Span, what: &str, tree: &Tree) {
    let has_more = tree.below("").any(|(_, entry)| matches!(entry, Entry::Elsewhere));
    if !has_more {
        let message =
            format!("no {what} of the repository matches, so this generator gives nothing");
        generators.warnings.push(Fault::ignored(FaultKind::NothingMatched, place, message));
    }
}

fn from_files(
    generators: &mut Generators<'_>,
    body: &Node,
    items: &[Node],
    tree: &Tree,
) -> Result<Vec<ParameterSet>, Fault> {
    let new_globbing = generators.world.settings.new_git_file_globbing;
    let mut found: BTreeMap<String, (&Text, Span)> = BTreeMap::new();
    // All that is included is listed before anything is excluded.
    for excluded in [false, true] {
        for item in items.iter().filter(|item| is_excluded(item) == excluded) {
            let (pattern, span) = path_of(item);
            let files = tree.files(pattern, new_globbing).map_err(|error| match error {
                TreeError::Wrong(why) => Fault::stops(FaultKind::InvalidPattern, span, why),
                TreeError::Unknown(why) => Fault::unknown(span, why),
            })?;
            for (path, text) in files {
                if excluded {
                    found.remove(&path);
                } else {
                    found.insert(path, (text, item.span));
                }
            }
        }
        // Which of the two ways of matching is asked for may not be known.
        let other_way = |item: &Node| tree.files(path_of(item).0, !new_globbing);
        let included = || items.iter().filter(|item| !is_excluded(item));
        if let (false, true, Some(first)) = (excluded, found.is_empty(), included().next())
            && included().all(|item| other_way(item).is_ok_and(|files| files.is_empty()))
        {
            nothing_matched(generators, first.span, "file", tree);
        }
    }
    let mut sets = Vec::new();
    for (path, (text, origin)) in found {
        for (object, place) in objects(text, &path, origin)? {
            let mut parameters = match generators.renderer.is_go() {
                true => object,
                false => texts(&object),
            };
            add_path(generators, body, directory(&path), Some(base(&path)), &mut parameters);
            generators.add_values(body, &mut parameters)?;
            sets.push(ParameterSet::new(parameters, place));
        }
    }
    Ok(sets)
}

/// The objects in a file, each with its place: one map, or a list of them. An empty file is one
/// without keys.
fn objects(
    Text { file, text }: &Text,
    path: &str,
    origin: Span,
) -> Result<Vec<(Parameters, Span)>, Fault> {
    let wrong = |why: &str| {
        Fault::stops(FaultKind::InvalidFile, origin, format!("the file `{path}` {why}"))
    };
    let node = text::first_document(text, *file)
        .map_err(|why| wrong(&format!("is no valid YAML: {why}")))?;
    let object = |node: &Node| match Parameter::of(node) {
        Parameter::Map(_, entries) => Ok((entries, node.span)),
        Parameter::Null => Ok((Parameters::new(), node.span)),
        _ => Err(wrong("must hold a map, or a list of maps")),
    };
    match node {
        None => Ok(vec![(Parameters::new(), Span::new(*file, 0..text.len()))]),
        Some(Node { value: Value::Seq(items), .. }) => items.iter().map(object).collect(),
        Some(node) => Ok(vec![object(&node)?]),
    }
}

/// The parameters that tell the path: of a directory, or of a file and the directory it is in. They
/// replace what the file has under that name, even where there is a prefix.
///
/// Source: `generateParamsFromApps`, `generateParamsFromGitFile`.
fn add_path(
    generators: &Generators<'_>,
    body: &Node,
    path: &str,
    file: Option<&str>,
    parameters: &mut Parameters,
) {
    let prefix = body.get("pathParamPrefix").and_then(Node::as_str).unwrap_or_default();
    let mut texts =
        vec![("basename", base(path).to_owned()), ("basenameNormalized", normalize(base(path)))];
    if let Some(file) = file {
        texts.push(("filename", file.to_owned()));
        texts.push(("filenameNormalized", normalize(file)));
    }
    if !generators.renderer.is_go() {
        let name = if prefix.is_empty() { "path".into() } else { format!("{prefix}.path") };
        for (at, segment) in path.split('/').enumerate() {
            parameters.insert(format!("{name}[{at}]"), Parameter::text(segment));
        }
        for (key, text) in texts {
            parameters.insert(format!("{name}.{key}"), Parameter::Text(text));
        }
        parameters.insert(name, Parameter::text(path));
        return;
    }
    let mut entries: Parameters =
        texts.into_iter().map(|(key, text)| (key.into(), Parameter::Text(text))).collect();
    let segments = path.split('/').map(Parameter::text).collect();
    entries.insert("segments".into(), Parameter::List(Items::Text, segments));
    entries.insert("path".into(), Parameter::text(path));
    let path = ("path".to_owned(), Parameter::Map(Items::Any, entries));
    if prefix.is_empty() {
        parameters.extend([path]);
    } else {
        let under = Parameter::Map(Items::Any, Parameters::from([path]));
        parameters.insert(prefix.to_owned(), under);
    }
}
