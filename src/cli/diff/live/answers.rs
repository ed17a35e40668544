//! What the cluster says of the objects of a tree, as two snapshots.

use std::collections::{BTreeMap, BTreeSet};

use crate::argocd::ignored::Ignored;
use crate::argocd::tracking::Tracking;
use crate::diff::{
    Consequence, Edit, Effect, Object, Rules, Snapshot, Step, compare, merged, take_away,
};
use crate::live::{Answer, Applying, Outcome, Untried};
use crate::model::{GroupKind, ObjectKey};
use crate::report::plural;
use crate::schema::{Definitions, Pack, Shape};
use crate::yaml::{Node, Value};

use super::members::Owner;

/// Namespaces and kinds that a tree makes.
#[derive(Default)]
pub(super) struct Made {
    namespaces: BTreeSet<String>,
    /// With the versions that are served, as they are written: `example.com/v1`.
    kinds: BTreeMap<GroupKind, BTreeSet<String>>,
    /// Kinds that the cluster has otherwise.
    changed: BTreeSet<GroupKind>,
}

impl Made {
    pub(super) fn of(objects: &[Object]) -> Self {
        let mut made = Self::default();
        for object in objects {
            let text = |pointer| object.node.pointer(pointer).and_then(Node::as_str);
            match &*object.key.group_kind.kind {
                "Namespace" => drop(made.namespaces.insert(object.key.name.clone())),
                "CustomResourceDefinition" => {
                    let names = text("/spec/group").zip(text("/spec/names/kind"));
                    made.kinds.extend(names.map(|(group, kind)| {
                        (GroupKind::new(group, kind), served(group, &object.node))
                    }));
                }
                _ => {}
            }
        }
        made
    }

    fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    fn has_kind(&self, kind: &GroupKind) -> bool {
        self.kinds.contains_key(kind)
    }

    fn has_version(&self, kind: &GroupKind, version: &str) -> bool {
        self.kinds.get(kind).is_some_and(|versions| versions.contains(version))
    }

    /// Holds a definition of the tree against that of the cluster. Argo CD applies definitions before all
    /// objects of custom kinds, so what the server says of these may not hold then.
    ///
    /// Source: `kindOrder` in `pkg/sync/sync_tasks.go` of gitops-engine.
    pub(super) fn hold(&mut self, there: &Node, object: &Node, shape: Shape<'_>) {
        let text = |pointer| object.pointer(pointer).and_then(Node::as_str);
        let Some((group, kind)) = text("/spec/group").zip(text("/spec/names/kind")) else { return };
        let of_versions = |edit: &Edit| {
            edit.at
                .get(1)
                .is_some_and(|step| matches!(step, Step::Field(name) if &**name == "versions"))
        };
        if compare(there, object, shape).iter().any(of_versions) {
            self.changed.insert(GroupKind::new(group, kind));
        }
    }
}

/// The versions that a definition has the server serve.
fn served(group: &str, definition: &Node) -> BTreeSet<String> {
    let versions = definition.pointer("/spec/versions").and_then(Node::as_seq).unwrap_or_default();
    let is_served = |version: &&Node| {
        version.get("served").is_some_and(|served| matches!(served.value, Value::Bool(true)))
    };
    let name = |version: &Node| Some(format!("{group}/{}", version.get("name")?.as_str()?));
    versions.iter().filter(is_served).filter_map(name).collect()
}

/// Makes two snapshots of answers, and counts what is not in them.
pub(super) struct Reading<'r> {
    pub(super) pack: &'r Pack,
    pub(super) definitions: &'r Definitions,
    pub(super) tracking: &'r Tracking,
    pub(super) applying: Applying<'r>,
    pub(super) made: Made,
    /// What is ignored for all Applications.
    pub(super) shared: Vec<serde_json::Value>,
    pub(super) before: Snapshot,
    pub(super) after: Snapshot,
    pub(super) ignored: usize,
    /// Objects of which the cluster said anything.
    pub(super) seen: usize,
    pub(super) unseen: usize,
    pub(super) read_only: usize,
    /// Rules of Applications that cannot be evaluated here.
    pub(super) unread_rules: BTreeSet<String>,
}

