//! CustomResourceDefinitions besides their schemas:
//! `k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go`.

use std::collections::HashSet;

use crate::check::object::admission::webhook;
use crate::check::object::crd::schema;
use crate::check::object::crd::view;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, is_true, required};
use crate::model::Field;
use crate::yaml::{self, Node, Value};

const NAME: &str = "crd-name-invalid";
const GROUP: &str = "api-group-invalid";
const SCOPE: &str = "crd-scope-invalid";
const VERSION: &str = "crd-version-invalid";
const SCHEMA: &str = "crd-schema-missing";
const UNKNOWN: &str = "crd-unknown-fields-kept";
const CONVERSION: &str = "crd-conversion-invalid";
const APPROVAL: &str = "crd-approval-missing";

/// `ValidateCustomResourceDefinition`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing("spec-missing", object, "spec.group", "`spec` is missing");
        return;
    };
    own_name(object, &spec, faults);
    group(object, &spec, faults);
    if required(SCOPE, &spec, "scope", faults).is_some() {
        value::word(SCOPE, &spec, "scope", &["Cluster", "Namespaced"], faults);
    }
    match spec.get("names") {
        Some(found) => names(&found, faults),
        None => {
            faults.missing(NAME, &spec, "names.plural", value::needs(&spec, "names"));
        }
    }
    versions(&spec, faults);
    if let Some(field) = spec.get("preserveUnknownFields")
        && is_true(&spec, "preserveUnknownFields")
    {
        faults
            .at(UNKNOWN, Reason::Invalid, &field, "`preserveUnknownFields` may not be true")
            .help("write `x-kubernetes-preserve-unknown-fields: true` in the schema");
    }
    conversion(&spec, faults);
}

fn own_name(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let plural = spec.node.get("names").and_then(|names| names.get("plural"));
    let plural = plural.and_then(Node::as_str).unwrap_or_default();
    let wanted = format!("{plural}.{}", spec.text("group"));
    if let Some(field) = metadata.get("generateName")
        && !["", &wanted].contains(&metadata.text("generateName"))
    {
        let message = "the definition is named by its plural and group, so no name is generated";
        faults.at(NAME, Reason::Invalid, &field, message).help("remove `generateName`");
    }
    let name = metadata.text("name");
    if let Some(field) = metadata.get("name").filter(|_| !name.is_empty() && name != wanted) {
        let message = format!("the definition is named by its plural and group, not `{name}`");
        faults.at(NAME, Reason::Invalid, &field, message).help(format!("write `{wanted}`"));
    }
}

fn group(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(group) = required(GROUP, spec, "group", faults) else { return };
    let wrong =
        name::dns_subdomain(group).or_else(|| (!group.contains('.')).then_some("must have a dot"));
    if let (Some(wrong), Some(field)) = (wrong, spec.get("group")) {
        faults.at(GROUP, Reason::Invalid, &field, format!("group `{group}` {wrong}"));
    }
    let is_protected = ["k8s.io", "kubernetes.io"].iter().any(|domain| {
        group.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if is_protected {
        approval(object, faults);
    }
}

/// `validateAPIApproval`: groups of the community say who approved them.
fn approval(object: &Field<'_>, faults: &mut Faults) {
    const ANNOTATION: &str = "api-approved.kubernetes.io";
    let annotations = object.node.get("metadata").and_then(|node| node.get("annotations"));
    let said = annotations.and_then(|node| node.get(ANNOTATION)).and_then(Node::as_str);
    let said = said.unwrap_or_default();
    if said.starts_with("unapproved") {
        return;
    }
    let address = said.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty() && !rest.is_empty() && !rest.starts_with('/')
    });
    if address {
        return;
    }
    let message = format!("a group of the community needs the annotation `{ANNOTATION}`");
    let fault = faults.missing(APPROVAL, object, "metadata.annotations", message);
    fault.path = format!("metadata.annotations[{ANNOTATION}]");
    if !said.is_empty() {
        fault.reason = Some(Reason::Invalid);
    }
    fault.help("write the address of the pull request that approved it, or choose another group");
}

