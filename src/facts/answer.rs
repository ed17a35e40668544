//! Where references lead: to something that is there, to nothing, or to what somebody may make who
//! is not seen.

use super::cluster::may_be_same;
use super::{Body, Cluster, Extent, Listener, Made, Name, Object, Part, Service, Target, Unseen};
use crate::diagnostic::nearest;
use crate::load::manifest::is_placeholder;

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<'c> {
    /// To this object.
    Found(&'c Object),
    /// To something that is made by another object, or is there anyhow.
    Made,
    /// To an object that lacks the part that is meant; these are the ones that it has.
    PartMissing(&'c Object, Vec<&'c str>),
    /// To something that is made, or is there anyhow, without the key that is meant; these are the
    /// ones that it has.
    KeyMissing(Vec<&'c str>),
    /// To nothing.
    Missing {
        /// Namespaces that have something of that kind and name.
        elsewhere: Vec<&'c str>,
        /// The name of something of that kind that may have been meant.
        near: Option<&'c str>,
        /// Whether what is near or elsewhere is of the same cluster, or the cluster is known.
        is_sure: bool,
    },
    /// To what a chart or an operator, or somebody in a file that was not read, may make.
    Unknown,
}

impl Cluster {
    /// Where a reference of an object leads.
    #[must_use]
    pub fn follow(&self, from: &Object, target: &Target) -> Answer<'_> {
        // What is filled in later may be the name of anything.
        if is_placeholder(&target.name) {
            return Answer::Unknown;
        }
        if target.part.as_ref().is_some_and(Part::is_filled_in) {
            return self.follow(from, &Target { part: None, ..target.clone() });
        }
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
        let is_unread = || self.may_hold(Unseen::Unread(&from.unit));
        if is_foreign
            || self.may_hold(Unseen::Named(target))
            || self.is_filled_in(target)
            || is_unread()
            || self.program_may_make(from, target)
        {
            return Answer::Unknown;
        }
        match self.made_without(target) {
            Some(keys) => Answer::KeyMissing(keys.iter().map(|key| &**key).collect()),
            None => self.missing(from, target),
        }
    }

    /// Whether something with a name or a namespace that is filled in later may be meant.
    fn is_filled_in(&self, target: &Target) -> bool {
        let mut all = self.filled_in.iter().map(|&number| &self.objects[number]);
        all.any(|object| {
            let name = &object.key.name;
            object.key.group_kind == target.group_kind
                && (is_placeholder(name) || **name == *target.name)
                && is_there(object, target)
        })
    }

    /// The keys of what is surely made under a name, and lacks the one that is meant.
    fn made_without(&self, target: &Target) -> Option<&[Box<str>]> {
        let whole = Target { part: None, ..target.clone() };
        let named = self.made.get(&target.group_kind)?.get(&target.name)?;
        // What another cluster's object makes may have the name of what is meant.
        let is_sure = |made: &Made| self.extent == Extent::Whole || made.namespace.is_none();
        named.iter().find(|made| fits(made, &whole) && is_sure(made))?.keys.as_deref()
    }

    /// Whether something is known to make it.
    #[must_use]
    pub fn is_made(&self, target: &Target) -> bool {
        let names = self.made.get(&target.group_kind);
        let named = names.and_then(|names| names.get(&target.name)).into_iter().flatten();
        let open =
            self.open.iter().filter(|made| made.group_kind.as_ref() == Some(&target.group_kind));
        named.chain(open).any(|made| fits(made, target))
    }

    /// The object that surely makes it, by its name.
    #[must_use]
    pub fn maker(&self, target: &Target) -> Option<&Object> {
        let is_it = |made: &Made| {
            made.group_kind.as_ref() == Some(&target.group_kind)
                && made.namespace.is_some()
                && matches!(made.name, Name::Is(_))
                && fits(made, target)
        };
        self.objects.iter().find(|object| object.made.iter().any(is_it))
    }

    /// Whether pods are started where an object stands: of an app that others bring, no tree has more
    /// than a part.
    fn has_workload(&self, from: &Object, target: &Target) -> bool {
        let namespace = target.namespace.as_deref().unwrap_or(&from.key.namespace);
        let workloads = self.namespaces.get(namespace).into_iter().flatten();
        let mut workloads = workloads.map(|&index| &self.objects[index]);
        workloads.any(|other| !other.key.namespace.is_empty() || other.unit == from.unit)
    }

    fn missing(&self, from: &Object, target: &Target) -> Answer<'_> {
        let same_name = self.named(&target.group_kind, &target.name);
        let same_name: Vec<&Object> =
            same_name.filter(|object| self.may_share(from, object)).collect();
        let elsewhere: Vec<&str> =
            same_name.iter().map(|object| object.key.namespace.as_str()).collect();
        let there = self.of_kind(&target.group_kind).filter(|object| is_there(object, target));
        let near = match self.extent {
            Extent::Whole => nearest(&target.name, there.map(|object| object.key.name.as_str())),
            // Beside it, and nobody else means it: one of two names is a slip.
            _ => {
                let is_free = |name: &&str| !self.is_named(&target.group_kind, name);
                let beside = there.filter(|object| object.unit == from.unit);
                let mut names = beside.map(|object| object.key.name.as_str());
                names.find(|near| is_slip(&target.name, near) && is_free(near))
            }
        };
        // Secrets are made by hand, and classes come with clusters.
        let kind = (&*target.group_kind.group, &*target.group_kind.kind);
        let is_of_apps = matches!(
            kind,
            ("", "ConfigMap" | "PersistentVolumeClaim" | "Service" | "ServiceAccount")
        );
        let is_told = match self.extent {
            Extent::Whole => true,
            Extent::Tree => {
                let is_known = !elsewhere.is_empty() || self.has_workload(from, target);
                near.is_some() || (is_of_apps && is_known)
            }
            Extent::Files => near.is_some() || (is_of_apps && !elsewhere.is_empty()),
        };
        let is_sure = self.extent == Extent::Whole
            || near.is_some()
            || same_name.iter().any(|object| self.surely_share(from, object));
        if is_told { Answer::Missing { elsewhere, near, is_sure } } else { Answer::Unknown }
    }
}

