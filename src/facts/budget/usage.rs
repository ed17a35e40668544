//! What objects beside pods take of a quota, by the key of the quota.

use crate::facts::{Amounts, Body, Claim, Object, RunKind, Service};
use crate::model::{GroupKind, Quantity};
use crate::schema::pack;

/// What an object takes by itself, and what it makes that counts too, but for what its pods take.
pub(super) fn of(object: &Object, default_class: Option<&str>, minor: u32) -> Amounts {
    let mut usage = Amounts::default();
    let key = resource(&object.key.group_kind, minor);
    usage.set(&format!("count/{key}"), Quantity::units(1));
    if SHORT.contains(&&*key) {
        usage.set(&key, Quantity::units(1));
    }
    match &object.body {
        Body::Service(service) => of_service(service, &mut usage),
        Body::Claim(claim) => {
            usage = Amounts::default();
            of_claim(claim, 1, default_class, &mut usage);
        }
        Body::Workload(pod) => {
            let made = match &*object.key.group_kind.kind {
                "Deployment" => "count/replicasets.apps",
                "StatefulSet" | "DaemonSet" => "count/controllerrevisions.apps",
                _ => "",
            };
            if !made.is_empty() && pod.run.kind != RunKind::Never {
                usage.add_one(made, Quantity::units(1));
            }
        }
        _ => {}
    }
    usage
}

/// What the claims that are made for each pod take.
pub(super) fn claims(claims: &[Claim], pods: u32, default_class: Option<&str>) -> Amounts {
    let mut usage = Amounts::default();
    for claim in claims {
        of_claim(claim, pods, default_class, &mut usage);
    }
    usage
}

/// What is made anew while an object is rolled out.
pub(super) fn rolled(object: &Object) -> Amounts {
    let made = match (&*object.key.group_kind.group, &*object.key.group_kind.kind) {
        ("apps", "Deployment") => "count/replicasets.apps",
        ("apps", "StatefulSet" | "DaemonSet") => "count/controllerrevisions.apps",
        _ => return Amounts::default(),
    };
    [(made, Quantity::units(1))].into_iter().collect()
}

/// Resources of the core group that a quota may count by their plain names.
const SHORT: [&str; 6] = [
    "configmaps",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
];

/// The name of a kind's resource with its group, as `count/` wants it.
fn resource(group_kind: &GroupKind, minor: u32) -> String {
    let GroupKind { group, kind } = group_kind;
    let known = pack(minor).versions(group, kind).next();
    let plural =
        known.map_or_else(|| format!("{}s", kind.to_lowercase()), |it| it.plural.to_string());
    if group.is_empty() { plural } else { format!("{plural}.{group}") }
}

fn of_service(service: &Service, usage: &mut Amounts) {
    usage.set("services.nodeports", Quantity::units(service.counted_node_ports.into()));
    let balancers = i64::from(&*service.kind == "LoadBalancer");
    usage.set("services.loadbalancers", Quantity::units(balancers));
}

/// `pvcEvaluator.Usage` of `pkg/quota/v1/evaluator/core/persistent_volume_claims.go`
fn of_claim(claim: &Claim, times: u32, default_class: Option<&str>, usage: &mut Amounts) {
    let count = Quantity::units(times.into());
    let size = claim.requests.get("storage");
    let size = size.map(|size| crate::facts::times(size, times));
    let mut add = |key: &str, amount| usage.add_one(key, amount);
    add("persistentvolumeclaims", count);
    add("count/persistentvolumeclaims", count);
    if let Some(size) = size {
        add("requests.storage", size);
    }
    let class = claim.class.as_deref().or(default_class).filter(|class| !class.is_empty());
    if let Some(class) = class {
        let suffix = ".storageclass.storage.k8s.io/";
        add(&format!("{class}{suffix}persistentvolumeclaims"), count);
        if let Some(size) = size {
            add(&format!("{class}{suffix}requests.storage"), size);
        }
    }
}
