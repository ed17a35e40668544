//! What a change brings about, where the objects themselves say it.

mod immutable;
mod pods;
mod recreation;
mod removal;
mod repeated;

pub(super) use repeated::Copies;

use super::change::Kind;
use super::edit::{Edit, Step};
use super::fate::Fates;
use super::snapshot::Object;

/// Something that a change brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// Of which sort it is.
    pub effect: Effect,
    /// What happens, in words.
    pub text: String,
}

/// The sorts of consequences, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Data go.
    DataLoss,
    /// The API server refuses the change of an object that is there.
    Refused,
    /// Nothing answers for a while.
    Outage,
    /// Pods are replaced.
    Restart,
    /// Argo CD asks a person before it goes on.
    Approval,
    /// An object stays in the cluster, and nobody looks after it.
    Orphan,
    /// Somebody else owns it, or fields of it that it takes.
    Conflict,
    /// Another file has it, too.
    Repeated,
    /// The API server was not asked, or could not tell, what it would make of it.
    Untried,
}

impl Effect {
    /// Its name in results.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::Refused => "refused",
            Self::Outage => "outage",
            Self::Restart => "restart",
            Self::Approval => "approval",
            Self::Orphan => "orphan",
            Self::Conflict => "conflict",
            Self::Repeated => "repeated",
            Self::Untried => "untried",
        }
    }
}

/// What comes of a change, the gravest first.
pub(super) fn of(
    kind: &Kind,
    before: Option<&Object>,
    after: Option<&Object>,
    fates: &Fates,
    copies: &Copies<'_>,
) -> Vec<Consequence> {
    let said = after.and_then(|after| after.said.as_ref());
    let mut found = said.cloned().unwrap_or_default();
    if let (Kind::Changed(edits), Some(before), Some(after)) = (kind, before, after) {
        if recreation::is_recreated(before, after) && !edits.is_empty() {
            // What the server refuses of an object that is there it takes of a new one.
            found.retain(|one| one.effect != Effect::Refused);
            found.extend(recreation::of(before));
        } else if said.is_none() {
            found.extend(immutable::refused(before, after, edits));
        }
        // What is refused restarts nothing.
        if found.iter().all(|one| one.effect != Effect::Refused) {
            found.extend(pods::replaced(after, edits));
            found.extend(recreation::scaled(before, after));
        }
    }
    // Under another name it is another object to a cluster.
    if let (Kind::Removed | Kind::Renamed(..), Some(before)) = (kind, before) {
        let (stays, copy) = copies.left(before);
        let gone = removal::of(before, fates).filter(|_| !stays);
        found.extend(gone.into_iter().chain(copy));
    } else if let Some(after) = after {
        found.extend(copies.beside(after));
    }
    found.sort_by_key(|one| one.effect);
    found
}

/// The names of the fields on the way to an edit, without items.
fn fields(edit: &Edit) -> Vec<&str> {
    let names = edit.at.iter().filter_map(|step| match step {
        Step::Field(name) => Some(&**name),
        Step::Item { .. } => None,
    });
    names.collect()
}