/// `ValidateCustomResourceDefinitionNames`
fn names(names: &Field<'_>, faults: &mut Faults) {
    required(NAME, names, "plural", faults);
    required(NAME, names, "kind", faults);
    for name in ["plural", "singular"] {
        value::form(NAME, names, name, name::dns_1035_label, faults);
    }
    let kind = names.text("kind");
    for name in ["kind", "listKind"] {
        let text = names.text(name);
        if let Some(field) = names.get(name)
            && let Some(wrong) = name::dns_1035_label(&name::lower(text))
            && !text.is_empty()
        {
            let wrong = match wrong.starts_with("must be") {
                true => "must be letters, digits and `-`, with no `-` at either end",
                false => wrong,
            };
            faults.at(NAME, Reason::Invalid, &field, format!("`{name}: {text}` {wrong}"));
        }
    }
    // Without a singular, the kind in lower case becomes it.
    if let Some(field) = names.get("listKind").filter(|_| names.text("listKind") == kind)
        && !kind.is_empty()
    {
        let message = format!("`kind` and `listKind` may not both be `{kind}`");
        faults.at(NAME, Reason::Invalid, &field, message).help(format!("write `{kind}List`"));
    }
    for name in ["shortNames", "categories"] {
        let Some(list) = names.get(name) else { continue };
        for item in list.items() {
            let text = item.node.as_str().unwrap_or_default();
            if let Some(wrong) = name::dns_1035_label(text) {
                faults.at(NAME, Reason::Invalid, &item, format!("`{text}` in `{name}` {wrong}"));
            }
        }
    }
}

fn versions(spec: &Field<'_>, faults: &mut Faults) {
    let Some(versions) = spec.get("versions") else {
        let message = "a definition needs exactly one version with `storage: true`";
        value::at_or_under(VERSION, Reason::Invalid, spec, "versions", message.into(), faults);
        return;
    };
    let mut names: HashSet<&str> = HashSet::new();
    for version in versions.items() {
        let name = version.text("name");
        if names.contains(&name) {
            let message = format!("version `{name}` is there before");
            faults.entry(VERSION, Reason::Invalid, &versions, &version, message);
        }
        names.insert(name);
        if let Some(wrong) = name::dns_1035_label(name) {
            let message = format!("version `{name}` {wrong}");
            value::at_or_under(VERSION, Reason::Invalid, &version, "name", message, faults);
        }
        deprecation(&version, faults);
    }
    let stored = versions.items().filter(|version| is_true(version, "storage")).count();
    if stored != 1 {
        let message = format!("exactly one version must have `storage: true`, not {stored}");
        faults
            .at(VERSION, Reason::Invalid, &versions, message)
            .help("state it once, for the version in which objects are kept");
    }
    parts(&versions, faults);
}

/// `validateDeprecationWarning`
fn deprecation(version: &Field<'_>, faults: &mut Faults) {
    const FIELD: &str = "deprecationWarning";
    let Some(field) = version.get(FIELD) else { return };
    let text = version.text(FIELD);
    let wrong = if !is_true(version, "deprecated") {
        "needs `deprecated: true`"
    } else if text.is_empty() {
        "may not be empty"
    } else if text.len() > 256 {
        "is longer than 256 characters"
    } else if text.chars().any(char::is_control) {
        "may not have control characters"
    } else {
        return;
    };
    faults.at(VERSION, Reason::Invalid, &field, format!("`{FIELD}` {wrong}"));
}

/// Schemas, subresources, columns and selectable fields of the versions. What all versions have in
/// common, the server looks at once, and ascribes it to the definition as a whole.
fn parts(versions: &Field<'_>, faults: &mut Faults) {
    let any_status = versions.items().any(|version| has_status(&version));
    for (part, common) in [
        ("schema", "spec.validation"),
        ("subresources", "spec.subresources"),
        ("additionalPrinterColumns", "spec.additionalPrinterColumns"),
        ("selectableFields", "spec.selectableFields"),
    ] {
        // What is missing, the server says of each version.
        let is_there = versions.items().any(|version| match part {
            "schema" => version.get(part).is_some_and(|it| it.get("openAPIV3Schema").is_some()),
            _ => version.get(part).is_some(),
        });
        let is_common = is_there && all_same(versions, part);
        for version in versions.items() {
            let before = faults.found.len();
            match part {
                "schema" => {
                    let status = if is_common { any_status } else { has_status(&version) };
                    schema(&version, status, faults);
                }
                "subresources" => view::scale(&version, faults),
                "additionalPrinterColumns" => view::columns(&version, faults),
                _ => view::selectable_fields(&version, faults),
            }
            if is_common {
                rename(faults, before, &format!("{version}.{part}"), common);
                break;
            }
        }
    }
}

/// Whether all versions have the same, for the server: what is empty is nothing.
fn all_same(versions: &Field<'_>, part: &str) -> bool {
    let mut parts = versions.items().map(|version| version.node.get(part).map(said));
    let first = parts.next();
    parts.all(|part| Some(part) == first)
}

