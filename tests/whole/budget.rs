//! Small broken clusters, one fault each, and their repaired twins: exactly the one finding, and none.

use gitopsc::diagnostic::{Finding, Severity};
use gitopsc::facts::Extent;

use crate::support::whole as clusters;

/// A cluster whose `$1` is what is broken, or repaired.
struct Case {
    text: String,
    broken: &'static str,
    repaired: &'static str,
    id: &'static str,
    /// What the finding must say: in its message, notes or help.
    says: &'static str,
}

/// A Deployment `web` in `shop`: what its spec, its pods and its container have.
fn deployment(spec: &str, pod: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         {spec}\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
         metadata: {{labels: {{app: web}}}}\n    spec:\n      {pod}\n      containers:\n        - name: web\n          \
         image: registry.example.com/web:1.4.0\n          {container}\n"
    )
}

fn quota(hard: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: quota, namespace: shop}}\nspec:\n  hard: {{{hard}}}\n"
    )
}

fn range(limit: &str) -> String {
    format!(
        "apiVersion: v1\nkind: LimitRange\nmetadata: {{name: limits, namespace: shop}}\nspec:\n  limits: [{{{limit}}}]\n"
    )
}

fn namespace(labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n")
}

fn node(name: &str, spec: &str, size: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{disk: ssd}}}}\nspec: {{{spec}}}\nstatus: {{allocatable: {{{size}}}}}\n"
    )
}

fn claim(modes: &str, size: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, namespace: shop}}\nspec:\n  \
         accessModes: [{modes}]\n  resources: {{requests: {{storage: {size}}}}}\n"
    )
}

fn scaler(max: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n  minReplicas: 2\n  maxReplicas: {max}\n"
    )
}

fn keeper(keeps: &str) -> String {
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
         {keeps}\n  selector: {{matchLabels: {{app: web}}}}\n"
    )
}

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: other, namespace: shop}}\nspec: {{{spec}, ports: [{{name: a, port: 80}}, {{name: b, port: 81}}]}}\n"
    )
}

/// Another kind of workload of one pod of 256Mi.
fn workload(version: &str, kind: &str, spec: &str, template: &str) -> String {
    let pod = "{restartPolicy: Never, containers: [{name: web, image: 'registry.example.com/web:1', resources: {requests: {memory: 256Mi}}}]}";
    let pod = if kind.ends_with("Job") {
        pod.to_owned()
    } else {
        pod.replace("restartPolicy: Never, ", "")
    };
    let body = template.replace("POD", &pod);
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: other, namespace: shop}}\nspec: {{{spec}{body}}}\n"
    )
}

/// Old ones go first, so that no rollout needs room.
const STILL: &str = "strategy: {type: Recreate}";
const M256: &str = "resources: {requests: {memory: 256Mi}}";
const NOTHING: &str = "terminationGracePeriodSeconds: 30";

fn case(
    parts: &[String],
    (broken, repaired): (&'static str, &'static str),
    id: &'static str,
    says: &'static str,
) -> Case {
    Case { text: parts.join("---\n"), broken, repaired, id, says }
}

/// Sums that a quota does not hold.
fn exceeded() -> Vec<Case> {
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
            quota("pods: 0").replace("hard:", "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: $1}]}\n  hard:"),
            deployment(STILL, NOTHING, M256),
        ], ("DoesNotExist", "Exists"), id, "`pods`"),
    ]
}

