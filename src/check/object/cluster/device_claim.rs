//! Claims of devices, their templates and classes: `pkg/apis/resource/validation/validation.go`
//! without the expressions.

use std::collections::HashSet;

use crate::check::object::cluster::quota;
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::storage::claim;
use crate::check::object::storage::persistent_volume::driver_name;
use crate::check::object::value::name;
use crate::check::object::value::{self, count, number, required};
use crate::model::Field;
use crate::yaml::{self, Node};

const REQUEST: &str = "device-request-invalid";
const CONSTRAINT: &str = "device-constraint-invalid";
const TOLERATION: &str = "toleration-invalid";
const CONFIG: &str = "device-config-invalid";
const CLASS: &str = "device-class-invalid";

/// `ValidateResourceClaim`
pub(crate) fn claim(object: &Field<'_>, faults: &mut Faults) {
    if let Some(spec) = object.get("spec") {
        claim_spec(object, &spec, faults);
    }
}

/// `ValidateResourceClaimTemplate`
pub(crate) fn claim_template(object: &Field<'_>, faults: &mut Faults) {
    let Some(template) = object.get("spec") else { return };
    if let Some(found) = template.get("metadata") {
        claim::template_metadata(&found, faults);
    }
    if let Some(spec) = template.get("spec") {
        claim_spec(object, &spec, faults);
    }
}

/// `ValidateDeviceClass`
pub(crate) fn class(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    selectors(CLASS, &spec, faults);
    if let Some(configs) = limited(CONFIG, &spec, "config", 32, faults) {
        configs.items().for_each(|config| opaque(&config, faults));
    }
    let resource = spec.text("extendedResourceName");
    if let Some(field) = spec.get("extendedResourceName").filter(|_| !quota::is_extended(resource))
    {
        let message = format!("`{resource}` is no name of an extended resource");
        faults.at(CLASS, Reason::Invalid, &field, message).help("write `<domain>/<resource>`");
    }
}

/// `validateDeviceClaim`. Versions before `v1beta2` have another form of requests.
fn claim_spec(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(devices) = spec.get("devices") else { return };
    if !matches!(object.text("apiVersion"), "resource.k8s.io/v1" | "resource.k8s.io/v1beta2") {
        return;
    }
    if let Some(requests) = limited(REQUEST, &devices, "requests", 32, faults) {
        named_set(&requests, faults, request);
    }
    let names = request_names(&devices);
    if let Some(constraints) = limited(CONSTRAINT, &devices, "constraints", 32, faults) {
        for constraint in constraints.items() {
            references(CONSTRAINT, &constraint, &names, faults);
            let attributes = ["matchAttribute", "distinctAttribute"];
            if attributes.iter().all(|name| constraint.get(name).is_none()) {
                let message = value::needs(&constraint, "matchAttribute");
                faults.at_key(CONSTRAINT, Reason::Required, &constraint, message);
            }
            // Beside the first the server does not look at the second.
            if let Some(name) = attributes.iter().find(|name| constraint.get(name).is_some()) {
                attribute(&constraint, name, faults);
            }
        }
    }
    if let Some(configs) = limited(CONFIG, &devices, "config", 32, faults) {
        for config in configs.items() {
            references(CONFIG, &config, &names, faults);
            opaque(&config, faults);
        }
    }
}

/// A list that is not too long.
fn limited<'a>(
    id: &'static str,
    parent: &'a Field<'_>,
    name: &str,
    most: usize,
    faults: &mut Faults,
) -> Option<Field<'a>> {
    let list = parent.get(name)?;
    let items = count(parent, name);
    if items > most {
        let message = format!("`{list}` has {items} items, more than {most}");
        faults.at(id, Reason::TooMany, &list, message);
        return None;
    }
    Some(list)
}

/// Items with names of their own.
fn named_set(list: &Field<'_>, faults: &mut Faults, item_rule: fn(&Field<'_>, &mut Faults)) {
    let mut names: HashSet<&str> = HashSet::new();
    for item in list.items() {
        let name = item.text("name");
        if let Some(wrong) = name::dns_label(name) {
            let message = format!("the name `{name}` of a request {wrong}");
            value::at_or_under(REQUEST, Reason::Invalid, &item, "name", message, faults);
        }
        if names.contains(&name) {
            let message = format!("request `{name}` is there before");
            faults.at(REQUEST, Reason::Duplicate, &item, message);
        }
        names.insert(name);
        item_rule(&item, faults);
    }
}

/// `validateDeviceRequest`
fn request(request: &Field<'_>, faults: &mut Faults) {
    let choices = count(request, "firstAvailable");
    match (request.get("exactly"), choices) {
        (Some(exactly), 0) => device(&exactly, faults),
        (None, 1..) => {
            if let Some(list) = limited(REQUEST, request, "firstAvailable", 8, faults) {
                named_set(&list, faults, device);
            }
        }
        (None, 0) => {
            let message = format!("`{request}` needs `exactly` or `firstAvailable`");
            faults.at(REQUEST, Reason::Required, request, message);
        }
        (Some(_), _) => {
            let message = format!("`{request}` has both `exactly` and `firstAvailable`");
            faults.at(REQUEST, Reason::Invalid, request, message).help("keep one of them");
        }
    }
}

