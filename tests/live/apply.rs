//! Applies a tree as Argo CD does: server-side, strictly, as `argocd-controller`.

use std::{
    collections::BTreeSet,
    fmt, fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use crate::{plane::ControlPlane, site::Site};

/// How long the control plane may take for its own housekeeping.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file that the server refused, with the server's words.
#[derive(Debug)]
pub(crate) struct Refusal {
    file: PathBuf,
    words: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.words)
    }
}

/// What became of a tree.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) objects: usize,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) warnings: BTreeSet<String>,
}

/// Applies the definitions of others, then the root, the Argo CD objects and the manifests of a tree.
///
/// What others need comes first, and quotas are counted before a pod could slip through; those last that call a
/// program which does not run here.
pub(crate) fn tree(plane: &ControlPlane, tree: &Path, site: &Site) -> Applied {
    let definitions = batch(plane, Path::new("/"), &plane.crds());
    assert!(definitions.refusals.is_empty(), "{:?}", definitions.refusals);

    let mut files = vec![tree.join("root.yaml")];
    collect(&tree.join("argocd"), &mut files);
    collect(&tree.join("manifests"), &mut files);
    let mut batches: [Vec<PathBuf>; 6] = Default::default();
    for file in files {
        let turn = match kinds(&file).first().map_or("", String::as_str) {
            "CustomResourceDefinition" => 0,
            "Namespace" => 1,
            "LimitRange" | "PriorityClass" | "ResourceQuota" | "ServiceAccount"
            | "StorageClass" => 2,
            "APIService" => 4,
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration" => 5,
            _ => 3,
        };
        batches[turn].push(file);
    }
    let mut applied = Applied::default();
    for (turn, files) in batches.into_iter().enumerate() {
        if turn == 3 {
            site.add_storage_classes(plane);
            wait_for_foundations(plane);
        }
        let next = batch(plane, tree, &files);
        applied.objects += next.objects;
        applied.refusals.extend(next.refusals);
        applied.warnings.extend(next.warnings);
        if turn == 0 {
            applied.refusals.extend(unestablished(plane));
        }
    }
    applied
}

/// Waits until the server serves every kind that it was given; gives those that it does not.
pub(crate) fn unestablished(plane: &ControlPlane) -> Vec<Refusal> {
    let template = "{{range .items}}{{.metadata.name}}{{range .status.conditions}} \
                    {{.type}}={{.status}} {{.message}}{{end}}{{\"\\n\"}}{{end}}";
    let open = open_rows(plane, "customresourcedefinitions", template, " Established=True");
    let refusal = |row: String| match row.split_once(' ') {
        Some((name, why)) => Refusal { file: name.into(), words: why.to_owned() },
        None => Refusal { file: row.into(), words: "is not served".to_owned() },
    };
    open.into_iter().map(refusal).collect()
}

/// Waits for what pods are measured by: every quota counted, in every namespace the default service account.
fn wait_for_foundations(plane: &ControlPlane) {
    let quotas =
        "{{range .items}}{{.metadata.name}} {{if .status.hard}}counted{{end}}{{\"\\n\"}}{{end}}";
    let open = open_rows(plane, "resourcequotas", quotas, " counted");
    assert!(open.is_empty(), "nobody counts the quotas {open:?}");
    let namespaces = plane.must(["get", "namespaces", "--output=name"]).lines().count();
    let mut accounts = vec!["get", "serviceaccounts", "--all-namespaces", "--output=name"];
    accounts.push("--field-selector=metadata.name=default");
    let start = Instant::now();
    while plane.must(&accounts).lines().count() < namespaces {
        assert!(start.elapsed() < PATIENCE, "nobody makes the default service accounts");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The rows of a go-template over every object of a kind that lack a mark, once there are none or time is up.
fn open_rows(plane: &ControlPlane, kind: &str, template: &str, mark: &str) -> Vec<String> {
    let output = format!("--output=go-template={template}");
    let start = Instant::now();
    loop {
        let printed = plane.must(["get", kind, "--all-namespaces", &output]);
        let open: Vec<_> =
            printed.lines().filter(|l| !l.contains(mark)).map(str::to_owned).collect();
        if open.is_empty() || start.elapsed() > PATIENCE {
            return open;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Every YAML file under a folder, in order; a folder that is not there has none.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else { return };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            files.push(path);
        }
    }
}

/// The kinds of a file's objects. As text: the tree's reader must not have a say in its own judgement.
fn kinds(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let kinds = text.lines().filter_map(|line| line.strip_prefix("kind: "));
    kinds.map(|kind| kind.trim().to_owned()).collect()
}

/// Applies many files at once, and where something is wrong each by itself: kubectl names the file of some faults only.
fn batch(plane: &ControlPlane, root: &Path, files: &[PathBuf]) -> Applied {
    let mut applied = Applied::default();
    for files in files.chunks(500) {
        let expected: usize = files.iter().map(|file| kinds(file).len().max(1)).sum();
        if let Ok((objects, warnings)) = apply(plane, files)
            && objects == expected
        {
            applied.objects += objects;
            applied.warnings.extend(warnings);
            continue;
        }
        for file in files {
            let words = match apply(plane, std::slice::from_ref(file)) {
                Ok((0, _)) => "no object in it".to_owned(),
                Ok((objects, warnings)) => {
                    applied.objects += objects;
                    applied.warnings.extend(warnings);
                    continue;
                }
                Err(words) => words,
            };
            let file = file.strip_prefix(root).unwrap_or(file).to_owned();
            applied.refusals.push(Refusal { file, words });
        }
    }
    applied
}

/// How many objects the server took and what it warned of, or what it said against them.
fn apply(plane: &ControlPlane, files: &[PathBuf]) -> Result<(usize, Vec<String>), String> {
    let flags =
        ["apply", "--server-side", "--validate=strict", "--field-manager=argocd-controller"];
    let mut args: Vec<_> = flags.iter().map(Into::into).collect();
    for file in files {
        args.extend(["-f".into(), file.clone().into_os_string()]);
    }
    let answer = plane.kubectl(args);
    if !answer.ok {
        return Err(answer.err.trim().to_owned());
    }
    let objects = answer.out.lines().filter(|l| l.ends_with(" serverside-applied")).count();
    let warnings = answer.err.lines().filter_map(|l| l.strip_prefix("Warning: "));
    Ok((objects, warnings.map(str::to_owned).collect()))
}
