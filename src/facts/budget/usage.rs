//! What objects beside pods take of a quota, by the key of the quota.

use std::collections::HashMap;

use super::scope;
use crate::facts::made::{definition_of, definitions};
use crate::facts::{Amounts, Body, Claim, Cluster, Name, Object, Quota, RunKind, Service};
use crate::model::{GroupKind, Quantity};
use crate::schema::{NEWEST, pack};

/// What is to be known of the whole cluster to say what an object takes.
pub(super) struct Defaults<'c> {
    /// The storage class of claims that name none.
    class: Option<&'c str>,
    minor: u32,
    /// The names of custom resources with their groups, by the names under which the definitions of
    /// their kinds count as made.
    defined: HashMap<&'c str, &'c str>,
}

impl<'c> Defaults<'c> {
    pub(super) fn of(cluster: &'c Cluster) -> Self {
        let surroundings = cluster.surroundings();
        let stated = cluster.objects().iter().find_map(|object| match &object.body {
            Body::StorageClass(_, Some(_)) => Some(object.key.name.as_str()),
            _ => None,
        });
        // A definition is named as the resource that it defines.
        let definition = definitions();
        let defined = cluster.of_kind(&definition).flat_map(|object| {
            let names = object.made.iter().filter_map(|made| match &made.name {
                Name::Is(name) => Some(&**name),
                _ => None,
            });
            names.map(|name| (name, object.key.name.as_str()))
        });
        Self {
            class: stated.or(surroundings.default_class.as_deref()),
            minor: surroundings.minor.unwrap_or(NEWEST),
            defined: defined.collect(),
        }
    }

    /// The name of a kind's resource with its group, as `count/` wants it; nothing where it is not
    /// known, since plurals cannot be told from kinds.
    fn resource(&self, group_kind: &GroupKind) -> Option<String> {
        let GroupKind { group, kind } = group_kind;
        match pack(self.minor).versions(group, kind).next() {
            Some(known) if group.is_empty() => Some(known.plural.to_string()),
            Some(known) => Some(format!("{}.{group}", known.plural)),
            None => self.defined.get(&*definition_of(group, kind)).map(|&name| name.to_owned()),
        }
    }

    /// Whether a key counts objects of a custom kind, and some of these objects may be of it: then
    /// it is not known how many there are.
    pub(super) fn is_unknown(&self, key: &str, objects: &[&Object]) -> bool {
        if is_of_devices(key) {
            let is_claim = |kind: &str| kind == TEMPLATE || (kind == CLAIM && key != CLAIMS);
            return objects.iter().any(|object| {
                let GroupKind { group, kind } = &object.key.group_kind;
                group == "resource.k8s.io" && is_claim(kind)
            });
        }
        let Some(resource) = key.strip_prefix("count/") else { return false };
        let Some((_, group)) = resource.split_once('.') else { return false };
        let may_be = |object: &&Object| {
            let group_kind = &object.key.group_kind;
            group_kind.group == group && self.resource(group_kind).is_none()
        };
        !self.defined.values().any(|name| *name == resource) && objects.iter().any(may_be)
    }

    /// What an object takes of a quota by itself, and what it makes that counts too, but for what
    /// its pods take.
    pub(super) fn usage(&self, quota: &Quota, object: &Object) -> Amounts {
        if let Body::Claim(claim) = &object.body {
            return self.claims(quota, std::slice::from_ref(&**claim));
        }
        if !quota.scopes.is_empty() {
            return Amounts::default();
        }
        of(object, self.resource(&object.key.group_kind).as_deref())
    }

    /// What one claim of each takes of a quota.
    pub(super) fn claims(&self, quota: &Quota, claims: &[Claim]) -> Amounts {
        let mut usage = Amounts::default();
        let counted = claims.iter().filter(|it| scope::counts_claim(quota, it, self.minor));
        counted.for_each(|claim| of_claim(claim, self.class, &mut usage));
        usage
    }
}

/// What claims devices, and what such claims are made from for each pod.
const CLAIM: &str = "ResourceClaim";
const TEMPLATE: &str = "ResourceClaimTemplate";

/// The key that counts claims of devices.
const CLAIMS: &str = "count/resourceclaims.resource.k8s.io";

/// Whether a key counts devices, or the claims of them that are made for pods of templates.
pub(super) fn is_of_devices(key: &str) -> bool {
    key.ends_with(".deviceclass.resource.k8s.io/devices") || key == CLAIMS
}

fn of(object: &Object, resource: Option<&str>) -> Amounts {
    let mut usage = Amounts::default();
    if let Some(resource) = resource {
        usage.set(&format!("count/{resource}"), Quantity::units(1));
        if SHORT.contains(&resource) {
            usage.set(resource, Quantity::units(1));
        }
    }
    match &object.body {
        // Hooks come and go.
        Body::Workload(pod) if pod.run.kind == RunKind::Hook => usage = Amounts::default(),
        Body::Service(service) => of_service(service, &mut usage),
        Body::Workload(_) => {
            let made = match &*object.key.group_kind.kind {
                "Deployment" | "Rollout" => "count/replicasets.apps",
                "StatefulSet" | "DaemonSet" => "count/controllerrevisions.apps",
                _ => "",
            };
            if !made.is_empty() {
                usage.add_one(made, Quantity::units(1));
            }
        }
        _ => {}
    }
    usage
}

/// What is made anew while an object is rolled out.
pub(super) fn rolled(object: &Object) -> Amounts {
    let made = match (&*object.key.group_kind.group, &*object.key.group_kind.kind) {
        ("apps", "Deployment") | ("argoproj.io", "Rollout") => "count/replicasets.apps",
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

fn of_service(service: &Service, usage: &mut Amounts) {
    usage.set("services.nodeports", Quantity::units(service.counted_node_ports.into()));
    let balancers = i64::from(&*service.kind == "LoadBalancer");
    usage.set("services.loadbalancers", Quantity::units(balancers));
}

/// `pvcEvaluator.Usage` of `pkg/quota/v1/evaluator/core/persistent_volume_claims.go`
fn of_claim(claim: &Claim, default_class: Option<&str>, usage: &mut Amounts) {
    let one = Quantity::units(1);
    let size = claim.requests.get("storage");
    let mut add = |key: &str, amount| usage.add_one(key, amount);
    add("persistentvolumeclaims", one);
    add("count/persistentvolumeclaims", one);
    if let Some(size) = size {
        add("requests.storage", size);
    }
    let class = claim.class.as_deref().or(default_class).filter(|class| !class.is_empty());
    if let Some(class) = class {
        let suffix = ".storageclass.storage.k8s.io/";
        add(&format!("{class}{suffix}persistentvolumeclaims"), one);
        if let Some(size) = size {
            add(&format!("{class}{suffix}requests.storage"), size);
        }
    }
}
