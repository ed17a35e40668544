//! Plays the kubelet and the provisioner until a cluster is as it was asked to be, or moves no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    events,
    plane::ControlPlane,
    state::{Key, State, text, title},
};

/// What came to rest.
pub(crate) struct Settled {
    pub(crate) workloads: BTreeSet<Key>,
    pub(crate) pods: usize,
    pub(crate) faults: Vec<String>,
    /// Deployments whose update may start a pod before it ends one.
    pub(crate) surging: Vec<Key>,
}

/// Starts each CronJob once and waits for all pods of everything.
pub(crate) fn everything(plane: &mut ControlPlane, patience: Duration) -> Settled {
    for (key @ (_, namespace, name), _) in State::of(plane).each("CronJob") {
        // A Job's name leaves room for its pods' suffixes.
        let job: String = format!("{name:.50}-live");
        let from = format!("--from=cronjob/{name}");
        let answer = plane.kubectl(["create", "job", &job, &from, "--namespace", namespace]);
        assert!(answer.ok, "{}: {}", title(key), answer.err);
    }
    let (state, faults) = wait(plane, patience);
    let surges = |deployment: &Value| {
        text(deployment, "/spec/strategy/type") == "RollingUpdate"
            && !matches!(
                deployment.pointer("/spec/strategy/rollingUpdate/maxSurge"),
                Some(surge) if *surge == 0 || *surge == "0%" || *surge == "0"
            )
    };
    Settled {
        workloads: state.workloads(),
        pods: state.each("Pod").count(),
        faults,
        surging: state.each("Deployment").filter(|d| surges(d.1)).map(|d| d.0.clone()).collect(),
    }
}

/// Updates each Deployment that starts new pods before it ends old ones, one after the other, as releases come.
///
/// What a quota or a node holds at rest may still have no room for the one pod more.
pub(crate) fn rollouts(
    plane: &mut ControlPlane,
    settled: &Settled,
    patience: Duration,
) -> Vec<String> {
    if !settled.faults.is_empty() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (_, namespace, name) in &settled.surging {
        let target = format!("deployment/{name}");
        plane.must(["rollout", "restart", &target, "--namespace", namespace]);
        let stuck = wait(plane, patience).1;
        if !stuck.is_empty() {
            faults.extend(stuck);
            plane.must(["rollout", "undo", &target, "--namespace", namespace]);
            wait(plane, patience);
        }
    }
    faults
}

/// Helps until nothing lacks anything or nothing has moved for so long.
fn wait(plane: &mut ControlPlane, patience: Duration) -> (State, Vec<String>) {
    let mut moved = Instant::now();
    let mut before: Vec<String> = Vec::new();
    loop {
        let state = State::of(plane);
        help(plane, &state);
        let lacks = state.lacks();
        let versions = state.versions();
        if versions != before {
            before = versions.into_iter().map(str::to_owned).collect();
            moved = Instant::now();
        }
        if lacks.is_empty() || moved.elapsed() > patience {
            let faults = events::explain(plane, &state, &lacks);
            return (state, faults);
        }
        plane.assert_running();
        thread::sleep(Duration::from_millis(100));
    }
}

/// Does what a kubelet, a volume provisioner and a load balancer would do next.
pub(crate) fn help(plane: &ControlPlane, state: &State) {
    let mut started: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    let mut ended: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((_, namespace, name), pod) in state.each("Pod") {
        if pod.pointer("/metadata/deletionTimestamp").is_some() {
            ended.entry(namespace).or_default().push(name);
        } else if !text(pod, "/spec/nodeName").is_empty() && text(pod, "/status/phase") == "Pending"
        {
            started.entry(namespace).or_default().push(pod);
        }
    }
    for (namespace, pods) in started {
        // The same moment for all of them, or one call would not do.
        let since = text(pods[0], "/metadata/creationTimestamp");
        let condition = |name| json!({"type": name, "status": "True", "lastTransitionTime": since});
        let conditions = ["Initialized", "ContainersReady", "Ready"].map(condition);
        let patch =
            json!({"status": {"phase": "Running", "startTime": since, "conditions": conditions}});
        let patch = format!("--patch={patch}");
        let mut args =
            vec!["patch", "pods", "--namespace", namespace, "--subresource=status", &patch];
        args.extend(pods.iter().map(|pod| text(pod, "/metadata/name")));
        // A pod may be gone by now; the next look tells.
        plane.kubectl(args);
    }
    for (namespace, pods) in ended {
        let flags = ["delete", "pods", "--namespace", namespace, "--force", "--grace-period=0"];
        plane.kubectl(flags.into_iter().chain(["--ignore-not-found"]).chain(pods));
    }
    plane.create(volumes(state));
    let load_balancer = |o: &Value| text(o, "/spec/type") == "LoadBalancer";
    let services = state.each("Service").filter(|(_, service)| load_balancer(service));
    for ((kind, namespace, name), object) in services.chain(state.each("Ingress")) {
        if object.pointer("/status/loadBalancer/ingress").is_none() {
            let patch = r#"--patch={"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#;
            let flags = ["--namespace", namespace, "--subresource=status", patch];
            plane.kubectl(["patch", kind, name].into_iter().chain(flags));
        }
    }
}

/// A volume for each claim that waits for one of an existing storage class.
fn volumes(state: &State) -> Vec<Value> {
    let name = |(_, namespace, name): &Key| format!("live-{namespace}-{name}");
    let there: BTreeSet<_> = state.each("PersistentVolume").map(|(key, _)| key.2.clone()).collect();
    let waits = |(key, claim): &(&Key, &Value)| {
        text(claim, "/status/phase") == "Pending"
            && text(claim, "/spec/volumeName").is_empty()
            && state.class(claim).is_some()
            && !there.contains(&name(key))
    };
    let volume = |(key, claim): (&Key, &Value)| {
        let spec = &claim["spec"];
        json!({
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name(key)},
            "spec": {
                "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                "accessModes": spec["accessModes"],
                "storageClassName": spec["storageClassName"],
                "volumeMode": spec["volumeMode"],
                "persistentVolumeReclaimPolicy": "Retain",
                "hostPath": {"path": "/tmp"},
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": key.1,
                    "name": key.2,
                    // Without it the controller would come by only every 15 seconds.
                    "uid": claim["metadata"]["uid"],
                },
            },
        })
    };
    state.each("PersistentVolumeClaim").filter(waits).map(volume).collect()
}
