//! A branch that rendered trees are published on, here or in another repository.
//!
//! Trees and blobs are made by libgit2. What rests on the user's own setup (credentials, proxies,
//! who commits, signatures) is left to the program `git`: it alone reads all of that.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io::{Error, Result};
use std::process::Output;
use std::thread::sleep;
use std::time::Duration;

use git2::{Index, IndexEntry, IndexTime, ObjectType, Tree, TreeWalkMode, TreeWalkResult};
use sha2::{Digest, Sha256};

use super::disk::Disk;
use super::git::GitRepository;
use super::git_program::{command, finish, succeeded};
use super::{Lock, World};

/// What a commit is known by.
pub use git2::Oid as CommitId;

/// The trailer that names the commit which a tree was rendered from.
pub const SOURCE: &str = "Source-Commit";

/// The trailer that names an environment whose tree was published.
pub const ENVIRONMENT: &str = "Environment";

/// How many commits of the branch are read to find out what an environment was last rendered from.
const REMEMBERED: usize = 1000;

/// The mode by which git tells a symbolic link.
const LINK: i32 = 0o120_000;

/// How long to wait for another run in this repository.
const PATIENCE: Duration = Duration::from_secs(60);

/// The commit that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
    /// When it was committed, in seconds since 1970.
    pub seconds: i64,
}

/// What a path of the branch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A file.
    File(Vec<u8>),
    /// What leads elsewhere: a symbolic link, or a submodule.
    Link,
}

/// What became of a push.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The branch has the commit.
    Done,
    /// Somebody else was faster.
    Overtaken,
    /// The branch is locked, as while somebody else pushes; what git said.
    Held(String),
}

/// What was published, beside what is to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Age {
    /// It may be replaced: it came before, or is the same.
    Older,
    /// It was rendered from this commit, which is newer.
    Newer(String),
    /// It was rendered from this commit, of which nobody can tell from here.
    Unknown(String),
}

/// A branch of a remote.
pub struct OutputBranch<'r> {
    repository: &'r GitRepository,
    remote: String,
    branch: String,
    /// Where its newest commit is kept here, so that the next run fetches only what is new.
    kept: String,
}

impl<'r> OutputBranch<'r> {
    /// A branch of a remote: the name of one, a URL or a directory.
    ///
    /// # Errors
    ///
    /// Where git would not take the branch's name.
    pub fn new(repository: &'r GitRepository, remote: &str, branch: &str) -> Result<Self> {
        if !git2::Branch::name_is_valid(branch).unwrap_or(false) {
            return Err(Error::other(format!("`{branch}` is no name for a branch")));
        }
        let digest = Sha256::digest(format!("{remote}\n{branch}"));
        let kept = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(Self {
            repository,
            remote: remote.to_owned(),
            branch: branch.to_owned(),
            kept: format!("refs/gitopsc/{kept}"),
        })
    }

    /// Keeps other runs in this repository away until the result is dropped.
    ///
    /// # Errors
    ///
    /// Where another one stays for a minute, or the repository cannot be written.
    pub fn lock(&self) -> Result<Lock> {
        Disk::new(self.repository.inner().commondir()).lock("gitopsc-publish.lock", PATIENCE)
    }

    /// The newest commit of the branch, with all that it holds; nothing where there is no such
    /// branch yet.
    ///
    /// # Errors
    ///
    /// Where the remote cannot be reached.
    pub fn fetch(&self) -> Result<Option<CommitId>> {
        let full = format!("refs/heads/{}", self.branch);
        let listed = self.git(&["ls-remote", "--", &self.remote, &full], b"")?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let is_there = |line: &str| line.split_once('\t').is_some_and(|(_, name)| name == full);
        if !listed.lines().any(is_there) {
            return Ok(None);
        }
        let refspec = format!("+{full}:{}", self.kept);
        let options = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"];
        self.git(&[&options[..], &["--", &self.remote, &refspec]].concat(), b"")?;
        let head = self.repository.inner().refname_to_id(&self.kept);
        head.map(Some).map_err(Error::other)
    }

