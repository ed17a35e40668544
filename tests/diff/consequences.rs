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
            "strategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}",
            "outage: all pods stop before new ones are ready: `maxUnavailable: 1`",
        ),
        (
            "Deployment",
            "strategy: {rollingUpdate: {maxUnavailable: 25%, maxSurge: 0}}",
            "outage: all pods stop before new ones are ready: `maxUnavailable: 25%`",
        ),
        (
            "Deployment",
            "replicas: 3\n  strategy: {rollingUpdate: {maxUnavailable: 100%}}",
            "outage: all pods stop before new ones are ready: `maxUnavailable: 100%`",
        ),
        (
            "Deployment",
            "strategy: {rollingUpdate: {maxUnavailable: 99%}}",
            "restart: 1 pod is replaced",
        ),
        (
            "Deployment",
            "replicas: 2\n  strategy: {rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}",
            "restart: 2 pods are replaced",
        ),
        (
            "StatefulSet",
            "replicas: 3\n  updateStrategy: {rollingUpdate: {partition: 2}}",
            "restart: 1 of 3 pods is replaced: `partition: 2`",
        ),
        (
            "StatefulSet",
            "replicas: 3\n  updateStrategy: {rollingUpdate: {partition: 0}}",
            "restart: 3 pods are replaced one by one",
        ),
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
            "updateStrategy: {rollingUpdate: {maxUnavailable: 99%}}",
            "restart: the pod of each node is replaced",
        ),
        (
            "DaemonSet",
            "updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}",
            "outage: all pods stop before new ones are ready: `maxUnavailable: 100%`",
        ),
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
    for (kind, spec) in [
        ("Deployment", "replicas: 0"),
        ("Deployment", "paused: true"),
        ("Deployment", "paused: true\n  strategy: {type: Recreate}"),
        ("StatefulSet", "replicas: 3\n  updateStrategy: {rollingUpdate: {partition: 3}}"),
        ("StatefulSet", "updateStrategy: {rollingUpdate: {partition: 1}}"),
    ] {
        let none = workload(kind, spec);
        assert_eq!(told(&none, &none.replace("web:1", "web:2")), Vec::<String>::new(), "{spec}");
    }
}

/// What the server refuses, by the field; nothing where it does not.
pub(crate) fn refused(before: &str, after: &str) -> Option<String> {
    let told = told(before, after);
    let mut texts = told.iter().filter_map(|one| one.strip_prefix("refused: `"));
    texts.next().and_then(|text| text.split_once('`')).map(|(field, _)| field.to_owned())
}

fn job(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{{metadata}}}\nspec: {{template: {{spec: {{restartPolicy: Never, \
         containers: [{{name: a, image: 'a:1'}}]}}}}{spec}}}\n"
    )
}

#[test]
fn a_hook_is_made_anew() {
    let of = |metadata: &str| {
        let before = job(metadata, "");
        refused(&before, &before.replace("a:1", "a:2"))
    };
    let image = "spec.template.spec.containers[name=a].image";
    for (metadata, expected) in [
        ("name: j", Some(image)),
        ("name: j, annotations: {argocd.argoproj.io/hook: PostSync}", None),
        ("name: j, annotations: {helm.sh/hook: pre-upgrade}", None),
        (
            "name: j, annotations: {argocd.argoproj.io/hook: Sync, argocd.argoproj.io/hook-delete-policy: HookSucceeded}",
            None,
        ),
        ("generateName: j-, annotations: {argocd.argoproj.io/hook: Sync}", None),
        ("name: j, annotations: {helm.sh/hook: crd-install}", Some(image)),
    ] {
        assert_eq!(of(metadata).as_deref(), expected, "{metadata}");
    }
}

#[test]
fn a_suspended_job_may_go_elsewhere() {
    let suspended = job("name: j", ", suspend: true");
    let elsewhere =
        |text: &str| text.replace("{restartPolicy", "{nodeSelector: {a: b}, restartPolicy");
    assert_eq!(refused(&suspended, &elsewhere(&suspended)), None);
    assert!(refused(&suspended, &suspended.replace("a:1", "a:2")).is_some());
    let running = job("name: j", "");
    assert!(refused(&running, &elsewhere(&running)).is_some());
}