/// A schema or its like without what is empty.
fn said(node: &Node) -> serde_json::Value {
    const MAPS: [&str; 4] = ["properties", "patternProperties", "definitions", "dependencies"];
    // Of these, even `false` is something.
    const CHOICES: [&str; 4] = [
        "default",
        "additionalItems",
        "additionalProperties",
        "x-kubernetes-preserve-unknown-fields",
    ];
    match &node.value {
        Value::Map(map) => {
            let entries = map.iter().filter(|(key, node)| match &node.value {
                Value::Null => false,
                Value::Bool(false) => CHOICES.contains(&&*key.name),
                Value::String(text) => !text.is_empty(),
                Value::Seq(items) => !items.is_empty(),
                Value::Map(map) => !map.is_empty() || !MAPS.contains(&&*key.name),
                _ => true,
            });
            entries.map(|(key, node)| (key.name.to_string(), said(node))).collect()
        }
        Value::Seq(items) => items.iter().map(said).collect(),
        _ => yaml::to_json(node),
    }
}

fn has_status(version: &Field<'_>) -> bool {
    version.get("subresources").is_some_and(|subresources| subresources.get("status").is_some())
}

fn schema(version: &Field<'_>, has_status: bool, faults: &mut Faults) {
    const SCHEMA_FIELD: &str = "schema.openAPIV3Schema";
    let found = version.get("schema");
    match found.as_ref().and_then(|schema| schema.get("openAPIV3Schema")) {
        Some(root) => schema::check(&root, has_status, faults),
        None => {
            let message = value::needs(version, SCHEMA_FIELD);
            let fault = faults.missing(SCHEMA, version, SCHEMA_FIELD, message);
            fault.help(
                "write `openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}` for any",
            );
        }
    }
}

/// `validateCustomResourceConversion`
fn conversion(spec: &Field<'_>, faults: &mut Faults) {
    const VERSIONS: &str = "conversionReviewVersions";
    let Some(conversion) = spec.get("conversion") else { return };
    if required(CONVERSION, &conversion, "strategy", faults).is_none() {
        return;
    }
    value::word(CONVERSION, &conversion, "strategy", &["None", "Webhook"], faults);
    let hook = conversion.get("webhook");
    let client = hook.as_ref().and_then(|hook| hook.get("clientConfig"));
    if conversion.text("strategy") != "Webhook" {
        if let Some(client) = &client {
            let message = "only the strategy `Webhook` has a webhook";
            let fault = faults.at_key(CONVERSION, Reason::Forbidden, client, message);
            fault.path = "spec.conversion.webhookClientConfig".to_owned();
            fault.help("write `strategy: Webhook`, or remove `webhook`");
        }
        if let Some(hook) = &hook
            && let Some(versions) = hook.get(VERSIONS).filter(|list| list.items().next().is_some())
        {
            let message = format!("only the strategy `Webhook` has `{VERSIONS}`");
            let fault = faults.at_key(CONVERSION, Reason::Forbidden, &versions, message);
            fault.path = format!("{conversion}.{VERSIONS}");
            fault.help("remove it");
        }
        return;
    }
    let before = faults.found.len();
    match &client {
        Some(client) => webhook::client_config(client, faults),
        None => {
            let message = "the strategy `Webhook` needs `webhook.clientConfig`";
            faults.missing(CONVERSION, &conversion, "webhook.clientConfig", message);
        }
    }
    match &hook {
        Some(hook) => webhook::review_versions(CONVERSION, hook, VERSIONS, faults),
        None => {
            let message = format!("the strategy `Webhook` needs `webhook.{VERSIONS}`");
            faults.missing(CONVERSION, &conversion, VERSIONS, message);
        }
    }
    // Inside the server, these have other names.
    let own = conversion.to_string();
    let to = format!("{own}.webhookClientConfig");
    rename(faults, before, &format!("{own}.webhook.clientConfig"), &to);
    rename(faults, before, &format!("{own}.webhook.{VERSIONS}"), &format!("{own}.{VERSIONS}"));
}

/// Writes another beginning of the paths of faults: the server's own where it is not the field's.
fn rename(faults: &mut Faults, since: usize, from: &str, to: &str) {
    for fault in faults.found.iter_mut().skip(since) {
        if let Some(rest) = fault.path.strip_prefix(from) {
            fault.path = format!("{to}{rest}");
        }
    }
}
