//! How many pods a workload runs, and how it replaces them.

use super::amounts::Amounts;
use super::{Place, Reading, autoscaler};
use crate::load::manifest::is_open;
use crate::model::Field;
use crate::yaml::{Node, Value};

/// How many pods a workload runs, and how it replaces them.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Pods at a time: replicas, parallelism, one of a bare pod.
    pub count: u32,
    /// Whether the object says so itself; otherwise an autoscaler may.
    pub is_stated: bool,
    /// What starts the pods.
    pub kind: RunKind,
    /// How they are replaced.
    pub rollout: Rollout,
    /// Whether its pods are not replaced for now: `spec.paused`.
    pub is_paused: bool,
    /// Where the number is written, or the object's kind where it is not.
    pub place: Place,
    /// Where the way of replacing is written.
    pub strategy: Option<Place>,
    /// Jobs of a schedule that are kept when they have succeeded.
    pub kept_jobs: u32,
    /// Claims that are made for each pod and stay when it goes.
    pub claims: Vec<Claim>,
}

/// What starts pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// A pod by itself.
    Pod,
    /// So many at any time.
    Replicas,
    /// One on each node that it may go to.
    EachNode,
    /// To their end.
    Job,
    /// To their end, now and then.
    Schedule,
    /// To their end, as there is work for them.
    OnDemand {
        /// The most at a time.
        most: u32,
    },
    /// To their end, in a sync or a test alone: hooks of Argo CD and Helm.
    Hook,
    /// Nothing starts them.
    Never,
}

/// How pods are replaced by those of a new template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// Old ones go before new ones come.
    Replace,
    /// Side by side.
    Rolling {
        /// Pods above the number.
        surge: Share,
        /// Pods that may be missing.
        unavailable: Share,
    },
    /// All new ones are there before the first old one goes.
    Beside,
    /// Not at all: each stays as it is until somebody takes it away.
    Never,
}

/// A number of pods, or a share of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// So many.
    Number(u32),
    /// So many of a hundred.
    Percent(u32),
}

/// What a claim asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub name: Box<str>,
    /// Its storage class; nothing where it takes the default one, empty where it wants none.
    pub class: Option<Box<str>>,
    /// Its VolumeAttributesClass.
    pub attributes: Option<Box<str>>,
    /// What it requests.
    pub requests: Amounts,
    /// How it may be mounted.
    pub modes: Vec<Box<str>>,
    /// Whether it asks for a volume that is there already: by its name, by labels, or by no class.
    pub is_bound: bool,
    /// Where the size is written.
    pub place: Place,
}

impl Claim {
    /// One of which nothing but the name is known.
    pub(super) fn bare(name: &str, place: Place) -> Self {
        Self {
            name: name.into(),
            class: None,
            attributes: None,
            requests: Amounts::default(),
            modes: Vec::new(),
            is_bound: false,
            place,
        }
    }

    /// Whether one pod alone may use it.
    #[must_use]
    pub fn is_of_one_pod(&self) -> bool {
        self.modes.iter().any(|mode| &**mode == "ReadWriteOncePod")
    }
}

fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Share {
    fn read(node: Option<&Node>, default: Self) -> Self {
        match node.map(|node| &node.value) {
            Some(Value::Int(number)) => Self::Number(u32::try_from(*number).unwrap_or(0)),
            Some(Value::String(text)) => {
                let percent = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
                percent.map_or(Self::Number(text.parse().unwrap_or(0)), Self::Percent)
            }
            _ => default,
        }
    }

    /// The number of pods that it is, rounded up.
    #[must_use]
    pub fn up(self, of: u32) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => whole((u64::from(of) * u64::from(percent)).div_ceil(100)),
        }
    }

    /// The number of pods that it is, rounded down.
    #[must_use]
    pub fn down(self, of: u32) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Percent(percent) => whole(u64::from(of) * u64::from(percent) / 100),
        }
    }
}

impl Run {
    /// Pods above the number, and pods that may be missing, while so many are replaced:
    /// `ResolveFenceposts` of `pkg/controller/deployment/util/deployment_util.go`.
    #[must_use]
    pub fn bounds(&self, count: u32) -> (u32, u32) {
        let (surge, unavailable) = match self.rollout {
            Rollout::Replace => return (0, count),
            Rollout::Beside => return (count, 0),
            Rollout::Never => return (0, 0),
            Rollout::Rolling { surge, unavailable } => (surge, unavailable),
        };
        // `UnavailableCount` of `pkg/controller/daemon/util/daemonset_util.go` rounds up.
        let unavailable = match self.kind {
            RunKind::EachNode => unavailable.up(count),
            _ => unavailable.down(count),
        };
        let surge = surge.up(count);
        if surge == 0 && unavailable == 0 {
            return (0, 1.min(count));
        }
        (surge.min(count), unavailable.min(count))
    }

