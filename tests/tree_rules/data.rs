//! Data that an ordinary commit deletes.

use super::{HERE, application, file, root, told};

const ID: &str = "data-unprotected";
const PRUNE: &str = "syncPolicy: {automated: {prune: true}}";

fn claim(annotations: &str) -> String {
    let text = format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n  annotations: {{{annotations}}}"
    );
    file("apps/web/claim.yaml", &text)
}

/// One Application, which a person applies.
fn alone(more: &str, objects: &[String]) -> Vec<String> {
    let web = application("web", "default", "path: apps/web", &format!("{HERE}\n  {more}"));
    told(&[&[file("web.yaml", &web)][..], objects].concat(), ID)
}

/// One Application with the finalizer, which another one brings.
fn brought(root_has: &str, annotations: &str, objects: &[String]) -> Vec<String> {
    let web = application("web", "default", "path: apps/web", HERE).replace(
        "{name: web,",
        &format!(
            "{{finalizers: [resources-finalizer.argocd.argoproj.io], annotations: {{{annotations}}}, name: web,"
        ),
    );
    told(&[&[root(root_has), file("argocd/web.yaml", &web)][..], objects].concat(), ID)
}

const TOLD: [&str; 1] =
    ["Argo CD deletes data without a question: PersistentVolumeClaim/data in web"];
const OPTIONS: &str = "argocd.argoproj.io/sync-options";

#[test]
fn pruning_asks_where_the_object_or_its_application_says_so() {
    assert_eq!(alone(PRUNE, &[claim("")]), TOLD);
    assert!(alone("", &[claim("")]).is_empty());
    for option in ["Prune=confirm", "Prune=false", "Validate=false, Prune=confirm"] {
        assert!(alone(PRUNE, &[claim(&format!("{OPTIONS}: '{option}'"))]).is_empty(), "{option}");
    }
    let confirmed = "syncPolicy: {automated: {prune: true}, syncOptions: [Prune=confirm]}";
    assert!(alone(confirmed, &[claim("")]).is_empty());
    // What the object says counts first, and Helm's word does not keep it from being pruned.
    assert_eq!(alone(confirmed, &[claim(&format!("{OPTIONS}: Prune=true"))]), TOLD);
    assert_eq!(alone(PRUNE, &[claim("helm.sh/resource-policy: keep")]), TOLD);
    assert_eq!(alone(PRUNE, &[claim(&format!("{OPTIONS}: Delete=confirm"))]), TOLD);
}

#[test]
fn a_finalizer_takes_data_along_where_the_application_itself_is_pruned() {
    assert_eq!(brought(PRUNE, "", &[claim("")]), TOLD);
    assert!(brought("", "", &[claim("")]).is_empty());
    assert!(brought(PRUNE, &format!("{OPTIONS}: Prune=confirm"), &[claim("")]).is_empty());
    for annotation in [
        format!("{OPTIONS}: Delete=false"),
        format!("{OPTIONS}: Delete=confirm"),
        format!("{OPTIONS}: Prune=confirm"),
        "helm.sh/resource-policy: keep".to_owned(),
    ] {
        assert!(brought(PRUNE, "", &[claim(&annotation)]).is_empty(), "{annotation}");
    }
    assert_eq!(brought(PRUNE, "", &[claim(&format!("{OPTIONS}: Prune=false"))]), TOLD);
}

#[test]
fn a_namespace_counts_where_claims_are_in_it() {
    let namespace = |name: &str| {
        let text = format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}");
        file("apps/web/namespace.yaml", &text)
    };
    let kept = claim(&format!("{OPTIONS}: Prune=confirm"));
    assert!(alone(PRUNE, &[namespace("empty"), kept.clone()]).is_empty());
    let message = "Argo CD deletes data without a question: Namespace/web";
    assert_eq!(alone(PRUNE, &[namespace("web"), kept]), [message]);
}

#[test]
fn the_claims_of_a_stateful_set_stay_unless_it_says_otherwise() {
    let set = |more: &str| {
        let text = format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\n\
             spec: {{volumeClaimTemplates: [{{metadata: {{name: data}}}}]{more}}}"
        );
        file("apps/web/set.yaml", &text)
    };
    assert!(alone(PRUNE, &[set("")]).is_empty());
    let gone = ", persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}";
    let message = "Argo CD deletes data without a question: StatefulSet/db in web";
    assert_eq!(alone(PRUNE, &[set(gone)]), [message]);
}