    /// What a commit has below a directory with `/` at its end, and on the way to it where there is
    /// something else than a directory: git would make room for a file by removing what is there.
    ///
    /// # Errors
    ///
    /// Where the commit cannot be read.
    pub fn files(&self, head: CommitId, below: &str) -> Result<BTreeMap<String, Held>> {
        self.repository.complete(head, below)?;
        let (mut files, mut missing) = (BTreeMap::new(), None);
        let tree = self.tree(head)?;
        let walked = tree.walk(TreeWalkMode::PreOrder, |above, entry| {
            let path = format!("{above}{}", String::from_utf8_lossy(entry.name_bytes()));
            if !below.starts_with(&format!("{path}/")) && !path.starts_with(below) {
                return TreeWalkResult::Skip;
            }
            let held = match (entry.kind(), entry.filemode()) {
                (Some(ObjectType::Tree), _) => return TreeWalkResult::Ok,
                (_, LINK) => Ok(Held::Link),
                (Some(ObjectType::Blob), _) => {
                    let blob = self.repository.inner().find_blob(entry.id());
                    blob.map(|blob| Held::File(blob.content().to_vec()))
                }
                _ => Ok(Held::Link),
            };
            match held {
                Ok(held) => drop(files.insert(path, held)),
                Err(error) => missing = missing.take().or(Some(error)),
            }
            TreeWalkResult::Ok
        });
        walked.map_err(Error::other)?;
        // What is not seen would be written over.
        if let Some(error) = missing {
            return Err(Error::other(error));
        }
        Ok(files)
    }

    /// A commit in which these files were written, or removed where nothing is said of them. All
    /// others stay as they are. The author's date is that of the source.
    ///
    /// # Errors
    ///
    /// Where git cannot commit: nobody said who does, or signing failed.
    pub fn commit(
        &self,
        head: Option<CommitId>,
        changes: &BTreeMap<String, Option<Vec<u8>>>,
        message: &str,
        source: &Source,
    ) -> Result<CommitId> {
        let tree = self.changed(head, changes).map_err(Error::other)?.to_string();
        let parent = head.map(|head| head.to_string());
        let mut arguments = vec!["commit-tree"];
        let asked = ["config", "--type=bool", "--get", "commit.gpgsign"];
        let signs = finish(&mut command(self.repository.root(), &asked), b"")?;
        if signs.stdout.starts_with(b"true") {
            arguments.push("-S");
        }
        if let Some(parent) = &parent {
            arguments.extend(["-p", parent]);
        }
        arguments.extend(["-F", "-", &tree]);
        let date = format!("@{} +0000", source.seconds);
        let mut command = command(self.repository.root(), &arguments);
        let made = finish(command.env("GIT_AUTHOR_DATE", date), message.as_bytes())?;
        let made = succeeded("commit-tree", made)?;
        CommitId::from_str(String::from_utf8_lossy(&made.stdout).trim()).map_err(Error::other)
    }

    fn changed(
        &self,
        head: Option<CommitId>,
        changes: &BTreeMap<String, Option<Vec<u8>>>,
    ) -> std::result::Result<CommitId, git2::Error> {
        let repository = self.repository.inner();
        let mut index = Index::new()?;
        if let Some(head) = head {
            index.read_tree(&repository.find_commit(head)?.tree()?)?;
        }
        for (path, bytes) in changes {
            match bytes {
                Some(bytes) => index.add(&entry(path, repository.blob(bytes)?))?,
                None => index.remove(path.as_ref(), 0)?,
            }
        }
        index.write_tree_to(repository)
    }

    /// Puts a commit on the branch if that is still where the commit began; never by force.
    ///
    /// # Errors
    ///
    /// Where the remote refuses it for another reason, or cannot be reached.
    pub fn push(&self, head: Option<CommitId>, commit: CommitId) -> Result<Pushed> {
        let refspec = format!("{commit}:refs/heads/{}", self.branch);
        let arguments = ["push", "--porcelain", "--no-tags", "--", &self.remote, &refspec];
        // What it says of a lock is read, and so must be in the language that it is written in.
        let mut push = command(self.repository.root(), &arguments);
        let mut pushed = finish(push.env("LC_ALL", "C"), b"")?;
        if pushed.status.success() {
            return Ok(Pushed::Done);
        }
        let report = String::from_utf8_lossy(&pushed.stdout).into_owned();
        let refusal = report.lines().find(|line| line.starts_with('!')).unwrap_or_default();
        pushed.stderr.extend_from_slice(refusal.as_bytes());
        let is_locked = is_locked(refusal, &String::from_utf8_lossy(&pushed.stderr));
        if is_locked {
            sleep(Duration::from_millis(200));
        }
        if self.fetch()? != head {
            return Ok(Pushed::Overtaken);
        }
        match succeeded("push", pushed) {
            Err(said) if is_locked => Ok(Pushed::Held(said.to_string())),
            other => other.map(|_| Pushed::Done),
        }
    }

