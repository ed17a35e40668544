//! CustomResourceDefinitions.

use std::collections::HashSet;

use crate::check::object::custom::format::is_known;
use crate::check::object::fault::Faults;
use crate::model::Field;

/// Since when the server warns, in minor versions of Kubernetes 1.
const SINCE: u32 = 34;

/// `getUnrecognizedFormatsInCRD` of
/// `k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go`; a format is
/// named once, where it stands first.
pub(super) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec").filter(|_| faults.since(SINCE)) else { return };
    let Some(versions) = spec.get("versions") else { return };
    let mut said = HashSet::new();
    for version in versions.items() {
        let Some(schema) = version.get("schema") else { continue };
        if let Some(root) = schema.get("openAPIV3Schema") {
            formats(&root, &mut said, faults);
        }
    }
}

fn formats(schema: &Field<'_>, said: &mut HashSet<(String, String)>, faults: &mut Faults) {
    let (kind, format) = (schema.text("type"), schema.text("format"));
    if let Some(field) = schema.get("format")
        && !format.is_empty()
        && !is_known(kind, format, faults.minor())
        && said.insert((kind.to_owned(), format.to_owned()))
    {
        let of = if kind.is_empty() { String::new() } else { format!(" of type `{kind}`") };
        let message = format!("the server knows no format `{format}`{of}");
        faults
            .warn("schema-format-unknown", &field, message)
            .help("leave `format` out, or say the same by `pattern`, `minimum` and `maximum`");
    }
    for name in ["items", "additionalProperties", "not"] {
        if let Some(child) = schema.get(name).filter(|child| child.node.as_map().is_some()) {
            formats(&child, said, faults);
        }
    }
    for name in ["allOf", "anyOf", "oneOf"] {
        if let Some(list) = schema.get(name) {
            list.items().for_each(|item| formats(&item, said, faults));
        }
    }
    if let Some(properties) = schema.get("properties") {
        properties.entries().for_each(|(_, child)| formats(&child, said, faults));
    }
}
