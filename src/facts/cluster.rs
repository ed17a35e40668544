//! All objects of one cluster, found by name and by namespace.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::made::{definition_of, definitions, is_custom};
use super::pod::asks_for_injection;
use super::program::Program;
use super::{Body, Made, Name, Object, Pod, Surroundings, Target};
use super::{borrow, fork};
use crate::load::manifest::is_placeholder;
use crate::model::{GroupKind, Selector};

/// The key and the value of a label.
type Label = (Box<str>, Box<str>);

/// The objects of one cluster, found by name.
#[derive(Debug, Default)]
pub struct Cluster {
    pub(super) objects: Vec<Object>,
    /// Their numbers by kind, in the order of name and namespace.
    by_kind: BTreeMap<GroupKind, Vec<u32>>,
    /// What references name, whether it is there or not; gathered when it is asked for.
    references: OnceLock<HashSet<(GroupKind, Box<str>)>>,
    /// What is bound to programs; gathered when it is asked for.
    pub(super) programs: OnceLock<Vec<Program>>,
    /// Directories whose children are of different clusters: some object stands in two of them.
    forks: BTreeSet<Box<str>>,
    /// Directories in which the same object stands twice.
    choices: HashSet<Arc<str>>,
    /// The numbers of what makes pods by a template, and is of no kind that is read as a workload.
    pub(super) templates: Vec<usize>,
    /// The numbers of objects whose name, namespace or labels of pods are filled in later.
    pub(super) filled_in: Vec<usize>,
    /// The numbers of the NetworkPolicies.
    policies: Vec<usize>,
    /// Whether there are policies of other kinds, or some that cannot be read, which may permit more.
    has_other_policies: bool,
    /// The namespaces that objects stand in, each with its workloads.
    pub(super) namespaces: BTreeMap<Box<str>, Vec<usize>>,
    /// The workloads by the labels of their pods; gathered when it is asked for.
    labeled: OnceLock<HashMap<Label, Vec<usize>>>,
    /// What is made under a known name, by kind.
    pub(super) made: HashMap<GroupKind, HashMap<Box<str>, Vec<Made>>>,
    /// What may be made under names of which less is known.
    pub(super) open: Vec<Made>,
    /// What is perhaps made, by the name that a text states.
    pub(super) perhaps: HashMap<Box<str>, Vec<Made>>,
    pub(super) surroundings: Surroundings,
    pub(super) extent: Extent,
}

/// How much of a cluster is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Extent {
    /// What some files hold; others may hold more.
    #[default]
    Files,
    /// What directories hold, perhaps of several clusters; people may add to it by hand.
    Tree,
    /// All of it: what is not there is missing.
    Whole,
}

impl Cluster {
    /// A cluster of these objects.
    #[must_use]
    pub fn new(mut objects: Vec<Object>, surroundings: Surroundings, extent: Extent) -> Self {
        if let Some(plan) = &surroundings.plan {
            plan.complete(&mut objects);
        }
        borrow::lend(&mut objects);
        let mut cluster = Self { surroundings, extent, ..Self::default() };
        let mut by_kind: BTreeMap<GroupKind, Vec<u32>> = BTreeMap::new();
        for (number, object) in (0..).zip(&objects) {
            match by_kind.get_mut(&object.key.group_kind) {
                Some(numbers) => numbers.push(number),
                None => drop(by_kind.insert(object.key.group_kind.clone(), vec![number])),
            }
        }
        let name = |number: &u32| {
            let key = &objects[*number as usize].key;
            (key.name.as_str(), key.namespace.as_str())
        };
        for numbers in by_kind.values_mut() {
            numbers.par_sort_by(|one, other| name(one).cmp(&name(other)));
        }
        for (index, object) in objects.iter().enumerate() {
            let namespace = object.key.namespace.as_str();
            if !cluster.namespaces.contains_key(namespace) {
                cluster.namespaces.insert(namespace.into(), Vec::new());
            }
            let Some(workloads) = cluster.namespaces.get_mut(namespace) else { continue };
            if matches!(object.body, Body::Workload(_)) {
                workloads.push(index);
            }
            let has_open_labels = matches!(&object.body, Body::Workload(pod) if pod.open.labels);
            if has_open_labels || is_placeholder(&object.key.name) || is_placeholder(namespace) {
                cluster.filled_in.push(index);
            }
            match &object.body {
                Body::NetworkPolicy(_) => cluster.policies.push(index),
                Body::Templates(_) => cluster.templates.push(index),
                _ if object.key.group_kind.kind.ends_with("NetworkPolicy") => {
                    cluster.has_other_policies = true;
                }
                _ => {}
            }
        }
        let around = std::mem::take(&mut cluster.surroundings.made);
        let of_objects = objects.iter().flat_map(|object| &object.made).cloned();
        for made in of_objects.chain(around) {
            match (&made.group_kind, &made.name) {
                (Some(_), Name::Is(name)) if is_placeholder(name) => {
                    cluster.open.push(Made { name: Name::Any, ..made });
                }
                (Some(group_kind), Name::Is(name)) => {
                    let names = cluster.made.entry(group_kind.clone()).or_default();
                    names.entry(name.clone()).or_default().push(made);
                }
                (_, Name::Perhaps(name)) => {
                    cluster.perhaps.entry(name.clone()).or_default().push(made);
                }
                _ => cluster.open.push(made),
            }
        }
        if extent < Extent::Whole {
            let in_order = || by_kind.values().flatten().map(|&number| &objects[number as usize]);
            cluster.forks = fork::forks(in_order());
            cluster.choices = fork::choices(in_order());
        }
        Self { objects, by_kind, ..cluster }
    }

