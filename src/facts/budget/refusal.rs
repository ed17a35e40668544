//! Why the server does not let a pod in, whatever else is there.

use super::demand::{Filled, counted};
use crate::facts::{Amounts, Breach, Enforced, Level, Limit, Object, Place, Quota, Resources};
use crate::model::Quantity;

/// Why the server does not let a pod in.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal<'c> {
    /// A LimitRange forbids it.
    Bounds {
        /// The LimitRange.
        by: &'c Object,
        /// Its part.
        limit: &'c Limit,
        /// What is wrong.
        what: String,
        /// What someone must change.
        place: Option<&'c Place>,
    },
    /// What a LimitRange fills in makes the pod contradict itself.
    Contradiction {
        /// What is wrong.
        what: String,
        /// What someone must change.
        place: Option<Place>,
        /// The LimitRange that fills in.
        by: Option<&'c Object>,
    },
    /// A quota wants values that it does not state.
    Unstated {
        /// The quota.
        by: &'c Object,
        /// The keys of the quota.
        keys: Vec<&'c str>,
        /// The containers that lack them.
        containers: Vec<&'c str>,
        /// The first of them.
        place: Option<&'c Place>,
    },
    /// Its namespace enforces a level of pod security.
    Security {
        /// The Namespace.
        by: &'c Object,
        /// What it enforces.
        enforced: &'c Enforced,
        /// The rules that are broken.
        breaches: Vec<&'c Breach>,
    },
    /// Its namespace enforces a stricter level of pod security than its chart says that it needs.
    Level {
        /// The Namespace.
        by: &'c Object,
        /// What it enforces.
        enforced: &'c Enforced,
        /// The level that it needs.
        needs: Level,
        /// Where its chart says so.
        place: &'c Place,
    },
    /// Something that it names is not there.
    Missing {
        /// What is missing.
        what: String,
        /// Where it is named.
        place: &'c Place,
    },
}

impl Refusal<'_> {
    /// The reason in a few words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Bounds { by, what, .. } => format!("LimitRange `{}`: {what}", by.key.name),
            Self::Contradiction { what, .. } | Self::Missing { what, .. } => what.clone(),
            Self::Unstated { by, keys, containers, .. } => {
                let (keys, containers) = (keys.join(", "), containers.join(", "));
                format!("quota `{}` wants {keys} of: {containers}", by.key.name)
            }
            Self::Security { enforced, breaches, .. } => {
                let must: Vec<&str> = breaches.iter().map(|breach| &*breach.must).collect();
                format!("pod security `{}`: {}", enforced.level.as_str(), must.join("; "))
            }
            Self::Level { enforced, needs, .. } => {
                let (enforced, needs) = (enforced.level.as_str(), needs.as_str());
                format!("pod security `{enforced}`: its chart says that it needs `{needs}`")
            }
        }
    }

    /// A word for the reason.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bounds { .. } => "limit-range",
            Self::Contradiction { .. } => "invalid",
            Self::Unstated { .. } => "quota-value-missing",
            Self::Security { .. } | Self::Level { .. } => "pod-security",
            Self::Missing { .. } => "missing",
        }
    }
}

/// What LimitRanges forbid: `PodValidateLimitFunc`.
pub(super) fn bounds<'c>(
    filled: &Filled<'c>,
    ranges: &[(&'c Object, &'c [Limit])],
) -> Option<Refusal<'c>> {
    if let Some((what, place)) = filled.inverted() {
        let by = ranges.first().map(|(object, _)| *object);
        return Some(Refusal::Contradiction { what, place: place.cloned(), by });
    }
    for &(by, limits) in ranges {
        for limit in limits {
            let refuse = |what, place| Some(Refusal::Bounds { by, limit, what, place });
            match &*limit.kind {
                "Container" => {
                    for (container, filled) in filled.pod.containers.iter().zip(&filled.containers)
                    {
                        let Resources { requests, limits, .. } = filled;
                        if let Some(what) = broken(limit, requests, limits) {
                            let what = format!("container `{}` {what}", container.name);
                            return refuse(what, container.resources.place.as_ref());
                        }
                    }
                }
                "Pod" => {
                    let (requests, limits) = filled.effective();
                    if let Some(what) = broken(limit, &requests, &limits) {
                        let first = filled.pod.containers.first();
                        let place = first.and_then(|container| container.resources.place.as_ref());
                        return refuse(format!("the pod {what}"), place);
                    }
                }
                _ => {}
            }
        }
    }
    None
}

/// The bound of a LimitRange that requests and limits break.
pub(super) fn broken(limit: &Limit, requests: &Amounts, limits: &Amounts) -> Option<String> {
    for (name, min) in limit.min.iter() {
        match requests.get(name) {
            None => return Some(format!("requests no {name}, and the least is {min}")),
            Some(request) if request < min => {
                return Some(format!("requests {request} of {name}, and the least is {min}"));
            }
            Some(_) => {}
        }
        if let Some(most) = limits.get(name).filter(|most| *most < min) {
            return Some(format!("has a limit of {most} of {name}, and the least is {min}"));
        }
    }
    for (name, max) in limit.max.iter() {
        match limits.get(name) {
            None => return Some(format!("has no limit of {name}, and the most is {max}")),
            Some(most) if most > max => {
                return Some(format!("has a limit of {most} of {name}, and the most is {max}"));
            }
            Some(_) => {}
        }
        if let Some(request) = requests.get(name).filter(|request| *request > max) {
            return Some(format!("requests {request} of {name}, and the most is {max}"));
        }
    }
    for (name, ratio) in limit.ratio.iter() {
        let given = |amounts: &Amounts| amounts.get(name).filter(|it| *it > Quantity::ZERO);
        let (Some(request), Some(most)) = (given(requests), given(limits)) else {
            return Some(format!("needs a request and a limit of {name}, at most 1 to {ratio}"));
        };
        if is_above(most, request, ratio) {
            return Some(format!(
                "has a limit of {most} of {name} for a request of {request}: more than {ratio} times"
            ));
        }
    }
    None
}

/// Whether `most / request > ratio`, exactly.
fn is_above(most: Quantity, request: Quantity, ratio: Quantity) -> bool {
    most.milli_value() * 1000 > ratio.milli_value() * request.milli_value()
}

/// What a quota wants of every container: `podEvaluator.Constraints`.
pub(super) fn unstated<'c>(
    filled: &Filled<'c>,
    by: &'c Object,
    quota: &'c Quota,
) -> Option<Refusal<'c>> {
    const WANTED: [&str; 6] =
        ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
    if filled.whole.is_some() {
        return None;
    }
    let keys = quota.hard.iter().map(|hard| &*hard.key).filter(|key| WANTED.contains(key));
    let keys: Vec<&str> = keys.collect();
    let (mut missing, mut containers, mut place) = (Vec::new(), Vec::new(), None);
    for (container, resources) in filled.pod.containers.iter().zip(&filled.containers) {
        let usage = counted(&resources.requests, &resources.limits);
        let lacks = keys.iter().copied().filter(|key| usage.get(key).is_none());
        let lacks: Vec<&str> = lacks.collect();
        if lacks.is_empty() {
            continue;
        }
        missing.extend(lacks);
        containers.push(&*container.name);
        place = place.or(container.resources.place.as_ref());
    }
    missing.sort_unstable();
    missing.dedup();
    (!missing.is_empty()).then_some(Refusal::Unstated { by, keys: missing, containers, place })
}
