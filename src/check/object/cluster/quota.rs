//! ResourceQuotas, and the names of resources: `pkg/apis/core/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, count, texts};
use crate::model::Field;
use crate::model::Quantity;

const NAME: &str = "resource-name-invalid";
const AMOUNT: &str = "resource-amount-invalid";
const SCOPE: &str = "quota-scope-invalid";

/// `standardResources` of `pkg/apis/core/helper/helpers.go`; `storage` is no resource of a quota.
const DIVISIBLE: [&str; 11] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "storage",
];

/// `integerResources`
const WHOLE: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// `ValidateResourceQuota` of `pkg/apis/core/validation/validation.go`
pub(crate) fn resource_quota(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    hard(&spec, faults);
    scopes(&spec, faults);
    if let Some(selector) = spec.get("scopeSelector") {
        scope_selector(&selector, &spec, faults);
    }
}

fn hard(spec: &Field<'_>, faults: &mut Faults) {
    let Some(hard) = spec.get("hard") else { return };
    for (resource, amount) in hard.entries() {
        if !standard_name(resource, &amount, faults) {
            continue;
        }
        if !resource.contains('/') && (resource == "storage" || !is_standard(resource)) {
            let message = format!("a quota cannot limit `{resource}`");
            let help = "write `requests.storage`, or `count/<resource>.<group>` for a count";
            faults.at_key(NAME, Reason::Invalid, &amount, message).help(help);
        }
        let whole = WHOLE.contains(&resource) || is_extended(resource);
        let Some(number) = value::quantity(amount.node) else { continue };
        if number < Quantity::ZERO {
            let message = format!("the quota of `{resource}` may not be negative");
            faults.at(AMOUNT, Reason::Invalid, &amount, message);
        }
        if whole && number.milli_value() % 1000 != 0 {
            let message = format!("the quota of `{resource}` must be a whole number");
            faults.at(AMOUNT, Reason::Invalid, &amount, message);
        }
    }
}

fn is_standard(resource: &str) -> bool {
    let huge = ["hugepages-", "requests.hugepages-"];
    DIVISIBLE.contains(&resource)
        || WHOLE.contains(&resource)
        || huge.iter().any(|prefix| resource.starts_with(prefix))
}

/// `IsNativeResource`
pub(crate) fn is_native(resource: &str) -> bool {
    !resource.contains('/') || resource.contains("kubernetes.io/")
}

/// `IsExtendedResourceName`
pub(crate) fn is_extended(resource: &str) -> bool {
    !is_native(resource)
        && !resource.starts_with("requests.")
        && name::qualified_name(&format!("requests.{resource}")).is_none()
}

/// `validateResourceName`
pub(crate) fn standard_name(resource: &str, field: &Field<'_>, faults: &mut Faults) -> bool {
    if let Some(wrong) = name::qualified_name(resource) {
        faults.at_key(NAME, Reason::Invalid, field, format!("resource `{resource}` {wrong}"));
        return false;
    }
    if resource.contains('/') || is_standard(resource) {
        return true;
    }
    let message = format!("`{resource}` is no resource that Kubernetes knows");
    let fault = faults.at_key(NAME, Reason::Invalid, field, message);
    match crate::diagnostic::suggest(resource, DIVISIBLE.iter().chain(&WHOLE).copied()) {
        Some(help) if help.starts_with("did you mean") => fault.help(help),
        _ => fault.help("write the name of a native resource, or `<domain>/<resource>`"),
    }
    false
}

/// `validateContainerResourceName`
pub(crate) fn container_name(resource: &str, field: &Field<'_>, faults: &mut Faults) {
    if !standard_name(resource, field, faults) {
        return;
    }
    let wrong = if resource.contains('/') {
        !is_native(resource) && !is_extended(resource)
    } else {
        let known = ["cpu", "memory", "ephemeral-storage"];
        !known.contains(&resource) && !resource.starts_with("hugepages-")
    };
    if wrong {
        let message = format!("`{resource}` is no resource of a container");
        faults.at_key(NAME, Reason::Invalid, field, message);
    }
}

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "VolumeAttributesClass",
    "CrossNamespacePodAffinity",
];

