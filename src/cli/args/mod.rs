//! What can be typed.

mod values;

pub(super) use values::{
    ColorArg, DenyArg, KindArg, OutputArg, SetArg, SourceArg, Target, VersionArg,
};

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::policy::Selector;

const EXAMPLES: &str = "Examples:
  gitopsc build                       render every environment into rendered/
  gitopsc build --check -e k3s        is the tree of k3s what the sources say?
  gitopsc check -e k3s                would the API server take what k3s renders?
  gitopsc check manifests/            would it take what is in these files?
  gitopsc budget k3s                  do quotas, layers and nodes hold what runs?
  gitopsc apps k3s                    which Applications will Argo CD make, of what?
  gitopsc render k3s/mlflow           one release on standard output
  gitopsc values k3s/mlflow           its values, each with the line it comes from
  gitopsc trace k3s deployment/mlflow /spec/replicas";

const CHECK_EXAMPLES: &str = "Examples:
  gitopsc check                         what every environment of the repository renders
  gitopsc check manifests/ pod.yaml     what is in these files
  helm template web | gitopsc check -   what another program writes
  gitopsc check --write-baseline FILE   accept what there is now,
  gitopsc check --baseline FILE         and see only what is new
  gitopsc explain port-invalid          what a finding means and how to mend it";

const DIFF_EXAMPLES: &str = "Examples:
  gitopsc diff                    what the work tree changes in the rendered trees
  gitopsc diff main...            what this branch changes, as a pull request shows it
  gitopsc diff v1..v2 -e k3s      what became of one environment between two revisions
  gitopsc diff old/ new/          what differs between the manifests in two directories";

/// A compiler for GitOps repositories: renders apps for environments into the tree that Argo CD
/// syncs.
#[derive(Debug, Parser)]
#[command(name = "gitopsc", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// The repository; the nearest directory upwards that has `environments/` if not set.
    #[arg(long, global = true, value_name = "DIR")]
    pub repo: Option<PathBuf>,

    /// How to write the result, and where to; may be repeated.
    ///
    /// Formats: `human` and `json`; of `build` and `check` also `concise`, `jsonl`, `sarif`, `junit`,
    /// `tap`, `github` and `gitlab`; of `budget` and `diff` also
    /// `markdown`, of `apps` also `mermaid`. One of them at most goes to standard output.
    #[arg(short = 'o', long = "output", global = true, value_name = "FORMAT[=FILE]")]
    pub output: Vec<OutputArg>,

    /// Only errors.
    #[arg(short = 'q', long, global = true)]
    pub quiet: bool,

    /// Whether to colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,

    /// Treat these as errors, and show them as such; may be repeated.
    #[arg(long, global = true, value_name = "WHAT")]
    pub deny: Vec<DenyArg>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render environments into their trees.
    Build(BuildArgs),
    /// Judge objects as the API server would: those of environments, rendered in memory, or those in
    /// any files.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Show what fits where: nodes, layers, namespaces, quotas, workloads.
    Budget(BudgetArgs),
    /// Show what Argo CD makes of an environment, or of any repository: from what a person applies
    /// down to each object.
    Apps(AppsArgs),
    /// Show which objects differ, and how: the work tree against a revision, two revisions, or two
    /// directories of any tool's manifests.
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Explain a check or another finding; without a name, list them.
    Explain {
        /// An id, the beginning of ids such as `port-*`, or a group such as `object`.
        #[arg(value_name = "ID")]
        name: Option<String>,
    },
    /// Print rendered manifests to standard output.
    Render {
        /// An environment, or one release of it.
        #[arg(value_name = "ENV[/APP]")]
        target: Target,
        /// Another value for this once, as YAML; may be repeated.
        #[arg(long, value_name = "PATH=VALUE")]
        set: Vec<SetArg>,
    },
    /// Print the merged values of a release, each with the place that it comes from.
    Values {
        /// A release of an environment.
        #[arg(value_name = "ENV/APP")]
        target: Target,
    },
    /// Show environments, layers and apps.
    List(Selection),
    /// Show where an object, or one field of it, comes from.
    Trace {
        /// The environment.
        #[arg(value_name = "ENV")]
        environment: String,
        /// The object: kind, `kind.group` or plain name of the kind in any case, and its name.
        #[arg(value_name = "KIND/NAME")]
        object: String,
        /// A field, as a JSON pointer.
        #[arg(value_name = "/JSON/POINTER")]
        pointer: Option<String>,
    },
    /// Print the JSON Schema of a configuration kind, or of what is printed.
    Schema {
        /// The kind.
        kind: KindArg,
    },
}

/// The environments that a command is about.
#[derive(Debug, clap::Args)]
pub struct Selection {
    /// Only this environment; may be repeated.
    #[arg(short = 'e', long = "env", value_name = "ENV")]
    pub environments: Vec<String>,
}

