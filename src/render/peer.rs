//! Whom a release talks to, as its app declares.

use minijinja::value::Value as JinjaValue;

use super::{Scope, expression};
use crate::config::PortRef;
use crate::diagnostic::Finding;
use crate::load::{App, Repo};
use crate::source::Span;
use crate::yaml::Node;

/// Another app that the pods of a release talk to.
#[derive(Debug, Clone)]
pub struct DeclaredPeer {
    /// The other app.
    pub app: String,
    /// The port of its Service, where one is named.
    pub port: Option<u16>,
    /// Where the app is named.
    pub span: Span,
}

/// The apps that a release talks to under its values. What begins elsewhere is left out.
pub(super) fn declared(
    repo: &Repo,
    scope: &Scope,
    app: &App,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Vec<DeclaredPeer> {
    let written = app.node.get("peers").and_then(Node::as_seq).unwrap_or_default();
    let mut peers = Vec::new();
    for (node, peer) in written.iter().zip(app.spec.peers.iter().flatten()) {
        if !expression::holds(scope, node.get("when"), context, findings) {
            continue;
        }
        let (Some(name), None) = (&peer.app, &peer.from) else { continue };
        let named = |port: &str| repo.apps.get(name)?.spec.ports.as_ref()?.get(port).copied();
        let port = match &peer.port {
            Some(PortRef::Number(number)) => Some(*number),
            Some(PortRef::Name(port)) => named(port),
            None => None,
        };
        let span = node.get("app").map_or(node.span, |app| app.span);
        peers.push(DeclaredPeer { app: name.clone(), port, span });
    }
    peers
}
