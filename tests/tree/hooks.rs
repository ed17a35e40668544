//! Hooks, and what others make: what is there when it is needed, and what is not.

use crate::repository::faults;
use crate::syncs::{LATER, found, object, tree, workload};

#[test]
fn what_makes_a_secret_comes_before_its_pods() {
    let secret = "volumes: [{name: web, secret: {secretName: web}}]";
    let deployment = || workload("Deployment", 0, "", "", secret);
    let job = |hook| workload("Job", 0, hook, "", secret);
    let plain = |kind, wave| object(kind, wave, "", "");
    let certificate = |wave| object("Certificate", wave, "", "spec: {secretName: web}");
    let merges = "spec: {target: {name: web, creationPolicy: Merge}}";
    let none: &[&str] = &[];
    let cases = [
        (vec![deployment(), plain("SealedSecret", 1)], LATER),
        (vec![deployment(), plain("SealedSecret", 0)], none),
        (vec![deployment(), plain("ExternalSecret", 1)], LATER),
        (vec![deployment(), plain("ExternalSecret", -1)], none),
        (vec![deployment(), certificate(1)], LATER),
        (vec![deployment(), certificate(0)], none),
        (vec![job("PreSync"), plain("ExternalSecret", -1)], LATER),
        (vec![job("PreSync"), object("ExternalSecret", -1, "PreSync", "")], none),
        (vec![job("Sync"), plain("ExternalSecret", -1)], none),
        // Whose Secret it is, and when it comes, is not known.
        (vec![deployment(), object("ExternalSecret", 1, "", merges)], none),
        (vec![deployment(), plain("ExternalSecret", 1), certificate(0)], none),
        (vec![deployment(), object("ExternalSecret", 1, "", "spec: {target: {name: api}}")], none),
        (vec![deployment(), plain("SealedSecret", 1), object("Secret", 0, "Skip", "")], none),
    ];
    for (objects, expected) in cases {
        let text = tree("", "", &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn what_is_needed_is_no_hook_beside_syncs() {
    let config = "containers: [{name: web, image: x, envFrom: [{configMapRef: {name: web}}]}]";
    let deployment = || workload("Deployment", 0, "", "", config);
    let job = |hook| workload("Job", 0, hook, "", config);
    let made = |hook| object("ConfigMap", 0, hook, "");
    let none: &[&str] = &[];
    let cases = [
        (vec![deployment(), made("PostDelete")], LATER),
        (vec![deployment(), made("PreDelete")], LATER),
        (vec![deployment(), made("SyncFail")], LATER),
        (vec![deployment(), made("SyncFail,Sync")], none),
        (vec![deployment(), made("PostDelete,PreSync")], none),
        // A person applies it.
        (vec![deployment(), made("Skip")], none),
        (vec![job("PreDelete"), made("PostDelete")], LATER),
        (vec![job("PreDelete"), made("PreDelete")], none),
        (vec![job("PreDelete"), made("")], none),
        (vec![job("PostDelete"), made("PostDelete")], none),
        (vec![job("SyncFail"), made("SyncFail")], none),
        (vec![job("SyncFail"), made("PreDelete")], LATER),
        (vec![workload("Deployment", 0, "", "replicas: 0, ", config), made("PostDelete")], none),
    ];
    for (objects, expected) in cases {
        let text = tree("", "", &objects);
        assert_eq!(found(&text), expected, "{text}");
    }
}

#[test]
fn hooks_with_generated_names_are_called_by_their_beginning() {
    let job = "apiVersion: batch/v1
kind: Job
metadata: {generateName: migrate-, annotations: {argocd.argoproj.io/hook: PreSync}}
spec: {template: {spec: {restartPolicy: Never, serviceAccountName: web}}}";
    let account = object("ServiceAccount", 0, "", "");
    let all = faults(&tree("", "", &[job.to_owned(), account]));
    let said: Vec<&str> = all.iter().map(|it| &*it.message).collect();
    assert_eq!(
        said,
        ["Job/migrate-* in web needs ServiceAccount `web`, which is applied after it"]
    );
}

#[test]
fn hooks_after_a_deletion_have_what_they_need() {
    let config = "containers: [{name: web, image: x, envFrom: [{configMapRef: {name: web}}]}]";
    let hook = |when| workload("Job", 0, when, "", config);
    let kept = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, annotations: \
                {argocd.argoproj.io/sync-options: Delete=false}}";
    let plain = || object("ConfigMap", 0, "", "");
    let cases = [
        ("", hook("PostDelete"), plain(), vec!["hook-after-deletion"]),
        ("", hook("PostSync,PostDelete"), plain(), vec!["hook-after-deletion"]),
        ("", hook("PreDelete"), plain(), vec![]),
        ("", hook("PostDelete"), object("ConfigMap", 0, "PostDelete", ""), vec![]),
        ("", hook("PostDelete"), kept.to_owned(), vec![]),
        ("Delete=false", hook("PostDelete"), plain(), vec![]),
    ];
    for (options, hook, config, expected) in cases {
        let text = tree(options, "", &[hook, config]);
        let cascades = "namespace: argocd, finalizers: [resources-finalizer.argocd.argoproj.io]}";
        let deleted = text.replacen("namespace: argocd}", cascades, 1);
        assert_eq!(found(&deleted), expected, "{deleted}");
        assert_eq!(found(&text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn hooks_after_a_deletion_have_a_namespace() {
    let namespace =
        |more: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: web{more}}}");
    let stays = ", annotations: {argocd.argoproj.io/sync-options: Delete=false}";
    let job = |when| workload("Job", 0, when, "", "");
    let elsewhere = || job("PostDelete").replacen("{name: web,", "{name: web, namespace: ops,", 1);
    let gone: &[&str] = &["hook-after-deletion"];
    let cases = [
        (vec![namespace(""), job("PostDelete")], gone),
        (vec![namespace(""), object("ConfigMap", 0, "PostDelete", "")], gone),
        (vec![namespace(""), job("PostDelete"), object("ConfigMap", 0, "PostDelete", "")], gone),
        (vec![namespace(stays), job("PostDelete")], &[]),
        (vec![namespace(""), job("PreDelete")], &[]),
        (vec![namespace(""), elsewhere()], &[]),
        (vec![job("PostDelete")], &[]),
    ];
    for (objects, expected) in cases {
        let text = tree("", "", &objects);
        let cascades = "namespace: argocd, finalizers: [resources-finalizer.argocd.argoproj.io]}";
        let deleted = text.replacen("namespace: argocd}", cascades, 1);
        assert_eq!(found(&deleted), expected, "{deleted}");
        assert_eq!(found(&text), Vec::<&str>::new(), "{text}");
    }
}
