//! Links between files of the repository lead to files, and to headings, that exist.

use std::fs;

use crate::support::{files, root};

#[test]
fn links_lead_somewhere() {
    let mut pages: Vec<String> =
        files(&root().join("docs")).into_keys().map(|path| format!("docs/{path}")).collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned));
    let mut broken = Vec::new();
    let mut followed = 0;
    for page in pages.iter().filter(|page| page.ends_with(".md")) {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let directory = root().join(page).parent().unwrap().to_owned();
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            followed += 1;
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root().join(page) } else { directory.join(path) };
            let found = target.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&target).is_ok_and(|text| has_heading(&text, heading)));
            if !found {
                broken.push(format!("{page}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(followed > 20, "only {followed} links");
}

/// The targets of all links outside fenced blocks.
fn links(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if !fenced {
            let after = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
            found.extend(after.filter_map(|rest| rest.split_once(')').map(|(link, _)| link)));
        }
    }
    found
}

/// Whether a page has a heading that is linked to by this name, as code forges make it.
fn has_heading(text: &str, name: &str) -> bool {
    text.lines().filter(|line| line.starts_with('#')).any(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().replace(' ', "-") == name
    })
}