/// Whether an object is of the namespace that a reference looks in.
fn is_there(object: &Object, target: &Target) -> bool {
    let wanted = target.namespace.as_ref();
    wanted.is_none_or(|wanted| may_be_same(&object.key.namespace, wanted))
}

/// Whether two names differ as slips of the pen do; numbers and short parts are changed on purpose.
#[must_use]
pub fn is_slip(one: &str, other: &str) -> bool {
    if one.len().abs_diff(other.len()) > 4 {
        return false;
    }
    let letters = |name: &str| name.replace(|c: char| !c.is_ascii_alphabetic(), "");
    let (one, other) = (letters(one), letters(other));
    one != other
        && one.len() > 3
        && one.len().abs_diff(other.len()) <= 2
        && strsim::damerau_levenshtein(&one, &other) <= 2
}

impl Made {
    /// Whether it may be what a reference names.
    #[must_use]
    pub fn may_be(&self, target: &Target) -> bool {
        let is_of_kind = self.group_kind.as_ref().is_none_or(|kind| *kind == target.group_kind);
        is_of_kind && fits(self, target)
    }
}

pub(super) fn fits(made: &Made, target: &Target) -> bool {
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
        (Part::Key(key), Body::Keys(keys)) => lacks_key(keys, key),
        (Part::Key(key), Body::Secret(secret)) => lacks_key(&secret.keys, key),
        (part, Body::Service(service)) => lacks_port(service, part),
        (Part::Listener(name, port), Body::Gateway(gateway)) => {
            let is_it = |it: &Listener| it.is(name.as_deref(), *port);
            let all = gateway.listeners.iter();
            (!gateway.listeners.iter().any(is_it)).then(|| all.map(|it| &*it.name).collect())
        }
        _ => None,
    }
}

/// One without keys is filled by a controller.
fn lacks_key<'o>(keys: &'o [Box<str>], key: &str) -> Option<Vec<&'o str>> {
    let is_missing = !keys.is_empty() && keys.iter().all(|known| **known != *key);
    is_missing.then(|| keys.iter().map(|key| &**key).collect())
}

fn lacks_port<'o>(service: &'o Service, part: &Part) -> Option<Vec<&'o str>> {
    // What an ExternalName leads to has whatever ports it has.
    if &*service.kind == "ExternalName" || service.has_open_ports {
        return None;
    }
    let has = match part {
        Part::PortNumber(number) => service.ports.iter().any(|port| port.number == *number),
        Part::PortName(name) => service.ports.iter().any(|port| port.name == *name),
        Part::Key(_) | Part::Listener(..) => true,
    };
    (!has).then(|| service.ports.iter().map(|port| &*port.name).collect())
}
