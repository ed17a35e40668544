//! One path of one host in several Ingresses.

use std::collections::HashMap;

use super::Spot;
use super::view::View;
use crate::diagnostic::Finding;
use crate::facts::{Body, Ingress, IngressPath, Object};

/// Looks at every path.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    type Same<'c> = (&'c str, &'c str, &'c str, &'c str);
    type Path<'c> = (&'c Object, &'c Ingress, &'c IngressPath);
    let mut known: HashMap<Same<'_>, Vec<Path<'_>>> = HashMap::new();
    for object in view.cluster.objects() {
        let Body::Ingress(ingress) = &object.body else { continue };
        if ingress.is_canary {
            continue;
        }
        let class = ingress.class.as_ref().map_or("", |(class, _)| class);
        for path in &ingress.paths {
            let same = (class, &*path.host, &*path.path, &*path.kind);
            let earlier = known.entry(same).or_default();
            let spot = Spot::Field(object, &path.place);
            let clashes = |(other, of, it): &&Path<'_>| {
                let leads_elsewhere = it.service != path.service
                    || it.port != path.port
                    || other.key.namespace != object.key.namespace;
                leads_elsewhere
                    && of.apart == ingress.apart
                    && Spot::Object(other).surely_with(spot, view)
            };
            if let Some((other, _, first)) = earlier.iter().find(clashes) {
                let host = if path.host.is_empty() { "every host" } else { &*path.host };
                let message = format!("path `{}` of {host} is already in {}", path.path, other.key);
                let finding = spot.on(Finding::warning("ingress-path-taken", message));
                let to = match first.service.is_empty() {
                    true => "taken here".to_owned(),
                    false => format!("taken here, for Service `{}`", first.service),
                };
                found.push(
                    finding
                        .at(first.place.span, to)
                        .note("one of the two backends gets no request")
                        .help("take another path or host, or remove one of the two"),
                );
            }
            earlier.push((object, ingress, path));
        }
    }
}