    /// The NetworkPolicies of the namespace of an object.
    pub fn policies(&self, of: &Object) -> impl Iterator<Item = &Object> {
        let all = self.policies.iter().map(|&number| &self.objects[number]);
        all.filter(|policy| policy.key.namespace == of.key.namespace && self.may_share(policy, of))
    }

    /// Whether there are policies of other kinds, or some that cannot be read, which may permit more
    /// than NetworkPolicies do.
    #[must_use]
    pub fn has_other_policies(&self) -> bool {
        self.has_other_policies
    }

    /// Whether two objects may be of one cluster. Those of one environment are.
    #[must_use]
    pub fn may_share(&self, one: &Object, other: &Object) -> bool {
        self.forks.is_empty() || !self.forks.contains(fork::common(&one.unit, &other.unit))
    }

    /// Whether two objects live in one cluster for sure. Those of one environment do, and those of
    /// one directory unless its files are there to choose from.
    #[must_use]
    pub fn surely_share(&self, one: &Object, other: &Object) -> bool {
        self.extent == Extent::Whole || (one.unit == other.unit && !self.holds_choices(&one.unit))
    }

    /// Whether the files of a directory are there to choose from: the same object stands in it twice.
    #[must_use]
    pub fn holds_choices(&self, unit: &str) -> bool {
        self.choices.contains(unit)
    }

    /// Whether somebody may put containers into the pods of a workload that its template does not
    /// show.
    #[must_use]
    pub fn may_add_containers(&self, object: &Object, pod: &Pod) -> bool {
        let labels = || self.namespace_labels(&object.key.namespace).unwrap_or_default();
        pod.is_injected || labels().iter().any(|(key, _)| asks_for_injection(key))
    }

