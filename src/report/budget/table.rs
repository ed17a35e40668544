//! Tables for terminals and for Markdown.

use std::io::{self, Write};

/// A table.
#[derive(Debug)]
pub struct Table {
    /// What it shows.
    pub title: &'static str,
    /// The heads of its columns; what stands in a column whose head begins with `>` is a number.
    pub head: &'static [&'static str],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Writes it with aligned columns.
    ///
    /// # Errors
    ///
    /// Where nothing can be written.
    pub fn human(&self, stream: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let heads: Vec<&str> = self.head.iter().map(|head| head.trim_start_matches('>')).collect();
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.chain([heads[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        writeln!(stream, "{}", self.title)?;
        let mut write = |cells: &[&str]| {
            let mut line = String::new();
            for (column, cell) in cells.iter().enumerate() {
                let pad = " ".repeat(widths[column] - cell.chars().count());
                let cell = match self.head[column].starts_with('>') {
                    true => format!("{pad}{cell}"),
                    false => format!("{cell}{pad}"),
                };
                line.push_str("  ");
                line.push_str(&cell);
            }
            writeln!(stream, "{}", line.trim_end())
        };
        write(&heads)?;
        for row in &self.rows {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            write(&row)?;
        }
        writeln!(stream)
    }

    /// Writes it as Markdown.
    ///
    /// # Errors
    ///
    /// Where nothing can be written.
    pub fn markdown(&self, stream: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(stream, "### {}\n", self.title)?;
        let heads: Vec<&str> = self.head.iter().map(|head| head.trim_start_matches('>')).collect();
        writeln!(stream, "| {} |", heads.join(" | "))?;
        let rule = |head: &&str| if head.starts_with('>') { "--:" } else { "---" };
        writeln!(stream, "| {} |", self.head.iter().map(rule).collect::<Vec<_>>().join(" | "))?;
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            writeln!(stream, "| {} |", cells.join(" | "))?;
        }
        writeln!(stream)
    }
}
