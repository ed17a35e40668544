//! What changes the pods of a workload while it runs: how many there are, and what they request.

use super::{Amounts, Ownership, Place, Reading, ownership};
use crate::load::manifest::is_open;
use crate::model::Field;
use crate::yaml::Node;

/// What changes the pods of a workload while it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Autoscaler {
    /// Group, kind and name of what it scales.
    pub target: (Box<str>, Box<str>, Box<str>),
    /// How far.
    pub bounds: Bounds,
    /// Where the most pods are written, or what has them or else the requests.
    pub place: Place,
    /// What it goes by.
    pub metrics: Metrics,
    /// Numbers of pods that do not go together, and where one of them is written.
    pub clash: Option<(Clash, Place)>,
    /// What it says of the pods of its target; nothing where it is made by another object.
    pub claims: Option<Ownership>,
}

/// Numbers of pods of a ScaledObject that do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// Pods at rest, that are not fewer than the fewest at work.
    Idle(u32, u32),
    /// More pods at least than at most.
    Bounds(u32, u32),
    /// No pods at least, where nothing but the use of CPU and memory starts the first one.
    Zero,
}

/// What an autoscaler goes by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics {
    /// What it measures of the use of CPU and memory.
    pub measures: Box<[Measure]>,
    /// Whether it goes by something else too, or by what is filled in later.
    pub has_others: bool,
    /// Whether it goes by something else than what pods use, or may.
    pub has_unmeasured: bool,
    /// Where it first asks for what pods use of CPU or memory.
    pub measured: Option<Place>,
}

/// The use of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The resource.
    pub resource: Box<str>,
    /// The one container that is measured; nothing where all are, each with its request.
    pub container: Option<Box<str>>,
    /// Whether it is measured as a share of what is requested.
    pub is_share: bool,
    /// Where that is written, or the kind of what does so by default.
    pub place: Place,
}

/// How far an autoscaler goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Bounds {
    /// By the number of pods.
    Pods {
        /// The fewest.
        min: u32,
        /// The most.
        max: u32,
        /// Whether it also starts what has none.
        starts: bool,
    },
    /// By what containers request; the first policy for a container counts, one without a name for
    /// those that have none of their own.
    Requests(Box<[Policy]>),
    /// Not at all, while it is paused.
    Paused,
}

/// What a VerticalPodAutoscaler may do to a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The container; empty for all others.
    pub container: Box<str>,
    /// The resources that it changes.
    pub resources: Box<[&'static str]>,
    /// The most of each; one that is not named has no bound.
    pub max: Amounts,
    /// Whether limits grow as requests do.
    pub scales_limits: bool,
}

/// Reads an autoscaler; nothing of a kind that is none, and where it changes nothing.
pub(super) fn read(
    reading: &Reading<'_>,
    kind: (&str, &str),
    root: &Field<'_>,
) -> Option<Autoscaler> {
    let spec = root.get("spec")?;
    let place = |name| reading.place(spec.get(name).as_ref().unwrap_or(&spec));
    match kind {
        ("autoscaling", "HorizontalPodAutoscaler") => {
            let min = number(&spec, "minReplicas").unwrap_or(1);
            Some(Autoscaler {
                target: target(&spec.get("scaleTargetRef")?, ("", "")),
                // `shouldComputeMetricsForZeroReplicas` of
                // `pkg/controller/podautoscaler/horizontal.go`: who took all pods away means it.
                bounds: Bounds::Pods { min, max: number(&spec, "maxReplicas")?, starts: min == 0 },
                place: place("maxReplicas"),
                metrics: metrics(reading, root, &spec),
                clash: None,
                claims: ownership::read(reading, kind.1, root, &spec),
            })
        }
        ("keda.sh", "ScaledObject") => Some(Autoscaler {
            target: target(&spec.get("scaleTargetRef")?, ("apps", "Deployment")),
            bounds: scaled_object(root, &spec),
            place: place("maxReplicaCount"),
            // KEDA takes the HorizontalPodAutoscaler away meanwhile.
            metrics: match annotation(root, PAUSED) {
                Some("true") => Metrics::default(),
                _ => triggers(reading, &spec),
            },
            clash: clash(reading, &spec),
            claims: ownership::read(reading, kind.1, root, &spec),
        }),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => {
            let mode = root.node.pointer("/spec/updatePolicy/updateMode").and_then(Node::as_str);
            (mode != Some("Off")).then_some(Autoscaler {
                target: target(&spec.get("targetRef")?, ("", "")),
                bounds: Bounds::Requests(policies(&spec)),
                place: place("resourcePolicy"),
                metrics: Metrics::default(),
                clash: None,
                claims: None,
            })
        }
        _ => None,
    }
}

fn target(field: &Field<'_>, usual: (&str, &str)) -> (Box<str>, Box<str>, Box<str>) {
    let group = match field.text("apiVersion") {
        "" => usual.0,
        version => version.rsplit_once('/').map_or("", |(group, _)| group),
    };
    let kind = match field.text("kind") {
        "" => usual.1,
        kind => kind,
    };
    (group.into(), kind.into(), field.text("name").into())
}

