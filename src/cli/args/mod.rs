//! What can be typed.

mod examples;
mod values;

pub(super) use values::{
    CiArg, ClusterArg, ColorArg, DenyArg, KindArg, OutputArg, SetArg, SourceArg, Target,
    VersionArg, formats,
};

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::policy::Selector;

/// A compiler for GitOps repositories: renders apps for environments into the tree that Argo CD
/// syncs.
#[derive(Debug, Parser)]
#[command(name = "gitopsc", version, after_help = examples::ALL, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// The repository; the nearest directory upwards that has `environments/` if not set.
    #[arg(long, global = true, value_name = "DIR")]
    pub repo: Option<PathBuf>,

    /// How to write the result, and where to; may be repeated.
    ///
    /// Formats: `human` and `json`; of `build`, `check`, `publish` and `resolve` also `concise`, `jsonl`, `sarif`, `junit`,
    /// `tap`, `github` and `gitlab`; of `budget` and `diff` also
    /// `markdown`, of `diff` also `patch` and `html`, of `apps` also `mermaid`. One of them at most goes to standard output.
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
    /// Make a small repository to begin with: an environment, an app, hooks, a pipeline.
    #[command(after_help = examples::INIT)]
    Init(InitArgs),
    /// Render environments into their trees.
    #[command(after_help = examples::BUILD)]
    Build(BuildArgs),
    /// Judge objects as the API server would: those of environments, rendered in memory, or those in
    /// any files.
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Show what fits where: nodes, layers, namespaces, quotas, workloads.
    #[command(after_help = examples::BUDGET)]
    Budget(BudgetArgs),
    /// Show what Argo CD makes of an environment, or of any repository: from what a person applies
    /// down to each object.
    #[command(after_help = examples::APPS)]
    Apps(AppsArgs),
    /// Show which objects differ, and how: the work tree against a revision, two revisions, or two
    /// directories of any tool's manifests.
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Render environments and put their trees on a branch that Argo CD follows, in one commit.
    #[command(after_help = examples::PUBLISH)]
    Publish(PublishArgs),
    /// Render trees anew that git could not merge, and stage them.
    #[command(after_help = examples::RESOLVE)]
    Resolve,
    /// Explain a check or another finding; without a name, list them.
    #[command(after_help = examples::EXPLAIN)]
    Explain {
        /// An id, the beginning of ids such as `port-*`, or a group such as `object`.
        #[arg(value_name = "ID")]
        name: Option<String>,
    },
    /// Print rendered manifests to standard output.
    #[command(after_help = examples::RENDER)]
    Render {
        /// An environment, or one release of it.
        #[arg(value_name = "ENV[/APP]")]
        target: Target,
        /// Another value for this once, as YAML; may be repeated.
        #[arg(long, value_name = "PATH=VALUE")]
        set: Vec<SetArg>,
    },
    /// Print the merged values of a release, each with the place that it comes from.
    #[command(after_help = examples::VALUES)]
    Values {
        /// A release of an environment.
        #[arg(value_name = "ENV/APP")]
        target: Target,
    },
    /// Show environments, layers and apps.
    #[command(after_help = examples::LIST)]
    List(Selection),
    /// Show where an object, or one field of it, comes from.
    #[command(after_help = examples::TRACE)]
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
    /// Print what a shell needs to complete commands and options.
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual, or its page of one command, for `man`.
    #[command(after_help = examples::MAN)]
    Man {
        /// A command.
        command: Option<String>,
    },
    /// Print the JSON Schema of a configuration kind, or of what is printed.
    #[command(after_help = examples::SCHEMA)]
    Schema {
        /// The kind.
        kind: KindArg,
    },
}

/// The environments that a command is about.
#[derive(Debug, Default, clap::Args)]
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
    /// What Argo CD knows from elsewhere.
    #[command(flatten)]
    pub known: KnownArgs,
}

