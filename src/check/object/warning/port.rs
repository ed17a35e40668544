//! Ports of a pod's containers that are in each other's way.

use std::collections::HashMap;

use crate::check::object::fault::Faults;
use crate::check::object::pod::container::is_sidecar;
use crate::check::object::value::number;
use crate::model::Field;

/// The first port of a pod with some number and protocol on some address of the node.
struct First {
    container: usize,
    path: String,
}

/// `warningsForPodSpecAndMeta` of `pkg/api/pod/warnings.go`, for ports of different containers. Of
/// one container, the list has the key twice; init containers that end are gone when the next one
/// begins, though the server counts them too.
pub(super) fn overlapping(spec: &Field<'_>, faults: &mut Faults) {
    let mut seen: HashMap<(i64, String), HashMap<(i64, String), First>> = HashMap::new();
    let lists = ["initContainers", "containers", "ephemeralContainers"].map(|name| spec.get(name));
    let containers = lists.iter().flatten().flat_map(Field::items);
    let first_running = lists[0].iter().flat_map(Field::items).count();
    for (index, container) in containers.enumerate() {
        if index < first_running && !is_sidecar(&container) {
            continue;
        }
        let Some(ports) = container.get("ports") else { continue };
        for port in ports.items() {
            let protocol = match port.text("protocol") {
                "" => "TCP",
                protocol => protocol,
            };
            let open = number(&port, "containerPort").unwrap_or(0);
            let host = number(&port, "hostPort").unwrap_or(0);
            let address = port.text("hostIP");
            let others = seen.entry((open, protocol.to_owned())).or_default();
            let clash = others.iter().find(|((other, other_address), first)| {
                let same = *other == host && other_address == address;
                let unclear = *other == host && other_address.is_empty() != address.is_empty();
                first.container != index && (same || host == 0 || *other == 0 || unclear)
            });
            if let Some((_, first)) = clash {
                let first = &first.path;
                let message = format!("port {open}/{protocol} is that of `{first}` too");
                faults
                    .warn("port-overlapping", &port, message)
                    .help("containers of a pod share its address: give each port to one of them");
            }
            others
                .entry((host, address.to_owned()))
                .or_insert_with(|| First { container: index, path: port.to_string() });
        }
    }
}
