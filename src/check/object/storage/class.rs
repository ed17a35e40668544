//! Claims of volumes, and the classes and drivers behind them.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::storage::persistent_volume::{access_modes, driver_name};
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::check::object::value::{self, count, number, required};
use crate::model::Field;
use crate::model::Quantity;

pub(crate) use super::persistent_volume::check as persistent_volume;

const CLAIM: &str = "volume-claim-invalid";
const NAME: &str = "name-invalid";
const PROVISIONER: &str = "provisioner-invalid";
const POLICY: &str = "volume-policy-invalid";
const SOURCE: &str = "data-source-invalid";
const PARAMETERS: &str = "class-parameters-invalid";
const TOPOLOGY: &str = "topology-invalid";
const DRIVER: &str = "csi-driver-invalid";

/// `ValidatePersistentVolumeClaim` of `pkg/apis/core/validation/validation.go`
pub(crate) fn persistent_volume_claim(object: &Field<'_>, faults: &mut Faults) {
    claim(object, false, faults);
}

/// A claim, or a StatefulSet's template of one.
pub(crate) fn claim(object: &Field<'_>, of_template: bool, faults: &mut Faults) {
    match object.get("spec") {
        Some(spec) => claim_spec(&spec, of_template, faults),
        None => {
            faults.missing("spec-missing", object, "spec.accessModes", "`spec` is missing");
        }
    }
}

/// `ValidatePersistentVolumeClaimSpec`, for claims and the templates of claims.
pub(crate) fn claim_spec(spec: &Field<'_>, of_template: bool, faults: &mut Faults) {
    access_modes(spec, faults);
    if let Some(found) = spec.get("selector") {
        selector::check(&found, faults);
    }
    claimed_size(spec, faults);
    value::form(NAME, spec, "storageClassName", name::dns_subdomain, faults);
    value::form(NAME, spec, "volumeAttributesClassName", name::dns_subdomain, faults);
    value::word(POLICY, spec, "volumeMode", &["Block", "Filesystem"], faults);
    data_sources(spec, of_template, faults);
}

fn claimed_size(spec: &Field<'_>, faults: &mut Faults) {
    let requests = spec.node.get("resources").and_then(|resources| resources.get("requests"));
    let Some(size) = requests.and_then(|requests| requests.get("storage")) else {
        let message = "a claim needs `resources.requests.storage`";
        faults.missing(CLAIM, spec, "resources[storage]", message);
        return;
    };
    if value::quantity(size).is_some_and(|size| size <= Quantity::ZERO)
        && let Some(resources) = spec.get("resources")
        && let Some(requests) = resources.get("requests")
        && let Some((_, size)) = requests.entries().find(|(name, _)| *name == "storage")
    {
        let message = "the claimed `storage` must be above zero";
        let fault = faults.at(CLAIM, Reason::Invalid, &size, message);
        fault.path = format!("{resources}[storage]");
    }
}

/// What `PrepareForCreate` of claims leaves of the sources, and what is then wrong with them.
fn data_sources(spec: &Field<'_>, of_template: bool, faults: &mut Faults) {
    let reference = spec.get("dataSourceRef").filter(|reference| {
        // `CrossNamespaceVolumeDataSource` is off: the server drops the reference.
        reference.text("namespace").is_empty()
    });
    // The server drops a source that is neither a claim nor a snapshot when it stands alone, in
    // claims but not in their templates.
    let source = spec.get("dataSource").filter(|source| {
        let known = matches!(
            (source.text("apiGroup"), source.text("kind")),
            ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
        );
        known || of_template || reference.is_some()
    });
    for source in source.iter().chain(reference.iter()) {
        required(SOURCE, source, "name", faults);
        required(SOURCE, source, "kind", faults);
        let (group, kind) = (source.text("apiGroup"), source.text("kind"));
        if group.is_empty() && !kind.is_empty() && kind != "PersistentVolumeClaim" {
            let message = format!("a `{kind}` as the source of data needs its `apiGroup`");
            faults.at(SOURCE, Reason::Invalid, source, message);
        }
        // Not looked at before 1.29.
        if faults.since(29) {
            value::form(SOURCE, source, "apiGroup", name::dns_subdomain, faults);
        }
    }
    if let (Some(source), Some(reference)) = (source, reference) {
        let differs =
            ["apiGroup", "kind", "name"].iter().any(|n| source.text(n) != reference.text(n));
        if differs {
            let message = "`dataSource` and `dataSourceRef` must be the same";
            let fault = faults.at(SOURCE, Reason::Invalid, &source, message);
            fault.path = spec.to_string();
            fault.help("keep `dataSourceRef`");
        }
    }
}

