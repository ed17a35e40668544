//! What Argo CD does with objects that leave a repository.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::along::Loss;
use super::barred::barred;
use super::consequence::{Consequence, Effect};
use crate::argocd::application::Destination;
use crate::argocd::removal::{Removal, may_delete, may_update, of_pruned, of_taken_along};
use crate::argocd::{Contents, Followed, FollowedApplication, FollowedSet, Member, State, Thing};
use crate::model::ObjectKey;

/// What becomes of an object that no source has any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Argo CD deletes it.
    Deleted,
    /// Argo CD deletes it, and what it owns stays.
    DeletedAlone,
    /// Argo CD asks a person before it deletes it.
    Waits,
    /// It stays in the cluster, for this reason.
    Stays(String),
}

/// The fates of all objects that an Application had and none has now, by their file and name.
#[derive(Debug, Default)]
pub struct Fates {
    known: HashMap<(String, ObjectKey), Fate>,
    moved: HashMap<(String, ObjectKey), Consequence>,
    /// The sync options of the Applications that have objects afterwards.
    options: HashMap<(String, ObjectKey), Vec<String>>,
    /// By environment and AppProject.
    barred: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// What comes of Applications for objects of files that stay, by their own file and name.
    pub(super) along: HashMap<(String, ObjectKey), Vec<Consequence>>,
    /// Those of them that go with their data.
    pub(super) lost: Vec<Loss>,
}

impl Fates {
    /// Holds what Argo CD made of one state against what it makes of the next.
    pub fn add(&mut self, before: &Followed, after: &Followed) {
        let fall = Fall::of(before, after);
        for number in 0..before.applications.len() {
            for (member, fate) in fall.fates(number) {
                let key = ObjectKey::shown(&member.node);
                self.known.insert((member.path.clone(), key), fate);
            }
        }
        self.add_moved(&fall);
        self.add_options(after);
    }

    /// Holds the Applications of both states of an environment against their AppProjects.
    pub fn add_barred(&mut self, environment: &str, before: &Followed, after: &Followed) {
        self.barred.insert(environment.to_owned(), barred(before, after));
    }

    /// What the Applications of a project may no longer, in words.
    pub(super) fn barred(&self, environment: &str, project: &str) -> &[String] {
        let of_environment = self.barred.get(environment);
        of_environment.and_then(|it| it.get(project)).map_or(&[], Vec::as_slice)
    }

    /// Where two Applications have an object, nobody knows which of them syncs it.
    fn add_options(&mut self, after: &Followed) {
        for one in after.applications.iter().filter(|one| !one.is_dropped) {
            let stated = one.application.object.pointer("/spec/syncPolicy/syncOptions");
            let items = stated.and_then(serde_json::Value::as_array).into_iter().flatten();
            let options: Vec<String> =
                items.filter_map(|item| item.as_str().map(str::to_owned)).collect();
            for member in one.members() {
                let key = (member.path.clone(), ObjectKey::shown(&member.node));
                let known = self.options.entry(key).or_insert_with(|| options.clone());
                known.retain(|option| options.contains(option));
            }
        }
    }

    /// The sync options of the Application that has an object afterwards, where it was followed.
    pub(super) fn sync_options(&self, path: &str, key: &ObjectKey) -> &[String] {
        self.options.get(&(path.to_owned(), key.clone())).map_or(&[], Vec::as_slice)
    }

