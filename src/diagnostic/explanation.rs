//! What findings mean that are no checks: the tables of `docs/findings.md`, which are the one text
//! of them.

/// The book's page of findings.
const PAGE: &str = include_str!("../../docs/findings.md");

/// One row of the tables.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// Names the fault.
    pub id: &'static str,
    /// `error`, `warning` or `note`.
    pub level: &'static str,
    /// Meaning and cure, without the links of the page.
    pub text: String,
}

impl Explanation {
    /// The first sentence, without its period.
    #[must_use]
    pub fn headline(&self) -> &str {
        let end = self.text.find(". ").unwrap_or(self.text.len());
        self.text[..end].trim_end_matches('.')
    }
}

/// Every row, in the order of the page.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    PAGE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.splitn(3, " | ");
        let id = cells.next()?.strip_suffix('`')?;
        let (level, text) = (cells.next()?, cells.next()?);
        let text = text.trim_end_matches('|').trim_end();
        Some(Explanation { id, level, text: without_links(text) })
    })
}

/// `[words](target)` as `words`: a terminal follows no links.
fn without_links(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let Some((open, (_, end))) = before.rfind('[').zip(after.split_once(')')) else { break };
        kept.push_str(&before[..open]);
        kept.push_str(&before[open + 1..]);
        rest = end;
    }
    kept + rest
}
