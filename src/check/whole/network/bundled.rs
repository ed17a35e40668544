//! What the distribution brings, and an app brings again.

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{Body, Keeper, Object};
use crate::source::Span;

/// Looks at what K3s brings unless it is told not to.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let network = view.network;
    let Some(place) = network.disabled else { return };
    let is_on = |part: &str| network.bundled.iter().any(|known| &**known == part);
    let off = |finding: Finding, part: &str| {
        Spot::Stated(place).on(finding).help(format!(
            "write `{part}` into `kubernetes.disabled`, and start K3s with `--disable {part}`"
        ))
    };
    if is_on("servicelb")
        && let Some((name, span)) = balancer(view)
    {
        let message = format!("K3s's ServiceLB and {name} both give addresses to Services");
        let finding = off(Finding::error("load-balancer-twice", message), "servicelb");
        found.push(finding.at(span, format!("{name} is here")).note(
            "both write the address of each Service of type LoadBalancer, one over the other",
        ));
    }
    if is_on("traefik")
        && let Some(span) = traefik(view)
    {
        let message = "Traefik is there twice: K3s brings one";
        let finding = off(Finding::error("ingress-controller-twice", message), "traefik");
        found.push(finding.at(span, "the other one").note(
            "both own the Ingress class `traefik` and its definitions, and both answer the same Ingresses",
        ));
    }
}

/// Who else gives addresses, and where that is written.
fn balancer(view: &View<'_>) -> Option<(&'static str, Span)> {
    let release = view.network.releases.iter().find(|release| &*release.value == "metallb");
    if let Some(release) = release {
        return Some((Keeper::MetalLb.name(), release.span));
    }
    let objects = || view.cluster.objects().iter();
    let pool = |keeper: Keeper| {
        let is_of =
            |object: &&Object| matches!(&object.body, Body::Pool(pool) if pool.keeper == keeper);
        objects().find(is_of).map(|object| (keeper.name(), object.span))
    };
    pool(Keeper::MetalLb).or_else(|| pool(Keeper::Cilium))
}

/// Where an app brings the Ingress class `traefik`.
fn traefik(view: &View<'_>) -> Option<Span> {
    let of_chart =
        view.network.classes_of_charts.iter().find(|(_, class)| &*class.value == "traefik");
    if let Some((release, class)) = of_chart {
        let listed = view.network.releases.iter().find(|known| known.value == *release);
        return Some(listed.map_or(class.span, |listed| listed.span));
    }
    let is_class = |object: &&Object| {
        object.key.group_kind.kind == "IngressClass" && object.key.name == "traefik"
    };
    view.cluster.objects().iter().find(is_class).map(|object| object.span)
}
