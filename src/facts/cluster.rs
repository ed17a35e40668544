//! All objects of one cluster, and where their references lead.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::fork;
use super::made::{definition_of, definitions, is_custom};
use super::{Body, Made, Name, Object, Part, Reference, Service, Surroundings, Target};
use crate::diagnostic::nearest;
use crate::model::{GroupKind, Selector};

/// The objects of one cluster, found by name.
#[derive(Debug, Default)]
pub struct Cluster {
    objects: Vec<Object>,
    /// Their numbers, in the order of kind, name and namespace.
    by_name: Vec<u32>,
    /// What references name, whether it is there or not.
    named: HashSet<(GroupKind, Box<str>)>,
    /// Directories whose children are of different clusters: some object stands in two of them.
    forks: BTreeSet<Box<str>>,
    /// The namespaces that objects stand in, each with its workloads.
    namespaces: BTreeMap<Box<str>, Vec<usize>>,
    /// What is made under a known name, by kind.
    made: HashMap<GroupKind, HashMap<Box<str>, Vec<Made>>>,
    /// What may be made under names of which less is known.
    open: Vec<Made>,
    surroundings: Surroundings,
    extent: Extent,
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

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<'c> {
    /// To this object.
    Found(&'c Object),
    /// To something that is made by another object, or is there anyhow.
    Made,
    /// To an object that lacks the part that is meant; these are the ones that it has.
    PartMissing(&'c Object, Vec<&'c str>),
    /// To nothing.
    Missing {
        /// Namespaces that have something of that kind and name.
        elsewhere: Vec<&'c str>,
        /// The name of something of that kind that may have been meant.
        near: Option<&'c str>,
    },
    /// To what a chart or an operator, or somebody in a file that was not read, may make.
    Unknown,
}

impl Cluster {
    /// A cluster of these objects.
    #[must_use]
    pub fn new(objects: Vec<Object>, surroundings: Surroundings, extent: Extent) -> Self {
        let mut cluster = Self { surroundings, extent, ..Self::default() };
        let mut by_name: Vec<u32> = (0..).take(objects.len()).collect();
        by_name.par_sort_by(|&one, &other| {
            name_of(&objects[one as usize]).cmp(&name_of(&objects[other as usize]))
        });
        for (index, object) in objects.iter().enumerate() {
            let namespace = object.key.namespace.as_str();
            if !cluster.namespaces.contains_key(namespace) {
                cluster.namespaces.insert(namespace.into(), Vec::new());
            }
            let Some(workloads) = cluster.namespaces.get_mut(namespace) else { continue };
            if matches!(object.body, Body::Workload(_)) {
                workloads.push(index);
            }
        }
        let around = std::mem::take(&mut cluster.surroundings.made);
        let of_objects = objects.iter().flat_map(|object| &object.made).cloned();
        for made in of_objects.chain(around) {
            match (&made.group_kind, &made.name) {
                (Some(group_kind), Name::Is(name)) => {
                    let names = cluster.made.entry(group_kind.clone()).or_default();
                    names.entry(name.clone()).or_default().push(made);
                }
                _ => cluster.open.push(made),
            }
        }
        let targets = objects.iter().flat_map(|object| &object.references).map(|it| &it.target);
        cluster.named =
            targets.map(|target| (target.group_kind.clone(), target.name.clone())).collect();
        if extent < Extent::Whole {
            let in_order = by_name.iter().map(|&number| &objects[number as usize]);
            cluster.forks = fork::forks(in_order);
        }
        Self { objects, by_name, ..cluster }
    }

