//! How far a run went.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::check::registry::Reach;

/// How far a run went: an entry of a baseline, or a silencer, is in vain only where it looked.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// Where only checks of one reach looked, which; nothing where all did.
    pub only: Option<Reach>,
    /// The environments whose objects were all judged.
    pub environments: BTreeSet<String>,
    /// Whether these are all environments that there are.
    pub whole: bool,
    /// The files and directories that were judged by themselves, as their findings name them; `.`
    /// is everything.
    pub roots: Vec<String>,
    /// Files below them of which something was not judged.
    pub unread: BTreeSet<String>,
    /// Where the files are that findings name.
    pub base: Base,
}

/// Where files are, seen from the directory of a baseline: so its names hold from wherever a run is
/// started, and however it spells its paths.
#[derive(Debug, Clone, Default)]
pub struct Base {
    /// The directory of the baseline, whole and without links.
    pub directory: PathBuf,
    /// Paths as findings name them, and where they are: whole and without links.
    pub starts: Vec<(String, PathBuf)>,
}

impl Base {
    /// Where a file is that a finding names.
    pub(super) fn place(&self, shown: &str) -> PathBuf {
        let below = |(start, place): &(String, PathBuf)| {
            let start = start.trim_start_matches("./").trim_end_matches('/');
            let rest = match start {
                "" | "." => Some(shown.trim_start_matches("./")),
                _ if shown == start => return Some((start.len(), place.clone())),
                _ => shown.strip_prefix(start).and_then(|rest| rest.strip_prefix('/')),
            };
            rest.map(|rest| (start.len(), place.join(rest)))
        };
        let nearest = self.starts.iter().filter_map(below).max_by_key(|(length, _)| *length);
        normal(&nearest.map_or_else(|| self.directory.join(shown), |(_, place)| place))
    }

    /// What a baseline calls a file that a finding names: its path from the directory of the
    /// baseline on, with `/`.
    pub(super) fn name(&self, shown: &str) -> String {
        // What is no file, as standard input.
        if shown.starts_with('<') {
            return shown.to_owned();
        }
        let (place, directory) = (self.place(shown), normal(&self.directory));
        let common = place.components().zip(directory.components());
        let common = common.take_while(|(one, other)| one == other).count();
        let up = directory.components().skip(common).map(|_| "..".into());
        let down = place.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
        up.chain(down).collect::<Vec<_>>().join("/")
    }

    /// Where a file is that a baseline names.
    pub(super) fn named(&self, name: &str) -> PathBuf {
        normal(&self.directory.join(name))
    }
}

/// A path without `.` and `..`, as far as it can be without them.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn a_file_has_one_name_however_it_is_spelt() {
        let base = |directory: &str, starts: &[(&str, &str)]| Base {
            directory: directory.into(),
            starts: starts.iter().map(|(start, place)| ((*start).into(), place.into())).collect(),
        };
        for (starts, shown) in [
            (&[(".", "/r")][..], "a/b.yaml"),
            (&[(".", "/r")], "./a/b.yaml"),
            (&[("", "/r")], "a/b.yaml"),
            (&[("a", "/r/a"), (".", "/r")], "a/b.yaml"),
            (&[("a/b.yaml", "/r/a/b.yaml")], "a/b.yaml"),
            (&[("../a/", "/r/a")], "../a/b.yaml"),
            (&[("/link", "/r/a")], "/link/b.yaml"),
            (&[("/", "/")], "/r/a/b.yaml"),
        ] {
            assert_eq!(base("/r", starts).name(shown), "a/b.yaml", "{shown}");
            assert_eq!(base("/r/ci", starts).name(shown), "../a/b.yaml", "{shown}");
            assert_eq!(base("/x/y", starts).name(shown), "../../r/a/b.yaml", "{shown}");
        }
        assert_eq!(base("/r", &[("-", "/r/-")]).name("<stdin>"), "<stdin>");
        assert_eq!(Base::default().name("./a/b.yaml"), "a/b.yaml");
    }
}
