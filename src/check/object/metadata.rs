//! What every object's metadata must be: `ValidateObjectMeta` of
//! `k8s.io/apimachinery/pkg/api/validation/objectmeta.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::{self, name};
use crate::model::Field;

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

/// `ValidateNonnegativeField`, for kinds whose generation the server does not set itself.
pub(crate) fn generation(object: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    if let Some(field) = metadata.get("generation")
        && value::number(&metadata, "generation").is_some_and(|number| number < 0)
    {
        faults
            .at("number-out-of-range", Reason::Invalid, &field, "the generation is below 0")
            .help("leave `generation` out: the server counts it");
    }
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
        // `GenerateName` of `k8s.io/apiserver/pkg/storage/names/generate.go`
        let base: String = generated.chars().take(58).collect();
        if let Some(field) = metadata.get("generateName").filter(|_| !generated.is_empty())
            && let Some(wrong) = rule(&format!("{base}x5gng"))
        {
            let message = format!("a name generated from `{generated}` {wrong}");
            let fault = faults.at("name-invalid", Reason::Invalid, &field, message);
            fault.path = format!("{metadata}.name");
        }
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
        if let Some(wrong) = name::qualified_name(&name::lower(key)) {
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
    const ID: &str = "finalizer-invalid";
    const STANDARD: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];
    let Some(finalizers) = metadata.get("finalizers") else { return };
    let mut texts = Vec::new();
    for finalizer in finalizers.items() {
        let text = finalizer.node.as_str().unwrap_or_default();
        texts.push(text);
        if let Some(wrong) = name::qualified_name(text) {
            let message = format!("finalizer `{text}` {wrong}");
            faults.entry(ID, Reason::Invalid, &finalizers, &finalizer, message);
        }
        if native && !text.contains('/') && !STANDARD.contains(&text) {
            let message =
                format!("finalizer `{text}` must have the domain of its owner before a `/`");
            faults.at(ID, Reason::Invalid, &finalizer, message);
        }
    }
    if ["orphan", "foregroundDeletion"].iter().all(|both| texts.contains(both)) {
        let message = "`orphan` and `foregroundDeletion` exclude each other";
        faults.at_key(ID, Reason::Invalid, &finalizers, message);
    }
}

/// `ValidateOwnerReferences`. The server leaves the index out of its paths.
fn owners(metadata: &Field<'_>, faults: &mut Faults) {
    let Some(owners) = metadata.get("ownerReferences") else { return };
    // The same owner again is dropped beforehand: `dedupOwnerReferencesAndAddWarning`.
    let controls: Vec<_> =
        owners.items().filter(|owner| value::is_true(owner, "controller")).collect();
    let differ = |owner: &Field<'_>| {
        let texts = ["apiVersion", "kind", "name", "uid"];
        texts.iter().any(|name| owner.text(name) != controls[0].text(name))
            || value::is_true(owner, "blockOwnerDeletion")
                != value::is_true(&controls[0], "blockOwnerDeletion")
    };
    if controls.iter().any(differ) {
        let message = "only one of the owners may have `controller: true`";
        faults
            .at("owner-invalid", Reason::Invalid, &owners, message)
            .help("leave `controller: true` at one of them");
    }
    for owner in owners.items() {
        // `ParseGroupVersion` reads none from this.
        let version = owner.text("apiVersion");
        let unversioned = version.matches('/').count() > 1 || version.ends_with('/');
        let has = |name: &str| match name {
            "apiVersion" if unversioned => false,
            _ => !owner.text(name).is_empty(),
        };
        for name in ["apiVersion", "kind", "name", "uid"].into_iter().filter(|name| !has(name)) {
            let message = format!("an owner reference needs `{name}`");
            let fault = faults.at("owner-invalid", Reason::Invalid, &owner, message);
            // The server leaves out which one.
            fault.path = format!("{owners}.{name}");
        }
        if version == "v1" && owner.text("kind") == "Event" {
            let message = "an Event owns nothing";
            faults.entry("owner-invalid", Reason::Invalid, &owners, &owner, message);
        }
    }
}
