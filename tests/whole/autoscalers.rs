//! Autoscalers that are dead, that their admission refuses, and that stand in each other's way.

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

/// A Deployment `web` whose pods have this beside their container, which asks for this; and what
/// scales it.
fn cluster(requests: &str, pod: &str, rest: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod}
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          resources: {{{requests}}}
"
    );
    for one in rest {
        text += &format!("---\n{one}");
    }
    text
}

fn horizontal(name: &str, metric: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: 1, maxReplicas: 4, metrics: [{metric}]}}\n"
    )
}

fn keda(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{scaleTargetRef: {{name: web}}, {spec}}}\n"
    )
}

fn vertical(resources: &str) -> String {
    format!(
        "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\nspec: {{targetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, resourcePolicy: {{containerPolicies: [{{containerName: '*', controlledResources: [{resources}], maxAllowed: {{cpu: 1, memory: 1Gi}}}}]}}}}\n"
    )
}

const STATED: &str = "requests: {cpu: 100m, memory: 64Mi}";
const MEMORY: &str = "requests: {memory: 64Mi}";
const GRACE: &str = "terminationGracePeriodSeconds: 30";
const CPU: &str =
    "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}";
const HITS: &str =
    "{type: Pods, pods: {metric: {name: hits}, target: {type: AverageValue, averageValue: 10}}}";
const CRON: &str = "minReplicaCount: 1, triggers: [{type: cron}]";

fn of_container(name: &str, target: &str) -> String {
    format!(
        "{{type: ContainerResource, containerResource: {{name: cpu, container: {name}, target: {{{target}}}}}}}"
    )
}

#[test]
fn what_cannot_be_measured_is_told() {
    let request = "autoscaler-without-request";
    let by_cpu = horizontal("web", CPU);
    let stated = |requests: &str, more: &str| {
        let all = [&*by_cpu, more];
        let count = if more.is_empty() { 1 } else { 2 };
        cluster(requests, GRACE, &all[..count])
    };
    let of_keda = |requests: &str| {
        let spec = "minReplicaCount: 1, triggers: [{type: cpu, metricType: Utilization, metadata: {value: '50'}}]";
        cluster(requests, GRACE, &[&keda("web", spec)])
    };
    let zero = "requests: {cpu: 0, memory: 64Mi}";
    let share = "type: Utilization, averageUtilization: 80";
    let value = "type: AverageValue, averageValue: 100m";
    let measured = |pod: &str, name: &str, target: &str| {
        cluster(STATED, pod, &[&horizontal("web", &of_container(name, target))])
    };
    let init = "initContainers: [{name: app, image: 'registry.example.com/a:1'}]";
    let sidecar = "initContainers: [{name: app, image: 'registry.example.com/a:1', restartPolicy: Always, resources: {requests: {cpu: 10m}}}]";
    let injected = measured(GRACE, "istio-proxy", share)
        .replace("labels: {app: web}", "labels: {app: web, sidecar.istio.io/inject: 'true'}");
    let absent = "scale-container-missing";
    let cases = [
        ("a request of 0", request, stated(zero, ""), stated(STATED, "")),
        ("a request of 0 for KEDA", request, of_keda(zero), of_keda(STATED)),
        (
            "a limit is no request where that is 0",
            request,
            stated("requests: {cpu: 0}, limits: {cpu: 1}", ""),
            stated("limits: {cpu: 1}", ""),
        ),
        (
            "who sets memory leaves CPU alone",
            request,
            stated(MEMORY, &vertical("memory")),
            stated(MEMORY, &vertical("cpu, memory")),
        ),
        ("no such container", absent, measured(GRACE, "app", share), measured(GRACE, "web", share)),
        ("an amount", absent, measured(GRACE, "app", value), measured(GRACE, "web", value)),
        (
            "an init container",
            absent,
            measured(init, "app", share),
            measured(sidecar, "app", share),
        ),
        ("injected", absent, measured(GRACE, "istio-proxy", share), injected),
        ("filled in", absent, measured(GRACE, "app", share), measured(GRACE, "'${NAME}'", share)),
    ];
    pairs(&cases, Extent::Whole);
    // In files others may put containers into pods.
    assert_eq!(findings(&measured(GRACE, "app", share), Extent::Files), Vec::new());
    let both = format!("{}, {HITS}", of_container("app", share));
    let found = findings(&cluster(STATED, GRACE, &[&horizontal("web", &both)]), Extent::Whole);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].id, found[0].severity), (absent, Severity::Warning));
}

