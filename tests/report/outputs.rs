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
        (&["-o", "json=x", "-o", "sarif=x"], "two formats for one file, `x`"),
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
