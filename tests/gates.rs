//! Fields and values that the server of one version refuses, drops or takes, and that of the next
//! does not: the history of feature gates.

#![allow(clippy::unwrap_used)]

use gitopsc::check::Judge;
use gitopsc::schema::Definitions;
use gitopsc::source::Sources;
use gitopsc::yaml;

/// How many errors an object has for a minor version, and how many fields are dropped.
fn judged(text: &str, minor: u32) -> (usize, usize) {
    let mut sources = Sources::default();
    let file = sources.add("x.yaml", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{text}");
    let object = read.documents[0].node.as_ref().unwrap();
    let definitions = Definitions::default();
    let faults = Judge::new(minor, &definitions).object(object).faults;
    let errors = faults.iter().filter(|fault| fault.reason.is_some()).count();
    (errors, faults.iter().filter(|fault| fault.id == "field-dropped").count())
}

/// A pod with this in its spec, and this in its container.
fn pod(spec: &str, container: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: x}}, spec: {{{spec}
        containers: [{{name: a, image: x, {container}}}]}}}}"
    )
}

fn other(kind: &str, rest: &str) -> String {
    let version = match kind {
        "Job" => "batch/v1",
        "StatefulSet" => "apps/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        _ => "v1",
    };
    format!("{{apiVersion: {version}, kind: {kind}, metadata: {{name: x}}, spec: {{{rest}}}}}")
}

/// The last version of the old verdict, and both as errors and dropped fields.
type Change = (u32, (usize, usize), (usize, usize));

#[test]
fn pods() {
    let pods: &[(&str, &str, Change)] = &[
        // Read more strictly, or less.
        ("hostAliases: [{ip: 010.1.1.1, hostnames: [a]}],", "", (35, (0, 0), (1, 0))),
        ("dnsConfig: {nameservers: [1.1.1.01]},", "", (35, (0, 0), (1, 0))),
        ("dnsConfig: {searches: [_sip._tcp.x]},", "", (32, (1, 0), (0, 0))),
        ("dnsConfig: {searches: ['.']},", "", (32, (1, 0), (0, 0))),
        ("", "env: [{name: 1a, value: b}]", (31, (1, 0), (0, 0))),
        ("", "env: [{name: 'A B', value: b}]", (31, (1, 0), (0, 0))),
        ("", "envFrom: [{prefix: 1-, configMapRef: {name: a}}]", (31, (1, 0), (0, 0))),
        ("", "lifecycle: {preStop: {sleep: {seconds: 0}}}", (32, (1, 0), (0, 0))),
        (
            "",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}]",
            (28, (1, 0), (0, 0)),
        ),
        ("securityContext: {seLinuxChangePolicy: MountOption},", "", (36, (1, 0), (0, 0))),
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:
              {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: ['-']}]}]}}},",
            "",
            (32, (0, 0), (1, 0)),
        ),
        (
            "hostNetwork: true, securityContext: {sysctls: [{name: net.a, value: b}]},",
            "",
            (28, (0, 0), (1, 0)),
        ),
        (
            "initContainers: [{name: i, image: x,
              resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]}],",
            "",
            (35, (0, 0), (1, 0)),
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: ScheduleAnyway,
              matchLabelKeys: [a], labelSelector: {matchLabels: {a: b}}}],",
            "",
            (33, (1, 0), (0, 0)),
        ),
        // Dropped, then looked at.
        ("hostUsers: false, hostNetwork: true,", "", (32, (0, 1), (1, 0))),
        ("", "securityContext: {procMount: Unmasked}", (32, (0, 1), (1, 0))),
        ("", "resizePolicy: [{resourceName: x, restartPolicy: NotRequired}]", (32, (0, 1), (1, 0))),
        ("", "resources: {claims: [{name: x}]}", (33, (0, 1), (1, 0))),
        ("resourceClaims: [{name: x}],", "", (33, (0, 1), (1, 0))),
        ("resources: {limits: {ephemeral-storage: 1}},", "", (33, (0, 1), (1, 0))),
        ("securityContext: {supplementalGroupsPolicy: x},", "", (32, (0, 1), (1, 0))),
        ("securityContext: {seLinuxChangePolicy: x},", "", (32, (0, 1), (1, 0))),
        ("hostnameOverride: A b,", "", (34, (0, 1), (1, 0))),
        (
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [
              {topologyKey: a, matchLabelKeys: [x]}]}},",
            "",
            (30, (0, 1), (1, 0)),
        ),
        (
            "volumes: [{name: v, emptyDir: {}}],",
            "volumeMounts: [{name: v, mountPath: /a, recursiveReadOnly: Enabled}]",
            (30, (0, 1), (1, 0)),
        ),
        (
            "volumes: [{name: v, image: {reference: ''}}],",
            "volumeMounts: [{name: v, mountPath: /a}]",
            (34, (0, 1), (1, 0)),
        ),
        (
            "volumes: [{name: v, emptyDir: {}}],",
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, key: K, path: f}}}]",
            (34, (1, 1), (0, 0)),
        ),
        ("", "lifecycle: {preStop: {sleep: {seconds: 99}}}", (29, (0, 1), (1, 0))),
        (
            "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce],
              volumeAttributesClassName: A b, resources: {requests: {storage: 1}}}}}}],",
            "",
            (33, (0, 1), (1, 0)),
        ),
        (
            "initContainers: [{name: i, image: x, restartPolicy: Always,
              livenessProbe: {tcpSocket: {port: 1}}}],",
            "",
            (28, (1, 1), (0, 0)),
        ),
        // Off throughout.
        ("", "lifecycle: {stopSignal: SIGTERM}", (33, (0, 1), (0, 1))),
        ("", "lifecycle: {stopSignal: SIGTERM}", (36, (0, 1), (0, 1))),
        (
            "initContainers: [{name: i, image: x, lifecycle: {stopSignal: SIGTERM}}],",
            "",
            (35, (0, 1), (0, 1)),
        ),
        // Refused, then dropped, then taken.
        ("", "restartPolicy: Always", (33, (1, 0), (0, 1))),
        ("", "restartPolicy: Always", (34, (0, 1), (0, 0))),
        ("initContainers: [{name: i, image: x, restartPolicy: Never}],", "", (33, (1, 0), (0, 1))),
        ("initContainers: [{name: i, image: x, restartPolicy: Never}],", "", (34, (0, 1), (0, 0))),
        ("initContainers: [{name: i, image: x, restartPolicy: Always}],", "", (28, (0, 1), (0, 0))),
    ];
    for (spec, container, change) in pods {
        changes(&pod(spec, container), *change);
    }
}

