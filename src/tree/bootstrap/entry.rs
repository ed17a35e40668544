//! The way in, where the environment states one.

use std::fmt::Write as _;

use crate::config::Entry;
use crate::render::Rendered;
use crate::resolve::Environment;
use crate::yaml::{Node, Value};

/// Writes it; nothing where there is nothing to say.
pub(super) fn write(text: &mut String, environment: &Environment, rendered: &[Rendered]) {
    let mut ways = String::new();
    node_ports(&mut ways, environment, rendered);
    if let Some(entry) = &environment.spec.entry {
        chain(&mut ways, environment, entry);
        port_forwards(&mut ways, entry);
    }
    if !ways.is_empty() {
        let _ = write!(text, "\n## 6. The way in\n{ways}");
    }
}

/// Services of type NodePort, at the address of a node that is known.
fn node_ports(text: &mut String, environment: &Environment, rendered: &[Rendered]) {
    let nodes = environment.spec.nodes.iter().flatten();
    let address = nodes.filter_map(|(_, node)| node.as_ref()?.address.as_deref()).next();
    let mut rows = String::new();
    let services = rendered.iter().flat_map(|output| &output.manifests);
    for service in services.filter(|one| one.key.group_kind.kind == "Service") {
        let ports = service.node.pointer("/spec/ports").and_then(Node::as_seq).unwrap_or_default();
        for port in ports {
            let Some(Value::Int(number)) = port.get("nodePort").map(|port| &port.value) else {
                continue;
            };
            let place =
                address.map_or_else(|| "any node".to_owned(), |a| format!("http://{a}:{number}"));
            let _ = writeln!(
                rows,
                "| `{}` in `{}` | {number} | {place} |",
                service.key.name, service.key.namespace
            );
        }
    }
    if !rows.is_empty() {
        let _ = write!(
            text,
            "\nServices on the port of every node:\n\n| Service | port | at |\n| --- | --- | --- |\n{rows}"
        );
    }
}

/// Router and reverse proxy.
fn chain(text: &mut String, environment: &Environment, entry: &Entry) {
    let hosts = entry.hosts.clone().unwrap_or_default();
    let host = |name: &str| match hosts.get(name).cloned().flatten() {
        Some(address) => format!("{name} ({address})"),
        None => name.to_owned(),
    };
    let forwards = entry.router.as_ref().and_then(|router| router.forwards.clone());
    if let Some(forwards) = forwards {
        text.push_str(
            "\nOn the router, forward:\n\n| port | to | its port |\n| --- | --- | --- |\n",
        );
        for forward in forwards {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                forward.port,
                host(&forward.host),
                forward.target_port.unwrap_or(forward.port)
            );
        }
    }
    if let Some(proxy) = &entry.reverse_proxy {
        let on = proxy.host.as_deref().map(host).unwrap_or_default();
        let _ = write!(
            text,
            "\nOn {on}, let the reverse proxy pass on:\n\n| host name | to |\n| --- | --- |\n"
        );
        for (_, rule) in proxy.rules.iter().flatten() {
            let Some(rule) = rule else { continue };
            let port = rule.port.map(|port| format!(":{port}")).unwrap_or_default();
            let to = rule.address.as_deref().unwrap_or_default();
            let assigned = environment.assigned_address(to).unwrap_or(to);
            let host = rule.host.as_deref().unwrap_or_default();
            let _ = writeln!(text, "| {host} | {assigned}{port} |");
        }
    }
}

fn port_forwards(text: &mut String, entry: &Entry) {
    let forwards = entry.port_forwards.iter().flatten();
    for (name, forward) in forwards.filter_map(|(name, forward)| Some((name, forward.as_ref()?))) {
        let (Some(namespace), Some(service), Some(port)) =
            (&forward.namespace, &forward.service, forward.port)
        else {
            continue;
        };
        let local = forward.local_port.unwrap_or(port);
        let _ = write!(
            text,
            "\n`{name}` on http://localhost:{local}:\n\n\
             ```console\n$ kubectl --namespace {namespace} port-forward service/{service} {local}:{port}\n```\n"
        );
    }
}
