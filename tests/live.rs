//! The rendered trees before a real control plane: kube-apiserver takes every object, every workload gets all its pods,
//! every pod a node, and every rollout ends.
//!
//! Then before a real Argo CD (`live/argocd`): every environment comes up and stays, and of each change to it comes what
//! was meant.
//!
//! `tests/servers/build.sh` builds the servers; `KUBEBUILDER_ASSETS` is honoured. Where neither Go nor built servers
//! are at hand, the tests say so and pass; with `CI` set that is a failure.
//!
//! `GITOPSC_LIVE_ROOT` judges another repository than this one, `GITOPSC_LIVE_ONLY=a,b` only some environments.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "live/apply.rs"]
mod apply;
#[path = "live/argocd/mod.rs"]
mod argocd;
#[path = "live/bite.rs"]
mod bite;
#[path = "live/budget/mod.rs"]
mod budget;
#[path = "live/diff/mod.rs"]
mod diff;
#[path = "differential/mod.rs"]
mod differential;
#[path = "live/events.rs"]
mod events;
#[path = "live/plane.rs"]
mod plane;
#[path = "live/process.rs"]
mod process;
#[path = "support/tree.rs"]
mod repository;
#[path = "live/servers.rs"]
mod servers;
#[path = "live/settle.rs"]
mod settle;
#[path = "live/site.rs"]
mod site;
#[path = "live/state.rs"]
mod state;

use std::{
    collections::BTreeMap,
    env, fmt,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use serde_json::json;

use apply::Applied;
use plane::ControlPlane;
use servers::Servers;
use settle::Settled;
use site::Site;

/// How long a cluster may stand still before what is missing is taken for missing.
const PATIENCE: Duration = Duration::from_secs(15);

/// One control plane at a time: two of them on a small machine make each other time out.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Writes past the test harness, which hides what a passing test prints.
fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// The servers, found or built once; none where they cannot be had, which with `CI` set is a failure.
fn servers() -> Option<&'static Servers> {
    static SERVERS: OnceLock<Result<Servers, String>> = OnceLock::new();
    match SERVERS.get_or_init(servers::find) {
        Ok(servers) => Some(servers),
        Err(why) => {
            assert!(env::var_os("CI").is_none(), "no control plane to ask: {why}");
            say(format_args!("skipped: no control plane to ask: {why}"));
            None
        }
    }
}

/// What the control plane said of one tree.
struct Verdict {
    applied: Applied,
    settled: Settled,
    stuck: Vec<String>,
    took: [Duration; 3],
}

/// Applies the tree at `tree` to a fresh control plane of the size that `site` says, lets it run, updates it.
fn judge(servers: &Servers, tree: &Path, site: &Site, patience: Duration) -> Verdict {
    let start = Instant::now();
    let mut plane = ControlPlane::start(servers, site);
    site.prepare(&plane);
    plane.run_controllers();
    let applied = apply::tree(&plane, tree, site);
    plane.drop_what_nobody_answers();
    let after_apply = start.elapsed();
    let settled = settle::everything(&mut plane, patience);
    let after_settle = start.elapsed();
    let stuck = settle::rollouts(&mut plane, &settled, patience);
    let took = [after_apply, after_settle - after_apply, start.elapsed() - after_settle];
    Verdict { applied, settled, stuck, took }
}

fn root() -> PathBuf {
    env::var_os("GITOPSC_LIVE_ROOT").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
}

/// The committed trees: folders of `rendered/`.
fn trees(root: &Path) -> BTreeMap<String, PathBuf> {
    let rendered = root.join("rendered");
    let entries = rendered.read_dir().unwrap_or_else(|e| panic!("{}: {e}", rendered.display()));
    let trees: BTreeMap<_, _> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    assert!(!trees.is_empty(), "no tree under {}", rendered.display());
    let Ok(only) = env::var("GITOPSC_LIVE_ONLY") else { return trees };
    trees.into_iter().filter(|(name, _)| only.split(',').any(|one| one == name)).collect()
}

#[test]
fn every_object_is_accepted_and_every_pod_gets_a_node() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(servers) = servers() else { return };
    let root = root();
    let sites = site::sites(&root);
    let mut faults = String::new();
    for (name, tree) in trees(&root) {
        let site = sites.get(&name).unwrap_or_else(|| panic!("no environment `{name}` is listed"));
        let Verdict { applied, settled, stuck, took } = judge(servers, &tree, site, PATIENCE);
        for warning in &applied.warnings {
            say(format_args!("{name}: the server warns: {warning}"));
        }
        let [apply, settle, roll] = took.map(|d| d.as_secs_f32());
        say(format_args!(
            "{name}: {} objects applied in {apply:.1} s, {} workloads with {} pods placed in {settle:.1} s, \
             {} rollouts in {roll:.1} s",
            applied.objects,
            settled.workloads.len(),
            settled.pods,
            if settled.faults.is_empty() { settled.surging.len() } else { 0 },
        ));
        let refused = applied.refusals.iter().map(|r| format!("refused: {r}"));
        let short = settled.faults.iter().map(|f| format!("not placed: {f}"));
        let stuck = stuck.iter().map(|f| format!("stuck when rolled out: {f}"));
        for fault in refused.chain(short).chain(stuck) {
            faults.push_str(&format!("{name}: {fault}\n"));
        }
    }
    assert!(faults.is_empty(), "a real control plane disagrees with the rendered trees\n{faults}");
}

#[test]
fn the_judge_bites() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(servers) = servers() else { return };
    bite::run(servers);
}

/// Whether the embedded pack holds what the server serves; what it does not, in words.
fn the_pack_is_the_server_s(socket: &Path) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/kubernetes/pack.py");
    let output = Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg("--compare")
        .arg(socket)
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    say(said.lines().next().unwrap_or("pack.py said nothing"));
    let why = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| format!("the pack differs: {said:.2000}{why:.2000}"))
}

#[test]
fn objects_are_judged_as_the_server_judges_them() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(servers) = servers() else { return };
    let size = json!({"cpu": "2", "memory": "4Gi", "pods": 110});
    let site =
        Site::of(&json!({"nodes": {"one": {"cpu": 2, "memory": "4Gi", "allocatable": size}}}));
    // What these refuse is no fault of the object: a namespace or a service account that is not there.
    let state = ["NamespaceLifecycle", "ServiceAccount"];
    let mut plane = ControlPlane::start_without(servers, &site, &state);
    let namespace =
        |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    plane.create(differential::namespaces(&root()).into_iter().map(namespace).collect());
    let socket = plane.run_proxy();
    let mut faults = differential::run(&root(), &socket, say);
    faults.extend(the_pack_is_the_server_s(&socket));
    // The last, since it leaves objects there, and with them their kinds.
    faults.extend(differential::updates::run(&root(), &socket, say));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_a_diff_and_a_budget_predict_is_what_comes() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(servers) = servers() else { return };
    let size = json!({"cpu": "2", "memory": "4Gi", "pods": 110});
    let site =
        Site::of(&json!({"nodes": {"one": {"cpu": 2, "memory": "4Gi", "allocatable": size}}}));
    let mut plane = ControlPlane::start(servers, &site);
    plane.run_controllers();
    let mut faults = diff::run(&plane);
    faults.extend(budget::run(&mut plane, 1000, 300, 200, 150));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn argo_cd_brings_every_environment_up_and_keeps_it() {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(servers) = servers() else { return };
    let root = root();
    let trees = trees(&root);
    let mut sites = site::sites(&root);
    sites.retain(|name, _| trees.contains_key(name));
    argocd::every_environment(servers, &root, &sites);
}
