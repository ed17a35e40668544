//! `gitopsc init`: a repository to begin with.

mod address;

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::json;

use super::Streams;
use super::args::{Args, BuildArgs, CiArg, ClusterArg, InitArgs};
use super::build;
use crate::model::secret::without_password;
use crate::source::{Sources, Span};
use crate::world::git::GitRepository;
use crate::world::{Disk, World, current_directory, is_directory, make_directory};
use crate::yaml::{emit, from_json};

/// Files that every beginning has; those of `applicationsets/` are this project's own.
const FILES: [(&str, &str); 13] = [
    ("apps/hello/app.yaml", include_str!("starter/app.yaml")),
    ("apps/hello/config-map.yaml", include_str!("starter/config-map.yaml")),
    ("apps/hello/deployment.yaml", include_str!("starter/deployment.yaml")),
    ("apps/hello/service.yaml", include_str!("starter/service.yaml")),
    ("apps/hello/values.schema.json", include_str!("starter/values.schema.json")),
    ("applicationsets/cluster.yaml", include_str!("../../../applicationsets/cluster.yaml")),
    (
        "applicationsets/applications.yaml",
        include_str!("../../../applicationsets/applications.yaml"),
    ),
    (
        "applicationsets/_lib/application.yaml",
        include_str!("../../../applicationsets/_lib/application.yaml"),
    ),
    ("applicationsets/_lib/patch.yaml", include_str!("../../../applicationsets/_lib/patch.yaml")),
    ("applicationsets/_lib/set.yaml", include_str!("../../../applicationsets/_lib/set.yaml")),
    (".pre-commit-config.yaml", include_str!("starter/pre-commit-config.yaml")),
    (".gitignore", "/rendered/.gitopsc-*\n"),
    (".gitattributes", "/rendered/** -text\n"),
];

const ENVIRONMENT: &str = include_str!("starter/environment.yaml");

/// What differs between clusters: the environment's name, what it says of itself, the distribution's
/// name, the context that its own tools make, and how many pods the example runs.
struct Cluster {
    name: &'static str,
    description: &'static str,
    distribution: &'static str,
    context: &'static str,
    replicas: u32,
}

impl ClusterArg {
    fn cluster(self) -> Cluster {
        match self {
            Self::Minikube => Cluster {
                name: "minikube",
                description: "One machine for trying things",
                distribution: "minikube",
                context: "minikube",
                replicas: 1,
            },
            Self::K3s => Cluster {
                name: "k3s",
                description: "A small cluster that stays",
                distribution: "k3s",
                context: "default",
                replicas: 1,
            },
            Self::Kubernetes => Cluster {
                name: "production",
                description: "A cluster of several nodes",
                distribution: "kubernetes",
                context: "production",
                replicas: 2,
            },
        }
    }
}

/// Writes the files, none of which may be there, and builds the tree.
pub(super) fn run(args: &Args, wanted: &InitArgs, streams: &mut Streams<'_>) -> anyhow::Result<u8> {
    let here = current_directory().context("the current directory cannot be read")?;
    let directory = wanted.directory.as_deref().map_or(here.clone(), |below| here.join(below));
    let repository = GitRepository::around(nearest(&directory));
    let origin = repository.as_ref().and_then(GitRepository::origin);
    let Some(url) = wanted.repo_url.clone().or(origin) else {
        bail!(
            "Argo CD must know where the repository will be: name it with --repo-url, or add a \
             remote to git first"
        );
    };
    if let Some(why) = address::fault(&url) {
        bail!(
            "`{}` is nothing that Argo CD could clone: {why}; name the repository with --repo-url, as \
             `https://git.example.com/acme/platform.git`",
            without_password(&url)
        );
    }
    if GitRepository::keeps(nearest(&directory)) {
        bail!(
            "`{}` is where git keeps a repository: make a clone of it, and begin there",
            directory.display()
        );
    }
    let branch = repository.as_ref().and_then(GitRepository::branch);
    let branch = branch.unwrap_or_else(|| "main".to_owned());
    let (above, name) = make_directory(&directory)
        .with_context(|| format!("cannot make `{}`", directory.display()))?;
    let world = Disk::new(&above.join(&name));
    let top = repository.as_ref().map(|it| it.path_of(world.root())).unwrap_or_default();
    if !top.is_empty() && wanted.ci.is_some_and(|ci| !matches!(ci, CiArg::None)) {
        bail!("`--ci` makes files that work at the top of a repository alone, and not in `{top}`");
    }
    let known = world.directories("environments").context("cannot list `environments/`")?;
    if let Some(name) = known.first() {
        bail!(
            "nothing is written, since there is a repository of gitopsc already: another environment \
             is a file `environments/NAME/environment.yaml` beside `{name}`"
        );
    }
    // What every repository may have is left as it is.
    let (there, files): (Vec<_>, Vec<_>) = files(wanted, &without_password(&url), &branch, &top)
        .into_iter()
        .partition(|(path, _)| is_shared(path) && world.exists(path));
    let taken: Vec<String> =
        files.iter().filter_map(|(path, _)| in_the_way(&world, path)).collect();
    if !taken.is_empty() {
        bail!("nothing is written, since there is already `{}`", taken.join("`, `"));
    }
    for (path, text) in &files {
        world.write(path, text.as_bytes()).with_context(|| format!("cannot write `{path}`"))?;
    }
    for (path, _) in &files {
        writeln!(streams.out, "  {path}")?;
    }
    for (path, text) in &there {
        match text.trim_end() {
            line if !line.contains('\n') => {
                writeln!(streams.out, "  {path} is there and stays; add to it: {line}")?;
            }
            _ => writeln!(streams.out, "  {path} is there and stays")?,
        }
    }
    if !top.is_empty() {
        writeln!(
            streams.out,
            "  no hooks and no pipeline: they work at the top of a repository alone, and this is `{top}`"
        )?;
    }
    writeln!(streams.out)?;
    let code = build::run(world, args, &BuildArgs::default(), streams)?;
    if code != 0 {
        return Ok(code);
    }
    let environment = wanted.cluster.cluster().name;
    writeln!(
        streams.out,
        "\nNext:\n  1. read environments/{environment}/environment.yaml, and state what is true of \
         your cluster\n  2. gitopsc check, then commit all and push it to `{branch}` of {url}\n  \
         3. follow rendered/{environment}/bootstrap/README.md once: Argo CD does the rest",
        url = without_password(&url),
    )?;
    Ok(code)
}

