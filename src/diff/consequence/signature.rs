//! Commits that an AppProject takes newly: of those that nobody signed, or that others did.

use std::collections::{BTreeMap, BTreeSet};

use super::words::listed;
use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::project::Project;
use crate::yaml::Node;

/// What Applications of a project may newly be made from.
///
/// What one pattern of repositories takes that is taken for a name, it takes as a pattern too.
pub(super) fn of(before: &Node, after: &Node) -> Vec<String> {
    let Some((old, new)) = policies(before).zip(policies(after)) else { return Vec::new() };
    let projects = [before, after].map(Project::read);
    let sources = texts(after, "sourceRepos").filter(|text| !text.starts_with('!'));
    let named = old.iter().chain(&new).flat_map(|policy| &policy.repositories);
    let named = named.map(|text| text.trim_start_matches('!'));
    let urls: BTreeSet<&str> = sources.chain(named).collect();
    let mut more: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    // What may be a source newly is told as that.
    for url in urls {
        if projects.iter().all(|project| project.source(url).is_permitted()) {
            for what in newly(&taken(&old, url), &taken(&new, url)) {
                more.entry(what).or_default().push(url);
            }
        }
    }
    let line = |(what, urls): (String, Vec<&str>)| {
        format!("its Applications may newly have {what}, from {}", listed(&widest(urls)))
    };
    more.into_iter().map(line).collect()
}

/// The commits of a repository that Argo CD goes on with.
#[derive(Clone, PartialEq, Eq)]
enum Taken {
    All,
    Signed {
        keys: BTreeSet<String>,
        /// Whether all commits before the newest have to be signed, too.
        is_deep: bool,
    },
}

struct Policy<'n> {
    repositories: Vec<&'n str>,
    taken: Taken,
}

impl Policy<'_> {
    /// Source: `findMatchingGitPolicies` in `util/sourceintegrity/source_integrity.go` of Argo CD.
    fn is_of(&self, url: &str) -> bool {
        let fits = |text: &str| fits(text, url);
        let denies = |text: &&str| text.strip_prefix('!').is_some_and(fits);
        !self.repositories.iter().any(denies) && self.repositories.iter().any(|text| fits(text))
    }
}

/// Source: `Match` in `util/glob/glob.go` of Argo CD.
fn fits(pattern: &str, url: &str) -> bool {
    let dialect = Dialect::Gobwas { separator: None };
    !pattern.starts_with('!')
        && Pattern::new(pattern, dialect).is_ok_and(|pattern| pattern.matches(url))
}

/// What is asked of commits; nothing where that cannot be read, which the API server refuses.
///
/// Source: `EffectiveSourceIntegrity` in `pkg/apis/application/v1alpha1/types.go` of Argo CD, and
/// `sourceIntegrity` in `manifests/crds/appproject-crd.yaml`.
fn policies(project: &Node) -> Option<Vec<Policy<'_>>> {
    let integrity = project.pointer("/spec/sourceIntegrity").filter(|it| !it.is_null());
    if let Some(integrity) = integrity {
        return integrity.pointer("/git/policies")?.as_seq()?.iter().map(policy).collect();
    }
    let keys = project.pointer("/spec/signatureKeys").and_then(Node::as_seq).unwrap_or_default();
    if keys.is_empty() {
        return Some(Vec::new());
    }
    let keys = keys.iter().filter_map(|item| item.get("keyID")?.as_str());
    let taken = Taken::Signed { keys: keys.filter_map(key).collect(), is_deep: false };
    Some(vec![Policy { repositories: vec!["*"], taken }])
}

/// Source: `lookupGit` and `verify` in `util/sourceintegrity/source_integrity.go` of Argo CD.
fn policy(node: &Node) -> Option<Policy<'_>> {
    let repositories = node.get("repos")?.as_seq()?.iter();
    let repositories = repositories.map(|item| item.get("url")?.as_str()).collect::<Option<_>>()?;
    let of_gpg = node.get("gpg")?;
    let keys = || of_gpg.get("keys").and_then(Node::as_seq).unwrap_or_default().iter();
    let keys = || keys().filter_map(Node::as_str).filter_map(key).collect();
    let taken = match of_gpg.get("mode")?.as_str()? {
        "none" => Taken::All,
        "head" => Taken::Signed { keys: keys(), is_deep: false },
        "strict" => Taken::Signed { keys: keys(), is_deep: true },
        _ => return None,
    };
    Some(Policy { repositories, taken })
}

/// The last 16 digits of a key, by which a signature names it.
///
/// Source: `KeyID` in `util/sourceintegrity/gpg.go` of Argo CD.
fn key(text: &str) -> Option<String> {
    let is_key = [16, 40].contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit());
    is_key.then(|| text[text.len() - 16..].to_owned())
}

/// What is taken of one repository. Where several policies are for it, Argo CD takes nothing.
///
/// Source: `lookupGit` in `util/sourceintegrity/source_integrity.go` of Argo CD.
fn taken(policies: &[Policy<'_>], url: &str) -> Taken {
    let mut fitting = policies.iter().filter(|policy| policy.is_of(url));
    match (fitting.next(), fitting.next()) {
        (None, _) => Taken::All,
        (Some(policy), None) => policy.taken.clone(),
        _ => Taken::Signed { keys: BTreeSet::new(), is_deep: true },
    }
}

fn newly(old: &Taken, new: &Taken) -> Vec<String> {
    let (Taken::Signed { keys: had, is_deep: was_deep }, new) = (old, new) else {
        return Vec::new();
    };
    let Taken::Signed { keys, is_deep } = new else {
        return vec!["commits that nobody signed".to_owned()];
    };
    let more: BTreeSet<String> = keys.difference(had).cloned().collect();
    let word = if more.len() == 1 { "key" } else { "keys" };
    let signed = format!("commits that are signed with {word} {}", listed(&more));
    let before = "commits that nobody signed before the newest one".to_owned();
    let is_less = *was_deep && !is_deep && !keys.is_disjoint(had);
    (!more.is_empty()).then_some(signed).into_iter().chain(is_less.then_some(before)).collect()
}

/// Without those that others of them take.
fn widest(mut urls: Vec<&str>) -> BTreeSet<String> {
    urls.sort_by_key(|url| url.len());
    let mut found: Vec<&str> = Vec::new();
    for url in urls {
        if !found.iter().any(|pattern| fits(pattern, url)) {
            found.push(url);
        }
    }
    found.into_iter().map(str::to_owned).collect()
}

fn texts<'n>(project: &'n Node, list: &str) -> impl Iterator<Item = &'n str> + use<'n> {
    let items = project.pointer(&format!("/spec/{list}")).and_then(Node::as_seq);
    items.unwrap_or_default().iter().filter_map(Node::as_str)
}
