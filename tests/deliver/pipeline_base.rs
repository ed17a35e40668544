//! What a pipeline compares with, and where its reports go.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::pipeline::{changed, read, report, shell};
use crate::process::git;
use crate::site::Site;
use crate::support::{root, write};

/// The step of the action that asks, of an event with this base and what the workflow states.
fn asked_by(site: &Site, event: &str, base: &str, stated: &str) -> (i32, String) {
    asked_with(site, event, base, stated, BTreeMap::new())
}

/// The same, with more variables.
fn asked_with(
    site: &Site,
    event: &str,
    base: &str,
    stated: &str,
    mut variables: BTreeMap<String, String>,
) -> (i32, String) {
    let script = read("action.yml")["runs"]["steps"][1]["run"].clone();
    variables.extend([
        ("GITHUB_EVENT_NAME".to_owned(), event.to_owned()),
        ("GITHUB_ACTION_PATH".to_owned(), root().display().to_string()),
        ("GITOPSC".to_owned(), env!("CARGO_BIN_EXE_gitopsc").to_owned()),
        ("STATED".to_owned(), stated.to_owned()),
        ("BASE".to_owned(), base.to_owned()),
        ("REPORTS".to_owned(), "gitopsc-reports".to_owned()),
    ]);
    let run = shell(site, script.as_str().unwrap(), &variables);
    let said = [&run.stdout, &run.stderr].map(|it| String::from_utf8_lossy(it)).concat();
    (run.status.code().unwrap(), said)
}

#[test]
fn the_first_push_of_a_branch_is_compared_with_nothing() {
    let site = changed();
    let diff = site.path().join("gitopsc-reports/diff.md");
    // Runs that somebody starts have nothing before them either.
    for (event, base) in [("push", "0".repeat(40)), ("workflow_dispatch", String::new())] {
        let (code, said) = asked_by(&site, event, &base, "");
        assert_eq!(code, 0, "{said}");
        assert!(!diff.exists() && !said.contains("nothing is compared"), "{said}");
    }
    // What a forced push took away is told.
    let (code, said) = asked_by(&site, "push", &"1".repeat(40), "");
    assert!(code == 0 && said.contains("::warning::nothing is compared"), "{code}: {said}");
    assert!(!diff.exists());
    let (code, said) = asked_by(&site, "push", "HEAD^", "");
    assert!(code == 0 && diff.exists(), "{said}");
}

#[test]
fn a_base_that_must_be_there_is_asked_for() {
    let site = changed();
    let gone = "1".repeat(40);
    for (event, base, stated) in [
        ("pull_request", "HEAD^7", ""),
        ("merge_group", &gone, ""),
        ("merge_group", "", ""),
        ("merge_group", "origin/release", "origin/release"),
        ("push", "origin/release", "origin/release"),
        ("pull_request_target", "origin/release", "origin/release"),
    ] {
        let (code, said) = asked_by(&site, event, base, stated);
        assert!(code == 2 && said.contains("is not here"), "{event}: {code}: {said}");
    }
    // What is checked out there is nothing that the action could know.
    let (code, said) = asked_by(&site, "pull_request_target", "HEAD^", "");
    assert!(code == 2 && said.contains("state the input `base`"), "{code}: {said}");
    for (event, stated) in
        [("merge_group", ""), ("pull_request_target", "HEAD^"), ("workflow_dispatch", "HEAD^")]
    {
        let (code, said) = asked_by(&site, event, "HEAD^", stated);
        assert_eq!(code, 0, "{event}: {said}");
        assert!(report(&site, "diff.md").starts_with("**1 object differs"));
        fs::remove_file(site.path().join("gitopsc-reports/diff.md")).unwrap();
    }
}

/// The script itself, as any system runs it.
fn check(site: &Site, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new("sh");
    command.current_dir(site.path()).arg(root().join("ci/check.sh")).args(arguments);
    let run = command.env("GITOPSC", env!("CARGO_BIN_EXE_gitopsc")).env_remove("CI").output();
    let run = run.unwrap();
    let said = [&run.stdout, &run.stderr].map(|it| String::from_utf8_lossy(it)).concat();
    (run.status.code().unwrap(), said)
}

