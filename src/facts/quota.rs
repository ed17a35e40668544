//! What a namespace allows: quotas, limit ranges, the level of pod security.

use super::amounts::{Amounts, quantity};
use super::{Place, Reading};
use crate::model::{Field, Quantity};
use crate::yaml::Node;

/// A ResourceQuota.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    /// What it bounds, in the order of the text.
    pub hard: Vec<Hard>,
    /// The keys whose bounds are no quantities, or below zero.
    pub unread: Vec<Box<str>>,
    /// What pods or claims it counts: all of these must match.
    pub scopes: Vec<QuotaScope>,
}

/// One bound of a quota.
#[derive(Debug, Clone, PartialEq)]
pub struct Hard {
    /// What is bounded: `requests.cpu`, `count/deployments.apps`.
    pub key: Box<str>,
    /// The bound.
    pub amount: Quantity,
    /// Where it is written.
    pub place: Place,
}

/// A scope of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaScope {
    /// Its name, for example `BestEffort`.
    pub name: Box<str>,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: Box<str>,
    /// The values.
    pub values: Vec<Box<str>>,
}

/// One part of a LimitRange, with the defaults that the server adds when it stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// `Container`, `Pod` or `PersistentVolumeClaim`.
    pub kind: Box<str>,
    /// Lower bounds.
    pub min: Amounts,
    /// Upper bounds.
    pub max: Amounts,
    /// Limits of containers that state none.
    pub default: Amounts,
    /// Requests of containers that state none.
    pub default_request: Amounts,
    /// How many times its request a limit may be.
    pub ratio: Amounts,
    /// Where it is written.
    pub place: Place,
}

/// A Namespace's levels of pod security.
#[derive(Debug, Clone, PartialEq)]
pub struct Enforced {
    /// The level that is enforced.
    pub level: Level,
    /// The minor version of Kubernetes 1 whose rules hold; nothing for the newest.
    pub version: Option<u32>,
    /// Where the level is written.
    pub place: Place,
}

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing is refused.
    Privileged,
    /// Known escalations are refused.
    Baseline,
    /// Hardened pods only.
    Restricted,
}

impl Level {
    /// The level of a name, where it is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Privileged, Self::Baseline, Self::Restricted];
        all.into_iter().find(|level| level.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

pub(super) fn quota(reading: &Reading<'_>, root: &Field<'_>) -> Quota {
    let Some(spec) = root.get("spec") else {
        return Quota { hard: Vec::new(), unread: Vec::new(), scopes: Vec::new() };
    };
    let bounds = spec.get("hard");
    let (mut hard, mut unread) = (Vec::new(), Vec::new());
    for (key, field) in bounds.iter().flat_map(Field::entries) {
        // What is below zero is refused, and told of with the object.
        match quantity(field.node).filter(|amount| *amount >= Quantity::ZERO) {
            Some(amount) => {
                hard.push(Hard { key: key.into(), amount, place: reading.place(&field) });
            }
            None => unread.push(key.into()),
        }
    }
    let names = spec.get("scopes");
    let mut scopes: Vec<QuotaScope> = names
        .iter()
        .flat_map(Field::items)
        .filter_map(|scope| scope.node.as_str())
        .map(|name| QuotaScope { name: name.into(), operator: "Exists".into(), values: Vec::new() })
        .collect();
    let expressions = spec.get("scopeSelector");
    let expressions = expressions.as_ref().and_then(|selector| selector.get("matchExpressions"));
    scopes.extend(expressions.iter().flat_map(Field::items).map(|one| {
        let values = one.node.get("values").and_then(Node::as_seq).unwrap_or_default();
        QuotaScope {
            name: one.text("scopeName").into(),
            operator: one.text("operator").into(),
            values: values.iter().filter_map(Node::as_str).map(Into::into).collect(),
        }
    }));
    Quota { hard, unread, scopes }
}

/// The parts of a LimitRange, filled up as `SetDefaults_LimitRangeItem` of
/// `pkg/apis/core/v1/defaults.go` does.
pub(super) fn limits(reading: &Reading<'_>, root: &Field<'_>) -> Vec<Limit> {
    let Some(spec) = root.get("spec") else { return Vec::new() };
    let Some(limits) = spec.get("limits") else { return Vec::new() };
    let limit = |field: Field<'_>| {
        let amounts = |name| Amounts::of(field.get(name));
        let mut limit = Limit {
            kind: field.text("type").into(),
            min: amounts("min"),
            max: amounts("max"),
            default: amounts("default"),
            default_request: amounts("defaultRequest"),
            ratio: amounts("maxLimitRequestRatio"),
            place: reading.place(&field),
        };
        if &*limit.kind == "Container" {
            limit.default.default_to(&limit.max);
            limit.default_request.default_to(&limit.default);
            limit.default_request.default_to(&limit.min);
        }
        limit
    };
    limits.items().map(limit).collect()
}

const LABEL: &str = "pod-security.kubernetes.io/";

/// What the labels of a Namespace enforce; nothing where they enforce nothing.
pub(super) fn enforced(reading: &Reading<'_>, root: &Field<'_>) -> Option<Enforced> {
    let metadata = root.get("metadata")?;
    let labels = metadata.get("labels")?;
    let label = |name: &str| {
        let key = format!("{LABEL}{name}");
        labels.entries().find(|(known, _)| *known == key).map(|(_, field)| field)
    };
    let enforce = label("enforce")?;
    // What is no level is taken for the strictest, as the server does.
    let level = Level::parse(enforce.node.as_str()?).unwrap_or(Level::Restricted);
    let version = label("enforce-version");
    let version = version.as_ref().and_then(|version| version.node.as_str());
    let minor = version.and_then(|text| text.strip_prefix("v1.")?.parse().ok());
    Some(Enforced { level, version: minor, place: reading.place(&enforce) })
}
