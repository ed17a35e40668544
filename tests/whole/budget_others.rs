//! Rollouts, nodes, classes and disruption budgets.

use super::*;

/// A ScaledObject of KEDA for the Deployment.
fn keda(spec: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: web, namespace: shop, annotations: {{autoscaling.keda.sh/paused: ''}}}}\nspec: {{scaleTargetRef: {{name: web}}, {spec}}}\n"
    )
}

/// A VerticalPodAutoscaler for the Deployment.
fn vertical(mode: &str, policy: &str) -> String {
    format!(
        "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec: {{targetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, updatePolicy: {{updateMode: \"{mode}\"}}, resourcePolicy: {{containerPolicies: [{{containerName: '*', {policy}}}]}}}}\n"
    )
}

/// The cases.
pub(super) fn all() -> Vec<Case> {
    let rolls = |hard: &str, spec: &str, container: &str| {
        vec![quota(hard), deployment(spec, NOTHING, container)]
    };
    let fits = |name: &str, spec: &str, size: &str, pod: &str, container: &str| {
        vec![node(name, spec, size), deployment(STILL, pod, container)]
    };
    let size = "cpu: 4, memory: 8Gi, pods: 110";
    let (stuck, unfit, blocks) = ("rollout-stuck", "pod-fits-no-node", "disruption-budget-blocks");
    let class = |name: &str, default: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}, annotations: {{storageclass.kubernetes.io/is-default-class: '{default}'}}}}\nprovisioner: driver.example.com\n"
        )
    };
    let priority = |name: &str, default: &str| {
        format!(
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: {name}}}\nvalue: 5\nglobalDefault: {default}\n"
        )
    };
    vec![
        case(
            &rolls("requests.memory: 256Mi", "strategy: {type: $1}", M256),
            ("RollingUpdate", "Recreate"),
            stuck,
            "256Mi + 256Mi = 512Mi",
        ),
        case(
            &rolls("requests.memory: $1", "replicas: 3", M256),
            ("768Mi", "1Gi"),
            stuck,
            "never ends",
        ),
        case(
            &[quota("persistentvolumeclaims: $1"), deployment("replicas: 2", &scratch(""), M256)],
            ("2", "3"),
            stuck,
            "2 + 1 = 3 of `persistentvolumeclaims`",
        ),
        case(&rolls("pods: $1", "replicas: 2", M256), ("2", "3"), stuck, "`pods`"),
        case(
            &rolls(
                "requests.memory: 256Mi",
                "strategy: {rollingUpdate: {$1}}\n  replicas: 1",
                M256,
            ),
            ("maxSurge: 1, maxUnavailable: 0", "maxSurge: 0, maxUnavailable: 1"),
            stuck,
            "maxSurge: 0",
        ),
        case(
            &rolls("count/replicasets.apps: $1", "replicas: 2", M256),
            ("1", "2"),
            stuck,
            "count/replicasets.apps",
        ),
        case(
            &rolls("requests.memory: 1Gi", "replicas: $1", M256),
            ("4", "3"),
            "quota-exceeded-in-rollout",
            "1Gi of 1Gi",
        ),
        case(
            &[quota("requests.memory: 1Gi"), deployment(STILL, NOTHING, M256), scaler("$1")],
            ("5", "4"),
            "quota-exceeded-when-scaled",
            "1280Mi",
        ),
        case(
            &[
                quota("requests.memory: 1Gi"),
                deployment(STILL, NOTHING, M256),
                keda("maxReplicaCount: $1"),
            ],
            ("5", "4"),
            "quota-exceeded-when-scaled",
            "Deployment/web: 1280Mi, 256Mi each",
        ),
        // Without a maximum there are a hundred.
        case(
            &[quota("pods: $1"), deployment(STILL, NOTHING, M256), keda("minReplicaCount: 1")],
            ("99", "100"),
            "quota-exceeded-when-scaled",
            "100 are asked for",
        ),
        // It starts what has no pods too.
        case(
            &[
                quota("pods: 3"),
                deployment(&format!("replicas: 0\n  {STILL}"), NOTHING, M256),
                keda("maxReplicaCount: $1, minReplicaCount: 1"),
            ],
            ("4", "3"),
            "quota-exceeded-when-scaled",
            "4 are asked for",
        ),
        case(
            &[
                quota("pods: 3"),
                deployment(STILL, NOTHING, M256),
                keda("maxReplicaCount: 4").replace("paused: ''", "paused: '$1'"),
            ],
            ("false", "true"),
            "quota-exceeded-when-scaled",
            "4 are asked for",
        ),
        case(
            &[
                quota("requests.memory: 1Gi"),
                workload(
                    "keda.sh/v1alpha1",
                    "ScaledJob",
                    "maxReplicaCount: $1, ",
                    "jobTargetRef: {parallelism: 2, template: {spec: POD}}",
                ),
            ],
            ("3", "2"),
            "quota-exceeded-when-scaled",
            "ScaledJob/other: 1536Mi, 256Mi each",
        ),
        case(
            &[
                quota("requests.memory: 1Gi"),
                deployment(&format!("replicas: 2\n  {STILL}"), NOTHING, M256),
                vertical("Auto", "maxAllowed: {memory: $1}"),
            ],
            ("768Mi", "512Mi"),
            "quota-exceeded-when-scaled",
            "Deployment/web: 2 × 768Mi = 1536Mi",
        ),
        case(
            &[
                quota("limits.memory: 1Gi"),
                deployment(
                    STILL,
                    NOTHING,
                    "resources: {requests: {memory: 256Mi}, limits: {memory: 512Mi}}",
                ),
                vertical("Initial", "maxAllowed: {memory: 1Gi}, controlledValues: $1"),
            ],
            ("RequestsAndLimits", "RequestsOnly"),
            "quota-exceeded-when-scaled",
            "2Gi are asked for",
        ),
        case(
            &[
                quota("requests.memory: 1Gi"),
                deployment(STILL, NOTHING, M256),
                vertical("$1", "maxAllowed: {memory: 2Gi}"),
            ],
            ("InPlaceOrRecreate", "Off"),
            "quota-exceeded-when-scaled",
            "2Gi",
        ),
        case(
            &[
                quota("requests.memory: 256Mi"),
                workload(
                    "batch/v1",
                    "CronJob",
                    "schedule: '0 3 * * *', ",
                    "jobTemplate: {spec: {parallelism: $1, template: {spec: POD}}}",
                ),
            ],
            ("2", "1"),
            "quota-exceeded-when-scheduled",
            "512Mi",
        ),
        case(
            &[
                claim("$1", "1Gi"),
                deployment(
                    "replicas: 1",
                    "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]",
                    M256,
                ),
            ],
            ("ReadWriteOncePod", "ReadWriteMany"),
            "rollout-waits-for-volume",
            "one pod has at a time",
        ),
        case(
            &[
                node("one", "", size),
                node("two", "", size),
                claim("$1", "1Gi"),
                deployment(
                    "replicas: 1",
                    "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]",
                    M256,
                ),
            ],
            ("ReadWriteOnce", "ReadWriteMany"),
            "rollout-waits-for-volume",
            "one node has at a time",
        ),
        case(
            &fits("one", "", size, NOTHING, "resources: {requests: {memory: $1}}"),
            ("16Gi", "8Gi"),
            unfit,
            "16Gi of memory are requested, and 8Gi are allocatable",
        ),
        case(
            &fits("one", "", size, NOTHING, "resources: {requests: {cpu: $1}}"),
            ("5", "4"),
            unfit,
            "5 of cpu",
        ),
        case(
            &fits("one", "", size, NOTHING, "resources: {limits: {example.com/gpu: $1}}"),
            ("1", "0"),
            unfit,
            "example.com/gpu",
        ),
        case(
            &fits("one", "", size, "nodeSelector: {disk: $1}", M256),
            ("hdd", "ssd"),
            unfit,
            "labels",
        ),
        case(
            &fits("one", "taints: [{key: kept, effect: $1}]", size, NOTHING, M256),
            ("NoSchedule", "PreferNoSchedule"),
            unfit,
            "taint `kept:NoSchedule`",
        ),
        case(
            &fits(
                "one",
                "taints: [{key: kept, value: db, effect: NoExecute}]",
                size,
                "tolerations: [{key: kept, value: $1}]",
                M256,
            ),
            ("web", "db"),
            unfit,
            "kept=db:NoExecute",
        ),
        case(
            &fits("one", "unschedulable: $1", size, NOTHING, M256),
            ("true", "false"),
            unfit,
            "cordoned",
        ),
        case(
            &fits(
                "one",
                "",
                size,
                "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: $1, values: [ssd]}]}]}}}",
                M256,
            ),
            ("NotIn", "In"),
            unfit,
            "labels",
        ),
        case(
            &fits(
                "one",
                "",
                size,
                "initContainers: [{name: a, image: 'registry.example.com/a:1', resources: {requests: {memory: $1}}}]",
                M256,
            ),
            ("9Gi", "8Gi"),
            unfit,
            "9Gi",
        ),
        case(
            &[keeper("minAvailable: $1"), deployment("replicas: 2", NOTHING, M256)],
            ("2", "1"),
            blocks,
            "2 pods",
        ),
        case(
            &[keeper("minAvailable: $1"), deployment("replicas: 2", NOTHING, M256)],
            ("100%", "50%"),
            blocks,
            "2 pods",
        ),
        case(
            &[keeper("maxUnavailable: $1"), deployment("replicas: 2", NOTHING, M256)],
            ("0", "1"),
            blocks,
            "maxUnavailable: 1",
        ),
        case(
            &[keeper("minAvailable: 1"), deployment("replicas: $1", NOTHING, M256)],
            ("1", "2"),
            blocks,
            "1 pod",
        ),
        case(
            &[class("one", "true"), class("two", "$1")],
            ("true", "false"),
            "storage-class-default-twice",
            "`one` and `two`",
        ),
        case(
            &[priority("one", "true"), priority("two", "$1")],
            ("true", "false"),
            "priority-class-default-twice",
            "`one` and `two`",
        ),
        case(
            &[
                range("type: Container, default: {memory: 1Gi}"),
                range("type: Container, default: {$1}").replace("limits, n", "more, n"),
            ],
            ("memory: 2Gi", "cpu: 1"),
            "limit-range-default-twice",
            "memory",
        ),
    ]
}
