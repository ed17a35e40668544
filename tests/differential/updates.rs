//! Changes of objects that are there, before kube-apiserver and before `gitopsc::diff`: does the server refuse them?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gitopsc::diff::{Effect, Fates, changes};
use gitopsc::schema::{Definitions, pack};
use serde_json::Value;

use super::filled::read;
use super::server::{Answer, Server};
use super::{MINOR, Mutant, bases, encoded, mutants, url};

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
    let (mut agreed, mut refused, mut wrong) = (0, 0, BTreeSet::new());
    for Mutant { url, object, kind, change, .. } in mutants(root, 7, MUTANTS) {
        let Some(place_here) = place(&url, &object, "") else { continue };
        let (Some(base), Some(place_new)) = (there.get(&place_here), place(&url, &object, "-x"))
        else {
            continue;
        };
        let mut new = object.clone();
        let name = format!("{}-x", object["metadata"]["name"].as_str().unwrap_or_default());
        new["metadata"]["name"] = name.into();
        // What is wrong in itself is refused anyway, and what the server alone may write.
        if *base == object
            || is_of_server(&kind, base, &object)
            || apply(&mut server, &place_new, &new, "&dryRun=All").code >= 300
        {
            continue;
        }
        let answer = apply(&mut server, &place_here, &object, "&dryRun=All");
        let message = answer.body["message"].as_str().unwrap_or("is taken");
        let is_refused =
            answer.code >= 300 && IMMUTABLE.iter().any(|words| message.contains(words));
        // The server wants more than this object has, or has known it under another version.
        if answer.code >= 300 && !is_refused {
            continue;
        }
        let predicted = predicted(base, &object);
        refused += usize::from(is_refused);
        if is_refused == predicted || is_refused && message.contains(UNBOUND) {
            agreed += 1;
        } else {
            wrong.insert(format!("{kind}: {change}: predicted {predicted}, {message:.300}"));
        }
    }
    say(format!(
        "{} changes of {} objects that are there: {agreed} agree, {refused} are refused",
        agreed + wrong.len(),
        there.len()
    ));
    if let Some(path) = std::env::var_os("GITOPSC_UPDATES") {
        let lines = wrong.iter().map(|line| format!("{}\n", line.replace('\n', " ")));
        std::fs::write(path, lines.collect::<String>()).unwrap();
    }
    wrong.into_iter().collect()
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

fn predicted(before: &Value, after: &Value) -> bool {
    let (before, after) = (read(before), read(after));
    let definitions = Definitions::default();
    let found = changes(&before, &after, pack(MINOR), &definitions, &Fates::default());
    let effects = found.changes.iter().flat_map(|change| &change.consequences);
    effects.into_iter().any(|one| one.effect == Effect::Refused)
}