#[test]
fn a_set_that_deletes_its_applications_is_told_once() {
    let set = |policy: &str, automated: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all, namespace: argocd}}\n\
             spec:\n  syncPolicy: {{{policy}}}\n  generators: [{{list: {{elements: [{{name: web}}, {{name: db}}]}}}}]\n  \
             template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      project: default\n      \
             source: {{repoURL: '{}', path: 'apps/{{{{name}}}}'}}\n      {HERE}\n      syncPolicy: {{{automated}}}",
            super::URL
        );
        let other = claim("").replace("name: data", "name: more").replace("apps/web", "apps/db");
        told(&[file("set.yaml", &text), claim(""), other], ID)
    };
    let message =
        "Argo CD deletes data without a question: PersistentVolumeClaim/data in web and 1 more";
    assert_eq!(set("", ""), [message]);
    assert_eq!(set("applicationsSync: sync", "automated: {prune: true}"), [message]);
    for policy in ["preserveResourcesOnDeletion: true", "applicationsSync: create-only"] {
        assert!(set(policy, "").is_empty(), "{policy}");
        assert_eq!(set(policy, "automated: {prune: true}"), [message], "{policy}");
    }
}

#[test]
fn data_stay_where_the_class_or_the_volume_keeps_them() {
    let kept = |policy: &str, kind: &str, spec: &str| {
        let (group, field) = match kind {
            "StorageClass" => ("storage.k8s.io/v1", format!("reclaimPolicy: {policy}")),
            _ => ("v1", format!("spec: {{persistentVolumeReclaimPolicy: {policy}}}")),
        };
        let text = format!("apiVersion: {group}\nkind: {kind}\nmetadata: {{name: keep}}\n{field}");
        let claim = claim("") + &format!("spec: {{{spec}}}\n");
        alone(PRUNE, &[file("apps/web/keep.yaml", &text), claim])
    };
    for (kind, spec) in [
        ("StorageClass", "storageClassName: keep"),
        ("PersistentVolume", "storageClassName: '', volumeName: keep"),
    ] {
        assert!(kept("Retain", kind, spec).is_empty(), "{kind}");
        assert_eq!(kept("Delete", kind, spec), TOLD, "{kind}");
        assert_eq!(kept("Retain", kind, "storageClassName: other"), TOLD, "{kind}");
    }
}

#[test]
fn a_claim_gets_its_volume_by_a_pod_of_another_application() {
    let pod = |directory: &str, claim: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {directory}}}\nspec:\n  \
             containers: [{{name: web, image: x}}]\n  \
             volumes: [{{name: data, persistentVolumeClaim: {{claimName: {claim}}}}}]"
        );
        file(&format!("apps/{directory}/pod.yaml"), &text)
    };
    let other = |claim: &str| {
        let early = claim_of("local-path", "argocd.argoproj.io/sync-wave: '-1'");
        let brought = |name: &str| {
            let text = application(name, "default", &format!("path: apps/{name}"), HERE);
            file(&format!("argocd/{name}.yaml"), &text)
        };
        let files = [
            root(""),
            brought("web"),
            brought("reader"),
            early,
            pod("web", "data"),
            pod("reader", claim),
        ];
        told(&files, "sync-waits-for-claim")
    };
    assert!(other("data").is_empty());
    let message = "PersistentVolumeClaim/data in web waits for a pod that is applied after it";
    assert_eq!(other("cache"), [message]);
}

fn claim_of(class: &str, annotations: &str) -> String {
    claim(annotations) + &format!("spec: {{storageClassName: {class}}}\n")
}

#[test]
fn a_claim_that_is_a_hook_is_made_anew_by_each_sync() {
    const HOOK: &str = "argocd.argoproj.io/hook: PreSync";
    const RENEWED: &str =
        "each sync deletes PersistentVolumeClaim/data in web with its data, and makes it anew";
    assert_eq!(alone("", &[claim(HOOK)]), [RENEWED]);
    assert_eq!(
        alone("", &[claim("helm.sh/hook: pre-install, helm.sh/resource-policy: keep")]),
        [RENEWED]
    );
    let others = [
        "argocd.argoproj.io/hook: Skip".to_owned(),
        "helm.sh/hook: test".to_owned(),
        format!("{HOOK}, argocd.argoproj.io/hook-delete-policy: HookSucceeded"),
        format!("{HOOK}, helm.sh/hook-delete-policy: before-hook-creation"),
    ];
    for annotations in others {
        assert!(alone("", &[claim(&annotations)]).is_empty(), "{annotations}");
    }
}
