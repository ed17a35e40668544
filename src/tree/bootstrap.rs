//! What a person needs before Argo CD runs.

use std::fmt::Write as _;

use super::{OWNER, distribution};
use crate::config::{Distribution, SecretProvider};
use crate::load::Repo;
use crate::model::Quantity;
use crate::render::{Rendered, RequiredSecret};
use crate::resolve::Environment;

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

fn readme(environment: &Environment, repo: &Repo, rendered: &[Rendered]) -> String {
    let spec = &environment.spec;
    let name = &environment.name;
    let context = spec.cluster.as_ref().and_then(|cluster| cluster.context.as_deref());
    let context = context.unwrap_or(name);
    let mut text = format!(
        "<!-- {OWNER} from environments/{name}/environment.yaml; changes made here are lost. -->\n\
         # From an empty cluster to a synced `{name}`\n\n"
    );
    if let Some(description) = &spec.description {
        let _ = writeln!(text, "{}\n", description.trim());
    }
    text.push_str("## 1. The cluster\n\n");
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
    secrets(&mut text, environment, rendered);
    notes(&mut text, environment, repo);
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
    entry(&mut text, environment);
    text
}

fn argocd(text: &mut String, environment: &Environment) {
    let namespace = environment.argocd_namespace();
    let argocd =
        environment.spec.gitops.as_ref().and_then(|g| g.argocd.clone()).unwrap_or_default();
    let version = argocd.version.unwrap_or_else(|| "stable".to_owned());
    let tag = if version.starts_with(|c: char| c.is_ascii_digit()) {
        format!("v{version}")
    } else {
        version
    };
    let _ = writeln!(
        text,
        "## 2. Argo CD\n\n\
         ```console\n$ kubectl create namespace {namespace}\n\
         $ kubectl apply --server-side --namespace {namespace} --filename \
         https://raw.githubusercontent.com/argoproj/argo-cd/{tag}/manifests/install.yaml\n```\n"
    );
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
        "A private repository needs its credentials: `argocd repo add {}`.\n",
        environment.repo_url()
    );
}

fn secrets(text: &mut String, environment: &Environment, rendered: &[Rendered]) {
    let all: Vec<&RequiredSecret> = rendered.iter().flat_map(|output| &output.secrets).collect();
    text.push_str("## 3. Secrets\n\n");
    if all.is_empty() {
        text.push_str("None.\n\n");
        return;
    }
    let provider = environment.spec.secrets.as_ref().and_then(|s| s.provider).unwrap_or_default();
    match provider {
        SecretProvider::ExternalSecrets => {
            text.push_str(
                "The tree holds an ExternalSecret for each of these; their values must be in the \
                 store:\n\n",
            );
            for secret in all {
                let keys: Vec<_> = secret.keys.iter().map(|(key, _)| format!("`{key}`")).collect();
                let _ = writeln!(
                    text,
                    "- `{}/{}`: {} ({})",
                    secret.namespace,
                    secret.name,
                    keys.join(", "),
                    secret.description
                );
            }
            text.push('\n');
            return;
        }
        SecretProvider::SealedSecrets => {
            text.push_str(
                "The tree holds a SealedSecret for each that an app needs; the controller that \
                 opens them has to run, with the key that sealed them.\n\n",
            );
            return;
        }
        SecretProvider::Existing => {}
    }
    text.push_str(
        "The tree holds none and expects these to exist. Their namespaces are made by the tree \
         later, so make them now; nothing is lost when Argo CD takes them over.\n\n```console\n",
    );
    let namespaces: std::collections::BTreeSet<_> =
        all.iter().map(|secret| secret.namespace.as_str()).collect();
    for namespace in namespaces {
        let _ = writeln!(text, "$ kubectl create namespace {namespace}");
    }
    text.push_str("```\n");
    for secret in all {
        let _ = write!(
            text,
            "\n`{}` in `{}`: {}\n\n```console\n$ kubectl --namespace {} create secret generic {}",
            secret.name, secret.namespace, secret.description, secret.namespace, secret.name
        );
        if secret.secret_type != "Opaque" {
            let _ = write!(text, " --type={}", secret.secret_type);
        }
        for (key, meaning) in &secret.keys {
            // The shell ends a quoted text at the next quote, so one inside is written as `'\\''`.
            let meaning = meaning.replace('\'', r"'\''");
            let _ = write!(text, " \\\n    --from-literal={key}='<{meaning}>'");
        }
        text.push_str("\n```\n");
    }
    text.push('\n');
}

/// What the apps themselves say that one should know, for example what a node needs.
fn notes(text: &mut String, environment: &Environment, repo: &Repo) {
    text.push_str("## 4. What to know of the apps\n\n");
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

/// The way in from outside, where the environment states one.
fn entry(text: &mut String, environment: &Environment) {
    let Some(entry) = &environment.spec.entry else { return };
    let hosts = entry.hosts.clone().unwrap_or_default();
    let host = |name: &str| match hosts.get(name).cloned().flatten() {
        Some(address) => format!("{name} ({address})"),
        None => name.to_owned(),
    };
    text.push_str("\n## 6. The way in\n");
    let forwards = entry.router.as_ref().and_then(|router| router.forwards.clone());
    if let Some(forwards) = forwards {
        text.push_str(
            "\nOn the router, forward:\n\n| port | to | its port |\n| --- | --- | --- |\n",
        );
        for forward in forwards {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                forward.port,
                host(&forward.host),
                forward.target_port.unwrap_or(forward.port)
            );
        }
    }
    if let Some(proxy) = &entry.reverse_proxy {
        let on = proxy.host.as_deref().map(host).unwrap_or_default();
        let _ = write!(
            text,
            "\nOn {on}, let the reverse proxy pass on:\n\n| host name | to |\n| --- | --- |\n"
        );
        for (_, rule) in proxy.rules.iter().flatten() {
            let Some(rule) = rule else { continue };
            let port = rule.port.map(|port| format!(":{port}")).unwrap_or_default();
            let to = rule.address.as_deref().unwrap_or_default();
            let assigned = environment.assigned_address(to).unwrap_or(to);
            let host = rule.host.as_deref().unwrap_or_default();
            let _ = writeln!(text, "| {host} | {assigned}{port} |");
        }
    }
    let forwards = entry.port_forwards.iter().flatten();
    for (name, forward) in forwards.filter_map(|(name, forward)| Some((name, forward.as_ref()?))) {
        let (Some(namespace), Some(service), Some(port)) =
            (&forward.namespace, &forward.service, forward.port)
        else {
            continue;
        };
        let local = forward.local_port.unwrap_or(port);
        let _ = write!(
            text,
            "\n`{name}` on http://localhost:{local}:\n\n\
             ```console\n$ kubectl --namespace {namespace} port-forward service/{service} {local}:{port}\n```\n"
        );
    }
}
