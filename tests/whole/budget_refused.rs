//! Pods that are refused, whatever else is there.

use super::*;

/// The cases.
pub(super) fn all() -> Vec<Case> {
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
                range("type: PersistentVolumeClaim, max: {storage: $1}"),
                deployment(STILL, &scratch(""), M256),
            ],
            ("512Mi", "1Gi"),
            bounds,
            "requests 1Gi",
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
