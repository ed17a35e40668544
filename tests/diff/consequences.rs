//! What changes bring about.

use gitopsc::diff::{Beside, changes};
use gitopsc::schema::{Definitions, NEWEST, pack};

use crate::objects::snapshot;

pub(crate) fn told(before: &str, after: &str) -> Vec<String> {
    let files = |text: &str| {
        if text.is_empty() { snapshot(&[]) } else { snapshot(&[("", "a.yaml", text)]) }
    };
    let (before, after) = (files(before), files(after));
    let found = changes(&before, &after, pack(NEWEST), &Definitions::default(), &Beside::default());
    let effects = found.changes.iter().flat_map(|change| &change.consequences);
    effects.map(|one| format!("{}: {}", one.effect.id(), one.text)).collect()
}

fn workload(kind: &str, spec: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec:\n  {spec}\n  selector: {{matchLabels: {{app: web}}}}\n  \
         template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: 'web:1'}}]}}\n"
    )
}

fn claim(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{accessModes: [ReadWriteOnce], {spec}}}\n"
    )
}

#[test]
fn pods_are_replaced_where_their_template_differs() {
    let cases = [
        ("Deployment", "replicas: 3", "restart: 3 pods are replaced"),
        ("Deployment", "paused: false", "restart: 1 pod is replaced"),
        (
            "Deployment",
            "strategy: {type: Recreate}",
            "outage: all pods stop before new ones start: `Recreate`",
        ),
        (
            "StatefulSet",
            "serviceName: web",
            "outage: the one pod stops before its successor starts",
        ),
        ("StatefulSet", "replicas: 2", "restart: 2 pods are replaced one by one"),
        ("DaemonSet", "minReadySeconds: 1", "restart: the pod of each node is replaced"),
        (
            "DaemonSet",
            "updateStrategy: {type: OnDelete}",
            "restart: the pods go on as they are until somebody deletes them: `OnDelete`",
        ),
    ];
    for (kind, spec, expected) in cases {
        let before = workload(kind, spec);
        assert_eq!(told(&before, &before.replace("web:1", "web:2")), [expected], "{kind}, {spec}");
        // What means the same replaces nothing, nor does what is not of the template.
        let same = before.replace("'web:1'", "'web:1', imagePullPolicy: IfNotPresent");
        assert_eq!(told(&before, &same), Vec::<String>::new(), "{kind}, {spec}");
        let other =
            before.replace("metadata: {name: web}", "metadata: {name: web, labels: {a: b}}");
        assert_eq!(told(&before, &other), Vec::<String>::new(), "{kind}, {spec}");
    }
    let none = workload("Deployment", "replicas: 0");
    assert_eq!(told(&none, &none.replace("web:1", "web:2")), Vec::<String>::new());
}

#[test]
fn what_cannot_change_is_refused_and_restarts_nothing() {
    let before = workload("Deployment", "replicas: 1");
    let after = before.replace("app: web", "app: other").replace("web:1", "web:2");
    assert_eq!(
        told(&before, &after),
        [
            "refused: `spec.selector.matchLabels.app` cannot change in an object that is there: the API server refuses it \
          until the object is deleted"
        ]
    );
    let size = |size: &str| claim(&format!("resources: {{requests: {{storage: {size}}}}}"));
    assert_eq!(told(&size("1Gi"), &size("2Gi")), Vec::<String>::new());
    assert_eq!(told(&size("1Gi"), &size("1024Mi")), Vec::<String>::new());
    assert!(
        told(&size("2Gi"), &size("1Gi"))[0]
            .starts_with("refused: `spec.resources.requests.storage`")
    );
}

#[test]
fn data_go_with_what_holds_them() {
    let claim = claim("resources: {requests: {storage: 1Gi}}");
    let lost = "data-loss: the volume is deleted with the claim, unless its class retains it";
    assert_eq!(told(&claim, ""), [lost]);
    // To a cluster another name is another object.
    assert_eq!(told(&claim, &claim.replace("name: data", "name: files")), [lost]);
    let set = |more: &str| workload("StatefulSet", &format!("serviceName: web{more}"));
    assert_eq!(told(&set(""), ""), Vec::<String>::new());
    let deleting = set("\n  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}");
    assert_eq!(
        told(&deleting, ""),
        ["data-loss: its claims and their volumes are deleted with it"]
    );
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    assert_eq!(told(namespace, ""), ["data-loss: everything in the namespace is deleted with it"]);
    assert_eq!(told("", namespace), Vec::<String>::new());
}
