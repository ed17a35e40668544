//! Which other pods a pod wants on its node, near it or away from it, and how those of its kind are
//! to be spread.

use super::reference::each;
use super::{Place, Reading};
use crate::model::{Field, Labels, Selector};

/// The label with the name of a node.
pub(super) const HOSTNAME: &str = "kubernetes.io/hostname";

/// What a pod asks of where other pods are, as far as it must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Company {
    /// Pods that must be near: its required affinity to pods.
    pub beside: Vec<Term>,
    /// Pods that must not be near: its required anti-affinity.
    pub apart: Vec<Term>,
    /// How pods are spread, where that must hold.
    pub spread: Vec<Spreading>,
    /// Whether some of it hangs on labels that are not known before its pods are there.
    pub is_open: bool,
}

/// Pods that must, or must not, be near.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The label of nodes; those with the same value of it are near each other.
    pub domain: Box<str>,
    /// The pods that are meant.
    pub meant: Meant,
    /// Their namespaces by name; empty where neither these nor a selector are stated, and that of
    /// the pod itself is meant.
    pub namespaces: Vec<Box<str>>,
    /// Their namespaces by labels.
    pub namespace_selector: Option<Selector>,
    /// Where it is written.
    pub place: Place,
}

/// Pods that a rule means.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// What selects them; nothing where no pod is meant.
    pub selector: Option<Selector>,
    /// Labels that they have besides, since the pod itself has them: `matchLabelKeys`.
    pub alike: Labels,
    /// Whether only pods of the same revision of the same workload are meant.
    pub is_of_revision: bool,
}

/// How pods are spread: a constraint with `DoNotSchedule`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spreading {
    /// The label of nodes; those with the same value are one domain.
    pub domain: Box<str>,
    /// By how many pods a domain may exceed the one that has fewest.
    pub skew: u32,
    /// Fewer domains than these count as if one were empty.
    pub least_domains: u32,
    /// The pods that are counted.
    pub meant: Meant,
    /// Whether nodes that the pod does not select count too.
    pub ignores_labels: bool,
    /// Whether nodes with taints that the pod does not stand count too.
    pub ignores_taints: bool,
    /// Where it is written.
    pub place: Place,
}

impl Company {
    /// Whether the pod does not ask where others are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.beside.is_empty() && self.apart.is_empty() && self.spread.is_empty() && !self.is_open
    }

    /// Pods that must not be on the same node.
    pub fn on_other_nodes(&self) -> impl Iterator<Item = &Term> {
        self.apart.iter().filter(|term| &*term.domain == HOSTNAME)
    }

    /// Selectors of pods that must be on the same node.
    pub fn on_node(&self) -> impl Iterator<Item = &Selector> {
        let terms = self.beside.iter().filter(|term| &*term.domain == HOSTNAME);
        terms.filter_map(|term| term.meant.selector.as_ref())
    }
}

impl Meant {
    /// Whether pods with these labels are meant, where their revision does not matter.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.selector.as_ref().is_some_and(|selector| selector.matches(labels))
            && self.alike.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

/// Reads the `spec` of a pod with these labels; `root` is the object.
pub(super) fn read(
    reading: &Reading<'_>,
    root: &Field<'_>,
    spec: &Field<'_>,
    labels: &Labels,
) -> Company {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution[]";
    let mut company = Company::default();
    let kind = root.text("kind");
    for name in ["podAffinity", "podAntiAffinity"] {
        each(spec, &format!("affinity.{name}.{REQUIRED}"), &mut |field| {
            let term = term(field, kind, labels, reading.place(field), &mut company.is_open);
            let terms =
                if name == "podAffinity" { &mut company.beside } else { &mut company.apart };
            terms.push(term);
        });
    }
    each(spec, "topologySpreadConstraints[]", &mut |field| {
        if field.text("whenUnsatisfiable") != "ScheduleAnyway" {
            let place = reading.place(field);
            company.spread.push(spreading(field, kind, labels, place, &mut company.is_open));
        }
    });
    company
}

fn term(field: &Field<'_>, kind: &str, labels: &Labels, place: Place, is_open: &mut bool) -> Term {
    let namespaces = field.get("namespaces");
    let namespaces = namespaces.iter().flat_map(Field::items);
    let selector = field.get("namespaceSelector").filter(|selector| !selector.node.is_null());
    let read = selector.as_ref().map(Selector::of);
    *is_open |= read == Some(None);
    Term {
        domain: field.text("topologyKey").into(),
        meant: meant(field, kind, labels, is_open),
        namespaces: namespaces.filter_map(|name| name.node.as_str().map(Into::into)).collect(),
        namespace_selector: read.flatten(),
        place,
    }
}

/// `filterTopologySpreadConstraints` of the scheduler's `podtopologyspread`
fn spreading(
    field: &Field<'_>,
    kind: &str,
    labels: &Labels,
    place: Place,
    is_open: &mut bool,
) -> Spreading {
    let whole = |name: &str| {
        let number = field.get(name).and_then(|number| number.node.as_int());
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or(1)
    };
    Spreading {
        domain: field.text("topologyKey").into(),
        skew: whole("maxSkew"),
        least_domains: whole("minDomains"),
        meant: meant(field, kind, labels, is_open),
        ignores_labels: field.text("nodeAffinityPolicy") == "Ignore",
        ignores_taints: field.text("nodeTaintsPolicy") != "Honor",
        place,
    }
}

/// What controllers of pods write to their labels, beside the hashes of revisions.
const OF_CONTROLLERS: [&str; 5] = [
    "apps.kubernetes.io/",
    "batch.kubernetes.io/",
    "controller-uid",
    "job-name",
    "statefulset.kubernetes.io/",
];

/// The label by which a kind tells the pods of its revisions apart.
fn revision(kind: &str) -> Option<&'static str> {
    match kind {
        "DaemonSet" | "StatefulSet" => Some("controller-revision-hash"),
        "Deployment" => Some("pod-template-hash"),
        "Rollout" => Some("rollouts-pod-template-hash"),
        _ => None,
    }
}

fn meant(field: &Field<'_>, kind: &str, labels: &Labels, is_open: &mut bool) -> Meant {
    let selector = field.get("labelSelector").filter(|selector| !selector.node.is_null());
    let read = selector.as_ref().map(Selector::of);
    let is_written_later = |key: &str| {
        revision(kind) == Some(key) || OF_CONTROLLERS.iter().any(|start| key.starts_with(start))
    };
    let looks_at_later =
        read.iter().flatten().any(|selector| selector.keys().any(is_written_later));
    let has_others = field.get("mismatchLabelKeys").is_some_and(|keys| keys.items().count() > 0);
    *is_open |= read == Some(None) || looks_at_later || has_others;
    let keys = field.get("matchLabelKeys");
    let keys = keys.iter().flat_map(Field::items).filter_map(|key| key.node.as_str());
    let (mut alike, mut is_of_revision) = (Vec::new(), false);
    for key in keys {
        match labels.get(key) {
            Some(value) => alike.push((key, value)),
            None if revision(kind) == Some(key) => is_of_revision = true,
            // A key that the pod does not have counts for nothing.
            None => *is_open |= is_written_later(key),
        }
    }
    Meant { selector: read.flatten(), alike: alike.into_iter().collect(), is_of_revision }
}
