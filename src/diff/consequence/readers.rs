//! Pods that read a ConfigMap or Secret that differs.
//!
//! Source: the kubelet gives a container its environment when it starts (`makeEnvironmentVariables`
//! in `pkg/kubelet/kubelet_pods.go`), writes volumes anew while pods run (`AtomicWriter` in
//! `pkg/volume/util/atomic_writer.go`), and binds a `subPath` once (`pkg/volume/util/subpath`).

use std::collections::{BTreeMap, BTreeSet};

use super::words::joined;
use super::{Consequence, Effect, Subject, pods};
use crate::diff::change::Kind;
use crate::diff::edit::{Edit, Step, What};
use crate::diff::snapshot::Object;
use crate::load::manifest::is_placeholder;
use crate::yaml::Node;

/// Kinds whose pods go on while what they read changes.
const RUNNING: [(&str, &str); 6] = [
    ("", "Pod"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("argoproj.io", "Rollout"),
];

/// How pods get a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Template,
    Environment,
    SubPath,
    Files,
}

/// What becomes of the pods that read it.
pub(super) fn of(subject: &Subject<'_, '_>) -> Vec<Consequence> {
    let (Some(before), Some(after)) = (subject.before, subject.after) else { return Vec::new() };
    let kind = &after.key.group_kind;
    let (is_config, edits) = match (&*kind.group, &*kind.kind, subject.kind) {
        ("", "ConfigMap", Kind::Changed(edits) | Kind::Renamed(_, edits)) => (true, edits),
        ("", "Secret", Kind::Changed(edits) | Kind::Renamed(_, edits)) => (false, edits),
        _ => return Vec::new(),
    };
    let is_renamed = before.key != after.key;
    let keys = changed_keys(edits);
    if keys.is_empty() && !is_renamed || is_placeholder(&after.key.name) {
        return Vec::new();
    }
    let source = Source { is_config, name: &after.key.name, keys: &keys, is_renamed };
    let mut found: BTreeMap<Way, BTreeSet<String>> = BTreeMap::new();
    for (group, kind) in RUNNING {
        for workload in subject.whole.after.beside(after, group, kind) {
            let mut old = subject.whole.before.beside(workload, group, kind);
            let Some(old) = old.find(|old| old.key == workload.key) else { continue };
            let shown = format!("{kind} `{}`", workload.key.name);
            for way in source.ways(subject, old, workload) {
                found.entry(way).or_default().insert(shown.clone());
            }
        }
    }
    found.into_iter().map(|(way, names)| told(way, names)).collect()
}

fn told(way: Way, names: BTreeSet<String>) -> Consequence {
    let count = names.len();
    let who = joined(names.into_iter().collect(), count);
    let (effect, text) = match way {
        Way::Template => (
            Effect::Reread,
            format!("pods of {who} are replaced, since their template differs too"),
        ),
        Way::Environment => (
            Effect::Stale,
            format!(
                "pods of {who} have it in their environment, and keep the old values until they are replaced"
            ),
        ),
        Way::SubPath => (
            Effect::Stale,
            format!(
                "pods of {who} mount it by `subPath`, and keep the old files until they are replaced"
            ),
        ),
        Way::Files => (
            Effect::Reread,
            format!(
                "files in running pods of {who} change within about a minute, without a restart"
            ),
        ),
    };
    Consequence { effect, text }
}

/// The keys whose values differ.
fn changed_keys(edits: &[Edit]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for edit in edits {
        match edit.at.as_slice() {
            [Step::Field(map), Step::Field(key), ..] if is_data(map) => {
                keys.insert(key.to_string());
            }
            [Step::Field(map)] if is_data(map) => {
                let nodes: &[&Node] = match &edit.what {
                    What::Added(node) | What::Removed(node) => &[node],
                    What::Replaced(old, new) => &[old, new],
                    What::Reordered(_) => &[],
                };
                for (key, _) in nodes.iter().filter_map(|it| it.as_map()).flat_map(|it| it.iter()) {
                    keys.insert(key.name.to_string());
                }
            }
            _ => {}
        }
    }
    keys
}

fn is_data(field: &str) -> bool {
    ["data", "binaryData", "stringData"].contains(&field)
}

/// What is read.
struct Source<'s> {
    is_config: bool,
    name: &'s str,
    keys: &'s BTreeSet<String>,
    is_renamed: bool,
}

