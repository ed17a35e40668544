//! A control plane on loopback: etcd and kube-apiserver, then kube-controller-manager and kube-scheduler.

use std::{
    collections::hash_map::RandomState,
    ffi::{OsStr, OsString},
    fs,
    hash::BuildHasher as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{process::Process, servers::Servers, site::Site};

/// What a run of kubectl left.
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// One running control plane. Fields end in this order: an API server without its etcd hangs in its shutdown.
pub(crate) struct ControlPlane<'a> {
    controllers: Vec<Process>,
    api: Process,
    etcd: Process,
    servers: &'a Servers,
    scratch: TempDir,
}

impl<'a> ControlPlane<'a> {
    /// Starts etcd and kube-apiserver, empty, and waits until they serve.
    pub(crate) fn start(servers: &'a Servers, site: &Site) -> Self {
        Self::start_without(servers, site, &[])
    }

    /// The same without some of the plugins that let objects in.
    pub(crate) fn start_without(servers: &'a Servers, site: &Site, plugins: &[&str]) -> Self {
        // A port found free can be taken before the server binds it.
        (0..3)
            .find_map(|_| Self::try_start(servers, site, plugins).map_err(crate::say).ok())
            .expect("a control plane that starts")
    }

    fn try_start(servers: &'a Servers, site: &Site, plugins: &[&str]) -> Result<Self, String> {
        let scratch = tempfile::Builder::new().prefix("gitopsc-live-").tempdir().unwrap();
        let folder = scratch.path();
        let [client, peer, api] = free_ports();
        let hash = RandomState::new();
        let token = |user: u64| format!("{:x}{:x}", hash.hash_one(user), hash.hash_one(user + 9));
        let tokens = [token(1), token(2), token(3)];
        let [admin, reader, nobody] = &tokens;
        let users = format!(
            "{admin},admin,admin,system:masters\n{reader},reader,reader\n{nobody},nobody,nobody\n"
        );
        fs::write(folder.join("tokens.csv"), users).unwrap();
        fs::write(folder.join("kubeconfig"), kubeconfig(api, &tokens)).unwrap();

        let etcd = Process::start(&servers.program("etcd"), &etcd_flags(client, peer), folder);
        let api = Process::start(
            &servers.program("kube-apiserver"),
            &api_server_flags(client, api, site, plugins),
            folder,
        );
        let mut plane = Self { controllers: Vec::new(), api, etcd, servers, scratch };
        let start = Instant::now();
        while !plane.kubectl(["get", "--raw=/readyz"]).ok {
            if plane.etcd.ended() {
                return Err(format!("etcd ended:\n{}", plane.etcd.last_words()));
            }
            if plane.api.ended() || start.elapsed() > Duration::from_secs(90) {
                return Err(format!("kube-apiserver is not ready:\n{}", plane.api.last_words()));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(plane)
    }

    /// Starts kube-controller-manager and kube-scheduler.
    ///
    /// No kubelet beats for the nodes, so nobody may miss their heart; CronJobs are started by hand.
    pub(crate) fn run_controllers(&mut self) {
        self.run_controllers_without("");
    }

    /// The same without some of them: each as `,-name`.
    pub(crate) fn run_controllers_without(&mut self, others: &str) {
        let controllers = format!(
            "--controllers=*,-node-lifecycle-controller,-taint-eviction-controller,-cronjob-controller{others}"
        );
        let common = [
            "--kubeconfig=kubeconfig",
            "--leader-elect=false",
            "--secure-port=0",
            "--kube-api-qps=500",
        ];
        let mut manager = common.to_vec();
        manager.extend([
            "--kube-api-burst=1000",
            &controllers,
            "--horizontal-pod-autoscaler-sync-period=1s",
            "--resource-quota-sync-period=4s",
        ]);
        let mut scheduler = common.to_vec();
        scheduler.push("--kube-api-burst=1000");
        for (program, flags) in
            [("kube-controller-manager", manager), ("kube-scheduler", scheduler)]
        {
            let path = self.servers.program(program);
            self.controllers.push(Process::start(&path, &flags, self.scratch.path()));
        }
    }

    /// Starts a proxy that lets in anybody who finds its socket, for those who do without kubectl and TLS.
    pub(crate) fn run_proxy(&mut self) -> PathBuf {
        let socket = self.scratch.path().join("proxy.sock");
        let flags = ["--kubeconfig=kubeconfig", "proxy", "--unix-socket=proxy.sock"];
        let program = self.servers.program("kubectl");
        self.controllers.push(Process::start(&program, &flags, self.scratch.path()));
        while !socket.exists() {
            self.assert_running();
            thread::sleep(Duration::from_millis(20));
        }
        socket
    }

    /// Panics where a controller is gone, for then nothing more will happen and nobody would know why.
    pub(crate) fn assert_running(&mut self) {
        for process in self.controllers.iter_mut().chain([&mut self.api, &mut self.etcd]) {
            assert!(!process.ended(), "a server ended by itself:\n{}", process.last_words());
        }
    }

    /// Takes away what refers to a program that runs in a real cluster and not here.
    pub(crate) fn drop_what_nobody_answers(&self) {
        self.must([
            "delete",
            "validatingwebhookconfigurations,mutatingwebhookconfigurations",
            "--all",
        ]);
        let ours = "--selector=!kube-aggregator.kubernetes.io/automanaged";
        // The server forgets a webhook a moment after it is gone.
        let gone = (0..50).any(|turn| {
            thread::sleep(Duration::from_millis(turn.min(1) * 100));
            self.kubectl(["delete", "apiservices", ours]).ok
        });
        assert!(gone, "an APIService stays");
    }

    /// The definitions of others that this control plane needs.
    pub(crate) fn crds(&self) -> Vec<PathBuf> {
        self.servers.crds()
    }

    /// The folder of this control plane's files; `kubeconfig` in it names an administrator.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Runs kubectl.
    pub(crate) fn kubectl<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Answer {
        self.kubectl_with(&[], args)
    }

    /// The same with environment variables of its own.
    pub(crate) fn kubectl_with<A: AsRef<OsStr>>(
        &self,
        variables: &[(&str, OsString)],
        args: impl IntoIterator<Item = A>,
    ) -> Answer {
        let folder = self.scratch.path();
        let output = Command::new(self.servers.program("kubectl"))
            .args(args)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("KUBECONFIG", folder.join("kubeconfig"))
            .env("KUBECACHEDIR", folder.join("cache"))
            .env("HOME", folder)
            .stdin(Stdio::null())
            .output()
            .expect("kubectl runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Answer { ok: output.status.success(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs kubectl for something that cannot fail but by a fault of the test; gives what it printed.
    pub(crate) fn must<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        let args: Vec<_> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        let answer = self.kubectl(&args);
        assert!(answer.ok, "kubectl {args:?}: {:.2000}", answer.err);
        answer.out
    }

    /// Creates objects.
    pub(crate) fn create(&self, objects: Vec<Value>) {
        if objects.is_empty() {
            return;
        }
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let file = self.scratch.path().join("create.json");
        fs::write(&file, list.to_string()).unwrap();
        self.must(["create".as_ref(), "-f".as_ref(), file.as_os_str()]);
    }
}

pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("a free port"));
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn etcd_flags(client: u16, peer: u16) -> [String; 8] {
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    [
        "--data-dir=etcd".to_owned(),
        "--unsafe-no-fsync".to_owned(),
        "--log-level=warn".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ]
}

fn api_server_flags(etcd: u16, port: u16, site: &Site, without: &[&str]) -> Vec<String> {
    let mut flags = vec![
        format!("--etcd-servers=http://127.0.0.1:{etcd}"),
        format!("--secure-port={port}"),
        format!("--service-cluster-ip-range={}", site.services),
        format!("--service-node-port-range={}", site.node_ports),
    ];
    flags.extend(
        [
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            // An endpoint of the Service `kubernetes` must not be a loopback address.
            "--endpoint-reconciler-type=none",
            "--cert-dir=certificates",
            // The server's own key serves for tokens too: it is made before it is read here.
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=certificates/apiserver.crt",
            "--service-account-signing-key-file=certificates/apiserver.key",
            "--authorization-mode=RBAC",
            "--token-auth-file=tokens.csv",
            "--allow-privileged",
        ]
        .map(str::to_owned),
    );
    // It marks new nodes as not ready, and the controller that would take that back needs a kubelet.
    let without = ["TaintNodesByCondition"].iter().chain(without).copied().collect::<Vec<_>>();
    flags.push(format!("--disable-admission-plugins={}", without.join(",")));
    flags
}

/// The administrator's context `live`, and those of users without any right: `reader` and `nobody`.
fn kubeconfig(port: u16, tokens: &[String; 3]) -> String {
    let names = ["live", "reader", "nobody"];
    let each = |line: fn(&str, &str) -> String| -> String {
        names.iter().zip(tokens).map(|(name, token)| line(name, token)).collect()
    };
    let contexts =
        each(|name, _| format!("- {{name: {name}, context: {{cluster: live, user: {name}}}}}\n"));
    let users = each(|name, token| format!("- {{name: {name}, user: {{token: {token}}}}}\n"));
    format!(
        "apiVersion: v1\n\
         kind: Config\n\
         current-context: live\n\
         contexts:\n{contexts}\
         clusters: [{{name: live, cluster: {{server: \"https://127.0.0.1:{port}\", certificate-authority: certificates/apiserver.crt}}}}]\n\
         users:\n{users}"
    )
}
