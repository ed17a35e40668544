//! Nodes: what they have, and which pods they take.

use core::net::IpAddr;

use super::address::address;
use super::amounts::Amounts;
use super::company::HOSTNAME;
use super::needs::{NodeTerm, Placement, Requirement, Toleration};
use super::{Place, Reading};
use crate::load::manifest::is_open;
use crate::model::{Field, Labels, Quantity};
use crate::yaml::Node;

/// The label by which the kubelet says which system a node runs.
const SYSTEM: &str = "kubernetes.io/os";

/// Pods that fit a node where nothing says so: the kubelet's own default.
pub(super) const PODS: i64 = 110;

/// A machine of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Its name.
    pub name: Box<str>,
    /// What it has for pods; nothing where that is not known.
    pub allocatable: Option<Amounts>,
    /// What it has altogether.
    pub capacity: Amounts,
    /// Its labels.
    pub labels: Labels,
    /// Whether its labels and resources are all; otherwise the kubelet, the distribution and
    /// plugins for devices add theirs.
    pub is_complete: bool,
    /// Its addresses within the cluster, where it is an object, each with its place.
    pub addresses: Vec<(IpAddr, Place)>,
    /// Its taints: key, value, effect.
    pub taints: Vec<Taint>,
    /// Whether it takes no more pods.
    pub is_cordoned: bool,
    /// Where it is written.
    pub place: Place,
    /// Where its size is written, by resource.
    pub sizes: Vec<(Box<str>, Place)>,
}

/// A taint of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// Its key.
    pub key: Box<str>,
    /// Its value.
    pub value: Box<str>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: Box<str>,
}

/// Why a node does not take a pod, whatever else runs there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// Another node is named.
    OtherNode,
    /// Its labels are not those that are asked for.
    Labels,
    /// It has a taint that the pod does not stand.
    Taint(String),
    /// It takes no more pods.
    Cordoned,
    /// It has less of a resource than the pod alone requests.
    TooSmall {
        /// The resource.
        resource: String,
        /// What the pod requests.
        wanted: String,
        /// What the node has.
        has: String,
    },
}

/// That nobody says what a label of a machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown;

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>, name: &str) -> Machine {
    let status = root.get("status");
    let amounts = |name| status.as_ref().and_then(|status| status.get(name));
    let capacity = Amounts::of(amounts("capacity"));
    let allocatable = Amounts::of(amounts("allocatable"));
    let known = if allocatable.is_empty() { capacity.clone() } else { allocatable };
    let spec = root.get("spec");
    let taints = spec.as_ref().and_then(|spec| spec.get("taints"));
    let taints = taints.iter().flat_map(Field::items).map(|taint| Taint {
        key: taint.text("key").into(),
        value: taint.text("value").into(),
        effect: taint.text("effect").into(),
    });
    let kind = root.get("kind");
    // Then nobody knows what it takes.
    let is_filled_in =
        ["/metadata/labels", "/spec/taints", "/status/allocatable", "/status/capacity"]
            .iter()
            .any(|at| root.node.pointer(at).is_some_and(is_open));
    Machine {
        name: name.into(),
        allocatable: (!known.is_empty() && !is_filled_in).then_some(known),
        capacity,
        labels: Labels::of(root.node.pointer("/metadata/labels")),
        is_complete: true,
        addresses: addresses(reading, status.as_ref()),
        taints: taints.collect(),
        is_cordoned: root.node.pointer("/spec/unschedulable").is_some_and(Node::is_true),
        place: reading.place(kind.as_ref().unwrap_or(root)),
        sizes: sizes(reading, status.as_ref()),
    }
}

/// Addresses by which others of the cluster reach it; beyond a router several may share one.
fn addresses(reading: &Reading<'_>, status: Option<&Field<'_>>) -> Vec<(IpAddr, Place)> {
    let all = status.and_then(|status| status.get("addresses"));
    let internal = all.iter().flat_map(Field::items).filter(|it| it.text("type") == "InternalIP");
    let stated = internal.filter_map(|it| {
        let stated = it.get("address")?;
        Some((address(stated.node.as_str()?)?, reading.place(&stated)))
    });
    stated.collect()
}

