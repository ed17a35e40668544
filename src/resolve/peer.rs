//! What apps say of each other: a peer must exist and serve the port that is named.

use crate::config::{Peer, PortRef, pointer_span};
use crate::diagnostic::{Finding, suggest};
use crate::load::{App, Repo};

/// Compares the peers of every app with the apps that they name.
pub(super) fn check(repo: &Repo, findings: &mut Vec<Finding>) {
    for app in repo.apps.values() {
        for (index, peer) in app.spec.peers.iter().flatten().enumerate() {
            findings.extend(judge(repo, app, index, peer));
        }
    }
}

fn judge(repo: &Repo, app: &App, index: usize, peer: &Peer) -> Option<Finding> {
    let place = |field: &str| pointer_span(&app.node, &format!("/peers/{index}/{field}"));
    let named = [&peer.app, &peer.host, &peer.external].into_iter().flatten().count();
    if named != 1 {
        return Some(
            Finding::error("peer-wrong", "a peer is one of `app`, `host` and `external`")
                .at(pointer_span(&app.node, &format!("/peers/{index}")), "")
                .help("name whom the app talks to, once"),
        );
    }
    let name = peer.app.as_ref()?;
    let Some(other) = repo.apps.get(name) else {
        let known = repo.apps.values().filter(|known| !known.built_in);
        let finding = Finding::error("app-unknown", format!("there is no app `{name}`"))
            .at(place("app"), "named as a peer");
        return Some(match suggest(name, known.map(|known| known.name.as_str())) {
            Some(help) => finding.help(help),
            None => finding,
        });
    };
    let port = peer.port.as_ref()?;
    let ports = other.spec.ports.as_ref();
    let served = match port {
        PortRef::Name(name) => ports.is_some_and(|ports| ports.contains_key(name)),
        PortRef::Number(number) => ports.is_some_and(|ports| ports.values().any(|p| p == number)),
    };
    if served || other.broken {
        return None;
    }
    let shown = match port {
        PortRef::Name(name) => name.clone(),
        PortRef::Number(number) => number.to_string(),
    };
    let known: Vec<_> = ports.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let finding = Finding::error("port-unknown", format!("`{name}` serves no port `{shown}`"))
        .at(place("port"), "named as a peer's port")
        .at(pointer_span(&other.node, "/ports"), "what it serves");
    Some(match suggest(&shown, known.iter().copied()) {
        Some(help) => finding.help(help),
        None => finding,
    })
}
