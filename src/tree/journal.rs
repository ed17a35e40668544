//! The moves of one change: made as a whole, undone, or finished by the next run.
//!
//! The journal is written when everything is staged, and is the point of no return for a run that
//! is killed: the next run finishes what it lists. Old files are moved into the staging directory
//! and new ones out of it; where that fails, the moves that were made are undone.

use std::io;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::is_ours;
use crate::world::World;

/// One file of a change: what was there before is kept until all is done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Move {
    pub(super) path: String,
    pub(super) had_old: bool,
    pub(super) has_new: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    pub(super) environment: String,
    pub(super) moves: Vec<Move>,
}

/// Where a change is prepared, and what it replaces is kept until all is done.
pub(super) fn staging(base: &str, environment: &str) -> String {
    format!("{base}/.gitopsc-{environment}")
}

/// Why a change was not made as a whole.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: io::Error,
    pub(super) tree: Left,
}

/// What a change that failed has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The tree as it was.
    Old,
    /// Something of both, and the journal by which the next run finishes it.
    Mixed,
    /// The new tree, and the staging directory beside it.
    New,
}

/// Makes all moves, or undoes those that were made.
pub(super) fn apply(world: &dyn World, base: &str, journal: &Journal) -> Result<(), Failure> {
    let places = Places::new(base, journal);
    let steps: Vec<(Made, io::Result<()>)> = journal
        .moves
        .par_iter()
        .enumerate()
        .map(|(index, change)| {
            let mut made = Made::default();
            let result = places.make(world, index, change, &mut made);
            (made, result)
        })
        .collect();
    let (made, results): (Vec<Made>, Vec<io::Result<()>>) = steps.into_iter().unzip();
    if let Some(error) = results.into_iter().find_map(Result::err) {
        let undone = places.undo(world, base, &journal.moves, &made);
        if undone.is_ok() {
            let _ = world.remove_all(&places.directory);
        }
        let tree = if undone.is_ok() { Left::Old } else { Left::Mixed };
        return Err(Failure { error, tree });
    }
    places.clear(world, base, &journal.moves).map_err(|error| Failure { error, tree: Left::New })
}

