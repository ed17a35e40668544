//! Objects that state what their kind does not have, and kinds that nobody knows.

use serde_json::Value;

use crate::site::{CONFIG, Site, refused};

const ROLE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: web
  namespace: web
rules: []
";

fn permit(site: &Site, cluster: &str, namespaced: &str) {
    let declared = format!("cluster: [{cluster}]\n      namespaced: [{namespaced}]");
    let path = "environments/one/environment.yaml";
    site.replace(path, "namespaced: [ConfigMap, Service]", &declared);
}

/// What is wrong in the files of the app.
fn ids(json: &Value) -> Vec<String> {
    let findings = json["findings"].as_array().unwrap().iter();
    let of_app =
        |one: &&Value| one["place"]["file"].as_str().is_some_and(|f| f.contains("apps/web"));
    let told = findings.filter(of_app).filter(|one| one["level"] != "note");
    told.map(|one| format!("{} {}", one["id"].as_str().unwrap(), one["place"]["line"])).collect()
}

#[test]
fn namespaces_of_what_has_none_are_dropped() {
    let site = Site::new();
    permit(&site, "rbac.authorization.k8s.io/ClusterRole", "ConfigMap");
    site.write("apps/web/role.yaml", ROLE);
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(ids(&run.json()), ["namespace-ignored 5"]);
    let tree = site.tree_of_one();
    let path = "manifests/main/web/clusterrole.rbac.authorization.k8s.io-web.yaml";
    let written = String::from_utf8(tree[path].clone()).unwrap();
    assert!(!written.contains("namespace:"), "{written}");
}

#[test]
fn a_namespace_gives_what_has_none_no_permission() {
    refused(
        |site| site.write("apps/web/role.yaml", ROLE),
        "permission-missing",
        "environments/one/environment.yaml:7",
        "permissions.cluster",
    );
}

#[test]
fn objects_that_differ_in_a_namespace_that_they_lack_are_one() {
    refused(
        |site| {
            permit(site, "rbac.authorization.k8s.io/ClusterRole", "ConfigMap");
            let other = ROLE.replace("  namespace: web\n", "");
            site.write("apps/web/role.yaml", format!("{ROLE}---\n{other}"));
        },
        "object-twice",
        "apps/web/role.yaml:11",
        "",
    );
}

#[test]
fn kinds_that_nobody_knows_lack_no_permission() {
    let site = Site::new();
    permit(&site, "", "ConfigMap, example.org/Thing");
    let thing = "apiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: web\n";
    site.write("apps/web/thing.yaml", thing);
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    assert_eq!(ids(&run.json()), ["scope-unknown 2"]);
    assert!(!run.out.contains("permission-unused"), "{}", run.out);
}

#[test]
fn kinds_that_another_app_defines_wait_for_it() {
    let site = Site::new();
    permit(&site, "", "\"*/*\"");
    for kind in ["CronWorkflow", "AppProject"] {
        let object = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: web\n  namespace: web\n"
        );
        site.write(&format!("apps/web/{}.yaml", kind.to_lowercase()), object);
    }
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    let tree = site.tree_of_one();
    let skips = |kind: &str| {
        let path = format!("manifests/main/web/{kind}.argoproj.io-web.yaml");
        String::from_utf8_lossy(&tree[&path]).contains("SkipDryRunOnMissingResource=true")
    };
    assert!(skips("cronworkflow") && !skips("appproject"));
}

#[test]
fn labels_of_any_version_are_valid() {
    let site = Site::new();
    site.replace("apps/web/app.yaml", "version: \"1.0\"", "version: 1.2.3+build");
    site.write("apps/web/config.yaml", CONFIG.replace("data: ", "x: ${{ labels() }}\ndata: "));
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    let written = &site.tree_of_one()["manifests/main/web/configmap-web.yaml"];
    let written = String::from_utf8_lossy(written);
    assert_eq!(written.matches("1.2.3_build").count(), 2, "{written}");
    assert!(!written.contains('+'), "{written}");
}

#[test]
fn the_scope_of_a_kind_may_come_from_another_app() {
    let site = Site::new();
    permit(&site, "apiextensions.k8s.io/CustomResourceDefinition", "ConfigMap, acme.test/Foo");
    site.replace("environments/one/environment.yaml", "  web: {}\n", "  web: {}\n  op: {}\n");
    site.write(
        "apps/op/app.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: App\nlayer: main\nnamespace: web\n",
    );
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  \
                      name: foos.acme.test\nspec:\n  group: acme.test\n  names: {kind: Foo, plural: foos}\n  \
                      scope: Namespaced\n";
    site.write("apps/op/crd.yaml", definition);
    let object = "apiVersion: acme.test/v1\nkind: Foo\nmetadata:\n  name: web\n";
    site.write("apps/web/foo.yaml", object);
    let run = site.build();
    assert_eq!((run.code, ids(&run.json())), (0, Vec::new()), "{}", run.out);
    let written = &site.tree_of_one()["manifests/main/web/foo.acme.test-web.yaml"];
    let written = String::from_utf8_lossy(written);
    assert!(written.contains("  namespace: web\n"), "{written}");
    // It is another release that defines the kind, so the order of syncs is open.
    assert!(written.contains("SkipDryRunOnMissingResource=true"), "{written}");
}

#[test]
fn a_name_that_the_server_would_make() {
    let object = CONFIG.replace("  name:", "  generateName:");
    refused(
        |site| site.write("apps/web/config.yaml", &object),
        "object-incomplete",
        "apps/web/config.yaml:2",
        "metadata.name",
    );
}

#[test]
fn lists_of_lists_are_their_items() {
    let site = Site::new();
    let empty = "apiVersion: v1\nkind: List\nitems:\n";
    let one = "{apiVersion: v1, kind: ConfigMap, metadata: {name: deep}}";
    let inner = format!("{{apiVersion: v1, kind: List, items: [{one}]}}");
    site.write(
        "apps/web/list.yaml",
        format!("{empty}---\napiVersion: v1\nkind: List\nitems: [{inner}]\n"),
    );
    let run = site.build();
    assert_eq!((run.code, ids(&run.json())), (0, Vec::new()), "{}", run.out);
    assert!(site.tree_of_one().contains_key("manifests/main/web/configmap-deep.yaml"));
}