/// `ValidateStorageClass` of `pkg/apis/storage/validation/validation.go`
pub(crate) fn storage_class(object: &Field<'_>, faults: &mut Faults) {
    provisioner(object, "provisioner", faults);
    parameters(object, faults);
    value::word_or_empty(POLICY, object, "reclaimPolicy", &["Delete", "Retain"], faults);
    let modes = ["Immediate", "WaitForFirstConsumer"];
    value::word(POLICY, object, "volumeBindingMode", &modes, faults);
    let Some(topologies) = object.get("allowedTopologies") else { return };
    for term in topologies.items() {
        topology(&term, faults);
    }
    let mut terms = HashSet::new();
    for term in topologies.items() {
        let said = topology_of(&term);
        // The server takes a term without expressions for one that it has already seen.
        if said.is_empty() || !terms.insert(said) {
            let message = format!("`{term}` says what an earlier term says");
            let fault = faults.at(TOPOLOGY, Reason::Duplicate, &term, message);
            fault.path = format!("{term}.matchLabelExpressions");
        }
    }
}

/// `validateProvisioner`
fn provisioner(object: &Field<'_>, name: &str, faults: &mut Faults) {
    let Some(text) = required(PROVISIONER, object, name, faults) else { return };
    if let (Some(wrong), Some(field)) = (name::qualified_name(&name::lower(text)), object.get(name))
    {
        faults.at(PROVISIONER, Reason::Invalid, &field, format!("`{name}: {text}` {wrong}"));
    }
}

/// `validateParameters`
fn parameters(object: &Field<'_>, faults: &mut Faults) {
    const MOST: usize = 512;
    const BYTES: usize = 256 << 10;
    let Some(parameters) = object.get("parameters") else { return };
    if count(object, "parameters") > MOST {
        let message = format!("`parameters` has more than {MOST} entries");
        faults.at(PARAMETERS, Reason::TooLong, &parameters, message);
        return;
    }
    let mut size = 0;
    for (key, value) in parameters.entries() {
        size += key.len() + value.node.as_str().map_or(0, str::len);
        if key.is_empty() {
            let message = "the key of a parameter may not be empty";
            faults.entry(PARAMETERS, Reason::Invalid, &parameters, &value, message);
        }
    }
    if size > BYTES {
        let message = format!("`parameters` has {size} bytes, more than {BYTES}");
        faults.at(PARAMETERS, Reason::TooLong, &parameters, message);
    }
}

/// `ValidateTopologySelectorTerm`
fn topology(term: &Field<'_>, faults: &mut Faults) {
    let Some(expressions) = term.get("matchLabelExpressions") else { return };
    let mut keys: Vec<&str> = Vec::new();
    for expression in expressions.items() {
        value::required_items(TOPOLOGY, &expression, "values", faults);
        if let Some(values) = expression.get("values") {
            duplicates(TOPOLOGY, &values, faults);
        }
        let key = expression.text("key");
        if let Some(wrong) = name::qualified_name(key) {
            let message = format!("key `{key}` {wrong}");
            value::at_or_under(TOPOLOGY, Reason::Invalid, &expression, "key", message, faults);
        }
        if let (true, Some(field)) = (keys.contains(&key), expression.get("key")) {
            let message = format!("key `{key}` is there before");
            faults.at(TOPOLOGY, Reason::Duplicate, &field, message);
        }
        keys.push(key);
    }
}

/// The keys and values of a term, whatever their order.
fn topology_of<'a>(term: &Field<'a>) -> Vec<(&'a str, Vec<&'a str>)> {
    let Some(expressions) = term.node.get("matchLabelExpressions") else { return Vec::new() };
    let items = expressions.as_seq().unwrap_or_default().iter();
    let mut all: Vec<(&str, Vec<&str>)> = items
        .map(|item| {
            let key = item.get("key").and_then(|key| key.as_str()).unwrap_or_default();
            let values = item.get("values").and_then(|values| values.as_seq()).unwrap_or_default();
            let mut values: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
            values.sort_unstable();
            (key, values)
        })
        .collect();
    all.sort_unstable();
    all
}