#[test]
fn what_the_webhook_of_keda_refuses_is_told() {
    let id = "scaled-object-invalid";
    let scaled = |requests: &str, spec: &str| cluster(requests, GRACE, &[&keda("web", spec)]);
    let cpu = |min: &str, kind: &str, more: &str| {
        format!(
            "{min}triggers: [{{type: cpu, metricType: {kind}, metadata: {{value: '50'}}}}{more}]"
        )
    };
    let share = |min: &str, more: &str| scaled(STATED, &cpu(min, "Utilization", more));
    let amount =
        |requests: &str| scaled(requests, &cpu("minReplicaCount: 1, ", "AverageValue", ""));
    let range = "apiVersion: v1\nkind: LimitRange\nmetadata: {name: limits, namespace: shop}\nspec: {limits: [{type: Container, default: {cpu: 1}}]}\n";
    let filled = cluster(
        MEMORY,
        GRACE,
        &[&keda("web", &cpu("minReplicaCount: 1, ", "AverageValue", "")), range],
    );
    let other = share("", "").replace(
        "scaleTargetRef: {name: web}",
        "scaleTargetRef: {apiVersion: example.com/v1, kind: Fleet, name: web}",
    );
    let cases = [
        ("zero", id, share("minReplicaCount: 0, ", ""), share("minReplicaCount: 1, ", "")),
        ("nothing stated", id, share("", ""), share("minReplicaCount: 2, ", "")),
        ("another trigger", id, share("", ""), share("", ", {type: cron}")),
        ("filled in", id, share("", ""), share("minReplicaCount: '${MIN}', ", "")),
        ("another kind", id, share("", ""), other),
        ("an amount without a request", id, amount(MEMORY), amount(STATED)),
        ("a limit will do", id, amount(MEMORY), amount("limits: {cpu: 1}")),
        ("so will a LimitRange", id, amount(MEMORY), filled),
    ];
    let cases = cases.map(|(name, id, broken, mended)| {
        let definition =
            "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: web, namespace: shop}\n";
        let mended = match mended.contains("kind: Fleet") {
            true => format!("{mended}---\n{definition}"),
            false => mended,
        };
        (name, id, broken, mended)
    });
    pairs(&cases, Extent::Whole);
}

