//! Public names that the way in does not lead to: routes have them, and the reverse proxy does not.

use super::entry::has_side_door;
use super::view::View;
use super::{Spot, is_marked};
use crate::diagnostic::Finding;
use crate::facts::{Body, Object, takes};

pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    let way_in = &view.network.entry;
    let Some(domain) = &way_in.domain else { return };
    // A rule without a name passes on requests to any.
    let hosts: Option<Vec<&str>> =
        way_in.rules.iter().map(|rule| Some(&*rule.host.as_ref()?.value)).collect();
    let Some(hosts) = hosts.filter(|hosts| !hosts.is_empty()) else { return };
    if has_side_door(view) {
        return;
    }
    let is_public = |name: &str| {
        !name.starts_with('*') && !is_marked(name) && is_of_domain(name, &domain.value)
    };
    // Where the rule of a release has a name that its routes do not have, that is told.
    let is_lost = |unit: &str| {
        let of_release = way_in.rules.iter().filter(|rule| *rule.release.value == *unit);
        of_release.filter_map(|rule| rule.host.as_ref()).any(|host| {
            let own = view.cluster.objects().iter().filter(|object| *object.unit == *unit);
            !own.flat_map(names).any(|(name, _)| takes(name, &host.value))
        })
    };
    let mut told: Vec<String> = Vec::new();
    for object in view.cluster.objects() {
        for (name, spot) in names(object) {
            let key = name.to_ascii_lowercase();
            let is_led_to = hosts.iter().any(|host| takes(host, name));
            if !is_public(name) || is_led_to || told.contains(&key) || is_lost(&object.unit) {
                continue;
            }
            told.push(key);
            let message = format!("no rule of the reverse proxy has the public name `{name}`");
            found.push(
                spot.on(Finding::info("public-name-unreached", message))
                    .at(domain.span, "the public domain")
                    .note("requests from outside end at the reverse proxy")
                    .help("add a rule under `entry.reverseProxy.rules`, if it is for outside"),
            );
        }
    }
}

/// The names whose requests a route takes.
fn names(object: &Object) -> Vec<(&str, Spot<'_>)> {
    match &object.body {
        Body::Ingress(ingress) => {
            let paths = ingress.paths.iter().filter(|path| !path.host.is_empty());
            paths.map(|path| (&*path.host, Spot::Field(object, &path.host_place))).collect()
        }
        Body::Route(hosts) if &*object.key.group_kind.group == "gateway.networking.k8s.io" => {
            let hosts = hosts.iter().filter(|host| !host.is_empty());
            hosts.map(|host| (&**host, Spot::Object(object))).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a name ends in a domain. Names do not differ by case: RFC 4343.
pub(super) fn is_of_domain(name: &str, domain: &str) -> bool {
    let (name, end) = (name.to_ascii_lowercase(), domain.to_ascii_lowercase());
    name.strip_suffix(&*end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
