//! The way from a load balancer's address to the pods.

use core::net::IpAddr;

use super::Spot;
use super::entry::{Front, broken};
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{
    Body, Ingress, IngressPath, Object, ProxyRule, Service, ServicePort, TargetPort,
};
use crate::model::GroupKind;
use crate::source::Span;

/// A way that is followed.
pub(super) struct Way<'v> {
    /// How findings call it.
    pub(super) text: String,
    pub(super) rule: &'v ProxyRule,
    /// The address that it has come to.
    pub(super) address: IpAddr,
    /// Where that is stated.
    pub(super) span: Span,
}

/// An Ingress that takes the requests.
type Taking<'c> = (&'c Object, &'c Ingress, &'c IngressPath);

/// From the Service that has the address on.
pub(super) fn follow<'c>(view: &View<'c>, way: &Way<'_>, front: &Front<'c>) -> Option<Finding> {
    let release = &*way.rule.release.value;
    if front.unit == release {
        let (object, service, port) = front.service?;
        return pods(view, way, object, service, port);
    }
    let host = way.rule.host.as_ref().map_or("", |host| &*host.value);
    // Which of several routes a Gateway takes is judged by its controller alone.
    if front.is_gateway {
        return not_routed(view, way, front, host);
    }
    let classes = classes(view, front.unit);
    let taking = taking(view, host);
    if taking.is_empty() {
        return match classes.is_empty() {
            true => no_controller(way, front),
            false => nobody_takes(view, way, front, host),
        };
    }
    let is_of_others = |(_, ingress, _): &Taking<'_>| {
        let class = ingress.class.as_ref().map(|(class, _)| &**class);
        class.is_some_and(|class| has_controller(view, class, front.unit))
    };
    if classes.is_empty() && taking.iter().all(is_of_others) {
        return no_controller(way, front);
    }
    // The class may be made by another app than its controller.
    let of_class = |(_, ingress, _): &&Taking<'_>| {
        let fits = |class: &str| classes.is_empty() || classes.contains(&class);
        ingress.class.as_ref().is_none_or(|(class, _)| fits(class))
    };
    let Some(&(_, _, first_taking)) = taking.iter().find(of_class) else {
        return other_class(view, way, front, &classes, taking.first()?);
    };
    // A rule for this very host comes before one for a domain, that before one for all.
    let rank = |path: &IngressPath| match &*path.host {
        "" => 2,
        host if host.starts_with("*.") => 1,
        _ => 0,
    };
    let first = taking.iter().filter(of_class).map(|it| it.2).min_by_key(|path| rank(path));
    let first = first.unwrap_or(first_taking);
    let same_host = taking.iter().filter(of_class).filter(|it| it.2.host == first.host);
    let backends: Vec<(&Object, &Service, &IngressPath)> = same_host
        .filter_map(|(object, _, path)| {
            let (object, service) = service(view, &object.key.namespace, &path.service)?;
            Some((object, service, *path))
        })
        .collect();
    let Some((object, service, path)) = backends.iter().find(|it| *it.0.unit == *release) else {
        // What is missing is told of the Ingress.
        let (object, ..) = backends.first()?;
        let message = format!(
            "{} breaks at {}: it is of `{}`, not of `{release}`",
            way.text, object.key, object.unit
        );
        let span = way.rule.host.as_ref().map_or(way.rule.release.span, |host| host.span);
        let help = format!("the Ingress of `{release}` needs a host of its own");
        return Some(broken(message, span).at(object.span, "gets the requests").help(help));
    };
    let is_meant =
        |port: &&ServicePort| *port.name == *path.port || port.number.to_string() == *path.port;
    let port = service.ports.iter().find(is_meant)?;
    pods(view, way, object, service, port)
}

/// The address is that of another app, which passes nothing on.
fn no_controller(way: &Way<'_>, front: &Front<'_>) -> Option<Finding> {
    let release = &way.rule.release.value;
    let Front { name, unit, .. } = front;
    let message = format!("{} breaks at {name}: it is of `{unit}`, not of `{release}`", way.text);
    let finding = broken(message, way.span);
    Some(match front.spot {
        Some(spot) => finding.at(spot.span(), "this one has the address"),
        None => finding,
    })
}

