//! What drivers of storage write, and people seldom: capacities and attachments.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::storage::persistent_volume::driver_name;
use crate::check::object::value;
use crate::check::object::value::{name, selector};
use crate::model::Field;

const CAPACITY: &str = "storage-capacity-invalid";
const ATTACHMENT: &str = "volume-attachment-invalid";

/// `ValidateCSIStorageCapacity` of `pkg/apis/storage/validation/validation.go`
pub(crate) fn storage_capacity(object: &Field<'_>, faults: &mut Faults) {
    if let Some(topology) = object.get("nodeTopology") {
        selector::check(&topology, faults);
    }
    const CLASS: &str = "storageClassName";
    value::form_needed(CAPACITY, object, CLASS, name::dns_subdomain, faults);
    let negative = |field: &Field<'_>| {
        value::quantity(field.node).is_some_and(|amount| amount < crate::model::Quantity::ZERO)
    };
    if let Some(field) = object.get("capacity").filter(negative) {
        let message = "`capacity` must not be negative";
        faults.at(CAPACITY, Reason::Invalid, &field, message);
    }
}

/// `ValidateVolumeAttachment` of the same file
pub(crate) fn volume_attachment(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing(ATTACHMENT, object, "spec.attacher", "`spec` is missing");
        return;
    };
    value::required(ATTACHMENT, &spec, "attacher", faults);
    driver_name(ATTACHMENT, &spec, "attacher", faults);
    value::form_needed(ATTACHMENT, &spec, "nodeName", name::dns_subdomain, faults);
    let source = spec.get("source");
    let has = |name| source.as_ref().is_some_and(|source| value::has(source, name));
    match (has("inlineVolumeSpec"), has("persistentVolumeName")) {
        (false, false) => {
            let message = "`source` needs `persistentVolumeName` or `inlineVolumeSpec`";
            value::at_or_under(
                ATTACHMENT,
                Reason::Required,
                &spec,
                "source",
                message.into(),
                faults,
            );
        }
        (true, true) => {
            let message = "`source` may hold one of `persistentVolumeName` and `inlineVolumeSpec`";
            value::at_or_under(
                ATTACHMENT,
                Reason::Forbidden,
                &spec,
                "source",
                message.into(),
                faults,
            );
        }
        _ => {}
    }
    if let Some(source) = source
        && value::has(&source, "persistentVolumeName")
    {
        let rule = name::dns_subdomain;
        value::text_of_form(ATTACHMENT, &source, "persistentVolumeName", rule, faults);
    }
}
