//! Where pods may run: tolerations, affinity, spreading, and gates before any of it.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::node_selector;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::check::object::value::selector;
use crate::model::Field;
use crate::yaml::Node;

const TOLERATION: &str = "toleration-invalid";
const AFFINITY: &str = "affinity-invalid";
const SPREAD: &str = "spread-constraint-invalid";
const KEYS: &str = "label-keys-invalid";
const GATE: &str = "pod-gate-invalid";

/// What `ValidatePodSpec` of `pkg/apis/core/validation/validation.go` asks of scheduling. `labels`
/// are those of a pod; a template's are not looked at.
pub(crate) fn check(spec: &Field<'_>, labels: Option<&Node>, faults: &mut Faults) {
    if let Some(tolerations) = spec.get("tolerations") {
        tolerations.items().for_each(|toleration| self::toleration(&toleration, faults));
    }
    if let Some(affinity) = spec.get("affinity") {
        if let Some(node) = affinity.get("nodeAffinity") {
            node_affinity(&node, faults);
        }
        for name in ["podAffinity", "podAntiAffinity"] {
            if let Some(pod) = affinity.get(name) {
                pod_affinity(&pod, labels, faults);
            }
        }
    }
    if let Some(constraints) = spec.get("topologySpreadConstraints") {
        spread(&constraints, labels, faults);
    }
    gates(spec, faults);
}

/// `ValidateTolerations`
pub(crate) fn toleration(toleration: &Field<'_>, faults: &mut Faults) {
    value::form(TOLERATION, toleration, "key", name::qualified_name, faults);
    value::word_or_empty(value::UNKNOWN, toleration, "operator", &["Equal", "Exists"], faults);
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    value::word_or_empty(value::UNKNOWN, toleration, "effect", &effects, faults);
    let operator = toleration.text("operator");
    if toleration.text("key").is_empty() && operator != "Exists" {
        let message = "a toleration without a key must be for every taint";
        let fault = match toleration.get("operator") {
            Some(field) => faults.at(TOLERATION, Reason::Invalid, &field, message),
            None => faults.missing(TOLERATION, toleration, "operator", message),
        };
        fault.reason = Some(Reason::Invalid);
        fault.help("write `operator: Exists`, or give it a `key`");
    }
    if value::has(toleration, "tolerationSeconds") && toleration.text("effect") != "NoExecute" {
        let message = "`tolerationSeconds` goes with `effect: NoExecute` alone";
        let fault = match toleration.get("effect") {
            Some(field) => faults.at(TOLERATION, Reason::Invalid, &field, message),
            None => faults.missing(TOLERATION, toleration, "effect", message),
        };
        fault.reason = Some(Reason::Invalid);
        fault.help("write `effect: NoExecute`, or remove `tolerationSeconds`");
    }
    let value = toleration.text("value");
    let Some(field) = toleration.get("value").filter(|_| !value.is_empty()) else { return };
    let wrong = match operator {
        "" | "Equal" => name::label_value(value),
        "Exists" => Some("has no place beside `operator: Exists`"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        faults.at(TOLERATION, Reason::Invalid, &field, format!("value `{value}` {wrong}"));
    }
}

/// `validateNodeAffinity`
fn node_affinity(affinity: &Field<'_>, faults: &mut Faults) {
    if let Some(required) = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") {
        node_selector::check(&required, faults);
    }
    let Some(preferred) = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") else {
        return;
    };
    for term in preferred.items() {
        weight(&term, faults);
        if let Some(preference) = term.get("preference") {
            node_selector::term(&preference, false, faults);
        }
    }
}

fn weight(term: &Field<'_>, faults: &mut Faults) {
    value::range(AFFINITY, term, "weight", 1..=100, faults);
    if !value::has(term, "weight") {
        // To the server it is 0.
        value::missing(AFFINITY, term, "weight", faults).reason = Some(Reason::Invalid);
    }
}