/// An error says what failed; this adds at which file.
fn named(path: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{path}`: {error}"))
}

/// Where the files of a change are.
struct Places {
    environment: String,
    root: String,
    directory: String,
}

/// What one move has done, which is all that may be undone of it.
#[derive(Debug, Default, Clone, Copy)]
struct Made {
    old_is_aside: bool,
    new_is_in_place: bool,
}

impl Places {
    fn new(base: &str, journal: &Journal) -> Self {
        Self {
            environment: journal.environment.clone(),
            root: format!("{base}/{}", journal.environment),
            directory: staging(base, &journal.environment),
        }
    }

    fn target(&self, change: &Move) -> String {
        format!("{}/{}", self.root, change.path)
    }

    fn aside(&self, index: usize) -> String {
        format!("{}/{index}.old", self.directory)
    }

    fn staged(&self, index: usize) -> String {
        format!("{}/{index}.new", self.directory)
    }

    fn make(
        &self,
        world: &dyn World,
        index: usize,
        change: &Move,
        made: &mut Made,
    ) -> io::Result<()> {
        let target = self.target(change);
        if change.had_old {
            world.rename(&target, &self.aside(index)).map_err(|error| named(&target, &error))?;
            made.old_is_aside = true;
        } else if world.exists(&target) {
            let error = io::Error::other("something came there since the build began");
            return Err(named(&target, &error));
        }
        if change.has_new {
            world.rename(&self.staged(index), &target).map_err(|error| named(&target, &error))?;
            made.new_is_in_place = true;
        }
        Ok(())
    }

    fn undo(&self, world: &dyn World, base: &str, moves: &[Move], made: &[Made]) -> io::Result<()> {
        for (index, (change, made)) in moves.iter().zip(made).enumerate() {
            let target = self.target(change);
            if made.new_is_in_place {
                world.rename(&target, &self.staged(index))?;
            }
            if made.old_is_aside {
                world.rename(&self.aside(index), &target)?;
            }
            // A move makes the directories above its target even where it then fails.
            world.remove_empty_parents(&target, base);
        }
        Ok(())
    }

    /// Makes what a killed run has left of a move. What is not staged any more is in place; what
    /// has been put in its way since is not the tool's to replace.
    fn finish(&self, world: &dyn World, index: usize, change: &Move) -> io::Result<()> {
        let (target, aside, staged) = (self.target(change), self.aside(index), self.staged(index));
        if change.has_new && !world.exists(&staged) {
            return Ok(());
        }
        if world.exists(&target) {
            let path = format!("{}/{}", self.environment, change.path);
            if !is_ours(&path, &world.read(&target)?) {
                return Ok(());
            }
            world.rename(&target, &aside)?;
        }
        if change.has_new { world.rename(&staged, &target) } else { Ok(()) }
    }

    fn clear(&self, world: &dyn World, base: &str, moves: &[Move]) -> io::Result<()> {
        for change in moves.iter().filter(|change| !change.has_new) {
            world.remove_empty_parents(&self.target(change), base);
        }
        world.remove_all(&self.directory)
    }
}

/// Finishes what a run that was killed had begun, and clears what it had only staged.
///
/// # Errors
///
/// Where files cannot be moved; nothing is lost, and the next run tries again.
pub fn recover(world: &dyn World, base: &str) -> io::Result<()> {
    for name in world.directories(base)? {
        let Some(environment) = name.strip_prefix(".gitopsc-") else { continue };
        let directory = staging(base, environment);
        let journal = world.read(&format!("{directory}/journal")).ok();
        match journal.and_then(|text| serde_json::from_slice::<Journal>(&text).ok()) {
            Some(journal) if journal.environment == environment => {
                let places = Places::new(base, &journal);
                journal
                    .moves
                    .par_iter()
                    .enumerate()
                    .try_for_each(|(index, change)| places.finish(world, index, change))?;
                places.clear(world, base, &journal.moves)?;
            }
            _ => world.remove_all(&directory)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Journal, Left, Move, apply};
    use crate::world::{Disk, Memory, World as _};

    const OLD: &str = "old: 1\n";

    #[test]
    fn a_staged_file_that_is_gone_fails_and_undoes_all() {
        let before = [("rendered/one/a.yaml", OLD), ("rendered/one/b.yaml", OLD)];
        for had_old in [true, false] {
            let change = |path: &str, had_old| Move { path: path.into(), had_old, has_new: true };
            let missing = if had_old { "b.yaml" } else { "c.yaml" };
            let journal = Journal {
                environment: "one".into(),
                moves: vec![change("a.yaml", true), change(missing, had_old)],
            };
            let world = Memory::new(before);
            let staged =
                [("rendered/.gitopsc-one/0.new", "new"), ("rendered/.gitopsc-one/journal", "")];
            for (path, text) in staged {
                world.write(path, text.as_bytes()).unwrap();
            }
            let failure = apply(&world, "rendered", &journal).unwrap_err();
            assert_eq!(failure.tree, Left::Old);
            let place = format!("`rendered/one/{missing}`: ");
            assert!(failure.error.to_string().starts_with(&place), "{}", failure.error);
            assert_eq!(world.files(), Memory::new(before).files());
        }
    }

    #[test]
    fn a_file_that_came_since_is_not_replaced() {
        let world =
            Memory::new([("rendered/one/a.yaml", "mine"), ("rendered/.gitopsc-one/0.new", "new")]);
        let moves = vec![Move { path: "a.yaml".into(), had_old: false, has_new: true }];
        apply(&world, "rendered", &Journal { environment: "one".into(), moves }).unwrap_err();
        assert_eq!(world.files(), Memory::new([("rendered/one/a.yaml", "mine")]).files());
    }

    #[test]
    fn what_is_undone_leaves_no_directory_behind() {
        let directory = tempfile::tempdir().unwrap();
        let world = Disk::new(directory.path());
        for path in ["rendered/one/a.yaml", "rendered/.gitopsc-one/0.new"] {
            world.write(path, OLD.as_bytes()).unwrap();
        }
        let new = |path: &str| Move { path: path.into(), had_old: false, has_new: true };
        let moves = vec![new("deep/er/b.yaml"), new("c.yaml")];
        let journal = Journal { environment: "one".into(), moves };
        let failure = apply(&world, "rendered", &journal).unwrap_err();
        assert_eq!(failure.tree, Left::Old);
        assert_eq!(world.directories("rendered").unwrap(), ["one"]);
        assert_eq!(world.directories("rendered/one").unwrap(), Vec::<String>::new());
    }
}
