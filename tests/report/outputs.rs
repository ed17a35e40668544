//! Where results go: several at once, files whole or not at all, streams never mixed.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Run, gitopsc, root};

fn check(arguments: &[&str]) -> Run {
    let fixture = root().join("tests/cmd/fixture");
    gitopsc(&fixture, &[&["check"], arguments].concat())
}

#[test]
fn every_format_goes_to_a_file_of_its_own_in_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let names = ["human", "concise", "json", "jsonl", "sarif", "junit", "tap", "github", "gitlab"];
    let to = |name: &str| format!("{name}={}", directory.path().join(name).display());
    let outputs: Vec<String> = names.iter().map(|name| to(name)).collect();
    let mut arguments: Vec<&str> = outputs.iter().flat_map(|one| ["-o", one]).collect();
    arguments.extend(["-o", "concise=-", "--color", "never"]);
    let run = check(&arguments);
    assert_eq!(run.code, 0, "{}", run.err);
    for name in names {
        let alone = check(&["-o", name]).out;
        assert_eq!(fs::read_to_string(directory.path().join(name)).unwrap(), alone, "{name}");
        assert!(!alone.is_empty(), "{name}");
    }
    assert_eq!(run.out, check(&["-o", "concise"]).out);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), names.len(), "nothing else");
}

