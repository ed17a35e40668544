//! What every object's metadata must be: `ValidateObjectMeta` of
//! `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use crate::check::fault::{Faults, Reason};
use crate::check::field::Field;
use crate::check::value::{self, name};

/// Bytes that all annotations of an object may have together: `TotalAnnotationSizeLimitB`.
const ANNOTATIONS: usize = 256 << 10;

/// How a kind's objects are named.
pub(crate) type NameRule = fn(&str) -> Option<&'static str>;

/// Checks the metadata of an object. `native` kinds refuse finalizers that nobody owns.
pub(crate) fn check(
    object: &Field<'_>,
    namespaced: bool,
    native: bool,
    rule: NameRule,
    faults: &mut Faults,
) {
    let Some(metadata) = object.get("metadata") else {
        let missing = "`metadata.name` is missing";
        faults.missing("name-missing", object, "metadata.name", missing);
        return;
    };
    if metadata.node.as_map().is_none() {
        return;
    }
    object_name(&metadata, rule, faults);
    if namespaced
        && let Some(namespace) = metadata.get("namespace")
        && let Some(wrong) =
            namespace.node.as_str().filter(|text| !text.is_empty()).and_then(name::dns_label)
    {
        let message = format!("namespace `{}` {wrong}", metadata.text("namespace"));
        faults.at("name-invalid", Reason::Invalid, &namespace, message);
    }
    labels_and_annotations(&metadata, faults);
    finalizers(&metadata, native, faults);
    owners(&metadata, faults);
}

fn object_name(metadata: &Field<'_>, rule: NameRule, faults: &mut Faults) {
    let generated = metadata.text("generateName");
    if !generated.is_empty() {
        let judged = name::beginning(generated);
        if let (Some(wrong), Some(field)) = (rule(&judged), metadata.get("generateName")) {
            let message = format!("`generateName: {generated}` {wrong}");
            faults.at("name-invalid", Reason::Invalid, &field, message);
        }
    }
    let text = metadata.text("name");
    if text.is_empty() {
        if generated.is_empty()
            && metadata.get("name").is_none_or(|name| name.node.as_str().is_some())
        {
            faults.missing("name-missing", metadata, "name", "`metadata.name` is missing");
        }
        return;
    }
    if let (Some(wrong), Some(field)) = (rule(text), metadata.get("name")) {
        let fault =
            faults.at("name-invalid", Reason::Invalid, &field, format!("name `{text}` {wrong}"));
        fault.help = similar(text, rule).map(|name| format!("write `{name}`"));
    }
}

/// A name like one that is refused.
fn similar(name: &str, rule: NameRule) -> Option<String> {
    let plain = |keep: char| -> String {
        let lower = name.chars().map(|c| c.to_ascii_lowercase());
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == keep;
        lower.map(|c| if good(c) { c } else { '-' }).collect()
    };
    ['.', '-']
        .map(|keep| plain(keep).trim_matches(['-', '.']).to_owned())
        .into_iter()
        .find(|name| rule(name).is_none())
}

/// Labels and annotations of an object or of the template of its pods.
pub(crate) fn labels_and_annotations(metadata: &Field<'_>, faults: &mut Faults) {
    if let Some(found) = metadata.get("labels") {
        labels(&found, faults);
    }
    let Some(annotations) = metadata.get("annotations") else { return };
    let mut size = 0;
    for (key, value) in annotations.entries() {
        size += key.len() + value.node.as_str().map_or(0, str::len);
        if let Some(wrong) = name::qualified_name(&key.to_lowercase()) {
            faults.entry(
                "annotation-invalid",
                Reason::Invalid,
                &annotations,
                &value,
                format!("annotation `{key}` {wrong}"),
            );
        }
    }
    if size > ANNOTATIONS {
        let message = format!("the annotations have {size} bytes, more than {ANNOTATIONS}");
        faults.at_key("annotation-invalid", Reason::TooLong, &annotations, message);
    }
}

/// `ValidateLabels` of `k8s.io/apimachinery/pkg/apis/meta/v1/validation`.
pub(crate) fn labels(labels: &Field<'_>, faults: &mut Faults) {
    for (key, value) in labels.entries() {
        if let Some(wrong) = name::qualified_name(key) {
            let message = format!("label `{key}` {wrong}");
            faults.entry("label-invalid", Reason::Invalid, labels, &value, message);
        }
        if let Some((text, wrong)) =
            value.node.as_str().and_then(|text| Some((text, name::label_value(text)?)))
        {
            let message = format!("value `{text}` of label `{key}` {wrong}");
            faults.entry("label-invalid", Reason::Invalid, labels, &value, message);
        }
    }
}

fn finalizers(metadata: &Field<'_>, native: bool, faults: &mut Faults) {
    const STANDARD: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
    let Some(finalizers) = metadata.get("finalizers") else { return };
    for finalizer in finalizers.items() {
        // For the server null is the empty text.
        let text = finalizer.node.as_str().unwrap_or_default();
        let wrong = name::qualified_name(text).or_else(|| {
            let owned = !native || text.contains('/') || STANDARD.contains(&text);
            (!owned).then_some("must have the domain of its owner before a `/`")
        });
        if let Some(wrong) = wrong {
            let message = format!("finalizer `{text}` {wrong}");
            faults.at("finalizer-invalid", Reason::Invalid, &finalizer, message);
        }
    }
}

/// `ValidateOwnerReferences`. The server leaves the index out of its paths.
fn owners(metadata: &Field<'_>, faults: &mut Faults) {
    const ID: &str = "owner-invalid";
    let Some(owners) = metadata.get("ownerReferences") else { return };
    let mut controllers = 0;
    for owner in owners.items() {
        for name in ["apiVersion", "kind", "name", "uid"] {
            let text = owner.text(name);
            let message = if text.is_empty() {
                format!("an owner reference needs `{name}`")
            } else if name == "apiVersion" && (text.matches('/').count() > 1 || text.ends_with('/'))
            {
                format!("`apiVersion: {text}` is no version")
            } else {
                continue;
            };
            let fault = value::at_or_under(ID, Reason::Invalid, &owner, name, message, faults);
            fault.path = format!("{owners}.{name}");
        }
        if owner.text("apiVersion") == "v1" && owner.text("kind") == "Event" {
            let message = "an Event cannot own an object";
            faults.at(ID, Reason::Invalid, &owner, message).path = owners.to_string();
        }
        let Some(field) = owner.get("controller").filter(|_| value::is_true(&owner, "controller"))
        else {
            continue;
        };
        controllers += 1;
        if controllers > 1 {
            let fault = faults.at(ID, Reason::Invalid, &field, "an object has one controller");
            fault.path = owners.to_string();
            fault.help("leave `controller: true` at one of its owners");
        }
    }
}
