//! Each change that a person makes to an environment, and what the real Argo CD makes of it.

use std::{ffi::OsStr, fs};

use super::{
    inventory::ids,
    predicted::Id,
    repository::Repository,
    scenario::{Scenario, scenario},
};

const NOTHING: [&str; 0] = [];
const MINIKUBE: &str = "environments/minikube/environment.yaml";
const LITE: &str = "environments/minikube-lite/environment.yaml";
const IRIS: &str = "environments/iris/environment.yaml";
const TRIAL: &str = "environments/trial/environment.yaml";

fn as_it_is(_: &Repository) {}

fn trial(repository: &Repository) {
    repository.write(TRIAL, include_str!("trial.yaml"));
}

const SECOND: &str = "  second:
    app: retraining
    layer: ml-platform
    namespace: mlops
    values: {runner: cronjob, deploy: {release: \"\"}}
";

/// A second release of an app, at the end of the list.
fn with_second(repository: &Repository) {
    let last = "    values: {runner: cronjob}\n";
    repository.edit(LITE, last, &format!("{last}{SECOND}"));
}

/// The branch that `gitopsc publish` writes, instead of a commit with the tree.
fn published(repository: &Repository) {
    repository.publish_from_now_on(MINIKUBE);
}

#[test]
fn argo_cd_a_value_changed_and_published() {
    scenario("a value changed and published", "minikube-lite", published, |s| {
        s.repository.edit(MINIKUBE, "nodePort: 30500", "nodePort: 30501");
        s.build_and_sync();
        s.expect(NOTHING);
        let port = s.field("service", "mlops", "mlflow-external", ".spec.ports[0].nodePort");
        assert_eq!(port, "30501");
    });
}

#[test]
fn argo_cd_an_app_added() {
    scenario("an app added", "minikube-lite", as_it_is, |s| {
        with_second(&s.repository);
        s.build_and_sync();
        s.expect([
            "added ConfigMap mlops/second",
            "added CronJob.batch mlops/second",
            "added ServiceAccount mlops/second",
        ]);
    });
}

/// Without what else needs the pipelines.
fn pipelines_alone(repository: &Repository) {
    let retraining = "  retraining:\n    layer: kubeflow\n    namespace: kubeflow\n    values: {runner: pipeline}\n";
    repository.edit(MINIKUBE, retraining, "");
    let deployers = "      deployers:\n        pipelines: {release: kubeflow-pipelines, serviceAccount: pipeline-runner}\n";
    repository.edit(MINIKUBE, deployers, "");
}

#[test]
fn argo_cd_an_app_removed_in_two_steps() {
    let application = "minikube-kubeflow-pipelines";
    let fate = |id: &Id, otherwise: &str| match id.starts_with("CustomResourceDefinition") {
        // Argo CD does not track them.
        true => format!("unowned {id}"),
        false => format!("{otherwise} {id}"),
    };
    scenario("an app removed in two steps", "minikube", pipelines_alone, |s| {
        let objects = s.tree()[application].objects.clone().unwrap();
        assert!(objects.contains("PersistentVolumeClaim kubeflow/mysql-data"), "{objects:?}");
        s.repository.edit(
            MINIKUBE,
            "  kubeflow-pipelines:\n",
            "  kubeflow-pipelines:\n    state: absent\n",
        );
        s.repository.build();
        let commit = s.commit();
        s.says(application, "waiting for pruning confirmation");
        s.expect(objects.iter().map(|id| fate(id, "waits")));
        s.approve(application);
        s.synced(&commit);
        s.expect(objects.iter().map(|id| fate(id, "pruned")));
        let entry = "  kubeflow-pipelines:\n    state: absent\n    values:\n      steps: {priorityClass: pipeline-steps}\n";
        s.repository.edit(MINIKUBE, entry, "");
        s.build_and_sync();
        s.expect(objects.iter().map(|id| fate(id, "pruned")));
    });
}

#[test]
fn argo_cd_an_app_removed_in_one_step() {
    scenario("an app removed in one step", "minikube-lite", with_second, |s| {
        s.repository.edit(LITE, SECOND, "");
        let said = s.build_and_sync();
        assert!(said.contains("[app-vanished]"), "{said}");
        s.expect([
            "unowned ConfigMap mlops/second",
            "unowned CronJob.batch mlops/second",
            "unowned ServiceAccount mlops/second",
        ]);
    });
}

#[test]
fn argo_cd_an_app_moved_to_another_layer() {
    scenario("an app moved to another layer", "trial", trial, |s| {
        s.repository.edit(TRIAL, "trial: {layer: ml-platform", "trial: {layer: applications");
        s.repository.edit(
            TRIAL,
            "namespace: trial\n    layer: ml-platform",
            "namespace: trial\n    layer: applications",
        );
        s.build_and_sync();
        s.expect(NOTHING);
        assert_eq!(
            s.field("application", "argocd", "trial-second", ".spec.project"),
            "trial-applications"
        );
    });
}

#[test]
fn argo_cd_the_last_object_of_a_kind_removed() {
    scenario("the last object of a kind removed", "minikube", as_it_is, |s| {
        let budgets = |s: &Scenario<'_>| {
            ids(&s.tree()).iter().filter(|id| id.starts_with("PodDisruptionBudget")).count()
        };
        assert_eq!(budgets(s), 1);
        s.repository.edit(MINIKUBE, "      replicas: 2\n", "      replicas: 1\n");
        s.build_and_sync();
        assert_eq!(budgets(s), 0);
        s.expect(["pruned PodDisruptionBudget.policy mlops/ml-api"]);
    });
}

#[test]
fn argo_cd_a_quota_lowered() {
    scenario("a namespace's quota lowered", "trial", trial, |s| {
        let pods = s.argo.plane.must(["get", "pods", "--namespace=trial", "--output=name"]);
        s.repository.edit(TRIAL, "quota: {memory: 2Gi", "quota: {memory: 1Gi");
        s.build_and_sync();
        s.expect(NOTHING);
        assert_eq!(s.field("quota", "trial", "quota", ".spec.hard.limits\\.memory"), "1Gi");
        let after = s.argo.plane.must(["get", "pods", "--namespace=trial", "--output=name"]);
        assert_eq!(after, pods);
    });
}

#[test]
fn argo_cd_an_environment_s_folder_renamed() {
    scenario("an environment's folder renamed", "minikube-lite", as_it_is, |s| {
        let before = s.tree();
        s.repository.rename_environment("minikube-smaller");
        s.repository.build();
        // The new tree stands beside the old one, which its root goes on syncing.
        let commit = s.repository.commit();
        s.argo.refresh("normal");
        s.argo.until("both trees", |view| view.lacks(&before, &commit));
        // Then somebody deletes the old tree.
        s.repository.remove_tree("minikube-lite");
        s.commit();
        s.says("minikube-lite-root", "app path does not exist");
        s.says("minikube-lite-mlflow", "app path does not exist");
        s.expect_of(&before, NOTHING);
    });
}

#[test]
fn argo_cd_an_application_set_deleted_by_hand() {
    scenario("an ApplicationSet deleted by hand", "minikube-lite", as_it_is, |s| {
        let set = "minikube-lite-ml-platform";
        let old = s.field("applicationset", "argocd", set, ".metadata.uid");
        s.argo.plane.must(["delete", "applicationset", set, "--namespace=argocd"]);
        s.argo.until(s.name, |view| view.untaken(set, &old));
        let commit = s.commit();
        s.synced(&commit);
        s.expect([format!("replaced ApplicationSet.argoproj.io argocd/{set}")]);
    });
}

/// Switches the autoscaler of `mlops/iris-api` on; gives how its pods became fewer meanwhile.
fn autoscaler(s: &mut Scenario<'_>) -> Vec<String> {
    let (deployment, ingress) =
        ("        - apps/Deployment\n", "        - networking.k8s.io/Ingress\n");
    let scaler = "        - autoscaling/HorizontalPodAutoscaler\n";
    let [from, to] = ["", scaler].map(|kind| format!("{deployment}{kind}{ingress}"));
    s.repository.edit(IRIS, &from, &to);
    let mode = "      mode: server\n";
    s.repository.edit(IRIS, mode, &format!("{mode}      autoscaling: {{enabled: true}}\n"));
    s.build_and_sync();
    s.expect(["added HorizontalPodAutoscaler.autoscaling mlops/iris-api-hpa"]);
    let reason = "--field-selector=reason=ScalingReplicaSet";
    let events = s.argo.plane.must(["get", "events", "--namespace=mlops", reason]);
    let fewer = events.lines().filter(|line| line.contains("Scaled down"));
    fewer.filter_map(|line| Some(line.rsplit_once(" from ")?.1.to_owned())).collect()
}

#[test]
fn argo_cd_an_autoscaler_switched_on() {
    scenario("the autoscaler switched on", "iris", as_it_is, |s| {
        // The field leaves with its only owner, and the API server puts its default there.
        assert_eq!(autoscaler(s), ["2 to 1"]);
        // From then on the number is the autoscaler's.
        let target = ["scale", "deployment", "iris-api", "--namespace=mlops", "--replicas=4"];
        s.argo.plane.must(target);
        let commit = s.commit();
        s.synced(&commit);
        assert_eq!(s.field("deployment", "mlops", "iris-api", ".spec.replicas"), "4");
    });
}

#[test]
fn argo_cd_an_autoscaler_switched_on_after_a_hand_over() {
    scenario("the autoscaler switched on after a hand-over", "iris", as_it_is, |s| {
        let file = s.argo.plane.folder().join("hand-over.yaml");
        let deployment = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: iris-api}, spec: {replicas: 2}}";
        fs::write(&file, deployment).unwrap();
        let flags =
            ["apply", "--server-side", "--field-manager=hand-over", "--namespace=mlops", "-f"];
        s.argo.plane.must(flags.map(OsStr::new).into_iter().chain([file.as_os_str()]));
        assert_eq!(autoscaler(s), NOTHING);
    });
}

#[test]
fn argo_cd_a_broken_manifest_mended() {
    scenario("a broken manifest, then mended", "minikube-lite", as_it_is, |s| {
        let file = "manifests/ml-platform/mlflow/deployment.apps-mlflow.yaml";
        for (broken, said) in [
            // The API server refuses it.
            ("  replicas: -1\n", "must be greater than or equal to 0"),
            // It is no YAML at all.
            ("  replicas: [1\n", "Failed to load target state"),
        ] {
            let sound = "  replicas: 1\n";
            s.repository.edit_tree(file, sound, broken);
            s.commit();
            s.says("minikube-lite-mlflow", said);
            s.repository.edit_tree(file, broken, sound);
            let commit = s.commit();
            s.synced(&commit);
            s.expect(NOTHING);
        }
    });
}
