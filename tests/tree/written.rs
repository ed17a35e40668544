//! Files are where they should be, each object has one, and nothing else is touched.

use std::time::{Duration, Instant};

use gitopsc::world::{Disk, World};

use crate::site::{CONFIG, Site, ids};
use crate::support::{files, gitopsc};

#[test]
fn objects_that_look_alike_have_files_of_their_own() {
    let site = Site::new();
    let more = CONFIG.replace("name: c", "name: c\n  namespace: more");
    site.write("apps/a/more.yaml", more);
    site.write("apps/a/dots.yaml", CONFIG.replace("name: c", "name: c.more"));
    let run = site.build();
    assert_eq!(ids(&run), Vec::<String>::new());
    let names = files(&site.path().join("rendered/e/manifests/l/a"));
    let names: Vec<_> = names.keys().map(String::as_str).collect();
    assert_eq!(names, ["configmap-c%2emore.yaml", "configmap-c.more.yaml", "configmap-c.yaml"]);
}

#[test]
fn an_object_whose_file_is_taken_is_an_error() {
    let site = Site::new();
    let object = "apiVersion: x.test/v1\nkind: KIND\nmetadata: {name: a, namespace: ns}\n";
    site.write("apps/a/one.yaml", object.replace("KIND", "foo"));
    site.write("apps/a/two.yaml", object.replace("KIND", "Foo"));
    let run = site.build();
    assert_eq!(run.code, 1);
    assert_eq!(ids(&run), ["file-name-taken apps/a/two.yaml:3"]);
    assert!(!site.exists("rendered/e/root.yaml"));
}

#[test]
fn a_kind_is_no_path() {
    let site = Site::new();
    let kind = "../../../../../../outside/x";
    let text = CONFIG.replace("ConfigMap", kind).replace("name: c", "name: c\n  namespace: ns");
    site.write("apps/a/c.yaml", text);
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}{}", run.out, run.err);
    let names = files(&site.path().join("rendered/e/manifests/l/a"));
    let file = format!("{}outside%2fx-c.yaml", "%2e%2e%2f".repeat(6));
    assert_eq!(names.keys().collect::<Vec<_>>(), [&file]);
    let outside: Vec<_> = site.above().read_dir().unwrap().collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
}

#[test]
fn a_name_as_long_as_kubernetes_allows() {
    let site = Site::new();
    site.write("apps/a/c.yaml", CONFIG.replace("name: c", &format!("name: {}", "n".repeat(253))));
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}", run.out);
    assert_eq!(site.check().code, 0);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through() {
    use std::os::unix::fs::symlink;

    for link in ["rendered", "rendered/e", "rendered/e/argocd", "rendered/e/manifests/l"] {
        let site = Site::built();
        let inside = site.path().join(link);
        let outside = site.above().join("outside");
        std::fs::rename(&inside, &outside).unwrap();
        let before = files(&outside);
        symlink(&outside, &inside).unwrap();
        site.replace("apps/a/c.yaml", "a: b", "a: changed");
        site.replace("applicationsets/l.yaml", "spec:\n", "  labels: {new: x}\nspec:\n");
        let run = site.build();
        assert_eq!(run.code, 1, "{link}: {}", run.out);
        assert!(ids(&run).contains(&format!("file-in-the-way {link}")), "{:?}", ids(&run));
        assert_eq!(files(&outside), before, "{link}");
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_was_prepared_for_stays_where_it_is() {
    use std::os::unix::fs::symlink;

    let site = Site::built();
    let outside = site.above().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("journal"), "mine").unwrap();
    symlink(&outside, site.path().join("rendered/.gitopsc-e")).unwrap();
    std::fs::remove_file(site.path().join("rendered/.gitopsc-lock")).unwrap();
    symlink(outside.join("journal"), site.path().join("rendered/.gitopsc-lock")).unwrap();
    site.replace("apps/a/c.yaml", "a: b", "a: changed");
    let run = site.build();
    // The link itself is cleared away, as anything that lies where changes are prepared.
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}{}", run.out, run.err);
    assert!(site.read("rendered/e/manifests/l/a/configmap-c.yaml").contains("a: changed"));
    assert!(!site.exists("rendered/.gitopsc-e"));
    assert_eq!(std::fs::read_to_string(outside.join("journal")).unwrap(), "mine");
}

#[test]
fn a_lock_that_another_holds() {
    let directory = tempfile::tempdir().unwrap();
    let (one, other) = (Disk::new(directory.path()), Disk::new(directory.path()));
    let held = one.lock("trees/lock", Duration::ZERO).unwrap();
    let start = Instant::now();
    let refused = other.lock("trees/lock", Duration::from_millis(120)).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    assert!(start.elapsed() >= Duration::from_millis(120));
    drop(held);
    other.lock("trees/lock", Duration::ZERO).unwrap();
}

#[test]
fn a_build_that_waits_says_so() {
    let site = Site::built();
    let held = Disk::new(&site.path()).lock("rendered/.gitopsc-lock", Duration::ZERO).unwrap();
    let path = site.path();
    let waiting = std::thread::spawn(move || gitopsc(&path, &["build"]));
    std::thread::sleep(Duration::from_millis(300));
    drop(held);
    let run = waiting.join().unwrap();
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("waiting for another build"), "{}", run.err);
}

#[test]
fn a_comparison_makes_no_directory() {
    let site = Site::new();
    let out = site.above().join("new");
    let run = gitopsc(&site.path(), &["build", "--check", "--out", out.to_str().unwrap()]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(!out.exists());
}

#[test]
fn an_app_without_objects_still_has_a_directory() {
    let site = Site::new();
    let environment = "environments/e/environment.yaml";
    for namespace in ["ns", "more"] {
        let entry = format!("  {namespace}: {{layer: l");
        site.replace(environment, &entry, &format!("{entry}, existing: true"));
    }
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}{}", run.out, run.err);
    let directory = site.path().join("rendered/e/manifests/cluster/cluster");
    assert_eq!(files(&directory).keys().collect::<Vec<_>>(), ["EMPTY.md"]);
    let set = site.read("rendered/e/argocd/applicationsets/cluster.yaml");
    assert!(set.contains("empty: true"), "{set}");
    let ours = site.read("rendered/e/argocd/applicationsets/l.yaml");
    assert!(ours.contains("empty: false"), "{ours}");
    assert_eq!((site.check().code, ids(&site.check())), (0, Vec::new()));
}

#[test]
fn an_object_that_the_tool_makes_too_is_blamed_where_it_can_be_changed() {
    let site = Site::new();
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns\n";
    site.write("apps/a/n.yaml", namespace);
    let permitted = "  l: {permissions: {cluster: [Namespace]}}";
    site.replace("environments/e/environment.yaml", "  l: {}", permitted);
    let run = site.build();
    let of_two = ids(&run).into_iter().filter(|id| id.starts_with("object-in-two-releases"));
    assert_eq!(of_two.collect::<Vec<_>>(), ["object-in-two-releases apps/a/n.yaml:4"]);
}