fn sizes(reading: &Reading<'_>, status: Option<&Field<'_>>) -> Vec<(Box<str>, Place)> {
    let amounts = ["allocatable", "capacity"].into_iter().find_map(|name| status?.get(name));
    let Some(amounts) = amounts else { return Vec::new() };
    amounts.entries().map(|(name, field)| (name.into(), reading.place(&field))).collect()
}

impl Machine {
    /// Where its size of a resource is written, or the machine.
    #[must_use]
    pub fn size(&self, resource: &str) -> &Place {
        let size = self.sizes.iter().find(|(name, _)| **name == *resource);
        size.map_or(&self.place, |(_, place)| place)
    }

    /// Why it takes no pod of this placement; nothing where it does, or may. Pods of a DaemonSet
    /// stand what their controller adds, and are where they are for sure.
    #[must_use]
    pub fn refuses(&self, placement: &Placement, is_daemon: bool) -> Option<Unfit> {
        if !placement.node.is_empty() {
            // The kubelet asks neither for labels nor for taints without an effect on what runs.
            return (*placement.node != *self.name).then_some(Unfit::OtherNode);
        }
        if self.is_cordoned && !is_daemon {
            return Some(Unfit::Cordoned);
        }
        // A DaemonSet has no pod where it is not known whether it has one: others may find a node
        // that is right.
        if self.is_selected(placement).map_or(is_daemon, |it| !it) {
            return Some(Unfit::Labels);
        }
        let taint = self.repels(placement, is_daemon)?;
        let value = if taint.value.is_empty() { "" } else { "=" };
        Some(Unfit::Taint(format!("{}{value}{}:{}", taint.key, taint.value, taint.effect)))
    }

    /// Whether its labels are those of a pod's `nodeSelector`; nothing where that is not known.
    #[must_use]
    pub fn is_labelled(&self, placement: &Placement) -> Option<bool> {
        let of_label = |(key, value): (&str, &str)| self.holds(key, |known| known == Some(value));
        all(placement.labels.iter().map(of_label))
    }

    /// Whether its labels are those that a pod asks for; nothing where that is not known.
    #[must_use]
    pub fn is_selected(&self, placement: &Placement) -> Option<bool> {
        let of_term = |term: &NodeTerm| match term.0.is_empty() {
            true => Some(false),
            false => all(term.0.iter().map(|requirement| self.meets(requirement))),
        };
        let Some(terms) = &placement.affinity else {
            return self.is_labelled(placement);
        };
        // One term is enough: all fail, or not all do.
        let affinity = all(terms.iter().map(|term| of_term(term).map(|it| !it))).map(|it| !it);
        all([self.is_labelled(placement), affinity].into_iter())
    }

    /// The first taint that keeps a pod away.
    #[must_use]
    pub fn repels(&self, placement: &Placement, is_daemon: bool) -> Option<&Taint> {
        self.taints.iter().find(|taint| {
            matches!(&*taint.effect, "NoSchedule" | "NoExecute")
                && !(is_daemon && is_daemon_safe(taint))
                && !placement.tolerations.iter().any(|one| tolerates(one, taint))
        })
    }

    /// The value of a label that makes nodes one domain, and nothing where it has none; an error
    /// where it is not known. The kubelet names the node in one of them.
    pub fn domain(&self, key: &str) -> Result<Option<&str>, Unknown> {
        match self.labels.get(key) {
            Some(value) => Ok(Some(value)),
            None if !self.is_open(key) => Ok(None),
            None if key == HOSTNAME => Ok(Some(&self.name)),
            None => Err(Unknown),
        }
    }

