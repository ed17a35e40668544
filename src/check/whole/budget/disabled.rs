//! What relies on parts of the distribution that are switched off, and that nobody else brings.

use super::{at_text, title};
use crate::diagnostic::Finding;
use crate::facts::budget::Budget;
use crate::facts::{Autoscaler, Body, Bundled, Cluster, Extent, Object, Place, Plan};
use crate::model::GroupKind;

pub(super) fn check(
    cluster: &Cluster,
    plan: &Plan,
    budget: &Budget<'_>,
    findings: &mut Vec<Finding>,
) {
    if cluster.extent() < Extent::Whole {
        return;
    }
    for (part, name, span) in &plan.disabled {
        if cluster.may_stand_in(*part) {
            continue;
        }
        let before = findings.len();
        match part {
            Bundled::Storage => storage(cluster, budget, findings),
            Bundled::Metrics => findings.extend(metrics(cluster)),
            Bundled::Ingress => findings.extend(ingresses(cluster)),
            Bundled::Balancer => findings.extend(balancers(cluster)),
        }
        for finding in &mut findings[before..] {
            *finding = finding.clone().at(*span, format!("`{name}` is switched off"));
        }
    }
}

/// Claims that name no class, where none is the default one.
fn storage(cluster: &Cluster, budget: &Budget<'_>, findings: &mut Vec<Finding>) {
    for volume in &budget.volumes {
        let (object, claim) = (volume.object, volume.claim);
        let is_open = claim.class.is_some() || claim.is_bound;
        if is_open || !cluster.lacks_default_class(object) {
            continue;
        }
        let message = format!(
            "claim `{}` of {} names no storage class, and there is no default one",
            claim.name,
            title(object)
        );
        let finding = Finding::error("storage-class-missing", message);
        findings.push(
            at_text(finding, object, &claim.place)
                .note("the claim stays Pending, and pods that use it with it")
                .help("name a class that is there, or render one that is the default"),
        );
    }
}

/// HorizontalPodAutoscalers that go by what pods use, where nothing measures that: once for all.
fn metrics(cluster: &Cluster) -> Option<Finding> {
    let scalers = cluster.objects().iter().filter_map(|object| match &object.body {
        Body::Autoscaler(scaler) => Some((object, scaler.metrics.measured.as_ref()?, &**scaler)),
        _ => None,
    });
    let mut scalers: Vec<(&Object, &Place, &Autoscaler)> = scalers.collect();
    let first = scalers.iter().position(|(.., it)| !it.metrics.has_unmeasured);
    if scalers.is_empty() {
        return None;
    }
    // One that does nothing at all goes before those that go by something else too.
    scalers.swap(0, first.unwrap_or_default());
    let (first, others) = scalers.split_first()?;
    let (object, place, scaler) = *first;
    let message = format!(
        "{} scales {} by what its pods use, and nothing measures that",
        title(object),
        scaler.target.2
    );
    let is_dead = |(.., scaler): &&(&Object, &Place, &Autoscaler)| !scaler.metrics.has_unmeasured;
    let id = "autoscaler-without-metrics";
    let finding = match is_dead(&first) {
        true => Finding::error(id, message),
        false => Finding::warning(id, message),
    };
    let mut finding = at_text(finding, object, place);
    for (other, place, _) in others {
        finding = finding.at(place.span, format!("{} too", title(other)));
    }
    Some(
        finding
            .note(match is_dead(&first) {
                true => "the number of pods stays as it is",
                false => "the controller leaves this metric out, and never takes pods away",
            })
            .help("leave metrics-server on, or render another one"),
    )
}

/// Ingresses that name no class, where there is none and nothing that looks like a controller: once
/// for all.
fn ingresses(cluster: &Cluster) -> Option<Finding> {
    let class = GroupKind::new("networking.k8s.io", "IngressClass");
    if cluster.may_have_any(&class) {
        return None;
    }
    let is_open = |object: &&Object| match &object.body {
        Body::Ingress(ingress) => ingress.class.is_none(),
        _ => false,
    };
    let open: Vec<&Object> = cluster.objects().iter().filter(is_open).collect();
    let (first, others) = open.split_first()?;
    let message = format!("{} names no class, and there is no ingress controller", title(first));
    let finding = Finding::error("ingress-class-missing", message);
    let help = "render a controller and name its class, or leave Traefik on";
    Some(all(finding, first, others).note("no controller takes the Ingress").help(help))
}

/// Services that ask for an address from outside, where nothing looks as if it gave any: once for all.
fn balancers(cluster: &Cluster) -> Option<Finding> {
    let network = &cluster.surroundings().network;
    let is_pool = |object: &Object| matches!(object.body, Body::Pool(_) | Body::Pools(_));
    if !network.pools.is_empty() || cluster.objects().iter().any(is_pool) {
        return None;
    }
    let is_waiting = |object: &&Object| match &object.body {
        Body::Service(service) => {
            &*service.kind == "LoadBalancer" && service.balancing.class.is_none()
        }
        _ => false,
    };
    let waiting: Vec<&Object> = cluster.objects().iter().filter(is_waiting).collect();
    let (first, others) = waiting.split_first()?;
    let message =
        format!("{} asks for an address from outside, and nothing gives any", title(first));
    let finding = Finding::warning("load-balancer-missing", message);
    let help = "render MetalLB or another one, leave ServiceLB on, or write `type: ClusterIP`";
    let has_none = |object: &&Object| match &object.body {
        Body::Service(service) => service.balancing.has_no_node_ports,
        _ => false,
    };
    let note = match waiting.iter().any(has_none) {
        true => "its address stays pending",
        false => "its address stays pending; its node ports do answer",
    };
    Some(all(finding, first, others).note(note).help(help))
}

/// A finding about the first of some objects, and the others.
fn all(finding: Finding, first: &Object, others: &[&Object]) -> Finding {
    let finding = finding.at(first.span, "").about(first.key.to_string());
    others
        .iter()
        .fold(finding, |finding, other| finding.at(other.span, format!("{} too", title(other))))
}