/// `validatePodAffinity` and `validatePodAntiAffinity`
fn pod_affinity(affinity: &Field<'_>, labels: Option<&Node>, faults: &mut Faults) {
    if let Some(required) = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") {
        required.items().for_each(|term| pod_term(&term, labels, faults));
    }
    let Some(preferred) = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") else {
        return;
    };
    for weighted in preferred.items() {
        weight(&weighted, faults);
        match weighted.get("podAffinityTerm") {
            Some(term) => pod_term(&term, labels, faults),
            None => {
                value::missing(AFFINITY, &weighted, "podAffinityTerm", faults);
            }
        }
    }
}

/// `validatePodAffinityTerm`
fn pod_term(term: &Field<'_>, labels: Option<&Node>, faults: &mut Faults) {
    for name in ["labelSelector", "namespaceSelector"] {
        if let Some(found) = term.get(name) {
            selector::check(&found, faults);
        }
    }
    if let Some(namespaces) = term.get("namespaces") {
        for namespace in namespaces.items() {
            let text = namespace.node.as_str().unwrap_or_default();
            if let Some(wrong) = name::dns_label(text) {
                let message = format!("namespace `{text}` {wrong}");
                faults.at(AFFINITY, Reason::Invalid, &namespace, message);
            }
        }
    }
    label_keys(term, labels, faults);
    value::text_of_form(AFFINITY, term, "topologyKey", name::qualified_name, faults);
}

/// `ValidateMatchLabelKeysAndMismatchLabelKeys`. Before that, the server adds the keys to the
/// selector of a pod that has such labels (`applyLabelKeysToLabelSelector`).
fn label_keys(parent: &Field<'_>, labels: Option<&Node>, faults: &mut Faults) {
    const LISTS: [&str; 2] = ["matchLabelKeys", "mismatchLabelKeys"];
    for name in LISTS {
        let Some(keys) = parent.get(name).filter(|keys| keys.items().next().is_some()) else {
            continue;
        };
        if !value::has(parent, "labelSelector") {
            let message = format!("`{name}` needs a `labelSelector` beside it");
            faults.at_key(KEYS, Reason::Forbidden, &keys, message);
            continue;
        }
        for key in keys.items() {
            let text = key.node.as_str().unwrap_or_default();
            if let Some(wrong) = name::qualified_name(text) {
                faults.at(KEYS, Reason::Invalid, &key, format!("key `{text}` {wrong}"));
            }
        }
    }
    let Some(keys) = parent.get(LISTS[0]) else { return };
    for key in keys.items() {
        let text = key.node.as_str().unwrap_or_default();
        let times = |name| {
            let keys = value::list(parent, name).iter();
            keys.filter(|key| key.as_str() == Some(text)).count()
        };
        let other = times(LISTS[1]) > 0;
        let added = labels.and_then(|labels| labels.get(text)).map_or(0, |_| times(LISTS[0]));
        let message = if other {
            format!("key `{text}` is in both `matchLabelKeys` and `mismatchLabelKeys`")
        } else if selected(parent, text, added) {
            format!("key `{text}` is in both `matchLabelKeys` and `labelSelector`")
        } else {
            continue;
        };
        faults.at(KEYS, Reason::Invalid, &key, message).help("keep it in one of them");
    }
}

/// `ValidateMatchLabelKeysInTopologySpread`: no key may be in the selector too.
fn unmerged_keys(constraint: &Field<'_>, faults: &mut Faults) {
    let Some(keys) = constraint.get("matchLabelKeys") else { return };
    let selector = constraint.get("labelSelector");
    if selector.is_none() && keys.items().next().is_some() {
        let message = "`matchLabelKeys` needs a `labelSelector` beside it";
        faults.at_key(KEYS, Reason::Forbidden, &keys, message);
    }
    for key in keys.items() {
        let text = key.node.as_str().unwrap_or_default();
        let selects = |selector: &Field<'_>| {
            let labels = selector.node.get("matchLabels").and_then(|labels| labels.get(text));
            let same = |node: &Node| node.get("key").and_then(Node::as_str) == Some(text);
            labels.is_some() || value::list(selector, "matchExpressions").iter().any(same)
        };
        if let Some(wrong) = name::qualified_name(text) {
            faults.at(KEYS, Reason::Invalid, &key, format!("key `{text}` {wrong}"));
        }
        if selector.as_ref().is_some_and(selects) {
            let message = format!("key `{text}` is in both `matchLabelKeys` and `labelSelector`");
            faults.at(KEYS, Reason::Invalid, &key, message).help("keep it in one of them");
        }
    }
}

