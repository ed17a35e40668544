//! Pods that the server refuses, whatever else is there: their controllers are accepted and stay
//! without pods.

use super::{at_amount, at_text, beside};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, Load, Refusal, RefusedClaim};
use crate::facts::{Body, Enforced, Level, Object, Place, RunKind};

pub(super) fn check(budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for load in budget.loads.iter().filter(|load| !load.pod.is_borrowed) {
        let mut unstated = false;
        for refusal in &load.refusals {
            // Two quotas that want the same values are one fault.
            let is_unstated = matches!(refusal, Refusal::Unstated { .. });
            if is_unstated && std::mem::replace(&mut unstated, true) {
                continue;
            }
            findings.extend(finding(load, refusal));
        }
    }
    for RefusedClaim { object, claim, by, what } in &budget.claims {
        let message = format!("{} {what} in LimitRange `{}`", object.key, by.key.name);
        let finding = Finding::error("limit-range-violated", message);
        findings.push(
            at_amount(finding, object, &claim.place)
                .at(by.span, "the LimitRange")
                .note("the API server refuses the claim")
                .help("ask for a size within the bounds"),
        );
    }
    charts(budget, findings);
    limit_ranges(budget, findings);
}

/// Namespaces that enforce more than the charts in them say that their pods bear.
fn charts(budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    type Refused<'b, 'c> = (&'b Load<'c>, Level, &'b Place);
    let mut namespaces: Vec<(&Object, &Enforced, Vec<Refused<'_, '_>>)> = Vec::new();
    for load in &budget.loads {
        for refusal in &load.refusals {
            let Refusal::Level { by, enforced, needs, place } = refusal else { continue };
            let known = namespaces.iter_mut().find(|(known, ..)| std::ptr::eq(*known, *by));
            match known {
                Some((.., refused)) => refused.push((load, *needs, place)),
                None => namespaces.push((by, enforced, vec![(load, *needs, place)])),
            }
        }
    }
    for (by, enforced, refused) in namespaces {
        let Some(&(first, needs, place)) = refused.iter().min_by_key(|(_, needs, _)| *needs) else {
            continue;
        };
        let (namespace, level) = (&by.key.name, enforced.level.as_str());
        let needs = needs.as_str();
        let message = format!(
            "the chart of `{}` brings pods that need pod security `{needs}`, and namespace \
             `{namespace}` enforces `{level}`",
            first.object.unit
        );
        let finding = Finding::error("pod-security-violated", message).about(by.key.to_string());
        let finding = beside(finding, &enforced.place, format!("`{level}` is enforced here"));
        let finding = finding.at(place.span, format!("{} needs `{needs}`", first.title()));
        let titles: Vec<String> = refused.iter().map(|(load, ..)| load.title()).collect();
        findings.push(
            finding
                .note(format!("the API server refuses the pods of {}", titles.join(", ")))
                .help(format!("let the namespace enforce `{needs}`")),
        );
    }
}

fn finding(load: &Load<'_>, refusal: &Refusal<'_>) -> Option<Finding> {
    let title = load.title();
    let finding = match refusal {
        Refusal::Bounds { by, limit, what, place } => {
            let message = format!("{title}: {what} in LimitRange `{}`", by.key.name);
            let finding = Finding::error("limit-range-violated", message);
            let finding = placed(finding, load.object, *place);
            beside(finding, &limit.place, "the bounds")
                .help("state requests and limits within the bounds, or change the LimitRange")
        }
        // Without a LimitRange the object itself is wrong, and its own checks say so.
        Refusal::Contradiction { what, place, by: Some(by) } => {
            let finding = Finding::error("limit-range-violated", format!("{title}: {what}"));
            let finding = placed(finding, load.object, place.as_ref());
            finding
                .at(by.span, "this LimitRange fills in what is not stated")
                .help("state the limit too, at least as high as the request")
        }
        // What charts need is told of by namespace.
        Refusal::Contradiction { .. } | Refusal::Missing { .. } | Refusal::Level { .. } => {
            return None;
        }
        Refusal::Unstated { by, keys, containers, place } => {
            let wanted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            let names: Vec<String> = containers.iter().map(|name| format!("`{name}`")).collect();
            let message = format!(
                "{title} states no {} for container {}, and quota `{}` wants it",
                words(keys),
                names.join(", "),
                by.key.name
            );
            let finding = Finding::error("quota-value-missing", message);
            let finding = placed(finding, load.object, *place);
            let hard = match &by.body {
                Body::Quota(quota) => quota
                    .hard
                    .iter()
                    .find(|hard| keys.first().is_some_and(|key| **key == *hard.key)),
                _ => None,
            };
            let finding = match hard {
                Some(hard) => {
                    beside(finding, &hard.place, format!("it bounds {}", wanted.join(", ")))
                }
                None => finding,
            };
            finding.help("state the values, or let a LimitRange of the namespace fill them in")
        }
        Refusal::Security { by, enforced, breaches } => {
            let level = enforced.level.as_str();
            let first = breaches.first()?;
            let message = format!(
                "{title} breaks pod security `{level}`, which namespace `{}` enforces",
                by.key.name
            );
            let finding = Finding::error("pod-security-violated", message);
            let mut finding = at_text(finding, load.object, &first.place);
            finding = beside(finding, &enforced.place, format!("`{level}` is enforced here"));
            for breach in breaches {
                finding = finding.note(format!("{}: {}", breach.rule, breach.must));
            }
            finding.help("change the pod, or enforce a lower level in the namespace")
        }
    };
    let refused = if load.pod.run.kind == RunKind::Pod {
        "the API server refuses the pod"
    } else {
        "the API server refuses its pods, and it stays without any"
    };
    Some(finding.note(refused))
}

/// The values that keys of a quota want, in words.
fn words(keys: &[&str]) -> String {
    let mut words: Vec<&str> = keys.iter().map(|key| word(key)).collect();
    words.dedup();
    words.join(", no ")
}

fn word(key: &str) -> &'static str {
    match key {
        "cpu" | "requests.cpu" => "CPU request",
        "memory" | "requests.memory" => "memory request",
        "limits.cpu" => "CPU limit",
        _ => "memory limit",
    }
}

fn placed(finding: Finding, object: &Object, place: Option<&Place>) -> Finding {
    match place {
        Some(place) => at_text(finding, object, place),
        None => finding.at(object.span, "").about(object.key.to_string()),
    }
}

/// Two LimitRanges that fill in different values: which one does is not defined.
fn limit_ranges(budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for (one, other, name) in &budget.rival_ranges {
        let message = format!(
            "LimitRanges `{}` and `{}` in `{}` fill in different values of {name}",
            one.key.name, other.key.name, one.key.namespace
        );
        findings.push(
            Finding::warning("limit-range-default-twice", message)
                .at(other.span, "")
                .at(one.span, "the other one")
                .about(other.key.to_string())
                .note("which of the two a container gets is not defined")
                .help("keep one of the values"),
        );
    }
}