    /// Objects that another Application has afterwards. Argo CD tells by their marks whose they are,
    /// which the new one writes over when it syncs.
    ///
    /// Source: `GetManagedLiveObjs` in `controller/cache/cache.go` of Argo CD, `isSelfReferencedObj`
    /// in `controller/state.go`.
    fn add_moved(&mut self, fall: &Fall<'_>) {
        for (number, one) in fall.before.applications.iter().enumerate() {
            if one.is_dropped {
                continue;
            }
            for (member, fate) in fall.fates(number) {
                let next = fall.successor(one);
                let Some((other, new)) = fall.moved(one, next, member) else { continue };
                let (from, to) = (one.application.name(), other.application.name());
                let rest = match fate {
                    Fate::Deleted | Fate::DeletedAlone => format!(
                        ": unless `{to}` syncs before `{from}` deletes it, it goes{} and is made anew",
                        if holds_data(&member.key) { " with its data" } else { "" }
                    ),
                    Fate::Waits => {
                        format!(
                            ": unless `{to}` syncs first, `{from}` asks a person whether to delete it"
                        )
                    }
                    Fate::Stays(_) => String::new(),
                };
                let text = format!("Application `{to}` has it, and `{from}` no longer{rest}");
                let moved = Consequence { effect: Effect::Moved, text };
                self.moved.insert((new.path.clone(), ObjectKey::shown(&new.node)), moved);
            }
        }
    }

    /// What comes of it that another Application has an object, by its new file.
    pub(super) fn moved(&self, path: &str, key: &ObjectKey) -> Option<&Consequence> {
        self.moved.get(&(path.to_owned(), key.clone()))
    }

    /// The fate of an object, where an Application had it.
    pub(super) fn of(&self, path: &str, key: &ObjectKey) -> Option<&Fate> {
        self.known.get(&(path.to_owned(), key.clone()))
    }
}

/// Source: `GenerateManifests` in `reposerver/repository/repository.go` of Argo CD, and
/// `shouldBeDeleted` in `controller/appcontroller.go`.
fn is_definition(key: &ObjectKey) -> bool {
    let kind = &key.group_kind;
    (&*kind.group, &*kind.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition")
}

fn holds_data(key: &ObjectKey) -> bool {
    let kind = &key.group_kind;
    (&*kind.group, &*kind.kind) == ("", "PersistentVolumeClaim")
}

fn is_same(one: &FollowedApplication, other: &FollowedApplication) -> bool {
    other.application.name() == one.application.name() && other.namespace == one.namespace
}

/// Applications bring Applications: more levels are a circle.
const MAX_LEVELS: usize = 20;

/// Two states of what Argo CD makes of a tree.
pub(super) struct Fall<'f> {
    before: &'f Followed,
    after: &'f Followed,
    /// The Applications that have an object in the next state.
    holders: HashMap<&'f ObjectKey, Vec<(&'f FollowedApplication, &'f Member)>>,
}

impl<'f> Fall<'f> {
    pub(super) fn of(before: &'f Followed, after: &'f Followed) -> Self {
        let mut holders: HashMap<&ObjectKey, Vec<_>> = HashMap::new();
        for other in after.applications.iter().filter(|other| !other.is_dropped) {
            for member in other.members().filter(|member| member.hooks.is_empty()) {
                holders.entry(&member.key).or_default().push((other, member));
            }
        }
        Self { before, after, holders }
    }

    /// What becomes of the objects that an Application has no longer, or no longer in this cluster.
    pub(super) fn fates(&self, number: usize) -> Vec<(&'f Member, Fate)> {
        let one = &self.before.applications[number];
        let next = self.successor(one);
        if next.is_some() && one.is_dropped {
            return Vec::new();
        }
        let kept: HashSet<&ObjectKey> =
            next.iter().flat_map(|next| next.members()).map(|member| &member.key).collect();
        let is_elsewhere = next.is_some_and(|next| self.is_elsewhere(one, next));
        let whole = next.is_none().then(|| self.application(number, 0));
        let fate = |member: &Member| {
            Some(match (next, &whole) {
                (Some(next), _) if is_elsewhere => Fate::Stays(format!(
                    "Application `{}` goes to another cluster",
                    next.application.name()
                )),
                (Some(_), _) if kept.contains(&member.key) => return None,
                _ if is_definition(&member.key) => Fate::Stays(
                    "Argo CD puts no mark on a CustomResourceDefinition, and deletes none"
                        .to_owned(),
                ),
                (Some(next), _) => match pruned(of_pruned(&member.node, &next.application), next) {
                    Fate::Deleted if next.application.leaves_what_is_owned() => Fate::DeletedAlone,
                    fate => fate,
                },
                (None, Some(Fate::Deleted)) => {
                    taken(of_taken_along(&member.node, &one.application), one)
                }
                (None, whole) => whole.clone()?,
            })
        };
        let members = one.members().filter(|member| member.hooks.is_empty());
        let mut fates: Vec<(&Member, Fate)> =
            members.filter_map(|member| Some((member, fate(member)?))).collect();
        // Of an Application that goes nothing is deleted before a person has approved what waits for
        // that: `finalizeApplicationDeletion` in `controller/appcontroller.go` of Argo CD.
        if next.is_none() && fates.iter().any(|(_, fate)| *fate == Fate::Waits) {
            let deleted = fates.iter_mut().filter(|(_, fate)| *fate == Fate::Deleted);
            deleted.for_each(|(_, fate)| *fate = Fate::Waits);
        }
        fates
    }

