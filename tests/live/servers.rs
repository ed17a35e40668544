//! Where the servers are: `KUBEBUILDER_ASSETS`, the cache of `tests/servers/build.sh`, or built now.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PROGRAMS: [&str; 7] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
    "argocd",
    "miniredis",
];
const ARGO_CD_CRDS: &str = "argo-cd-crds";
const ARGO_CD_CONFIG: &str = "argo-cd-config";

/// Folders that hold the servers' programs, the first one that has a program wins.
pub(crate) struct Servers {
    folders: Vec<PathBuf>,
}

impl Servers {
    /// The path of a program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.find(name).unwrap_or_else(|| panic!("`{name}` was there a moment ago"))
    }

    /// CustomResourceDefinitions of others whose objects the trees hold.
    pub(crate) fn crds(&self) -> Vec<PathBuf> {
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crds");
        let argo_cd = self.program(ARGO_CD_CRDS);
        let entries = [argo_cd, ours].map(|folder| folder.read_dir().expect("a readable folder"));
        let mut files: Vec<_> = entries.into_iter().flatten().map(|e| e.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
        files.sort();
        files
    }

    /// Argo CD's own ConfigMaps and Secret.
    pub(crate) fn argo_cd_config(&self) -> PathBuf {
        self.program(ARGO_CD_CONFIG)
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| path.exists())
    }

    fn missing(&self) -> Vec<&'static str> {
        let all = PROGRAMS.into_iter().chain([ARGO_CD_CRDS, ARGO_CD_CONFIG]);
        all.filter(|name| self.find(name).is_none()).collect()
    }
}

/// Finds the servers or builds those that are missing; says why it cannot.
pub(crate) fn find() -> Result<Servers, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/build.sh");
    let assets = env::var_os("KUBEBUILDER_ASSETS").filter(|folder| !folder.is_empty());
    let mut folders: Vec<_> = assets.map(PathBuf::from).into_iter().collect();
    folders.push(run(Command::new("sh").arg(&script).arg("--print"))?.into());
    let servers = Servers { folders };
    let missing = servers.missing();
    if missing.is_empty() {
        return Ok(servers);
    }
    let names = missing.join(", ");
    run(Command::new("go").arg("version"))
        .map_err(|why| format!("{names} must be built, and there is no Go ({why})"))?;
    super::say(format_args!("building {names}, once; this takes minutes"));
    run(Command::new("sh").arg(&script).args(&missing))
        .map_err(|why| format!("{} failed: {why}", script.display()))?;
    Ok(servers)
}

/// The last line that a command prints.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(output.status.to_string());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned())
}
