//! Autoscalers that cannot do what they are for, and rollouts while they ask for their maximum.

use super::*;

/// An autoscaler by these metrics for the Deployment.
fn by(metrics: &str) -> String {
    scaler("4").replace("metrics: [{type: Pods, pods: {metric: {name: hits}, target: {type: AverageValue, averageValue: 10}}}]", metrics)
}

fn keda(spec: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web, namespace: shop}}\nspec: {{scaleTargetRef: {{name: web}}, {spec}}}\n"
    )
}

const OF_CPU: &str = "metrics: [{type: Resource, resource: {name: cpu, target: {type: $1, averageUtilization: 80}}}]";
const BY_CPU: &str = "metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]";

/// The cases.
pub(super) fn all() -> Vec<Case> {
    let id = "autoscaler-without-request";
    let held = |pod: &str, container: &str| deployment(STILL, pod, container);
    let container = |name: &str, more: &str| {
        format!("[{{name: {name}, image: 'registry.example.com/b:1'{more}}}]")
    };
    let of_one = |name: &str| {
        format!(
            "metrics: [{{type: ContainerResource, containerResource: {{name: cpu, container: {name}, target: {{type: Utilization, averageUtilization: 80}}}}}}]"
        )
    };
    let rolls = "strategy: {rollingUpdate: {$1}}";
    vec![
        case(
            &[held(NOTHING, "resources: {requests: {$1: 1}}"), by(BY_CPU)],
            ("memory", "cpu"),
            id,
            "container `web`",
        ),
        // Without metrics it is CPU, and so it is in the first version.
        case(&[held(NOTHING, "resources: {requests: {$1: 1}}"), by("")], ("memory", "cpu"), id, "cpu"),
        case(
            &[
                held(NOTHING, "resources: {requests: {$1: 1}}"),
                by("targetCPUUtilizationPercentage: 70").replace("autoscaling/v2", "autoscaling/v1"),
            ],
            ("memory", "cpu"),
            id,
            "resources.requests.cpu",
        ),
        case(&[held(NOTHING, M256), by(OF_CPU)], ("Utilization", "AverageValue"), id, "cpu"),
        // A limit is a request.
        case(
            &[held(NOTHING, "resources: {limits: {$1: 1}}"), by(BY_CPU)],
            ("memory", "cpu"),
            id,
            "cpu",
        ),
        case(
            &[
                held(NOTHING, M256),
                by(BY_CPU),
                range("type: Container, defaultRequest: {$1: 1}"),
            ],
            ("memory", "cpu"),
            id,
            "cpu",
        ),
        // Of the pod as a whole.
        case(
            &[held("resources: {requests: {$1: 1}}", M256), by(BY_CPU)],
            ("hugepages-2Mi", "cpu"),
            id,
            "cpu",
        ),
        // A sidecar runs as long as the pod, an init container does not.
        case(
            &[
                held(
                    &format!("initContainers: {}", container("b", ", restartPolicy: $1")),
                    "resources: {requests: {cpu: 1}}",
                ),
                by(BY_CPU),
            ],
            ("Always", "null"),
            id,
            "container `b`",
        ),
        case(
            &[
                held(NOTHING, M256).replace(
                    "containers:\n",
                    "containers:\n        - {name: b, image: 'registry.example.com/b:1', resources: {requests: {cpu: 1}}}\n",
                ),
                by(&of_one("$1")),
            ],
            ("web", "b"),
            id,
            "container `web`",
        ),
        // Others still add pods.
        case(
            &[
                held(NOTHING, "resources: {requests: {$1: 1}}"),
                by(&BY_CPU.replace(
                    "metrics: [",
                    "metrics: [{type: External, external: {metric: {name: hits}, target: {type: AverageValue, averageValue: 10}}}, ",
                )),
            ],
            ("memory", "cpu"),
            id,
            "never takes pods away",
        ),
        case(
            &[
                held(NOTHING, M256),
                keda("minReplicaCount: 1, triggers: [{type: cpu, metricType: $1, metadata: {value: '50'}}]"),
            ],
            ("Utilization", "AverageValue"),
            id,
            "ScaledObject/web",
        ),
        case(
            &[held(NOTHING, M256), keda("$1, triggers: [{type: cron}]")],
            ("idleReplicaCount: 0", "idleReplicaCount: 0, minReplicaCount: 1"),
            "scaled-object-invalid",
            "less than `minReplicaCount`",
        ),
        case(
            &[held(NOTHING, M256), keda("idleReplicaCount: $1, minReplicaCount: 2")],
            ("2", "0"),
            "scaled-object-invalid",
            "2 pods at rest",
        ),
        case(
            &[held(NOTHING, M256), keda("minReplicaCount: $1, maxReplicaCount: 5")],
            ("6", "5"),
            "scaled-object-invalid",
            "6 pods at least and 5 at most",
        ),
        case(
            &[quota("requests.memory: 1Gi"), deployment(rolls, NOTHING, M256), scaler("4")],
            ("maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1"),
            "quota-exceeded-in-rollout",
            "maximum of 4 pods waits",
        ),
        case(
            &[
                quota("requests.memory: $1"),
                deployment("strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", NOTHING, M256),
                scaler("4"),
            ],
            ("1Gi", "1280Mi"),
            "quota-exceeded-in-rollout",
            "1280Mi",
        ),
    ]
}
