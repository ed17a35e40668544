//! Roles and their bindings: `pkg/apis/rbac/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::check::object::value::{self, count, required};
use crate::model::Field;

const RULE: &str = "role-rule-invalid";
const AGGREGATION: &str = "role-aggregation-invalid";
const REFERENCE: &str = "role-ref-invalid";
const SUBJECT: &str = "subject-invalid";
const GROUP: &str = "rbac.authorization.k8s.io";

/// `ValidateRole`
pub(crate) fn role(object: &Field<'_>, faults: &mut Faults) {
    rules(object, true, faults);
}

/// `ValidateClusterRole`
pub(crate) fn cluster_role(object: &Field<'_>, faults: &mut Faults) {
    rules(object, false, faults);
    let Some(aggregation) = object.get("aggregationRule") else { return };
    value::required_items(AGGREGATION, &aggregation, "clusterRoleSelectors", faults);
    if let Some(selectors) = aggregation.get("clusterRoleSelectors") {
        selectors.items().for_each(|item| selector::check(&item, faults));
    }
}

/// `ValidatePolicyRule`
fn rules(object: &Field<'_>, namespaced: bool, faults: &mut Faults) {
    let Some(rules) = object.get("rules") else { return };
    for rule in rules.items() {
        value::required_items(RULE, &rule, "verbs", faults);
        let Some(urls) =
            rule.get("nonResourceURLs").filter(|_| count(&rule, "nonResourceURLs") > 0)
        else {
            if !value::required_items(RULE, &rule, "apiGroups", faults)
                && let Some(fault) = faults.found.last_mut()
            {
                fault.help("the group of Pods, Services and other core kinds is `\"\"`");
            }
            value::required_items(RULE, &rule, "resources", faults);
            continue;
        };
        if namespaced {
            let message = "a Role cannot speak of `nonResourceURLs`";
            faults.at_key(RULE, Reason::Invalid, &urls, message).help("write a ClusterRole");
        }
        if ["apiGroups", "resources", "resourceNames"].iter().any(|name| count(&rule, name) > 0) {
            let message = "a rule speaks of resources or of `nonResourceURLs`, not of both";
            faults.at_key(RULE, Reason::Invalid, &urls, message).help("write two rules");
        }
    }
}

/// `ValidateRoleBinding` and `ValidateClusterRoleBinding`
pub(crate) fn binding(object: &Field<'_>, faults: &mut Faults) {
    let namespaced = object.text("kind") == "RoleBinding";
    role_ref(object, namespaced, faults);
    let Some(subjects) = object.get("subjects") else { return };
    for item in subjects.items() {
        subject(&item, namespaced, faults);
    }
}

fn role_ref(object: &Field<'_>, namespaced: bool, faults: &mut Faults) {
    let Some(role) = object.get("roleRef") else {
        let missing = "`roleRef` is missing";
        faults.missing(REFERENCE, object, "roleRef.kind", missing);
        faults.missing(REFERENCE, object, "roleRef.name", missing);
        return;
    };
    value::word_or_empty(REFERENCE, &role, "apiGroup", &[GROUP], faults);
    let kinds: &[&str] = if namespaced { &["Role", "ClusterRole"] } else { &["ClusterRole"] };
    kind(REFERENCE, &role, kinds, faults);
    required(REFERENCE, &role, "name", faults);
    value::form(REFERENCE, &role, "name", name::path_segment, faults);
}

fn kind(id: &'static str, parent: &Field<'_>, known: &[&str], faults: &mut Faults) {
    match parent.get("kind") {
        Some(field) => value::item_word(id, &field, known, faults),
        None => {
            let message = value::needs(parent, "kind");
            value::at_or_under(id, Reason::NotSupported, parent, "kind", message, faults)
                .help(format!("write {}", value::or_list(known)));
        }
    }
}

/// `ValidateRoleBindingSubject`
fn subject(subject: &Field<'_>, namespaced: bool, faults: &mut Faults) {
    required(SUBJECT, subject, "name", faults);
    match subject.text("kind") {
        "ServiceAccount" => {
            value::form(SUBJECT, subject, "name", name::dns_subdomain, faults);
            let group = subject.text("apiGroup");
            if let Some(field) = subject.get("apiGroup").filter(|_| !group.is_empty()) {
                let message = format!("a ServiceAccount is of no group, not of `{group}`");
                faults.at(SUBJECT, Reason::NotSupported, &field, message).help("leave it out");
            }
            if !namespaced && subject.text("namespace").is_empty() {
                let message = format!("`{subject}` needs the namespace of the ServiceAccount");
                faults.missing(SUBJECT, subject, "namespace", message);
            }
        }
        "User" | "Group" => value::word_or_empty(SUBJECT, subject, "apiGroup", &[GROUP], faults),
        _ => kind(SUBJECT, subject, &["ServiceAccount", "User", "Group"], faults),
    }
}
