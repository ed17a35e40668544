//! What changes the pods of a workload while it runs: how many there are, and what they request.

use super::{Amounts, Place, Reading};
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
            })
        }
        ("keda.sh", "ScaledObject") => Some(Autoscaler {
            target: target(&spec.get("scaleTargetRef")?, ("apps", "Deployment")),
            bounds: scaled_object(root, &spec)?,
            place: place("maxReplicaCount"),
        }),
        ("autoscaling.k8s.io", "VerticalPodAutoscaler") => {
            let mode = root.node.pointer("/spec/updatePolicy/updateMode").and_then(Node::as_str);
            (mode != Some("Off")).then_some(Autoscaler {
                target: target(&spec.get("targetRef")?, ("", "")),
                bounds: Bounds::Requests(policies(&spec)),
                place: place("resourcePolicy"),
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

/// The most pods or Jobs of KEDA where nothing is stated: `defaultHPAMaxReplicas` and
/// `defaultScaledJobMaxReplicaCount` of `apis/keda/v1alpha1`.
const KEDA_MOST: u32 = 100;

const PAUSED: &str = "autoscaling.keda.sh/paused";
const PAUSED_AT: &str = "autoscaling.keda.sh/paused-replicas";

fn annotation<'n>(root: &'n Field<'_>, key: &str) -> Option<&'n str> {
    root.node.get("metadata")?.get("annotations")?.get(key)?.as_str()
}

/// The bounds of a ScaledObject; nothing where it is paused.
fn scaled_object(root: &Field<'_>, spec: &Field<'_>) -> Option<Bounds> {
    if let Some(pods) = annotation(root, PAUSED_AT).and_then(|pods| pods.parse().ok()) {
        return Some(Bounds::Pods { min: pods, max: pods, starts: true });
    }
    let min = number(spec, "idleReplicaCount").or_else(|| number(spec, "minReplicaCount"));
    (annotation(root, PAUSED) != Some("true")).then(|| Bounds::Pods {
        min: min.unwrap_or(0),
        max: number(spec, "maxReplicaCount").unwrap_or(KEDA_MOST),
        starts: true,
    })
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