    /// The pods that must be there beside so many old ones before one of these goes.
    #[must_use]
    pub fn at_once(&self, count: u32) -> u32 {
        if self.rollout == Rollout::Beside { count } else { 1 }
    }
}

const QUARTER: Share = Share::Percent(25);

/// Reads what an object of a kind that starts pods says of their number.
pub(super) fn read(reading: &Reading<'_>, kind: (&str, &str), root: &Field<'_>) -> Run {
    let spec = root.get("spec");
    let spec = spec.as_ref().unwrap_or(root);
    let at = |pointer: &str| spec.node.pointer(pointer);
    let share = |pointer: &str, default| Share::read(at(pointer), default);
    let whole = |pointer: &str| {
        at(pointer).and_then(Node::as_int).map(|number| u32::try_from(number).unwrap_or(0))
    };
    let replicas = whole("/replicas");
    let kind_place = root.get("kind");
    let kind_place = reading.place(kind_place.as_ref().unwrap_or(root));
    let place_of = |name: &str| {
        spec.get(name).map_or_else(|| kind_place.clone(), |field| reading.place(&field))
    };
    let mut run = Run {
        count: 1,
        is_stated: true,
        kind: RunKind::Replicas,
        rollout: Rollout::Never,
        is_paused: at("/paused").is_some_and(Node::is_true),
        place: place_of("replicas"),
        strategy: None,
        kept_jobs: 0,
        claims: Vec::new(),
    };
    match kind {
        ("", "Pod") => (run.kind, run.place) = (RunKind::Pod, kind_place),
        ("", "PodTemplate") => (run.kind, run.count) = (RunKind::Never, 0),
        ("apps", "Deployment") => {
            (run.count, run.is_stated) = (replicas.unwrap_or(1), replicas.is_some());
            run.rollout = match at("/strategy/type").and_then(Node::as_str) {
                Some("Recreate") => Rollout::Replace,
                _ => Rollout::Rolling {
                    surge: share("/strategy/rollingUpdate/maxSurge", QUARTER),
                    unavailable: share("/strategy/rollingUpdate/maxUnavailable", QUARTER),
                },
            };
            run.strategy = spec.get("strategy").map(|strategy| reading.place(&strategy));
        }
        ("argoproj.io", "Rollout") => {
            (run.count, run.is_stated) = (replicas.unwrap_or(1), replicas.is_some());
            run.rollout = progressive(spec.node);
            run.strategy = spec.get("strategy").map(|strategy| reading.place(&strategy));
        }
        ("apps", "DaemonSet") => {
            run.kind = RunKind::EachNode;
            run.place = kind_place;
            if at("/updateStrategy/type").and_then(Node::as_str) != Some("OnDelete") {
                run.rollout = Rollout::Rolling {
                    surge: share("/updateStrategy/rollingUpdate/maxSurge", Share::Number(0)),
                    unavailable: share(
                        "/updateStrategy/rollingUpdate/maxUnavailable",
                        Share::Number(1),
                    ),
                };
            }
            run.strategy = spec.get("updateStrategy").map(|strategy| reading.place(&strategy));
        }
        ("apps", "StatefulSet") => {
            (run.count, run.is_stated) = (replicas.unwrap_or(1), replicas.is_some());
            // One after the other: more at a time is for a feature that is off by default
            // (`updateStatefulSetAfterInvariantEstablished` of
            // `pkg/controller/statefulset/stateful_set_control.go`).
            if at("/updateStrategy/type").and_then(Node::as_str) != Some("OnDelete") {
                let (surge, unavailable) = (Share::Number(0), Share::Number(1));
                run.rollout = Rollout::Rolling { surge, unavailable };
            }
            let templates = spec.get("volumeClaimTemplates");
            run.claims = templates
                .iter()
                .flat_map(Field::items)
                .map(|template| claim(reading, &template))
                .collect();
        }
        ("batch", "Job") => {
            run.kind = RunKind::Job;
            run.count = parallel(at("/parallelism"), at("/completions"), at("/suspend"));
            run.place = place_of("parallelism");
        }
        ("batch", "CronJob") => {
            run.kind = RunKind::Schedule;
            let job = |name: &str| at(&format!("/jobTemplate/spec/{name}"));
            let is_suspended = |node: &Option<&Node>| node.is_some_and(Node::is_true);
            let suspend = [at("/suspend"), job("suspend")].into_iter().find(is_suspended).flatten();
            run.count = parallel(job("parallelism"), job("completions"), suspend);
            // `SetDefaults_CronJob` of `pkg/apis/batch/v1/defaults.go`
            let kept = whole("/successfulJobsHistoryLimit").unwrap_or(3);
            run.kept_jobs = if run.count == 0 { 0 } else { kept };
            run.place = place_of("schedule");
        }
        ("keda.sh", _) => {
            let job = |name: &str| at(&format!("/jobTargetRef/{name}"));
            let pods = parallel(job("parallelism"), job("completions"), None);
            let (fewest, most) = autoscaler::scaled_jobs(root);
            run.count = fewest.saturating_mul(pods);
            run.kind = RunKind::OnDemand { most: most.saturating_mul(pods) };
            run.place = place_of("maxReplicaCount");
        }
        ("serving.knative.dev", _) => (run.kind, run.count) = (RunKind::Never, 0),
        _ => (run.count, run.is_stated) = (replicas.unwrap_or(1), replicas.is_some()),
    }
    if matches!(run.kind, RunKind::Pod | RunKind::Job) && is_hook(root.node) {
        (run.kind, run.count) = (RunKind::Hook, 0);
    }
    run
}