fn number(holder: &Field<'_>, name: &str) -> Option<u32> {
    holder.get(name).and_then(|number| u32::try_from(number.node.as_int()?).ok())
}

/// What a HorizontalPodAutoscaler goes by. Without any metric it is the use of CPU:
/// `SetDefaults_HorizontalPodAutoscaler` of `pkg/apis/autoscaling/v2/defaults.go`.
fn metrics(reading: &Reading<'_>, root: &Field<'_>, spec: &Field<'_>) -> Metrics {
    let of_cpu = |place: Place| Metrics {
        measured: Some(place.clone()),
        measures: [Measure { resource: "cpu".into(), container: None, is_share: true, place }]
            .into(),
        has_others: annotation(root, METRICS).is_some(),
        has_unmeasured: annotation(root, METRICS).is_some(),
    };
    let is_first = root.text("apiVersion") == "autoscaling/v1";
    if let Some(target) = spec.get("targetCPUUtilizationPercentage").filter(|_| is_first) {
        return of_cpu(reading.place(&target));
    }
    let list = spec.get("metrics");
    if annotation(root, METRICS).is_some() || list.is_some_and(|list| is_open(list.node)) {
        return Metrics { has_others: true, ..Metrics::default() };
    }
    let all: Vec<Field<'_>> = list.iter().flat_map(Field::items).collect();
    if all.is_empty() {
        let kind = root.get("kind");
        return of_cpu(reading.place(kind.as_ref().unwrap_or(root)));
    }
    let measure = |metric: &Field<'_>| {
        let (source, container) = resource(metric)?;
        let kind = source.node.pointer("/target/type").and_then(Node::as_str);
        let name = source.get("name").filter(|name| !is_open(name.node))?;
        let place = source.get("container").filter(|_| container.is_some());
        if place.as_ref().is_some_and(|place| is_open(place.node)) {
            return None;
        }
        Some(Measure {
            resource: name.node.as_str()?.into(),
            container,
            is_share: kind == Some("Utilization"),
            place: reading.place(place.as_ref().unwrap_or(&name)),
        })
    };
    let measures: Box<[Measure]> = all.iter().filter_map(measure).collect();
    let measured = all.iter().find_map(|metric| Some(reading.place(&resource(metric)?.0)));
    let has_unmeasured = all.iter().any(|metric| resource(metric).is_none());
    Metrics { has_others: measures.len() < all.len(), measures, measured, has_unmeasured }
}

/// What a metric says of a resource, and the container that it is about.
fn resource<'f>(metric: &'f Field<'_>) -> Option<(Field<'f>, Option<Box<str>>)> {
    match metric.text("type") {
        "Resource" => Some((metric.get("resource")?, None)),
        "ContainerResource" => {
            let source = metric.get("containerResource")?;
            let container = source.text("container").into();
            Some((source, Some(container)))
        }
        _ => None,
    }
}

/// The resource of a trigger.
fn resource_of<'f>(trigger: &'f Field<'_>) -> Option<Field<'f>> {
    trigger.get("type").filter(|it| matches!(it.node.as_str(), Some("cpu" | "memory")))
}

/// Metrics beside the use of CPU in `autoscaling/v1`.
const METRICS: &str = "autoscaling.alpha.kubernetes.io/metrics";

/// The same of the triggers of a ScaledObject: `parseResourceMetadata` of
/// `pkg/scalers/cpu_memory_scaler.go` of KEDA.
fn triggers(reading: &Reading<'_>, spec: &Field<'_>) -> Metrics {
    let list = spec.get("triggers");
    let all: Vec<Field<'_>> = list.iter().flat_map(Field::items).collect();
    let measure = |trigger: &Field<'_>| {
        let name = resource_of(trigger).filter(|_| !is_open(trigger.node))?;
        let text = |pointer| trigger.node.pointer(pointer).and_then(Node::as_str);
        let kind = text("/metricType").or_else(|| text("/metadata/type"));
        let container = text("/metadata/containerName").filter(|name| !name.is_empty());
        Some(Measure {
            resource: name.node.as_str().unwrap_or_default().into(),
            container: container.map(Into::into),
            is_share: kind == Some("Utilization"),
            place: reading.place(&name),
        })
    };
    let measures: Box<[Measure]> = all.iter().filter_map(measure).collect();
    let measured = all.iter().find_map(|trigger| Some(reading.place(&resource_of(trigger)?)));
    let has_unmeasured = all.iter().any(|trigger| resource_of(trigger).is_none());
    Metrics { has_others: measures.len() < all.len(), measures, measured, has_unmeasured }
}

/// The most pods or Jobs of KEDA where nothing is stated: `defaultHPAMaxReplicas` and
/// `defaultScaledJobMaxReplicaCount` of `apis/keda/v1alpha1`.
const KEDA_MOST: u32 = 100;

