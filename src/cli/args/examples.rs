//! What stands under the help of each command. `tests/cli.rs` runs those that need nothing else than
//! this repository.

pub(super) const ALL: &str = "Examples:
  gitopsc build                       render every environment into rendered/
  gitopsc build --check -e k3s        is the tree of k3s what the sources say?
  gitopsc check -e k3s                would the API server take what k3s renders?
  gitopsc check manifests/            would it take what is in these files?
  gitopsc budget k3s                  do quotas, layers and nodes hold what runs?
  gitopsc apps k3s                    which Applications will Argo CD make, of what?
  gitopsc render k3s/mlflow           one release on standard output
  gitopsc values k3s/mlflow           its values, each with the line it comes from
  gitopsc trace k3s deployment/mlflow /spec/replicas";

pub(super) const INIT: &str = "Examples:
  gitopsc init --cluster k3s     in a repository of git that has a remote
  gitopsc init platform --repo-url https://git.example.com/acme/platform.git";

pub(super) const BUILD: &str = "Examples:
  gitopsc build                  render every environment into rendered/
  gitopsc build -e k3s           only this one
  gitopsc build --check          is every tree what the sources say? for pipelines
  gitopsc build --add            render what is staged, and stage the trees
  gitopsc build --out ../trees   write elsewhere, and leave rendered/ as it is";

pub(super) const CHECK: &str = "Examples:
  gitopsc check                         what every environment of the repository renders
  gitopsc check manifests/ pod.yaml     what is in these files
  helm template web | gitopsc check -   what another program writes
  gitopsc check --write-baseline FILE   accept what there is now,
  gitopsc check --baseline FILE         and see only what is new
  gitopsc explain port-invalid          what a finding means and how to mend it";

pub(super) const BUDGET: &str = "Examples:
  gitopsc budget                          every environment
  gitopsc budget k3s -o markdown          one, as a table for a page
  gitopsc budget manifests/               what is in these files, as one cluster
  gitopsc budget k3s -o json=budget.json  for programs";

pub(super) const APPS: &str = "Examples:
  gitopsc apps k3s                      one environment, from its root down
  gitopsc apps k3s -o mermaid=k3s.mmd   the same as a picture
  gitopsc apps argocd/ --source https://git.example.com/acme/apps.git=../apps";

pub(super) const DIFF: &str = "Examples:
  gitopsc diff                    what the work tree changes in the rendered trees
  gitopsc diff main...            what this branch changes, as a pull request shows it
  gitopsc diff v1..v2 -e k3s      what became of one environment between two revisions
  gitopsc diff old/ new/          what differs between the manifests in two directories
  gitopsc diff --live k3s         what a sync of the rendered tree would change in its cluster
  gitopsc diff --live manifests/ --context minikube";

pub(super) const PUBLISH: &str = "Examples:
  gitopsc publish --branch deploy                  every environment, on the branch `deploy` of origin
  gitopsc publish --branch deploy --dry-run        what would that change?
  gitopsc publish -e k3s --branch main --remote git@git.example.com:acme/rendered.git";

pub(super) const RESOLVE: &str = "Examples:
  git merge topic        stops at conflicts: merge the sources, and `git add` them
  gitopsc resolve        render the trees anew from them, and stage these
  git merge --continue";

pub(super) const EXPLAIN: &str = "Examples:
  gitopsc explain                 all findings, each on a line
  gitopsc explain port-invalid    what one means and how to mend it
  gitopsc explain 'port-*'        those whose ids begin so";

pub(super) const RENDER: &str = "Examples:
  gitopsc render k3s                                 all manifests of an environment
  gitopsc render k3s/mlflow                          those of one release
  gitopsc render k3s/mlflow --set workers=2          with another value, this once
  gitopsc render k3s/mlflow | gitopsc check -        for other programs";

pub(super) const VALUES: &str = "Examples:
  gitopsc values k3s/mlflow           each value with the line it comes from
  gitopsc values k3s/mlflow -o json   for programs";

pub(super) const LIST: &str = "Examples:
  gitopsc list           every environment with its layers and apps
  gitopsc list -e k3s    only this one
  gitopsc list -o json   for programs";

pub(super) const TRACE: &str = "Examples:
  gitopsc trace k3s deployment/mlflow                  which templates and values make it
  gitopsc trace k3s deployment/mlflow /spec/replicas   who says this field
  gitopsc trace k3s deployment.apps/mlflow             where several groups have the kind";

pub(super) const COMPLETIONS: &str = "Examples:
  gitopsc completions bash > ~/.local/share/bash-completion/completions/gitopsc
  gitopsc completions zsh > ~/.zfunc/_gitopsc
  gitopsc completions fish > ~/.config/fish/completions/gitopsc.fish";

pub(super) const MAN: &str = "Examples:
  gitopsc man | man -l -
  gitopsc man check > gitopsc-check.1";

pub(super) const SCHEMA: &str = "Examples:
  gitopsc schema app > app.json   for an editor's completion
  gitopsc schema environment      every field of `environment.yaml`";
