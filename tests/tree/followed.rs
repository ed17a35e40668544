//! What `check` finds where it follows the tree of an environment.

use crate::site::{APP, CONFIG, Site, findings, ids};
use crate::support::{Run, gitopsc};

const SOURCES: &str = "sources: {{ toJson .sources }}";

fn check(site: &Site, arguments: &[&str]) -> Run {
    gitopsc(&site.path(), &[&["check", "-o", "json"], arguments].concat())
}

fn site() -> Site {
    let site = Site::new();
    site.write("apps/b/app.yaml", APP);
    site.write("apps/b/d.yaml", CONFIG.replace("name: c", "name: d"));
    site.replace("environments/e/environment.yaml", "  a: {}\n", "  a: {}\n  b: {}\n");
    site
}

#[test]
fn a_tree_without_a_fault_has_no_finding() {
    let run = check(&site(), &[]);
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}", run.out);
}

#[test]
fn a_fault_in_the_template_of_all_sets_is_told_once() {
    let site = site();
    let annotation = "  annotations:\n    argocd.argoproj.io/sync-wave: \"1\"\n";
    site.replace("applicationsets/_lib/application.yaml", "  annotations:\n", annotation);
    let run = check(&site, &[]);
    let found = findings(&run);
    let waves: Vec<_> =
        found.iter().filter(|one| one["id"] == "application-set-wave-ignored").collect();
    assert_eq!(waves.len(), 1, "{}", run.out);
    let note = waves[0]["notes"].as_array().and_then(|notes| notes.last()).unwrap();
    assert_eq!(note, "the same of ApplicationSet/e-l in argocd, ApplicationSet/e-other in argocd");
}

#[test]
fn a_directory_without_an_application_is_an_error_at_its_source() {
    let site = site();
    let constant = "sources: [{repoURL: 'https://git.test/platform.git', targetRevision: main, \
                    path: rendered/e/manifests/l/b}]";
    site.replace("applicationsets/_lib/patch.yaml", SOURCES, constant);
    let run = check(&site, &[]);
    let found = ids(&run);
    assert!(found.contains(&"directory-orphaned apps/a/c.yaml:2".to_owned()), "{found:?}");
    let shared = |id: &&String| id.starts_with("object-in-two-applications apps/b/d.yaml");
    // With that of the layer `cluster`, three Applications apply it.
    assert_eq!(found.iter().filter(shared).count(), 2, "{found:?}");
    let orphans = findings(&run);
    let orphan = orphans.iter().find(|one| one["id"] == "directory-orphaned").unwrap();
    assert_eq!((&orphan["level"], &orphan["environments"][0]), (&"error".into(), &"e".into()));
    assert_eq!(run.code, 1);
    // Chosen by their group like all others.
    assert_eq!(ids(&check(&site, &["--ignore", "argocd"])), Vec::<String>::new());
}

#[test]
fn a_path_that_leads_nowhere_is_told_once() {
    let site = site();
    let wrong = "sources: [{repoURL: 'https://git.test/platform.git', targetRevision: main, \
                 path: 'rendered/e/nowhere/{{ .name }}'}]";
    site.replace("applicationsets/_lib/patch.yaml", SOURCES, wrong);
    let found = ids(&check(&site, &[]));
    assert!(!found.is_empty(), "{found:?}");
    assert!(
        found.iter().all(|id| id.starts_with("application-path-invalid applicationsets/")),
        "{found:?}"
    );
}

#[test]
fn a_tree_that_would_not_be_written_is_not_followed() {
    let site = site();
    site.replace("applicationsets/l.yaml", "kind: ApplicationSet", "kind: Application");
    assert_eq!(ids(&site.build()).len(), 1);
    assert_eq!(ids(&check(&site, &[])), Vec::<String>::new());
}
