//! Everything that runs in a cluster at one moment, and what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::plane::ControlPlane;

const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

/// Kind, namespace and name.
pub(crate) type Key = (String, String, String);

/// The objects that make, are, or hold pods.
pub(crate) struct State {
    objects: BTreeMap<Key, Value>,
}

/// Text at a JSON pointer; empty where there is none.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn number(value: &Value, pointer: &str, otherwise: u64) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(otherwise)
}

/// `Kind namespace/name`.
pub(crate) fn title((kind, namespace, name): &Key) -> String {
    format!("{kind} {namespace}/{name}")
}

fn key(kind: &str, namespace: &str, name: &str) -> Key {
    (kind.to_owned(), namespace.to_owned(), name.to_owned())
}

impl State {
    /// Asks the cluster.
    pub(crate) fn of(plane: &ControlPlane) -> Self {
        let kinds = "deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,pods,\
                     horizontalpodautoscalers,persistentvolumeclaims,persistentvolumes,storageclasses,\
                     services,ingresses";
        let printed = plane.must(["get", kinds, "--all-namespaces", "--output=json"]);
        let mut list: Value = serde_json::from_str(&printed).expect("kubectl prints JSON");
        let items = list["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let key = |o: &Value| {
            key(text(o, "/kind"), text(o, "/metadata/namespace"), text(o, "/metadata/name"))
        };
        Self { objects: items.into_iter().map(|object| (key(&object), object)).collect() }
    }

    /// Objects of one kind.
    pub(crate) fn each<'a>(&'a self, kind: &str) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        self.objects.iter().filter(move |((k, ..), _)| k == kind)
    }

    /// What somebody wrote: the workloads that no other object owns.
    pub(crate) fn workloads(&self) -> BTreeSet<Key> {
        let kinds = WORKLOADS.iter().flat_map(|kind| self.each(kind));
        kinds.map(|(key, _)| key).filter(|key| self.owner(key) == **key).cloned().collect()
    }

    /// The object that an object is there for in the end: a pod's Deployment. Itself, where nothing owns it.
    pub(crate) fn owner(&self, key: &Key) -> Key {
        let owners = self.objects.get(key).and_then(|o| o.pointer("/metadata/ownerReferences"));
        let owner = owners
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|o| o["controller"] == true);
        match owner {
            Some(owner) => {
                let (kind, name) = (text(owner, "/kind"), text(owner, "/name"));
                self.owner(&self::key(kind, &key.1, name))
            }
            None => key.clone(),
        }
    }

    /// A number that changes with whatever moves.
    pub(crate) fn versions(&self) -> Vec<&str> {
        self.objects.values().map(|o| text(o, "/metadata/resourceVersion")).collect()
    }

    /// What is not as it was asked for, by whose it is.
    pub(crate) fn lacks(&self) -> BTreeMap<Key, Vec<String>> {
        let mut lacks: BTreeMap<Key, Vec<String>> = BTreeMap::new();
        let mut lack =
            |key: &Key, what: String| lacks.entry(self.owner(key)).or_default().push(what);
        for (key, object) in &self.objects {
            match key.0.as_str() {
                "Deployment" | "StatefulSet" => self.replicas(key, object, &mut lack),
                "DaemonSet" => daemons(key, object, &mut lack),
                "Job" => job(key, object, &mut lack),
                "CronJob" if self.each("Job").all(|(job, _)| self.owner(job) != *key) => {
                    lack(key, "no Job of it".to_owned());
                }
                "Pod" if text(object, "/spec/nodeName").is_empty() => {
                    lack(key, format!("pod {} has no node", key.2));
                }
                "PersistentVolumeClaim" if text(object, "/status/phase") != "Bound" => {
                    lack(key, self.unbound(object));
                }
                _ => {}
            }
        }
        lacks
    }

    fn replicas(&self, key: &Key, object: &Value, lack: &mut impl FnMut(&Key, String)) {
        let mut wanted = number(object, "/spec/replicas", 1);
        for (_, scaler) in self.each("HorizontalPodAutoscaler").filter(|(k, _)| k.1 == key.1) {
            let target = &scaler["spec"]["scaleTargetRef"];
            if text(target, "/kind") == key.0 && text(target, "/name") == key.2 && wanted > 0 {
                wanted = wanted.max(number(scaler, "/spec/minReplicas", 1));
            }
        }
        let ready = number(object, "/status/readyReplicas", 0);
        let updated = number(object, "/status/updatedReplicas", 0);
        let all = number(object, "/status/replicas", 0);
        if !observed(object) || ready != wanted || updated != wanted || all != wanted {
            lack(
                key,
                format!("{wanted} pods wanted: {all} there, {ready} ready, {updated} up to date"),
            );
        }
    }

    fn unbound(&self, claim: &Value) -> String {
        let name = text(claim, "/metadata/name");
        match self.class(claim) {
            Some(_) => format!("claim {name} is not bound"),
            None => match claim.pointer("/spec/storageClassName").and_then(Value::as_str) {
                None => format!("claim {name} names no storage class, and none is the default"),
                Some(class) => format!(
                    "claim {name} waits for a volume that nobody makes: `{class}` is none of the storage classes"
                ),
            },
        }
    }

    /// The existing storage class of a claim.
    pub(crate) fn class(&self, claim: &Value) -> Option<&Value> {
        self.objects.get(&key("StorageClass", "", text(claim, "/spec/storageClassName")))
    }
}

/// Whether the controller has seen the object as it is now.
fn observed(object: &Value) -> bool {
    number(object, "/status/observedGeneration", 0) >= number(object, "/metadata/generation", 1)
}

fn daemons(key: &Key, object: &Value, lack: &mut impl FnMut(&Key, String)) {
    let wanted = number(object, "/status/desiredNumberScheduled", 0);
    let ready = number(object, "/status/numberReady", 0);
    let updated = number(object, "/status/updatedNumberScheduled", 0);
    if !observed(object) {
        lack(key, "not yet looked at".to_owned());
    } else if wanted == 0 {
        lack(key, "no node is one of its nodes".to_owned());
    } else if ready != wanted || updated != wanted {
        lack(key, format!("{wanted} pods wanted: {ready} ready, {updated} up to date"));
    }
}

fn job(key: &Key, object: &Value, lack: &mut impl FnMut(&Key, String)) {
    if object["spec"]["suspend"] == true {
        return;
    }
    let parallelism = number(object, "/spec/parallelism", 1);
    let wanted = parallelism.min(number(object, "/spec/completions", parallelism));
    let there = number(object, "/status/active", 0) + number(object, "/status/succeeded", 0);
    if there < wanted {
        lack(key, format!("{wanted} pods wanted: {there} there"));
    }
}
