//! What comes later than what needs it, or never.

use super::wave::{Beside, is_there_anyhow, key};
use super::{point, read};
use crate::argocd::{Member, Phase, Step};
use crate::diagnostic::Finding;
use crate::facts::{Name, Reference};
use crate::model::ObjectKey;

/// Something that is needed and comes too late.
pub(super) struct Late<'f> {
    pub(super) reference: Reference,
    pub(super) producer: &'f Member,
    pub(super) comes: Comes,
}

/// When something comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comes {
    /// It is applied in this step.
    Applied(Step),
    /// What makes it is applied in this step.
    Made(Step),
    /// It is a hook for this alone, which is no part of a sync that goes well.
    As(&'static str),
}

/// Hooks beside a sync that goes well, in the order in which they run in the life of an Application, and
/// when that is.
const BESIDE: [(&str, &str); 3] = [
    ("SyncFail", "a sync has failed"),
    ("PreDelete", "the Application is about to be deleted"),
    ("PostDelete", "the Application has been deleted"),
];

/// All that an object needs and that comes later, as `comes` says of what is needed.
pub(super) fn needed<'f>(
    member: &Member,
    beside: &Beside<'_>,
    comes: impl Fn(&ObjectKey) -> Option<(&'f Member, Comes)>,
) -> Vec<Late<'f>> {
    let mut late: Vec<Late<'f>> = Vec::new();
    for reference in read(member).references {
        let wanted = key(&reference.target, member);
        let is_known = late.iter().any(|one| key(&one.reference.target, member) == wanted);
        if reference.is_optional || reference.is_mild || is_known || is_there_anyhow(&wanted) {
            continue;
        }
        let Some((producer, comes)) = comes(&wanted) else { continue };
        if !beside.may_bring(member, producer, &reference.target) {
            late.push(Late { reference, producer, comes });
        }
    }
    late
}

/// The moment at which an object is first applied: 0 for each sync, later ones as in [`BESIDE`]; nothing
/// for what is left to a person.
pub(super) fn moment(member: &Member) -> Option<usize> {
    if member.step().is_some() {
        return Some(0);
    }
    let mut all = (1..).zip(BESIDE);
    all.find(|(_, (hook, _))| member.hooks.contains(hook))
        .map(|(moment, _)| moment)
        .filter(|_| !member.hooks.contains(&"Skip"))
}

/// The hook that is all that an object is.
pub(super) fn hook_of(moment: usize) -> Option<&'static str> {
    BESIDE.get(moment.checked_sub(1)?).map(|(hook, _)| *hook)
}

/// Whether an object makes, by its own word, what is meant.
pub(super) fn makes(maker: &Member, wanted: &ObjectKey) -> bool {
    // It writes into a Secret that somebody else makes.
    let policy = maker.node.pointer("/spec/target/creationPolicy").and_then(|it| it.as_str());
    if matches!(policy, Some("Merge" | "None")) {
        return false;
    }
    read(maker).made.iter().any(|made| {
        let namespace = match made.namespace.as_deref() {
            Some("") => Some(&*maker.key.namespace),
            stated => stated,
        };
        let is_name = matches!(&made.name, Name::Is(name) if **name == *wanted.name);
        let is_kind = made.group_kind.as_ref() == Some(&wanted.group_kind);
        is_name && is_kind && namespace == Some(&*wanted.namespace)
    })
}

/// Something that waits in a step for what comes in a later one.
pub(super) fn waits(member: &Member, step: Step, late: &[Late<'_>]) -> Finding {
    let first = &late[0];
    let (after, which) = match first.comes {
        Comes::Made(after) => (after, "made"),
        Comes::Applied(after) => (after, "applied"),
        Comes::As(_) => (step, "applied"),
    };
    let message = format!("{}, which is {which} after it", needs(member, late));
    let note = format!(
        "Argo CD goes on to {after} when all of {step} is healthy, and that does not come: {}",
        first.reference.otherwise
    );
    let help = match (step.phase, after.phase) {
        (Phase::PreSync, Phase::Sync | Phase::PostSync) => format!(
            "make it a `Sync` hook in a wave after {}, or make what it needs `PreSync` hooks of a lower wave",
            after.wave
        ),
        (_, Phase::PostSync) => "take the hook annotation off what it needs".to_owned(),
        _ if which == "made" => {
            format!("give {} wave {} or a lower one", first.producer.key, step.wave)
        }
        _ => format!("give what it needs wave {} or a lower one", step.wave),
    };
    told(message, member, late, &format!(", in {step}")).note(note).help(help)
}

/// Something that needs what no sync that goes well applies.
pub(super) fn never(member: &Member, late: &[Late<'_>]) -> Finding {
    let first = &late[0];
    let (hook, when) = match first.comes {
        Comes::As(hook) => BESIDE.into_iter().find(|(name, _)| *name == hook).unwrap_or(BESIDE[0]),
        _ => BESIDE[0],
    };
    let message = format!("{}, which is a {hook} hook alone", needs(member, late));
    let note = format!("it is applied when {when}, and not before: {}", first.reference.otherwise);
    let help = "take the hook annotation off what it needs";
    told(message, member, late, "").note(note).help(help)
}

fn needs(member: &Member, late: &[Late<'_>]) -> String {
    let more = match late.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    format!("{} needs {}{more}", member.title(), late[0].reference.target)
}

fn told(message: String, member: &Member, late: &[Late<'_>], when: &str) -> Finding {
    let mut finding = Finding::error("sync-waits-for-later", message);
    for (at, one) in late.iter().enumerate() {
        let text = match at {
            0 => format!("needed here{when}"),
            _ => "needed here too".to_owned(),
        };
        let comes = match one.comes {
            Comes::Applied(step) => format!("applied in {step}"),
            Comes::Made(step) => format!("makes it, applied in {step}"),
            Comes::As(hook) => format!("a {hook} hook"),
        };
        finding = point(finding, &one.reference.place, text).at(one.producer.span(), comes);
    }
    finding.about(member.title()).field(&*late[0].reference.place.field)
}
