//! Admission policies and their bindings: the rules of
//! `pkg/apis/admissionregistration/validation/validation.go`.

use std::collections::HashSet;

use crate::cel::{Program, Returns, Variables, is_identifier};
use crate::check::object::admission::expression;
use crate::check::object::admission::rule::{self as admission_rule, POLICY};
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::check::object::value::{self, count, required};
use crate::model::Field;

const MATCH: &str = "match-constraints-invalid";
const PARAM: &str = "policy-param-invalid";
const VALIDATION: &str = "policy-validation-invalid";
const VARIABLE: &str = "policy-variable-invalid";
const MUTATION: &str = "policy-mutation-invalid";
const AUDIT: &str = "audit-annotation-invalid";
const BINDING: &str = "policy-binding-invalid";

/// `validateValidatingAdmissionPolicySpec`
pub(crate) fn validating(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return no_spec(object, faults) };
    let known = common(&spec, faults);
    if count(&spec, "validations") == 0 && count(&spec, "auditAnnotations") == 0 {
        let message = "a policy needs `validations` or `auditAnnotations`";
        faults.missing(VALIDATION, &spec, "validations", message);
        return;
    }
    if let Some(validations) = spec.get("validations") {
        validations.items().for_each(|item| validation(&item, &known, faults));
    }
    audit_annotations(object, &spec, &known, faults);
}

/// `validateMutatingAdmissionPolicySpec`
pub(crate) fn mutating(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return no_spec(object, faults) };
    let known = common(&spec, faults);
    if let Some(constraints) = spec.get("matchConstraints") {
        mutable_operations(&constraints, faults);
    }
    value::required_items(MUTATION, &spec, "mutations", faults);
    if let Some(mutations) = spec.get("mutations") {
        let patching = known.all().with_patches();
        mutations.items().for_each(|item| mutation(&item, &patching, faults));
    }
    if required(POLICY, &spec, "reinvocationPolicy", faults).is_some() {
        value::word(POLICY, &spec, "reinvocationPolicy", &["IfNeeded", "Never"], faults);
    }
}

fn no_spec(object: &Field<'_>, faults: &mut Faults) {
    faults.missing("spec-missing", object, "spec.matchConstraints", "`spec` is missing");
}

/// What the expressions of a policy may read.
struct Known {
    /// `object` and the like, and `params` where there are some.
    plain: Variables,
    /// The variables of the policy, each with its program where that is known; nothing where a
    /// policy has none, and so does not know the word.
    variables: Option<Vec<(String, Option<Program>)>>,
}

impl Known {
    fn with_variables(&self, variables: Variables) -> Variables {
        match &self.variables {
            Some(known) => variables
                .with_variables(known.iter().map(|(name, program)| (&**name, program.as_ref()))),
            None => variables,
        }
    }

    /// What most expressions read.
    fn all(&self) -> Variables {
        self.with_variables(self.plain.clone().with_authorizer())
    }
}

/// What both kinds of policies have.
fn common(spec: &Field<'_>, faults: &mut Faults) -> Known {
    value::word(POLICY, spec, "failurePolicy", &["Fail", "Ignore"], faults);
    if let Some(kind) = spec.get("paramKind") {
        param_kind(&kind, faults);
    }
    match spec.get("matchConstraints") {
        Some(constraints) => {
            admission_rule::match_resources(&constraints, faults);
            value::required_items(MATCH, &constraints, "resourceRules", faults);
        }
        None => {
            let message = value::needs(spec, "matchConstraints");
            faults.missing(MATCH, spec, "matchConstraints", message);
        }
    }
    let mut plain = Variables::admission();
    if spec.get("paramKind").is_some() {
        plain = plain.with_params();
    }
    let conditions = plain.clone().with_authorizer();
    admission_rule::match_conditions(spec, &conditions, faults);
    let mut known = Known { plain, variables: None };
    if count(spec, "variables") > 0 || spec.get("mutations").is_some() {
        known.variables = Some(Vec::new());
    }
    if let Some(variables) = spec.get("variables") {
        for item in variables.items() {
            // A variable knows those before it.
            let program = variable(&item, &known.all(), faults);
            let name = item.text("name").to_owned();
            known.variables.get_or_insert_default().push((name, program));
        }
    }
    known
}