#[test]
fn a_directory_of_reports_that_was_there_keeps_what_it_has() {
    let site = changed();
    let text = |file: &str| fs::read_to_string(site.path().join(file)).unwrap();
    let ignored = text(".gitignore");
    write(site.path(), "out/notes.md", "mine");
    for directory in [".", "out"] {
        let (code, said) = check(&site, &["HEAD^", directory, "sarif=gitopsc.sarif"]);
        assert_eq!(code, 0, "{said}");
        assert!(text(&format!("{directory}/diff.md")).starts_with("**1 object differs"));
    }
    assert_eq!((text(".gitignore"), text("out/notes.md")), (ignored, "mine".to_owned()));
    assert!(!site.path().join("out/.gitignore").exists());
    // One that the script makes is no source, in later runs neither.
    for _ in 0..2 {
        let (code, said) = check(&site, &["", "new/reports", "sarif=gitopsc.sarif"]);
        assert_eq!(code, 0, "{said}");
        assert_eq!(text("new/reports/.gitignore"), "*\n");
    }
    // What the repository has is not written over.
    for file in ["diff.md", "gitopsc.sarif"] {
        write(site.path(), &format!("docs/{file}"), "mine");
        git(site.path(), &["add", "docs"]);
        let (code, said) = check(&site, &["HEAD^", "docs", "sarif=gitopsc.sarif"]);
        assert!(code == 2 && said.contains(&format!("`docs/{file}` is a file of")), "{said}");
        assert_eq!(text(&format!("docs/{file}")), "mine");
        git(site.path(), &["rm", "-qf", &format!("docs/{file}")]);
    }
}

/// Variables with which git takes a repository for somebody else's.
fn of_somebody_else() -> BTreeMap<String, String> {
    let pairs = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null")];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn what_git_cannot_do_is_no_base_that_is_missing() {
    let site = changed();
    // Neither is a base that cannot be read.
    let corrupt = changed();
    let run = Command::new("git").current_dir(corrupt.path()).args(["rev-parse", "HEAD^"]).output();
    let commit = String::from_utf8(run.unwrap().stdout).unwrap().trim().to_owned();
    let object = corrupt.path().join(".git/objects").join(&commit[..2]).join(&commit[2..]);
    fs::remove_file(&object).unwrap();
    fs::write(&object, "nothing").unwrap();
    for (event, stated) in
        [("push", ""), ("pull_request", ""), ("merge_group", ""), ("workflow_dispatch", "HEAD^")]
    {
        let (code, said) = asked_with(&site, event, "HEAD^", stated, of_somebody_else());
        assert!(code == 2 && said.contains("detected dubious ownership"), "{event}: {said}");
        assert!(said.contains("::error::git failed") && !said.contains("is not here"), "{said}");
        let (code, said) = asked_by(&corrupt, event, &commit, stated);
        assert!(code == 2 && said.contains("is corrupt"), "{event}: {said}");
    }
    for site in [&site, &corrupt] {
        assert!(!site.path().join("gitopsc-reports/diff.md").exists());
    }
    // The job of GitLab asks in the same way.
    let script = read("ci/gitlab.yml")["gitopsc"]["script"][0].clone();
    for request in ["", "12"] {
        let mut variables = of_somebody_else();
        for (name, value) in [
            ("GITOPSC_CI", root().join("ci").to_str().unwrap()),
            ("GITOPSC", env!("CARGO_BIN_EXE_gitopsc")),
            ("CI_MERGE_REQUEST_IID", request),
            ("CI_COMMIT_BEFORE_SHA", "HEAD^"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        let run = shell(&site, script.as_str().unwrap(), &variables);
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.code() == Some(2) && said.contains("dubious ownership"), "{said}");
        assert!(!site.path().join("gitopsc-reports").exists() && !said.contains("is not here"));
    }
}
