//! Which of the files that are the same in both states are to be read, to tell what changes bring
//! about.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::snapshot::{File, Object, Snapshot};
use crate::model::{Labels, ObjectKey};
use crate::yaml::Node;

/// What is to be read of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needed {
    /// Names that others may state: files with one of these.
    words: BTreeSet<String>,
    /// Whether something changed that quotas count: all files, where there is a quota.
    counts: bool,
    has_quota: bool,
    /// Kinds and names of objects that others may have, too, where copies are counted.
    copies: BTreeSet<(String, String)>,
}

/// The group of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
/// What a role has that takes in others.
const AGGREGATING: &str = "aggregationRule";
/// The kind of quotas.
const QUOTA: &str = "ResourceQuota";

impl Needed {
    /// By environment, what the objects of files that differ ask for: with all others of their names,
    /// where patches number those.
    #[must_use]
    pub fn of(before: &Snapshot, after: &Snapshot, are_numbered: bool) -> BTreeMap<Arc<str>, Self> {
        let mut needed: BTreeMap<Arc<str>, Self> = BTreeMap::new();
        for object in before.objects.iter().chain(&after.objects) {
            let one = needed.entry(object.environment.clone()).or_default();
            one.add(object);
            if are_numbered {
                let ObjectKey { group_kind, name, .. } = &object.key;
                // What the server adds to a name stands in no file.
                let name = name.trim_end_matches('…').to_owned();
                one.copies.insert((group_kind.kind.clone(), name));
            }
        }
        let there: HashMap<_, _> = after
            .objects
            .iter()
            .map(|object| ((&object.environment, &object.key), object))
            .collect();
        for one in &before.objects {
            let then = there.get(&(&one.environment, &one.key));
            if then.is_none_or(|then| super::consequence::is_other(one, then)) {
                needed.entry(one.environment.clone()).or_default().add_labels(one);
            }
        }
        let mut accounts: HashMap<_, &str> = HashMap::new();
        for (object, name) in before.objects.iter().filter_map(with_account) {
            accounts.insert((&object.environment, &object.key), name);
        }
        for (object, name) in after.objects.iter().filter_map(with_account) {
            let was = accounts.get(&(&object.environment, &object.key));
            if let (Some(was), Some(one)) =
                (was.filter(|was| **was != name), needed.get_mut(&object.environment))
            {
                one.words.extend([RBAC, was, name].map(str::to_owned));
            }
        }
        // Where there are no environments, objects of one name are told apart by all that is there.
        needed.retain(|name, one| {
            name.is_empty() || one.counts || !one.words.is_empty() || !one.copies.is_empty()
        });
        needed
    }

    /// The labels of pods that go, or are others then: whoever else has them, or selects by them.
    fn add_labels(&mut self, object: &Object) {
        let is_pod = &*object.key.group_kind.kind == "Pod";
        let at = if is_pod { "/metadata/labels" } else { "/spec/template/metadata/labels" };
        let labels = Labels::of(object.node.pointer(at));
        let word = |(key, value): (&str, &str)| {
            if value.is_empty() { key.to_owned() } else { value.to_owned() }
        };
        self.words.extend(labels.iter().map(word));
    }

    fn add(&mut self, object: &Object) {
        let kind = &object.key.group_kind;
        let text = |pointer| object.node.pointer(pointer).and_then(Node::as_str);
        let name = Some(object.key.name.as_str());
        let word = match (&*kind.group, &*kind.kind) {
            ("", "ConfigMap" | "Secret") => name,
            (RBAC, "Role" | "ClusterRole") => {
                let has = |at| object.node.pointer(at).is_some();
                let others = [("/aggregationRule", RBAC), ("/metadata/labels", AGGREGATING)];
                let words = others.into_iter().filter(|(at, _)| has(at));
                self.words.extend(words.map(|(_, word)| word.to_owned()));
                name
            }
            (RBAC, _) => text("/roleRef/name"),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => text("/spec/group"),
            ("", "ResourceQuota") => {
                self.has_quota = true;
                None
            }
            ("autoscaling" | "keda.sh", _) => text("/spec/scaleTargetRef/name"),
            ("apps" | "argoproj.io", "Deployment" | "StatefulSet" | "Rollout") => name,
            _ => None,
        };
        let words = word.map(str::to_owned).into_iter();
        let words = words.chain(super::consequence::words_of(object));
        self.words.extend(words.filter(|word| !word.is_empty()));
        self.counts |= matches!(
            &*kind.group,
            "" | "apps" | "batch" | "autoscaling" | "keda.sh" | "argoproj.io"
        ) && !matches!(
            &*kind.kind,
            "ConfigMap"
                | "Secret"
                | "ServiceAccount"
                | "Application"
                | "ApplicationSet"
                | "AppProject"
        );
    }

    /// Those of the files that are to be read, and whether these are all. Where there are no environments, those of one cluster
    /// are told from those of another by all that is there.
    #[must_use]
    pub fn choose(&self, mut files: Vec<File>) -> (Vec<File>, bool) {
        let has = |file: &File, word: &str| file.text.as_ref().is_some_and(|it| it.contains(word));
        let has_quota = self.has_quota || files.iter().any(|file| has(file, QUOTA));
        let is_all = files.iter().any(|file| file.environment.is_empty());
        let is_all = is_all || self.counts && has_quota;
        if !is_all {
            files.retain(|file| {
                let is_copy = |(kind, name): &(String, String)| has(file, kind) && has(file, name);
                self.words.iter().any(|word| has(file, word)) || self.copies.iter().any(is_copy)
            });
        }
        (files, is_all)
    }
}

/// A workload with the ServiceAccount of its pods.
fn with_account(object: &Object) -> Option<(&Object, &str)> {
    super::consequence::account(object).map(|name| (object, name))
}
