//! Whether all that a root leads to is seen.

use crate::argocd::application_set::Effect;
use crate::argocd::project::Project;
use crate::argocd::{Followed, FollowedApplication, GROUP, Thing};

/// A root with all to which it leads.
pub(super) struct Below {
    /// The root first.
    pub(super) things: Vec<Thing>,
    /// Whether every Application is known that comes up on the way: each set is evaluated, and what is
    /// not rendered may bring none.
    pub(super) is_complete: bool,
}

/// What is below each root, given the AppProjects in their order.
pub(super) fn below(followed: &Followed, projects: &[Project]) -> Vec<Below> {
    let below = |&root: &Thing| {
        let mut things = Vec::new();
        followed.reach(root, &mut things);
        let is_complete = is_complete(followed, &things, projects);
        Below { things, is_complete }
    };
    followed.roots.iter().map(below).collect()
}

fn is_complete(followed: &Followed, things: &[Thing], projects: &[Project]) -> bool {
    things.iter().all(|thing| match *thing {
        Thing::Application(at) => {
            let one = &followed.applications[at];
            one.is_known() || !may_bring_more(one, projects)
        }
        Thing::Set(at) => {
            let mut faults = followed.sets[at].evaluation.faults.iter();
            faults.all(|fault| fault.effect == Effect::Ignored)
        }
        Thing::Project(_) => true,
    })
}

/// Whether the AppProject of an Application lets it bring further ones.
fn may_bring_more(one: &FollowedApplication, projects: &[Project]) -> bool {
    let of_it: Vec<&Project> =
        projects.iter().filter(|project| project.name == one.application.project()).collect();
    match of_it.as_slice() {
        [project] => ["Application", "ApplicationSet"]
            .iter()
            .any(|kind| project.kind(GROUP, kind, "", false).is_permitted()),
        _ => true,
    }
}
