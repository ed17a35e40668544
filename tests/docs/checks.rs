//! `docs/checks.md`: the tables between its markers are made from the registry.

use std::fmt::Write as _;
use std::fs;

use gitopsc::check::registry::{CHECKS, Group};

use crate::{page, support};

#[test]
fn every_check_is_listed_with_its_page() {
    let found = page("checks.md");
    let (begin, end) = ("<!-- generated: checks -->\n", "<!-- end: checks -->\n");
    let (before, rest) = found.split_once(begin).expect("the marker");
    let (_, after) = rest.split_once(end).expect("the marker");
    let expected = format!("{before}{begin}{}{end}{after}", tables());
    if expected == found {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(support::root().join("docs/checks.md"), expected).unwrap();
    } else {
        panic!("docs/checks.md is stale: run `UPDATE_DOCS=1 cargo test --test docs`");
    }
}

/// A table for each group.
fn tables() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let _ = write!(
            text,
            "\n### `{}`\n\n| Check | Level | What is wrong |\n| --- | --- | --- |\n",
            group.as_str()
        );
        for check in CHECKS.iter().filter(|check| check.group == group) {
            let (id, level) = (check.id, check.level().as_str());
            let title = check.title().replace('|', "\\|");
            let _ = writeln!(text, "| [{id}](checks/{id}.md) | {level} | {title} |");
        }
    }
    text.push('\n');
    text
}
