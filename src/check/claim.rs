//! What a claim for storage asks: of claims of their own, of ephemeral volumes, of StatefulSets.

use super::fault::{Faults, Reason};
use super::field::Field;
use super::{expect, metadata, name, resource, selector};
use crate::model::Quantity;
use crate::yaml::{Node, Value};

const ID: &str = "claim-invalid";

/// The template of an ephemeral volume's claim: `ValidatePersistentVolumeClaimTemplate` of
/// `pkg/apis/core/validation/validation.go`.
pub(super) fn template(template: &Field<'_>, faults: &mut Faults) {
    if let Some(metadata) = template.get("metadata") {
        metadata::labels_and_annotations(&metadata, faults);
        for (name, field) in metadata.fields() {
            if !["labels", "annotations"].contains(&name) && is_set(field.node) {
                let message = format!("the template of a claim has no `metadata.{name}`");
                faults
                    .at_key(ID, Reason::Forbidden, &field, message)
                    .help("only `labels` and `annotations` are taken over");
            }
        }
    }
    match template.get("spec") {
        Some(spec) => self::spec(&spec, faults),
        None => {
            expect::missing(ID, template, "spec", faults);
        }
    }
}

/// Whether Go would find anything but the zero value.
fn is_set(node: &Node) -> bool {
    match &node.value {
        Value::Null | Value::Int(0) => false,
        Value::String(text) => !text.is_empty(),
        Value::Map(map) => !map.is_empty(),
        _ => true,
    }
}

/// `ValidatePersistentVolumeClaimSpec`
pub(super) fn spec(spec: &Field<'_>, faults: &mut Faults) {
    access_modes(spec, faults);
    if let Some(found) = spec.get("selector") {
        selector::check(&found, faults);
    }
    storage(spec, faults);
    expect::form(ID, spec, "storageClassName", name::dns_subdomain, faults);
    expect::form(ID, spec, "volumeAttributesClassName", name::dns_subdomain, faults);
    expect::choice(spec, "volumeMode", &["Filesystem", "Block"], faults);
    let source = spec.get("dataSource");
    let reference = spec.get("dataSourceRef");
    for source in [&source, &reference].into_iter().flatten() {
        data_source(source, faults);
    }
    if let (Some(source), Some(reference)) = (source, reference) {
        let same = |name| source.text(name) == reference.text(name);
        if !["apiGroup", "kind", "name"].into_iter().all(same) {
            let message = "`dataSource` and `dataSourceRef` are not the same";
            faults.at_key(ID, Reason::Invalid, &source, message).help("keep `dataSourceRef` alone");
        }
    }
}

fn access_modes(spec: &Field<'_>, faults: &mut Faults) {
    const ALONE: &str = "ReadWriteOncePod";
    const KNOWN: [&str; 4] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", ALONE];
    let modes = spec.get("accessModes").filter(|modes| modes.items().next().is_some());
    let Some(modes) = modes else {
        expect::missing(ID, spec, "accessModes", faults).help("write `[ReadWriteOnce]`");
        return;
    };
    for mode in modes.items() {
        if !mode.node.as_str().is_some_and(|mode| KNOWN.contains(&mode)) {
            expect::unsupported(&mode, "accessModes", &KNOWN, faults);
        }
    }
    let alone = |mode: &Field<'_>| mode.node.as_str() == Some(ALONE);
    if modes.items().any(|mode| alone(&mode)) && !modes.items().all(|mode| alone(&mode)) {
        let message = format!("`{ALONE}` does not go with other access modes");
        faults.at_key(ID, Reason::Forbidden, &modes, message);
    }
}

fn storage(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "resources.requests.storage";
    let Some(node) = spec.node.pointer("/resources/requests/storage") else {
        let message = "a claim needs `resources.requests.storage`";
        faults.missing(ID, spec, NAME, message).help("say how much storage, as in `10Gi`");
        return;
    };
    if resource::amount(node).is_some_and(|amount| amount <= Quantity::ZERO)
        && let Some(resources) = spec.get("resources")
        && let Some(requests) = resources.get("requests")
    {
        let message = "a claim must ask for more than 0 bytes";
        let found = requests.entries().find(|(name, _)| *name == "storage");
        let (_, field) = found.unwrap_or(("", requests));
        faults.at(ID, Reason::Invalid, &field, message);
    }
}

/// `validateDataSource` and `validateDataSourceRef`
fn data_source(source: &Field<'_>, faults: &mut Faults) {
    for name in ["name", "kind"] {
        expect::text(ID, source, name, faults);
    }
    expect::form(ID, source, "apiGroup", name::dns_subdomain, faults);
    let kind = source.text("kind");
    if source.text("apiGroup").is_empty() && kind != "PersistentVolumeClaim" {
        let message = format!("a {kind} as source of data needs `apiGroup`");
        faults.at(ID, Reason::Invalid, source, message);
    }
}
