//! Each environment from an empty cluster: everything Synced and Healthy, and it stays so.

use std::{collections::BTreeMap, path::Path, time::Instant};

use serde_json::Value;

use super::{
    ArgoCd,
    predicted::{Predicted, predicted},
    repository::Repository,
    view::View,
};
use crate::{say, servers::Servers, site::Site, state::text};

/// Brings one environment up; gives Argo CD with it.
pub(crate) fn synced<'a>(
    servers: &'a Servers,
    site: &'a Site,
    repository: &Repository,
) -> (ArgoCd<'a>, Predicted) {
    repository.build();
    let commit = repository.commit();
    let predicted = predicted(repository.top(), &repository.tree());
    let mut argo = ArgoCd::start(servers, site);
    argo.apply_root(&repository.tree());
    argo.until("the first sync", |view| view.lacks(&predicted, &commit));
    (argo, predicted)
}

/// The proof, for each environment.
pub(crate) fn every_environment(servers: &Servers, root: &Path, sites: &BTreeMap<String, Site>) {
    for (name, site) in sites {
        let start = Instant::now();
        let repository = Repository::of(root, name);
        let (mut argo, predicted) = synced(servers, site, &repository);
        let up = start.elapsed();
        let before = argo.until("a look", |_| Vec::new());
        let alone = |(_, a): &(&String, &super::predicted::Application)| a.objects.is_some();
        let whole: Vec<_> = predicted.iter().filter(alone).map(|(name, _)| name).collect();
        for turn in 1..=3 {
            argo.refresh("hard");
            let after = argo.until("a hard refresh", |view| unrefreshed(view, &whole));
            let changed: Vec<_> =
                whole.iter().filter_map(|a| changed(&before, &after, a)).collect();
            assert!(changed.is_empty(), "{name}: after hard refresh {turn}: {changed:#?}\n{after}");
        }
        let objects: usize =
            predicted.values().filter_map(|a| a.objects.as_ref()).map(|o| o.len()).sum();
        let (all, took) = (predicted.len(), start.elapsed().as_secs_f32());
        let up = up.as_secs_f32();
        say(format_args!(
            "{name}: {} of {all} Applications with {objects} objects Synced and Healthy in {up:.1} s, the same after three hard refreshes at {took:.1} s",
            whole.len()
        ));
    }
}

/// The Applications that were not compared again: Argo CD takes the wish away with what it found.
fn unrefreshed(view: &View, names: &[&String]) -> Vec<String> {
    let wish = "/metadata/annotations/argocd.argoproj.io~1refresh";
    let open = names.iter().filter(|name| view.applications[**name].pointer(wish).is_some());
    open.map(|name| format!("{name} is not compared again")).collect()
}

/// What a refresh may not change, where it did.
fn changed(before: &View, after: &View, name: &str) -> Option<String> {
    let (old, new) = (&before.applications[name], &after.applications[name]);
    let of = |o: &Value, pointer: &str| o.pointer(pointer).cloned().unwrap_or_default();
    let pointers =
        ["/spec", "/status/sync", "/status/history", "/status/operationState", "/status/resources"];
    for pointer in pointers {
        if of(old, pointer) != of(new, pointer) {
            return Some(format!("{name}: {pointer}: {} → {}", of(old, pointer), of(new, pointer)));
        }
    }
    let history = new.pointer("/status/history").and_then(Value::as_array).map_or(0, Vec::len);
    let (healed, health) = (healed(new), text(new, "/status/health/status"));
    (history != 1 || !healed.is_empty() || health != "Healthy")
        .then(|| format!("{name}: {history} entries of history, {health}, healed: {healed:?}"))
}

/// What Argo CD applied again by itself after the first sync.
///
/// CustomResourceDefinitions aside: at each of them it asks the API server for all it serves before it looks at the
/// next. On a slow machine that takes longer than `SELF_HEAL`, and it applies once more what it takes for missing,
/// which changes nothing.
fn healed(application: &Value) -> Vec<&str> {
    let operation = &application["status"]["operationState"]["operation"]["sync"];
    if operation.get("autoHealAttemptsCount").is_none() {
        return Vec::new();
    }
    let resources = operation["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    if resources.is_empty() {
        return vec!["everything"];
    }
    let kinds = resources.iter().map(|r| text(r, "/kind"));
    kinds.filter(|kind| *kind != "CustomResourceDefinition").collect()
}