impl Reading<'_> {
    /// Adds an object of the tree.
    pub(super) fn add(
        &mut self,
        mut object: Object,
        key: ObjectKey,
        answer: Answer,
        owner: Option<&Owner<'_>>,
    ) {
        object.key = key;
        if matches!(answer.outcome, Outcome::Unseen) {
            self.unseen += 1;
            return;
        }
        let Answer { before, managed, applied, outcome, conflicts } = answer;
        let is_untried = matches!(outcome, Outcome::Untried(_));
        self.seen += usize::from(before.is_some() || !is_untried);
        let mut said: Vec<Consequence> = conflicts
            .iter()
            .map(|conflict| Consequence {
                effect: Effect::Conflict,
                text: format!("`{}` owns {}", conflict.manager, conflict.fields.join(", ")),
            })
            .collect();
        let mut is_asked = true;
        let after = match outcome {
            // What the server fills in of a new object is not what anybody wrote.
            Outcome::Applied(node) if before.is_some() => Some(node),
            Outcome::Applied(_) | Outcome::Unseen => None,
            Outcome::Refused(why) | Outcome::Unreadable(why) => {
                let kind = &object.key.group_kind;
                said.push(match self.made.changed.contains(kind) {
                    // Argo CD applies definitions before all that is of their kinds.
                    true => {
                        let text = format!("the tree changes the kind `{kind}`; as it is: {why}");
                        Consequence { effect: Effect::Untried, text }
                    }
                    false => Consequence { effect: Effect::Refused, text: why },
                });
                None
            }
            Outcome::Untried(why) => {
                let text = self.untried(why, &object);
                said.push(Consequence { effect: Effect::Untried, text });
                None
            }
            Outcome::Forbidden => {
                self.read_only += 1;
                is_asked = false;
                None
            }
        };
        let shape = Shape::of(&object.node, self.pack, self.definitions);
        let mut stated = object.node.clone();
        // It is not applied.
        stated.as_map_mut().and_then(|map| map.remove("status"));
        let manager = self.applying.manager;
        let mut after = match (after, &before) {
            (_, None) => stated,
            (after, Some(before)) => {
                self.applying.mark(&mut stated, before);
                let managed = managed.as_ref();
                let mut after =
                    after.unwrap_or_else(|| merged(before, &stated, shape, managed, manager));
                if let Some(applied) = &applied {
                    take_away(&mut after, applied, &stated, shape, managed, manager);
                }
                // Who looks for the change finds it in the file.
                after.span = stated.span;
                after
            }
        };
        if let Some(mut before) = before {
            self.ignore(&mut before, &mut after, managed.as_ref(), &object.key, owner, shape);
            let holder = self.tracking.application(&before, &object.key);
            if let (Some(holder), Some(owner)) = (holder, owner)
                && holder != owner.instance
            {
                let text = format!("Application `{holder}` has it, and `{}` too", owner.instance);
                said.push(Consequence { effect: Effect::Conflict, text });
            }
            self.before.objects.push(Object {
                environment: object.environment.clone(),
                file: before.span.file,
                path: object.path.clone(),
                key: object.key.clone(),
                node: before,
                said: None,
                is_implied: false,
            });
        }
        object.node = after;
        object.said = is_asked.then_some(said);
        self.after.objects.push(object);
    }

    /// Why the server was not asked, and whether the tree itself mends that.
    fn untried(&self, why: Untried, object: &Object) -> String {
        let key = &object.key;
        let (lacking, is_made) = match why {
            Untried::Namespace => {
                (format!("namespace `{}`", key.namespace), self.made.has_namespace(&key.namespace))
            }
            Untried::Kind => {
                (format!("kind `{}`", key.group_kind), self.made.has_kind(&key.group_kind))
            }
            Untried::Version(there) => {
                let stated = object.node.get("apiVersion").and_then(Node::as_str);
                match stated.filter(|stated| self.made.has_version(&key.group_kind, stated)) {
                    Some(stated) => (format!("version `{stated}`"), true),
                    None => return format!("the cluster has it as `{there}` only"),
                }
            }
            Untried::Other(why) => return why,
        };
        match is_made {
            true => format!("the tree makes the {lacking}, which the cluster does not have yet"),
            false => format!("neither the cluster nor the tree has the {lacking}"),
        }
    }

    /// Leaves out what the object's Application ignores, and counts it.
    fn ignore(
        &mut self,
        before: &mut Node,
        after: &mut Node,
        managed: Option<&Node>,
        key: &ObjectKey,
        owner: Option<&Owner<'_>>,
        shape: Shape<'_>,
    ) {
        let Some(owner) = owner else { return };
        let mut rules = Rules::default();
        let shared = self.shared.iter().map(Ignored::alone);
        for entry in shared.chain(Ignored::of(owner.application)).filter(|it| it.is_of(key)) {
            rules.add(&entry);
        }
        if !rules.is_empty() {
            let all = compare(before, after, shape).len();
            *before = rules.without(before, managed, shape);
            *after = rules.without(after, managed, shape);
            self.ignored += all.saturating_sub(compare(before, after, shape).len());
        }
        self.unread_rules.extend(rules.unread);
    }

    /// What was not compared, or in another way.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.read_only > 0 {
            notes.push(format!(
                "read-only: the user may not try {}, so that what the server would fill in or refuse is \
                 not known",
                plural(self.read_only, "object")
            ));
        }
        if self.unseen > 0 {
            notes.push(format!(
                "{} not compared: the user may not read them",
                plural(self.unseen, "object")
            ));
        }
        notes.extend(self.unread_rules.iter().map(|rule| {
            format!("what `{rule}` ignores is shown: not all of jq is evaluated here")
        }));
        notes
    }
}
