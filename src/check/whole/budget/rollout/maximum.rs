//! Rollouts that have room at rest, and none while autoscalers ask for their maximum.

use super::super::{at_text, beside};
use super::{REPLICA_SETS, otherwise};
use crate::diagnostic::Finding;
use crate::facts::budget::{KeyUse, Line, Load, QuotaUse};
use crate::facts::times;
use crate::model::Quantity;

/// Tells of a quota that holds the maximum and nothing more, where a rollout that may not miss a pod
/// needs more then: it waits until there are fewer pods. One that is exceeded at the maximum is told
/// of by itself.
pub(super) fn check(loads: &[&Load<'_>], one: &QuotaUse<'_>) -> Option<Finding> {
    if one.keys.iter().any(|key| key.sum.autoscaled > key.hard.amount) {
        return None;
    }
    loads.iter().find_map(|load| one.keys.iter().find_map(|key| in_key(load, one, key)))
}

fn in_key(load: &Load<'_>, one: &QuotaUse<'_>, key: &KeyUse<'_>) -> Option<Finding> {
    let (by, scaler) = load.autoscaler.filter(|_| load.most > load.steady)?;
    let (surge, unavailable) = load.bounds_of(load.most);
    // What is made once for all pods is no matter of their number.
    let is_once = matches!(&*key.hard.key, REPLICA_SETS | "count/controllerrevisions.apps");
    if surge == 0 || unavailable > 0 || load.pod.run.is_paused || is_once {
        return None;
    }
    let count = load.pod.run.at_once(load.most);
    let is_own = |line: &&Line<'_>| line.object.is_some_and(|it| std::ptr::eq(it, load.object));
    let adds = |line: &&Line<'_>| line.phases.autoscaled_rollout > Quantity::ZERO;
    let each = key.lines.iter().filter(is_own).filter(adds);
    let each = each.fold(Quantity::ZERO, |sum, line| sum.checked_add(line.raised).unwrap_or(sum));
    let more = times(each, count);
    let (taken, hard) = (key.sum.autoscaled, key.hard.amount);
    let then = taken.checked_add(more)?;
    if then <= hard {
        return None;
    }
    let (title, most, name) = (load.title(), load.most, &one.object.key.name);
    let pods = match count {
        1 => "one more pod".to_owned(),
        count => format!("{count} more pods"),
    };
    let message = format!(
        "a rollout of {title} while it has its maximum of {most} pods waits: quota `{name}` has no \
         room for {pods}"
    );
    let finding = Finding::info("quota-exceeded-in-rollout", message);
    let place = load.pod.run.strategy.as_ref().unwrap_or(&load.pod.run.place);
    let finding = at_text(finding, load.object, place);
    let words = format!("{taken} of {hard} are taken then, {more} more wanted");
    let finding = beside(finding, &key.hard.place, words);
    let finding = beside(finding, &scaler.place, format!("{} may ask for it", by.key.name));
    Some(finding.note("it goes on when there are fewer pods again").help(format!(
        "{}; or raise `{}` to {then}",
        otherwise(load),
        key.hard.key
    )))
}
