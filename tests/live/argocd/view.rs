//! What Argo CD says of itself at one moment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::{
    NAMESPACE,
    predicted::{Id, Predicted, id},
};
use crate::{plane::ControlPlane, state::text};

/// All Applications and ApplicationSets, by name.
pub(crate) struct View {
    pub(crate) applications: BTreeMap<String, Value>,
    sets: BTreeMap<String, Value>,
}

impl View {
    /// Asks.
    pub(crate) fn of(plane: &ControlPlane) -> Self {
        let kinds = "applications.argoproj.io,applicationsets.argoproj.io";
        let printed = plane.must(["get", kinds, "--namespace", NAMESPACE, "--output=json"]);
        let mut list: Value = serde_json::from_str(&printed).expect("kubectl prints JSON");
        let items = list["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let named = |o: Value| (text(&o, "/metadata/name").to_owned(), o);
        let (applications, sets): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|o| text(o, "/kind") == "Application");
        let [applications, sets] =
            [applications, sets].map(|objects| objects.into_iter().map(named).collect());
        Self { applications, sets }
    }

    /// What keeps a set from being another than the one of this number, with all Applications of its project.
    pub(crate) fn untaken(&self, set: &str, old: &str) -> Vec<String> {
        let Some(uid) = self.sets.get(set).map(|set| text(set, "/metadata/uid")) else {
            return vec![format!("there is no {set}")];
        };
        if uid == old {
            return vec![format!("{set} is the old one")];
        }
        let of_set = |a: &&Value| text(a, "/spec/project") == set;
        let other = |a: &&Value| text(a, "/metadata/ownerReferences/0/uid") != uid;
        let others = self.applications.values().filter(of_set).filter(other);
        others.map(|a| format!("{} is not its own", text(a, "/metadata/name"))).collect()
    }

    /// What keeps the Applications from being those that were predicted, at this commit, Synced and Healthy.
    pub(crate) fn lacks(&self, predicted: &Predicted, commit: &str) -> Vec<String> {
        let mut lacks = Vec::new();
        for name in self.applications.keys().filter(|name| !predicted.contains_key(*name)) {
            lacks.push(format!("{name}: not predicted"));
        }
        for (name, expected) in predicted {
            let Some(application) = self.applications.get(name) else {
                lacks.push(format!("{name}: does not exist"));
                continue;
            };
            if application["spec"] != expected.spec {
                let (is, should) = (&application["spec"], &expected.spec);
                lacks.push(format!("{name}: its spec is\n  {is}\nand should be\n  {should}"));
            }
            if let Some(objects) = &expected.objects {
                lacks.extend(open(application, commit).map(|what| format!("{name}: {what}")));
                let difference = difference(&self::objects(application), objects);
                lacks.extend(difference.into_iter().map(|what| format!("{name}: {what}")));
            }
        }
        lacks
    }
}

/// What of an Application is not as it should be.
fn open(application: &Value, commit: &str) -> Option<String> {
    let status = |pointer: &str| text(application, &format!("/status{pointer}")).to_owned();
    let (sync, health) = (status("/sync/status"), status("/health/status"));
    let revision = revisions(application);
    let phase = status("/operationState/phase");
    if sync != "Synced" || health != "Healthy" || phase != "Succeeded" {
        return Some(format!("is {sync}, {health}, its last operation {phase}"));
    }
    (revision.is_empty() || revision.iter().any(|r| r != commit))
        .then(|| format!("is at {revision:?}, not at {commit}"))
}

/// The commits that an Application was compared with.
fn revisions(application: &Value) -> Vec<String> {
    let sync = &application["status"]["sync"];
    let many = sync["revisions"].as_array().into_iter().flatten();
    let all = sync.get("revision").into_iter().chain(many);
    all.filter_map(Value::as_str).filter(|r| !r.is_empty()).map(str::to_owned).collect()
}

/// The objects that an Application counts as its own.
pub(crate) fn objects(application: &Value) -> BTreeSet<Id> {
    let resources = application.pointer("/status/resources").and_then(Value::as_array);
    let name = |r: &Value| {
        id(text(r, "/group"), text(r, "/kind"), text(r, "/namespace"), text(r, "/name"))
    };
    resources.into_iter().flatten().map(name).collect()
}

fn difference(is: &BTreeSet<Id>, should: &BTreeSet<Id>) -> Vec<String> {
    let more = is.difference(should).map(|id| format!("has {id}, which was not predicted"));
    let less = should.difference(is).map(|id| format!("has no {id}"));
    more.chain(less).collect()
}

impl fmt::Display for View {
    /// What moves, and nothing of what changes while nothing happens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, application) in &self.applications {
            let status = |pointer: &str| text(application, &format!("/status{pointer}"));
            writeln!(
                f,
                "{name} {} {} {} {} {:?}",
                status("/sync/status"),
                status("/health/status"),
                status("/operationState/phase"),
                status("/operationState/message"),
                revisions(application),
            )?;
            let list = |name: &str| {
                let list = application["status"][name].as_array();
                list.map(Vec::as_slice).unwrap_or_default()
            };
            for condition in list("conditions") {
                writeln!(f, "    {}: {}", text(condition, "/type"), text(condition, "/message"))?;
            }
            for r in list("resources") {
                let (sync, health) = (text(r, "/status"), text(r, "/health/status"));
                let healthy = matches!(health, "" | "Healthy");
                if sync != "Synced" || !healthy {
                    let (kind, name) = (text(r, "/kind"), text(r, "/name"));
                    let message = text(r, "/health/message");
                    writeln!(f, "    {kind} {name}: {sync} {health} {message}")?;
                }
            }
        }
        Ok(())
    }
}