    /// Its objects, in the order in which they came.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// What is known of it beside its objects.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// How much of it is known.
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The workloads of a namespace, and those that state none.
    pub fn workloads<'c>(
        &'c self,
        namespace: &'c str,
    ) -> impl Iterator<Item = &'c Object> + use<'c> {
        let there = self.namespaces.iter().filter(move |(name, _)| may_be_same(name, namespace));
        there.flat_map(|(_, workloads)| workloads).map(|&at| &self.objects[at])
    }

    /// The numbers of the workloads whose pods have a label.
    fn labeled(&self, key: &str, value: &str) -> &[usize] {
        let labeled = self.labeled.get_or_init(|| {
            let mut labeled: HashMap<Label, Vec<usize>> = HashMap::new();
            for &at in self.namespaces.values().flatten() {
                let Body::Workload(pod) = &self.objects[at].body else { continue };
                for (key, value) in pod.labels.iter() {
                    labeled.entry((key.into(), value.into())).or_default().push(at);
                }
            }
            labeled
        });
        labeled.get(&(key.into(), value.into())).map_or(&[], Vec::as_slice)
    }

    /// The workloads in a namespace whose pods have at least one of the labels that a selector asks
    /// for; one may come several times.
    pub fn alike<'c>(
        &'c self,
        namespace: &'c str,
        selector: &'c Selector,
    ) -> impl Iterator<Item = &'c Object> {
        let all = selector.labels().iter().flat_map(|(key, value)| self.labeled(key, value));
        let all = all.map(|&at| &self.objects[at]);
        all.filter(move |object| may_be_same(&object.key.namespace, namespace))
    }

    /// The objects of a kind and name, whatever their namespace.
    pub fn named(&self, group_kind: &GroupKind, name: &str) -> impl Iterator<Item = &Object> {
        let numbers = self.by_kind.get(group_kind).map_or(&[][..], Vec::as_slice);
        let name_of = |number: &u32| self.objects[*number as usize].key.name.as_str();
        let start = numbers.partition_point(|number| name_of(number) < name);
        let length = numbers[start..].partition_point(|number| name_of(number) == name);
        numbers[start..start + length].iter().map(|&number| &self.objects[number as usize])
    }

    /// The objects of a kind.
    pub fn of_kind(&self, group_kind: &GroupKind) -> impl Iterator<Item = &Object> {
        let numbers = self.by_kind.get(group_kind).into_iter().flatten();
        numbers.map(|&number| &self.objects[number as usize])
    }

    /// The numbers of the objects of a kind.
    pub(super) fn numbers(&self, group_kind: &GroupKind) -> impl Iterator<Item = usize> + use<> {
        let numbers = self.by_kind.get(group_kind).cloned().unwrap_or_default();
        numbers.into_iter().map(|number| number as usize)
    }

    /// Whether some reference names an object of a kind, whether it is there or not.
    pub(super) fn is_named(&self, group_kind: &GroupKind, name: &str) -> bool {
        let references = self.references.get_or_init(|| {
            let all = self.objects.iter().flat_map(|object| &object.references);
            all.map(|it| (it.target.group_kind.clone(), it.target.name.clone())).collect()
        });
        references.contains(&(group_kind.clone(), name.into()))
    }

    /// Whether something stands in a namespace, or makes it.
    #[must_use]
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name) || self.makes_namespace(name)
    }

    /// Whether there is a Namespace of this name.
    #[must_use]
    pub fn makes_namespace(&self, name: &str) -> bool {
        let group_kind = GroupKind::new("", "Namespace");
        let target = Target { group_kind, namespace: None, name: name.into(), part: None };
        self.named(&target.group_kind, name).next().is_some() || self.is_made(&target)
    }

    /// The custom kinds that objects are of and that nothing defines.
    pub fn undefined_kinds(&self) -> impl Iterator<Item = &GroupKind> {
        let is_undefined = |kind: &&GroupKind| {
            let name = definition_of(&kind.group, &kind.kind).into();
            let target = Target { group_kind: definitions(), namespace: None, name, part: None };
            is_custom(&kind.group) && !self.is_made(&target)
        };
        self.by_kind.keys().filter(is_undefined)
    }

    /// The namespaces that objects stand in.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces.keys().map(|name| &**name).filter(|name| !name.is_empty())
    }

    /// The workloads in the namespace of an object whose pods have labels that a selector of it
    /// selects.
    pub fn selected<'c>(
        &'c self,
        from: &'c Object,
        selector: &'c Selector,
    ) -> impl Iterator<Item = &'c Object> {
        let namespace = &from.key.namespace;
        // Those with the rarest of its labels are the only ones to look at.
        let labeled = selector.labels().iter().map(|(key, value)| self.labeled(key, value));
        let rarest = labeled.min_by_key(|workloads| workloads.len());
        let rarest = rarest.map(|all| all.iter().map(|&at| &self.objects[at]));
        let rarest = rarest.into_iter().flatten();
        let rarest = rarest.filter(move |object| may_be_same(&object.key.namespace, namespace));
        let is_open = selector.labels().is_empty();
        let all = is_open.then(|| self.workloads(namespace)).into_iter().flatten();
        rarest.chain(all).filter(move |object| match &object.body {
            Body::Workload(pod) => selector.matches(&pod.labels) && self.may_share(from, object),
            _ => false,
        })
    }
}

/// Whether two objects may be in one namespace: one that states none, or one that is filled in later,
/// may be in any.
#[must_use]
pub(crate) fn may_be_same(one: &str, other: &str) -> bool {
    let is_any = |name: &str| name.is_empty() || is_placeholder(name);
    one == other || is_any(one) || is_any(other)
}
