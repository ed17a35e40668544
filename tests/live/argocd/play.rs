//! Plays what runs in a cluster and not here, so that objects become healthy.

use serde_json::{Value, json};

use crate::{
    plane::ControlPlane,
    settle,
    state::{State, number, text},
};

/// Does what is to be done next.
pub(crate) fn turn(plane: &ControlPlane) {
    let state = State::of(plane);
    settle::help(plane, &state);
    for ((_, namespace, name), pod) in state.each("Pod") {
        let of_job = text(pod, "/metadata/ownerReferences/0/kind") == "Job";
        if of_job && text(pod, "/status/phase") == "Running" {
            let patch = r#"--patch={"status":{"phase":"Succeeded"}}"#;
            let flags = ["--namespace", namespace, "--subresource=status", patch];
            // A pod may be gone by now; the next look tells.
            plane.kubectl(["patch", "pod", name].into_iter().chain(flags));
        }
    }
    for ((_, namespace, name), scaler) in state.each("HorizontalPodAutoscaler") {
        if scaler.pointer("/status/conditions").is_none() {
            scale(plane, namespace, name, scaler);
        }
    }
}

/// What the autoscaler's controller does first: as many pods as are asked for at least.
fn scale(plane: &ControlPlane, namespace: &str, name: &str, scaler: &Value) {
    let least = number(scaler, "/spec/minReplicas", 1);
    let target = |part: &str| text(scaler, &format!("/spec/scaleTargetRef/{part}"));
    let target = format!("{}/{}", target("kind"), target("name"));
    plane.kubectl(["scale", &target, "--namespace", namespace, &format!("--replicas={least}")]);
    let since = text(scaler, "/metadata/creationTimestamp");
    let condition = |name: &str, reason: &str| {
        json!({
            "type": name, "status": "True", "reason": reason, "message": "",
            "lastTransitionTime": since,
        })
    };
    let conditions = [
        condition("AbleToScale", "ReadyForNewScale"),
        condition("ScalingActive", "ValidMetricFound"),
    ];
    let status = json!({
        "status": {"currentReplicas": least, "desiredReplicas": least, "conditions": conditions},
    });
    let flags = ["--namespace", namespace, "--subresource=status"];
    let patch = format!("--patch={status}");
    plane.kubectl(["patch", "hpa", name, &patch].into_iter().chain(flags));
}
