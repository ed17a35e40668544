//! The clients that the load balancer of a Service lets in.

use std::collections::BTreeSet;

use super::{came, items};
use crate::diff::consequence::words::listed;
use crate::diff::snapshot::Object;
use crate::facts::Block;

const ANNOTATION: &str = "service.beta.kubernetes.io/load-balancer-source-ranges";

/// Networks, each with the text that states it.
type Networks = Vec<(String, Block)>;

/// Whom it lets in newly or no longer.
///
/// Source: `GetLoadBalancerSourceRanges` and `IsAllowAll` in `service/helpers/helper.go` of
/// `k8s.io/cloud-provider`: the field counts, else the annotation, and without both everybody is let in.
pub(super) fn of(before: &Object, after: &Object) -> Vec<String> {
    let (Some(old), Some(new)) = (networks(before), networks(after)) else { return Vec::new() };
    let [all_before, all_after] = [&old, &new].map(is_all);
    let names =
        |all: &Networks| -> BTreeSet<String> { all.iter().map(|(text, _)| text.clone()).collect() };
    match (all_before, all_after) {
        (true, true) => return Vec::new(),
        (true, false) => {
            let new = listed(&names(&new));
            return vec![format!(
                "its load balancer lets clients in from {new} alone, not from everywhere"
            )];
        }
        (false, true) => {
            let old = listed(&names(&old));
            return vec![format!(
                "its load balancer lets clients in from everywhere, not from {old} alone"
            )];
        }
        (false, false) => {}
    }
    let lost = |from: &Networks, to: &Networks| -> Networks {
        from.iter().filter(|(_, one)| !has(to, *one)).cloned().collect()
    };
    let mut told: Vec<String> = Vec::new();
    let what = "its load balancer newly lets clients in from";
    told.extend(came(what, &BTreeSet::new(), &names(&lost(&new, &old))));
    let mut gone = BTreeSet::new();
    for (text, one) in lost(&old, &new) {
        let parts: Networks =
            new.iter().filter(|(_, part)| part.common(one).is_some()).cloned().collect();
        if parts.is_empty() {
            gone.insert(text);
        } else {
            let parts = listed(&names(&parts));
            told.push(format!(
                "its load balancer lets clients in no longer from `{text}`, but for {parts}"
            ));
        }
    }
    told.extend(came("its load balancer lets clients in no longer from", &BTreeSet::new(), &gone));
    told
}

/// The networks that are let in; nothing where one of them is not known, or all of IPv6 alone: whether that
/// means nobody depends on the addresses that the balancer has.
fn networks(service: &Object) -> Option<Networks> {
    let read = |text: &str| Some((text.trim().to_owned(), Block::cidr(text.trim())?));
    let mut stated = items(&service.node, "/spec/loadBalancerSourceRanges").peekable();
    let networks: Networks = if stated.peek().is_some() {
        stated.map(|one| read(one.as_str()?)).collect::<Option<_>>()?
    } else {
        let annotations = service.node.pointer("/metadata/annotations");
        let text = annotations.and_then(|it| it.get(ANNOTATION)?.as_str()).unwrap_or_default();
        let text = if text.trim().is_empty() { "0.0.0.0/0" } else { text };
        text.split(',').map(read).collect::<Option<_>>()?
    };
    let is_open = Block::cidr("::/0").is_some_and(|all| has(&networks, all)) && !is_all(&networks);
    (!is_open).then_some(networks)
}

fn is_all(networks: &Networks) -> bool {
    Block::cidr("0.0.0.0/0").is_some_and(|all| has(networks, all))
}

/// Whether all of a network are among others, be it in parts.
fn has(networks: &Networks, one: Block) -> bool {
    let mut at = one.first;
    loop {
        let Some((_, part)) = networks.iter().find(|(_, part)| part.contains(at)) else {
            return false;
        };
        // What is beyond this part.
        match Block::between(part.last, one.last).and_then(|rest| rest.nth(1)) {
            Some(next) => at = next,
            None => return true,
        }
    }
}