/// `validateParamKind`
fn param_kind(kind: &Field<'_>, faults: &mut Faults) {
    if let Some(version) = required(PARAM, kind, "apiVersion", faults) {
        let (group, rest) = version.split_once('/').unwrap_or(("", version));
        let wrong = if group.is_empty() { None } else { name::dns_subdomain(group) }
            .or_else(|| name::dns_1035_label(rest));
        if let (Some(wrong), Some(field)) = (wrong, kind.get("apiVersion")) {
            let message = format!("`apiVersion: {version}` {wrong}");
            faults.at(PARAM, Reason::Invalid, &field, message);
        }
    }
    if let Some(text) = required(PARAM, kind, "kind", faults)
        && let Some(wrong) = name::dns_1035_label(&text.to_lowercase())
        && let Some(field) = kind.get("kind")
    {
        faults.at(PARAM, Reason::Invalid, &field, format!("`kind: {text}` {wrong}"));
    }
}

/// `validateVariable`
fn variable(variable: &Field<'_>, known: &Variables, faults: &mut Faults) -> Option<Program> {
    if expression::there(VARIABLE, variable, "name", faults) {
        let name = variable.text("name");
        if let Some(field) = variable.get("name").filter(|_| !is_identifier(name)) {
            let message = format!("`{name}` is no name of a variable in an expression");
            faults
                .at(VARIABLE, Reason::Invalid, &field, message)
                .help("write letters, digits and `_`, and none of the language's own words");
        }
    }
    expression::there(VARIABLE, variable, "expression", faults);
    expression::compile(VARIABLE, variable, "expression", (known, Returns::Anything), faults)
}

/// `validateValidation`
fn validation(validation: &Field<'_>, known: &Known, faults: &mut Faults) {
    let wanted = (&known.all(), Returns::Bool);
    expression::check(VALIDATION, validation, "expression", wanted, faults);
    let wanted = (&known.with_variables(known.plain.clone()), Returns::Text);
    expression::compile(VALIDATION, validation, "messageExpression", wanted, faults);
    for name in ["messageExpression", "message"] {
        let text = validation.text(name);
        let wrong = if text.is_empty() {
            continue;
        } else if text.trim().is_empty() {
            "may not be blank"
        } else if name == "message" && text.trim().contains(['\n', '\r']) {
            "must be one line"
        } else {
            continue;
        };
        if let Some(field) = validation.get(name) {
            faults.at(VALIDATION, Reason::Invalid, &field, format!("`{field}` {wrong}"));
        }
    }
    let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
    value::word(VALIDATION, validation, "reason", &reasons, faults);
}

/// `validateAuditAnnotation`
fn audit_annotations(object: &Field<'_>, spec: &Field<'_>, known: &Known, faults: &mut Faults) {
    const MOST: usize = 20;
    const BYTES: usize = 5 << 10;
    let Some(annotations) = spec.get("auditAnnotations") else { return };
    if count(spec, "auditAnnotations") > MOST {
        let message = format!("there are more than {MOST} audit annotations");
        faults.at(AUDIT, Reason::Invalid, &annotations, message);
    }
    let policy = object.get("metadata").map(|metadata| metadata.text("name")).unwrap_or_default();
    let mut keys: Vec<&str> = Vec::new();
    for annotation in annotations.items() {
        let key = annotation.text("key");
        if let Some(wrong) = name::qualified_name(&format!("{policy}/{key}")) {
            let message = format!("key `{policy}/{key}` {wrong}");
            value::at_or_under(AUDIT, Reason::Invalid, &annotation, "key", message, faults)
                .help("write a key without a domain: the name of the policy is put before it");
        }
        if keys.contains(&key) {
            let message = format!("key `{key}` is there before");
            value::at_or_under(AUDIT, Reason::Duplicate, &annotation, "key", message, faults);
        }
        keys.push(key);
        const VALUE: &str = "valueExpression";
        let wanted = (&known.all(), Returns::TextOrNull);
        expression::check(AUDIT, &annotation, VALUE, wanted, faults);
        if annotation.text(VALUE).trim().len() > BYTES
            && let Some(field) = annotation.get(VALUE)
        {
            let message = format!("`{field}` has more than {BYTES} bytes");
            faults.at(AUDIT, Reason::Required, &field, message);
        }
    }
}

