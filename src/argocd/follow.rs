//! From the objects of Argo CD to all that they lead to: sets to Applications, Applications to the
//! objects of their sources, and what of Argo CD is among these, again.

use std::collections::HashMap;

use crate::model::{ObjectKey, Scope};
use crate::source::FileId;
use crate::yaml::Node;

use super::application::{Application, Destination};
use super::application_set::{ArgoCdTemplates, Cluster, Evaluation, World, evaluate};
use super::contents::{Contents, Member, read};
use super::source::Source;

/// API group of Argo CD's own kinds.
pub const GROUP: &str = "argoproj.io";

/// What surrounds the objects that are followed.
pub struct Setting<'w> {
    /// Repositories, clusters, and how Argo CD was started.
    pub world: World<'w>,
    /// Whether objects of the kind live in a namespace, where that is known.
    pub scope: &'w dyn Fn(&Node) -> Option<Scope>,
}

/// An object of Argo CD as a file states it.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The object.
    pub node: Node,
    /// Its namespace: its own, else that into which its Application puts it.
    pub namespace: String,
}

/// One of the three kinds of Argo CD, by its number in [`Followed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// An Application.
    Application(usize),
    /// An ApplicationSet.
    Set(usize),
    /// An AppProject.
    Project(usize),
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Followed {
    /// Applications: stated ones, and those that sets make.
    pub applications: Vec<FollowedApplication>,
    /// ApplicationSets.
    pub sets: Vec<FollowedSet>,
    /// AppProjects.
    pub projects: Vec<Stated>,
    /// What no Application of these brings: where a person, or something that is not seen, begins.
    pub roots: Vec<Thing>,
    /// All clusters beside those whose Secrets are among the objects, where somebody declares them.
    pub clusters: Option<Vec<Cluster>>,
}

/// An Application and what it leads to.
#[derive(Debug)]
pub struct FollowedApplication {
    /// The Application.
    pub application: Application,
    /// Its namespace; empty where nothing says it.
    pub namespace: String,
    /// The set that makes it.
    pub set: Option<usize>,
    /// Whether Argo CD drops what the set makes here: then it is neither made nor changed.
    pub is_dropped: bool,
    /// Where its objects go, by the address of the cluster where its Secret is among the objects.
    pub destination: Option<Destination>,
    /// What its sources hold, one each.
    pub contents: Vec<Contents>,
}

/// An ApplicationSet and what it makes.
#[derive(Debug)]
pub struct FollowedSet {
    /// The set.
    pub stated: Stated,
    /// The Applications that it makes, those too that Argo CD drops.
    pub applications: Vec<usize>,
    /// What is wrong with it; the Applications are among those of [`Followed`].
    pub evaluation: Evaluation,
}

/// Follows objects to all that they lead to.
#[must_use]
pub fn follow(objects: impl IntoIterator<Item = Node>, setting: &Setting<'_>) -> Followed {
    let mut walk = Walk { setting, followed: Followed::default(), known: HashMap::new(), next: 0 };
    for node in objects {
        walk.take(&node, identity(&node), None);
    }
    walk.all();
    walk.conclude()
}

/// What an object is known by: its file, and where it begins there. Of a file that was made, several
/// objects may come from one place: they are known by their number.
pub(super) type Identity = (FileId, u32);

pub(super) fn identity(node: &Node) -> Identity {
    (node.span.file, node.span.start)
}

struct Walk<'s> {
    setting: &'s Setting<'s>,
    followed: Followed,
    known: HashMap<Identity, Thing>,
    /// Applications before this one have been read.
    next: usize,
}

