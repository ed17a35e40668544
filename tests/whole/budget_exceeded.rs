//! Sums that a quota does not hold.

use super::*;

/// The definition of Widgets, whose plural cannot be guessed.
fn definition(plural: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {plural}.example.com}}\nspec: {{group: example.com, scope: Namespaced, names: {{plural: {plural}, kind: Widget}}}}\n"
    )
}

fn widget() -> String {
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: one, namespace: shop}\n".to_owned()
}

/// The cases.
pub(super) fn all() -> Vec<Case> {
    let id = "quota-exceeded";
    let replicas = |hard: &str, container: &str| {
        vec![quota(hard), deployment(&format!("replicas: $1\n  {STILL}"), NOTHING, container)]
    };
    let one = |hard: &str, pod: &str, container: &str| {
        vec![quota(hard), deployment(STILL, pod, container)]
    };
    let other = |hard: &str, other: String| vec![quota(hard), other];
    let labels =
        "selector: {matchLabels: {app: o}}, template: {metadata: {labels: {app: o}}, spec: POD}";
    vec![
        case(&replicas("requests.memory: 512Mi", M256), ("3", "2"), id, "3 × 256Mi = 768Mi"),
        case(&replicas("memory: 512Mi", M256), ("3", "2"), id, "`memory` of quota"),
        case(&replicas("requests.cpu: 500m", "resources: {requests: {cpu: 250m}}"), ("3", "2"), id, "750m"),
        case(&replicas("cpu: 0.5", "resources: {requests: {cpu: 250m}}"), ("3", "2"), id, "run 2 of 3 pods"),
        case(&replicas("limits.cpu: 1", "resources: {limits: {cpu: 500m}}"), ("3", "2"), id, "1500m"),
        case(&replicas("limits.memory: 1Gi", "resources: {limits: {memory: 512Mi}}"), ("3", "2"), id, "raise `limits.memory` to 1536Mi"),
        case(&replicas("requests.ephemeral-storage: 2Gi", "resources: {requests: {ephemeral-storage: 1Gi}}"), ("3", "2"), id, "3Gi"),
        case(&replicas("limits.ephemeral-storage: 2Gi", "resources: {limits: {ephemeral-storage: 1Gi}}"), ("3", "2"), id, "3Gi"),
        case(&replicas("requests.example.com/gpu: 2", "resources: {limits: {example.com/gpu: 1}}"), ("3", "2"), id, "gpu"),
        case(&replicas("pods: 2", M256), ("3", "2"), id, "`pods`"),
        case(&replicas("count/pods: 2", M256), ("3", "2"), id, "`count/pods`"),
        // Init containers run one by one, beside the sidecars before them.
        case(&one("requests.memory: 512Mi", "initContainers: [{name: a, image: 'registry.example.com/a:1', resources: {requests: {memory: $1}}}]", M256), ("1Gi", "512Mi"), id, "1Gi"),
        case(&one("requests.memory: 512Mi", "initContainers: [{name: a, image: 'registry.example.com/a:1', restartPolicy: $1, resources: {requests: {memory: 512Mi}}}]", M256), ("Always", "null"), id, "768Mi"),
        case(&one("requests.memory: 512Mi", "resources: {requests: {memory: $1}}", M256), ("1Gi", "512Mi"), id, "1Gi"),
        // The runtime takes its part.
        case(&[
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: boxed}\nhandler: boxed\noverhead: {podFixed: {memory: $1}}\n".to_owned(),
            quota("requests.memory: 512Mi"),
            deployment(STILL, "runtimeClassName: boxed", M256),
        ], ("512Mi", "256Mi"), id, "768Mi"),
        // A LimitRange fills in.
        case(&[quota("limits.memory: 512Mi"), range("type: Container, default: {memory: $1}"), deployment(STILL, NOTHING, "imagePullPolicy: IfNotPresent")], ("1Gi", "512Mi"), id, "1Gi"),
        case(&[quota("requests.memory: 512Mi"), range("type: Container, max: {memory: $1}"), deployment(STILL, NOTHING, "imagePullPolicy: IfNotPresent")], ("1Gi", "512Mi"), id, "1Gi"),
        // Other kinds.
        case(&other("requests.memory: 512Mi", workload("apps/v1", "StatefulSet", "replicas: $1, serviceName: '', ", labels)), ("3", "2"), id, "StatefulSet/other: 3 × 256Mi"),
        case(&other("requests.memory: 512Mi", workload("apps/v1", "ReplicaSet", "replicas: $1, ", labels)), ("3", "2"), id, "ReplicaSet/other"),
        case(&other("requests.memory: 512Mi", workload("batch/v1", "Job", "parallelism: $1, ", "template: {spec: POD}")), ("3", "2"), id, "Job/other"),
        case(&other("requests.memory: 512Mi", workload("batch/v1", "Job", "parallelism: 8, completions: $1, ", "template: {spec: POD}")), ("3", "2"), id, "Job/other"),
        case(&[node("one", "", "cpu: 4, memory: 8Gi, pods: 110"), node("two", "$1", "cpu: 4, memory: 8Gi, pods: 110"), quota("requests.memory: 256Mi"), workload("apps/v1", "DaemonSet", "", labels)],
            ("unschedulable: false", "taints: [{key: kept, effect: NoSchedule}]"), id, "DaemonSet/other: 2 × 256Mi"),
        case(&[quota("requests.memory: 256Mi"), deployment(&format!("replicas: 1\n  {STILL}"), NOTHING, M256), scaler("3").replace("minReplicas: 2", "minReplicas: $1").replace("maxReplicas: 3", "maxReplicas: $1")], ("2", "1"), id, "512Mi"),
        // Objects.
        case(&[quota("services: $1"), service("type: ClusterIP")], ("0", "1"), id, "`services`"),
        case(&[quota("count/services: $1"), service("type: ClusterIP")], ("0", "1"), id, "`count/services`"),
        case(&[quota("services.nodeports: 1"), service("type: $1")], ("NodePort", "ClusterIP"), id, "2 are asked for"),
        case(&[quota("services.nodeports: 1"), service("type: LoadBalancer, allocateLoadBalancerNodePorts: $1")], ("true", "false"), id, "2 are asked for"),
        case(&[quota("services.loadbalancers: 0"), service("type: $1")], ("LoadBalancer", "NodePort"), id, "1 are asked for"),
        case(&[quota("persistentvolumeclaims: $1"), claim("ReadWriteOnce", "1Gi")], ("0", "1"), id, "PersistentVolumeClaim/data: 1"),
        case(&[quota("requests.storage: 1Gi"), claim("ReadWriteOnce", "$1")], ("2Gi", "1Gi"), id, "2Gi"),
        case(&[quota("fast.storageclass.storage.k8s.io/requests.storage: 1Gi"), claim("ReadWriteOnce", "2Gi").replace("accessModes", "storageClassName: $1\n  accessModes")], ("fast", "''"), id, "2Gi"),
        case(&other("requests.storage: 2Gi", workload("apps/v1", "StatefulSet", "replicas: $1, serviceName: '', volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], ", labels)), ("3", "2"), id, "3 × 1Gi"),
        case(&[quota("persistentvolumeclaims: 2"), deployment(&format!("replicas: $1\n  {STILL}"), &scratch(""), M256)], ("3", "2"), id, "Deployment/web: 3 × 1 = 3"),
        case(&[quota("requests.storage: 2Gi"), deployment(&format!("replicas: $1\n  {STILL}"), &scratch(""), M256)], ("3", "2"), id, "3 × 1Gi"),
        case(&[quota("fast.storageclass.storage.k8s.io/requests.storage: 0"), deployment(STILL, &scratch("storageClassName: $1, "), M256)], ("fast", "''"), id, "1Gi"),
        case(&other("requests.storage: 1Gi", workload("apps/v1", "StatefulSet", "serviceName: '', volumeClaimTemplates: [{metadata: {name: $1}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], ", labels).replace("{containers", &format!("{{{}, containers", scratch("")))), ("data", "scratch"), id, "StatefulSet/other: 1Gi"),
        case(&[quota("count/widgeten.example.com: $1"), definition("widgeten"), widget()], ("0", "1"), id, "Widget/one: 1"),
        case(&[quota("configmaps: $1"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n".to_owned()], ("1", "2"), id, "what every namespace gets: 1"),
        case(&[quota("secrets: $1"), "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: shop}\n".to_owned()], ("0", "1"), id, "Secret/a"),
        case(&[quota("count/deployments.apps: $1"), deployment(STILL, NOTHING, M256)], ("0", "1"), id, "`count/deployments.apps`"),
        case(&[quota("resourcequotas: $1")], ("0", "1"), id, "ResourceQuota/quota"),
        // Scopes.
        case(&[quota("pods: 0").replace("hard:", "scopes: [BestEffort]\n  hard:"), deployment(STILL, NOTHING, "resources: {requests: {$1: 1Gi}}")], ("ephemeral-storage", "memory"), id, "`pods`"),
        case(&[quota("pods: 0").replace("hard:", "scopes: [NotBestEffort]\n  hard:"), deployment(STILL, NOTHING, "resources: {requests: {$1: 1Gi}}")], ("memory", "ephemeral-storage"), id, "`pods`"),
        case(&[quota("pods: 0").replace("hard:", "scopes: [$1]\n  hard:"), deployment(STILL, NOTHING, M256)], ("NotTerminating", "Terminating"), id, "`pods`"),
        case(&[
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 5\n".to_owned(),
            quota("pods: 0").replace("hard:", "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [$1]}]}\n  hard:"),
            deployment(STILL, "priorityClassName: high", M256),
        ], ("high", "low"), id, "`pods`"),
        case(&[
            quota("requests.storage: 0").replace("hard:", "scopeSelector: {matchExpressions: [{scopeName: VolumeAttributesClass, operator: In, values: [$1]}]}\n  hard:"),
            claim("ReadWriteOnce", "1Gi").replace("accessModes", "volumeAttributesClassName: gold\n  accessModes"),
        ], ("gold", "silver"), id, "1Gi"),
        case(&[
            quota("requests.storage: 0").replace("hard:", "scopeSelector: {matchExpressions: [{scopeName: VolumeAttributesClass, operator: $1}]}\n  hard:"),
            claim("ReadWriteOnce", "1Gi"),
        ], ("DoesNotExist", "Exists"), id, "1Gi"),
        case(&[
            quota("pods: 0").replace("hard:", "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: $1}]}\n  hard:"),
            deployment(STILL, NOTHING, M256),
        ], ("DoesNotExist", "Exists"), id, "`pods`"),
    ]
}
