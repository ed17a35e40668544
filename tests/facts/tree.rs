//! What can be seen of an environment from outside: its rendered tree, what `gitopsc list` says of it, and the notes
//! that a build makes.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use gitopsc::{
    cli::{self, Streams},
    source::Sources,
    yaml,
};
use serde_json::Value;

/// One environment as everybody can see it.
pub(crate) struct Seen {
    /// Files of the tree by path below `rendered/<environment>/`.
    pub(crate) files: BTreeMap<String, String>,
    objects: Vec<Arc<Vec<Value>>>,
    /// The compiled environment, as `gitopsc list -o json` prints it.
    pub(crate) environment: Value,
    /// Messages of a build that are notes.
    pub(crate) notes: Vec<String>,
}

impl Seen {
    /// Objects of this kind; `*` as namespace or name is any. Cluster-wide objects have the empty namespace.
    pub(crate) fn objects<'s>(
        &'s self,
        kind: &'s str,
        namespace: &'s str,
        name: &'s str,
    ) -> impl Iterator<Item = &'s Value> {
        let fits = |pattern: &str, text: &Value| {
            pattern == "*" || pattern == text.as_str().unwrap_or_default()
        };
        self.objects.iter().flat_map(|file| file.iter()).filter(move |object| {
            let metadata = &object["metadata"];
            fits(kind, &object["kind"])
                && fits(namespace, &metadata["namespace"])
                && fits(name, &metadata["name"])
        })
    }
}

/// The environments of the repository at `root` whose trees are in `trees`, all or only those named.
pub(crate) fn see(root: &Path, trees: &Path, findings: &Value, only: &[&str]) -> Vec<Seen> {
    let root = root.to_str().expect("a path in UTF-8");
    let mut arguments = vec!["list", "-o", "json", "--repo", root];
    arguments.extend(only.iter().flat_map(|name| ["-e", name]));
    let list = json(&arguments);
    let environments = list["environments"].as_array().expect("a list of environments");
    environments
        .iter()
        .map(|environment| {
            let name = environment["name"].as_str().expect("an environment has a name");
            let mut files = BTreeMap::new();
            collect(&trees.join(name), "", &mut files);
            let objects = files
                .iter()
                .filter(|(path, _)| path.ends_with(".yaml"))
                .map(|(path, text)| documents(path, text))
                .collect();
            let notes = findings["findings"].as_array().into_iter().flatten();
            let notes = notes
                .filter(|finding| {
                    let concerned = finding["environments"].as_array().into_iter().flatten();
                    finding["level"] == "note" && concerned.into_iter().any(|one| one == name)
                })
                .filter_map(|finding| finding["message"].as_str().map(str::to_owned))
                .collect();
            Seen { files, objects, environment: environment.clone(), notes }
        })
        .collect()
}

impl Seen {
    /// The environment's name.
    pub(crate) fn name(&self) -> &str {
        self.environment["name"].as_str().expect("an environment has a name")
    }
}

/// Runs the tool; its exit code and what it printed.
pub(crate) fn gitopsc(arguments: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams::plain(&mut out, &mut err);
    let code = cli::run(["gitopsc"].iter().chain(arguments).map(Into::into), &mut streams);
    assert!(code < 2, "gitopsc {arguments:?}: {}", String::from_utf8_lossy(&err));
    (code, String::from_utf8(out).expect("text in UTF-8"))
}

/// Runs the tool; the JSON that it printed.
pub(crate) fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&gitopsc(arguments).1).expect("JSON")
}

fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    let entries = fs::read_dir(directory).unwrap_or_else(|e| panic!("{directory:?}: {e}"));
    for entry in entries.map(Result::unwrap) {
        let path = format!("{prefix}{}", entry.file_name().to_str().expect("a name in UTF-8"));
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).expect("a text file"));
        }
    }
}

/// The documents of a file. Most files of a changed tree are as they were, so that each text is read once.
pub(crate) fn documents(path: &str, text: &str) -> Arc<Vec<Value>> {
    static READ: OnceLock<Mutex<HashMap<String, Arc<Vec<Value>>>>> = OnceLock::new();
    let read = READ.get_or_init(Mutex::default);
    if let Some(known) = read.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
        return Arc::clone(known);
    }
    let file = Sources::default().add(path, text);
    let parsed = yaml::read(file, text);
    let faults: Vec<_> = parsed.faults.iter().map(|fault| &fault.message).collect();
    assert!(faults.is_empty(), "{path}: {faults:?}");
    let nodes = parsed.documents.into_iter().filter_map(|document| document.node);
    let values = Arc::new(nodes.map(|node| yaml::to_json(&node)).collect::<Vec<_>>());
    read.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), values.clone());
    values
}