#[test]
fn outputs_that_would_mix_are_refused() {
    for (arguments, reason) in [
        (&["-o", "json", "-o", "human"][..], "two formats on standard output"),
        (&["-o", "json=x", "-o", "sarif=x"], "two formats for one file, `-o json=x`"),
        (&["-o", "json="], "a file stands after `=`"),
        (&["-o", "jsom"], "did you mean `json`?"),
    ] {
        let run = check(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.out.is_empty() && run.err.contains(reason), "{arguments:?}: {}", run.err);
    }
    let run = gitopsc(&root(), &["list", "-o", "sarif"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`sarif` is a format of findings"), "{}", run.err);
}

#[test]
fn help_names_every_format() {
    let help = gitopsc(&root(), &["check", "--help"]).out;
    for format in &gitopsc::report::FORMATS {
        assert!(help.contains(&format!("`{}`", format.name)), "{}", format.name);
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let directory = tempfile::tempdir().unwrap();
    let (file, link) = (directory.path().join("real.json"), directory.path().join("link.json"));
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    let before = fs::File::open(&file).unwrap();
    assert_eq!(check(&["-o", &format!("json={}", link.display())]).code, 0);
    assert!(link.is_symlink());
    assert!(fs::read_to_string(&file).unwrap().starts_with("{\n  \"version\": 1"));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    // Who had the old file open still reads the old text: it was never half of the new one.
    assert_eq!(std::io::read_to_string(before).unwrap(), "old");
    // A directory cannot be replaced, and nothing is left beside it.
    let run = check(&["-o", &format!("json={}", directory.path().display())]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot write"), "{}", run.err);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    // What is no file is written to as it is.
    assert_eq!(check(&["-o", "json=/dev/null"]).code, 0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_reader_that_leaves_costs_no_file() {
    let directory = tempfile::tempdir().unwrap();
    for format in &gitopsc::report::FORMATS {
        let file = directory.path().join("result.json");
        let mut child = Command::new(env!("CARGO_BIN_EXE_gitopsc"))
            .current_dir(root().join("tests/cmd/fixture"))
            .args(["check", "-o", format.name, "-o", &format!("json={}", file.display())])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let run = child.wait_with_output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", format.name);
        assert!(run.stderr.is_empty(), "{}: {:?}", format.name, run.stderr);
        serde_json::from_slice::<serde_json::Value>(&fs::read(&file).unwrap()).unwrap();
        fs::remove_file(&file).unwrap();
    }
}

/// Runs the tool in a directory, and gives what it said on standard error.
fn refused(directory: &std::path::Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
    let run = command.current_dir(directory).arg("check").args(arguments).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!((run.status.code(), run.stdout.len()), (Some(2), 0), "{arguments:?}: {said}");
    said
}

#[cfg(unix)]
#[test]
fn one_file_under_two_names_is_one_file() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    fs::write(here.join("a.yaml"), "").unwrap();
    fs::write(here.join("old.json"), "old").unwrap();
    fs::create_dir(here.join("d")).unwrap();
    std::os::unix::fs::symlink("old.json", here.join("link.json")).unwrap();
    let whole = format!("sarif={}", here.join("o1").display());
    for (one, other) in [
        ("json=o1", "sarif=./o1"),
        ("json=o1", "sarif=d/../o1"),
        ("json=o1", &whole),
        ("json=old.json", "sarif=link.json"),
    ] {
        let said = refused(here, &["a.yaml", "-o", one, "-o", other]);
        assert!(said.contains(&format!("`-o {one}` and `-o {other}`")), "{said}");
    }
    let said = refused(here, &["a.yaml", "-o", "json", "-o", "sarif=/dev/stdout"]);
    assert!(said.contains("two formats on standard output"), "{said}");
    assert_eq!(fs::read_to_string(here.join("old.json")).unwrap(), "old");
    assert_eq!(fs::read_dir(here).unwrap().count(), 4, "nothing was written");
    let both = ["a.yaml", "-o", "json=/dev/null", "-o", "sarif=/dev/null"];
    assert_eq!(gitopsc(here, &[&["check"], &both[..]].concat()).code, 2, "a.yaml is elsewhere");
}

#[cfg(unix)]
#[test]
fn what_is_checked_is_never_written_over() {
    const SERVICE: &str =
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 0}]}\n";
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let files = [
        ("m/a.yaml", SERVICE),
        ("m/values.yaml", "x: 1\n"),
        ("m/Chart.yaml", "name: x\n"),
        ("s/example.com/probe_v1.json", "{}"),
        ("gitopsc.yaml", "apiVersion: gitopsc.dev/v1alpha1\nkind: Settings\n"),
    ];
    for (path, text) in files {
        fs::create_dir_all(here.join(path).parent().unwrap()).unwrap();
        fs::write(here.join(path), text).unwrap();
    }
    std::os::unix::fs::symlink("m/a.yaml", here.join("link.yaml")).unwrap();
    for (arguments, reason) in [
        (&["m", "-o", "json=m/a.yaml"][..], "a file that this run checks"),
        (&["m", "-o", "json=./m/../m/a.yaml", "-o", "tap=t"], "a file that this run checks"),
        (&["m", "-o", "json=link.yaml"], "a file that this run checks"),
        (&["link.yaml", "-o", "json=m/a.yaml"], "a file that this run checks"),
        (&["m/values.yaml", "-o", "json=m/values.yaml"], "a file that this run checks"),
        (&[".", "-o", "json=m/values.yaml"], "a file that this run checks"),
        (&["m", "-o", "json=gitopsc.yaml"], "where settings are"),
        (&["m", "--schemas", "s", "-o", "json=s/example.com/probe_v1.json"], "a schema"),
        (&["m", "--write-baseline", "b.json", "-o", "json=./b.json"], "the baseline of this run"),
        (
            &["m", "--write-baseline", "b.json", "-o", "json=m/a.yaml"],
            "a file that this run checks",
        ),
    ] {
        let said = refused(here, arguments);
        assert!(said.contains(reason) && said.contains("nothing was written"), "{said}");
    }
    let said = refused(here, &["m", "--write-baseline", "m/a.yaml"]);
    assert!(said.contains("this is no baseline"), "{said}");
    for (path, text) in files {
        assert_eq!(fs::read_to_string(here.join(path)).unwrap(), text);
    }
    assert_eq!(fs::read_dir(here).unwrap().count(), 4, "nothing was written");
    // What an earlier run wrote there is written again.
    for format in ["json", "jsonl", "gitlab", "sarif"] {
        let output = format!("{format}=m/{format}.json");
        for _ in 0..2 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_gitopsc"));
            let run = command.current_dir(here).args(["check", "m", "-o", &output]).output();
            assert_eq!(run.unwrap().status.code(), Some(1), "{format}");
        }
    }
}

#[test]
fn sources_of_a_repository_are_never_written_over() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = root().join("tests/cmd/fixture");
    for (path, bytes) in crate::support::files(&fixture) {
        crate::support::write(directory.path(), &path, bytes);
    }
    let file = directory.path().join("apps/web/app.yaml");
    let before = fs::read(&file).unwrap();
    let output = format!("json={}", file.display());
    for command in [&["check"][..], &["build", "--check"], &["list"], &["values", "demo/web"]] {
        let run = gitopsc(directory.path(), &[command, &["-o", &output]].concat());
        assert!(run.code == 2 && run.err.contains("a file of the repository"), "{}", run.err);
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[test]
fn findings_of_silencers_stand_where_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - port: 1 # gitopsc: ignore[port-invalid] why\n  - port: 0\n    name: x\n";
    fs::write(directory.path().join("b.yaml"), format!("{service}---\n{service}")).unwrap();
    fs::write(directory.path().join("a.yaml"), service).unwrap();
    let path = directory.path().display().to_string();
    let run = gitopsc(directory.path(), &["check", &path, "-o", "json"]);
    let findings = run.json()["findings"].clone();
    let findings = findings.as_array().unwrap().iter();
    let places: Vec<(&str, u64)> = findings
        .map(|one| (one["file"].as_str().unwrap(), one["line"].as_u64().unwrap()))
        .collect();
    assert!(places.len() > 6 && places.is_sorted(), "{places:?}");
}

#[test]
fn a_denied_warning_is_an_error_in_every_format() {
    let denied = ["--deny", "warnings"];
    let fixture = root().join("tests/cmd/fixture");
    let of = |format: &str| {
        let run = gitopsc(&fixture, &[&["check", "-o", format], &denied[..]].concat());
        assert_eq!(run.code, 1, "{format}");
        run.out
    };
    const NOTE: &str = "a warning, which `--deny warnings` makes an error";
    for (format, sign) in [
        ("human", "error[scope-unknown]"),
        ("concise", "error[scope-unknown]"),
        ("json", "\"level\": \"error\""),
        ("jsonl", "\"level\":\"error\""),
        ("sarif", "\"level\": \"error\""),
        ("junit", "<failure "),
        ("tap", "\nnot ok "),
        ("github", "::error "),
        ("gitlab", "\"major\""),
    ] {
        let text = of(format);
        assert!(text.contains(sign), "{format}: {text}");
        let has_note = !["concise", "gitlab"].contains(&format);
        assert_eq!(text.contains(NOTE), has_note, "{format}: {text}");
    }
    assert!(of("human").ends_with("\n1 error; 0 warnings; 0 notes\n"), "{}", of("human"));
}
