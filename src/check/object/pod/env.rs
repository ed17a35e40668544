//! Environment variables of containers, and the fields of pods that variables and files may show.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::{Pod, each};
use crate::check::object::pod::file_path;
use crate::check::object::pod::resource;
use crate::check::object::pod::volume::Kind;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::model::Quantity;

const NAME: &str = "env-name-invalid";
const SOURCE: &str = "env-source-invalid";
const FIELD: &str = "field-path-invalid";
pub(crate) const RESOURCE: &str = "resource-field-invalid";

/// Since when names may be anything printable: `RelaxedEnvironmentVariableValidation`.
const RELAXED: u32 = 32;

/// What `valueFrom` may hold.
const SOURCES: [&str; 5] =
    ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

/// Fields of its pod that a variable may show: `validEnvDownwardAPIFieldPathExpressions`.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a file may show: `validVolumeDownwardAPIFieldPathExpressions`.
pub(crate) const FILE_FIELDS: [&str; 5] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.annotations",
    "metadata.uid",
];

/// `ValidateEnv` and `ValidateEnvFrom` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(container: &Field<'_>, faults: &mut Faults) {
    if let Some(variables) = container.get("env") {
        variables.items().for_each(|variable| self::variable(&variable, faults));
    }
    if let Some(sources) = container.get("envFrom") {
        sources.items().for_each(|source| all_from(&sources, &source, faults));
    }
}

fn variable(variable: &Field<'_>, faults: &mut Faults) {
    let form = if faults.since(RELAXED) { variable_name } else { strict_name };
    value::text_of_form(NAME, variable, "name", form, faults);
    let Some(from) = variable.get("valueFrom") else { return };
    let sources = SOURCES.iter().filter(|source| value::has(&from, source)).count();
    let name = variable.text("name");
    if sources == 0 {
        let message = format!("`valueFrom` of variable `{name}` names no source");
        faults
            .at(SOURCE, Reason::Invalid, &from, message)
            .help("write one of `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef`");
    } else if !variable.text("value").is_empty() {
        let message = format!("variable `{name}` has both `value` and `valueFrom`");
        faults.at(SOURCE, Reason::Invalid, &from, message).help("keep one of the two");
    } else if sources > 1 {
        let message = format!("`valueFrom` of variable `{name}` names {sources} sources");
        faults.at(SOURCE, Reason::Invalid, &from, message).help("keep one of them");
    }
    if let Some(reference) = from.get("fieldRef") {
        field_ref(&reference, &ENV_FIELDS, faults);
        // `PodHostIPs`
        if let Some(field) = reference.get("fieldPath")
            && reference.text("fieldPath") == "status.hostIPs"
            && !faults.since(29)
        {
            let message = "a pod shows no `status.hostIPs` before Kubernetes 1.29";
            faults.at(FIELD, Reason::Forbidden, &field, message).help("write `status.hostIP`");
        }
    }
    if let Some(reference) = from.get("resourceFieldRef") {
        resource_field_ref(&reference, faults);
    }
    for source in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = from.get(source) {
            key_ref(&reference, faults);
        }
    }
    if let Some(reference) = from.get("fileKeyRef") {
        file_key_ref(&reference, faults);
    }
}

/// The server takes the name for the beginning of one: `validateConfigMapEnvSource`.
fn prefix(name: &str) -> Option<&'static str> {
    name::dns_subdomain(&name::beginning(name))
}

/// One item of `envFrom`. The server ascribes a wrong number of sources to the whole list.
fn all_from(list: &Field<'_>, source: &Field<'_>, faults: &mut Faults) {
    let form = if faults.since(RELAXED) { variable_name } else { strict_name };
    value::form(NAME, source, "prefix", form, faults);
    let mut sources = 0;
    for name in ["configMapRef", "secretRef"] {
        if let Some(reference) = source.get(name) {
            sources += 1;
            value::text_of_form(SOURCE, &reference, "name", prefix, faults);
        }
    }
    if sources != 1 {
        let message = match sources {
            0 => "an item of `envFrom` names no source",
            _ => "an item of `envFrom` names two sources",
        };
        faults
            .entry(SOURCE, Reason::Invalid, list, source, message)
            .help("write one of `configMapRef` and `secretRef` in each item");
    }
}

/// `IsEnvVarName` of `k8s.io/apimachinery/pkg/util/validation`
fn strict_name(name: &str) -> Option<&'static str> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    (name.is_empty() || digit || !name.bytes().all(good) || name == "." || name.starts_with(".."))
        .then_some("must be letters, digits, `-`, `_` and `.`, with no digit first, before 1.32")
}

/// `IsRelaxedEnvVarName` of `k8s.io/apimachinery/pkg/util/validation`
fn variable_name(name: &str) -> Option<&'static str> {
    let printable = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
    (!name.bytes().all(printable)).then_some("must be printable ASCII without `=`")
}

/// `validateConfigMapKeySelector` and `validateSecretKeySelector`
fn key_ref(reference: &Field<'_>, faults: &mut Faults) {
    value::form_needed(SOURCE, reference, "name", name::dns_subdomain, faults);
    value::text_of_form(SOURCE, reference, "key", name::config_key, faults);
}

