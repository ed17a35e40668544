//! What a server would make of objects: server-side applies that are dry runs.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use futures::{StreamExt, TryStreamExt, stream};
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::Request;
use serde_json::Value as Json;

use super::kinds::{Kind, encoded};
use super::list::{Extent, Got, get, list};
use super::noise::Quiet;
use super::patience::patiently;
use super::refusal::{self, Refusal};
use super::{Answer, Applying, Asked, Cluster, Conflict, Failure, IN_FLIGHT, Outcome, Untried};
use crate::model::{ObjectKey, Scope};
use crate::source::Span;
use crate::yaml::{Key, Map, Node, Value, from_json, to_json};

/// Whoever applies client-side with `kubectl`: what it owns, Argo CD and `kubectl` take over when they apply
/// server-side.
///
/// Source: `DefaultClientSideApplyMigrationManager` in `pkg/sync/common/types.go` of gitops-engine.
pub(super) const CLIENT_SIDE: &str = "kubectl-client-side-apply";

impl Cluster {
    /// Asks what would come of each object. The answers stand in the order of the questions, with the
    /// names that the objects have in the cluster; `span` is the place of what it has now. Each answer
    /// is told to `answered` when it comes. What was applied client-side is taken over first: `migrated`
    /// makes of an object that is there, what is stated of it, and its `metadata.managedFields` what
    /// applying it comes to then, if anything is taken over.
    ///
    /// # Errors
    ///
    /// Where the server gives no answer, or leaves off in the middle.
    pub fn ask(
        &mut self,
        objects: &[Asked],
        applying: Applying<'_>,
        span: Span,
        migrated: &Migrated<'_>,
        answered: &dyn Fn(),
    ) -> Result<Vec<(ObjectKey, Answer)>, Failure> {
        let placed: Vec<Placed<'_>> =
            objects.iter().map(|asked| self.place(asked, applying)).collect();
        let wanted: BTreeSet<usize> = placed.iter().filter_map(|one| one.seen_as).collect();
        let found = list(self, wanted.iter().copied(), Extent::Whole)?;
        self.listed.extend(wanted.into_iter().zip(found));
        let this = &*self;
        let mut index: HashMap<(usize, &str, &str), &Json> = HashMap::new();
        for (at, objects) in &this.listed {
            for object in objects.iter().flatten() {
                let text = |name| object["metadata"][name].as_str().unwrap_or_default();
                index.insert((*at, text("namespace"), text("name")), object);
            }
        }
        let index = &index;
        let requests = placed.into_iter().map(|placed| async move {
            let answer = this.one(&placed, index, applying, span, migrated).await;
            let answer = answer.map_err(|error| Failure::of_server(&this.server, &error))?;
            answered();
            Ok::<_, Failure>((placed.key, answer))
        });
        let requests = stream::iter(requests).buffered(IN_FLIGHT);
        this.runtime.block_on(requests.try_collect())
    }

    fn place<'a>(&self, asked: &'a Asked, applying: Applying<'_>) -> Placed<'a> {
        let mut key = asked.key.clone();
        let stated = asked.node.get("apiVersion").and_then(|node| node.as_str());
        let versions: Vec<usize> = self.kinds.versions(&key.group_kind).collect();
        let is_stated = |at: &&usize| Some(&*self.kinds.all[**at].api_version()) == stated;
        let applied_as = versions.iter().find(is_stated).copied();
        let seen_as = applied_as.or(versions.first().copied());
        match seen_as.map(|at| self.kinds.all[at].scope) {
            Some(Scope::Cluster) => key.namespace.clear(),
            Some(Scope::Namespaced) if key.namespace.is_empty() => {
                applying.namespace.unwrap_or(&self.namespace).clone_into(&mut key.namespace);
            }
            _ => {}
        }
        Placed { asked, key, applied_as, seen_as }
    }