    /// The Application that has an object instead, in the same cluster, and the object there.
    pub(super) fn moved(
        &self,
        one: &FollowedApplication,
        next: Option<&FollowedApplication>,
        member: &Member,
    ) -> Option<(&'f FollowedApplication, &'f Member)> {
        let held = self.holders.get(&member.key).map_or(&[][..], Vec::as_slice);
        let &[(other, new)] = held else { return None };
        if next.is_some_and(|next| std::ptr::eq(next, other))
            || is_same(one, other)
            || is_definition(&member.key)
            || one.destination != other.destination
        {
            return None;
        }
        Some((other, new))
    }

    /// Whether an Application goes to another cluster for sure: an address may be that of a name.
    pub(super) fn is_elsewhere(
        &self,
        one: &FollowedApplication,
        next: &FollowedApplication,
    ) -> bool {
        use Destination::{Name, Server};
        match (&one.destination, &next.destination) {
            (Some(Name(_)), Some(Server(_))) | (Some(Server(_)), Some(Name(_))) => false,
            (Some(from), Some(to)) => from != to && !next.is_dropped,
            _ => false,
        }
    }

    /// Whether what becomes of an Application and of what it has is known: nothing stops its set, the
    /// set may do what it says, and all that brings Applications can be read.
    pub(super) fn is_certain(
        &self,
        one: &FollowedApplication,
        next: Option<&FollowedApplication>,
    ) -> bool {
        let brings = |one: &&FollowedApplication| one.children().next().is_some();
        let above = self.before.applications.iter().filter(brings);
        let is_read = |next: &FollowedApplication| next.is_known();
        if !above.filter_map(|above| self.successor(above)).all(is_read) {
            return false;
        }
        let set = one.set.and_then(|set| self.next_set(set));
        match (next, set) {
            (Some(next), set) => {
                let is_updated = set.is_none_or(|set| may_update(&set.stated.node));
                is_updated && !next.is_dropped && (next.is_known() || self.is_elsewhere(one, next))
            }
            (None, Some(set)) => set.evaluation.faults.is_empty(),
            (None, None) => true,
        }
    }