/// A text as YAML, in quotes where it could be read as something else.
fn scalar(text: &str) -> String {
    let nowhere = Span::new(Sources::default().add_name("init"), 0..0);
    emit(&from_json(&json!(text), nowhere)).trim_end().to_owned()
}

/// Whether a file is one that repositories have for other reasons, too.
fn is_shared(path: &str) -> bool {
    ["apps/", "applicationsets/", "environments/"].iter().all(|own| !path.starts_with(own))
}

/// What is there in the place of a file: itself, or something else than a directory above it.
fn in_the_way(world: &Disk, path: &str) -> Option<String> {
    if world.exists(path) {
        return Some(path.to_owned());
    }
    let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
    let is_no_directory =
        |above: &&str| world.exists(above) && !is_directory(&world.root().join(above));
    world.link_above(path).or_else(|| above.find(is_no_directory).map(str::to_owned))
}

/// The nearest directory upwards that is there.
fn nearest(directory: &Path) -> &Path {
    directory.ancestors().find(|above| crate::world::is_directory(above)).unwrap_or(directory)
}

/// The files to be made, by their paths.
fn files(wanted: &InitArgs, url: &str, branch: &str, top: &str) -> Vec<(String, String)> {
    let cluster = wanted.cluster.cluster();
    let replicas = cluster.replicas.to_string();
    // Argo CD counts paths from the top of the repository.
    let path = match top {
        "" => String::new(),
        top => format!("  path: {}\n", json!(format!("{top}rendered"))),
    };
    let (url, branch) = (scalar(url), scalar(branch));
    let fill = |text: &str| {
        let pairs = [
            ("@DESCRIPTION@", cluster.description),
            ("@DISTRIBUTION@", cluster.distribution),
            ("@CONTEXT@", cluster.context),
            ("@REPOSITORY@", &url),
            ("@BRANCH@", &branch),
            ("@PATH@", &path),
            ("@REPLICAS@", &replicas),
        ];
        pairs.iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
    };
    let mut files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let environment = format!("environments/{}/environment.yaml", cluster.name);
    files.push((environment, fill(ENVIRONMENT)));
    let (github, gitlab) =
        (include_str!("starter/github.yml"), include_str!("starter/gitlab-ci.yml"));
    if !top.is_empty() {
        files.retain(|(path, _)| path != ".pre-commit-config.yaml");
    }
    match wanted.ci.unwrap_or_else(|| CiArg::of(&url)) {
        _ if !top.is_empty() => {}
        CiArg::Github => files.push((".github/workflows/gitops.yml".to_owned(), fill(github))),
        CiArg::Gitlab => files.push((".gitlab-ci.yml".to_owned(), fill(gitlab))),
        CiArg::None => {}
    }
    files.sort();
    files
}

impl CiArg {
    /// The one of the server that a URL leads to.
    fn of(url: &str) -> Self {
        match url {
            _ if url.contains("github") => Self::Github,
            _ if url.contains("gitlab") => Self::Gitlab,
            _ => Self::None,
        }
    }
}
