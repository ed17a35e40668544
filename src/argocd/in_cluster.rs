//! The Applications that a cluster has, with objects that they own there: the same as [`follow`] makes
//! of files, so that both can be held against each other.
//!
//! [`follow`]: super::follow

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::ObjectKey;
use crate::yaml::Node;

use super::application::Application;
use super::application_set::Evaluation;
use super::contents::{Contents, Manifests, Member, State};
use super::follow::{Followed, FollowedApplication, FollowedSet, GROUP, Stated, Thing, identity};
use super::source::Tool;
use super::sync::{hooks, wave};
use super::tracking::{Tracking, instance};

/// Applications of a cluster.
#[derive(Debug)]
pub struct InCluster {
    /// Those that a tree has, and those that it had: made by its sets, or brought by its Applications.
    pub followed: Followed,
    /// Their numbers, by their names in marks.
    by_instance: HashMap<String, usize>,
    things: HashMap<(&'static str, String, String), Thing>,
}

const APPLICATION: &str = "Application";
const SET: &str = "ApplicationSet";

/// Finds among the Applications and sets of a cluster those that belong to a tree. Where the cluster
/// has one of the tree's not, or cannot be asked, the one of the tree stands for it. `own` is the
/// namespace of Argo CD.
#[must_use]
pub fn in_cluster(
    objects: Vec<Node>,
    tracking: &Tracking,
    own: &str,
    tree: &Followed,
) -> InCluster {
    let mut found = InCluster {
        followed: Followed::default(),
        by_instance: HashMap::new(),
        things: HashMap::new(),
    };
    let names = |node: &Node| {
        let key = ObjectKey::of(node);
        (key.namespace, key.name)
    };
    let is_set_of_tree = |namespace: &str, name: &str| {
        tree.sets.iter().any(|set| {
            ObjectKey::of(&set.stated.node).name == name && set.stated.namespace == namespace
        })
    };
    let is_of_tree = |namespace: &str, name: &str| {
        tree.applications
            .iter()
            .any(|one| one.application.name() == name && one.namespace == namespace)
    };
    for one in &tree.applications {
        let name = one.application.name();
        let is_there = |node: &Node| {
            ObjectKey::of(node).group_kind.kind == APPLICATION
                && names(node) == (one.namespace.clone(), name.to_owned())
        };
        if !objects.iter().any(is_there) {
            let number = found.application(one.application.clone(), &one.namespace, None);
            found.by_instance.insert(instance(&one.namespace, name, own), number);
        }
    }
    let mut open: Vec<Node> = objects;
    loop {
        let before = open.len();
        open.retain(|node| {
            let key = ObjectKey::of(node);
            let (namespace, name) = (key.namespace.as_str(), key.name.as_str());
            let tracked = tracking.application(node, &key);
            let is_brought = tracked.is_some_and(|name| found.by_instance.contains_key(name));
            if key.group_kind.kind == SET {
                if is_brought || is_set_of_tree(namespace, name) {
                    found.set(node.clone(), namespace, name);
                    return false;
                }
                return true;
            }
            let set = set_of(node);
            let made_by = set.and_then(|set| found.thing(SET, namespace, set));
            let is_made =
                made_by.is_some() || set.is_some_and(|set| is_set_of_tree(namespace, set));
            if !(is_brought || is_made || is_of_tree(namespace, name)) {
                return true;
            }
            let made_by = match made_by {
                Some(Thing::Set(number)) => Some(number),
                _ => None,
            };
            let application = Application::stated(node.clone());
            let number = found.application(application, namespace, made_by);
            found.by_instance.insert(instance(namespace, name, own), number);
            false
        });
        if open.len() == before {
            return found;
        }
    }
}

/// The set that owns an Application.
fn set_of(application: &Node) -> Option<&str> {
    let owners = application.pointer("/metadata/ownerReferences")?.as_seq()?;
    let set = owners.iter().find(|owner| owner.get("kind").and_then(Node::as_str) == Some(SET));
    set?.get("name")?.as_str()
}

impl InCluster {
    /// The Application that has a name in marks, by its number.
    #[must_use]
    pub fn named(&self, instance: &str) -> Option<usize> {
        self.by_instance.get(instance).copied()
    }

    /// Says that an Application owns an object in the cluster; says whether it is one that stays, and no
    /// hook.
    pub fn add(&mut self, application: usize, node: Node) -> bool {
        if !hooks(&node).is_empty() {
            return false;
        }
        let key = ObjectKey::of(&node);
        let thing = match &*key.group_kind.group {
            GROUP => self.thing(&key.group_kind.kind, &key.namespace, &key.name),
            _ => None,
        };
        let member = Member {
            path: String::new(),
            scope: None,
            wave: wave(&node),
            hooks: Vec::new(),
            thing,
            identity: identity(&node),
            key,
            node: Arc::new(node),
        };
        let contents = &mut self.followed.applications[application].contents;
        if let Some(Contents { state: State::Read(manifests), .. }) = contents.first_mut() {
            manifests.members.push(member);
        }
        true
    }

    fn thing(&self, kind: &str, namespace: &str, name: &str) -> Option<Thing> {
        let kind = [APPLICATION, SET].into_iter().find(|known| *known == kind)?;
        self.things.get(&(kind, namespace.to_owned(), name.to_owned())).copied()
    }

    fn application(
        &mut self,
        application: Application,
        namespace: &str,
        set: Option<usize>,
    ) -> usize {
        let number = self.followed.applications.len();
        let name = (APPLICATION, namespace.to_owned(), application.name().to_owned());
        self.things.insert(name, Thing::Application(number));
        self.followed.applications.push(FollowedApplication {
            application,
            namespace: namespace.to_owned(),
            set,
            is_dropped: false,
            destination: None,
            contents: vec![Contents {
                tool: Tool::Directory,
                directory: String::new(),
                state: State::Read(Manifests::default()),
                dry: None,
            }],
        });
        number
    }

    fn set(&mut self, node: Node, namespace: &str, name: &str) {
        let number = self.followed.sets.len();
        let key = (SET, namespace.to_owned(), name.to_owned());
        self.things.insert(key, Thing::Set(number));
        self.followed.sets.push(FollowedSet {
            stated: Stated { node, namespace: namespace.to_owned() },
            applications: Vec::new(),
            evaluation: Evaluation::default(),
        });
    }
}