/// Whether a selector has a key more than once, one of them in an expression.
fn selected(parent: &Field<'_>, key: &str, added: usize) -> bool {
    let Some(selector) = parent.get("labelSelector") else { return false };
    let same = |node: &&Node| node.get("key").and_then(Node::as_str) == Some(key);
    let expressions = value::list(&selector, "matchExpressions").iter().filter(same).count();
    let labels = selector.node.get("matchLabels").and_then(|labels| labels.get(key));
    let expressions = expressions + added;
    expressions > 0 && expressions + usize::from(labels.is_some()) > 1
}

/// `validateTopologySpreadConstraints`
fn spread(constraints: &Field<'_>, labels: Option<&Node>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for (constraint, node) in constraints.items().zip(constraints.node.as_seq().unwrap_or_default())
    {
        let text = |name: &str| node.get(name).and_then(Node::as_str).unwrap_or_default();
        if value::number(&constraint, "maxSkew").unwrap_or_default() <= 0 {
            let message = "`maxSkew` must be at least 1";
            match constraint.get("maxSkew") {
                Some(field) => faults.at(SPREAD, Reason::Invalid, &field, message),
                None => faults.missing(SPREAD, &constraint, "maxSkew", message),
            }
            .reason = Some(Reason::Invalid);
        }
        value::required(SPREAD, &constraint, "topologyKey", faults);
        let actions = ["DoNotSchedule", "ScheduleAnyway"];
        value::word_always(SPREAD, &constraint, "whenUnsatisfiable", &actions, faults);
        let (key, action) = (text("topologyKey"), text("whenUnsatisfiable"));
        if !seen.insert((key, action)) {
            let message = format!("two constraints are for `{key}` with `{action}`");
            faults.at(SPREAD, Reason::Duplicate, &constraint, message);
        }
        value::range(SPREAD, &constraint, "minDomains", 1..=i64::MAX, faults);
        if let Some(field) = constraint.get("minDomains").filter(|_| action != "DoNotSchedule") {
            let message = "`minDomains` goes with `whenUnsatisfiable: DoNotSchedule` alone";
            faults.at(SPREAD, Reason::Invalid, &field, message);
        }
        for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            value::word(value::UNKNOWN, &constraint, policy, &["Honor", "Ignore"], faults);
        }
        // `MatchLabelKeysInPodTopologySpreadSelectorMerge`
        if faults.since(34) {
            label_keys(&constraint, labels, faults);
        } else {
            unmerged_keys(&constraint, faults);
        }
        if let Some(found) = constraint.get("labelSelector") {
            selector::check(&found, faults);
        }
    }
}

/// `validateReadinessGates` and `validateSchedulingGates`
fn gates(spec: &Field<'_>, faults: &mut Faults) {
    if let Some(gates) = spec.get("readinessGates") {
        for gate in gates.items() {
            value::form_needed(GATE, &gate, "conditionType", name::qualified_name, faults);
        }
    }
    let Some(gates) = spec.get("schedulingGates") else { return };
    let mut names = HashSet::new();
    for gate in gates.items() {
        value::form_needed(GATE, &gate, "name", name::qualified_name, faults);
        if !names.insert(gate.text("name").to_owned()) {
            let message = format!("gate `{}` is there twice", gate.text("name"));
            faults.at(GATE, Reason::Duplicate, &gate, message);
        }
    }
}
