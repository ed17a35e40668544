//! Holds what is generated or shipped current: schemas, tables, environments, apps, the trees.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gitopsc::config::ConfigKind;
use gitopsc::diagnostic::Severity;
use gitopsc::source::Sources;
use gitopsc::world::Disk;
use gitopsc::yaml::{self, FaultKind};
use support::{Stages, describe, files, gitopsc, root};

#[test]
fn schemas_are_current() {
    for kind in ConfigKind::ALL {
        let name = kind.name().to_lowercase();
        let path = root().join(format!("schemas/{name}.json"));
        let mut expected = serde_json::to_string_pretty(&kind.schema()).unwrap();
        expected.push('\n');
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "schemas/{name}.json is stale: run `gitopsc schema {name} > schemas/{name}.json`"
        );
        assert!(kind.validator().is_compiled(), "{name}");
    }
}

#[test]
fn the_schema_of_the_output_is_current() {
    let found = fs::read_to_string(root().join("schemas/output.json")).unwrap_or_default();
    let expected = gitopsc(&root(), &["schema", "output"]).out;
    assert!(
        found == expected,
        "schemas/output.json is stale: run `gitopsc schema output > schemas/output.json`"
    );
}

#[test]
fn the_schema_of_differences_is_current() {
    let found = fs::read_to_string(root().join("schemas/diff.json")).unwrap_or_default();
    let expected = gitopsc(&root(), &["schema", "diff"]).out;
    assert!(
        found == expected,
        "schemas/diff.json is stale: run `gitopsc schema diff > schemas/diff.json`"
    );
}

#[test]
fn schemas_explain_every_field() {
    fn walk(schema: &serde_json::Value, path: &str, missing: &mut Vec<String>) {
        let Some(object) = schema.as_object() else { return };
        let properties = object.get("properties").and_then(|value| value.as_object());
        for (name, property) in properties.into_iter().flatten() {
            if property.get("description").is_none() {
                missing.push(format!("{path}/{name}"));
            }
        }
        for (name, inner) in object {
            walk(inner, &format!("{path}/{name}"), missing);
        }
    }
    for kind in ConfigKind::ALL {
        let mut missing = Vec::new();
        walk(&kind.schema(), kind.name(), &mut missing);
        assert!(missing.is_empty(), "{missing:#?}");
    }
    let mut missing = Vec::new();
    walk(&gitopsc::report::schema(), "output", &mut missing);
    // What tells lines apart is no field with a text of its own.
    missing.retain(|path| !path.ends_with("/type"));
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn tables_of_kinds_are_sorted() {
    for table in ["kinds.tsv", "custom-kinds.tsv"] {
        let text = fs::read_to_string(root().join("schemas/kubernetes").join(table)).unwrap();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("# "), "{table} says what it is");
        let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
        assert!(rows.len() > 3);
        for row in &rows {
            assert_eq!(row.len(), 3, "{table}: {row:?}");
            assert!(["Cluster", "Namespaced"].contains(&row[2]), "{table}: {row:?}");
        }
        let names: Vec<_> = rows.iter().map(|row| (row[0], row[1])).collect();
        let sorted: Vec<_> = names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        assert_eq!(names, sorted, "{table}: in order, each kind once");
    }
}

#[test]
fn shipped_environments_and_apps_have_no_errors() {
    let stages = Stages::new(&Disk::new(&root()));
    let mut findings = stages.plan.findings.clone();
    for environment in &stages.plan.environments {
        findings.extend(stages.tree(&environment.name).1);
    }
    let sources = &stages.repo.sources;
    let grave: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note)
        .map(|finding| describe(finding, sources))
        .collect();
    assert!(grave.is_empty(), "{grave:#?}");
    let names: Vec<_> = stages.plan.environments.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["home", "iris", "k3s", "minikube", "minikube-lite"]);
}