/// `validateResourceQuotaScopes`
fn scopes(spec: &Field<'_>, faults: &mut Faults) {
    let Some(scopes) = spec.get("scopes") else { return };
    for scope in scopes.items() {
        let text = scope.node.as_str().unwrap_or_default();
        let before = faults.found.len();
        scope_fits(text, &scope, spec, faults);
        for fault in &mut faults.found[before..] {
            fault.path = scopes.to_string();
        }
    }
    conflicts(&texts(spec, "scopes"), &scopes, faults);
}

/// Whether there is such a scope, and it can hold for all resources of the quota.
fn scope_fits(scope: &str, field: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    // Known since 1.33, whatever the gate of its feature.
    let known: Vec<&str> = SCOPES
        .into_iter()
        .filter(|scope| *scope != "VolumeAttributesClass" || faults.since(33))
        .collect();
    if !known.contains(&scope) {
        let known = value::or_list(&known);
        let message = format!("`{scope}` is no scope of a quota");
        faults.at(SCOPE, Reason::Invalid, field, message).help(format!("write {known}"));
        return;
    }
    let Some(hard) = spec.get("hard") else { return };
    for (resource, _) in hard.entries() {
        let tracked = is_standard(resource) && resource != "storage";
        if tracked && !scope_holds(scope, resource) {
            let message = format!("scope `{scope}` does not hold for `{resource}`");
            faults.at(SCOPE, Reason::Invalid, field, message).help("give it a quota of its own");
        }
    }
}

/// `IsResourceQuotaScopeValidForResource`
fn scope_holds(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => {
            matches!(resource, "persistentvolumeclaims" | "requests.storage")
        }
        _ => matches!(
            resource,
            "pods"
                | "cpu"
                | "memory"
                | "limits.cpu"
                | "limits.memory"
                | "requests.cpu"
                | "requests.memory"
        ),
    }
}

fn conflicts(scopes: &[&str], field: &Field<'_>, faults: &mut Faults) {
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            let message = format!("`{}` and `{}` exclude each other", pair[0], pair[1]);
            faults.at(SCOPE, Reason::Invalid, field, message).help("keep one of them");
        }
    }
}

/// `validateScopedResourceSelectorRequirement`
fn scope_selector(selector: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(expressions) = selector.get("matchExpressions") else { return };
    let before = faults.found.len();
    let mut scopes = Vec::new();
    for expression in expressions.items() {
        let scope = expression.text("scopeName");
        scopes.push(scope);
        let place = expression.get("scopeName");
        let before = faults.found.len();
        scope_fits(scope, place.as_ref().unwrap_or(&expression), spec, faults);
        for fault in &mut faults.found[before..] {
            let unknown = if SCOPES.contains(&scope) { "" } else { ".scopeName" };
            fault.path = format!("{expressions}{unknown}");
        }
        scope_operator(scope, &expression, faults);
    }
    conflicts(&scopes, &expressions, faults);
    // The server leaves the index out of its paths.
    let all = expressions.to_string();
    for fault in &mut faults.found[before..] {
        if let Some((_, rest)) = fault.path.strip_prefix(&all).and_then(|p| p.split_once("].")) {
            fault.path = format!("{all}.{rest}");
        }
    }
}

fn scope_operator(scope: &str, expression: &Field<'_>, faults: &mut Faults) {
    let operator = expression.text("operator");
    let exists_only = SCOPES.contains(&scope)
        && !matches!(scope, "PriorityClass" | "VolumeAttributesClass")
        && operator != "Exists";
    let known = matches!(operator, "In" | "NotIn" | "Exists" | "DoesNotExist");
    if exists_only || !known {
        let message = format!("operator `{operator}` does not go with scope `{scope}`");
        value::at_or_under(SCOPE, Reason::Invalid, expression, "operator", message, faults).help(
            if exists_only {
                "write `Exists`"
            } else {
                "write `In`, `NotIn`, `Exists` or `DoesNotExist`"
            },
        );
    }
    match (operator, expression.get("values"), count(expression, "values")) {
        ("In" | "NotIn", _, 0) => {
            let message = format!("operator `{operator}` needs values");
            faults.missing(SCOPE, expression, "values", message);
        }
        ("Exists" | "DoesNotExist", Some(values), 1..) => {
            let message = format!("operator `{operator}` takes no values");
            faults.at_key(SCOPE, Reason::Invalid, &values, message);
        }
        _ => {}
    }
}