#[test]
fn one_workload_has_one_autoscaler() {
    let id = "scale-target-taken";
    let all = |scalers: &[String]| {
        let scalers: Vec<&str> = scalers.iter().map(String::as_str).collect();
        cluster(STATED, GRACE, &scalers)
    };
    let by_cpu = || horizontal("web", CPU);
    let scaled = || keda("web", CRON);
    let marked = |text: String, mark: &str| {
        text.replacen("namespace: shop}", &format!("namespace: shop, {mark}}}"), 1)
    };
    let alone = || all(&[by_cpu()]);
    let made =
        "ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: web, uid: a}]";
    let taken = "annotations: {scaledobject.keda.sh/transfer-hpa-ownership: 'true'}";
    let beside = "annotations: {validations.keda.sh/hpa-ownership: 'false'}";
    let named = |name: &str| {
        format!("{CRON}, advanced: {{horizontalPodAutoscalerConfig: {{name: {name}}}}}")
    };
    let takes = |name: &str| marked(keda("web", &named(name)), taken);
    let rival = marked(keda("other", CRON), taken);
    let second = marked(horizontal("other", HITS), beside);
    let paused = "annotations: {autoscaling.keda.sh/paused: 'true'}";
    let cases = [
        ("two", id, all(&[by_cpu(), horizontal("other", HITS)]), alone()),
        ("one and KEDA", id, all(&[by_cpu(), scaled()]), all(&[scaled()])),
        ("two of KEDA", id, all(&[scaled(), keda("other", CRON)]), all(&[scaled()])),
        ("made by it", id, all(&[by_cpu(), scaled()]), all(&[marked(by_cpu(), made), scaled()])),
        // Whoever takes one over names it.
        ("no name", id, all(&[by_cpu(), marked(scaled(), taken)]), all(&[by_cpu(), takes("web")])),
        ("another name", id, all(&[by_cpu(), takes("other")]), all(&[by_cpu(), takes("web")])),
        ("two that take over", id, all(&[takes("web"), rival]), all(&[takes("web")])),
        ("beside KEDA alone", id, all(&[by_cpu(), second]), all(&[by_cpu()])),
        (
            "paused",
            id,
            all(&[by_cpu(), marked(scaled(), paused)]),
            all(&[marked(scaled(), paused)]),
        ),
        ("on purpose", id, all(&[by_cpu(), scaled()]), all(&[marked(by_cpu(), beside), scaled()])),
        ("and requests", id, all(&[by_cpu(), scaled()]), all(&[by_cpu(), vertical("memory")])),
    ];
    pairs(&cases, Extent::Whole);
    let found = findings(&all(&[by_cpu(), horizontal("other", HITS)]), Extent::Files);
    assert_eq!(found.len(), 1, "{found:#?}");
}

#[test]
fn names_that_the_webhook_of_keda_refuses_are_told() {
    let id = "scaled-object-invalid";
    let api = cluster(STATED, GRACE, &[]).replace("web", "api");
    let (_, api) = api.split_once("---\n").unwrap_or_default();
    let named = |name: &str, of: &str| {
        let spec = format!("{CRON}, advanced: {{horizontalPodAutoscalerConfig: {{name: {of}}}}}");
        keda(name, &spec)
            .replace("scaleTargetRef: {name: web}", &format!("scaleTargetRef: {{name: {name}}}"))
    };
    let two = |one: &str, other: &str| {
        cluster(STATED, GRACE, &[api, &named("web", one), &named("api", other)])
    };
    let long = |count: usize, more: &str| {
        cluster(STATED, GRACE, &[&keda(&"a".repeat(count), &format!("{CRON}{more}"))])
    };
    let short = ", advanced: {horizontalPodAutoscalerConfig: {name: a}}";
    let paused = |bounds: &str| {
        let text = keda("web", &format!("{bounds}, triggers: [{{type: cron}}]"));
        let mark = "namespace: shop, annotations: {autoscaling.keda.sh/paused: 'true'}}";
        cluster(STATED, GRACE, &[&text.replacen("namespace: shop}", mark, 1)])
    };
    let cases = [
        ("one name", id, two("same", "same"), two("same", "other")),
        // One that states no name has that of the object.
        ("the name of another", id, two("keda-hpa-api", "''"), two("keda-hpa-web", "''")),
        ("filled in", id, two("same", "same"), two("'${NAME}'", "'${NAME}'")),
        ("the autoscaler's name", id, long(55, ""), long(54, "")),
        ("a name of its own", id, long(55, ""), long(55, short)),
        ("the object's name", id, long(64, short), long(63, short)),
        (
            "paused",
            id,
            paused("minReplicaCount: 5, maxReplicaCount: 2"),
            paused("minReplicaCount: 2, maxReplicaCount: 5"),
        ),
    ];
    pairs(&cases, Extent::Whole);
    // Which version of the webhook is there, nobody says.
    let found = findings(&long(55, ""), Extent::Whole);
    assert_eq!(found[0].severity, Severity::Warning);
}