const PAUSED: &str = "autoscaling.keda.sh/paused";
const PAUSED_AT: &str = "autoscaling.keda.sh/paused-replicas";

pub(super) fn annotation<'n>(root: &'n Field<'_>, key: &str) -> Option<&'n str> {
    root.node.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// The bounds of a ScaledObject.
fn scaled_object(root: &Field<'_>, spec: &Field<'_>) -> Bounds {
    if let Some(pods) = annotation(root, PAUSED_AT).and_then(|pods| pods.parse().ok()) {
        return Bounds::Pods { min: pods, max: pods, starts: true };
    }
    if annotation(root, PAUSED) == Some("true") {
        return Bounds::Paused;
    }
    let min = number(spec, "idleReplicaCount").or_else(|| number(spec, "minReplicaCount"));
    let max = number(spec, "maxReplicaCount").unwrap_or(KEDA_MOST);
    Bounds::Pods { min: min.unwrap_or(0), max, starts: true }
}

/// `CheckReplicaCountBoundsAreValid` of `apis/keda/v1alpha1/scaledobject_types.go` of KEDA.
fn clash(reading: &Reading<'_>, spec: &Field<'_>) -> Option<(Clash, Place)> {
    let names = ["idleReplicaCount", "minReplicaCount", "maxReplicaCount"];
    if names.iter().any(|name| spec.node.get(name).is_some_and(is_open)) {
        return None;
    }
    // One that is stated as none is one: `GetHPAMinReplicas`.
    let min = number(spec, "minReplicaCount").map_or(0, |min| min.max(1));
    let max = number(spec, "maxReplicaCount").unwrap_or(KEDA_MOST);
    let place = |name| spec.get(name).map(|field| reading.place(&field));
    if min > max {
        let place = place("maxReplicaCount").or_else(|| place("minReplicaCount"))?;
        return Some((Clash::Bounds(min, max), place));
    }
    if let Some(idle) = number(spec, "idleReplicaCount").filter(|idle| *idle >= min) {
        return Some((Clash::Idle(idle, min), place("idleReplicaCount")?));
    }
    stays(spec).then_some(())?;
    Some((Clash::Zero, place("minReplicaCount").or_else(|| place("triggers"))?))
}

/// Whether nothing would ever start a first pod, since without any there is no use of CPU and memory:
/// `verifyCPUMemoryScalers` of `apis/keda/v1alpha1/scaledobject_webhook.go` of KEDA, which looks at
/// Deployments and StatefulSets.
fn stays(spec: &Field<'_>) -> bool {
    let Some(target) = spec.get("scaleTargetRef").filter(|it| !is_open(it.node)) else {
        return false;
    };
    let (group, kind, _) = self::target(&target, ("apps", "Deployment"));
    let min = spec.node.get("minReplicaCount").filter(|min| !min.is_null());
    let triggers = spec.get("triggers");
    let mut triggers = triggers.iter().flat_map(Field::items).peekable();
    &*group == "apps"
        && matches!(&*kind, "Deployment" | "StatefulSet")
        && min.is_none_or(|min| min.as_int() == Some(0))
        && triggers.peek().is_some()
        && triggers.all(|trigger| resource_of(&trigger).is_some())
}

/// The fewest and the most Jobs of a ScaledJob; none begins while it is paused.
pub(super) fn scaled_jobs(root: &Field<'_>) -> (u32, u32) {
    let Some(spec) = root.get("spec") else { return (0, 0) };
    if annotation(root, PAUSED) == Some("true") {
        return (0, 0);
    }
    let most = number(&spec, "maxReplicaCount").unwrap_or(KEDA_MOST);
    (number(&spec, "minReplicaCount").unwrap_or(0).min(most), most)
}

/// What a VerticalPodAutoscaler may do to containers, with what it does to those without a policy.
fn policies(spec: &Field<'_>) -> Box<[Policy]> {
    const ALL: [&str; 2] = ["cpu", "memory"];
    let policy = spec.get("resourcePolicy");
    let stated = policy.as_ref().and_then(|policy| policy.get("containerPolicies"));
    let stated = stated.iter().flat_map(Field::items).map(|policy| {
        let names = policy.node.get("controlledResources").and_then(Node::as_seq);
        let is_controlled = |resource: &&str| {
            names.is_none_or(|names| names.iter().any(|name| name.as_str() == Some(*resource)))
        };
        let is_off = policy.text("mode") == "Off";
        Policy {
            container: policy.text("containerName").trim_matches('*').into(),
            resources: ALL.into_iter().filter(is_controlled).filter(|_| !is_off).collect(),
            max: Amounts::of(policy.get("maxAllowed")),
            scales_limits: policy.text("controlledValues") != "RequestsOnly",
        }
    });
    let all = Policy {
        container: "".into(),
        resources: ALL.into(),
        max: Amounts::default(),
        scales_limits: true,
    };
    stated.chain([all]).collect()
}
