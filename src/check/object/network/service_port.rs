//! Ports of Services.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::network::service::Nature;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::value::port;
use crate::model::Field;

const TAKEN: &str = "port-taken";

/// The ports of a Service, which only those without an address need not have.
pub(crate) fn check(spec: &Field<'_>, nature: Nature<'_>, faults: &mut Faults) {
    let count = value::count(spec, "ports");
    // Without an address there need not be ports, though the rest of it may be wrong.
    let headless = nature.headless || spec.text("clusterIP") == "None";
    if count == 0 && !headless && nature.kind != "ExternalName" {
        let message = value::needs(spec, "ports");
        faults.missing("port-missing", spec, "ports", message);
    }
    let Some(ports) = spec.get("ports") else { return };
    let mut taken = Taken::default();
    for field in ports.items() {
        service_port(&field, count > 1, faults);
        let this = Port::read(&field);
        node_port(&field, this, nature, faults);
        clash(&field, this, &mut taken, faults);
    }
}

/// What two ports of one Service may not share.
#[derive(Debug, Clone, Copy)]
struct Port<'a> {
    name: &'a str,
    protocol: &'a str,
    number: i64,
    node: i64,
}

impl<'a> Port<'a> {
    fn read(field: &Field<'a>) -> Self {
        let protocol = match field.text("protocol") {
            "" => "TCP",
            protocol => protocol,
        };
        Self {
            name: field.text("name"),
            protocol,
            number: value::number(field, "port").unwrap_or(0),
            node: value::number(field, "nodePort").unwrap_or(0),
        }
    }
}

/// `validateServicePort` of `pkg/apis/core/validation/validation.go`; the port of the pods is that
/// of the Service where it is left out.
fn service_port(field: &Field<'_>, named: bool, faults: &mut Faults) {
    port::named(field, named, faults);
    let target = field.get("targetPort").filter(|target| {
        value::number(field, "targetPort") != Some(0) && target.node.as_str() != Some("")
    });
    if let Some(target) = target {
        port::number_or_name(&target, faults);
    }
    app_protocol(field, faults);
}

/// `ValidateQualifiedName`, of the empty text too.
pub(crate) fn app_protocol(field: &Field<'_>, faults: &mut Faults) {
    let Some(protocol) = field.get("appProtocol") else { return };
    let text = field.text("appProtocol");
    if let Some(wrong) = name::qualified_name(text) {
        let message = format!("`appProtocol: {text}` {wrong}");
        faults.at("name-invalid", Reason::Invalid, &protocol, message);
    }
}

/// Which node ports there are and which are free is the cluster's.
fn node_port(field: &Field<'_>, port: Port<'_>, nature: Nature<'_>, faults: &mut Faults) {
    let Some(node_port) = field.get("nodePort").filter(|_| port.node != 0) else { return };
    match nature.kind {
        "ClusterIP" => {
            let message = "a service of `type: ClusterIP` has no `nodePort`";
            faults
                .at("service-type-mismatch", Reason::Forbidden, &node_port, message)
                .help("remove `nodePort`, or write `type: NodePort`");
        }
        // A dry run takes any number, and which are given is the cluster's choice.
        "NodePort" | "LoadBalancer" if !(30000..=32767).contains(&port.node) => {
            let message = format!("clusters have no node port {} by default", port.node);
            let fault = faults.at("node-port-unusual", Reason::Invalid, &node_port, message);
            fault.reason = None;
            fault.help("clusters give 30000 to 32767 unless they are told otherwise");
        }
        _ => {}
    }
}

/// Names and numbers that the ports of one Service have so far.
#[derive(Debug, Default)]
struct Taken<'a> {
    names: HashSet<&'a str>,
    numbers: HashSet<(&'a str, i64)>,
    nodes: HashSet<(&'a str, i64)>,
}

fn clash<'a>(field: &Field<'_>, this: Port<'a>, taken: &mut Taken<'a>, faults: &mut Faults) {
    if !this.name.is_empty()
        && !taken.names.insert(this.name)
        && let Some(name) = field.get("name")
    {
        let message = format!("port name `{}` is there twice", this.name);
        faults.at(TAKEN, Reason::Duplicate, &name, message).help("rename one of the two");
    }
    if !taken.numbers.insert((this.protocol, this.number)) {
        let message = format!("port {}/{} is there twice", this.number, this.protocol);
        faults.at(TAKEN, Reason::Duplicate, field, message).help("change or remove one of the two");
    }
    if this.node != 0
        && !taken.nodes.insert((this.protocol, this.node))
        && let Some(node_port) = field.get("nodePort")
    {
        let message = format!("node port {}/{} is there twice", this.node, this.protocol);
        faults
            .at(TAKEN, Reason::Duplicate, &node_port, message)
            .help("change one of the two, or leave the choice to the cluster");
    }
}
