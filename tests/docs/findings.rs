//! `docs/findings.md` lists every id that the sources can give, with its level, and no other.

use std::collections::BTreeSet;

use crate::{page, support};

/// Ids that are handed on as arguments: where the literal stands, and the level of the finding.
const HANDED_ON: [(&str, &str, &str); 6] = [
    ("src/load/config_file.rs", "yaml-duplicate-key", "error"),
    ("src/load/config_file.rs", "yaml-limit", "error"),
    ("src/load/config_file.rs", "yaml-syntax", "error"),
    ("src/load/config_file.rs", "config-wrong", "error"),
    ("src/render/engine.rs", "template-not-yaml", "error"),
    ("src/resolve/release.rs", "values-wrong", "error"),
];

/// Where a finding is made with an id that is not a literal.
const WITH_A_NAME: [&str; 3] =
    ["src/check/object/fault.rs", "src/config/validate.rs", "src/load/config_file.rs"];

#[test]
fn every_finding_is_listed() {
    let mut made: BTreeSet<(String, String)> = BTreeSet::new();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (path, bytes) in support::files(&support::root().join("src")) {
        let path = format!("src/{path}");
        // What is found in whole clusters and trees are checks, each with a page of its own.
        let has_pages =
            ["src/check/whole/", "src/check/tree/"].iter().any(|room| path.starts_with(room))
                && path != "src/check/whole/mod.rs";
        if !path.ends_with(".rs") || path == "src/diagnostic/mod.rs" || has_pages {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        for (constructor, level) in [("error", "error"), ("warning", "warning"), ("info", "note")] {
            for (at, call) in text.match_indices(&format!("Finding::{constructor}(")) {
                let argument = text[at + call.len()..].trim_start();
                match argument.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                    Some((id, _)) => {
                        made.insert((id.to_owned(), level.to_owned()));
                    }
                    None => {
                        named.insert(path.clone());
                    }
                }
            }
        }
        for (_, id, level) in HANDED_ON.iter().filter(|(file, ..)| *file == path) {
            assert!(text.contains(&format!("\"{id}\"")), "{path} has `{id}` no more");
            made.insert(((*id).to_owned(), (*level).to_owned()));
        }
    }
    assert!(
        named.iter().map(String::as_str).eq(WITH_A_NAME),
        "findings with an id that is no literal: {named:?}"
    );
    let page = page("findings.md");
    let rows: Vec<(String, String)> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
            let (id, level) = (cells.next()?.strip_suffix('`')?, cells.next()?);
            Some((id.to_owned(), level.to_owned()))
        })
        .collect();
    let listed: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), listed.len(), "docs/findings.md lists an id twice");
    let missing: Vec<_> = made.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&made).collect();
    assert!(missing.is_empty(), "docs/findings.md lacks {missing:?}");
    assert!(gone.is_empty(), "docs/findings.md lists what no source gives: {gone:?}");
}
