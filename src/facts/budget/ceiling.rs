//! Why more pods than so many get no node, whatever else runs there.

use crate::facts::Place;
use crate::facts::company::HOSTNAME;

/// The most pods that get a node because of where other pods are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// How many.
    pub pods: u32,
    /// By which rule.
    pub why: Rule,
    /// Where that is written.
    pub place: Place,
    /// The most in one domain, by the label that makes domains.
    pub each: Option<(Box<str>, u32)>,
    /// Whether the rule is about pods of one revision alone.
    pub is_of_revision: bool,
}

/// A rule that bounds how many pods get a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// Each is in a domain of its own, by this label.
    Apart(Box<str>),
    /// They are spread over domains by this label, which differ by so many at most.
    Spread(Box<str>, u32),
    /// They are spread over so many domains at least, by this label, and there are but so many.
    Few(Box<str>, u32, usize),
    /// They are all in one domain, by this label.
    Together(Box<str>),
    /// They must be near pods that can be in no such domain.
    Beside(Box<str>),
    /// They must be near pods that are not there.
    Alone,
}

/// Whether a label makes each node a domain of its own.
#[must_use]
pub fn is_node(label: &str) -> bool {
    label == HOSTNAME
}

impl Ceiling {
    /// The reason in a few words, of so many pods.
    #[must_use]
    pub fn text(&self, wanted: u32) -> String {
        let pods = if wanted == 1 { "1 pod".to_owned() } else { format!("{wanted} pods") };
        let most = self.pods;
        match &self.why {
            Rule::Apart(label) if is_node(label) => {
                let nodes = if most == 1 { "node" } else { "nodes" };
                format!("{pods}, each on a node of its own, and {most} {nodes}")
            }
            Rule::Apart(label) => {
                format!("{pods}, each in a `{label}` of its own, and {most} of these")
            }
            Rule::Spread(label, skew) => {
                let what = if is_node(label) { "node" } else { label };
                format!(
                    "{pods}, at most {skew} more in one `{what}` than in another, and so room for {most}"
                )
            }
            Rule::Few(label, least, known) => {
                let what = if is_node(label) { "nodes" } else { label };
                format!(
                    "{pods}, spread over {least} `{what}` at least, and there are {known}: room for {most}"
                )
            }
            Rule::Together(label) if is_node(label) => {
                format!("{pods}, all on one node, and room for {most} on one")
            }
            Rule::Together(label) => {
                format!("{pods}, all in one `{label}`, and room for {most} in one")
            }
            Rule::Beside(label) => {
                format!("{pods}, near others by `{label}`, and room for {most} where these may be")
            }
            Rule::Alone => format!("{pods}, and the pods that must be near are not there"),
        }
    }
}