/// Texts of a list that were there before.
fn duplicates(id: &'static str, list: &Field<'_>, faults: &mut Faults) {
    let mut seen: HashSet<&str> = HashSet::new();
    for item in list.items() {
        let text = item.node.as_str().unwrap_or_default();
        if seen.contains(&text) {
            faults.at(id, Reason::Duplicate, &item, format!("`{text}` is there twice"));
        }
        seen.insert(text);
    }
}

/// `ValidateVolumeAttributesClass`
pub(crate) fn attributes_class(object: &Field<'_>, faults: &mut Faults) {
    provisioner(object, "driverName", faults);
    value::required_items(PARAMETERS, object, "parameters", faults);
    parameters(object, faults);
}

/// `ValidateCSIDriver`
pub(crate) fn csi_driver(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    let policies = ["ReadWriteOnceWithFSType", "File", "None"];
    value::word(DRIVER, &spec, "fsGroupPolicy", &policies, faults);
    if let Some(modes) = spec.get("volumeLifecycleModes") {
        for mode in modes.items() {
            let text = mode.node.as_str().unwrap_or_default();
            if !matches!(text, "Persistent" | "Ephemeral") {
                let message = format!("`{text}` is no mode of a volume's life");
                faults
                    .entry(DRIVER, Reason::NotSupported, &modes, &mode, message)
                    .help("write `Persistent` or `Ephemeral`");
            }
        }
    }
    let period = "nodeAllocatableUpdatePeriodSeconds";
    value::range(DRIVER, &spec, period, 10..=i64::MAX, faults);
    token_requests(&spec, faults);
}

/// `validateTokenRequests` and `validateServiceAccountTokenInSecrets`
fn token_requests(spec: &Field<'_>, faults: &mut Faults) {
    if let Some(field) = spec.get("serviceAccountTokenInSecrets")
        && count(spec, "tokenRequests") == 0
    {
        let message = "`serviceAccountTokenInSecrets` needs `tokenRequests`";
        faults.at(DRIVER, Reason::Invalid, &field, message);
    }
    let Some(requests) = spec.get("tokenRequests") else { return };
    let mut audiences: Vec<&str> = Vec::new();
    for request in requests.items() {
        let audience = request.text("audience");
        if audiences.contains(&audience) {
            let message = format!("audience `{audience}` is there before");
            value::at_or_under(DRIVER, Reason::Duplicate, &request, "audience", message, faults);
            continue;
        }
        audiences.push(audience);
        if number(&request, "expirationSeconds").is_some() {
            value::range(DRIVER, &request, "expirationSeconds", 600..=1 << 32, faults);
        }
    }
}

/// `ValidateCSINode`
pub(crate) fn csi_node(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    let Some(drivers) = spec.get("drivers") else { return };
    let mut names: HashSet<&str> = HashSet::new();
    for driver in drivers.items() {
        let name = required(DRIVER, &driver, "name", faults).unwrap_or_default();
        driver_name(DRIVER, &driver, "name", faults);
        if let (true, Some(field)) = (names.contains(&name), driver.get("name")) {
            let message = format!("driver `{name}` is there before");
            faults.at(DRIVER, Reason::Duplicate, &field, message);
        }
        names.insert(name);
        let id = required(DRIVER, &driver, "nodeID", faults).unwrap_or_default();
        if let (true, Some(field)) = (id.len() > 256, driver.get("nodeID")) {
            let message = "`nodeID` is longer than 256 characters";
            faults.at(DRIVER, Reason::Invalid, &field, message);
        }
        if let Some(allocatable) = driver.get("allocatable") {
            value::range(DRIVER, &allocatable, "count", 0..=i64::MAX, faults);
        }
        if let Some(keys) = driver.get("topologyKeys") {
            for key in keys.items() {
                let text = key.node.as_str().unwrap_or_default();
                if let Some(wrong) = name::qualified_name(text) {
                    let message = format!("topology key `{text}` {wrong}");
                    faults.at(TOPOLOGY, Reason::Invalid, &key, message).path = driver.to_string();
                }
            }
            let before = faults.found.len();
            duplicates(TOPOLOGY, &keys, faults);
            for fault in &mut faults.found[before..] {
                fault.path = driver.to_string();
            }
        }
    }
}