/// `validateFileKeySelector`
fn file_key_ref(reference: &Field<'_>, faults: &mut Faults) {
    value::text_of_form(SOURCE, reference, "key", variable_name, faults);
    value::text_of_form(SOURCE, reference, "volumeName", name::dns_label, faults);
    value::text_of_form(SOURCE, reference, "path", file_path::no_backsteps, faults);
}

/// `validateObjectFieldSelector`, with `ConvertDownwardAPIFieldLabel` of
/// `pkg/apis/core/pods/helpers.go`
pub(crate) fn field_ref(reference: &Field<'_>, known: &[&str], faults: &mut Faults) {
    let Some(path) = value::required(FIELD, reference, "fieldPath", faults) else { return };
    let Some(field) = reference.get("fieldPath") else { return };
    if !matches!(reference.text("apiVersion"), "" | "v1") {
        let message = format!("`apiVersion: {}` is not that of pods", reference.text("apiVersion"));
        faults.at(FIELD, Reason::Invalid, &field, message).help("write `v1` or leave it out");
        return;
    }
    match subscript(path) {
        Some(("metadata.annotations", key)) => {
            label_key(&field, path, &key.to_lowercase(), faults);
        }
        Some(("metadata.labels", key)) => label_key(&field, path, key, faults),
        Some((path, _)) => {
            let message = format!("`{path}` takes no key in brackets");
            faults.at(FIELD, Reason::Invalid, &field, message);
        }
        // A name that clients sent long ago.
        None if path == "spec.host" && known.contains(&"spec.nodeName") => {}
        None if known.contains(&path) => {}
        None => {
            let map = ["metadata.labels", "metadata.annotations"].contains(&path);
            let elsewhere = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];
            let shown = [&ENV_FIELDS[..], &FILE_FIELDS, &elsewhere].concat().contains(&path);
            let reason = if shown { Reason::NotSupported } else { Reason::Invalid };
            let message = format!("a pod shows no `{path}` here");
            let fault = faults.at(FIELD, reason, &field, message);
            match map {
                true => fault.help(format!("name one key, as in `{path}['team']`")),
                false => fault.help = crate::diagnostic::suggest(path, known.iter().copied()),
            }
        }
    }
}

fn label_key(field: &Field<'_>, path: &str, key: &str, faults: &mut Faults) {
    if let Some(wrong) = name::qualified_name(key) {
        faults.at(FIELD, Reason::Invalid, field, format!("the key in `{path}` {wrong}"));
    }
}

/// `SplitMaybeSubscriptedPath` of `pkg/fieldpath/fieldpath.go`
fn subscript(path: &str) -> Option<(&str, &str)> {
    path.strip_suffix("']")?.split_once("['").filter(|(path, _)| !path.is_empty())
}

/// `validateContainerResourceFieldSelector`
pub(crate) fn resource_field_ref(reference: &Field<'_>, faults: &mut Faults) {
    const KNOWN: [&str; 6] = [
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
    ];
    let Some(resource) = value::required(RESOURCE, reference, "resource", faults) else { return };
    let huge =
        ["requests.hugepages-", "limits.hugepages-"].iter().any(|huge| resource.starts_with(huge));
    if !huge && !KNOWN.contains(&resource) {
        return value::word(value::UNKNOWN, reference, "resource", &KNOWN, faults);
    }
    divisor(reference, resource, faults);
}

/// `validateContainerResourceDivisor`
fn divisor(reference: &Field<'_>, resource: &str, faults: &mut Faults) {
    const CPU: [&str; 2] = ["1m", "1"];
    const BYTES: [&str; 13] =
        ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
    let Some(field) = reference.get("divisor") else { return };
    let Some(amount) = resource::amount(field.node).filter(|amount| *amount != Quantity::ZERO)
    else {
        return;
    };
    // The server compares the shortest form, but remembers a sign, leading zeros and an empty
    // exponent (asked of 1.36).
    let canonical = amount.to_string();
    let written = field.node.as_str().map_or(&*canonical, str::trim);
    let is_odd = written.starts_with('+')
        || (written.starts_with('0') && !written.starts_with("0.") && written.len() > 1)
        || written.ends_with("e0")
        || written.ends_with("E0");
    let said = if is_odd { written } else { &*canonical };
    let known: &[&str] = if resource.ends_with(".cpu") { &CPU } else { &BYTES };
    if !known.contains(&said) {
        let message = format!("`{resource}` cannot be divided by `{said}`");
        let known = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>();
        faults
            .at(RESOURCE, Reason::Invalid, &field, message)
            .help(format!("write one of {}", known.join(", ")));
    }
}

/// `validateFileKeyRefVolumes`
pub(crate) fn file_volumes(spec: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    each(spec, |container| {
        let Some(variables) = container.get("env") else { return };
        for variable in variables.items() {
            let Some(from) = variable.get("valueFrom") else { continue };
            let Some(reference) = from.get("fileKeyRef") else { continue };
            let name = reference.text("volumeName");
            let Some(field) = reference.get("volumeName").filter(|_| !name.is_empty()) else {
                continue;
            };
            let (reason, message) = match pod.volumes.get(name) {
                Some(Kind::EmptyDir) => continue,
                Some(_) => (Reason::Invalid, format!("volume `{name}` is no `emptyDir`")),
                None => (Reason::NotFound, format!("the pod has no volume `{name}`")),
            };
            faults.at(SOURCE, reason, &field, message);
        }
    });
}
