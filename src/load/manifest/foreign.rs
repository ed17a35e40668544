//! What other tools read in the form of Kubernetes' objects, and files that are theirs by name.

use crate::model::{GroupKind, is_native};

/// API groups of configuration files; those below them too.
const GROUPS: [&str; 25] = [
    "admission.k8s.io",
    "audit.k8s.io",
    "backstage.io",
    "chainsaw.kyverno.io",
    "cli.kyverno.io",
    "client.authentication.k8s.io",
    "config.k8s.io",
    "config.kubernetes.io",
    "credentialprovider.kubelet.k8s.io",
    "ctlptl.dev",
    "eksctl.io",
    "fn.kpt.dev",
    "gitopsc.dev",
    "imagepolicy.k8s.io",
    "k0sctl.k0sproject.io",
    "k3d.io",
    "kops.k8s.io",
    "kpt.dev",
    "krew.googlecontainertools.github.com",
    "kubeadm.k8s.io",
    "kuttl.dev",
    "meta.pkg.crossplane.io",
    "tanka.dev",
    "testing.k8s.io",
    "viaduct.ai",
];

/// API groups of configuration files beside others that clusters have.
const EXACT_GROUPS: [&str; 8] = [
    "apiserver.k8s.io",
    "imgpkg.carvel.dev",
    "kapp.k14s.io",
    "kbld.k14s.io",
    "kind.x-k8s.io",
    "kustomize.config.k8s.io",
    "vendir.k14s.io",
    "ytt.k14s.io",
];

/// What Kubernetes itself has in its groups and no server stores.
const MESSAGES: [(&str, &str); 8] = [
    ("", "Config"),
    ("", "Status"),
    ("", "DeleteOptions"),
    ("", "APIGroup"),
    ("", "APIGroupList"),
    ("", "APIVersions"),
    ("", "APIResourceList"),
    ("apiextensions.k8s.io", "ConversionReview"),
];

/// Whether no cluster has such objects: a kind of a tool that writes its files as Kubernetes does.
pub(super) fn is_foreign(api_version: &str, kind: &str) -> bool {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    if GROUPS.iter().any(|known| is_below(group, known)) || EXACT_GROUPS.contains(&group) {
        return true;
    }
    if MESSAGES.contains(&(group, kind)) {
        return true;
    }
    // Plugins of kustomize stand in the core group, or in one that is no domain.
    let is_plugin = ["Generator", "Transformer", "Validator"].iter().any(|end| kind.ends_with(end));
    if is_plugin && matches!(group, "" | "builtin") {
        return true;
    }
    // The groups of custom kinds are domains, and the core group has one version: other words are
    // those of tools, unless the kind shows that it is a mistake.
    let is_odd = if group.is_empty() { version != "v1" } else { !group.contains('.') };
    is_odd && !is_native_group(group) && !is_native_kind(kind)
}

fn is_below(group: &str, parent: &str) -> bool {
    group.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_native_group(group: &str) -> bool {
    matches!(group, "apps" | "autoscaling" | "batch" | "extensions" | "policy")
}

pub(super) fn is_native_kind(kind: &str) -> bool {
    let groups = ["", "apps", "autoscaling", "batch", "policy", "networking.k8s.io"];
    groups.iter().any(|group| is_native(&GroupKind::new(group, kind))) || kind.ends_with("List")
}

/// Whether a file is another tool's by its name.
pub(super) fn is_tool_file(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let known = [
        "action",
        "appveyor",
        "azure-pipelines",
        "bitbucket-pipelines",
        "buf",
        "buf.gen",
        "cloudbuild",
        "codecov",
        "compose",
        "composer",
        "cspell",
        "deno",
        "devspace",
        "docker-compose",
        "galaxy",
        "fleet",
        "garden",
        "helmfile",
        "jsconfig",
        "jsonnetfile",
        "lerna",
        "mkdocs",
        "netlify",
        "nx",
        "openapi",
        "package",
        "package-lock",
        "playbook",
        "pnpm-lock",
        "pnpm-workspace",
        "pubspec",
        "renovate",
        "serverless",
        "site",
        "skaffold",
        "swagger",
        "taskfile",
        "tsconfig",
        "turbo",
        "vercel",
        "werf",
    ];
    let prefixes =
        ["compose.", "docker-compose", "playbook", "tsconfig.", "taskfile.", "renovate."];
    // Programs keep their settings in files with a dot.
    name.starts_with('.')
        || known.contains(&stem)
        || prefixes.iter().any(|prefix| stem.starts_with(prefix))
        || stem.ends_with(".schema")
        || stem.ends_with(".gitlab-ci")
}

/// Whether a file holds patches by its name, or by that of its directory.
pub(super) fn is_patch_file(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let is_word = |word: &str| matches!(word, "patch" | "patches");
    name.split(['-', '_', '.']).any(is_word) || parts.next().is_some_and(is_word)
}

/// Whether a file holds the values of a chart by its name.
pub(super) fn is_values_file(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.split(['-', '_', '.']).any(|word| word == "values") || stem == "values.schema"
}

#[cfg(test)]
mod tests {
    use super::{is_foreign, is_patch_file, is_tool_file, is_values_file};

    #[test]
    fn kinds_of_tools() {
        for (version, kind) in [
            ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
            ("kustomize.config.k8s.io/v1alpha1", "Component"),
            ("kind.x-k8s.io/v1alpha4", "Cluster"),
            ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"),
            ("vendir.k14s.io/v1alpha1", "Config"),
            ("backstage.io/v1alpha1", "Component"),
            ("v1", "Config"),
            ("v1", "HelmChartInflationGenerator"),
            ("builtin", "PatchTransformer"),
            ("skaffold/v4beta6", "Config"),
            ("v1alpha1", "HostnameConfig"),
            ("audit.k8s.io/v1", "Policy"),
            ("gitopsc.dev/v1alpha1", "App"),
        ] {
            assert!(is_foreign(version, kind), "{version} {kind}");
        }
        for (version, kind) in [
            ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema"),
            ("kappctrl.k14s.io/v1alpha1", "App"),
            ("v1", "Pod"),
            ("v1", "Pdo"),
            ("v1", "ConfigMap"),
            ("v2", "Deployment"),
            ("apps/v1", "Deploymet"),
            ("app/v1", "Deployment"),
            ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
            ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
            ("generators.external-secrets.io/v1alpha1", "ClusterGenerator"),
            ("cluster.x-k8s.io/v1beta1", "Cluster"),
            ("config.gatekeeper.sh/v1alpha1", "Config"),
            ("config.openshift.io/v1", "OAuth"),
        ] {
            assert!(!is_foreign(version, kind), "{version} {kind}");
        }
    }

    #[test]
    fn files_of_tools() {
        for path in [
            "a/.gitlab-ci.yml",
            "a/.eslintrc.json",
            "docker-compose.prod.yaml",
            "Taskfile.yml",
            "tsconfig.json",
        ] {
            assert!(is_tool_file(path), "{path}");
        }
        assert!(!is_tool_file("a/deployment.yaml") && !is_tool_file("deployment-compose.yaml"));
        for path in ["values.yaml", "a/values-prod.yaml", "prod.values.yml", "my_values.yaml"] {
            assert!(is_values_file(path), "{path}");
        }
        assert!(!is_values_file("valuesets.yaml"));
        for path in ["patch.yaml", "a/web-patch.yaml", "patches/web.yaml", "web.patch.json"] {
            assert!(is_patch_file(path), "{path}");
        }
        assert!(!is_patch_file("dispatch.yaml") && !is_patch_file("patches/a/b.yaml"));
    }
}