#[test]
fn what_identifies_an_object_stays() {
    let service = |spec: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: [{{port: 80}}], {spec}}}\n"
        )
    };
    let definition = |spec: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: foos.example.com}}\n\
             spec: {{group: example.com, {spec}, versions: [{{name: v1, served: true, storage: true}}]}}\n"
        )
    };
    let pod = |name: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: {name}, image: {image}}}]}}\n"
        )
    };
    let (one, other) = (
        "scope: Namespaced, names: {kind: Foo, plural: foos",
        "scope: Cluster, names: {kind: Foo, plural: foos",
    );
    let close = |text: &str| definition(&format!("{text}}}"));
    for (before, after, is_refused) in [
        (
            service("type: LoadBalancer, loadBalancerClass: a"),
            service("type: LoadBalancer, loadBalancerClass: b"),
            true,
        ),
        (service("type: LoadBalancer, loadBalancerClass: a"), service("type: LoadBalancer"), true),
        (service("type: LoadBalancer, loadBalancerClass: a"), service("type: ClusterIP"), false),
        (service("ipFamilies: [IPv4]"), service("ipFamilies: [IPv6]"), true),
        (service("ipFamilies: [IPv4]"), service("ipFamilies: [IPv4, IPv6]"), false),
        (
            service("clusterIP: None, ipFamilies: [IPv4]"),
            service("clusterIP: None, ipFamilies: [IPv6]"),
            false,
        ),
        (close(one), close(other), true),
        (close(one), close(&format!("{one}, shortNames: [f]")), false),
        (pod("a", "a"), pod("b", "a"), true),
        (pod("a", "a"), pod("a", "b"), false),
    ] {
        assert_eq!(refused(&before, &after).is_some(), is_refused, "{before}{after}");
    }
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
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    assert_eq!(told(namespace, ""), ["data-loss: everything in the namespace is deleted with it"]);
    assert_eq!(told("", namespace), Vec::<String>::new());
}

fn set(options: &str, spec: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\n  annotations: {{argocd.argoproj.io/sync-options: '{options}'}}\n\
         spec:\n  {spec}\n  serviceName: db\n  selector: {{matchLabels: {{app: db}}}}\n  \
         template: {{metadata: {{labels: {{app: db}}}}, spec: {{containers: [{{name: db, image: 'db:1'}}]}}}}\n  \
         volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}]\n"
    )
}

#[test]
fn claims_go_with_the_pods_of_a_set_where_it_says_so() {
    let policy = |when: &str, replicas: &str| {
        set("", &format!("persistentVolumeClaimRetentionPolicy: {{{when}}}\n  {replicas}"))
    };
    let scaled = |when: &str, old: &str, new: &str| told(&policy(when, old), &policy(when, new));
    let loses = |told: &[String]| told.iter().any(|one| one.starts_with("data-loss"));
    assert_eq!(
        scaled("whenScaled: Delete", "replicas: 3", "replicas: 1"),
        [
            "data-loss: the claims of 2 pods and their volumes are deleted: `whenScaled: Delete`",
            "scale: it asks for 1 instead of 3 pods",
        ]
    );
    for (when, old, new) in [
        ("whenScaled: Delete", "replicas: 1", "replicas: 3"),
        ("whenScaled: Retain", "replicas: 3", "replicas: 1"),
        ("whenDeleted: Delete", "replicas: 3", "replicas: 1"),
        // An autoscaler may own the number.
        ("whenScaled: Delete", "replicas: 3", "minReadySeconds: 0"),
    ] {
        assert!(!loses(&scaled(when, old, new)), "{when} {old} {new}");
    }
    let stops = "outage: all of its pods stop, and no other workload has their labels";
    assert_eq!(
        told(&policy("whenDeleted: Delete", "replicas: 3"), ""),
        ["data-loss: its claims and their volumes are deleted with it", stops]
    );
    for when in ["whenScaled: Delete", "whenDeleted: Retain"] {
        assert_eq!(told(&policy(when, "replicas: 3"), ""), [stops], "{when}");
    }
    let without = |replicas: u32| {
        workload(
            "StatefulSet",
            &format!(
                "persistentVolumeClaimRetentionPolicy: {{whenScaled: Delete}}\n  replicas: {replicas}"
            ),
        )
    };
    assert!(!loses(&told(&without(3), &without(1))), "it made no claims");
}