    async fn one(
        &self,
        placed: &Placed<'_>,
        index: &HashMap<(usize, &str, &str), &Json>,
        applying: Applying<'_>,
        span: Span,
        migrated: &Migrated<'_>,
    ) -> Result<Answer, kube::Error> {
        let key = &placed.key;
        let untried = |why: Untried| Answer {
            before: None,
            managed: None,
            applied: None,
            outcome: Outcome::Untried(why),
            conflicts: Vec::new(),
        };
        let Some(seen_as) = placed.seen_as else {
            return Ok(untried(Untried::Kind));
        };
        if key.name.is_empty() {
            return Ok(untried(Untried::Other("it has no name of its own".to_owned())));
        }
        if let Some(why) = not_in_a_path(&key.name) {
            let outcome = Outcome::Refused(format!("metadata.name: {why}"));
            return Ok(Answer { outcome, ..untried(Untried::Kind) });
        }
        let kind = &self.kinds.all[seen_as];
        let found = match self.listed.get(&seen_as) {
            Some(Some(_)) => {
                index.get(&(seen_as, &*key.namespace, &*key.name)).map(|it| Cow::Borrowed(*it))
            }
            _ => match get(&self.client, kind, key).await? {
                Got::Object(object) => Some(Cow::Owned(object)),
                Got::Nothing => None,
                Got::Closed => {
                    let outcome = Outcome::Unseen;
                    return Ok(Answer { outcome, ..untried(Untried::Kind) });
                }
            },
        };
        let mut live = found.as_ref().map(|found| Quiet::of(found.as_ref().clone(), span));
        let sent = sent(placed, live.as_ref().map(|live| &live.node), applying);
        let (mut outcome, conflicts) = match placed.applied_as {
            Some(at) => {
                self.apply(&self.kinds.all[at], key, &sent, applying.manager, placed).await?
            }
            None => (Outcome::Untried(Untried::Version(kind.api_version())), Vec::new()),
        };
        if let (Outcome::Refused(why), Some(found), Some(live)) = (&outcome, &found, &mut live) {
            let stated = from_json(&sent, placed.asked.node.span);
            let managed = live.managed.as_ref();
            let after = managed.and_then(|it| migrated(&from_json(found, span), &stated, it));
            if let Some(after) = after {
                outcome =
                    self.update(kind, placed, &to_json(&after), applying.manager, why).await?;
                if matches!(outcome, Outcome::Applied(_)) {
                    // All that goes has gone.
                    live.applied = None;
                }
            }
        }
        let (mut before, mut managed, mut applied) = (None, None, None);
        if let Some(live) = live {
            (before, managed, applied) = (Some(live.node), live.managed, live.applied);
        }
        Ok(Answer { before, managed, applied, outcome, conflicts })
    }

    /// The same where the object was refused as long as fields are in it that were applied client-side.
    /// Who owns them is written before Argo CD applies, of which no dry run can be made: so what comes of
    /// both is asked for as a whole.
    async fn update(
        &self,
        kind: &Kind,
        placed: &Placed<'_>,
        object: &Json,
        manager: &str,
        refused: &str,
    ) -> Result<Outcome, kube::Error> {
        let key = &placed.key;
        let parameters = PostParams { dry_run: true, field_manager: Some(manager.to_owned()) };
        let body = serde_json::to_vec(object).map_err(kube::Error::SerdeError)?;
        let request = || async {
            let request = Request::new(kind.path(&key.namespace))
                .replace(&encoded(&key.name), &parameters, body.clone())
                .map_err(kube::Error::BuildRequest)?;
            self.client.request::<Json>(request).await
        };
        let status = match patiently(request).await {
            Ok(object) => {
                return Ok(Outcome::Applied(Quiet::of(object, placed.asked.node.span).node));
            }
            Err(kube::Error::Api(status)) => status,
            Err(error) => return Err(error),
        };
        match refusal::read(&status, key) {
            Refusal::Final(Outcome::Forbidden) => {
                let why = format!(
                    "what was applied client-side is taken over first, which the user may not try \
                     by an update; without that it is refused: {refused}"
                );
                Ok(Outcome::Untried(Untried::Other(why)))
            }
            Refusal::Final(outcome) => Ok(outcome),
            Refusal::Conflicts(_) | Refusal::Broken => Err(kube::Error::Api(status)),
        }
    }

