//! Directories that a hydrator takes for what they are not, as any source does.

use super::{HERE, URL, application, config, file, told};

/// What is told of an Application whose hydrator reads `apps/web`, by a dry source that says more.
fn of(id: &str, more: &str, files: &[String]) -> Vec<String> {
    let source = format!(
        "sourceHydrator: {{drySource: {{repoURL: '{URL}', path: apps/web, targetRevision: HEAD{more}}}, \
         syncSource: {{targetBranch: next, path: web}}}}"
    );
    let text = application("web", "default", "path: none", HERE);
    let stated = format!("source: {{repoURL: \"{URL}\", path: none}}");
    assert!(text.contains(&stated), "{text}");
    let all = [file("root.yaml", &text.replace(&stated, &source))];
    told(&[&all[..], &[config("apps/web/config.yaml", "web")], files].concat(), id)
}

#[test]
fn a_kustomization_that_a_dry_source_overrules() {
    let id = "kustomization-overruled";
    let kustomization = |path: &str| {
        let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization";
        file(path, &format!("{head}\nresources: [config.yaml]"))
    };
    let here = [kustomization("apps/web/kustomization.yaml")];
    let below = [kustomization("apps/web/base/kustomization.yaml")];
    let applied = |path: &str| [format!("Argo CD applies `{path}` to the cluster, as an object")];
    // Nothing is taken out of a dry source, and a block that says nothing names the tool as well.
    for block in
        [", directory: {recurse: true}", ", directory: {recurse: false}", ", directory: {}"]
    {
        assert_eq!(of(id, block, &here), applied("apps/web/kustomization.yaml"), "{block}");
    }
    let recurses = ", directory: {recurse: true}";
    assert_eq!(of(id, recurses, &below), applied("apps/web/base/kustomization.yaml"));
    let none = Vec::<String>::new();
    assert_eq!(of(id, "", &here), none);
    assert_eq!(of(id, "", &below), none);
    assert_eq!(of(id, ", kustomize: {}", &here), none);
    assert_eq!(of(id, ", directory: {exclude: kustomization.yaml}", &here), none);
    assert_eq!(of(id, recurses, &[]), none);
}

#[test]
fn a_directory_that_a_dry_source_takes_for_a_chart() {
    let id = "chart-mistaken";
    let named = [config("apps/web/settings-Chart.yaml", "settings")];
    let once = ["Argo CD takes the directory for a chart because of `settings-Chart.yaml`"];
    assert_eq!(of(id, "", &named), once);
    let chart = |name| file(name, "apiVersion: v2\nname: web\nversion: 1.0.0");
    let lost =
        ["Argo CD takes the directory for a chart, and `apps/web/config.yaml` counts for nothing"];
    assert_eq!(of(id, "", &[chart("apps/web/Chart.yaml")]), lost);
    let none = Vec::<String>::new();
    assert_eq!(of(id, ", directory: {recurse: true}", &named), none);
    assert_eq!(of(id, "", &[config("apps/web/settings.yaml", "settings")]), none);
    let whole = [chart("apps/web/Chart.yaml"), config("apps/web/templates/config.yaml", "web")];
    assert_eq!(of(id, "", &whole), none);
}
