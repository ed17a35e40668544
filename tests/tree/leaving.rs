//! Apps that go: in two steps, or with a warning.

use serde_json::Value;

use crate::site::{APP, CONFIG, Site, findings, ids};
use crate::support::files;

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

/// A file of manifests whose object holds data.
fn gone(file: &str) -> String {
    format!("data-vanished rendered/e/manifests/{file}.yaml")
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
    let layer = "layer-vanished rendered/e/argocd/projects/other.yaml".to_owned();
    expect(&site, &[vanished("other"), layer, gone("cluster/cluster/namespace-of-other")]);
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
    site.replace("apps/b/app.yaml", "layer: other", "layer: l");
    site.replace(ENVIRONMENT, "of-other: {layer: other}", "of-other: {layer: l}");
    expect(&site, &[]);
}

/// The project that it comes to does not permit the namespace in which its objects run.
#[test]
fn an_app_that_moves_to_another_layer_and_namespace() {
    let site = site();
    site.write("apps/b/app.yaml", APP);
    refused(&site, &["permission-too-early environments/e/environment.yaml:11"]);
}

/// An error: the tree stays.
#[track_caller]
fn refused(site: &Site, errors: &[&str]) {
    let before = files(&site.path().join("rendered/e"));
    for run in [site.check(), site.build()] {
        assert_eq!((run.code, ids(&run)), (1, errors.iter().map(ToString::to_string).collect()));
    }
    assert_eq!(files(&site.path().join("rendered/e")), before);
}

const VOLUME: &str = "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {}
";

#[test]
fn objects_that_hold_data() {
    let site = site();
    site.write("apps/a/volume.yaml", VOLUME);
    let definition = VOLUME.replace(
        "v1\nkind: PersistentVolumeClaim",
        "apiextensions.k8s.io/v1\nkind: CustomResourceDefinition",
    );
    site.write("apps/a/definition.yaml", definition.replace("data}", "data.x.test}"));
    site.replace(ENVIRONMENT, "  l: {}", "  l: {permissions: {cluster: [apiextensions.k8s.io/*]}}");
    expect(&site, &[]);
    site.replace(ENVIRONMENT, "more: {layer: l}", "more: {layer: l, existing: true}");
    for path in ["apps/a/volume.yaml", "apps/a/definition.yaml"] {
        std::fs::remove_file(site.path().join(path)).unwrap();
    }
    let found = findings(&site.check());
    expect(
        &site,
        &[
            gone("cluster/cluster/namespace-more"),
            gone("l/a/customresourcedefinition.apiextensions.k8s.io-data.x.test"),
            gone("l/a/persistentvolumeclaim-data"),
        ],
    );
    let help = |name: &str| {
        let of = |finding: &&Value| finding["message"].as_str().unwrap().contains(name);
        found.iter().find(of).unwrap()["help"].as_str().unwrap().to_owned()
    };
    let approval = "kubectl -n argocd annotate --overwrite application e-cluster ";
    assert!(help("Namespace/more").contains(approval), "{}", help("Namespace/more"));
    let volume = help("PersistentVolumeClaim/data");
    assert!(volume.contains("annotate persistentvolumeclaim/data -n ns "), "{volume}");
    assert!(help("data.x.test").contains("kubectl delete crd data.x.test"));
}

/// The first step of taking an app away says itself what becomes of its data.
#[test]
fn data_of_an_app_that_leaves() {
    let site = site();
    site.write("apps/a/volume.yaml", VOLUME);
    expect(&site, &[]);
    site.replace(ENVIRONMENT, "  a: {}", "  a: {state: absent}");
    expect(&site, &[]);
}

#[test]
fn a_permission_that_goes_with_the_last_object() {
    let site = site();
    let job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: job}\nspec: {}\n";
    let kinds = |list: &str| format!("  l: {{permissions: {{namespaced: [{list}]}}}}");
    let (both, one) = (kinds("ConfigMap, batch/CronJob"), kinds("ConfigMap"));
    site.write("apps/a/job.yaml", job);
    site.replace(ENVIRONMENT, "  l: {}", &both);
    expect(&site, &[]);
    std::fs::remove_file(site.path().join("apps/a/job.yaml")).unwrap();
    site.replace(ENVIRONMENT, &both, &one);
    refused(&site, &["permission-too-early environments/e/environment.yaml:6"]);
    // An app that leaves as a whole needs its permissions as well.
    site.replace(ENVIRONMENT, "  a: {}", "  a: {state: absent}");
    refused(&site, &["permission-too-early environments/e/environment.yaml:6"]);
    site.replace(ENVIRONMENT, &one, &both);
    expect(&site, &[]);
    site.replace(ENVIRONMENT, &both, &one);
    expect(&site, &[]);
}

#[test]
fn a_namespace_that_goes_with_the_last_object() {
    let site = site();
    let more = CONFIG.replace("name: c", "name: c\n  namespace: more");
    site.write("apps/a/more.yaml", more);
    site.replace(ENVIRONMENT, "more: {layer: l}", "more: {layer: l, existing: true}");
    expect(&site, &[gone("cluster/cluster/namespace-more")]);
    std::fs::remove_file(site.path().join("apps/a/more.yaml")).unwrap();
    site.replace(ENVIRONMENT, "  more: {layer: l, existing: true}\n", "");
    refused(&site, &["permission-too-early environments/e/environment.yaml:8"]);
    site.replace(ENVIRONMENT, "  ns: {layer: l}", "  ns: {layer: l}\n  more: {existing: true}");
    refused(&site, &["permission-too-early environments/e/environment.yaml:10"]);
}

/// What is in a namespace goes with it.
#[test]
fn a_namespace_that_goes_with_all_that_is_in_it() {
    let site = site();
    let more = CONFIG.replace("name: c", "name: c\n  namespace: more");
    site.write("apps/a/more.yaml", more);
    expect(&site, &[]);
    std::fs::remove_file(site.path().join("apps/a/more.yaml")).unwrap();
    site.replace(ENVIRONMENT, "  more: {layer: l}\n", "");
    expect(&site, &[gone("cluster/cluster/namespace-more")]);
}

#[test]
fn an_app_that_gives_up_its_chart() {
    let site = site();
    site.write("apps/chart/app.yaml", APP);
    site.write("apps/chart/c.yaml", CONFIG.replace("name: c", "name: chart"));
    let warning = "chart-vanished rendered/e/argocd/applicationsets/l.yaml".to_owned();
    assert_eq!(ids(&site.check()), [warning]);
    site.write("apps/chart/app.yaml", format!("{APP}syncOptions: [Prune=confirm]\n"));
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
