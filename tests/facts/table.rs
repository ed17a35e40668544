//! The table of facts: `tests/facts/<environment>.md`, one fact a row.

use std::{fs, path::Path};

/// One fact.
pub(crate) struct Row {
    /// `<environment>/<name>`.
    pub(crate) id: String,
    /// The environment that it is about.
    pub(crate) environment: String,
    /// The heading that it stands below.
    pub(crate) section: String,
    /// What the reference document says, in its words.
    pub(crate) says: String,
    /// Where it shows: see `query.rs`.
    pub(crate) source: String,
    /// What is asked for there.
    pub(crate) query: String,
    /// What has to be found.
    pub(crate) expected: String,
}

/// All rows of the tables in this folder.
pub(crate) fn rows(folder: &Path) -> Vec<Row> {
    let mut tables: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{folder:?}: {e}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_stem().is_some_and(|name| name != "README"))
        .collect();
    tables.sort();
    tables.iter().flat_map(|path| table(path)).collect()
}

fn table(path: &Path) -> Vec<Row> {
    let environment = path.file_stem().and_then(|name| name.to_str()).expect("a name in UTF-8");
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let mut section = String::new();
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(heading) = line.strip_prefix('#') {
            section = heading.trim_start_matches('#').trim().to_owned();
        }
        let cells = cells(line);
        let rule = cells.iter().all(|cell| cell.chars().all(|c| c == '-'));
        if !line.starts_with('|') || rule || cells.first().is_some_and(|cell| cell == "id") {
            continue;
        }
        let Ok([id, says, source, query, expected]) = <[String; 5]>::try_from(cells) else {
            panic!("{}:{}: a row has five cells", path.display(), number + 1);
        };
        rows.push(Row {
            id: format!("{environment}/{id}"),
            environment: environment.to_owned(),
            section: section.clone(),
            says,
            source,
            query: code(&query),
            expected: code(&expected),
        });
    }
    rows
}

/// The cells of a row; `\|` within one is a `|` of its text.
fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|');
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let mut cells = vec![String::new()];
    let mut characters = inner.chars().peekable();
    while let Some(c) = characters.next() {
        let cell = cells.last_mut().expect("one at least");
        match c {
            '\\' if characters.peek() == Some(&'|') => cell.extend(characters.next()),
            '|' => cells.push(String::new()),
            _ => cell.push(c),
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The text between backticks, or all of it.
fn code(cell: &str) -> String {
    let inner = cell.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inner.unwrap_or(cell).to_owned()
}
