//! Quotas that do not hold what runs in their namespace.

use super::{at_amount, beside, title};
use crate::diagnostic::Finding;
use crate::facts::budget::{Budget, KeyUse, Line, QuotaUse};
use crate::facts::{Body, Object, RunKind};
use crate::model::Quantity;

/// Lines of a sum that are shown.
const SHOWN: usize = 8;

/// Tells of quotas that are exceeded, and gives back which.
pub(super) fn check<'c>(budget: &Budget<'c>, findings: &mut Vec<Finding>) -> Vec<&'c Object> {
    let mut exceeded = Vec::new();
    for one in &budget.quotas {
        let over = |wrong: fn(&KeyUse<'_>) -> Quantity| {
            let keys = one.keys.iter().filter(|key| wrong(key) > key.hard.amount);
            keys.collect::<Vec<_>>()
        };
        let steady = over(|key| key.sum.steady);
        if !steady.is_empty() {
            exceeded.push(one.object);
            findings.push(at_rest(one, &steady));
            continue;
        }
        let scaled = over(|key| key.sum.autoscaled);
        if !scaled.is_empty() {
            findings.push(when_scaled(one, &scaled));
        }
        let scheduled = over(|key| key.sum.scheduled);
        if !scheduled.is_empty() && !is_one_at_a_time(&scheduled) {
            findings.push(when_scheduled(one, &scheduled));
        }
    }
    exceeded
}

