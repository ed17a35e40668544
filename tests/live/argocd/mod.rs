//! The real Argo CD over trees of this repository: what becomes of them, and of changes to them.

mod changes;
mod inventory;
mod play;
mod predicted;
mod proof;
mod repository;
mod scenario;
mod stuck;
mod view;

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    apply, events,
    plane::{ControlPlane, free_ports},
    process::Process,
    servers::Servers,
    site::Site,
    state::State,
};

pub(crate) use proof::every_environment;
use view::View;

/// Where Argo CD itself is.
const NAMESPACE: &str = "argocd";

/// Seconds after an operation before Argo CD mends what it finds different.
const SELF_HEAL: u32 = 10;

/// How long nothing may move before what is missing is taken for missing. Argo CD tries again after 10, 20, 40, … seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long anything may take that goes on moving.
const LIMIT: Duration = Duration::from_secs(600);

/// A control plane with Argo CD. Fields end in this order.
pub(crate) struct ArgoCd<'a> {
    servers: Vec<Process>,
    plane: ControlPlane<'a>,
}

impl<'a> ArgoCd<'a> {
    /// Starts both, empty but for what an environment's cluster has and for the definitions that charts would bring.
    pub(crate) fn start(servers: &'a Servers, site: &'a Site) -> Self {
        let mut plane = ControlPlane::start(servers, site);
        site.prepare(&plane);
        // Nobody measures pods here, and an autoscaler without metrics is degraded.
        plane.run_controllers_without(",-horizontal-pod-autoscaler-controller");
        let apply = ["apply", "--server-side", "--namespace", NAMESPACE];
        let files = plane.crds().into_iter().chain([servers.argo_cd_config()]);
        let files = files.flat_map(|file| ["-f".into(), file.into_os_string()]);
        plane.must(apply.map(OsString::from).into_iter().chain(files));
        let key = r#"--patch={"stringData":{"server.secretkey":"none"}}"#;
        plane.must(["patch", "secret", "argocd-secret", "--namespace", NAMESPACE, key]);
        let unserved = apply::unestablished(&plane);
        assert!(unserved.is_empty(), "{unserved:?}");
        site.add_storage_classes(&plane);
        let servers = start(servers, plane.folder());
        Self { servers, plane }
    }

    /// Applies `root.yaml`, as a person does once.
    pub(crate) fn apply_root(&self, tree: &Path) {
        let root = tree.join("root.yaml").into_os_string();
        self.plane.must(["apply".into(), "--server-side".into(), "-f".into(), root]);
    }

