//! What is to be said of a fault apart from where it was found.

use crate::check::registry::Check;
use crate::diagnostic::Severity;
use crate::diagnostic::explanation::explanations;

/// What an id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// One sentence.
    pub(super) title: String,
    /// What it means and how to mend it, where that is written down.
    pub(super) text: String,
    /// How grave a check is where settings say nothing else.
    pub(super) severity: Option<Severity>,
}

/// The rule behind an id: a check, or a finding that is none.
pub(super) fn rule(id: &str) -> Rule {
    if let Some(check) = Check::find(id) {
        let (title, text) = (format!("{}.", check.title()), check.text().to_owned());
        return Rule { title, text, severity: Some(check.level()) };
    }
    match explanations().find(|explanation| explanation.id == id) {
        Some(explanation) => {
            let title = format!("{}.", explanation.headline());
            Rule { title, text: explanation.text, severity: None }
        }
        None => {
            let title = words(id);
            Rule { text: title.clone(), title, severity: None }
        }
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
    use super::rule;

    #[test]
    fn rules_say_what_the_pages_say() {
        let known = rule("link-leaves-repository");
        assert!(known.title.starts_with("A symbolic link leads out of the repository"));
        assert!(known.text.len() > known.title.len());
        let check = rule("selector-mismatch");
        assert!(check.title.starts_with("A workload's selector does not select"));
        assert!(check.text.len() > check.title.len());
        assert_eq!(rule("port-name-wrong").title, "Port name wrong.");
    }
}
