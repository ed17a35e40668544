//! Whether a Kubernetes version serves a kind in the version that an object states.

use std::fmt::Write as _;

use crate::check::fault::{Faults, Reason};
use crate::check::field::Field;
use crate::diagnostic::suggest;
use crate::schema::{NEWEST, OLDEST, Pack, Resource, lifecycle, pack};

/// A group that Kubernetes gave up before the oldest version that is known here.
const GONE: &str = "extensions";

/// Judges an object whose kind is not served as it is stated. Gives `false` where the group is not
/// Kubernetes' own: then a definition decides, and it is not known here.
pub(crate) fn check(object: &Field<'_>, group: &str, faults: &mut Faults) -> bool {
    let minor = faults.minor();
    let known = |minor| pack(minor).resources().any(|resource| &*resource.group == group);
    let (stated, kind) = (object.text("apiVersion"), object.text("kind"));
    // A list is no object: its items are.
    if kind.ends_with("List") || (group != GONE && !(OLDEST..=NEWEST).any(known)) {
        return false;
    }
    let field = object.get("apiVersion").unwrap_or(*object);
    let message = format!("Kubernetes 1.{minor} serves no `{kind}` as `{stated}`");
    let version = stated.rsplit('/').next().unwrap_or_default();
    let is_served = |minor| pack(minor).resource(group, version, kind).is_some();
    let life = lifecycle(group, version, kind);
    let end = life.and_then(|life| life.removed);
    let is_gone = end.is_some_and(|end| end <= minor);
    // An early version that exists and no server has by itself is off where nobody switches it on.
    let may_be_on = life.is_some() && !is_gone && !(OLDEST..=NEWEST).any(is_served);
    let fault = faults.at("api-version-unserved", Reason::NotFound, &field, message);
    if may_be_on {
        fault.reason = None;
    }
    fault.help = instead(pack(minor), kind);
    if let Some(end) = end.filter(|_| is_gone) {
        fault.message.push_str(&format!(": it went with 1.{end}"));
    }
    true
}

/// Judges the version of an object that is served as it is stated: the server warns where it is to
/// go, as the handlers of `k8s.io/apiserver/pkg/endpoints/deprecation` do.
pub(crate) fn deprecated(object: &Field<'_>, resource: &Resource, faults: &mut Faults) {
    let minor = faults.minor();
    let Resource { group, version, kind, .. } = resource;
    let Some(life) = lifecycle(group, version, kind).filter(|life| life.deprecated <= minor) else {
        return;
    };
    let field = object.get("apiVersion").unwrap_or(*object);
    let stated = object.text("apiVersion");
    let mut message =
        format!("`{kind}` as `{stated}` is deprecated since Kubernetes 1.{}", life.deprecated);
    if let Some(removed) = life.removed {
        let _ = write!(message, " and gone in 1.{removed}");
    }
    let fault = faults.warn("api-version-deprecated", &field, message);
    fault.help = life.instead.map(|instead| format!("write `apiVersion: {instead}`"));
}

/// What to write for a kind.
fn instead(pack: &Pack, kind: &str) -> Option<String> {
    let served = pack.resources().find(|resource| &*resource.kind == kind);
    match served {
        Some(found) if found.group.is_empty() => {
            Some(format!("write `apiVersion: {}`", found.version))
        }
        Some(found) => Some(format!("write `apiVersion: {}/{}`", found.group, found.version)),
        None => {
            let mut kinds: Vec<&str> = pack.resources().map(|resource| &*resource.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            suggest(kind, kinds)
        }
    }
}