    /// The same set in the next state.
    fn next_set(&self, set: usize) -> Option<&'f FollowedSet> {
        let stated = &self.before.sets[set].stated;
        let name = ObjectKey::of(&stated.node).name;
        self.after.sets.iter().find(|other| {
            ObjectKey::of(&other.stated.node).name == name
                && other.stated.namespace == stated.namespace
        })
    }

    /// The same Application in the next state; nothing where it goes and is made anew.
    pub(super) fn successor(&self, one: &FollowedApplication) -> Option<&'f FollowedApplication> {
        self.successor_at(one, 0)
    }

    /// One that a set owns goes with that set, whoever makes one of its name then: nobody else takes it
    /// over before.
    ///
    /// Source: `createOrUpdateInCluster` in `applicationset/controllers/applicationset_controller.go` of
    /// Argo CD, whose `SetControllerReference` refuses what another set owns.
    fn successor_at(
        &self,
        one: &FollowedApplication,
        level: usize,
    ) -> Option<&'f FollowedApplication> {
        let next = self.after.applications.iter().find(|other| is_same(one, other))?;
        let goes = one.set.is_some_and(|set| {
            level < MAX_LEVELS
                && self.next_set(set).is_none()
                && self.brought(Thing::Set(set), level + 1) == Fate::Deleted
        });
        (!goes).then_some(next)
    }

    /// Whether something makes an Application of the same name.
    pub(super) fn is_made_anew(&self, one: &FollowedApplication) -> bool {
        self.after.applications.iter().any(|other| is_same(one, other))
    }

    /// What becomes of an Application that nothing makes any more.
    pub(super) fn application(&self, number: usize, level: usize) -> Fate {
        let one = &self.before.applications[number];
        let Some(set) = one.set else {
            return self.brought(Thing::Application(number), level);
        };
        let name = ObjectKey::of(&self.before.sets[set].stated.node).name;
        match self.next_set(set) {
            Some(next) if may_delete(&next.stated.node) => Fate::Deleted,
            Some(_) => Fate::Stays(format!(
                "ApplicationSet `{name}` deletes no Application, and `{}` goes on unattended",
                one.application.name()
            )),
            // An Application goes with the set that owns it.
            None => self.brought(Thing::Set(set), level),
        }
    }

    /// What becomes of an Application or a set that an Application brought.
    fn brought(&self, thing: Thing, level: usize) -> Fate {
        let has = |one: &&FollowedApplication| one.children().any(|child| child == thing);
        let Some(number) = self.before.applications.iter().position(|one| has(&one)) else {
            return Fate::Stays("nobody but a person deletes what brought it".to_owned());
        };
        let parent = &self.before.applications[number];
        let member = parent.members().find(|member| member.thing == Some(thing));
        let Some(member) = member.filter(|_| level < MAX_LEVELS) else { return Fate::Deleted };
        match self.successor_at(parent, level) {
            Some(next) => pruned(of_pruned(&member.node, &next.application), next),
            None => match self.application(number, level + 1) {
                Fate::Deleted => taken(of_taken_along(&member.node, &parent.application), parent),
                fate => fate,
            },
        }
    }
}

fn pruned(removal: Removal, application: &FollowedApplication) -> Fate {
    let name = application.application.name();
    let is_wrong = |one: &Contents| match &one.state {
        State::Wrong(_) => true,
        State::Read(manifests) => !manifests.failures.is_empty(),
        State::NotRendered | State::NotAtHand => false,
    };
    if application.contents.iter().any(is_wrong) {
        return Fate::Stays(format!(
            "Argo CD cannot read a source of Application `{name}`, and does nothing"
        ));
    }
    let automated = "/spec/syncPolicy/automated/allowEmpty";
    let may_be_empty =
        application.application.object.pointer(automated) == Some(&serde_json::Value::Bool(true));
    // `autoSync` in `controller/appcontroller.go` of Argo CD.
    let is_empty = application.is_known() && application.members().next().is_none();
    match removal {
        Removal::Deleted if is_empty && !may_be_empty => Fate::Stays(format!(
            "Application `{name}` became empty, and without `allowEmpty` Argo CD does not sync it by itself"
        )),
        Removal::Deleted => Fate::Deleted,
        Removal::Waits => Fate::Waits,
        Removal::Stays => {
            Fate::Stays(format!("Application `{name}` does not prune it: it is forgotten"))
        }
    }
}

fn taken(removal: Removal, application: &FollowedApplication) -> Fate {
    let name = application.application.name();
    match removal {
        Removal::Deleted => Fate::Deleted,
        Removal::Waits => Fate::Waits,
        Removal::Stays => Fate::Stays(format!(
            "Application `{name}` goes and leaves it behind: nobody looks after it then"
        )),
    }
}