/// Whether Argo CD or Helm makes it for a sync, an installation or a test, and not to stay.
fn is_hook(root: &Node) -> bool {
    ["argocd.argoproj.io~1hook", "helm.sh~1hook"].iter().any(|name| {
        let value = root.pointer(&format!("/metadata/annotations/{name}"));
        value.and_then(Node::as_str).is_some_and(|value| !value.trim().is_empty())
    })
}

/// How a Rollout of Argo Rollouts replaces pods.
fn progressive(spec: &Node) -> Rollout {
    let Some(canary) = spec.pointer("/strategy/canary") else { return Rollout::Beside };
    let has = |name| canary.get(name).is_some_and(|node| !node.is_null());
    if has("trafficRouting") {
        // `CalculateReplicaCountsForTrafficRoutedCanary` of `utils/replicaset/canary.go`: the old
        // ones stay until the last step, unless they shrink with their share.
        let shrinks = canary.get("dynamicStableScale").is_some_and(Node::is_true);
        let unavailable = Share::Number(0);
        return if shrinks {
            Rollout::Rolling { surge: QUARTER, unavailable }
        } else {
            Rollout::Beside
        };
    }
    // `GetMaxSurgeOrDefault` and `GetMaxUnavailableOrDefault` of `utils/defaults/defaults.go`
    let share = |name| Share::read(canary.get(name), QUARTER);
    Rollout::Rolling { surge: share("maxSurge"), unavailable: share("maxUnavailable") }
}

/// Pods of a Job at a time.
fn parallel(parallelism: Option<&Node>, completions: Option<&Node>, suspend: Option<&Node>) -> u32 {
    if suspend.is_some_and(Node::is_true) {
        return 0;
    }
    let whole =
        |node: Option<&Node>| node.and_then(Node::as_int).and_then(|n| u32::try_from(n).ok());
    let parallelism = whole(parallelism).unwrap_or(1);
    parallelism.min(whole(completions).unwrap_or(parallelism))
}

/// Reads a claim, or the template of one.
pub(super) fn claim(reading: &Reading<'_>, root: &Field<'_>) -> Claim {
    let name = root.node.pointer("/metadata/name").and_then(Node::as_str).unwrap_or_default();
    let annotated = root
        .node
        .pointer("/metadata/annotations/volume.beta.kubernetes.io~1storage-class")
        .and_then(Node::as_str);
    let Some(spec) = root.get("spec") else { return Claim::bare(name, reading.place(root)) };
    let modes = spec.get("accessModes");
    let resources = spec.get("resources");
    let requests = resources.as_ref().and_then(|resources| resources.get("requests"));
    let storage = requests.as_ref().and_then(|requests| requests.get("storage"));
    let place = storage.map_or_else(|| reading.place(&spec), |storage| reading.place(&storage));
    let class = annotated.or_else(|| spec.get("storageClassName")?.node.as_str());
    let has = |name| spec.get(name).is_some_and(|field| !field.node.is_null());
    Claim {
        class: class.map(Into::into),
        attributes: Some(spec.text("volumeAttributesClassName"))
            .filter(|name| !name.is_empty())
            .map(Into::into),
        is_bound: class == Some("") || has("volumeName") || has("selector"),
        requests: Amounts::of(requests.as_ref().copied()),
        modes: modes
            .iter()
            .flat_map(Field::items)
            .filter_map(|mode| mode.node.as_str().map(Into::into))
            .collect(),
        ..Claim::bare(name, place)
    }
}

/// How many of its pods a PodDisruptionBudget keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Keeps {
    /// At least so many are there.
    pub available: Option<Share>,
    /// At most so many are missing.
    pub unavailable: Option<Share>,
    /// Where that is written.
    pub place: Place,
}

/// Reads what a PodDisruptionBudget keeps; nothing where it states neither.
pub(super) fn keeps(reading: &Reading<'_>, root: &Field<'_>) -> Option<Keeps> {
    let spec = root.get("spec")?;
    let (available, unavailable) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if [&available, &unavailable].into_iter().flatten().any(|field| is_open(field.node)) {
        return None;
    }
    let share = |field: &Field<'_>| Share::read(Some(field.node), Share::Number(0));
    Some(Keeps {
        place: reading.place(available.as_ref().or(unavailable.as_ref())?),
        available: available.as_ref().map(share),
        unavailable: unavailable.as_ref().map(share),
    })
}
