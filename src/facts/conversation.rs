//! Conversations that apps declare.

use crate::render::Rendered;
use crate::resolve::Environment;
use crate::source::Span;

/// A conversation that an app declares: what runs it talks to what runs another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Where it begins: what objects of the one app belong to.
    pub from: Box<str>,
    /// Where it leads: what objects of the other belong to.
    pub to: Box<str>,
    /// The namespace where it leads to a chart, whose pods nobody sees.
    pub chart: Option<Box<str>>,
    /// The port of a Service there, where one is named.
    pub port: Option<u16>,
    /// Where it is declared.
    pub span: Span,
}

/// The conversations of an environment. Which of several releases of one app is meant, nobody says.
pub(super) fn all(environment: &Environment, rendered: &[Rendered]) -> Vec<Conversation> {
    let mut all = Vec::new();
    for (from, output) in environment.releases.iter().zip(rendered) {
        for peer in &output.peers {
            let mut named =
                environment.releases.iter().zip(rendered).filter(|(to, _)| to.app == peer.app);
            if let (Some((to, made)), None) = (named.next(), named.next()) {
                let chart = made.chart.is_some().then(|| to.namespace.as_str().into());
                let (from, to) = (from.name.as_str().into(), to.name.as_str().into());
                all.push(Conversation { from, to, chart, port: peer.port, span: peer.span });
            }
        }
    }
    all
}