    /// Whether two objects may be of one cluster. Those of one environment are.
    #[must_use]
    pub fn may_share(&self, one: &Object, other: &Object) -> bool {
        self.forks.is_empty() || !self.forks.contains(fork::common(&one.unit, &other.unit))
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

    /// The objects of a kind and name, whatever their namespace.
    pub fn named(&self, group_kind: &GroupKind, name: &str) -> impl Iterator<Item = &Object> {
        self.range(move |object| {
            (&object.key.group_kind, &*object.key.name).cmp(&(group_kind, name))
        })
    }

    /// The objects of a kind.
    pub fn of_kind(&self, group_kind: &GroupKind) -> impl Iterator<Item = &Object> {
        self.range(move |object| object.key.group_kind.cmp(group_kind))
    }

    /// The kinds that there are.
    fn kinds(&self) -> impl Iterator<Item = &GroupKind> {
        let kinds =
            self.by_name.iter().map(|&number| &self.objects[number as usize].key.group_kind);
        kinds
            .scan(None, |before, kind| {
                let is_new = *before != Some(kind);
                *before = Some(kind);
                Some(is_new.then_some(kind))
            })
            .flatten()
    }

    /// The objects that compare as equal, which stand together in the order of names.
    fn range(&self, compare: impl Fn(&Object) -> Ordering) -> impl Iterator<Item = &Object> {
        let object = |number: &u32| &self.objects[*number as usize];
        let start = self.by_name.partition_point(|number| compare(object(number)).is_lt());
        let length =
            self.by_name[start..].partition_point(|number| compare(object(number)).is_eq());
        self.by_name[start..start + length].iter().map(|&number| &self.objects[number as usize])
    }

    /// Whether something stands in a namespace, or makes it.
    #[must_use]
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name) || self.makes_namespace(name)
    }

    /// Whether there is a Namespace of this name.
    #[must_use]
    pub fn makes_namespace(&self, name: &str) -> bool {
        let group_kind = GroupKind { group: String::new(), kind: "Namespace".to_owned() };
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
        self.kinds().filter(is_undefined)
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
        let there = self.namespaces.iter().filter(move |(name, _)| may_be_same(name, namespace));
        let workloads = there.flat_map(|(_, workloads)| workloads).map(|&at| &self.objects[at]);
        workloads.filter(move |object| match &object.body {
            Body::Workload(pod) => selector.matches(&pod.labels) && self.may_share(from, object),
            _ => false,
        })
    }

    /// Whether something in a namespace may start pods that a selector selects, though no manifest
    /// shows them: a chart, an operator, or somebody who labels pods while they run.
    #[must_use]
    pub fn may_start_pods(&self, namespace: &str, selector: &Selector) -> bool {
        let asks_for =
            |start: &str| selector.labels().iter().any(|(_, value)| value.contains(start));
        let starts = |made: &Made| {
            let is_there = made.namespace.as_ref().is_none_or(|it| may_be_same(it, namespace));
            is_there
                && made.group_kind.is_none()
                && match &made.name {
                    Name::Any => true,
                    // Pods that an operator starts carry the name of the object that asks for them.
                    Name::Is(name) | Name::StartsWith(name) => asks_for(name),
                }
        };
        self.open.iter().any(starts) || selector.keys().any(is_set_at_run_time)
    }

    /// Where a reference of an object leads.
    #[must_use]
    pub fn follow(&self, from: &Object, reference: &Reference) -> Answer<'_> {
        let target = &reference.target;
        let (mut incomplete, mut is_foreign) = (None, false);
        for object in self.named(&target.group_kind, &target.name) {
            if !is_there(object, target) {
                continue;
            }
            if !self.may_share(from, object) {
                is_foreign = true;
                continue;
            }
            match lacks(object, target.part.as_ref()) {
                None => return Answer::Found(object),
                Some(known) => incomplete = Some(Answer::PartMissing(object, known)),
            }
        }
        if self.is_made(target) {
            return Answer::Made;
        }
        if let Some(incomplete) = incomplete {
            return incomplete;
        }
        if is_foreign || self.may_be_made(target) || self.surroundings.is_unseen(&from.unit) {
            return Answer::Unknown;
        }
        self.missing(from, target)
    }

    /// Whether something is known to make it.
    fn is_made(&self, target: &Target) -> bool {
        let names = self.made.get(&target.group_kind);
        let named = names.and_then(|names| names.get(&target.name)).into_iter().flatten();
        let open =
            self.open.iter().filter(|made| made.group_kind.as_ref() == Some(&target.group_kind));
        named.chain(open).any(|made| fits(made, target))
    }

    /// Whether something is there that may make it.
    fn may_be_made(&self, target: &Target) -> bool {
        self.open.iter().any(|made| made.group_kind.is_none() && fits(made, target))
    }

    /// Whether pods are started where an object stands: of an app that others bring, no tree has more
    /// than a part.
    fn has_workload(&self, from: &Object) -> bool {
        let workloads = self.namespaces.get(from.key.namespace.as_str()).into_iter().flatten();
        let mut workloads = workloads.map(|&index| &self.objects[index]);
        workloads.any(|other| !other.key.namespace.is_empty() || other.unit == from.unit)
    }

    fn missing(&self, from: &Object, target: &Target) -> Answer<'_> {
        let same_name = self.named(&target.group_kind, &target.name);
        let elsewhere: Vec<&str> = same_name
            .filter(|object| self.may_share(from, object))
            .map(|object| object.key.namespace.as_str())
            .collect();
        let there = self.of_kind(&target.group_kind).filter(|object| is_there(object, target));
        let near = match self.extent {
            Extent::Whole => nearest(&target.name, there.map(|object| object.key.name.as_str())),
            // Beside it, and nobody else means it: one of two names is a slip.
            _ => {
                let is_free = |object: &&Object| {
                    let name = (target.group_kind.clone(), object.key.name.as_str().into());
                    object.unit == from.unit && !self.named.contains(&name)
                };
                let names = there.filter(is_free).map(|object| object.key.name.as_str());
                nearest(&target.name, names).filter(|near| is_slip(&target.name, near))
            }
        };
        // Secrets are made by hand, and classes come with clusters.
        let kind = (&*target.group_kind.group, &*target.group_kind.kind);
        let is_of_apps = matches!(
            kind,
            ("", "ConfigMap" | "PersistentVolumeClaim" | "Service" | "ServiceAccount")
        );
        let is_sure = match self.extent {
            Extent::Whole => true,
            Extent::Tree => near.is_some() || (is_of_apps && self.has_workload(from)),
            Extent::Files => near.is_some() || (is_of_apps && !elsewhere.is_empty()),
        };
        if is_sure { Answer::Missing { elsewhere, near } } else { Answer::Unknown }
    }
}