impl Source<'_> {
    /// How the pods of a workload get what differs.
    fn ways(&self, subject: &Subject<'_, '_>, old: &Object, workload: &Object) -> BTreeSet<Way> {
        let is_pod = workload.key.group_kind.kind == "Pod";
        let at = if is_pod { "/spec" } else { "/spec/template/spec" };
        let stops = workload.node.pointer("/spec/replicas").and_then(Node::as_int) == Some(0);
        let Some(spec) = workload.node.pointer(at).filter(|_| !stops) else {
            return BTreeSet::new();
        };
        let mut ways = BTreeSet::new();
        self.environment(spec, &mut ways);
        self.volumes(spec, &mut ways);
        if ways.is_empty() || is_pod && self.is_renamed {
            return BTreeSet::new();
        }
        if !is_pod && subject.whole.differs(old, workload, &["spec", "template"]) {
            let strategy = workload.node.pointer("/spec/updateStrategy/type");
            let is_left = strategy.and_then(Node::as_str) == Some("OnDelete");
            let is_left = is_left || pods::is_held(workload);
            return if is_left { BTreeSet::new() } else { [Way::Template].into() };
        }
        if self.is_renamed || is_reloaded(workload) {
            return BTreeSet::new();
        }
        ways
    }

    fn is_it(&self, holder: &Node, name: &str) -> bool {
        holder.get(name).and_then(Node::as_str) == Some(self.name)
    }

    fn has(&self, key: &str) -> bool {
        self.is_renamed || self.keys.contains(key)
    }

    fn environment(&self, spec: &Node, ways: &mut BTreeSet<Way>) {
        let (from, one) = match self.is_config {
            true => ("configMapRef", "configMapKeyRef"),
            false => ("secretRef", "secretKeyRef"),
        };
        for container in running(spec) {
            // What `env` says wins: `makeEnvironmentVariables`.
            let is_overridden = |prefix: &str, key: &String| {
                items(container, "env").any(|it| {
                    let name = it.get("name").and_then(Node::as_str);
                    name.and_then(|name| name.strip_prefix(prefix)) == Some(key)
                })
            };
            let all = items(container, "envFrom").any(|it| {
                let prefix = it.get("prefix").and_then(Node::as_str).unwrap_or_default();
                it.get(from).is_some_and(|holder| self.is_it(holder, "name"))
                    && (self.is_renamed || !self.keys.iter().all(|key| is_overridden(prefix, key)))
            });
            let single = items(container, "env").any(|it| {
                let holder = it.get("valueFrom").and_then(|it| it.get(one));
                holder.is_some_and(|holder| {
                    let key = holder.get("key").and_then(Node::as_str);
                    self.is_it(holder, "name") && key.is_some_and(|key| self.has(key))
                })
            });
            if all || single {
                ways.insert(Way::Environment);
            }
        }
    }

    fn volumes(&self, spec: &Node, ways: &mut BTreeSet<Way>) {
        for volume in items(spec, "volumes") {
            let Some(name) = volume.get("name").and_then(Node::as_str) else { continue };
            let files = self.files(volume);
            let Some(files) = files else { continue };
            for container in running(spec) {
                let mounts = items(container, "volumeMounts");
                for mount in mounts.filter(|it| it.get("name").and_then(Node::as_str) == Some(name))
                {
                    let text = |name| mount.get(name).and_then(Node::as_str).unwrap_or_default();
                    match (text("subPath"), text("subPathExpr")) {
                        ("", "") => drop(ways.insert(Way::Files)),
                        (path, "") => {
                            let path = path.trim_start_matches("./");
                            let is_below = |file: &String| {
                                file == path
                                    || file.strip_prefix(path).is_some_and(|it| it.starts_with('/'))
                            };
                            if files.iter().any(is_below) {
                                ways.insert(Way::SubPath);
                            }
                        }
                        // Which file it is only the pod knows.
                        _ => {}
                    }
                }
            }
        }
    }

    /// The files of a volume that differ; nothing where none does.
    fn files(&self, volume: &Node) -> Option<BTreeSet<String>> {
        let (plain, name) = match self.is_config {
            true => ("configMap", "name"),
            false => ("secret", "secretName"),
        };
        let mut files = BTreeSet::new();
        let mut add = |holder: &Node| match holder.get("items").and_then(Node::as_seq) {
            // Under a new name all files are of another object.
            None if self.is_renamed => drop(files.insert(String::new())),
            None => files.extend(self.keys.iter().cloned()),
            Some(items) => files.extend(items.iter().filter_map(|item| {
                let text = |name| item.get(name).and_then(Node::as_str);
                text("key").filter(|key| self.has(key)).and(text("path")).map(str::to_owned)
            })),
        };
        if let Some(holder) = volume.get(plain).filter(|holder| self.is_it(holder, name)) {
            add(holder);
        }
        let sources = volume.get("projected").into_iter().flat_map(|it| items(it, "sources"));
        for holder in sources.filter_map(|source| source.get(plain)) {
            if self.is_it(holder, "name") {
                add(holder);
            }
        }
        (!files.is_empty()).then_some(files)
    }
}

fn items<'n>(holder: &'n Node, name: &str) -> impl Iterator<Item = &'n Node> + use<'n> {
    holder.get(name).and_then(Node::as_seq).into_iter().flatten()
}

/// The containers that run as long as the pod does.
fn running(spec: &Node) -> impl Iterator<Item = &Node> {
    let is_sidecar =
        |one: &&Node| one.get("restartPolicy").and_then(Node::as_str) == Some("Always");
    items(spec, "containers").chain(items(spec, "initContainers").filter(is_sidecar))
}

/// Whether a program is told to replace the pods when what they read differs.
fn is_reloaded(workload: &Object) -> bool {
    let maps = ["/metadata/annotations", "/spec/template/metadata/annotations"];
    let maps = maps.into_iter().filter_map(|at| workload.node.pointer(at)?.as_map());
    maps.flat_map(|map| map.iter())
        .any(|(key, _)| key.name.contains("reload") || key.name.contains("wave.pusher.com"))
}
