//! What is to be said of a fault apart from where it was found.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The page that lists the findings; a row is `| id | level | meaning and cure |`.
const PAGE: &str = include_str!("../../docs/findings.md");

/// What an id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// One sentence.
    pub(super) title: String,
    /// What it means and how to mend it, where that is written down.
    pub(super) text: String,
}

/// The rule behind an id.
pub(super) fn rule(id: &str) -> Rule {
    static TEXTS: LazyLock<HashMap<&str, String>> = LazyLock::new(|| rows().collect());
    match TEXTS.get(id) {
        Some(text) => Rule { title: first_sentence(text).to_owned(), text: text.clone() },
        None => {
            let title = words(id);
            Rule { text: title.clone(), title }
        }
    }
}

fn rows() -> impl Iterator<Item = (&'static str, String)> {
    PAGE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix(" |")?.splitn(3, " | ");
        let id = cells.next()?.strip_suffix('`')?;
        Some((id, without_links(cells.nth(1)?)))
    })
}

/// `[text](target)` as `text`: the targets are relative to the page.
fn without_links(markdown: &str) -> String {
    let mut out = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once('[') {
        let parts = link.split_once("](").and_then(|(text, tail)| {
            let (_, after) = tail.split_once(')')?;
            Some((text, after))
        });
        let Some((text, after)) = parts else { break };
        out.push_str(before);
        out.push_str(text);
        rest = after;
    }
    out + rest
}

fn first_sentence(text: &str) -> &str {
    match text.find(". ") {
        Some(end) => &text[..=end],
        None => text,
    }
}

/// `port-name-wrong` as `Port name wrong.`
fn words(id: &str) -> String {
    let mut characters = id.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", characters.as_str().replace('-', " "))
}

#[cfg(test)]
mod tests {
    use super::{rule, without_links};

    #[test]
    fn rules_say_what_the_page_of_findings_says() {
        let known = rule("link-leaves-repository");
        assert!(known.title.starts_with("A symbolic link leads out of the repository"));
        assert!(known.text.len() > known.title.len());
        assert_eq!(rule("port-name-wrong").title, "Port name wrong.");
        assert_eq!(without_links("a [b](c.md#d) e [f] g"), "a b e [f] g");
    }
}
