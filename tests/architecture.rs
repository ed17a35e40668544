//! Holds the order of the modules, the one door to the outside, and the size of files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// A module uses itself and what stands before it. Those in one group do not see each other.
const ORDER: [&[&str]; 19] = [
    &["source"],
    &["diagnostic"],
    &["yaml"],
    &["model"],
    &["cel"],
    &["gotemplate"],
    &["schema"],
    &["argocd"],
    &["config"],
    &["world"],
    &["live"],
    &["load"],
    &["resolve"],
    &["render"],
    &["tree"],
    &["facts"],
    &["check", "diff"],
    &["policy"],
    &["report"],
];

/// What puts them together, and may use all.
const TOP: [&str; 2] = ["cli", "main"];

struct SourceFile {
    /// Path below `src/`.
    path: String,
    text: String,
}

impl SourceFile {
    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// Lines with their numbers, without comments and without the tests module at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let lines = self.text[..end].lines().enumerate();
        lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap()))
    }
}

fn sources() -> Vec<SourceFile> {
    fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&top, &mut paths);
    paths.sort();
    let read = |path: PathBuf| SourceFile {
        path: path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/"),
        text: fs::read_to_string(&path).unwrap(),
    };
    paths.into_iter().map(read).collect()
}

fn rank(module: &str) -> Option<usize> {
    if TOP.contains(&module) {
        return Some(ORDER.len());
    }
    ORDER.iter().position(|group| group.contains(&module))
}

/// The modules that a line of code names after `crate::`, the groups in braces too.
fn named_modules(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let name = |text: &str| -> String {
            text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        };
        match rest.strip_prefix('{') {
            Some(group) => {
                // Only the outermost names are modules.
                let mut depth = 0;
                let mut start = 0;
                for (at, character) in group.char_indices() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth > 0 => depth -= 1,
                        ',' | '}' if depth == 0 => {
                            found.push(name(&group[start..at]));
                            start = at + 1;
                        }
                        _ => {}
                    }
                }
            }
            None => found.push(name(rest)),
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn names_after_crate_are_found() {
    assert_eq!(named_modules("use crate::yaml::{self, Node};"), ["yaml"]);
    assert_eq!(
        named_modules("use crate::{load::Repo, tree::{self, Tree}, world};"),
        ["load", "tree", "world"]
    );
    assert_eq!(named_modules("let a = crate::model::f(crate::yaml::g());"), ["model", "yaml"]);
    assert!(named_modules("use super::args::Args;").is_empty());
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let mut wrong = Vec::new();
    let mut edges = 0;
    for file in sources().iter().filter(|file| file.path != "lib.rs") {
        let module = file.module();
        let own = rank(module)
            .unwrap_or_else(|| panic!("src/{}: `{module}` has no place in the order", file.path));
        for (line, code) in file.code() {
            for used in named_modules(code) {
                edges += 1;
                let Some(other) = rank(&used) else {
                    wrong.push(format!("src/{}:{line}: `{used}` has no place", file.path));
                    continue;
                };
                if used != module && other >= own {
                    wrong.push(format!("src/{}:{line}: `{module}` uses `{used}`", file.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(edges > 100, "only {edges} uses were found: the test reads nothing");
}

#[test]
fn no_path_climbs_out_of_its_module() {
    // `super::` in a top module and `super::super::` below one would pass by the order.
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test()) {
        let depth = file.path.matches('/').count();
        let is_module_file = file.path.ends_with("/mod.rs") || depth == 0;
        let inside = if is_module_file { depth.saturating_sub(1) } else { depth };
        let climb = "super::".repeat(inside + 1);
        for (line, code) in file.code() {
            if code.contains(&climb) {
                wrong.push(format!("src/{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_world_reaches_outside() {
    const OUTSIDE: [&str; 10] = [
        "std::fs",
        "std::env",
        "std::process",
        "std::time",
        "std::net",
        ".is_dir()",
        ".is_file()",
        ".canonicalize()",
        ".read_dir()",
        "SystemTime",
    ];
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !["world", "main"].contains(&file.module())) {
        for (line, code) in file.code() {
            // A length of time is only a number.
            let code = code.replace("std::time::Duration", "");
            let names_std = code.contains("use std::{");
            if names_std || OUTSIDE.iter().any(|outside| code.contains(outside)) {
                wrong.push(format!("src/{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_live_reaches_clusters() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| file.module() != "live") {
        for (line, code) in file.code() {
            let names = |library: &str| code.contains(&format!("{library}::"));
            if ["kube", "tokio", "futures", "k8s_openapi"].into_iter().any(names) {
                wrong.push(format!("src/{}:{line}: {}", file.path, code.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test()) {
        let lines = file.code().count();
        if lines > 400 {
            wrong.push(format!("src/{}: {lines} lines", file.path));
        }
        if file.path == "main.rs" && lines >= 60 {
            wrong.push(format!("src/main.rs: {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_unsafe() {
    // The compiler holds what is forbidden, and no attribute in the code can allow it again.
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(fs::read_to_string(manifest).unwrap().contains("unsafe_code = \"forbid\""));
}

#[test]
fn every_file_says_what_it_is() {
    for file in sources() {
        assert!(file.text.starts_with("//! "), "src/{} has no heading", file.path);
    }
}
