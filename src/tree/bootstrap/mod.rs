//! What a person needs before Argo CD runs.

mod distribution;
mod entry;
mod secrets;

use std::fmt::Write as _;

use super::OWNER;
use crate::config::Distribution;
use crate::load::Repo;
use crate::model::Quantity;
use crate::render::Rendered;
use crate::resolve::Environment;

/// How Argo CD names the cluster that it runs in.
const IN_CLUSTER: &str = "in-cluster";
/// The namespace that Argo CD's own manifests name.
const ARGOCD_NAMESPACE: &str = "argocd";

/// The files of `bootstrap/`, by name.
pub(super) fn files(
    environment: &Environment,
    repo: &Repo,
    rendered: &[Rendered],
) -> Vec<(String, String)> {
    let mut files = vec![("README.md".to_owned(), readme(environment, repo, rendered))];
    if distribution_of(environment) == Distribution::K3s {
        files.extend(distribution::k3s_configs(environment));
    }
    files
}

fn distribution_of(environment: &Environment) -> Distribution {
    environment.spec.kubernetes.as_ref().and_then(|k| k.distribution).unwrap_or_default()
}

/// The context that reaches the cluster.
fn context(environment: &Environment) -> &str {
    let cluster = environment.spec.cluster.as_ref();
    cluster.and_then(|cluster| cluster.context.as_deref()).unwrap_or(&environment.name)
}

fn readme(environment: &Environment, repo: &Repo, rendered: &[Rendered]) -> String {
    let spec = &environment.spec;
    let name = &environment.name;
    let context = context(environment);
    let mut text = format!(
        "<!-- {OWNER} from environments/{name}/environment.yaml; changes made here are lost. -->\n\
         # From an empty cluster to a synced `{name}`\n\n"
    );
    if let Some(description) = &spec.description {
        let _ = writeln!(text, "{}\n", description.trim());
    }
    notes(&mut text, environment, repo);
    text.push_str("## 2. The cluster\n\n");
    match distribution_of(environment) {
        Distribution::Minikube => distribution::minikube(&mut text, environment, context),
        Distribution::K3s => distribution::k3s(&mut text, environment),
        Distribution::Kind | Distribution::Kubernetes => {
            let version = spec.kubernetes.as_ref().and_then(|k| k.version.as_deref());
            let _ = writeln!(
                text,
                "Kubernetes {} with the networks that environment.yaml states.\n",
                version.unwrap_or("of your choice")
            );
        }
    }
    let _ = writeln!(
        text,
        "Every command below asks the context `{context}`:\n\n\
         ```console\n$ kubectl config use-context {context}\n```\n"
    );
    argocd(&mut text, environment);
    secrets::write(&mut text, environment, rendered);
    let _ = write!(
        text,
        "## 5. The root\n\n\
         One command, once. From then on Argo CD follows `{}` of {}.\n\n\
         ```console\n$ kubectl apply --server-side -f {}/{name}/root.yaml\n```\n\n\
         The root makes the projects and sets, the sets their Applications. Nothing orders layers: \
         what comes before its namespace or its CRD fails at first and is tried again.\n\n\
         ```console\n$ kubectl -n {} get applications\n```\n",
        environment.revision(),
        environment.repo_url(),
        environment.rendered_path(),
        environment.argocd_namespace(),
    );
    entry::write(&mut text, environment, rendered);
    text
}

fn argocd(text: &mut String, environment: &Environment) {
    let namespace = environment.argocd_namespace();
    text.push_str("## 3. Argo CD\n\n");
    let spec = &environment.spec;
    let destination = spec.cluster.as_ref().and_then(|cluster| cluster.destination.as_deref());
    if let Some(destination) = destination.filter(|name| *name != IN_CLUSTER) {
        let _ = writeln!(
            text,
            "It runs in another cluster and reaches this one as `{destination}`. With the context \
             of the cluster that Argo CD runs in:\n\n\
             ```console\n$ argocd cluster add {} --name {destination}\n```\n",
            context(environment)
        );
        return;
    }
    let argocd = spec.gitops.as_ref().and_then(|g| g.argocd.clone()).unwrap_or_default();
    let url = format!(
        "https://raw.githubusercontent.com/argoproj/argo-cd/{}/manifests/install.yaml",
        git_ref(argocd.version.as_deref())
    );
    let _ = writeln!(text, "```console\n$ kubectl create namespace {namespace}");
    let apply = format!("kubectl apply --server-side --namespace {namespace} --filename");
    if namespace == ARGOCD_NAMESPACE {
        let _ = writeln!(text, "$ {apply} {url}\n```\n");
    } else {
        // Its cluster role bindings name the namespace of their subjects.
        let _ = writeln!(
            text,
            "$ curl -fsSL {url} |\n    sed 's/namespace: argocd$/namespace: {namespace}/' |\n    \
             {apply} -\n```\n",
        );
    }
    if let Some(memory) = argocd.memory {
        let none = |cpu: &Quantity| cpu.milli_value() == 0;
        let cpu = argocd.cpu.filter(|cpu| !none(cpu)).map(|cpu| format!(" and {cpu} CPU"));
        let cpu = cpu.unwrap_or_default();
        let _ = writeln!(
            text,
            "{memory} of memory{cpu} are set aside for it, out of the environment's buffer.\n",
        );
    }
    let _ = writeln!(
        text,
        "A private repository needs its credentials:\n\n\
         ```console\n$ kubectl config set-context --current --namespace {namespace}\n\
         $ argocd login --core\n$ argocd repo add {} --username USER --password PASSWORD\n```\n",
        environment.repo_url()
    );
}

/// The tag or branch of Argo CD's repository that has a version: releases have three numbers.
fn git_ref(version: Option<&str>) -> String {
    let Some(version) = version else { return "stable".to_owned() };
    let version = version.strip_prefix('v').unwrap_or(version);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match version.split('.').collect::<Vec<_>>()[..] {
        [major, minor] if is_number(major) && is_number(minor) => format!("release-{version}"),
        [major, ..] if is_number(major) => format!("v{version}"),
        _ => version.to_owned(),
    }
}

/// What the apps themselves say that one should know, for example what a node needs.
fn notes(text: &mut String, environment: &Environment, repo: &Repo) {
    text.push_str("## 1. What to know of the apps\n\n");
    let apps: std::collections::BTreeSet<&str> =
        environment.releases.iter().map(|release| release.app.as_str()).collect();
    let mut any = false;
    for name in apps {
        if let Some(note) = repo.apps.get(name).and_then(|app| app.spec.note.as_deref()) {
            let _ = writeln!(text, "- `{name}`: {}", note.trim());
            any = true;
        }
    }
    text.push_str(if any { "\n" } else { "Nothing.\n\n" });
}
