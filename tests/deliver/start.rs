//! `gitopsc init`: what it makes can be used as it is.

use std::fs;

use crate::process::{self, git};
use crate::support::{files, write};

#[test]
fn what_it_makes_builds_and_checks_clean() {
    for (cluster, environment) in
        [("minikube", "minikube"), ("k3s", "k3s"), ("kubernetes", "production")]
    {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        git(path, &["init", "-q", "-b", "trunk"]);
        let url = "https://bot:secret@github.com/acme/platform.git";
        git(path, &["remote", "add", "origin", url]);
        let run = process::run(path, &["init", "--cluster", cluster]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert!(run.out.contains("nothing to report"), "{}", run.out);
        let check = process::run(path, &["check", "--deny", "warnings"]);
        assert_eq!(check.code, 0, "{}{}", check.out, check.err);
        assert!(check.out.contains("0 errors; 0 warnings; 0 notes"), "{}", check.out);
        let made = files(path);
        let text = |path: &str| String::from_utf8(made[path].clone()).unwrap();
        let stated = text(&format!("environments/{environment}/environment.yaml"));
        assert!(stated.contains("repoURL: https://github.com/acme/platform.git\n"), "{stated}");
        assert!(stated.contains("revision: trunk\n"), "{stated}");
        assert!(made.contains_key(".github/workflows/gitops.yml"));
        assert!(made.contains_key(&format!("rendered/{environment}/root.yaml")));
        for (path, bytes) in made.iter().filter(|(path, _)| !path.starts_with(".git/")) {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("secret@"), "{path} has the token of the remote");
            let mark = text.split('@').nth(1).filter(|word| !word.is_empty());
            let is_mark = mark.is_some_and(|word| word.chars().all(|it| it.is_ascii_uppercase()));
            assert!(!is_mark, "{path} has a mark that is not filled in");
        }
    }
}