#[test]
fn other_kinds() {
    let template =
        "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: x}]}}";
    let job = "template: {spec: {restartPolicy: Never, containers: [{name: a, image: x}]}}";
    let set = format!("serviceName: x, selector: {{matchLabels: {{a: b}}}}, {template}");
    let scaler = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, maxReplicas: 3";
    let claim = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}";
    let by_index = "completions: 1, podFailurePolicy: {rules: [
        {action: FailIndex, onExitCodes: {operator: In, values: [1]}}]}";
    let metric = "metrics: [{type: External, external: {metric: {name: a},
        target: {type: Value, value: 1}}}]";
    let objects: &[(&str, String, Change)] = &[
        ("Job", format!("managedBy: abc, {job}"), (31, (0, 1), (1, 0))),
        ("Job", format!("successPolicy: {{rules: []}}, {job}"), (30, (0, 1), (1, 0))),
        ("Job", format!("backoffLimitPerIndex: 1, {job}"), (28, (0, 1), (1, 0))),
        ("Job", format!("{by_index}, {job}"), (28, (0, 0), (1, 0))),
        (
            "StatefulSet",
            format!("updateStrategy: {{rollingUpdate: {{maxUnavailable: 0}}}}, {set}"),
            (36, (0, 1), (1, 0)),
        ),
        (
            "StatefulSet",
            format!(
                "volumeClaimTemplates: [{{metadata: {{name: c}}, spec: {{{claim},
                volumeAttributesClassName: A b}}}}], {set}"
            ),
            (33, (0, 1), (1, 0)),
        ),
        // The server takes it, and refuses the pods.
        (
            "StatefulSet",
            "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
                spec: {containers: [{name: A, image: x}]}}"
                .into(),
            (33, (0, 0), (1, 0)),
        ),
        (
            "HorizontalPodAutoscaler",
            format!("{scaler}, behavior: {{scaleUp: {{tolerance: '-0.1'}}}}"),
            (34, (0, 1), (1, 0)),
        ),
        (
            "HorizontalPodAutoscaler",
            format!("{scaler}, minReplicas: 0, {metric}"),
            (36, (1, 0), (0, 0)),
        ),
        ("Service", "ports: [{port: 80}], trafficDistribution: x".into(), (30, (0, 1), (1, 0))),
        (
            "Service",
            "ports: [{port: 80}], trafficDistribution: PreferSameZone".into(),
            (33, (1, 0), (0, 0)),
        ),
        (
            "PersistentVolumeClaim",
            format!("{claim}, volumeAttributesClassName: A b"),
            (33, (0, 1), (1, 0)),
        ),
        (
            "ResourceQuota",
            "hard: {persistentvolumeclaims: 1}, scopeSelector: {matchExpressions: [
                {scopeName: VolumeAttributesClass, operator: In, values: [a]}]}"
                .into(),
            (32, (1, 0), (0, 0)),
        ),
    ];
    for (kind, rest, change) in objects {
        changes(&other(kind, rest), *change);
    }
    // Still without a metric from outside.
    let zero = other("HorizontalPodAutoscaler", &format!("{scaler}, minReplicas: 0"));
    assert_eq!(judged(&zero, 37), (1, 0));
    // CronJobs drop what is in the template of pods alone.
    let cron = format!(
        "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: x}}, spec: {{schedule: '@daily',
        jobTemplate: {{spec: {{backoffLimitPerIndex: 1, {job}}}}}}}}}"
    );
    assert_eq!(judged(&cron, 28), (1, 0));
    let cron = format!(
        "{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: x}}, spec: {{
        schedule: 'TZ=UTC 0 0 * * *', jobTemplate: {{spec: {{{job}}}}}}}}}"
    );
    changes(&cron, (28, (0, 0), (1, 0)));
}

fn changes(text: &str, (last, before, after): Change) {
    assert_eq!(judged(text, last), before, "1.{last}: {text}");
    assert_eq!(judged(text, last + 1), after, "1.{}: {text}", last + 1);
}

#[test]
fn paths_and_templates() {
    let text = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {
        selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {
        containers: [{name: a, image: x}, {name: b, image: x,
            securityContext: {procMount: Unmasked}}]}}}}";
    let mut sources = Sources::default();
    let read = yaml::read(sources.add("x.yaml", text), text);
    let definitions = Definitions::default();
    let object = read.documents[0].node.as_ref().unwrap();
    let faults = Judge::new(32, &definitions).object(object).faults;
    let paths: Vec<&str> = faults.iter().map(|fault| &*fault.path).collect();
    assert_eq!(paths, ["spec.template.spec.containers[1].securityContext.procMount"]);
}