/// Pods that are refused, whatever else is there.
fn refused() -> Vec<Case> {
    let missing = "quota-value-missing";
    let bounds = "limit-range-violated";
    let security = "pod-security-violated";
    let wants =
        |hard: &str, container: &str| vec![quota(hard), deployment(STILL, NOTHING, container)];
    let ranged =
        |limit: &str, container: &str| vec![range(limit), deployment(STILL, NOTHING, container)];
    let level = |level: &str, pod: &str, container: &str| {
        let labels = format!("pod-security.kubernetes.io/enforce: {level}");
        vec![namespace(&labels), deployment(STILL, pod, container)]
    };
    let hard = "securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}";
    let but = |from: &str, to: &str| hard.replace(from, to);
    vec![
        case(
            &wants("requests.cpu: 4", "resources: {requests: {$1: 1}}"),
            ("ephemeral-storage", "cpu"),
            missing,
            "CPU request",
        ),
        case(
            &wants("limits.memory: 4Gi", "resources: {$1: {memory: 1Gi}}"),
            ("requests", "limits"),
            missing,
            "memory limit",
        ),
        case(
            &wants("limits.cpu: 4", "resources: {$1: {cpu: 1}}"),
            ("requests", "limits"),
            missing,
            "CPU limit",
        ),
        case(
            &[
                quota("requests.memory: 4Gi"),
                deployment(
                    STILL,
                    "initContainers: [{name: a, image: 'registry.example.com/a:1', resources: {requests: {$1: 1Gi}}}]",
                    M256,
                ),
            ],
            ("ephemeral-storage", "memory"),
            missing,
            "container `a`",
        ),
        case(
            &[
                quota("limits.memory: 4Gi"),
                range("type: Container, $1: {memory: 1Gi}"),
                deployment(STILL, NOTHING, M256),
            ],
            ("defaultRequest", "default"),
            missing,
            "memory limit",
        ),
        case(
            &ranged("type: Container, max: {memory: $1}", "resources: {limits: {memory: 1Gi}}"),
            ("512Mi", "1Gi"),
            bounds,
            "the most is 512Mi",
        ),
        case(
            &ranged("type: Container, min: {cpu: $1}", "resources: {requests: {cpu: 100m}}"),
            ("200m", "100m"),
            bounds,
            "the least is 200m",
        ),
        case(
            &ranged(
                "type: Container, maxLimitRequestRatio: {memory: $1}",
                "resources: {requests: {memory: 256Mi}, limits: {memory: 1Gi}}",
            ),
            ("2", "4"),
            bounds,
            "more than 2 times",
        ),
        case(
            &ranged("type: Container, default: {memory: $1}", M256),
            ("128Mi", "256Mi"),
            bounds,
            "its limit becomes 128Mi",
        ),
        case(
            &ranged("type: Pod, max: {memory: $1}", "resources: {limits: {memory: 1Gi}}"),
            ("512Mi", "1Gi"),
            bounds,
            "the pod has a limit",
        ),
        case(
            &ranged("type: Pod, max: {memory: 2Gi}", "resources: {$1: {memory: 1Gi}}"),
            ("requests", "limits"),
            bounds,
            "no limit of memory",
        ),
        case(
            &[
                range("type: PersistentVolumeClaim, max: {storage: $1}"),
                claim("ReadWriteOnce", "2Gi"),
            ],
            ("1Gi", "2Gi"),
            bounds,
            "the most is 1Gi",
        ),
        case(
            &[
                range("type: PersistentVolumeClaim, min: {storage: $1}"),
                claim("ReadWriteOnce", "2Gi"),
            ],
            ("3Gi", "2Gi"),
            bounds,
            "the least is 3Gi",
        ),
        case(
            &level("baseline", "hostNetwork: $1", M256),
            ("true", "false"),
            security,
            "hostNetwork",
        ),
        case(&level("baseline", "hostPID: $1", M256), ("true", "false"), security, "hostPID"),
        case(
            &level("baseline", "volumes: [{name: v, $1}]", M256),
            ("hostPath: {path: /tmp}", "emptyDir: {}"),
            security,
            "hostPath",
        ),
        case(
            &level("baseline", NOTHING, "securityContext: {privileged: $1}"),
            ("true", "false"),
            security,
            "privileged",
        ),
        case(
            &level("baseline", NOTHING, "securityContext: {capabilities: {add: [$1]}}"),
            ("NET_ADMIN", "CHOWN"),
            security,
            "NET_ADMIN",
        ),
        case(
            &level("baseline", NOTHING, "ports: [{containerPort: 80, hostPort: $1}]"),
            ("80", "0"),
            security,
            "host port",
        ),
        case(
            &level("baseline", "securityContext: {sysctls: [{name: $1, value: '1'}]}", M256),
            ("kernel.msgmax", "net.ipv4.tcp_syncookies"),
            security,
            "kernel.msgmax",
        ),
        case(
            &level("baseline", NOTHING, "livenessProbe: {tcpSocket: {port: 80, host: $1}}"),
            ("192.0.2.1", "''"),
            security,
            "name a host",
        ),
        case(
            &level("restricted", NOTHING, &but("drop: [ALL]", "drop: [$1]")),
            ("NET_RAW", "ALL"),
            security,
            "capabilities.drop must have ALL",
        ),
        case(
            &level("restricted", NOTHING, &but("drop: [ALL]", "drop: [ALL], add: [$1]")),
            ("CHOWN", "NET_BIND_SERVICE"),
            security,
            "CHOWN",
        ),
        case(
            &level(
                "restricted",
                NOTHING,
                &but("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: $1"),
            ),
            ("true", "false"),
            security,
            "allowPrivilegeEscalation",
        ),
        case(
            &level("restricted", NOTHING, &but("runAsNonRoot: true", "runAsNonRoot: $1")),
            ("null", "true"),
            security,
            "runAsNonRoot must be true",
        ),
        case(
            &level("restricted", NOTHING, &but("RuntimeDefault", "$1")),
            ("Unconfined", "RuntimeDefault"),
            security,
            "seccompProfile_restricted",
        ),
        case(
            &level(
                "restricted",
                NOTHING,
                &but("runAsNonRoot: true", "runAsNonRoot: true, runAsUser: $1"),
            ),
            ("0", "1000"),
            security,
            "runAsUser",
        ),
        case(
            &level("restricted", "volumes: [{name: v, $1}]", hard),
            ("nfs: {server: 192.0.2.1, path: /}", "emptyDir: {}"),
            security,
            "no nfs volume",
        ),
        // What holds depends on the version that is pinned.
        case(
            &[
                namespace(
                    "pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: $1",
                ),
                deployment(STILL, NOTHING, &but(", capabilities: {drop: [ALL]}", "")),
            ],
            ("v1.24", "v1.20"),
            security,
            "capabilities_restricted",
        ),
    ]
}