#[test]
fn what_argo_cd_replaces_by_force_is_made_anew() {
    let both = "Force=true, Replace=true";
    let anew = "Argo CD deletes the object and makes it anew: `Force=true,Replace=true`";
    let of = |options: &str, name: &str| set(options, &format!("podManagementPolicy: {name}"));
    let forced = |options: &str| told(&of(options, "OrderedReady"), &of(options, "Parallel"));
    assert_eq!(forced(both), [format!("outage: {anew}")]);
    // By force alone where the server refuses the change, unless it is applied on the server's side.
    let by_force = "Argo CD deletes the object and makes it anew: `Force=true`, and the API server refuses the change";
    assert_eq!(forced("Force=true"), [format!("outage: {by_force}")]);
    let allowed = |number: u32| set("Force=true", &format!("replicas: {number}"));
    assert_eq!(told(&allowed(1), &allowed(2)), Vec::<String>::new());
    // The object says whether it is applied on the server's side as it is now.
    let server =
        |before: &str, after: &str| told(&of(before, "OrderedReady"), &of(after, "Parallel"));
    let applied = "Force=true,ServerSideApply=true";
    assert_eq!(server(applied, "Force=true"), [format!("outage: {by_force}")]);
    assert!(server("Force=true", applied)[0].starts_with("refused: "));
    let options =
        ["", "Replace=true", "Force=true,ServerSideApply=true", "Force=false,Replace=true"];
    for options in options {
        assert!(forced(options)[0].starts_with("refused: "), "{options}");
    }
    let marked = |text: String| {
        text.replace(
            "name: data",
            &format!("name: data, annotations: {{argocd.argoproj.io/sync-options: '{both}'}}"),
        )
    };
    let shrunk = told(
        &marked(claim("resources: {requests: {storage: 2Gi}}")),
        &marked(claim("resources: {requests: {storage: 1Gi}}")),
    );
    assert_eq!(
        shrunk,
        [format!(
            "data-loss: {anew}; the volume is deleted with the claim, unless its class retains it"
        )]
    );
    assert!(
        told(&marked(claim("volumeMode: Block")), &marked(claim("volumeMode: Block"))).is_empty()
    );
}

#[test]
fn an_object_that_stands_twice_is_named_and_not_lost() {
    let all = |old: &[(&str, &str, &str)], new: &[(&str, &str, &str)]| -> Vec<String> {
        let (before, after) = (snapshot(old), snapshot(new));
        let found =
            changes(&before, &after, pack(NEWEST), &Definitions::default(), &Beside::default());
        let effects = |change: &gitopsc::diff::Change<'_>| -> String {
            let texts = change.consequences.iter();
            let texts = texts.map(|one| format!("{}: {}", one.effect.id(), one.text));
            format!("{} {}", change.key, texts.collect::<Vec<_>>().join("; "))
        };
        found.changes.iter().map(effects).collect()
    };
    let (one, two) = (claim("volumeMode: Block"), claim("volumeName: b"));
    // An environment is one cluster: the other copy keeps the claim.
    assert_eq!(
        all(&[("k3s", "a.yaml", &one), ("k3s", "b.yaml", &two)], &[("k3s", "a.yaml", &one)]),
        ["PersistentVolumeClaim/data repeated: `a.yaml` has an object of this name, too: it stays"]
    );
    // Of two directories nobody knows.
    let found = all(&[("", "a.yaml", &one), ("", "b.yaml", &two)], &[("", "a.yaml", &one)]);
    assert!(
        found[0].contains("data-loss: the volume") && found[0].contains("`a.yaml`"),
        "{found:?}"
    );
    // Each change of each copy is told.
    let found = all(
        &[("k3s", "a.yaml", &one), ("k3s", "b.yaml", &two)],
        &[("k3s", "a.yaml", &two), ("k3s", "b.yaml", &one)],
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found.iter().all(|one| one.contains("refused") && one.contains("repeated")),
        "{found:?}"
    );
    let found =
        all(&[("k3s", "a.yaml", &one)], &[("k3s", "a.yaml", &one), ("k3s", "b.yaml", &two)]);
    let text = "`a.yaml` has an object of this name, too: one of them takes the place of the other";
    assert_eq!(found, [format!("PersistentVolumeClaim/data repeated: {text}")]);
}