/// The finding about keys that a sum exceeds.
fn finding(
    id: &'static str,
    is_error: bool,
    one: &QuotaUse<'_>,
    keys: &[&KeyUse<'_>],
    sum: fn(&KeyUse<'_>) -> Quantity,
    when: &str,
) -> Finding {
    let first = keys[0];
    let (key, hard) = (&first.hard.key, first.hard.amount);
    let message = format!(
        "`{key}` of quota `{}` in `{}` is {hard}, and {} are asked for{when}",
        one.object.key.name,
        one.object.key.namespace,
        sum(first)
    );
    let finding =
        if is_error { Finding::error(id, message) } else { Finding::warning(id, message) };
    let mut finding = at_amount(finding, one.object, &first.hard.place);
    for other in &keys[1..] {
        let (key, hard) = (&other.hard.key, other.hard.amount);
        finding = finding.note(format!("`{key}` is {hard}, and {} are asked for", sum(other)));
    }
    finding
}

fn at_rest(one: &QuotaUse<'_>, keys: &[&KeyUse<'_>]) -> Finding {
    let first = keys[0];
    let mut finding = finding("quota-exceeded", true, one, keys, |key| key.sum.steady, "");
    finding = lines(finding, first, |line| line.phases.steady, |line| line.each);
    if let Some(object) = largest(first).and_then(|line| line.object) {
        finding = finding.at(object.span, "it asks for most");
    }
    let raise: Vec<String> =
        keys.iter().map(|key| format!("`{}` to {}", key.hard.key, key.sum.steady)).collect();
    let fewer = fewer(keys).map(|text| format!(", or {text}")).unwrap_or_default();
    let finding =
        finding.note("the API server refuses what comes last, and its owner goes without");
    finding.help(format!("raise {}{fewer}", raise.join(", ")))
}

/// The sum, line by line.
fn lines(
    mut finding: Finding,
    key: &KeyUse<'_>,
    of: fn(&Line<'_>) -> Quantity,
    each: fn(&Line<'_>) -> Quantity,
) -> Finding {
    let mut lines: Vec<&Line<'_>> =
        key.lines.iter().filter(|line| of(line) > Quantity::ZERO).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(of(line)));
    let rest = lines.len().saturating_sub(SHOWN);
    for line in lines.iter().take(if rest == 1 { SHOWN + 1 } else { SHOWN }) {
        let name = line.object.map_or_else(|| "what every namespace gets".to_owned(), title);
        let (count, each, all) = (line.count, each(line), of(line));
        finding = finding.note(match count {
            1 if all == each => format!("{name}: {all}"),
            _ if all == crate::facts::times(each, count) => {
                format!("{name}: {count} × {each} = {all}")
            }
            _ => format!("{name}: {all}, {each} each"),
        });
    }
    match rest {
        0 | 1 => finding,
        _ => finding.note(format!("and {rest} smaller ones")),
    }
}

fn largest<'k, 'c>(key: &'k KeyUse<'c>) -> Option<&'k Line<'c>> {
    key.lines.iter().max_by_key(|line| line.phases.steady)
}

/// Fewer pods of one workload that would do for every key.
fn fewer(keys: &[&KeyUse<'_>]) -> Option<String> {
    let first = keys[0];
    let mut candidates: Vec<(u32, String)> = Vec::new();
    for line in first.lines.iter().filter(|line| line.count > 1) {
        let object = line.object?;
        let needed = |key: &&&KeyUse<'_>| -> Option<u32> {
            let line = key.lines.iter().find(|it| it.object == Some(object))?;
            let over = key.sum.steady.checked_sub(key.hard.amount)?;
            let each = line.each.milli_value().max(1);
            u32::try_from(
                over.milli_value().max(0).div_euclid(each)
                    + i128::from(over.milli_value().rem_euclid(each) != 0),
            )
            .ok()
        };
        let wanted: Option<Vec<u32>> = keys.iter().map(|key| needed(&key)).collect();
        if let Some(less) = wanted.and_then(|all| all.into_iter().max())
            && less < line.count
        {
            let left = line.count - less;
            candidates
                .push((less, format!("run {left} of {} pods of {}", line.count, title(object))));
        }
    }
    candidates.into_iter().min().map(|(_, text)| text)
}

fn when_scaled(one: &QuotaUse<'_>, keys: &[&KeyUse<'_>]) -> Finding {
    let first = keys[0];
    let id = "quota-exceeded-when-scaled";
    let when = " when autoscalers ask for their maximum";
    let mut finding = finding(id, false, one, keys, |key| key.sum.autoscaled, when);
    finding = lines(finding, first, |line| line.phases.autoscaled, |line| line.raised);
    let scaled = first.lines.iter().filter(|line| line.phases.autoscaled > line.phases.steady);
    for object in scaled.filter_map(|line| line.object).take(4) {
        finding = finding.at(object.span, "this is scaled");
    }
    let (sum, then) = (first.sum.autoscaled, first.sum.autoscaled_rollout);
    if then > sum {
        finding = finding.note(format!("a rollout at that time asks for {then}"));
    }
    finding
        .note("pods above the quota are refused just when they are needed")
        .help(format!("raise `{}` to {sum}, or lower the maximum of an autoscaler", first.hard.key))
}

/// Whether each schedule by itself has room: then nothing is refused but by chance.
fn is_one_at_a_time(keys: &[&KeyUse<'_>]) -> bool {
    keys.iter().all(|key| {
        key.lines.iter().all(|line| {
            let then = key.sum.steady.checked_add(line.phases.scheduled);
            then.is_some_and(|then| then <= key.hard.amount)
        })
    })
}

fn when_scheduled(one: &QuotaUse<'_>, keys: &[&KeyUse<'_>]) -> Finding {
    let first = keys[0];
    let id = "quota-exceeded-when-scheduled";
    let when = " when its CronJobs run";
    let mut finding = finding(id, false, one, keys, |key| key.sum.scheduled, when);
    let then = |line: &Line<'_>| {
        line.phases.steady.checked_add(line.phases.scheduled).unwrap_or(line.phases.steady)
    };
    finding = lines(finding, first, then, |line| line.each);
    let is_cron = |object: &&Object| match &object.body {
        Body::Workload(pod) => pod.run.kind == RunKind::Schedule,
        _ => false,
    };
    for object in first.lines.iter().filter_map(|line| line.object).filter(is_cron).take(4) {
        if let Body::Workload(pod) = &object.body {
            finding = beside(finding, &pod.run.place, "this runs now and then");
        }
    }
    let sum = first.sum.scheduled;
    finding
        .note("the pods of a Job are refused, and it is tried again until its deadline")
        .help(format!("raise `{}` to {sum}, or request less", first.hard.key))
}
