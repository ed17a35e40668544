//! Trees that cannot be written: whatever happens, a tree is wholly the old one or wholly the new
//! one, and files of others are untouched.

use std::collections::BTreeMap;

use gitopsc::model::MadeFile;
use gitopsc::tree::{self, Outcome, Tree};
use gitopsc::world::{Memory, World};

use crate::site::{ONE, Site};
use crate::support::{files, gitopsc};

/// A file of the tool's: its first line names its path.
fn signed(path: &str, text: &str) -> String {
    format!(
        "# Rendered by gitopsc from apps/web to one/{path}; changes made here are lost.\n{text}"
    )
}

fn tree(files: &[(&str, &str)]) -> Tree {
    Tree {
        environment: "one".to_owned(),
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), MadeFile::Text(signed(path, text))))
            .collect(),
        objects: files.len(),
        applications: 1,
    }
}

fn old() -> Tree {
    tree(&[
        ("root.yaml", "root: 1\n"),
        ("manifests/main/web/same.yaml", "same: 1\n"),
        ("manifests/main/web/changed.yaml", "changed: 1\n"),
        ("manifests/main/web/gone.yaml", "gone: 1\n"),
        ("manifests/side/gone/gone.yaml", "gone: 1\n"),
    ])
}

fn new() -> Tree {
    tree(&[
        ("root.yaml", "root: 2 and something longer\n"),
        ("manifests/main/web/same.yaml", "same: 1\n"),
        ("manifests/main/web/changed.yaml", "changed: 2\n"),
        ("manifests/main/web/added.yaml", "added: 2\n"),
        ("manifests/main/more/added.yaml", "added: 2\n"),
    ])
}

