//! Which commit a revision means, as Argo CD asks the server of a repository.
//!
//! Source: `lsRemote` in `util/git/client.go`, `MaxVersion` in `util/versions/tags.go` of Argo CD. Nothing but
//! the name of a branch or a tag, short or in full, and a commit is resolved: none of git's expressions.

use std::collections::BTreeSet;

use git2::Tree;

use super::git::GitRepository;
use crate::gotemplate::VersionRange;

/// Branches that a repository's work tree stands for where git does not say which it is.
const USUAL: [&str; 2] = ["main", "master"];

/// Whether a revision is read as a commit where nothing has that name: seven letters of it, or more.
///
/// Source: `IsTruncatedCommitSHA` in `util/git/git.go` of Argo CD.
#[must_use]
pub fn is_commit(revision: &str) -> bool {
    revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl GitRepository {
    /// Whether all branches of a remote were fetched, with the tags on them.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let names = self.remote_names();
        let takes_all = |name: &String| {
            let remote = self.inner().find_remote(name).ok();
            let refspecs = remote.as_ref().map(|it| it.refspecs().collect::<Vec<_>>());
            let mut refspecs = refspecs.iter().flatten();
            let fetched = self.inner().references_glob(&format!("refs/remotes/{name}/*"));
            let is_fetched = fetched.is_ok_and(|mut all| all.next().is_some());
            refspecs.any(|it| it.src() == Ok("refs/heads/*")) && is_fetched
        };
        !self.inner().is_shallow() && names.iter().any(takes_all)
    }

    /// Its branches and tags, those too of remotes.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let all = self.inner().references().into_iter().flatten().flatten();
        let name = |one: git2::Reference<'_>| {
            let name = one.name().ok()?;
            let of_remote = name.strip_prefix("refs/remotes/").and_then(|it| it.split_once('/'));
            Some(of_remote.map_or(one.shorthand().ok()?, |(_, name)| name).to_owned())
        };
        all.filter_map(name).filter(|name| name != "HEAD").collect()
    }

    /// Whether the work tree is what will be at a revision: that of the branch that is checked out,
    /// of the one that the remote takes for its main one, of none.
    #[must_use]
    pub fn stands_for(&self, revision: &str) -> bool {
        if self.is_of_tags(revision) {
            return false;
        }
        let revision = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        if ["", "HEAD"].contains(&revision) {
            return true;
        }
        let head = self.inner().head().ok().filter(git2::Reference::is_branch);
        if head.is_some_and(|head| head.shorthand().is_ok_and(|name| name == revision)) {
            return true;
        }
        match self.main() {
            Some(main) => main == revision,
            None => USUAL.contains(&revision),
        }
    }

    /// Whether the work tree may be what will be at a branch: git does not say which one the remote
    /// takes for its main one, and what is checked out is none that is called like one.
    #[must_use]
    pub fn may_stand_for(&self, revision: &str) -> bool {
        let branch = revision.strip_prefix("refs/heads/").unwrap_or(revision);
        let mut names: Vec<String> =
            self.remote_names().iter().map(|it| format!("refs/remotes/{it}/{branch}")).collect();
        names.push(format!("refs/heads/{branch}"));
        let is_there = |name: &String| self.inner().find_reference(name).is_ok();
        let is_usual = self.branch().is_some_and(|it| USUAL.contains(&it.as_str()));
        !is_usual
            && self.main().is_none()
            && !is_there(&format!("refs/tags/{revision}"))
            && names.iter().any(is_there)
    }

    /// The branch that the remote takes for its main one, if git was told.
    fn main(&self) -> Option<String> {
        let main = self.inner().find_reference("refs/remotes/origin/HEAD").ok()?;
        let target = main.symbolic_target().ok().flatten()?;
        target.strip_prefix("refs/remotes/origin/").map(str::to_owned)
    }

    /// Whether a revision is a range in which there is a tag: then it means the newest of those that the
    /// server has, whatever branch has its name.
    fn is_of_tags(&self, revision: &str) -> bool {
        let Some(range) = VersionRange::read(revision) else { return false };
        let tags = self.inner().tag_names(None);
        let mut tags = tags.iter().flat_map(git2::string_array::StringArray::iter);
        tags.any(|tag| tag.ok().flatten().is_some_and(|tag| range.has(tag)))
    }

    /// The files of the commit that a revision means; nothing where it is not here.
    pub(super) fn resolved(&self, revision: &str) -> Option<Tree<'_>> {
        if self.is_of_tags(revision) {
            return None;
        }
        let of_remotes = |branch: &str| -> Vec<String> {
            let remotes = self.remote_names().into_iter();
            remotes.map(|remote| format!("refs/remotes/{remote}/{branch}")).collect()
        };
        let mut names = Vec::new();
        match revision.strip_prefix("refs/") {
            None => {
                names.extend(["tags", "heads"].map(|kind| format!("refs/{kind}/{revision}")));
                names.extend(of_remotes(revision));
            }
            // What was fetched from a remote has other names there.
            Some(rest) if !rest.starts_with("remotes/") => {
                names.push(revision.to_owned());
                names.extend(rest.strip_prefix("heads/").map(of_remotes).unwrap_or_default());
            }
            Some(_) => {}
        }
        let tree = |name: &String| self.inner().find_reference(name).ok()?.peel_to_tree().ok();
        names.iter().find_map(tree).or_else(|| {
            let commit =
                is_commit(revision).then(|| self.inner().revparse_single(revision).ok())?;
            commit?.peel_to_tree().ok()
        })
    }
}