    /// Looks until nothing is open any more; panics where nothing moves.
    pub(crate) fn until(&mut self, what: &str, open: impl Fn(&View) -> Vec<String>) -> View {
        let start = Instant::now();
        let mut moved = start;
        let mut before = String::new();
        loop {
            let view = View::of(&self.plane);
            let open = open(&view);
            if open.is_empty() {
                return view;
            }
            let seen = view.to_string();
            if moved.elapsed() > PATIENCE || start.elapsed() > LIMIT {
                let state = State::of(&self.plane);
                let lacks = events::explain(&self.plane, &state, &state.lacks());
                let [open, lacks] = [open, lacks].map(|lines| lines.join("\n"));
                panic!("{what}: nothing more happens. Open:\n{open}\n\n{seen}\n{lacks}");
            }
            if seen != before {
                moved = Instant::now();
                before = seen;
            }
            self.plane.assert_running();
            for server in &mut self.servers {
                assert!(!server.ended(), "Argo CD ended by itself:\n{}", server.last_words());
            }
            play::turn(&self.plane);
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Has every Application compared again, as a webhook does after a commit.
    pub(crate) fn refresh(&mut self, how: &str) {
        let annotation = format!("argocd.argoproj.io/refresh={how}");
        let target = ["applications.argoproj.io", "--all", "--namespace", NAMESPACE, "--overwrite"];
        self.plane.must(["annotate"].into_iter().chain(target).chain([annotation.as_str()]));
    }
}

/// Starts Argo CD's servers in a folder of their own.
fn start(servers: &Servers, plane: &Path) -> Vec<Process> {
    let folder = plane.join("argo-cd");
    for name in ["bin", "data", "tmp"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    // It asks whether a commit is signed even where nobody wants to know.
    let wrapper = folder.join("bin/git-verify-wrapper.sh");
    fs::write(&wrapper, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();

    let mut path = folder.join("bin").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let data = |name: &str| (name.to_owned(), folder.join("data").into_os_string());
    let mut variables: Vec<(String, OsString)> = [
        "ARGOCD_TLS_DATA_PATH",
        "ARGOCD_SSH_DATA_PATH",
        "ARGOCD_GNUPGHOME",
        "ARGOCD_GPG_DATA_PATH",
        "ARGOCD_PLUGINSOCKFILEPATH",
    ]
    .map(data)
    .into();
    variables.extend([
        ("KUBECONFIG".to_owned(), plane.join("kubeconfig").into_os_string()),
        ("ARGOCD_FAKE_IN_CLUSTER".to_owned(), "true".into()),
        ("ARGOCD_GPG_ENABLED".to_owned(), "false".into()),
        ("PATH".to_owned(), path),
        ("HOME".to_owned(), folder.join("data").into_os_string()),
        ("TMPDIR".to_owned(), folder.join("tmp").into_os_string()),
        // Chart repositories are out of reach, on every machine.
        ("HTTPS_PROXY".to_owned(), "http://127.0.0.1:1".into()),
        ("HTTP_PROXY".to_owned(), "http://127.0.0.1:1".into()),
        ("NO_PROXY".to_owned(), "127.0.0.1,localhost".into()),
    ]);
    let variables: Vec<_> = variables.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();

    let [redis, repository, a, b, c, d, e] = free_ports();
    let local = |port: u16| format!("127.0.0.1:{port}");
    let mut processes =
        vec![Process::start(&servers.program("miniredis"), &[local(redis)], &folder)];
    let redis = format!("--redis={}", local(redis));
    let controller = |flags: &[String]| {
        let common = ["--namespace".to_owned(), NAMESPACE.to_owned()];
        common.into_iter().chain(flags.to_vec()).collect::<Vec<_>>()
    };
    let roles = [
        (
            "argocd-repo-server",
            vec![
                "--address=127.0.0.1".to_owned(),
                format!("--port={repository}"),
                "--metrics-address=127.0.0.1".to_owned(),
                format!("--metrics-port={a}"),
                redis.clone(),
            ],
        ),
        (
            "argocd-application-controller",
            controller(&[
                format!("--repo-server={}", local(repository)),
                format!("--metrics-port={b}"),
                // CustomResourceDefinitions are not tracked: that they became healthy shows when all is compared again, by
                // default after two to three minutes.
                "--app-resync=10".to_owned(),
                "--app-resync-jitter=0".to_owned(),
                // Right after it has applied an object, its cache may not know it yet: it takes it for missing and, by
                // default, applies it once more at once, which changes nothing.
                "--self-heal-backoff-timeout-seconds=0".to_owned(),
                format!("--self-heal-timeout-seconds={SELF_HEAL}"),
                // Which object is not healthy, and why.
                "--persist-resource-health".to_owned(),
                redis,
            ]),
        ),
        (
            "argocd-applicationset-controller",
            controller(&[
                format!("--argocd-repo-server={}", local(repository)),
                format!("--metrics-addr={}", local(c)),
                format!("--probe-addr={}", local(d)),
                format!("--webhook-addr={}", local(e)),
            ]),
        ),
    ];
    for (role, flags) in roles {
        // The program does what its name says.
        let program = folder.join("bin").join(role);
        symlink(servers.program("argocd"), &program).unwrap();
        processes.push(Process::start_with(&program, &flags, &variables, &folder));
    }
    processes
}
