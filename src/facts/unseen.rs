//! Whether there may be more than is seen: what charts and operators make, what stands in files that
//! were not named or not read, what people do by hand. Every check asks here.

use std::collections::HashMap;

use super::answer::fits;
use super::cluster::may_be_same;
use super::made::holds;
use super::{Body, Cluster, Extent, Made, Name, Object, Target};
use crate::model::{GroupKind, Selector};

/// Something that may be there though no object shows it.
#[derive(Debug, Clone, Copy)]
pub enum Unseen<'a> {
    /// Any object that matters to this one.
    Beside(&'a Object),
    /// Objects in files that belong together with those of a directory and were not read.
    Unread(&'a str),
    /// Objects of any kind in a namespace.
    Anything(&'a str),
    /// One of a kind in a namespace, of which nothing but the name is known.
    OfKind(&'a GroupKind, &'a str),
    /// Pods or Services in a namespace that a selector selects.
    Selected(&'a str, &'a Selector),
    /// What a reference names.
    Named(&'a Target),
}

impl Cluster {
    /// Whether there may be more than is seen.
    #[must_use]
    pub fn may_hold(&self, unseen: Unseen<'_>) -> bool {
        match unseen {
            Unseen::Beside(object) => {
                let namespace = &*object.key.namespace;
                namespace.is_empty()
                    || self.extent == Extent::Files
                    || self.may_hold(Unseen::Unread(&object.unit))
                    || self.makers(namespace).any(|made| made.name == Name::Any)
            }
            Unseen::Unread(unit) => self.surroundings.is_unseen(unit),
            Unseen::Anything(namespace) => self.makers(namespace).next().is_some(),
            Unseen::OfKind(group_kind, namespace) => {
                let names = self.made.get(group_kind).into_iter().flat_map(HashMap::values);
                names.flatten().any(|made| made.namespace.as_deref() == Some(namespace))
            }
            Unseen::Selected(namespace, selector) => self.may_make_selected(namespace, selector),
            Unseen::Named(target) => self.may_make(target),
        }
    }

    /// Whether there is an object of a kind, or may be one that is not seen.
    #[must_use]
    pub fn may_have_any(&self, group_kind: &GroupKind) -> bool {
        self.of_kind(group_kind).next().is_some() || self.may_make_any(group_kind)
    }

    /// Whether something that is not seen may be of a kind.
    pub(super) fn may_make_any(&self, group_kind: &GroupKind) -> bool {
        self.made.get(group_kind).is_some_and(|names| !names.is_empty())
            || self.open.iter().any(|made| made.group_kind.as_ref() == Some(group_kind))
    }

    /// What may be made in a namespace, of any kind.
    fn makers(&self, namespace: &str) -> impl Iterator<Item = &Made> {
        let is_there = move |made: &&Made| {
            made.group_kind.is_none()
                && made.namespace.as_ref().is_none_or(|it| may_be_same(it, namespace))
        };
        self.open.iter().filter(is_there)
    }

    /// A chart, an operator, or somebody who labels pods while they run.
    fn may_make_selected(&self, namespace: &str, selector: &Selector) -> bool {
        let asks_for =
            |start: &str| selector.labels().iter().any(|(_, value)| value.contains(start));
        let mut makes = self.makers(namespace).map(|made| match &made.name {
            Name::Any => true,
            _ if selector.has_expressions() => true,
            // What an operator makes carries the name of the object that asks for it.
            Name::Holds(name) => selector.labels().iter().any(|(_, value)| holds(value, name)),
            Name::Is(name) | Name::Perhaps(name) | Name::StartsWith(name) => asks_for(name),
        });
        let mut templates = self.templates.iter().map(|&number| &self.objects[number]);
        let mut has_template = || {
            templates.any(|object| match &object.body {
                Body::Templates(labels) if may_be_same(&object.key.namespace, namespace) => {
                    labels.iter().any(|labels| selector.matches(labels))
                }
                _ => false,
            })
        };
        let mut filled_in = self.filled_in.iter().map(|&number| &self.objects[number]);
        let mut has_open_labels = || {
            filled_in.any(|object| {
                matches!(&object.body, Body::Workload(pod) if pod.open.labels)
                    && may_be_same(&object.key.namespace, namespace)
            })
        };
        makes.any(|it| it)
            || has_template()
            || has_open_labels()
            || selector.keys().any(is_set_at_run_time)
            || (namespace == "kube-system" && selector.keys().any(is_of_system))
    }

    fn may_make(&self, target: &Target) -> bool {
        // Texts name roles and accounts that are to be there.
        let is_text_made = target.group_kind.group.is_empty()
            && matches!(&*target.group_kind.kind, "ConfigMap" | "Secret" | "Service");
        let is_of_kind = |made: &&Made| {
            let group_kind = made.group_kind.as_ref();
            group_kind.map_or(is_text_made, |group_kind| *group_kind == target.group_kind)
        };
        let mut named = self.perhaps.get(&target.name).into_iter().flatten().filter(is_of_kind);
        named.any(|made| fits(made, target))
            || self.open.iter().any(|made| made.group_kind.is_none() && fits(made, target))
    }
}

/// Whether the static pods of a control plane, or what `kubeadm` brings beside them, have a label.
fn is_of_system(key: &str) -> bool {
    matches!(key, "component" | "k8s-app" | "tier")
}

/// Whether a label is set at run time, so that no template shows it.
fn is_set_at_run_time(key: &str) -> bool {
    const OTHERS: [&str; 3] = ["app.kubernetes.io/", "k8s-app", "helm.sh/"];
    const SET: [&str; 9] = [
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-hash",
        "role",
        "spilo-role",
        "vault-active",
        "vault-initialized",
        "vault-sealed",
    ];
    let by_domain = key.contains('/') && !OTHERS.iter().any(|known| key.starts_with(known));
    // As `operated-prometheus`.
    by_domain || SET.contains(&key) || key.starts_with("operated-")
}