/// The Ingress classes that an app brings.
fn classes<'c>(view: &View<'c>, unit: &str) -> Vec<&'c str> {
    let objects = view.cluster.objects().iter();
    let own = objects.filter(|it| it.key.group_kind.kind == "IngressClass" && *it.unit == *unit);
    let of_charts = view.network.classes_of_charts.iter().filter(|(release, _)| **release == *unit);
    own.map(|it| &*it.key.name).chain(of_charts.map(|(_, class)| &*class.value)).collect()
}

/// Whether an app other than this one brings an Ingress class and answers from outside.
fn has_controller(view: &View<'_>, class: &str, but: &str) -> bool {
    let objects = || view.cluster.objects().iter();
    let answers = |unit: &str| {
        let is_open = |object: &Object| match &object.body {
            Body::Service(service) => &*service.kind == "NodePort" && *object.unit == *unit,
            _ => false,
        };
        view.balanced.iter().any(|it| it.unit == unit) || objects().any(is_open)
    };
    let own =
        objects().filter(|it| it.key.group_kind.kind == "IngressClass" && it.key.name == class);
    let of_charts = view.network.classes_of_charts.iter().filter(|(_, it)| *it.value == *class);
    let mut units = own.map(|it| &*it.unit).chain(of_charts.map(|(release, _)| &**release));
    units.any(|unit| unit != but && answers(unit))
}

/// Every path that takes requests to a host.
fn taking<'c>(view: &View<'c>, host: &str) -> Vec<Taking<'c>> {
    let mut found = Vec::new();
    for object in view.cluster.objects() {
        if let Body::Ingress(ingress) = &object.body {
            let paths = ingress.paths.iter().filter(|path| path.takes(host));
            found.extend(paths.map(|path| (object, &**ingress, path)));
        }
    }
    found
}

/// Whether what a route says of hosts may mean one: a host, one that begins with `*`, or a rule that
/// says it in its own way.
fn may_mean(text: &str, host: &str) -> bool {
    let (text, host) = (text.to_ascii_lowercase(), host.to_ascii_lowercase());
    let names_host = !host.is_empty() && text.contains(&*host);
    let is_open_rule = text.contains('`')
        && (!text.contains("host") || text.contains("regexp") || text.contains("`*`"));
    text.strip_prefix('*').is_some_and(|end| host.ends_with(end))
        || text.is_empty()
        || names_host
        || is_open_rule
}

/// A Gateway to which no route brings a host.
fn not_routed(view: &View<'_>, way: &Way<'_>, front: &Front<'_>, host: &str) -> Option<Finding> {
    const GROUP: &str = "gateway.networking.k8s.io";
    let may_take = |object: &Object| match &object.body {
        Body::Route(hosts) => hosts.iter().any(|it| may_mean(it, host)),
        // What knows no hosts takes all.
        _ => {
            let GroupKind { group, kind } = &object.key.group_kind;
            &**group == GROUP && kind.ends_with("Route")
        }
    };
    let is_open = view.network.charts.iter().any(|(_, is_open)| *is_open);
    let stated = way.rule.host.as_ref()?;
    if is_open || view.cluster.objects().iter().any(may_take) {
        return None;
    }
    let message = format!("{} breaks at {}: no route has the host", way.text, front.name);
    let finding = broken(message, stated.span).note("the Gateway answers 404");
    let finding = match front.spot {
        Some(spot) => finding.at(spot.span(), "this one has the address"),
        None => finding,
    };
    Some(finding.help(format!("give `{}` an HTTPRoute with the host", way.rule.release.value)))
}