    /// How many taints it has that a pod does not stand and that only speak against it.
    #[must_use]
    pub fn dislikes(&self, placement: &Placement) -> i64 {
        let is_against = |taint: &&Taint| {
            &*taint.effect == "PreferNoSchedule"
                && !placement.tolerations.iter().any(|one| tolerates(one, taint))
        };
        i64::try_from(self.taints.iter().filter(is_against).count()).unwrap_or(0)
    }

    /// The first resource of which it has less than is requested.
    #[must_use]
    pub fn lacks(&self, requests: &Amounts) -> Option<Unfit> {
        requests.iter().filter(|(_, wanted)| *wanted > Quantity::ZERO).find_map(|(name, wanted)| {
            let has = self.has(name).filter(|has| wanted > *has)?.to_string();
            Some(Unfit::TooSmall { resource: name.to_owned(), wanted: wanted.to_string(), has })
        })
    }

    /// What it has of a resource for pods; nothing where that is not known.
    #[must_use]
    pub fn has(&self, resource: &str) -> Option<Quantity> {
        let allocatable = self.allocatable.as_ref()?;
        let stated = allocatable.get(resource);
        stated.or_else(|| self.is_complete.then_some(Quantity::ZERO))
    }

    /// Whether a label may have any value: the kubelet or the distribution sets it.
    fn is_open(&self, key: &str) -> bool {
        let is_set = self.is_complete || self.labels.get(key).is_some();
        !is_set && key.split('/').next().is_some_and(|domain| domain.ends_with("kubernetes.io"))
    }

    /// Whether a label is as it must be; nothing where that is not known. Nodes run Linux where
    /// nobody says otherwise, but one of Windows may be meant.
    fn holds(&self, key: &str, is_met: impl Fn(Option<&str>) -> bool) -> Option<bool> {
        match self.domain(key) {
            Ok(value) => Some(is_met(value)),
            Err(Unknown) => (key == SYSTEM && is_met(Some("linux"))).then_some(true),
        }
    }

    /// `nodeSelectorRequirementsAsSelector` of `k8s.io/component-helpers/scheduling/corev1`
    fn meets(&self, requirement: &Requirement) -> Option<bool> {
        let Requirement { key, operator, values } = requirement;
        let is_one = |value: &str| values.iter().any(|known| **known == *value);
        let number = |text: &str| text.parse::<i64>().ok();
        let bound = values.first().and_then(|bound| number(bound));
        let is_met = |value: Option<&str>| match &**operator {
            "In" => value.is_some_and(is_one),
            "NotIn" => !value.is_some_and(is_one),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => value.and_then(number).zip(bound).is_some_and(|(value, bound)| value > bound),
            "Lt" => value.and_then(number).zip(bound).is_some_and(|(value, bound)| value < bound),
            _ => false,
        };
        match &**key {
            "metadata.name" => Some(is_met(Some(&self.name))),
            key => self.holds(key, is_met),
        }
    }
}

/// Whether all of some things are so; nothing where one is not known, and none is known not to be.
fn all(things: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for thing in things {
        match thing {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}

/// What the controller of DaemonSets adds: `AddOrUpdateDaemonPodTolerations` of
/// `pkg/controller/daemon/util/daemonset_util.go`.
fn is_daemon_safe(taint: &Taint) -> bool {
    const SAFE: [&str; 7] = [
        "disk-pressure",
        "memory-pressure",
        "network-unavailable",
        "not-ready",
        "pid-pressure",
        "unreachable",
        "unschedulable",
    ];
    taint.key.strip_prefix("node.kubernetes.io/").is_some_and(|name| SAFE.contains(&name))
}

/// `ToleratesTaint` of `k8s.io/api/core/v1/toleration.go`
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    if !toleration.effect.is_empty() && toleration.effect != taint.effect {
        return false;
    }
    if !toleration.key.is_empty() && toleration.key != taint.key {
        return false;
    }
    match &*toleration.operator {
        "Exists" => true,
        "" | "Equal" => !toleration.key.is_empty() && toleration.value == taint.value,
        _ => false,
    }
}