/// Rollouts, nodes, classes and disruption budgets.
fn others() -> Vec<Case> {
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

fn found(text: &str) -> Vec<Finding> {
    // What references lead to is another matter.
    let (found, _) = clusters::of_text(text, Extent::Files);
    found
}

fn says(finding: &Finding, words: &str) -> bool {
    let texts = finding.notes.iter().chain(&finding.help).chain([&finding.message]);
    let labels = finding.labels.iter().map(|label| &label.text);
    texts.chain(labels).any(|text| text.contains(words))
}

#[test]
fn each_fault_is_found_once_and_its_repaired_twin_is_clean() {
    let cases: Vec<Case> = exceeded().into_iter().chain(refused()).chain(others()).collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let broken = case.text.replace("$1", case.broken);
        let all = found(&broken);
        let is_it = all.len() == 1 && all[0].id == case.id && says(&all[0], case.says);
        if !is_it {
            wrong.push(format!("wanted {} ({}), found {all:#?} in\n{broken}", case.id, case.says));
        } else if all[0].labels.is_empty() || all[0].severity < Severity::Note {
            wrong.push(format!("{}: no place\n{broken}", case.id));
        }
        let repaired = case.text.replace("$1", case.repaired);
        let left = found(&repaired);
        if !left.is_empty() {
            wrong.push(format!("repaired, and still {left:#?} in\n{repaired}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(cases.len() >= 90, "{}", cases.len());
}
