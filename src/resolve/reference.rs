//! Names by which an environment refers to what it declares elsewhere.

use super::{CLUSTER_LAYER, Environment};
use crate::config::pointer_span;
use crate::diagnostic::{Finding, suggest};
use crate::load::Repo;
use crate::source::Span;
use crate::yaml::{Key, Map, Node};

/// The priority classes that every cluster has
/// (`scheduling.SystemPriorityClasses` of Kubernetes).
const SYSTEM_CLASSES: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

/// The entries of a field that is a map.
pub(super) fn entries<'n>(
    node: &'n Node,
    field: &str,
) -> impl Iterator<Item = (&'n Key, &'n Node)> {
    node.get(field).and_then(Node::as_map).into_iter().flat_map(Map::iter)
}

/// The place at a pointer, or the start of the environment's own file where the place lies in the
/// built-in defaults, which nobody can edit.
pub(super) fn own_span(repo: &Repo, environment: &Environment, pointer: &str) -> Span {
    let span = pointer_span(&environment.node, pointer);
    if span.file == repo.defaults { Span::new(environment.file, 0..0) } else { span }
}

/// Every name that stands for nothing.
pub(super) fn check(repo: &Repo, environment: &Environment, findings: &mut Vec<Finding>) {
    let mut judge = Judge { repo, environment, findings };
    judge.layers_of_namespaces();
    judge.priority_classes();
    judge.entry();
    judge.externals();
}

struct Judge<'a, 'f> {
    repo: &'a Repo,
    environment: &'a Environment,
    findings: &'f mut Vec<Finding>,
}

/// A kind of name, and where an environment declares what it stands for.
struct Declared {
    finding: fn(String) -> Finding,
    what: &'static str,
    pointer: &'static str,
}

impl<'a> Judge<'a, '_> {
    fn layers_of_namespaces(&mut self) {
        let declared = Declared {
            finding: |message| Finding::error("layer-unknown", message),
            what: "layer",
            pointer: "/layers",
        };
        let mut known = self.keys("layers");
        known.push(CLUSTER_LAYER);
        for (_, namespace) in entries(&self.environment.node, "namespaces") {
            self.names(&declared, namespace.get("layer"), &known);
        }
    }

    fn priority_classes(&mut self) {
        let declared = Declared {
            finding: |message| Finding::error("priority-class-unknown", message),
            what: "priority class",
            pointer: "/priorityClasses",
        };
        let mut known = self.keys("priorityClasses");
        known.extend(SYSTEM_CLASSES);
        for release in &self.environment.releases {
            let footprint =
                self.repo.apps.get(&release.app).and_then(|a| a.spec.footprint.as_ref());
            let made = footprint.and_then(|footprint| footprint.priority_classes.as_ref());
            known.extend(made.into_iter().flatten().map(String::as_str));
        }
        for (_, layer) in entries(&self.environment.node, "layers") {
            self.names(&declared, layer.get("priorityClass"), &known);
        }
    }

    fn entry(&mut self) {
        let Some(entry) = self.environment.node.get("entry") else { return };
        let declared = Declared {
            finding: |message| Finding::error("host-unknown", message),
            what: "machine",
            pointer: "/entry/hosts",
        };
        let hosts: Vec<_> = entries(entry, "hosts").map(|(key, _)| &*key.name).collect();
        let forwards = entry.pointer("/router/forwards").and_then(Node::as_seq);
        for forward in forwards.into_iter().flatten() {
            self.names(&declared, forward.get("host"), &hosts);
        }
        let Some(proxy) = entry.get("reverseProxy") else { return };
        self.names(&declared, proxy.get("host"), &hosts);
        let releases = self.keys("apps");
        let declared = Declared {
            finding: |message| Finding::error("release-unknown", message),
            what: "release",
            pointer: "/apps",
        };
        let assigned = Declared {
            finding: |message| Finding::error("address-unknown", message),
            what: "assigned address",
            pointer: "/pools",
        };
        let pools = entries(&self.environment.node, "pools");
        let addresses: Vec<_> = pools
            .flat_map(|(_, pool)| entries(pool, "assigned"))
            .map(|(key, _)| &*key.name)
            .collect();
        for (key, rule) in entries(proxy, "rules") {
            self.name(&declared, &key.name, key.span, &releases);
            let address = rule.get("address");
            let is_address = |node: &&Node| super::form::is_address(node.as_str().unwrap_or(""));
            self.names(&assigned, address.filter(|node| !is_address(node)), &addresses);
        }
    }

    /// What the apps that run here say of the services outside. A peer with a condition may be one
    /// that other environments have.
    fn externals(&mut self) {
        let declared = Declared {
            finding: |message| Finding::error("external-unknown", message),
            what: "external service",
            pointer: "/externals",
        };
        let known = self.keys("externals");
        let apps = self.environment.releases.iter().filter_map(|r| self.repo.apps.get(&r.app));
        for app in apps {
            let peers = app.node.get("peers").and_then(Node::as_seq);
            for peer in peers.into_iter().flatten().filter(|peer| peer.get("when").is_none()) {
                self.names(&declared, peer.get("external"), &known);
            }
        }
    }

    fn keys(&self, field: &str) -> Vec<&'a str> {
        entries(&self.environment.node, field).map(|(key, _)| &*key.name).collect()
    }

    fn names(&mut self, declared: &Declared, name: Option<&Node>, known: &[&str]) {
        if let Some((node, name)) = name.and_then(|node| Some((node, node.as_str()?))) {
            self.name(declared, name, node.span, known);
        }
    }

    fn name(&mut self, declared: &Declared, name: &str, span: Span, known: &[&str]) {
        if known.contains(&name) {
            return;
        }
        let Declared { finding, what, pointer } = *declared;
        let field = pointer[1..].replace('/', ".");
        let finding = finding(format!("there is no {what} `{name}`"))
            .at(span, "named here")
            .at(own_span(self.repo, self.environment, pointer), format!("`{field}` declares them"));
        self.findings.push(match suggest(name, known.iter().copied()) {
            Some(help) => finding.help(help),
            None => finding.help(format!("declare it under `{field}`")),
        });
    }
}