#[test]
fn the_pipeline_is_that_of_the_server_or_as_asked() {
    for (arguments, expected) in [
        (&["--repo-url", "git@gitlab.example.com:acme/platform.git"][..], ".gitlab-ci.yml"),
        (&["--repo-url", "https://git.example.com/a.git"], ""),
        (&["--repo-url", "https://git.example.com/a.git", "--ci", "gitlab"], ".gitlab-ci.yml"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let all: Vec<&str> = ["init", "new/place"].iter().chain(arguments).copied().collect();
        let run = process::run(directory.path(), &all);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let made = files(&directory.path().join("new/place"));
        let found: Vec<&String> =
            made.keys().filter(|path| path.contains("gitlab") || path.contains("github")).collect();
        assert_eq!(found.first().map_or("", |path| path.as_str()), expected);
    }
}

#[test]
fn nothing_is_overwritten_and_a_repository_must_be_known() {
    let directory = tempfile::tempdir().unwrap();
    let run = process::run(directory.path(), &["init"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--repo-url"), "{}", run.err);
    write(directory.path(), "apps/hello/app.yaml", "mine");
    let run = process::run(directory.path(), &["init", "--repo-url", "https://git.test/a.git"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`apps/hello/app.yaml`"), "{}", run.err);
    let left = files(directory.path());
    assert_eq!(left.keys().collect::<Vec<_>>(), ["apps/hello/app.yaml"]);
    assert_eq!(fs::read(directory.path().join("apps/hello/app.yaml")).unwrap(), b"mine");
}

#[test]
fn every_command_has_a_page_and_every_shell_its_words() {
    let directory = tempfile::tempdir().unwrap();
    for (shell, word) in [("bash", "_gitopsc"), ("zsh", "#compdef gitopsc"), ("fish", "publish")] {
        let run = process::run(directory.path(), &["completions", shell]);
        assert!(run.code == 0 && run.out.contains(word), "{shell}: {}", run.err);
    }
    let whole = process::run(directory.path(), &["man"]);
    for command in ["build", "check", "diff", "publish"] {
        assert!(whole.out.contains(&format!("gitopsc\\-{command}(1)")), "{}", whole.out);
        let page = process::run(directory.path(), &["man", command]);
        assert!(page.out.contains(&format!(".TH gitopsc-{command} 1")), "{}", page.out);
    }
    for page in [whole, process::run(directory.path(), &["man", "diff"])] {
        let title = page.out.lines().find(|line| line.starts_with(".TH"));
        let version = concat!("\"gitopsc ", env!("CARGO_PKG_VERSION"), "\"");
        assert!(title.is_some_and(|it| it.contains(version)), "{title:?}");
    }
    let run = process::run(directory.path(), &["man", "utterly-unlike"]);
    for command in ["init", "trace", "completions", "man", "schema", "help"] {
        assert!(run.err.contains(&format!("`{command}`")), "{}", run.err);
    }
    let run = process::run(directory.path(), &["man", "chekc"]);
    assert!(run.code == 2 && run.err.contains("did you mean `check`?"), "{}", run.err);
}

#[test]
fn below_the_top_of_a_repository_argo_cd_finds_the_tree() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    git(path, &["remote", "add", "origin", "https://github.com/acme/all.git"]);
    write(path, "README.md", "text");
    let run = process::run(path, &["init", "deploy/to here", "--ci", "github"]);
    assert!(run.code == 2 && run.err.contains("`deploy/to here/`"), "{}", run.err);
    let run = process::run(path, &["init", "deploy/to here", "--cluster", "k3s"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("no hooks and no pipeline"), "{}", run.out);
    let made = files(&path.join("deploy/to here"));
    let root = String::from_utf8(made["rendered/k3s/root.yaml"].clone()).unwrap();
    assert!(root.contains("path: deploy/to here/rendered/k3s/argocd\n"), "{root}");
    assert!(!made.keys().any(|path| path.contains("github") || path.contains("pre-commit")));
    git(path, &["add", "-A"]);
    let check = process::run(&path.join("deploy/to here"), &["check", "--deny", "warnings"]);
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
    let apps = process::run(&path.join("deploy/to here"), &["apps", "k3s"]);
    assert!(apps.code == 0 && apps.out.contains("Deployment"), "{}{}", apps.out, apps.err);
}

#[test]
fn what_every_repository_has_stays_and_a_second_beginning_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, ".gitignore", "*.log\n");
    write(path, ".pre-commit-config.yaml", "repos: []\n");
    let arguments = ["init", "--repo-url", "https://git.test/a.git"];
    let run = process::run(path, &arguments);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains(".gitignore is there and stays; add to it: /rendered/.gitopsc-*"));
    assert_eq!(fs::read(path.join(".gitignore")).unwrap(), b"*.log\n");
    assert_eq!(fs::read(path.join(".pre-commit-config.yaml")).unwrap(), b"repos: []\n");
    let before = files(path);
    for cluster in ["kubernetes", "k3s"] {
        let run = process::run(path, &[&arguments[..], &["--cluster", cluster]].concat());
        assert_eq!(run.code, 2, "{}", run.out);
        assert!(run.err.contains("beside `production`"), "{}", run.err);
    }
    assert!(files(path) == before);
}

#[test]
fn a_file_in_the_place_of_a_directory_stops_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(path, "apps", "mine");
    let run = process::run(path, &["init", "--repo-url", "https://git.test/a.git"]);
    assert!(run.code == 2 && run.err.contains("already `apps`"), "{}", run.err);
    assert_eq!(files(path).keys().collect::<Vec<_>>(), ["apps"]);
}

#[test]
fn what_argo_cd_could_not_clone_is_refused_before_anything_is_written() {
    for (url, why) in [
        ("", "it is empty"),
        ("not a url", "no spaces"),
        ("../platform", "no server"),
        ("./here:platform", "no server"),
        (":", "no server"),
        ("git@:acme/a.git", "no server"),
        ("https://", "no server"),
        ("https:///acme/a.git", "no server"),
        ("https://bot:word@/acme/a.git", "no server"),
        ("https:", "come after `https:`"),
        ("https:/git.test/a.git", "come after `https:`"),
        ("bogus:", "no repository"),
        ("bogus://git.test/a.git", "not by `bogus`"),
        ("oci://registry.test/a", "not by `oci`"),
        ("http://[::1]:3000/acme/a.git", "class of characters"),
        ("git@[::1]:acme/a.git", "class of characters"),
        ("C:/platform", "this machine"),
        ("C:\\platform", "this machine"),
        ("file://", "no directory"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let run = process::run(directory.path(), &["init", "new", "--repo-url", url]);
        assert!(run.code == 2 && run.err.contains("--repo-url"), "{url}: {}", run.err);
        assert!(run.err.contains(why), "{url}: {}", run.err);
        assert!(files(directory.path()).is_empty() && !directory.path().join("new").exists());
        let url = "https://git.test/a.git";
        let run = process::run(directory.path(), &["init", "new", "--repo-url", url]);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
    for url in [
        "http://10.0.0.1:3000/acme/a.git",
        "https://bot:word@git.test/a.git",
        "ssh://git@git.test:2222/acme/a.git",
        "git@git.test:acme/a.git",
        "git:acme/a.git",
        "git://git.test/a.git",
        // A volume of its repo server.
        "/srv/git/a.git",
        "file:///srv/git/a.git",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let run = process::run(directory.path(), &["init", "--repo-url", url]);
        assert_eq!(run.code, 0, "{url}: {}{}", run.out, run.err);
    }
    // A remote that only this machine can follow; what is asked for wins.
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q"]);
    git(directory.path(), &["remote", "add", "origin", "../platform"]);
    let run = process::run(directory.path(), &["init"]);
    assert!(run.code == 2 && run.err.contains("`../platform`"), "{}", run.err);
    let run = process::run(directory.path(), &["init", "--repo-url", "git@git.test:a.git"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn nothing_is_written_where_git_keeps_a_repository() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "--bare", "bare.git"]);
    git(path, &["init", "-q", "tree"]);
    let before = files(path);
    for place in ["bare.git", "bare.git/new", "tree/.git"] {
        let run = process::run(path, &["init", place, "--repo-url", "https://git.test/a.git"]);
        assert!(run.code == 2 && run.err.contains("where git keeps"), "{place}: {}", run.err);
    }
    assert!(files(path) == before);
    let run = process::run(path, &["init", "tree", "--repo-url", "https://git.test/a.git"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_branch_that_looks_like_a_number_stays_a_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "1.5"]);
    let url = "https://github.com/acme/platform.git";
    let run = process::run(path, &["init", "--repo-url", url]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let made = files(path);
    for file in ["environments/production/environment.yaml", ".github/workflows/gitops.yml"] {
        assert!(String::from_utf8_lossy(&made[file]).contains("\"1.5\""), "{file}");
    }
}

/// What bash offers for a line of words, the last of which is begun.
fn completed(words: &[&str]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), "a-file", "");
    let script = process::run(directory.path(), &["completions", "bash"]).out;
    let line: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let (last, before) = words.split_last().unwrap();
    let asked = format!(
        "compopt() {{ :; }}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_gitopsc gitopsc '{last}' '{}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        line.join(" "),
        words.len() - 1,
        before.last().unwrap(),
    );
    let mut bash = std::process::Command::new("bash");
    let run = bash.current_dir(directory.path()).args(["-c", &format!("{script}\n{asked}")]);
    let out = String::from_utf8(run.output().unwrap().stdout).unwrap();
    out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_shell_offers_what_a_value_can_be() {
    let findings = "concise github gitlab human json jsonl junit sarif tap";
    for (words, expected) in [
        (["gitopsc", "check", "--output", ""], findings),
        (["gitopsc", "resolve", "-o", ""], findings),
        (["gitopsc", "diff", "-o", ""], "html human json markdown patch"),
        (["gitopsc", "budget", "-o", ""], "human json markdown"),
        (["gitopsc", "apps", "-o", ""], "human json mermaid"),
        (["gitopsc", "list", "-o", ""], "human json"),
    ] {
        let mut offered = completed(&words);
        offered.sort();
        assert_eq!(offered.join(" "), expected, "{words:?}");
    }
    assert_eq!(completed(&["gitopsc", "check", "--select", "role-ref-"]), ["role-ref-invalid"]);
    assert!(
        completed(&["gitopsc", "explain", "role-ref-"]).contains(&"role-ref-invalid".to_owned())
    );
    assert!(completed(&["gitopsc", "explain", "field-miss"]).contains(&"field-missing".to_owned()));
    // No file is an environment or a context.
    for words in [["gitopsc", "build", "-e", ""], ["gitopsc", "diff", "--context", ""]] {
        assert!(completed(&words).is_empty(), "{words:?}");
    }
    assert_eq!(completed(&["gitopsc", "check", "--baseline", "a-"]), ["a-file"]);
}