    /// How what an environment's tree was last rendered from stands to the source. It is newer where
    /// the source is among what came before it; where git does not have it here, by when the two were
    /// committed.
    ///
    /// # Errors
    ///
    /// Where the branch cannot be read.
    pub fn newer(&self, head: CommitId, environment: &str, source: &Source) -> Result<Age> {
        let repository = self.repository.inner();
        let mut next = repository.find_commit(head).ok();
        for _ in 0..REMEMBERED {
            let Some(commit) = next else { break };
            next = match commit.parent_count() {
                0 => None,
                // What a shallow clone does not have may be newer.
                _ => Some(commit.parent(0).map_err(Error::other)?),
            };
            let Ok(message) = commit.message() else { continue };
            let trailers = git2::message_trailers_strs(message).map_err(Error::other)?;
            let of = |name: &str, value: &str| {
                trailers.iter().any(|(key, it)| key == name && it == value)
            };
            let from = trailers.iter().find(|(key, _)| *key == SOURCE).map(|(_, from)| from);
            let Some(from) = from.filter(|_| of(ENVIRONMENT, environment)) else { continue };
            let id = from.split_whitespace().next().unwrap_or_default();
            let (Ok(known), Ok(ours)) = (CommitId::from_str(id), CommitId::from_str(&source.id))
            else {
                return Ok(Age::Older);
            };
            if known == ours {
                return Ok(Age::Older);
            }
            if let Ok(descends) = repository.graph_descendant_of(known, ours) {
                return Ok(if descends { Age::Newer(id.to_owned()) } else { Age::Older });
            }
            let by_clock = commit.author().when().seconds().cmp(&source.seconds);
            return Ok(match by_clock {
                Ordering::Less => Age::Older,
                // Made at once, as commits are by a rebase: the clock of git goes by seconds.
                _ if self.comes_before(known, ours).map_err(Error::other)? => Age::Older,
                Ordering::Equal => Age::Unknown(id.to_owned()),
                Ordering::Greater => Age::Newer(id.to_owned()),
            });
        }
        Ok(Age::Older)
    }

    /// Whether a commit that is not here is a parent of one that is, and that another comes from: a
    /// shallow clone ends there, and its last commits name it still.
    fn comes_before(
        &self,
        known: CommitId,
        ours: CommitId,
    ) -> std::result::Result<bool, git2::Error> {
        let repository = self.repository.inner();
        if !repository.is_shallow() {
            return Ok(false);
        }
        let parent = format!("parent {known}");
        let mut walk = repository.revwalk()?;
        walk.push(ours)?;
        for id in walk {
            let commit = repository.find_commit(id?)?;
            // As it is written: of what was cut off git names no parents otherwise.
            if commit.raw_header().is_ok_and(|header| header.lines().any(|line| line == parent)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tree(&self, head: CommitId) -> Result<Tree<'_>> {
        let commit = self.repository.inner().find_commit(head);
        commit.and_then(|commit| commit.tree()).map_err(Error::other)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        let made = finish(&mut command(self.repository.root(), arguments), input)?;
        succeeded(arguments.first().copied().unwrap_or_default(), made)
    }
}

impl GitRepository {
    /// The commit that is checked out.
    ///
    /// # Errors
    ///
    /// Where there is none yet.
    pub fn source(&self) -> Result<Source> {
        let head = self.inner().head().and_then(|head| head.peel_to_commit());
        let head = head.map_err(Error::other)?;
        Ok(Source {
            id: head.id().to_string(),
            subject: head.summary().ok().flatten().unwrap_or_default().to_owned(),
            seconds: head.committer().when().seconds(),
        })
    }
}

/// Whether `git push --porcelain` reports a branch that could not be locked. What hooks say stands
/// elsewhere. No wait helps where the name of another branch is in the way.
///
/// Source: `refs_verify_refname_available` in `refs.c` and `update` in `builtin/receive-pack.c` of git;
/// other servers name the lock itself.
fn is_locked(refusal: &str, said: &str) -> bool {
    let reasons = ["failed to update ref", "cannot lock ref", "failed to lock"];
    !said.contains("exists; cannot create") && reasons.iter().any(|reason| refusal.contains(reason))
}

/// What libgit2 needs to know of a file in an index of no work tree.
fn entry(path: &str, id: CommitId) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
