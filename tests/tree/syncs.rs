//! What syncs wait for, and what others than Argo CD write: broken trees and their repaired twins.

use crate::repository::faults;

const APPLICATION: &str = "# root.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example.com/acme/apps.git, path: web}
  destination: {name: in-cluster, namespace: web}
  syncPolicy: {automated: {}, syncOptions: [OPTIONS]}
  ignoreDifferences: [IGNORED]
---
";

/// A tree of one Application with these objects.
pub fn tree(options: &str, ignored: &str, objects: &[String]) -> String {
    let application = APPLICATION.replace("OPTIONS", options).replace("IGNORED", ignored);
    let objects = objects.iter().enumerate();
    let objects = objects.map(|(at, object)| format!("# web/{at}.yaml\n{object}\n"));
    application + &objects.collect::<Vec<_>>().join("---\n")
}

pub fn found(text: &str) -> Vec<&'static str> {
    faults(text).iter().map(|finding| finding.id).collect()
}

fn annotated(wave: i64, hook: &str) -> String {
    let hook = match hook {
        "" => String::new(),
        hook => format!(", argocd.argoproj.io/hook: \"{hook}\""),
    };
    format!("annotations: {{argocd.argoproj.io/sync-wave: \"{wave}\"{hook}}}")
}

pub fn object(kind: &str, wave: i64, hook: &str, rest: &str) -> String {
    let api = match kind {
        "Deployment" | "DaemonSet" | "StatefulSet" => "apps/v1",
        "Job" => "batch/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "ScaledObject" => "keda.sh/v1alpha1",
        "ExternalSecret" => "external-secrets.io/v1",
        "Certificate" => "cert-manager.io/v1",
        "SealedSecret" => "bitnami.com/v1alpha1",
        _ => "v1",
    };
    let annotations = annotated(wave, hook);
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, {annotations}}}\n{rest}")
}

pub fn workload(kind: &str, wave: i64, hook: &str, spec: &str, pod: &str) -> String {
    let rest = format!(
        "spec: {{{spec}selector: {{matchLabels: {{app: web}}}}, template: {{metadata: {{labels: \
         {{app: web}}}}, spec: {{{pod}}}}}}}"
    );
    object(kind, wave, hook, &rest)
}

pub const LATER: &[&str] = &["sync-waits-for-later"];

