//! Values that somebody fills in later: nothing is wrong with what they may be.

use gitopsc::facts::Extent;
use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{self, Node};

use crate::support::whole as clusters;

/// Clusters in which nothing is wrong.
const SOUND: [&str; 3] = [
    include_str!("sound.yaml"),
    include_str!("more_references.yaml"),
    include_str!("policies.yaml"),
];

const LATER: &str = "\"${{ app.later }}\"";

/// Where values stand that can be filled in: not what says what an object is.
fn values(node: &Node, found: &mut Vec<Span>) {
    if let Some(map) = node.as_map() {
        let values = map.iter().filter(|(key, _)| !["apiVersion", "kind"].contains(&&*key.name));
        values.for_each(|(_, value)| values_of(value, found));
    }
    node.as_seq().unwrap_or_default().iter().for_each(|item| values_of(item, found));
}

fn values_of(node: &Node, found: &mut Vec<Span>) {
    let is_one = node.as_map().is_none() && node.as_seq().is_none() && !node.is_null();
    if is_one { found.push(node.span) } else { values(node, found) }
}

/// What each value of a sound cluster may be is not known, one after the other: nothing is told.
#[test]
fn a_value_that_is_filled_in_later_is_no_fault() {
    let (mut count, mut wrong) = (0, Vec::new());
    for sound in SOUND {
        let mut sources = Sources::default();
        let file = sources.add("example.yaml", sound);
        let mut spans = Vec::new();
        for document in &yaml::read(file, sound).documents {
            values(document.node.as_ref().unwrap(), &mut spans);
        }
        for span in spans.iter().filter(|span| !sources.slice(**span).contains('\n')) {
            let (start, end) = (span.start as usize, span.end as usize);
            let text = format!("{}{LATER}{}", &sound[..start], &sound[end..]);
            let (found, read) = clusters::of_text(&text, Extent::Tree);
            count += 1;
            for finding in found {
                let at = finding.labels.first().map_or_else(String::new, |it| read.place(it.span));
                wrong.push(format!(
                    "{} for `{}`: {}: {} at {at}",
                    sources.place(*span),
                    sources.slice(*span),
                    finding.id,
                    finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "{count}");
}