#[test]
fn shipped_templates_are_yaml_as_they_stand() {
    let mut checked = 0;
    for directory in ["apps", "applicationsets", "src/load/builtin"] {
        for (path, bytes) in files(&root().join(directory)) {
            // What lies in `files/` is embedded as it is.
            if !path.ends_with(".yaml") || path.contains("/files/") {
                continue;
            }
            let text = String::from_utf8(bytes).unwrap();
            let mut sources = Sources::default();
            let file = sources.add(format!("{directory}/{path}"), text.as_str());
            for fault in yaml::read(file, &text).faults {
                let place = sources.place(fault.span);
                let branches = fault.related.as_ref().is_some_and(|(first, _)| {
                    let between = &text[first.range().end..fault.span.range().start];
                    between.lines().any(|line| line.trim_start().starts_with("#% el"))
                });
                assert!(
                    fault.kind == FaultKind::DuplicateKey && branches,
                    "{place}: {}",
                    fault.message
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} templates");
}

#[test]
fn committed_trees_are_current() {
    let run = gitopsc(&root(), &["build", "--check"]);
    assert_eq!(run.code, 0, "run `gitopsc build`\n{}{}", run.out, run.err);
    for line in run.out.lines().filter(|line| line.contains(" apps ")) {
        assert!(line.ends_with("  current"), "{line}");
    }
}

#[test]
fn a_second_build_writes_nothing_and_says_so() {
    let copy = support::copy_of_repository();
    let first = gitopsc(copy.path(), &["build", "-q"]);
    assert_eq!(first.code, 0, "{}{}", first.out, first.err);
    let written = times(&copy.path().join("rendered"));
    let second = gitopsc(copy.path(), &["build"]);
    assert_eq!(second.code, 0, "{}", second.err);
    let accounts: Vec<_> = second.out.lines().filter(|line| line.contains(" apps ")).collect();
    assert_eq!(accounts.len(), 5, "{}", second.out);
    for line in accounts {
        assert!(line.ends_with("  unchanged"), "{line}");
    }
    assert_eq!(written, times(&copy.path().join("rendered")), "a file was written again");
}

/// When each file was last written, and which file of the disk it is.
fn times(directory: &Path) -> Vec<(String, std::time::SystemTime, u64)> {
    use std::os::unix::fs::MetadataExt;
    let stat = |path: String| {
        let metadata = fs::metadata(directory.join(&path)).unwrap();
        (path, metadata.modified().unwrap(), metadata.ino())
    };
    files(directory).into_keys().map(stat).collect()
}

#[test]
fn trees_are_the_same_whatever_the_place_and_the_threads() {
    let build = |threads| {
        let copy = support::copy_of_repository();
        fs::remove_dir_all(copy.path().join("rendered")).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let run = pool.install(|| gitopsc(copy.path(), &["build", "-q"]));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        files(&copy.path().join("rendered"))
    };
    let reference = build(1);
    assert!(reference.len() > 250, "only {} files", reference.len());
    for threads in [2, 7] {
        let built = build(threads);
        assert!(built.keys().eq(reference.keys()), "other files with {threads} threads");
        for (path, bytes) in &built {
            assert!(reference[path] == *bytes, "{path} differs with {threads} threads");
        }
    }
}

#[test]
fn output_directory_and_url_can_be_chosen() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("trees");
    let before = files(&root().join("rendered"));
    let url = "https://git.test/fork/platform.git";
    let arguments = ["build", "-q", "-e", "minikube", "--repo-url", url, "--out"];
    let mut arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(std::ffi::OsStr::new).collect();
    arguments.push(out.as_os_str());
    let run = gitopsc(&root(), &arguments);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        before,
        files(&root().join("rendered")),
        "the repository's own trees are left alone"
    );
    let root_yaml = fs::read_to_string(out.join("minikube/root.yaml")).unwrap();
    assert!(root_yaml.contains(url), "{root_yaml}");
    let original = String::from_utf8(before["minikube/root.yaml"].clone()).unwrap();
    assert!(!original.contains(url));
    assert_eq!(files(&out).len(), before.keys().filter(|p| p.starts_with("minikube/")).count());
}

#[test]
fn rendered_files_are_text_as_editors_leave_it() {
    for (path, bytes) in files(&root().join("rendered")) {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}: one line end at the end");
        assert!(!text.contains(['\r', '\u{FDD0}', '\u{FDD1}']), "{path}");
        assert!(!text.contains("${{"), "{path} holds an expression that was not replaced");
        assert!(text.lines().next().unwrap().contains("Rendered by gitopsc"), "{path}");
        let name = path.rsplit('/').next().unwrap();
        if name.ends_with(".yaml") {
            let mut sources = Sources::default();
            let read = yaml::read(sources.add(path.as_str(), text.as_str()), &text);
            assert!(read.faults.is_empty(), "{path}: {:?}", read.faults);
        }
    }
}