fn nobody_takes(view: &View<'_>, way: &Way<'_>, front: &Front<'_>, host: &str) -> Option<Finding> {
    let release = &*way.rule.release.value;
    let may_take = |object: &Object| match &object.body {
        Body::Ingress(ingress) => ingress.has_default,
        Body::Route(hosts) => hosts.iter().any(|it| may_mean(it, host)),
        _ => false,
    };
    // Which Ingresses a chart makes is not known.
    let is_chart = view.network.charts.iter().any(|(chart, _)| **chart == *release);
    if is_chart || view.cluster.objects().iter().any(may_take) {
        return None;
    }
    let mut known = view.cluster.objects().iter().filter_map(|object| match &object.body {
        Body::Ingress(ingress) if *object.unit == *release => {
            Some((object, ingress.paths.first()?))
        }
        _ => None,
    });
    let own = known.next();
    let finding = match &way.rule.host {
        Some(stated) => {
            let message = format!("{} breaks at {}: no Ingress has the host", way.text, front.name);
            broken(message, stated.span)
        }
        None => {
            let message = format!(
                "{} breaks at {}: requests to `{}` name no host, and no Ingress takes those",
                way.text, front.name, way.address
            );
            broken(message, way.rule.release.span)
        }
    };
    let finding = finding.note("the ingress controller answers 404");
    Some(match own {
        Some((object, path)) => finding
            .at(path.host_place.span, format!("{} has this one", object.key))
            .help(format!("`host: {}` leads there", path.host)),
        None => finding.help(format!("give `{release}` an Ingress with the host")),
    })
}

fn other_class(
    view: &View<'_>,
    way: &Way<'_>,
    front: &Front<'_>,
    classes: &[&str],
    (object, ingress, _): &Taking<'_>,
) -> Option<Finding> {
    let (class, place) = ingress.class.as_ref()?;
    // A class that is not there is told of the Ingress.
    let kind = GroupKind::parse("networking.k8s.io/IngressClass");
    let of_charts = view.network.classes_of_charts.iter();
    let known = of_charts.map(|(_, class)| &*class.value).any(|known| *known == **class);
    if !known && view.cluster.named(&kind, class).next().is_none() {
        return None;
    }
    let message = format!("{} breaks at {}: it is of class `{class}`", way.text, object.key);
    let finding = broken(message, place.span);
    let finding =
        place.origins.iter().fold(finding, |it, &origin| it.at(origin, crate::diagnostic::ORIGIN));
    let names: Vec<String> = classes.iter().map(|class| format!("`{class}`")).collect();
    let help = format!(
        "`{}` is the address of {}, for class {}",
        way.address,
        front.name,
        names.join(", ")
    );
    Some(finding.about(object.key.to_string()).field(&*place.field).help(help))
}

fn service<'c>(view: &View<'c>, namespace: &str, name: &str) -> Option<(&'c Object, &'c Service)> {
    let kind = GroupKind::new("", "Service");
    let mut found = view.cluster.named(&kind, name).filter(|it| it.key.namespace == namespace);
    let object = found.next()?;
    match &object.body {
        Body::Service(service) => Some((object, service)),
        _ => None,
    }
}

/// From a Service to the port of its pods. That it selects none, or names a port that they do not
/// have, is told of the Service.
fn pods(
    view: &View<'_>,
    way: &Way<'_>,
    object: &Object,
    service: &Service,
    port: &ServicePort,
) -> Option<Finding> {
    let TargetPort::Number(number) = port.target else { return None };
    let selecting = service.selector.as_ref()?;
    let mut workloads = view.cluster.objects().iter();
    let lacking = workloads.find_map(|workload| {
        let Body::Workload(pod) = &workload.body else { return None };
        let is_there = workload.key.namespace == object.key.namespace;
        if !is_there || !selecting.selector.matches(&pod.labels) {
            return None;
        }
        let mut known: Vec<i64> =
            pod.containers.iter().flat_map(|it| &it.ports).map(|it| it.number).collect();
        known.dedup();
        // What declares no ports may listen at any.
        (!known.is_empty() && !known.contains(&number)).then_some((workload, known))
    });
    let (workload, known) = lacking?;
    let message = format!(
        "{} breaks at {}: no container of {} has port {number}",
        way.text, object.key, workload.key
    );
    let known: Vec<String> = known.iter().map(i64::to_string).collect();
    let spot = Spot::Field(object, &port.place);
    let finding = spot.on(Finding::error("entry-broken", message));
    Some(finding.at(workload.span, "these pods").help(format!("they have {}", known.join(", "))))
}