#[test]
fn what_is_waited_for_is_there_before() {
    let account = "serviceAccountName: web";
    let config = "containers: [{name: web, image: x, envFrom: [{configMapRef: {name: web}}]}]";
    let optional = "containers: [{name: web, image: x, envFrom: [{configMapRef: {name: web, optional: true}}]}]";
    let secret = "volumes: [{name: web, secret: {secretName: web}}]";
    let scaled = "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, \
                  maxReplicas: 3}";
    let deployment = |wave, pod| workload("Deployment", wave, "", "", pod);
    let job = |wave, hook, pod| workload("Job", wave, hook, "", pod);
    let plain = |kind, wave| object(kind, wave, "", "");
    let none: &[&str] = &[];
    let cases = [
        ("", vec![deployment(0, config), plain("ConfigMap", 1)], LATER),
        ("", vec![deployment(0, config), plain("ConfigMap", 0)], none),
        ("", vec![deployment(1, config), plain("ConfigMap", 0)], none),
        ("", vec![deployment(0, optional), plain("ConfigMap", 1)], none),
        ("", vec![deployment(0, account), plain("ServiceAccount", 3)], LATER),
        ("", vec![deployment(0, secret), plain("Secret", 3)], LATER),
        ("ApplyOutOfSyncOnly=true", vec![deployment(0, secret), plain("Secret", 3)], none),
        ("", vec![deployment(0, "serviceAccountName: default"), plain("ServiceAccount", 3)], none),
        ("", vec![deployment(0, secret), plain("ConfigMap", 3)], none),
        // External Secrets makes it before.
        (
            "",
            vec![
                deployment(0, secret),
                object("ExternalSecret", -1, "", "spec: {target: {name: web}}"),
                plain("Secret", 3),
            ],
            none,
        ),
        // KEDA takes the pods away again.
        (
            "",
            vec![
                deployment(0, config),
                object("ScaledObject", 0, "", "spec: {scaleTargetRef: {name: web}}"),
                plain("ConfigMap", 1),
            ],
            none,
        ),
        // Which of the two counts is told elsewhere.
        (
            "",
            vec![
                deployment(0, config),
                object("ConfigMap", 0, "PreSync", ""),
                plain("ConfigMap", 1),
            ],
            &["object-twice-in-application"],
        ),
        (
            "",
            vec![workload("StatefulSet", 0, "", "replicas: 0, ", config), plain("ConfigMap", 1)],
            none,
        ),
        ("", vec![workload("DaemonSet", 0, "", "", config), plain("ConfigMap", 1)], LATER),
        (
            "",
            vec![
                workload("DaemonSet", 0, "", "", &format!("nodeSelector: {{gpu: a}}, {config}")),
                plain("ConfigMap", 1),
            ],
            none,
        ),
        ("", vec![job(0, "PreSync", config), plain("ConfigMap", -5)], LATER),
        ("", vec![job(0, "PreSync,PostSync", config), plain("ConfigMap", -5)], LATER),
        ("", vec![job(0, "PreSync", config), object("ConfigMap", -5, "PreSync", "")], none),
        ("", vec![job(0, "PostSync", config), plain("ConfigMap", 5)], none),
        ("", vec![job(0, "Sync", config), plain("ConfigMap", 0)], none),
        ("", vec![job(0, "SyncFail", config), plain("ConfigMap", 5)], none),
        ("", vec![deployment(0, config), object("ConfigMap", 0, "PostSync", "")], LATER),
        ("", vec![deployment(0, config), object("ConfigMap", 5, "Skip", "")], none),
        ("", vec![object("HorizontalPodAutoscaler", 0, "", scaled), deployment(1, "")], LATER),
        ("", vec![object("HorizontalPodAutoscaler", 0, "", scaled), deployment(0, "")], none),
    ];
    for (options, objects, expected) in cases {
        let text = tree(options, "", &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn claims_that_wait_for_a_pod_have_its_wave() {
    let class = |mode: &str| {
        format!(
            "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: own}}\n\
             provisioner: x\nvolumeBindingMode: {mode}"
        )
    };
    let late = class("WaitForFirstConsumer");
    let claim = |wave, class: &str| {
        object("PersistentVolumeClaim", wave, "", &format!("spec: {{storageClassName: {class}}}"))
    };
    let pod = "volumes: [{name: web, persistentVolumeClaim: {claimName: web}}]";
    let store = |wave| workload("Deployment", wave, "", "", pod);
    let cases = [
        (vec![late.clone(), claim(-1, "own"), store(0)], vec!["sync-waits-for-claim"]),
        (vec![class("Immediate"), claim(-1, "own"), store(0)], vec![]),
        (vec![claim(-1, "own"), store(0)], vec![]),
        (vec![claim(-1, "local-path"), store(0)], vec!["sync-waits-for-claim"]),
        (vec![late.clone(), claim(0, "own"), store(0)], vec![]),
        // Nothing comes after it.
        (vec![late, claim(0, "own"), object("ConfigMap", -1, "", "")], vec![]),
    ];
    for (objects, expected) in cases {
        let text = tree("", "", &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn one_alone_writes_replicas() {
    let scaler = |min, max| {
        let target = "{apiVersion: apps/v1, kind: Deployment, name: web}";
        object(
            "HorizontalPodAutoscaler",
            0,
            "",
            &format!("spec: {{scaleTargetRef: {target}, minReplicas: {min}, maxReplicas: {max}}}"),
        )
    };
    let scaled = |replicas: &str| workload("Deployment", 0, "", replicas, "");
    let two = "replicas: 2, ";
    let pointer = "{group: apps, kind: Deployment, jsonPointers: [/spec/replicas]}";
    let respect = "RespectIgnoreDifferences=true";
    let back = vec!["replicas-set-back"];
    let cases = [
        ("", "", vec![scaler(2, 8), scaled(two)], back.clone()),
        ("", "", vec![scaler(2, 8), scaled("")], vec![]),
        ("", "", vec![scaler(2, 8), scaled("replicas: 0, ")], vec![]),
        ("", "", vec![scaler(2, 2), scaled(two)], vec![]),
        ("", "", vec![scaler(3, 3), scaled(two)], back.clone()),
        ("", pointer, vec![scaler(2, 8), scaled(two)], back),
        (respect, pointer, vec![scaler(2, 8), scaled(two)], vec![]),
        ("", "", vec![scaled(two)], vec![]),
    ];
    for (options, ignored, objects, expected) in cases {
        let text = tree(options, ignored, &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn ignored_differences_are_of_objects() {
    let objects = [workload("Deployment", 0, "", "", ""), object("ConfigMap", 0, "", "")];
    let unused = vec!["ignore-difference-unused"];
    let cases = [
        ("", "group: apps, kind: Deployment", vec![]),
        ("", "group: '*', kind: '*'", vec![]),
        ("", "kind: ConfigMap, name: web, namespace: web", vec![]),
        ("", "kind: ConfigMap, name: web, namespace: wbe", unused.clone()),
        ("", "kind: ConfigMap, name: wbe", unused.clone()),
        ("", "kind: Deployment", unused.clone()),
        ("", "group: apps, kind: StatefulSet", unused.clone()),
        // Its own check tells of a version.
        ("", "group: apps/v1, kind: Deployment", vec![]),
        ("", "kind: Namespace", unused),
        ("CreateNamespace=true", "kind: Namespace", vec![]),
    ];
    for (options, entry, expected) in cases {
        let text = tree(options, &format!("{{{entry}, jsonPointers: [/data]}}"), &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
    // What a chart brings is not known.
    let text = tree("", "{kind: Secret, jsonPointers: [/data]}", &objects);
    assert_eq!(found(&text).len(), 1);
    let source = "source: {repoURL: https://git.example.com/acme/apps.git, path: web}";
    let chart = "{repoURL: https://charts.example.com, chart: web, targetRevision: 1.0.0}";
    let both = format!("sources: [{}, {chart}]", source.trim_start_matches("source: "));
    assert_eq!(found(&text.replace(source, &both)), Vec::<&str>::new());
}

#[test]
fn definitions_come_before_their_objects() {
    let page = include_str!("../../docs/checks/definition-comes-later.md");
    let wrong = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(found(wrong), ["definition-comes-later"]);
    let widget = "metadata: {name: first}";
    let skips = "metadata: {name: first, annotations: {argocd.argoproj.io/sync-options: \
                 \"Prune=false, SkipDryRunOnMissingResource=true\"}}";
    assert_eq!(found(&wrong.replace(widget, skips)), Vec::<&str>::new());
    // Another root brings the definition, too.
    let other = "---\n# other.yaml\napiVersion: argoproj.io/v1alpha1\nkind: Application\n\
                 metadata: {name: other, namespace: argocd}\nspec:\n  project: default\n  \
                 source: {repoURL: https://git.example.com/acme/apps.git, path: apps, directory: \
                 {include: widgets.yaml}}\n  destination: {name: in-cluster, namespace: argocd}\n";
    let twice = found(&format!("{wrong}{other}"));
    assert!(!twice.contains(&"definition-comes-later"), "{twice:?}");
}

#[test]
fn of_a_set_one_application_is_enough() {
    let set = |kind: &str| {
        format!(
            "# set.yaml
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps, namespace: argocd}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{name: web}}, {{name: api}}]}}}}]
  template:
    metadata: {{name: '{{{{.name}}}}'}}
    spec:
      project: default
      source: {{repoURL: https://git.example.com/acme/apps.git, path: '{{{{.name}}}}'}}
      destination: {{name: in-cluster, namespace: '{{{{.name}}}}'}}
      ignoreDifferences: [{{kind: {kind}, jsonPointers: [/data]}}]
---
# web/config.yaml
apiVersion: v1
kind: ConfigMap
metadata: {{name: web}}
---
# api/secret.yaml
apiVersion: v1
kind: Secret
metadata: {{name: api}}
"
        )
    };
    assert_eq!(found(&set("ConfigMap")), Vec::<&str>::new());
    assert_eq!(found(&set("ConfigMaps")), ["ignore-difference-unused"]);
}

#[test]
fn waves_of_applications_are_told_where_settings_are_known() {
    let child = |name: &str, wave: i64, chart: &str, helm: &str| {
        format!(
            "# web/{name}.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, {}}}
spec:
  project: default
  source: {{repoURL: https://charts.example.com, chart: {chart}, targetRevision: 1.0.0, helm: {{{helm}}}}}
  destination: {{name: in-cluster, namespace: {name}}}
",
            annotated(wave, "")
        )
    };
    let health = "valuesObject: {configs: {cm: \
                  {resource.customizations.health.argoproj.io_Application: x}}}";
    let cases = [
        ("argo-cd", "", 1, vec!["application-waves-unordered"]),
        ("argo-cd", "", 0, vec![]),
        ("argo-cd", health, 1, vec![]),
        ("argo-cd", "valueFiles: [values.yaml]", 1, vec![]),
        ("other", "", 1, vec![]),
    ];
    for (chart, helm, wave, expected) in cases {
        let children = [child("argocd", 0, chart, helm), child("web", wave, "web", "")];
        let text = tree("", "", &[]) + &children.join("---\n");
        assert_eq!(found(&text), expected, "{text}");
    }
}
