//! All objects of one cluster, and where their references lead.

use std::collections::HashMap;

use super::{Body, Made, Object, Part, Reference, Service, Surroundings, Target};
use crate::diagnostic::nearest;
use crate::model::{GroupKind, Selector};

/// The objects of one cluster, found by name.
#[derive(Debug, Default)]
pub struct Cluster {
    objects: Vec<Object>,
    by_name: HashMap<GroupKind, HashMap<Box<str>, Vec<usize>>>,
    surroundings: Surroundings,
    extent: Extent,
}

/// How much of a cluster is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// All of it: what is not there is missing.
    Whole,
    /// What some files hold; others may hold more.
    #[default]
    Part,
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
    pub fn new(mut objects: Vec<Object>, surroundings: Surroundings, extent: Extent) -> Self {
        if let Some(plan) = &surroundings.plan {
            plan.complete(&mut objects);
        }
        let mut by_name: HashMap<GroupKind, HashMap<Box<str>, Vec<usize>>> = HashMap::new();
        for (index, object) in objects.iter().enumerate() {
            let names = match by_name.get_mut(&object.key.group_kind) {
                Some(names) => names,
                None => by_name.entry(object.key.group_kind.clone()).or_default(),
            };
            names.entry(object.key.name.as_str().into()).or_default().push(index);
        }
        Self { objects, by_name, surroundings, extent }
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
        let found = self.by_name.get(group_kind).and_then(|names| names.get(name));
        found.into_iter().flatten().map(|&index| &self.objects[index])
    }

    /// The objects of a kind.
    pub fn of_kind(&self, group_kind: &GroupKind) -> impl Iterator<Item = &Object> {
        let names = self.by_name.get(group_kind).into_iter().flat_map(HashMap::values).flatten();
        names.map(|&index| &self.objects[index])
    }

    /// The workloads in a namespace whose pods have labels that a selector selects.
    pub fn selected(&self, namespace: &str, selector: &Selector) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |object| match &object.body {
            Body::Workload(pod) => {
                may_be_same(&object.key.namespace, namespace) && selector.matches(&pod.labels)
            }
            _ => false,
        })
    }

    /// Whether something in a namespace may start pods that a selector selects, though no manifest
    /// shows them: a chart, an operator, or somebody who labels pods while they run.
    #[must_use]
    pub fn may_start_pods(&self, namespace: &str, selector: &Selector) -> bool {
        let starts = |made: &Made| {
            made.group_kind.is_none()
                && made.namespace.as_ref().is_none_or(|it| may_be_same(it, namespace))
        };
        self.made().any(starts) || selector.keys().any(is_set_at_run_time)
    }

    /// Where a reference leads.
    #[must_use]
    pub fn follow(&self, reference: &Reference) -> Answer<'_> {
        let target = &reference.target;
        let is_there = |object: &&Object| match &target.namespace {
            Some(namespace) => may_be_same(&object.key.namespace, namespace),
            None => true,
        };
        let mut incomplete = None;
        for object in self.named(&target.group_kind, &target.name).filter(is_there) {
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
        if self.may_be_made(target) {
            return Answer::Unknown;
        }
        self.missing(target)
    }

    fn made(&self) -> impl Iterator<Item = &Made> {
        self.objects.iter().flat_map(|object| &object.made).chain(&self.surroundings.made)
    }

    /// Whether something is known to make it.
    fn is_made(&self, target: &Target) -> bool {
        self.made()
            .any(|made| made.group_kind.as_ref() == Some(&target.group_kind) && fits(made, target))
    }

    /// Whether something is there that may make it.
    fn may_be_made(&self, target: &Target) -> bool {
        self.made().any(|made| made.group_kind.is_none() && fits(made, target))
    }

    fn missing(&self, target: &Target) -> Answer<'_> {
        let same_name = self.named(&target.group_kind, &target.name);
        let elsewhere: Vec<&str> = same_name.map(|object| object.key.namespace.as_str()).collect();
        let is_there = |object: &&Object| {
            target.namespace.as_ref().is_none_or(|it| may_be_same(&object.key.namespace, it))
        };
        let there: Vec<&str> = self
            .of_kind(&target.group_kind)
            .filter(is_there)
            .map(|object| object.key.name.as_str())
            .collect();
        let near = nearest(&target.name, there.iter().copied());
        match self.extent {
            Extent::Part if near.is_none() && elsewhere.is_empty() => Answer::Unknown,
            _ => Answer::Missing { elsewhere, near },
        }
    }
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