fn name_of(object: &Object) -> (&GroupKind, &str, &str) {
    (&object.key.group_kind, &object.key.name, &object.key.namespace)
}

/// Whether an object is of the namespace that a reference looks in.
fn is_there(object: &Object, target: &Target) -> bool {
    let wanted = target.namespace.as_ref();
    wanted.is_none_or(|wanted| may_be_same(&object.key.namespace, wanted))
}

/// Whether two names differ as slips of the pen do; numbers and short parts are changed on purpose.
fn is_slip(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.replace(|c: char| !c.is_ascii_alphabetic(), "");
    let (one, other) = (letters(one), letters(other));
    one != other && one.len() > 3 && strsim::damerau_levenshtein(&one, &other) <= 2
}

/// Whether two objects may be in one namespace: one that states none may be in any.
#[must_use]
pub(super) fn may_be_same(one: &str, other: &str) -> bool {
    one == other || one.is_empty() || other.is_empty()
}

fn fits(made: &Made, target: &Target) -> bool {
    let is_there = match (&made.namespace, &target.namespace) {
        (Some(made), Some(wanted)) => may_be_same(made, wanted),
        // What stands in a namespace is nothing that the cluster as a whole has.
        (Some(_), None) => false,
        (None, _) => true,
    };
    let has_part = match (&target.part, &made.keys) {
        (Some(Part::Key(key)), Some(keys)) => keys.contains(key),
        _ => true,
    };
    is_there && made.name.may_be(&target.name) && has_part
}

/// What an object has instead of the part that is meant; nothing where it has that.
fn lacks<'o>(object: &'o Object, part: Option<&Part>) -> Option<Vec<&'o str>> {
    match (part?, &object.body) {
        (Part::Key(key), Body::Keys(keys)) => {
            (!keys.contains(key)).then(|| keys.iter().map(|key| &**key).collect())
        }
        (part, Body::Service(service)) => lacks_port(service, part),
        _ => None,
    }
}

fn lacks_port<'o>(service: &'o Service, part: &Part) -> Option<Vec<&'o str>> {
    // What an ExternalName leads to has whatever ports it has.
    if &*service.kind == "ExternalName" {
        return None;
    }
    let has = match part {
        Part::PortNumber(number) => service.ports.iter().any(|port| port.number == *number),
        Part::PortName(name) => service.ports.iter().any(|port| port.name == *name),
        Part::Key(_) => true,
    };
    (!has).then(|| service.ports.iter().map(|port| &*port.name).collect())
}

/// Whether a label is set at run time, so that no template shows it.
fn is_set_at_run_time(key: &str) -> bool {
    const OTHERS: [&str; 3] = ["app.kubernetes.io/", "k8s-app", "helm.sh/"];
    const SET: [&str; 3] = ["vault-active", "vault-initialized", "vault-sealed"];
    let by_domain = key.contains('/') && !OTHERS.iter().any(|known| key.starts_with(known));
    by_domain || SET.contains(&key)
}