impl Walk<'_> {
    /// The number of an object of Argo CD, new where it was not known; nothing for all others.
    fn take(&mut self, node: &Node, identity: Identity, namespace: Option<&str>) -> Option<Thing> {
        let key = ObjectKey::of(node);
        if key.group_kind.group != GROUP {
            return None;
        }
        let all = &mut self.followed;
        let kind = key.group_kind.kind.as_str();
        let is_ours = ["Application", "ApplicationSet", "AppProject"].contains(&kind);
        if let Some(known) = self.known.get(&identity) {
            let own = match *known {
                Thing::Application(at) => &mut all.applications[at].namespace,
                Thing::Set(at) => &mut all.sets[at].stated.namespace,
                Thing::Project(at) => &mut all.projects[at].namespace,
            };
            if own.is_empty() {
                namespace.unwrap_or_default().clone_into(own);
            }
            return Some(*known);
        }
        if !is_ours {
            return None;
        }
        let namespace = match key.namespace.as_str() {
            "" => namespace.unwrap_or_default().to_owned(),
            own => own.to_owned(),
        };
        let stated = Stated { node: node.clone(), namespace };
        let thing = match kind {
            "Application" => {
                all.applications.push(FollowedApplication {
                    application: Application::stated(stated.node),
                    namespace: stated.namespace,
                    set: None,
                    is_dropped: false,
                    destination: None,
                    contents: Vec::new(),
                });
                Thing::Application(all.applications.len() - 1)
            }
            "ApplicationSet" => {
                let number = all.sets.len();
                self.set(stated, number);
                Thing::Set(number)
            }
            _ => {
                all.projects.push(stated);
                Thing::Project(all.projects.len() - 1)
            }
        };
        self.known.insert(identity, thing);
        Some(thing)
    }

    /// Evaluates a set and adds what it makes.
    fn set(&mut self, stated: Stated, number: usize) {
        let mut evaluation = evaluate(&stated.node, &self.setting.world, &ArgoCdTemplates);
        let made = std::mem::take(&mut evaluation.applications);
        let dropped = std::mem::take(&mut evaluation.dropped);
        let made = made.into_iter().map(|one| (one, false));
        let mut applications = Vec::new();
        for (one, is_dropped) in made.chain(dropped.into_iter().map(|one| (one, true))) {
            applications.push(self.followed.applications.len());
            self.followed.applications.push(FollowedApplication {
                application: Application::made(one, &stated.node),
                namespace: stated.namespace.clone(),
                set: Some(number),
                is_dropped,
                destination: None,
                contents: Vec::new(),
            });
        }
        self.followed.sets.push(FollowedSet { stated, applications, evaluation });
    }

    /// Reads the sources of all Applications, of those too that come up on the way.
    fn all(&mut self) {
        while let Some(one) = self.followed.applications.get(self.next) {
            let mut contents = Vec::new();
            let namespace = one.application.target_namespace().to_owned();
            if !one.is_dropped {
                contents = read(&one.application, self.setting);
            }
            for member in contents.iter_mut().flat_map(Contents::members_mut) {
                member.thing = self.take(&member.node, member.identity, Some(&namespace));
            }
            self.followed.applications[self.next].contents = contents;
            self.next += 1;
        }
    }

    fn destinations(&mut self) {
        let all = &self.followed.applications;
        let objects = all.iter().flat_map(FollowedApplication::members).map(|it| &*it.node);
        let secrets = objects.filter(|object| !Cluster::is_hidden(object));
        let mut clusters: Vec<Cluster> = secrets.filter_map(Cluster::of_secret).collect();
        clusters.extend(self.followed.clusters.iter().flatten().cloned());
        for one in &mut self.followed.applications {
            one.destination = one.application.destination().map(|it| it.resolved(&clusters));
        }
    }

    fn conclude(mut self) -> Followed {
        // A set may have been found before what says its namespace.
        for set in &self.followed.sets {
            for &at in &set.applications {
                set.stated.namespace.clone_into(&mut self.followed.applications[at].namespace);
            }
        }
        let world = &self.setting.world;
        self.followed.clusters = world.clusters.clone().filter(|_| world.are_clusters_declared);
        self.destinations();
        let all = &self.followed;
        let mut things: Vec<Thing> = (0..all.applications.len())
            .filter(|&at| all.applications[at].set.is_none())
            .map(Thing::Application)
            .collect();
        things.extend((0..all.sets.len()).map(Thing::Set));
        things.extend((0..all.projects.len()).map(Thing::Project));
        let mut brought: HashMap<Thing, bool> = HashMap::new();
        for (at, one) in all.applications.iter().enumerate() {
            for thing in one.children().filter(|thing| *thing != Thing::Application(at)) {
                brought.insert(thing, true);
            }
        }
        let roots: Vec<Thing> =
            things.iter().filter(|thing| !brought.contains_key(thing)).copied().collect();
        // Applications that bring each other have no beginning: the first of them is taken for it.
        let mut reached = Vec::new();
        let mut complete = Vec::new();
        for thing in roots.into_iter().chain(things) {
            if !reached.contains(&thing) {
                complete.push(thing);
                all.reach(thing, &mut reached);
            }
        }
        self.followed.roots = complete;
        self.followed
    }
}

impl Followed {
    /// Every object that a file states: those of Argo CD, and what Applications lead to.
    pub fn stated(&self) -> impl Iterator<Item = &Node> {
        let stated = self.applications.iter().filter_map(|one| one.application.stated_as());
        let sets = self.sets.iter().map(|set| &set.stated.node);
        let projects = self.projects.iter().map(|project| &project.node);
        let contents = self.applications.iter().flat_map(|one| &one.contents);
        let members = contents.flat_map(Contents::members).map(|member| &*member.node);
        stated.chain(sets).chain(projects).chain(members)
    }

    /// Each source of the Applications that Argo CD takes, with what it leads to.
    pub fn sources(&self) -> impl Iterator<Item = (&FollowedApplication, Source<'_>, &Contents)> {
        let taken = self.applications.iter().filter(|one| !one.is_dropped);
        taken.flat_map(|one| {
            let sources = one.application.sources().into_iter().zip(&one.contents);
            sources.map(move |(source, contents)| (one, source, contents))
        })
    }

    /// Each source from which Argo CD makes manifests, with what it leads to.
    pub fn made_from(&self) -> impl Iterator<Item = (&FollowedApplication, Source<'_>, &Contents)> {
        self.sources().map(|(one, source, contents)| {
            let (source, contents) = contents.made_from(source);
            (one, source, contents)
        })
    }

    /// Adds a thing and all that it leads to, each once; what is there already stays as it is.
    pub fn reach(&self, thing: Thing, reached: &mut Vec<Thing>) {
        let mut pending = vec![thing];
        while let Some(thing) = pending.pop() {
            if reached.contains(&thing) {
                continue;
            }
            reached.push(thing);
            match thing {
                Thing::Application(at) => pending.extend(self.applications[at].children()),
                Thing::Set(at) => {
                    let made = &self.sets[at].applications;
                    pending.extend(made.iter().map(|&at| Thing::Application(at)));
                }
                Thing::Project(_) => {}
            }
        }
    }
}

impl FollowedApplication {
    /// The objects of all its sources, as far as they are known.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.contents.iter().flat_map(Contents::members)
    }

    /// What of Argo CD is among its objects.
    pub fn children(&self) -> impl Iterator<Item = Thing> {
        self.members().filter_map(|member| member.thing)
    }

    /// Whether all its objects are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.is_dropped && self.contents.iter().all(Contents::is_known)
    }
}
