//! What Argo CD does with objects that leave a repository.

use std::collections::{BTreeMap, HashMap};

use super::barred::barred;
use super::consequence::{Consequence, Effect};
use crate::argocd::removal::{Removal, of_pruned, of_taken_along};
use crate::argocd::{Contents, Followed, FollowedApplication, Member, State, Thing};
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
}

impl Fates {
    /// Holds what Argo CD made of one state against what it makes of the next.
    pub fn add(&mut self, before: &Followed, after: &Followed) {
        let fall = Fall { before, after };
        for (number, one) in before.applications.iter().enumerate() {
            let fate = match fall.successor(one) {
                Some(_) if one.is_dropped => continue,
                Some(next) => Err(next),
                None => Ok(fall.application(number, 0)),
            };
            for member in one.members().filter(|member| member.hooks.is_empty()) {
                let fate = match &fate {
                    Err(next) if next.members().any(|other| other.key == member.key) => continue,
                    _ if is_definition(&member.key) => Fate::Stays(
                        "Argo CD puts no mark on a CustomResourceDefinition, and deletes none"
                            .to_owned(),
                    ),
                    Err(next) => match pruned(of_pruned(&member.node, &next.application), next) {
                        Fate::Deleted if next.application.leaves_what_is_owned() => {
                            Fate::DeletedAlone
                        }
                        fate => fate,
                    },
                    Ok(Fate::Deleted) => taken(of_taken_along(&member.node, &one.application), one),
                    Ok(fate) => fate.clone(),
                };
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
        let mut holders: HashMap<&ObjectKey, Vec<(&FollowedApplication, &Member)>> = HashMap::new();
        for other in fall.after.applications.iter().filter(|other| !other.is_dropped) {
            for member in other.members().filter(|member| member.hooks.is_empty()) {
                holders.entry(&member.key).or_default().push((other, member));
            }
        }
        for (number, one) in fall.before.applications.iter().enumerate() {
            let next = fall.successor(one);
            for member in one.members().filter(|member| member.hooks.is_empty()) {
                let is_own = |other: &FollowedApplication| {
                    next.is_some_and(|next| std::ptr::eq(next, other))
                };
                let held = holders.get(&member.key).map_or(&[][..], Vec::as_slice);
                let [(other, new)] = held else { continue };
                if one.is_dropped
                    || is_own(other)
                    || is_definition(&member.key)
                    || one.destination != other.destination
                {
                    continue;
                }
                let fate = match next {
                    Some(next) => pruned(of_pruned(&member.node, &next.application), next),
                    None => match fall.application(number, 0) {
                        Fate::Deleted => taken(of_taken_along(&member.node, &one.application), one),
                        fate => fate,
                    },
                };
                let (from, to) = (one.application.name(), other.application.name());
                let rest = match fate {
                    Fate::Deleted | Fate::DeletedAlone => format!(
                        ": unless `{to}` syncs before `{from}` deletes it, it goes and is made anew"
                    ),
                    Fate::Waits => format!(
                        ": unless `{to}` syncs first, `{from}` asks a person whether to delete it"
                    ),
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

/// Applications bring Applications: more levels are a circle.
const MAX_LEVELS: usize = 20;

struct Fall<'f> {
    before: &'f Followed,
    after: &'f Followed,
}

impl<'f> Fall<'f> {
    /// The same Application in the next state.
    fn successor(&self, one: &FollowedApplication) -> Option<&'f FollowedApplication> {
        let mut all = self.after.applications.iter();
        all.find(|other| {
            other.application.name() == one.application.name() && other.namespace == one.namespace
        })
    }

    /// What becomes of an Application that nothing makes any more.
    fn application(&self, number: usize, level: usize) -> Fate {
        let one = &self.before.applications[number];
        let Some(set) = one.set else {
            return self.brought(Thing::Application(number), level);
        };
        let stated = &self.before.sets[set].stated;
        let name = ObjectKey::of(&stated.node).name;
        let next = self.after.sets.iter().find(|other| {
            ObjectKey::of(&other.stated.node).name == name
                && other.stated.namespace == stated.namespace
        });
        match next {
            Some(next) if crate::argocd::removal::may_delete(&next.stated.node) => Fate::Deleted,
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
        match self.successor(parent) {
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
