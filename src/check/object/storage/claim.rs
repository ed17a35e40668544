//! The claims that ephemeral volumes make.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::storage::class;
use crate::check::object::value;
use crate::model::Field;
use crate::yaml::{Node, Value};

const ID: &str = "volume-claim-invalid";

/// The template of an ephemeral volume's claim: `ValidatePersistentVolumeClaimTemplate` of
/// `pkg/apis/core/validation/validation.go`.
pub(crate) fn template(template: &Field<'_>, faults: &mut Faults) {
    if let Some(metadata) = template.get("metadata") {
        template_metadata(&metadata, faults);
    }
    match template.get("spec") {
        Some(spec) => class::claim_spec(&spec, true, faults),
        None => {
            value::missing(ID, template, "spec", faults);
        }
    }
}

/// `ValidateTemplateObjectMeta` of the same file
pub(crate) fn template_metadata(metadata: &Field<'_>, faults: &mut Faults) {
    metadata::labels_and_annotations(metadata, faults);
    for (name, field) in metadata.fields() {
        if !["labels", "annotations"].contains(&name) && is_set(field.node) {
            let message = format!("the template of a claim has no `metadata.{name}`");
            faults
                .at_key(ID, Reason::Forbidden, &field, message)
                .help("only `labels` and `annotations` are taken over");
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