/// Files that are not the tool's, beside and between its own; one is a copy of the tool's.
fn foreign() -> BTreeMap<String, Vec<u8>> {
    let copy = signed("manifests/main/web/same.yaml", "mine: 1\n");
    [
        ("rendered/README.md", "mine\n"),
        ("rendered/one/README.md", "mine\n"),
        ("rendered/one/manifests/main/web/mine.yaml", "kind: Mine\n"),
        ("rendered/one/manifests/side/gone/mine.yaml", "# Rendered by hand\n"),
        ("rendered/one/manifests/main/web/copy.yaml", &copy),
        ("rendered/two/root.yaml", "# Rendered by gitopsc, of another environment\n"),
        ("environments/one/environment.yaml", "kind: Environment\n"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

/// A world in which the old tree is written among files of others.
fn world() -> Memory {
    let world = Memory::new(foreign());
    let outcome = tree::write(&world, "rendered", &old()).unwrap();
    assert_eq!(outcome, Outcome { written: 5, removed: 0 });
    world
}

/// The world's files when a tree lies among the files of others.
fn with(tree: &Tree) -> BTreeMap<String, Vec<u8>> {
    let mut files = foreign();
    for (path, file) in &tree.files {
        files.insert(format!("rendered/one/{path}"), file.text().as_bytes().to_vec());
    }
    files
}

#[test]
fn a_change_is_written_whole() {
    let world = world();
    assert_eq!(world.files(), with(&old()));
    let stale = tree::stale(&world, "rendered", &new()).unwrap();
    assert_eq!(stale.missing, ["manifests/main/more/added.yaml", "manifests/main/web/added.yaml"]);
    assert_eq!(stale.changed, ["manifests/main/web/changed.yaml", "root.yaml"]);
    assert_eq!(stale.extra, ["manifests/main/web/gone.yaml", "manifests/side/gone/gone.yaml"]);
    assert!(stale.foreign.is_empty());
    assert_eq!(stale.len(), 6);
    let outcome = tree::write(&world, "rendered", &new()).unwrap();
    assert_eq!(outcome, Outcome { written: 4, removed: 2 });
    assert_eq!(world.files(), with(&new()));
    assert_eq!(tree::write(&world, "rendered", &new()).unwrap(), Outcome::default());
}

#[test]
fn a_file_of_someone_else_in_the_way() {
    let world = world();
    world.write("rendered/one/manifests/main/web/added.yaml", b"kind: Mine\n").unwrap();
    let before = world.files();
    let finding = tree::write(&world, "rendered", &new()).unwrap_err();
    assert_eq!(finding.id, "file-in-the-way");
    assert_eq!(finding.path.as_deref(), Some("rendered/one/manifests/main/web/added.yaml"));
    assert_eq!(finding.environments, ["one"]);
    assert_eq!(world.files(), before);
}

#[test]
fn a_file_of_someone_else_in_the_way_on_disk() {
    let site = Site::new();
    site.replace("apps/web/config.yaml", "name: web", "name: mine");
    site.write("rendered/one/manifests/main/web/configmap-mine.yaml", "kind: Mine\n");
    let before = site.tree_of_one();
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("file-in-the-way"), "{}", run.out);
    assert_eq!(site.tree_of_one(), before);
    // `--check` names it and touches nothing.
    let check = gitopsc(site.path(), &["build", "--check"]);
    assert_eq!(check.code, 1);
    assert!(
        check.out.contains("! rendered/one/manifests/main/web/configmap-mine.yaml"),
        "{}",
        check.out
    );
}

#[test]
fn a_tree_that_may_not_be_written() {
    for prefix in
        ["rendered", "rendered/one", "rendered/one/manifests/main/web", "rendered/.gitopsc-one"]
    {
        let world = world();
        world.make_read_only(prefix);
        let finding = tree::write(&world, "rendered", &new()).unwrap_err();
        assert_eq!(finding.id, "tree-not-written", "{prefix}");
        assert_eq!(finding.path.as_deref(), Some("rendered/one"));
        assert_eq!(world.files(), with(&old()), "{prefix}");
    }
}

#[test]
fn a_disk_that_fills_up() {
    let used: usize = with(&old()).values().map(Vec::len).sum();
    let needed = {
        let world = world();
        let mut room = 0;
        loop {
            world.set_capacity(Some(used + room));
            if tree::write(&world, "rendered", &new()).is_ok() {
                break room;
            }
            assert_eq!(world.files(), with(&old()), "with {room} bytes of room");
            room += 1;
            assert!(room < 10_000, "it never fits");
        }
    };
    assert!(needed > 300, "{needed} bytes are too few to have tried anything");
}

#[test]
fn a_process_that_is_killed() {
    let mut finished = None;
    for steps in 0..200 {
        let world = world();
        world.stop_after(Some(steps));
        let result = tree::write(&world, "rendered", &new());
        world.stop_after(None);
        let interrupted = world.files();
        // What a finding says of the tree is so.
        if let Err(finding) = &result {
            let is = |tree: &Tree| {
                let mut files = interrupted.clone();
                files.retain(|path, _| !path.starts_with("rendered/.gitopsc-"));
                files == with(tree)
            };
            let note = finding.notes.join(" ");
            let (as_before, whole) = (note.contains("as it was"), note.contains("is whole"));
            assert_eq!((as_before, whole), (is(&old()), is(&new())), "{steps} steps: {note}");
        }
        // Files of others are as they were even before anything is mended.
        for (path, bytes) in foreign() {
            assert_eq!(interrupted.get(&path), Some(&bytes), "{path} after {steps} steps");
        }
        tree::recover(&world, "rendered").unwrap();
        let files = world.files();
        assert!(
            files == with(&old()) || files == with(&new()),
            "neither tree after {steps} steps: {:?}",
            files.keys()
        );
        if result.is_ok() {
            assert_eq!(files, with(&new()), "{steps} steps");
            finished = finished.or(Some(steps));
        }
        // Whatever came out, the next build makes it new, and the one after has nothing to do.
        tree::write(&world, "rendered", &new()).unwrap();
        assert_eq!(world.files(), with(&new()), "{steps} steps");
        tree::recover(&world, "rendered").unwrap();
        assert_eq!(world.files(), with(&new()), "{steps} steps");
    }
    assert!(finished.is_some_and(|steps| steps > 15), "{finished:?}");
}

#[test]
fn a_recovery_that_is_killed_too() {
    for steps in 0..40 {
        for more in 0..40 {
            let world = world();
            world.stop_after(Some(steps));
            let _ = tree::write(&world, "rendered", &new());
            world.stop_after(Some(more));
            let _ = tree::recover(&world, "rendered");
            world.stop_after(None);
            tree::recover(&world, "rendered").unwrap();
            let files = world.files();
            assert!(files == with(&old()) || files == with(&new()), "{steps} and {more} steps");
        }
    }
}

#[test]
fn what_a_build_left_is_cleared_by_the_next() {
    let site = Site::new();
    site.write("rendered/.gitopsc-one/0.new", "half a file");
    site.write("rendered/.gitopsc-one/journal.part", "{\"environ");
    let before = site.tree_of_one();
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    site.nothing_staged();
    assert_eq!(site.tree_of_one(), before);
}

#[test]
fn a_check_changes_nothing_at_all() {
    let site = Site::new();
    site.write("rendered/.gitopsc-one/0.new", "half a file");
    site.replace("apps/web/config.yaml", "name: web", "name: renamed");
    let before = files(site.path());
    let run = gitopsc(site.path(), &["build", "--check"]);
    assert_eq!(run.code, 1);
    assert_eq!(files(site.path()), before);
    assert!(
        run.out.contains("+ rendered/one/manifests/main/web/configmap-renamed.yaml"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("- rendered/one/manifests/main/web/configmap-web.yaml"),
        "{}",
        run.out
    );
}

#[test]
fn a_directory_where_a_file_should_be() {
    let site = Site::new();
    site.replace("apps/web/config.yaml", "name: web", "name: mine");
    site.write("rendered/one/manifests/main/web/configmap-mine.yaml/inside.txt", "mine");
    let before = site.tree_of_one();
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    let says = "`rendered/one/manifests/main/web/configmap-mine.yaml` is a directory";
    assert!(run.out.contains(says) && run.out.contains("file-in-the-way"), "{}", run.out);
    assert_eq!(site.tree_of_one(), before);
    site.nothing_staged();
}

#[test]
fn a_file_where_a_directory_should_be() {
    let site = Site::new();
    site.write("apps/web/app.yaml", crate::site::WEB.replace("layer: main", "layer: extra"));
    site.write(
        "environments/one/environment.yaml",
        ONE.replace("  kept:", "  extra: {permissions: {namespaced: [ConfigMap]}}\n  kept:")
            .replace("web: {layer: main}", "web: {layer: extra}"),
    );
    site.write(
        "applicationsets/extra.yaml",
        std::fs::read(site.path().join("applicationsets/main.yaml")).unwrap(),
    );
    site.write("rendered/one/manifests/extra", "mine");
    let before = site.tree_of_one();
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    let says = "`rendered/one/manifests/extra` is a file";
    assert!(run.out.contains(says) && run.out.contains("file-in-the-way"), "{}", run.out);
    assert_eq!(site.tree_of_one(), before);
    site.nothing_staged();
}

/// Where nobody can write, not even the superuser.
#[test]
fn a_file_where_changes_are_prepared() {
    let site = Site::new();
    site.write("rendered/.gitopsc-one", "mine");
    site.replace("apps/web/config.yaml", "kind: ConfigMap", "kind: Service");
    let before = site.tree_of_one();
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    let says = "`rendered/.gitopsc-one` is a file";
    assert!(run.out.contains(says) && run.out.contains("file-in-the-way"), "{}", run.out);
    assert_eq!(site.tree_of_one(), before);
    assert_eq!(std::fs::read_to_string(site.path().join("rendered/.gitopsc-one")).unwrap(), "mine");
}
