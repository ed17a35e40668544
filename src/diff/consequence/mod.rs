//! What a change brings about, where the objects themselves say it.

mod access;
mod account;
mod address;
mod aggregate;
mod behind;
mod emptied;
mod grant;
mod holder;
mod host;
mod immutable;
mod listener;
mod outage;
mod permission;
mod pods;
mod privilege;
mod project;
mod readers;
mod recreation;
mod removal;
mod repeated;
mod scale;
mod signature;
mod transition;
mod version;
mod words;

pub(super) use account::account;
pub(super) use address::words as words_of;
pub(super) use emptied::is_other;
pub(super) use host::hosts;
pub(super) use recreation::is_answering;
pub(super) use removal::lost;
pub(super) use repeated::Copies;
pub(super) use words::{joined, listed, named};

use super::change::Kind;
use super::edit::{Edit, Step};
use super::snapshot::Object;
use super::whole::Whole;
use crate::argocd::is_made_anew;

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
    /// Pods go on with what they have read, until somebody replaces them.
    Stale,
    /// Somebody may do more, or less.
    Permission,
    /// Something is reached in another way, newly, or no longer.
    Address,
    /// There are more or fewer pods, or somebody else says how many.
    Scale,
    /// Pods read anew what differs.
    Reread,
    /// Argo CD asks a person before it goes on.
    Approval,
    /// An object stays in the cluster, and nobody looks after it.
    Orphan,
    /// Another Application has it.
    Moved,
    /// Somebody else owns it, or fields of it that it takes.
    Conflict,
    /// Another file has it, too.
    Repeated,
    /// The API server was not asked, or could not tell, what it would make of it.
    Untried,
}

impl Effect {
    /// All of them, the gravest first.
    pub const ALL: [Self; 15] = [
        Self::DataLoss,
        Self::Refused,
        Self::Outage,
        Self::Restart,
        Self::Stale,
        Self::Permission,
        Self::Address,
        Self::Scale,
        Self::Reread,
        Self::Approval,
        Self::Orphan,
        Self::Moved,
        Self::Conflict,
        Self::Repeated,
        Self::Untried,
    ];

    /// Whether it is what changes bring about every day.
    #[must_use]
    pub fn is_mild(self) -> bool {
        matches!(self, Self::Restart | Self::Address | Self::Scale | Self::Reread)
    }

    /// Its name in results.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::Refused => "refused",
            Self::Outage => "outage",
            Self::Restart => "restart",
            Self::Stale => "stale",
            Self::Permission => "permission",
            Self::Address => "address",
            Self::Scale => "scale",
            Self::Reread => "reread",
            Self::Moved => "moved",
            Self::Approval => "approval",
            Self::Orphan => "orphan",
            Self::Conflict => "conflict",
            Self::Repeated => "repeated",
            Self::Untried => "untried",
        }
    }
}

/// A change of one object, and all that is there beside it.
struct Subject<'a, 'w> {
    kind: &'a Kind,
    before: Option<&'a Object>,
    after: Option<&'a Object>,
    whole: &'a Whole<'w>,
}

impl<'a> Subject<'a, '_> {
    /// The object before, where it does not stay in the cluster as it was.
    fn was(&self) -> Option<&'a Object> {
        let goes = matches!(self.kind, Kind::Removed | Kind::Renamed(..));
        self.before.filter(|before| !goes || self.whole.is_deleted(before))
    }

    /// The object after.
    fn is(&self) -> Option<&'a Object> {
        self.after
    }
}

/// What comes of a change, the gravest first.
pub(super) fn of(
    kind: &Kind,
    before: Option<&Object>,
    after: Option<&Object>,
    whole: &Whole<'_>,
    copies: &Copies<'_>,
) -> Vec<Consequence> {
    let said = after.and_then(|after| after.said.as_ref());
    let mut found = said.cloned().unwrap_or_default();
    let subject = Subject { kind, before, after, whole };
    let changed = match (kind, before, after) {
        (Kind::Changed(edits), Some(before), Some(after)) => Some((edits, before, after)),
        _ => None,
    };
    let mut recreated = None;
    if let Some((edits, before, after)) = changed {
        let refused = || {
            let of_kind = || transition::refused(&subject, before, after);
            immutable::refused(before, after, edits).or_else(of_kind)
        };
        let options = whole.fates.sync_options(&after.path, &after.key);
        recreated = recreation::why(before, after, edits, options, || refused().is_some());
        if let Some(why) = recreated {
            // What the server refuses of an object that is there it takes of a new one.
            found.retain(|one| one.effect != Effect::Refused);
            found.extend(recreation::of(before, why));
        } else if is_made_anew(&after.node) {
            // The server tells the fields that do not fit, too.
            if refused().is_some() {
                found.retain(|one| one.effect != Effect::Refused);
            }
        } else if said.is_none() {
            found.extend(refused());
            found.extend(version::of(&subject));
        }
    }
    // What is refused restarts nothing.
    if found.iter().all(|one| one.effect != Effect::Refused) {
        if let Some((edits, before, after)) = changed {
            let is_scaled = scale::scaler_of(&whole.after, after).is_some();
            let replaced = pods::replaced(after, edits, is_scaled);
            found.extend(replaced.filter(|_| recreated.is_none()));
            found.extend(recreation::scaled(before, after));
            found.extend(emptied::of(&subject, before, after));
        }
        let texts = [
            (Effect::Address, address::of(&subject)),
            (Effect::Permission, permission::of(&subject)),
        ];
        for (effect, texts) in texts {
            found.extend(texts.into_iter().map(|text| Consequence { effect, text }));
        }
        found.extend(scale::of(&subject));
        found.extend(readers::of(&subject));
    }
    // Under another name it is another object to a cluster.
    if let (Kind::Removed | Kind::Renamed(..), Some(before)) = (kind, before) {
        let (stays, copy) = copies.left(before);
        let gone = removal::of(before, whole.fates).filter(|_| !stays);
        found.extend(outage::of(&subject, before).filter(|_| copy.is_none()));
        let left = removal::left_claims(&subject, before).filter(|_| !stays);
        found.extend(gone.into_iter().chain(left).chain(copy));
    } else if let Some(after) = after {
        found.extend(copies.beside(after));
    }
    if let Some(before) = before {
        found.extend(whole.fates.along(&before.path, &before.key).cloned());
    }
    if let Some(after) = after {
        found.extend(whole.fates.moved(&after.path, &after.key).cloned());
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