/// `validateExactDeviceRequest` and `validateDeviceSubRequest`
fn device(request: &Field<'_>, faults: &mut Faults) {
    required(REQUEST, request, "deviceClassName", faults);
    value::form(REQUEST, request, "deviceClassName", name::dns_subdomain, faults);
    selectors(REQUEST, request, faults);
    if let Some(tolerations) = request.get("tolerations") {
        tolerations.items().for_each(|item| toleration(&item, faults));
    }
    let given = number(request, "count").unwrap_or(0);
    let wrong = match request.text("allocationMode") {
        "All" if given != 0 => "goes with the mode `ExactCount` only",
        "" | "ExactCount" if given < 0 => "must be above zero",
        "" | "All" | "ExactCount" => return,
        _ => {
            let known = ["All", "ExactCount"];
            return value::word(REQUEST, request, "allocationMode", &known, faults);
        }
    };
    let message = format!("`count` of {given} {wrong}");
    value::at_or_under(REQUEST, Reason::Invalid, request, "count", message, faults);
}

/// `validateDeviceToleration`
fn toleration(toleration: &Field<'_>, faults: &mut Faults) {
    value::form(TOLERATION, toleration, "key", name::qualified_name, faults);
    let text = toleration.text("value");
    let operator = toleration.text("operator");
    let wrong = match operator {
        "Exists" if !text.is_empty() => Some("must be empty for the operator `Exists`"),
        "" | "Equal" => name::label_value(text),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let message = format!("value `{text}` {wrong}");
        value::at_or_under(TOLERATION, Reason::Invalid, toleration, "value", message, faults);
    }
    value::word_or_empty(TOLERATION, toleration, "operator", &["Equal", "Exists"], faults);
    let effects = ["NoExecute", "NoSchedule", "None"];
    value::word_or_empty(TOLERATION, toleration, "effect", &effects, faults);
}

/// `validateSelectorSlice`
fn selectors(id: &'static str, parent: &Field<'_>, faults: &mut Faults) {
    const LONGEST: usize = 10 << 10;
    let Some(selectors) = limited(id, parent, "selectors", 32, faults) else { return };
    for selector in selectors.items() {
        let Some(cel) = selector.get("cel") else {
            faults.missing(id, &selector, "cel", value::needs(&selector, "cel"));
            continue;
        };
        if let Some(field) = cel.get("expression")
            && cel.text("expression").len() > LONGEST
        {
            let message = format!("`{field}` has more than {LONGEST} bytes");
            faults.at(id, Reason::TooLong, &field, message);
        }
    }
}

/// `gatherRequestNames`
fn request_names(devices: &Field<'_>) -> Vec<String> {
    let items = |node: &Node, name: &str| -> Vec<Node> {
        node.get(name).and_then(Node::as_seq).unwrap_or_default().to_vec()
    };
    let name = |node: &Node| node.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
    let mut names = Vec::new();
    for request in items(devices.node, "requests") {
        let own = name(&request);
        for choice in items(&request, "firstAvailable") {
            names.push(format!("{own}/{}", name(&choice)));
        }
        names.push(own);
    }
    names
}

/// `validateRequestNameRef`
fn references(id: &'static str, parent: &Field<'_>, names: &[String], faults: &mut Faults) {
    let Some(list) = limited(id, parent, "requests", 32, faults) else { return };
    let mut seen: HashSet<&str> = HashSet::new();
    for item in list.items() {
        let text = item.node.as_str().unwrap_or_default();
        if seen.contains(&text) {
            let message = format!("request `{text}` is there twice");
            faults.at(id, Reason::Duplicate, &item, message);
        }
        seen.insert(text);
        if !names.iter().any(|name| name == text) {
            let message = format!("there is no request `{text}` in the claim");
            let fault = faults.at(id, Reason::Invalid, &item, message);
            fault.help = crate::diagnostic::suggest(text, names.iter().map(String::as_str));
        }
    }
}

/// `validateFullyQualifiedName` of an attribute: a domain, `/` and a name.
fn attribute(constraint: &Field<'_>, name: &str, faults: &mut Faults) {
    let text = constraint.text(name);
    if let (Some(field), Some(wrong)) = (constraint.get(name), attribute_fault(text)) {
        let message = format!("`{name}: {text}` {wrong}");
        faults
            .at(CONSTRAINT, Reason::Invalid, &field, message)
            .help("write it as `gpu.example.com/model`");
    }
}

/// The server takes more than one `/`.
fn attribute_fault(text: &str) -> Option<&'static str> {
    let mut parts = text.split('/');
    let (domain, own) = (parts.next().unwrap_or_default(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    let Some(own) = own else { return Some("must be a domain, `/` and a name") };
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = !own.is_empty()
        && own.len() <= 32
        && own.bytes().all(inner)
        && !own.starts_with(|c: char| c.is_ascii_digit());
    if domain.len() > 63 || name::dns_subdomain(&domain.to_lowercase()).is_some() {
        Some("must begin with a domain of at most 63 characters")
    } else {
        (!is_name).then_some("must end with a name of at most 32 letters, digits and `_`")
    }
}

/// `validateDeviceConfiguration`
fn opaque(config: &Field<'_>, faults: &mut Faults) {
    const LARGEST: usize = 10 << 10;
    let Some(opaque) = config.get("opaque") else {
        faults.missing(CONFIG, config, "opaque", value::needs(config, "opaque"));
        return;
    };
    required(CONFIG, &opaque, "driver", faults);
    driver_name(CONFIG, &opaque, "driver", faults);
    match opaque.get("parameters") {
        None => {
            faults.missing(CONFIG, &opaque, "parameters", value::needs(&opaque, "parameters"));
        }
        Some(field) if field.node.as_map().is_none() => {
            faults.at(CONFIG, Reason::Invalid, &field, format!("`{field}` must be a map"));
        }
        Some(field) if yaml::to_json(field.node).to_string().len() > LARGEST => {
            let message = format!("`{field}` is larger than {LARGEST} bytes");
            faults.at(CONFIG, Reason::TooLong, &field, message);
        }
        Some(_) => {}
    }
}
