//! Names of single pods behind a headless Service, of which there are none.

use core::net::{Ipv4Addr, Ipv6Addr};
use core::ops::Range;

use super::{at, title};
use crate::diagnostic::{Finding, nearest};
use crate::facts::{Body, Bounds, Cluster, Host, Naming, Object, Pod, Service, Unseen};
use crate::load::manifest::is_placeholder;

/// Looks for the pod that a host names behind the Service that it leads to.
pub(super) fn check(
    cluster: &Cluster,
    object: &Object,
    host: &Host,
    (found, service): (&Object, &Service),
) -> Option<Finding> {
    let wanted = pod(object, host, found)?;
    let selecting = service.selector.as_ref().filter(|_| service.is_headless)?;
    let namespace = &found.key.namespace;
    if !cluster.surely_share(object, found)
        || cluster.may_hold(Unseen::Beside(found))
        || cluster.may_hold(Unseen::Selected(namespace, &selecting.selector))
    {
        return None;
    }
    let selected: Vec<&Object> = cluster.selected(found, &selecting.selector).collect();
    if selected.is_empty() || !selected.iter().all(|it| cluster.surely_share(found, it)) {
        return None;
    }
    let all: Vec<(&Object, &Pod, &Naming)> = selected.into_iter().filter_map(named).collect();
    let is_filled_in = |(_, pod, naming): &(&Object, &Pod, &Naming)| {
        pod.open.demand || [&naming.host, &naming.service].iter().any(|it| is_placeholder(it))
    };
    if all.iter().any(is_filled_in) {
        return None;
    }
    let mut known: Vec<String> = Vec::new();
    let mut fewer = None;
    for &(other, pod, naming) in all.iter().filter(|(.., it)| *it.service == *found.key.name) {
        let Some(_) = naming.numbers else {
            known.push(naming.host.to_string());
            continue;
        };
        let numbers = numbers(cluster, other, naming)?;
        known.push(format!("{}-{}", naming.host, numbers.start));
        if let Some(number) = naming.number(wanted) {
            if numbers.contains(&number) {
                return None;
            }
            fewer = Some((other, pod, naming, numbers));
        }
    }
    let near = nearest(wanted, known.iter().map(String::as_str));
    let has_number =
        |name: &str| name.rsplit_once('-').is_some_and(|(_, end)| end.parse::<u32>().is_ok());
    // Other names, as `db-n`, may be examples, or stand for one that is filled in.
    let is_slip = || near.is_some_and(|near| !has_number(near));
    if known.iter().any(|name| *name == wanted) || !(has_number(wanted) || is_slip()) {
        return None;
    }
    let message = format!("{} leads to no pod `{wanted}`", found.key);
    let note = format!("`{}` does not resolve", host.name);
    if let Some((other, pod, naming, numbers)) = fewer {
        let (name, Range { start, end }) = (&naming.host, numbers);
        let has = match end - start {
            1 => format!("`{name}-{start}` alone"),
            _ => format!("`{name}-{start}` to `{name}-{}`", end - 1),
        };
        // One that is not there now may be named for the day when there are more.
        let finding = at(Finding::warning("host-unresolved", message), object, &host.place);
        let finding = finding.at(pod.run.place.span, "the number of pods");
        return Some(finding.note(note).help(format!("{} has {has}", title(other))));
    }
    let finding = at(Finding::error("host-unresolved", message), object, &host.place);
    let finding = finding.at(found.span, "this one").note(note);
    let is_of_other = |(.., naming): &&(&Object, &Pod, &Naming)| naming.number(wanted).is_some();
    Some(match (all.iter().find(is_of_other), near) {
        (Some((other, _, naming)), _) => {
            let (title, service) = (title(other), &naming.service);
            finding.help(format!("the pods of {title} have their names in `{service}`"))
        }
        (None, Some(near)) => finding.help(format!("did you mean `{near}`?")),
        (None, None) if known.is_empty() => finding
            .help("name the Service itself: pods have names by a StatefulSet's `serviceName`"),
        (None, None) => finding.help(format!("there is `{}`", known.join("`, `"))),
    })
}

/// The pod that a host names, where one label stands before the name of the Service.
fn pod<'h>(object: &Object, host: &'h Host, found: &Object) -> Option<&'h str> {
    let labels: Vec<&str> = host.name.split('.').collect();
    let pod = match labels.as_slice() {
        [pod, service, namespace, "svc", ..] => {
            let is_it = *service == found.key.name && *namespace == found.key.namespace;
            is_it.then_some(*pod)
        }
        [pod, service] if *service == found.key.name => {
            (*pod != found.key.name && object.key.namespace == found.key.namespace).then_some(*pod)
        }
        _ => None,
    };
    // Pods without a name have one of their address.
    let is_address = |pod: &&str| {
        pod.replace('-', ".").parse::<Ipv4Addr>().is_ok()
            || pod.replace('-', ":").parse::<Ipv6Addr>().is_ok()
    };
    pod.filter(|pod| !is_address(pod))
}

fn named(object: &Object) -> Option<(&Object, &Pod, &Naming)> {
    let Body::Workload(pod) = &object.body else { return None };
    Some((object, pod, pod.naming.as_deref()?))
}

/// The numbers of the pods of a workload, at the most that somebody asks for; nothing where that is
/// not known.
fn numbers(cluster: &Cluster, object: &Object, naming: &Naming) -> Option<Range<u32>> {
    let numbers = naming.numbers?;
    let scaled = cluster.objects().iter().filter_map(|by| match &by.body {
        Body::Autoscaler(scaler) if by.key.namespace == object.key.namespace => {
            let (_, kind, name) = &scaler.target;
            let is_it = **name == *object.key.name && **kind == *object.key.group_kind.kind;
            match scaler.bounds {
                Bounds::Pods { max, .. } if is_it => Some(max),
                _ => None,
            }
        }
        _ => None,
    });
    let count = numbers.count?.max(scaled.max().unwrap_or(0));
    Some(numbers.from..numbers.from.saturating_add(count))
}
