//! `gitopsc explain`.

use std::io::Write;

use anyhow::bail;
use serde_json::{Value, json};

use super::Streams;
use super::args::Args;
use super::output::write_all;
use crate::check::registry::{CHECKS, Check};
use crate::diagnostic::explanation::{Explanation, explanations};
use crate::diagnostic::suggest;
use crate::policy::{Selector, why_fixed};

/// Prints the page of a check, the row of another finding, or a list.
pub(super) fn run(
    args: &Args,
    name: Option<&str>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let Some(name) = name else {
        return list(args, CHECKS.iter().collect(), explanations().collect(), streams);
    };
    if let Some(check) = Check::find(name) {
        return page(args, check, streams);
    }
    let rows: Vec<_> = explanations().filter(|row| row.id == name).collect();
    if !rows.is_empty() {
        return row(args, &rows, streams);
    }
    if let Some(start) = name.strip_suffix('*').filter(|start| !start.is_empty()) {
        let checks: Vec<_> = CHECKS.iter().filter(|check| check.id.starts_with(start)).collect();
        let rows: Vec<_> = explanations().filter(|row| row.id.starts_with(start)).collect();
        if checks.is_empty() && rows.is_empty() {
            bail!("no finding begins with `{start}`; `gitopsc explain` lists them");
        }
        return list(args, checks, rows, streams);
    }
    match name.parse::<Selector>() {
        Ok(selector) => list(args, selector.checks().collect(), Vec::new(), streams),
        Err(why) => {
            // The nearest of all findings, not only of checks.
            let known: Vec<_> = CHECKS
                .iter()
                .map(|check| check.id)
                .chain(explanations().map(|row| row.id))
                .collect();
            let several = format!("{name}-");
            if known.iter().any(|id| id.starts_with(&several)) {
                bail!("there is no finding `{name}`; did you mean `{several}*`?");
            }
            match suggest(name, known).filter(|hint| hint.starts_with("did")) {
                Some(hint) => bail!("there is no finding `{name}`; {hint}"),
                None => bail!("{why}"),
            }
        }
    }
}

fn page(args: &Args, check: &Check, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let human = |stream: &mut dyn Write, _| Ok(writeln!(stream, "{}", check.page.trim_end())?);
    write_all(args, streams, human, || {
        json!({
            "version": 1,
            "id": check.id,
            "group": check.group.as_str(),
            "level": check.level().as_str(),
            "title": check.title(),
            "text": check.text(),
            "examples": {
                "wrong": check.wrong().collect::<Vec<_>>(),
                "right": check.right().collect::<Vec<_>>(),
            },
        })
    })?;
    Ok(0)
}

/// A finding that is no check: one row, or one for each of its levels.
fn row(args: &Args, rows: &[Explanation], streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let human = |stream: &mut dyn Write, _| {
        writeln!(stream, "# {}", rows[0].id)?;
        for row in rows {
            let (first, rest) = row.level.split_at(1);
            writeln!(stream, "\n{}{rest}: {}", first.to_uppercase(), row.text)?;
        }
        if let Some(why) = why_fixed(rows[0].id) {
            writeln!(stream, "\nIt has no level of its own and cannot be silenced: {why}.")?;
        }
        Ok(())
    };
    write_all(args, streams, human, || {
        let levels: Vec<_> = rows.iter().map(|row| row.level).collect();
        let texts: Vec<_> = rows.iter().map(|row| row.text.as_str()).collect();
        json!({
            "version": 1,
            "id": rows[0].id,
            "group": Value::Null,
            "level": if levels.contains(&"error") { "error" } else { levels[0] },
            "title": Value::Null,
            "text": texts.join("\n\n"),
            "examples": {"wrong": [], "right": []},
        })
    })?;
    Ok(0)
}

/// Checks, and other findings, with level and headline.
fn list(
    args: &Args,
    checks: Vec<&Check>,
    others: Vec<Explanation>,
    streams: &mut Streams<'_>,
) -> anyhow::Result<u8> {
    let human = |stream: &mut dyn Write, _| {
        let ids = checks.iter().map(|check| check.id).chain(others.iter().map(|other| other.id));
        let width = ids.map(str::len).max().unwrap_or_default();
        for check in &checks {
            writeln!(
                stream,
                "{:width$}  {:7}  {}",
                check.id,
                check.level().as_str(),
                check.title()
            )?;
        }
        if !others.is_empty() {
            let gap = if checks.is_empty() { "" } else { "\n" };
            writeln!(
                stream,
                "{gap}Findings that are no checks, of files, configuration, templates and the tree:\n"
            )?;
        }
        for other in &others {
            writeln!(stream, "{:width$}  {:7}  {}", other.id, other.level, other.headline())?;
        }
        Ok(())
    };
    write_all(args, streams, human, || {
        let checks = checks.iter().map(|check| {
            let (group, level) = (check.group.as_str(), check.level().as_str());
            json!({"id": check.id, "group": group, "level": level, "title": check.title()})
        });
        let others = others.iter().map(|other| {
            json!({"id": other.id, "group": Value::Null, "level": other.level, "title": other.headline()})
        });
        json!({"version": 1, "checks": checks.collect::<Vec<_>>(), "findings": others.collect::<Vec<_>>()})
    })?;
    Ok(0)
}
