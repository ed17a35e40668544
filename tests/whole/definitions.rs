//! Custom kinds that the cluster has before anything is applied to it.

use gitopsc::check::whole;

use crate::cluster::{shop, told_apart};
use crate::support::whole as clusters;

/// The kinds that nothing defines, of an object of this kind beside this Kubernetes.
fn undefined(kubernetes: &str, rest: &str, kind: &str) -> Vec<String> {
    let (version, kind) = kind.rsplit_once('/').unwrap_or_default();
    let text = shop("one: {cpu: 4, memory: 8Gi}", &format!("layers: {{web: {{}}}}\n{rest}"));
    let text = text.replace(
        "kubernetes: {version: '1.36'}",
        &format!("kubernetes: {{version: '1.36'{kubernetes}}}"),
    ) + &format!(
        "---\n# apps/web/one.yaml\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: one}}\nspec: {{}}\n"
    );
    let (cluster, _) = clusters::environment(&clusters::repository(&text), "example");
    let all = whole::check(&cluster).findings.into_iter();
    all.filter(|it| it.id == "definition-missing").map(|it| it.message).collect()
}

#[test]
fn a_distribution_brings_definitions() {
    let k3s = ", distribution: k3s";
    let without = ", distribution: k3s, disabled: [traefik]";
    let existing =
        "existing: {apiextensions.k8s.io/CustomResourceDefinition: [traefik.io/Middleware]}";
    // Each is told in the first environment, and not in the second.
    let cases = [
        ("helm.cattle.io/v1/HelmChart", ("", ""), (k3s, "")),
        ("helm.cattle.io/v1/HelmChartConfig", ("", ""), (without, "")),
        ("k3s.cattle.io/v1/Addon", (", distribution: kind", ""), (k3s, "")),
        ("k3s.cattle.io/v1/ETCDSnapshotFile", (", distribution: minikube", ""), (k3s, "")),
        ("traefik.io/v1alpha1/Middleware", (without, ""), (k3s, "")),
        ("traefik.io/v1alpha1/Middleware", (without, ""), (without, existing)),
        ("traefik.containo.us/v1alpha1/IngressRoute", ("", ""), (k3s, "")),
    ];
    for (kind, broken, mended) in &cases {
        assert_eq!(undefined(broken.0, broken.1, kind).len(), 1, "{kind} beside {broken:?}");
        assert_eq!(undefined(mended.0, mended.1, kind), [""; 0], "{kind} beside {mended:?}");
    }
    told_apart(cases.len());
}

/// Who says what Argo CD follows has its kinds, and no others of their group.
#[test]
fn argo_cd_brings_definitions() {
    for kind in ["Application", "ApplicationSet", "AppProject"] {
        let kind = format!("argoproj.io/v1alpha1/{kind}");
        assert_eq!(undefined("", "", &kind), [""; 0], "{kind}");
    }
    let found = undefined("", "", "argoproj.io/v1alpha1/Rollout");
    assert_eq!(found, ["nothing defines `Rollout` of `argoproj.io`"]);
}
