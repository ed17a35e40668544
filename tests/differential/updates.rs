//! Changes of objects that are there, before kube-apiserver and before `gitopsc::diff`: does the server refuse them?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gitopsc::diff::{Beside, Effect, changes};
use gitopsc::schema::{Definitions, pack};
use serde_json::Value;

use super::filled::read;
use super::server::{Answer, Server};
use super::{CONNECTIONS, MINOR, Mutant, bases, encoded, mutants, url};

/// Other ways of one object than these are made from each seed.
const MUTANTS: usize = 8_000;

/// How the server says that a field may not change.
const IMMUTABLE: [&str; 5] =
    ["immutable", "can only be modified", "may not change", "updates to", "can not be less than"];
/// Where the two differ for good: claims that no volume is bound to, which a cluster binds soon.
const UNBOUND: &str = "for bound claims";

/// Applies sound objects, then changed ones over them; what the server says otherwise, in words.
pub(crate) fn run(root: &Path, socket: &Path, say: impl Fn(String)) -> Vec<String> {
    let mut server = Server::connect(socket);
    let mut there: BTreeMap<String, Value> = BTreeMap::new();
    for base in bases::bases(pack(MINOR), root).into_values().flatten() {
        let Some(resource) = url(pack(MINOR), &base, &base.object) else { continue };
        let Some(place) = place(&resource, &base.object, "") else { continue };
        if !there.contains_key(&place) && apply(&mut server, &place, &base.object, "").code < 300 {
            there.insert(place, base.object);
        }
    }
    let all = mutants(root, 7, MUTANTS);
    let next = AtomicUsize::new(0);
    let asked: Mutex<Vec<Asked>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut server = Server::connect(socket);
                while let Some(mutant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = ask(&mut server, &there, mutant);
                    asked.lock().unwrap().extend(found);
                }
            });
        }
    });
    let asked = asked.into_inner().unwrap();
    let refused = asked.iter().filter(|one| one.is_refused).count();
    let wrong: BTreeSet<&String> = asked.iter().filter_map(|one| one.wrong.as_ref()).collect();
    say(format!(
        "{} changes of {} objects that are there: {} agree, {refused} are refused",
        asked.len(),
        there.len(),
        asked.iter().filter(|one| one.wrong.is_none()).count(),
    ));
    if let Some(path) = std::env::var_os("GITOPSC_UPDATES") {
        let lines = wrong.iter().map(|line| format!("{}\n", line.replace('\n', " ")));
        std::fs::write(path, lines.collect::<String>()).unwrap();
    }
    wrong.into_iter().cloned().collect()
}

/// What the server said of one change.
struct Asked {
    is_refused: bool,
    /// What was predicted, where that is something else.
    wrong: Option<String>,
}

/// Puts one change to the server, where that says something of what may change.
fn ask(server: &mut Server, there: &BTreeMap<String, Value>, mutant: &Mutant) -> Option<Asked> {
    let Mutant { url, object, kind, change, .. } = mutant;
    let here = place(url, object, "")?;
    let base = there.get(&here)?;
    let mut new = object.clone();
    new["metadata"]["name"] = format!("{}-x", object["metadata"]["name"].as_str()?).into();
    // What is wrong in itself is refused anyway, and what the server alone may write.
    if base == object
        || is_of_server(kind, base, object)
        || apply(server, &place(url, object, "-x")?, &new, "&dryRun=All").code >= 300
    {
        return None;
    }
    let answer = apply(server, &here, object, "&dryRun=All");
    let message = answer.body["message"].as_str().unwrap_or("is taken");
    let is_refused = answer.code >= 300 && IMMUTABLE.iter().any(|words| message.contains(words));
    // The server wants more than this object has, or has known it under another version.
    if answer.code >= 300 && !is_refused {
        return None;
    }
    let predicted = predicted(base, object);
    let is_right = is_refused == predicted || is_refused && message.contains(UNBOUND);
    let wrong =
        (!is_right).then(|| format!("{kind}: {change}: predicted {predicted}, {message:.300}"));
    Some(Asked { is_refused, wrong })
}

/// Where an object is, with something after its name.
fn place(url: &str, object: &Value, after: &str) -> Option<String> {
    let name = object["metadata"]["name"].as_str().filter(|name| !name.is_empty())?;
    let (resource, _) = url.split_once('?')?;
    Some(format!("{resource}/{}", encoded(&format!("{name}{after}"))))
}

fn apply(server: &mut Server, place: &str, object: &Value, more: &str) -> Answer {
    let url = format!("{place}?fieldManager=gitopsc&force=true{more}");
    server.ask("PATCH", &url, "application/apply-patch+yaml", &object.to_string())
}

/// Whether a change is one that nobody has in git: of kinds that components write, of metadata that the server writes.
fn is_of_server(kind: &str, before: &Value, after: &Value) -> bool {
    let rest = |object: &Value| {
        let mut metadata = object["metadata"].clone();
        for own in ["labels", "annotations"] {
            metadata.as_object_mut().map(|metadata| metadata.remove(own));
        }
        metadata
    };
    ["CSINode", "Event", "Node"].contains(&kind) || rest(before) != rest(after)
}

/// What the server alone makes of a change: it knows nothing of hooks, which Argo CD makes anew.
fn predicted(before: &Value, after: &Value) -> bool {
    let plain = |object: &Value| {
        let mut object = object.clone();
        let annotations = object.pointer_mut("/metadata/annotations");
        if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
            let is_hook = |key: &str| {
                ["argocd.argoproj.io/hook", "helm.sh/hook"].iter().any(|it| key.starts_with(it))
            };
            annotations.retain(|key, _| !is_hook(key));
        }
        read(&object)
    };
    let (before, after) = (plain(before), plain(after));
    let definitions = Definitions::default();
    let found = changes(&before, &after, pack(MINOR), &definitions, &Beside::default());
    let effects = found.changes.iter().flat_map(|change| &change.consequences);
    effects.into_iter().any(|one| one.effect == Effect::Refused)
}