    /// As Argo CD applies: where others own fields, they are taken.
    async fn apply(
        &self,
        kind: &Kind,
        key: &ObjectKey,
        sent: &Json,
        manager: &str,
        placed: &Placed<'_>,
    ) -> Result<(Outcome, Vec<Conflict>), kube::Error> {
        let mut found = Vec::new();
        let mut parameters = PatchParams::apply(manager).dry_run();
        loop {
            let request = || async {
                let request = Request::new(kind.path(&key.namespace))
                    .patch(&encoded(&key.name), &parameters, &Patch::Apply(sent))
                    .map_err(kube::Error::BuildRequest)?;
                self.client.request::<Json>(request).await
            };
            let status = match patiently(request).await {
                Ok(object) => {
                    let after = Quiet::of(object, placed.asked.node.span).node;
                    return Ok((Outcome::Applied(after), found));
                }
                Err(kube::Error::Api(status)) => status,
                Err(error) => return Err(error),
            };
            match refusal::read(&status, key) {
                Refusal::Conflicts(conflicts) if !parameters.force => {
                    // What was applied in another way becomes its own.
                    let is_own = |name: &str| [manager, CLIENT_SIDE].contains(&name);
                    found = conflicts.into_iter().filter(|one| !is_own(&one.manager)).collect();
                    parameters = parameters.force();
                }
                Refusal::Final(outcome) => return Ok((outcome, found)),
                Refusal::Conflicts(_) | Refusal::Broken => return Err(kube::Error::Api(status)),
            }
        }
    }
}

/// What an object that is there becomes by an apply that takes over first what was applied client-side.
pub type Migrated<'a> = dyn Fn(&Node, &Node, &Node) -> Option<Node> + 'a;

/// Why a name can stand in no path, and so be none of any object.
///
/// Source: `IsValidPathSegmentName` in `pkg/api/validation/path/name.go` of apimachinery.
fn not_in_a_path(name: &str) -> Option<String> {
    if [".", ".."].contains(&name) {
        return Some(format!("it may not be `{name}`"));
    }
    let part = name.chars().find(|character| ['/', '%'].contains(character))?;
    Some(format!("`{name}` may not contain `{part}`"))
}

/// A question, and where its object is in the cluster.
struct Placed<'a> {
    asked: &'a Asked,
    key: ObjectKey,
    /// The kind in the version that the object states.
    applied_as: Option<usize>,
    /// The same, or the version that the server prefers.
    seen_as: Option<usize>,
}

/// What is sent: the object in its namespace, with the marks of whoever applies it.
fn sent(placed: &Placed<'_>, live: Option<&Node>, applying: Applying<'_>) -> Json {
    let mut object = match live {
        Some(live) => {
            let mut marked = placed.asked.node.clone();
            applying.mark(&mut marked, live);
            to_json(&marked)
        }
        None => to_json(&placed.asked.node),
    };
    let Some(map) = object.as_object_mut() else { return object };
    let metadata = map.entry("metadata").or_insert_with(|| Json::Object(Default::default()));
    let Some(metadata) = metadata.as_object_mut() else { return object };
    match placed.key.namespace.as_str() {
        "" => drop(metadata.remove("namespace")),
        name => drop(metadata.insert("namespace".to_owned(), name.into())),
    }
    object
}

impl Applying<'_> {
    /// Writes the marks of an object that is there into what is stated of it.
    pub fn mark(&self, stated: &mut Node, live: &Node) {
        let empty = |span| Node::new(Value::Map(Map::default()), span);
        for (field, names) in [("annotations", self.annotations), ("labels", self.labels)] {
            let there = live.get("metadata").and_then(|metadata| metadata.get(field));
            for name in names {
                let Some(value) = there.and_then(|there| there.get(name)) else { continue };
                let metadata = stated.as_map_mut().and_then(|map| map.get_mut("metadata"));
                let Some(metadata) = metadata.and_then(Node::as_map_mut) else { continue };
                let key = |name: &str| Key { name: name.into(), span: value.span };
                // A null stands for an empty map.
                if metadata.get(field).is_none_or(Node::is_null) {
                    metadata.insert(key(field), empty(value.span));
                }
                if let Some(marks) = metadata.get_mut(field).and_then(Node::as_map_mut) {
                    marks.insert(key(name), value.clone());
                }
            }
        }
    }
}
