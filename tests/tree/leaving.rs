//! Apps that go: in two steps, or with a warning.

use crate::site::{APP, CONFIG, Site, ids};

const ENVIRONMENT: &str = "environments/e/environment.yaml";
const CHART: &str = "\
chart: {repoURL: https://charts.test, name: web, version: 1.0.0}
footprint: {workloads: {}}
";

/// Three apps in two layers, one of them only a chart.
fn site() -> Site {
    let site = Site::new();
    site.write("apps/b/app.yaml", APP.replace("layer: l", "layer: other"));
    site.write("apps/b/b.yaml", CONFIG.replace("name: c", "name: b"));
    site.write("apps/chart/app.yaml", format!("{APP}{CHART}"));
    site.replace(ENVIRONMENT, "more: {layer: l}", "more: {layer: l}\n  of-other: {layer: other}");
    site.replace("apps/b/app.yaml", "namespace: ns", "namespace: of-other");
    site.replace(ENVIRONMENT, "  a: {}", "  a: {}\n  b: {}\n  chart: {}");
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()), "{}", run.out);
    site
}

fn vanished(set: &str) -> String {
    format!("app-vanished rendered/e/argocd/applicationsets/{set}.yaml")
}

/// Both commands say the same, and the build only once: then the old set is gone.
#[track_caller]
fn expect(site: &Site, warnings: &[String]) {
    assert_eq!(ids(&site.check()), warnings);
    assert_eq!(ids(&site.build()), warnings);
    assert_eq!(ids(&site.build()), Vec::<String>::new());
}

#[test]
fn an_app_with_manifests() {
    let site = site();
    site.replace(ENVIRONMENT, "  b: {}\n", "");
    expect(&site, &[vanished("other")]);
}

#[test]
fn an_app_that_is_only_a_chart() {
    let site = site();
    site.replace(ENVIRONMENT, "\n  chart: {}", "");
    expect(&site, &[vanished("l")]);
}

#[test]
fn a_layer_with_all_its_apps() {
    let site = site();
    site.replace(ENVIRONMENT, "  b: {}\n", "");
    site.replace(ENVIRONMENT, "  other: {}\n", "");
    site.replace(ENVIRONMENT, "\n  of-other: {layer: other}", "");
    expect(&site, &[vanished("other")]);
}

#[test]
fn an_app_that_goes_in_two_steps() {
    let site = site();
    site.replace(ENVIRONMENT, "  b: {}", "  b: {state: absent}");
    expect(&site, &[]);
    assert!(site.exists("rendered/e/manifests/other/b/ABSENT.md"));
    site.replace(ENVIRONMENT, "  b: {state: absent}\n", "");
    expect(&site, &[]);
    assert!(!site.exists("rendered/e/manifests/other/b"));
}

#[test]
fn an_app_that_moves_to_another_layer() {
    let site = site();
    site.write("apps/b/app.yaml", APP);
    expect(&site, &[]);
}

/// A chart's objects cannot be marked one by one, so its Application asks before it prunes any.
#[test]
fn a_chart_asks_before_anything_of_it_goes() {
    let options = |site: &Site| {
        let set = site.read("rendered/e/argocd/applicationsets/l.yaml");
        let element = set.split("name: chart\n").nth(1).unwrap().to_owned();
        let options = element.split("syncOptions:").nth(1).unwrap().to_owned();
        options.split("ignoreDifferences").next().unwrap().split_whitespace().collect::<String>()
    };
    let site = site();
    assert_eq!(options(&site), "-Prune=confirm-Delete=confirm");
    site.replace(ENVIRONMENT, "  chart: {}", "  chart: {state: absent}");
    expect(&site, &[]);
    assert_eq!(options(&site), "-Prune=confirm-Delete=confirm");
    let text = site.read("rendered/e/manifests/l/chart/ABSENT.md");
    let approval = "kubectl -n argocd annotate --overwrite application e-chart ";
    assert!(text.contains(approval), "{text}");
    site.write("apps/chart/app.yaml", format!("{APP}{CHART}syncOptions: [Prune=false]\n"));
    assert_eq!(site.build().code, 0);
    assert_eq!(options(&site), "-Prune=false-Delete=confirm");
}
