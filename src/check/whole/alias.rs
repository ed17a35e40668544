//! Services of type ExternalName whose name leads nowhere.

use super::at;
use super::host::{service, target};
use crate::diagnostic::Finding;
use crate::facts::{Answer, Body, Cluster, Host, Object};

/// How many names that stand for others a resolver follows.
pub(super) const MOST: usize = 8;

/// Whether a Service says it as the name that it stands for, and it is not a whole one: no search
/// domain is tried for the target of a CNAME.
pub(super) fn is_cut(object: &Object, host: &Host) -> bool {
    let is_cut = host.name.ends_with(".svc") || host.name.matches('.').count() == 1;
    matches!(object.body, Body::Service(_)) && is_cut
}

/// Tells of a name that no resolver follows to a Service.
pub(super) fn check(cluster: &Cluster, object: &Object, host: &Host) -> Option<Finding> {
    if !matches!(object.body, Body::Service(_)) || cluster.surroundings().is_external(&host.name) {
        return None;
    }
    let cut = is_cut(object, host);
    let finding = if cut { shortened(cluster, object, host) } else { circle(cluster, object) };
    let finding = at(finding?, object, &host.place);
    Some(if cut {
        let name = host.name.strip_suffix(".svc").unwrap_or(&host.name);
        let help = format!("write `{name}.svc.{}`", cluster.surroundings().domain());
        finding.note("it is looked for as it stands, without search domains").help(help)
    } else {
        finding.note(format!("`{}` does not resolve", host.name)).help("name what is meant itself")
    })
}

/// One that ends in `svc` is nobody's; one of two words may be a domain, unless a Service has it.
fn shortened(cluster: &Cluster, object: &Object, host: &Host) -> Option<Finding> {
    let message = format!("`{}` is no whole name, and does not resolve", host.name);
    let is_sure = match host.name.split('.').collect::<Vec<_>>().as_slice() {
        [name, namespace] => match cluster.follow(object, &target(name, namespace)) {
            Answer::Found(found) => cluster.surely_share(object, found),
            _ => return None,
        },
        _ => true,
    };
    Some(if is_sure {
        Finding::error("host-unresolved", message)
    } else {
        Finding::warning("host-unresolved", message)
    })
}

/// Names that stand for each other; told of the first of them.
fn circle(cluster: &Cluster, object: &Object) -> Option<Finding> {
    let key = |object: &Object| (object.key.namespace.clone(), object.key.name.clone());
    let mut now = object;
    for _ in 0..MOST {
        let (name, namespace) = service(cluster, now, now.hosts.first()?)?;
        let Answer::Found(next) = cluster.follow(now, &target(name, namespace)) else {
            return None;
        };
        if !cluster.surely_share(object, next) && next.key != object.key {
            return None;
        }
        if next.key == object.key {
            let message = format!("{} stands for itself in the end", object.key);
            return Some(Finding::error("host-unresolved", message));
        }
        let Body::Service(body) = &next.body else { return None };
        if &*body.kind != "ExternalName" || key(next) < key(object) {
            return None;
        }
        now = next;
    }
    None
}