/// Which requests a policy can change: those that do not delete.
fn mutable_operations(resources: &Field<'_>, faults: &mut Faults) {
    let Some(rules) = resources.get("resourceRules") else { return };
    for rule in rules.items() {
        let Some(operations) = rule.get("operations") else { continue };
        for item in operations.items().filter(|item| item.node.as_str() == Some("DELETE")) {
            let message = "a policy cannot change what a `DELETE` deletes";
            let fault = faults.at(MATCH, Reason::NotSupported, &item, message);
            fault.path = format!("{rules}.operations");
            fault.help("write `CREATE`, `UPDATE` or `CONNECT`");
        }
    }
}

/// `validateMutation`
fn mutation(mutation: &Field<'_>, known: &Variables, faults: &mut Faults) {
    const KINDS: [(&str, &str); 2] =
        [("ApplyConfiguration", "applyConfiguration"), ("JSONPatch", "jsonPatch")];
    let Some(kind) = required(MUTATION, mutation, "patchType", faults) else { return };
    let Some((_, own)) = KINDS.iter().find(|(known, _)| *known == kind) else {
        return value::word(MUTATION, mutation, "patchType", &KINDS.map(|(kind, _)| kind), faults);
    };
    for (_, name) in KINDS {
        match mutation.get(name) {
            Some(field) if name == *own => {
                let returns =
                    if name == "jsonPatch" { Returns::JsonPatches } else { Returns::Object };
                expression::check(MUTATION, &field, "expression", (known, returns), faults);
            }
            Some(field) => {
                let message = format!("the patch type `{kind}` has no `{name}`");
                faults.at_key(MUTATION, Reason::Invalid, &field, message);
            }
            None if name == *own => {
                let message = format!("the patch type `{kind}` needs `{name}`");
                faults.missing(MUTATION, mutation, name, message);
            }
            None => {}
        }
    }
}

/// `ValidateValidatingAdmissionPolicyBinding` and `ValidateMutatingAdmissionPolicyBinding`
pub(crate) fn binding(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing("spec-missing", object, "spec.policyName", "`spec` is missing");
        return;
    };
    required(BINDING, &spec, "policyName", faults);
    value::form(BINDING, &spec, "policyName", name::dns_subdomain, faults);
    if let Some(reference) = spec.get("paramRef") {
        param_ref(&reference, faults);
    }
    let resources = spec.get("matchResources");
    if let Some(resources) = &resources {
        admission_rule::match_resources(resources, faults);
    }
    if object.text("kind") == "ValidatingAdmissionPolicyBinding" {
        actions(&spec, faults);
    } else if let Some(resources) = &resources {
        mutable_operations(resources, faults);
    }
}

/// `validateParamRef`
fn param_ref(reference: &Field<'_>, faults: &mut Faults) {
    let name = reference.text("name");
    value::form(PARAM, reference, "name", name::path_segment, faults);
    match reference.get("selector") {
        Some(found) => {
            selector::check(&found, faults);
            if !name.is_empty() {
                let message = "`name` and `selector` exclude each other";
                for field in reference.get("name").iter().chain([&found]) {
                    faults
                        .at_key(PARAM, Reason::Forbidden, field, message)
                        .help("keep one of them");
                }
            }
        }
        None if name.is_empty() => {
            let message = format!("`{reference}` needs `name` or `selector`");
            faults.at_key(PARAM, Reason::Required, reference, message);
        }
        None => {}
    }
    const ACTION: &str = "parameterNotFoundAction";
    if required(PARAM, reference, ACTION, faults).is_some() {
        value::word(PARAM, reference, ACTION, &["Allow", "Deny"], faults);
    }
}

/// `validateValidationActions`
fn actions(spec: &Field<'_>, faults: &mut Faults) {
    if !value::required_items(BINDING, spec, "validationActions", faults) {
        return;
    }
    let Some(actions) = spec.get("validationActions") else { return };
    let mut seen: HashSet<&str> = HashSet::new();
    for item in actions.items() {
        let text = item.node.as_str().unwrap_or_default();
        value::item_word(BINDING, &item, &["Audit", "Deny", "Warn"], faults);
        if seen.contains(&text) {
            let message = format!("action `{text}` is there twice");
            faults.at(BINDING, Reason::Duplicate, &item, message);
        }
        seen.insert(text);
    }
    if seen.contains(&"Deny") && seen.contains(&"Warn") {
        let message = "the actions `Deny` and `Warn` exclude each other";
        faults.at(BINDING, Reason::Invalid, &actions, message).help("keep one of them");
    }
}
