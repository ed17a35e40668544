//! The facts of the reference systems, read from the rendered trees.
//!
//! `facts/<environment>.md` is the table: each row quotes what the reference document says, and names the place in the
//! tree where it has to show. `facts/mutate.rs` changes single values of the sources (`facts/mutations.rs`) and sees that
//! exactly those rows fail which should; `facts/options.rs` switches on the optional parts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "facts/copy.rs"]
mod copy;
#[path = "facts/mutate.rs"]
mod mutate;
#[path = "facts/mutations.rs"]
mod mutations;
#[path = "facts/options.rs"]
mod options;
#[path = "facts/query.rs"]
mod query;
#[path = "facts/table.rs"]
mod table;
#[path = "facts/tree.rs"]
mod tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use table::Row;
use tree::Seen;

/// This repository, or the one that `GITOPSC_FACTS_ROOT` names.
fn root() -> PathBuf {
    let named = env::var_os("GITOPSC_FACTS_ROOT");
    named.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
}

/// The table, read from its folder.
fn rows() -> Vec<Row> {
    table::rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts"))
}

/// Rows of the environments that were seen which do not hold: their ids, each with what was found instead.
fn failures(rows: &[Row], seen: &[Seen]) -> BTreeMap<String, String> {
    let seen: BTreeMap<&str, &Seen> = seen.iter().map(|seen| (seen.name(), seen)).collect();
    let mut failures = BTreeMap::new();
    for row in rows {
        let Some(seen) = seen.get(row.environment.as_str()) else { continue };
        let found = match query::ask(seen, &row.source, &row.query) {
            Ok(found) if query::holds(&found, &row.expected) => continue,
            Ok(found) => found.to_string(),
            Err(why) => why,
        };
        failures.insert(row.id.clone(), found);
    }
    failures
}

/// Failures as a person wants to read them.
fn account(rows: &[Row], failures: &BTreeMap<String, String>) -> String {
    let mut text = format!("{} of {} facts do not hold\n", failures.len(), rows.len());
    for (row, found) in rows.iter().filter_map(|row| Some((row, failures.get(&row.id)?))) {
        let Row { id, section, says, source, query, expected, .. } = row;
        let _ = write!(
            text,
            "\n{id} ({section})\n  the document: {says}\n  asked:        {source}: {query}\n  \
             expected:     {expected}\n  found:        {found}\n"
        );
    }
    text
}

#[test]
fn every_fact_shows_in_the_rendered_trees() {
    let rows = rows();
    let root = root();
    let repository = root.to_str().expect("a path in UTF-8");
    let findings = tree::json(&["build", "--check", "-o", "json", "--repo", repository]);
    let seen = tree::see(&root, &root.join("rendered"), &findings, &[]);
    let names: BTreeSet<&str> = seen.iter().map(Seen::name).collect();
    for row in &rows {
        assert!(names.contains(row.environment.as_str()), "{}: no such environment", row.id);
    }
    let failures = failures(&rows, &seen);
    assert!(failures.is_empty(), "{}", account(&rows, &failures));
}

#[test]
fn the_table_is_well_formed() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len(), "an id stands in two rows");
    assert!(rows.len() >= 150, "{} rows", rows.len());
    for row in &rows {
        assert!(!row.says.is_empty() && !row.query.is_empty(), "{}: empty cells", row.id);
    }
}