/// What Argo CD knows from elsewhere than from the files that are looked at.
#[derive(Debug, clap::Args)]
pub struct KnownArgs {
    /// The directory that holds the repository of a URL, for sources and git generators that name it;
    /// may be repeated.
    #[arg(long = "source", value_name = "URL=DIR")]
    pub sources: Vec<SourceArg>,
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
    /// `A...B` for B against where it left A; or two files or directories. With `--live` one
    /// environment, file or directory.
    #[arg(value_name = "REV|PATH|ENV", num_args = 0..=2)]
    pub what: Vec<String>,
    /// Which environments to compare.
    #[command(flatten)]
    pub selection: Selection,
    /// Let the data of this object go: `k3s/PersistentVolumeClaim/data/minio`; may be repeated. A
    /// commit may say it, too: `Accept-Data-Loss: NAME` as the last line of its message.
    #[arg(long, value_name = "ENV/KIND/NAMESPACE/NAME")]
    pub accept_data_loss: Vec<String>,
    /// Render both revisions anew instead of comparing the trees that git has, and tell errors of
    /// `check` that only the newer one has.
    #[arg(long, conflicts_with = "live")]
    pub render: bool,
    /// What was on the left and what is on the right, where the terminal (or `COLUMNS`) has 100 columns or
    /// more.
    #[arg(long)]
    pub side_by_side: bool,
    /// Exit with 1 where anything differs.
    #[arg(long)]
    pub exit_code: bool,
    /// The cluster, and what to ask of it.
    #[command(flatten)]
    pub live: LiveArgs,
}

/// What `diff` asks of a cluster.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The cluster")]
pub struct LiveArgs {
    /// Compare the rendered tree of an environment, or the manifests in a directory, with what the
    /// cluster has: by dry runs, which change nothing.
    #[arg(long)]
    pub live: bool,
    /// The context of kubeconfig; that of the environment if not set, else the current one.
    #[arg(long, value_name = "NAME", requires = "live")]
    pub context: Option<String>,
    /// Ask the cluster of `--context` although the environment names another.
    #[arg(long, requires = "context")]
    pub force_context: bool,
    /// Whose fields the applied ones would be.
    #[arg(long, value_name = "NAME", requires = "live", default_value = "argocd-controller")]
    pub field_manager: String,
    /// List what nobody owns in the namespaces of the tree, too.
    #[arg(long, requires = "live")]
    pub unowned: bool,
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

/// Options of `init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The directory; the current one if not set.
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// What the first environment is.
    #[arg(long, value_name = "KIND", default_value = "kubernetes")]
    pub cluster: ClusterArg,
    /// Where Argo CD will find the repository; the first remote of git if not set.
    #[arg(long, value_name = "URL")]
    pub repo_url: Option<String>,
    /// What runs the pipelines; known from the URL if not set.
    #[arg(long, value_name = "SERVER")]
    pub ci: Option<CiArg>,
}

/// Options of `build`.
#[derive(Debug, Default, clap::Args)]
pub struct BuildArgs {
    /// Which environments to build.
    #[command(flatten)]
    pub selection: Selection,
    /// Write nothing; exit with 1 where a tree is not what the sources say, naming the files.
    #[arg(long)]
    pub check: bool,
    /// Exit with 1 where a file had to be written or removed.
    #[arg(long)]
    pub exit_code: bool,
    /// Render what is staged, and stage the trees, for a hook that runs before a commit.
    #[arg(long, conflicts_with_all = ["check", "out"])]
    pub add: bool,
    /// Another URL of the repository, for forks and tests.
    #[arg(long, value_name = "URL")]
    pub repo_url: Option<String>,
    /// Another directory for the trees than `rendered/`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Options of `publish`.
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// Which environments to publish; the trees of others on the branch stay as they are.
    #[command(flatten)]
    pub selection: Selection,
    /// The branch; it is made where it does not exist.
    #[arg(long, value_name = "NAME", value_parser = values::branch)]
    pub branch: String,
    /// The repository that has the branch: a remote's name, a URL or a directory.
    #[arg(long, value_name = "REMOTE", default_value = "origin")]
    pub remote: String,
    /// Push nothing; say what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Publish although the sources have changes that are in no commit.
    #[arg(long)]
    pub allow_dirty: bool,
    /// Publish although the branch has trees of a newer commit.
    #[arg(long)]
    pub allow_older: bool,
}

impl Args {
    /// Whether something is to be treated as an error.
    pub(super) fn denies(&self, what: DenyArg) -> bool {
        self.deny.contains(&what)
    }
}