/// What `budget` is about.
#[derive(Debug, clap::Args)]
pub struct BudgetArgs {
    /// Environments, or files and directories that hold the manifests of one cluster; all
    /// environments if not set.
    #[arg(value_name = "ENV|PATH")]
    pub what: Vec<PathBuf>,
}

/// What `apps` is about.
#[derive(Debug, clap::Args)]
pub struct AppsArgs {
    /// An environment, or a file or directory with objects of Argo CD; all environments if not set,
    /// or else this directory.
    #[arg(value_name = "ENV|PATH")]
    pub what: Option<PathBuf>,
    /// The directory that holds the repository of a URL, for sources and git generators that name it;
    /// may be repeated.
    #[arg(long = "source", value_name = "URL=DIR")]
    pub sources: Vec<SourceArg>,
    /// What Argo CD knows from elsewhere.
    #[command(flatten)]
    pub known: KnownArgs,
}

/// What Argo CD knows from elsewhere than from repositories.
#[derive(Debug, clap::Args)]
pub struct KnownArgs {
    /// A YAML list of the clusters that Argo CD knows, each with `name`, `server` and, where they
    /// matter, `project`, `labels` and `annotations`; those in Secrets of the repository need not be
    /// in it.
    #[arg(long, value_name = "FILE")]
    pub clusters: Option<PathBuf>,
    /// The parameters that generators get from servers: a YAML map from `scmProvider`, `pullRequest`,
    /// `plugin` and `clusterDecisionResource` to a list of maps, which every generator of that kind
    /// then gives.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
}

/// What `diff` is about.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// A revision, which the work tree is held against (`HEAD` if not set); `A..B` for two of them;
    /// `A...B` for B against where it left A; or two files or directories.
    #[arg(value_name = "REV|PATH", num_args = 0..=2)]
    pub what: Vec<String>,
    /// Which environments to compare.
    #[command(flatten)]
    pub selection: Selection,
    /// Let the data of this object go: `k3s/PersistentVolumeClaim/data/minio`; may be repeated. A
    /// commit may say it, too: `Accept-Data-Loss: NAME` as the last line of its message.
    #[arg(long, value_name = "ENV/KIND/NAMESPACE/NAME")]
    pub accept_data_loss: Vec<String>,
    /// Exit with 1 where anything differs.
    #[arg(long)]
    pub exit_code: bool,
}

/// Options of `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Files or directories to judge, with no need of a repository; `-` is standard input.
    #[arg(value_name = "PATH", conflicts_with = "environments")]
    pub paths: Vec<PathBuf>,
    /// Which environments to judge.
    #[command(flatten)]
    pub selection: Selection,
    /// The version whose rules apply, 1.28 to 1.37; for files the newest if not set, for
    /// environments their own.
    #[arg(long, value_name = "VERSION")]
    pub kubernetes_version: Option<VersionArg>,
    /// A directory with more schemas of custom kinds: CustomResourceDefinitions, or JSON Schemas as
    /// `{group}/{kind}_{version}.json`; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub schemas: Vec<PathBuf>,
    /// What Argo CD knows from elsewhere.
    #[command(flatten)]
    pub known: KnownArgs,
    /// Treat it as an error where a file that may hold objects is not judged.
    #[arg(long, requires = "paths")]
    pub strict_files: bool,
    /// List what was not judged, with the reasons.
    #[arg(short = 'v', long, requires = "paths")]
    pub show_skipped: bool,
    /// What to show of what was found.
    #[command(flatten)]
    pub policy: PolicyArgs,
}

/// What to show of what was found.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which findings are shown")]
pub struct PolicyArgs {
    /// Only these checks: ids, beginnings of ids (`port-*`), groups (`object`); may be repeated. Of
    /// names under `--select` and `--ignore` the more specific wins.
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    pub select: Vec<Selector>,
    /// Not these checks; may be repeated.
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    pub ignore: Vec<Selector>,
    /// Show only what this file does not list; `--write-baseline` makes it.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// List in this file what there is now, so that `--baseline` shows only what is new.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub write_baseline: Option<PathBuf>,
}

/// Options of `build`.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// Which environments to build.
    #[command(flatten)]
    pub selection: Selection,
    /// Write nothing; exit with 1 where a tree is not what the sources say, naming the files.
    #[arg(long)]
    pub check: bool,
    /// Another URL of the repository, for forks and tests.
    #[arg(long, value_name = "URL")]
    pub repo_url: Option<String>,
    /// Another directory for the trees than `rendered/`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Args {
    /// Whether something is to be treated as an error.
    pub(super) fn denies(&self, what: DenyArg) -> bool {
        self.deny.contains(&what)
    }
}
