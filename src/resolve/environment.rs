//! Environments over what they extend.

use std::collections::BTreeMap;

use super::merge::merge;
use crate::config::pointer_span;
use crate::diagnostic::{Finding, suggest};
use crate::load::{EnvironmentFiles, ReleaseFile, Repo};
use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value};

/// Merged environments, each made once.
#[derive(Default)]
pub(super) struct Merged {
    done: BTreeMap<String, Option<Node>>,
}

impl Merged {
    /// The environment with everything that it extends; nothing where one of these is broken.
    pub(super) fn get(
        &mut self,
        repo: &Repo,
        name: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<Node> {
        self.follow(repo, name, &mut Vec::new(), findings)
    }

    fn follow(
        &mut self,
        repo: &Repo,
        name: &str,
        path: &mut Vec<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Node> {
        if let Some(done) = self.done.get(name) {
            return done.clone();
        }
        path.push(name.to_owned());
        let merged = self.merge_one(repo, name, path, findings);
        path.pop();
        self.done.insert(name.to_owned(), merged.clone());
        merged
    }

    fn merge_one(
        &mut self,
        repo: &Repo,
        name: &str,
        path: &mut Vec<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Node> {
        let files = repo.environments.get(name)?;
        let own = files.node.as_ref()?;
        let base = match own.get("extends") {
            Some(extends) if extends.as_str().is_some() => {
                let base = extends.as_str().unwrap_or_default();
                if let Some(at) = path.iter().position(|known| known == base) {
                    let mut circle = path[at..].to_vec();
                    circle.push(base.to_owned());
                    let mut finding =
                        Finding::error("extends-circular", "these environments extend each other")
                            .at(extends.span, "the circle closes here")
                            .note(circle.join(" → "))
                            .help("take one `extends` out");
                    finding.environments = path[at..].to_vec();
                    finding.environments.sort();
                    findings.push(finding);
                    return None;
                }
                if !repo.environments.contains_key(base) {
                    let mut finding = Finding::error(
                        "environment-unknown",
                        format!("there is no environment `{base}` to extend"),
                    )
                    .at(extends.span, "")
                    .in_environment(name);
                    let known = repo.environments.keys().filter(|known| *known != name);
                    if let Some(help) = suggest(base, known.map(String::as_str)) {
                        finding = finding.help(help);
                    }
                    findings.push(finding);
                    return None;
                }
                Some(self.follow(repo, base, path, findings)?)
            }
            _ => None,
        };
        let empty = empty_releases(name, own, base.as_ref(), findings);
        let mut merged = base.unwrap_or_else(|| defaults(repo));
        merge(&mut merged, own);
        merge_releases(name, files, &empty, &mut merged, findings)?;
        if let Some(map) = merged.as_map_mut() {
            map.remove("extends");
            let span = Span::new(files.file, 0..0);
            let key = Key { name: "name".into(), span };
            map.insert(key, Node::string(name, span));
        }
        Some(merged)
    }
}

/// Lays `apps/<release>.yaml` onto the entries under `apps:`; `empty` are those that are told of
/// already.
fn merge_releases(
    name: &str,
    files: &EnvironmentFiles,
    empty: &[&str],
    merged: &mut Node,
    findings: &mut Vec<Finding>,
) -> Option<()> {
    let own = files.node.as_ref().and_then(|own| own.get("apps")?.as_map());
    let mut whole = true;
    for (release, file) in &files.releases {
        let Some(node) = &file.node else {
            whole = false;
            continue;
        };
        let own_entry = own.and_then(|own| own.entry(release));
        if let Some((_, entry)) = own_entry.filter(|(_, entry)| !is_empty(entry)) {
            findings.push(
                Finding::error(
                    "release-in-two-places",
                    format!("`{release}` is changed in two places"),
                )
                .at(entry.span, "here")
                .at(node.span, "and in a file of its own")
                .help(format!("leave `{release}: {{}}` under `apps:` and keep the file"))
                .in_environment(name),
            );
            whole = false;
            continue;
        }
        let apps = merged.as_map_mut().and_then(|map| map.get_mut("apps"));
        let entry = apps.and_then(|apps| apps.as_map_mut()?.get_mut(release));
        let Some(entry) = entry else {
            if !empty.contains(&release.as_str()) {
                findings.push(not_listed(name, release, file, own_entry, merged));
            }
            whole = false;
            continue;
        };
        let mut changes = node.clone();
        if let Some(map) = changes.as_map_mut() {
            map.remove("apiVersion");
            map.remove("kind");
        }
        merge(entry, &changes);
    }
    whole.then_some(())
}

/// What an environment, and before it those that it extends, change in the values of a release:
/// from weak to strong, since the last `null` that takes the release or its values away.
///
/// They are laid over the App's values one by one. Folded together first they would say less: that
/// a weaker one removes a map, which a stronger one begins anew, is lost where both become one map.
pub(super) fn changes<'r>(repo: &'r Repo, name: &str, release: &str) -> Vec<&'r Node> {
    let Some(files) = repo.environments.get(name) else { return Vec::new() };
    let own = files.node.as_ref();
    let base = own.and_then(|own| own.get("extends")?.as_str());
    let mut changes = base.map_or_else(Vec::new, |base| changes(repo, base, release));
    let entry = own.and_then(|own| own.get("apps")?.get(release));
    let file = files.releases.get(release).and_then(|file| file.node.as_ref());
    if entry.is_some_and(Node::is_null) {
        changes.clear();
    }
    for values in [entry, file].into_iter().flatten().filter_map(|place| place.get("values")) {
        if values.is_null() {
            changes.clear();
        } else {
            changes.push(values);
        }
    }
    changes
}

/// The finding for a release file whose release does not run, or runs no more.
fn not_listed(
    name: &str,
    release: &str,
    file: &ReleaseFile,
    own_entry: Option<&(Key, Node)>,
    merged: &Node,
) -> Finding {
    let finding =
        Finding::error("release-not-listed", format!("`{release}` does not run in `{name}`"))
            .at(Span::new(file.file, 0..0), "this file changes it")
            .in_environment(name);
    if let Some((key, _)) = own_entry {
        return finding
            .at(key.span, "null takes it away")
            .help(format!("remove the file, or write `{release}: {{}}` to run it"));
    }
    let known = merged.get("apps").and_then(Node::as_map);
    let known = known.into_iter().flat_map(Map::iter).map(|(key, _)| &*key.name);
    let help = crate::diagnostic::nearest(release, known).map_or_else(
        || format!("list `{release}: {{}}` under `apps:` in environment.yaml"),
        |near| format!("the file's name is the release's: did you mean `{near}`?"),
    );
    finding.at(pointer_span(merged, "/apps"), "this is the list of what runs").help(help)
}

fn is_empty(node: &Node) -> bool {
    node.is_null() || node.as_map().is_some_and(Map::is_empty)
}

/// An entry under `apps:` with nothing after it takes an inherited release away. Where none is
/// inherited, the author meant to run it. Gives the names of those.
fn empty_releases<'o>(
    name: &str,
    own: &'o Node,
    base: Option<&Node>,
    findings: &mut Vec<Finding>,
) -> Vec<&'o str> {
    let mut empty = Vec::new();
    let inherited = base.and_then(|base| base.get("apps")).and_then(Node::as_map);
    let listed = own.get("apps").and_then(Node::as_map);
    for (key, _) in listed.into_iter().flat_map(Map::iter).filter(|(_, entry)| entry.is_null()) {
        if !inherited.is_some_and(|apps| apps.contains_key(&key.name)) {
            empty.push(&*key.name);
            findings.push(
                Finding::error("release-empty", format!("`{}:` says nothing", key.name))
                    .at(key.span, "null takes an inherited release away, and none is inherited")
                    .help(format!("write `{}: {{}}` to run it", key.name))
                    .in_environment(name),
            );
        }
    }
    empty
}

/// What holds where no environment says otherwise, so that templates can rely on it.
fn defaults(repo: &Repo) -> Node {
    let empty = || Node::new(Value::Map(Map::default()), Span::new(repo.defaults, 0..0));
    let text = &repo.sources.get(repo.defaults).text;
    let read = crate::yaml::read(repo.defaults, text);
    read.documents.into_iter().find_map(|document| document.node).unwrap_or_else(empty)
}
