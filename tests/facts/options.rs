//! The parts that the reference document lists as next steps or as choices: each is switched on by an environment of
//! its own (`options/<name>.yaml`), which extends a shipped one, renders without an error and shows in the tree.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::Value;

use crate::{
    copy::Copy,
    query, root,
    tree::{Seen, json, see},
};

/// All of them, rendered together.
fn seen() -> &'static [Seen] {
    static SEEN: OnceLock<Vec<Seen>> = OnceLock::new();
    SEEN.get_or_init(|| {
        let copy = Copy::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/options");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let environments: Vec<(String, PathBuf)> = files
            .map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), file))
            .collect();
        for (name, file) in &environments {
            copy.add_environment(name, file);
        }
        let names: Vec<&str> = environments.iter().map(|(name, _)| name.as_str()).collect();
        copy.build(&names).unwrap_or_else(|errors| panic!("{errors}"))
    })
}

/// Checks what queries of the tree find: query, and what has to be found.
fn check(environment: &str, facts: &[(&str, &str)]) {
    let seen = seen().iter().find(|seen| seen.name() == environment).expect("it was rendered");
    for (question, expected) in facts {
        let found = query::ask(seen, "tree", question).unwrap_or_else(Value::String);
        let holds = query::holds(&found, expected);
        assert!(holds, "{environment}: {question}\n  expected: {expected}\n  found:    {found}");
    }
}

/// A field of the one container of ml-api, iris-api or mlflow.
macro_rules! container {
    ($workload:literal, $name:literal, $field:literal) => {
        concat!("Deployment mlops/", $workload, " /spec/template/spec/containers/", $name, $field)
    };
}

#[test]
fn mlflow_takes_a_database_and_s3() {
    const URI: &str = container!("mlflow", "mlflow", "/env/MLFLOW_BACKEND_STORE_URI/value");
    const S3: &str = container!("mlflow", "mlflow", "/env/MLFLOW_S3_ENDPOINT_URL/value");
    let common = [
        (
            container!("mlflow", "mlflow", "/command"),
            "contains --artifacts-destination=s3://mlflow/artifacts",
        ),
        // The plain image has no drivers, the full one has.
        (container!("mlflow", "mlflow", "/image"), "contains -full"),
        (
            container!("mlflow", "mlflow", "/env/DATABASE_PASSWORD/valueFrom/secretKeyRef"),
            "{name: mlflow-database, key: password}",
        ),
        (
            container!(
                "mlflow",
                "mlflow",
                "/env/AWS_SECRET_ACCESS_KEY/valueFrom/secretKeyRef/name"
            ),
            "mlflow-s3",
        ),
        ("names PersistentVolumeClaim mlops", "[]"),
        ("Deployment mlops/mlflow /spec/template/spec/volumes/*/name", "[tmp]"),
        ("Deployment mlops/mlflow /spec/strategy/rollingUpdate/maxSurge", "0"),
        ("line bootstrap/README.md create secret generic mlflow-database", "present"),
        ("line bootstrap/README.md create secret generic mlflow-s3", "present"),
    ];
    check("mlflow-on-mysql", &common);
    check("mlflow-on-postgresql", &common);
    check(
        "mlflow-on-mysql",
        &[
            (URI, "mysql+pymysql://mlflow:$(DATABASE_PASSWORD)@mysql.kubeflow.svc:3306/mlflow"),
            (S3, "http://minio-service.kubeflow.svc:9000"),
        ],
    );
    check(
        "mlflow-on-postgresql",
        &[
            (
                URI,
                "postgresql+psycopg2://mlflow:$(DATABASE_PASSWORD)@postgresql.mlops.svc:5432/mlflow",
            ),
            (S3, "http://minio.mlops.svc:9000"),
            ("StatefulSet mlops/postgresql", "present"),
            ("StatefulSet mlops/minio", "present"),
        ],
    );
}

#[test]
fn prometheus_and_grafana_watch_ml_api() {
    check(
        "monitored",
        &[
            ("names ApplicationSet argocd", "contains monitored-monitoring"),
            ("StatefulSet monitoring/prometheus /spec/replicas", "1"),
            ("Deployment monitoring/grafana /spec/replicas", "1"),
            ("Service monitoring/prometheus /spec/ports/*/port", "[9090]"),
            (
                "ConfigMap monitoring/grafana-provisioning /data/datasources.yaml",
                "contains url: http://prometheus.monitoring.svc:9090",
            ),
            (
                "Deployment mlops/ml-api /spec/template/metadata/annotations/prometheus.io~1scrape",
                "\"true\"",
            ),
        ],
    );
    // "Metrics watched"
    for metric in [
        "prediction_requests_total",
        "prediction_latency_avg_ms",
        "prediction_errors_total",
        "drift_detected",
        "model_version",
    ] {
        let expected = format!("contains {metric}");
        check(
            "monitored",
            &[("ConfigMap monitoring/grafana-dashboards /data/predictions.json", &expected)],
        );
    }
}

#[test]
fn ml_api_scales_by_request_volume() {
    const METRIC: &str = "HorizontalPodAutoscaler mlops/ml-api /spec/metrics/*/pods/metric/name";
    check(
        "monitored",
        &[
            (
                "HorizontalPodAutoscaler mlops/ml-api /spec/scaleTargetRef",
                "{apiVersion: apps/v1, kind: Deployment, name: ml-api}",
            ),
            ("Deployment mlops/ml-api /spec/replicas", "absent"),
            // A custom metric, not CPU, and the adapter that makes it.
            ("HorizontalPodAutoscaler mlops/ml-api /spec/metrics/*/type", "[Pods]"),
            (METRIC, "[prediction_requests_per_second]"),
            ("Deployment monitoring/prometheus-adapter", "present"),
            (
                "ConfigMap monitoring/prometheus-adapter /data/config.yaml",
                "contains seriesQuery: prediction_requests_total{",
            ),
            (
                "ConfigMap monitoring/prometheus-adapter /data/config.yaml",
                "contains as: ${1}_per_second",
            ),
            (
                "APIService v1beta1.custom.metrics.k8s.io /spec/service",
                "{name: prometheus-adapter, namespace: monitoring, port: 443}",
            ),
        ],
    );
}

#[test]
fn retraining_is_a_cronjob_or_a_pipeline() {
    const COMMAND: &str = "CronJob mlops/retraining \
        /spec/jobTemplate/spec/template/spec/containers/retrain/command";
    check(
        "retraining-by-cronjob",
        &[
            (COMMAND, "[python, /opt/retraining/retrain.py, all]"),
            ("names CronWorkflow *", "[]"),
            (
                "RoleBinding mlops/ml-api-deployer /subjects",
                "[{kind: ServiceAccount, name: retraining, namespace: mlops}]",
            ),
        ],
    );
    check(
        "retraining-by-pipeline",
        &[
            ("CronWorkflow kubeflow/retraining /spec/schedules", "[30 4 * * 0]"),
            (
                "CronWorkflow kubeflow/retraining \
                 /spec/workflowSpec/templates/retraining/dag/tasks/*/name",
                "[load, train, validate, register, deploy]",
            ),
            ("names CronJob *", "[]"),
        ],
    );
}

#[test]
fn iris_runs_in_the_cloud_in_local_mode_and_autoscaled() {
    const URI: &str = container!("iris-api", "iris-api", "/env/MLFLOW_TRACKING_URI");
    const MOUNT: &str = container!("iris-api", "iris-api", "/volumeMounts/mlruns-volume");
    const READ_ONLY: &str =
        container!("iris-api", "iris-api", "/volumeMounts/mlruns-volume/readOnly");
    check(
        "cloud",
        &[
            ("Service ingress-nginx/ingress-nginx-controller /spec/type", "LoadBalancer"),
            ("Service ingress-nginx/ingress-nginx-controller /spec/ports/*/port", "[80, 443]"),
        ],
    );
    check("local-mode", &[(URI, "{name: MLFLOW_TRACKING_URI, value: \"\"}"), (READ_ONLY, "false")]);
    check(
        "no-volume",
        &[
            (MOUNT, "absent"),
            ("Deployment mlops/iris-api /spec/template/spec/volumes/mlruns-volume", "absent"),
        ],
    );
    check(
        "iris-autoscaled",
        &[
            ("HorizontalPodAutoscaler mlops/iris-api-hpa /spec/scaleTargetRef/name", "iris-api"),
            ("Deployment mlops/iris-api /spec/replicas", "absent"),
        ],
    );
}

#[test]
fn secrets_come_from_a_store_or_sealed() {
    check(
        "secrets-outside",
        &[
            ("names Secret *", "[]"),
            ("names ExternalSecret mlops", "[iris-api-secrets, iris-api-tls]"),
            (
                "ExternalSecret mlops/iris-api-secrets /spec/secretStoreRef",
                "{kind: ClusterSecretStore, name: vault}",
            ),
            (
                "ExternalSecret mlops/iris-api-secrets /spec/data/*/remoteRef/key",
                "[platform/iris/mlops/iris-api-secrets, platform/iris/mlops/iris-api-secrets]",
            ),
            (
                "ExternalSecret mlops/iris-api-secrets /spec/data/*/secretKey",
                "[MLFLOW_TRACKING_URI, API_KEY]",
            ),
        ],
    );
    check(
        "secrets-sealed",
        &[
            ("names Secret *", "[]"),
            ("names SealedSecret mlops", "[iris-api-secrets, iris-api-tls]"),
            (
                "SealedSecret mlops/iris-api-secrets /spec/encryptedData",
                "{MLFLOW_TRACKING_URI: AgBvQ2lwaGVy, API_KEY: AgBrQ2lwaGVy}",
            ),
            ("SealedSecret mlops/iris-api-tls /spec/template/type", "kubernetes.io/tls"),
        ],
    );
}

/// The manifests of one release with some values set by hand.
fn rendered(release: &str, values: &[&str]) -> Vec<Value> {
    let root = root();
    let mut arguments = vec!["render", release, "-o", "json", "--repo", root.to_str().unwrap()];
    arguments.extend(values.iter().flat_map(|value| ["--set", value]));
    let Value::Array(manifests) = json(&arguments) else { panic!("a list of manifests") };
    manifests
}

fn of_kind<'m>(manifests: &'m [Value], kind: &str) -> &'m Value {
    manifests.iter().find(|manifest| manifest["kind"] == kind).expect("a manifest of this kind")
}

/// MLflow 3 refuses every POST of a page whose origin it does not know, its own among them.
#[test]
fn mlflow_takes_requests_of_its_own_pages() {
    let origins = |values: &[&str]| {
        let manifests = rendered("minikube/mlflow", values);
        let container = "/spec/template/spec/containers/0/env";
        let variables = of_kind(&manifests, "Deployment").pointer(container).unwrap().as_array();
        let mut variables = variables.unwrap().iter();
        let name = "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS";
        variables
            .find(|variable| variable["name"] == name)
            .map(|variable| variable["value"].clone())
    };
    assert_eq!(
        origins(&["allowedHosts=[mlflow.example.com]"]).expect("origins"),
        "http://192.168.49.2:30500,http://mlflow.example.com,https://mlflow.example.com"
    );
    // Kubernetes picks the node port.
    let picked = origins(&["external.enabled=false", "service.type=NodePort"]);
    assert_eq!(picked.expect("origins"), "http://192.168.49.2:*");
    assert_eq!(origins(&["external.enabled=false"]), None);
}

#[test]
fn cors_is_off_until_an_origin_is_named() {
    let manifests = rendered("iris/iris-api", &["ingress.cors.origins=[]"]);
    let annotations = of_kind(&manifests, "Ingress")["metadata"]["annotations"].as_object();
    let names: Vec<_> = annotations.expect("annotations").keys().collect();
    assert!(!names.iter().any(|name| name.contains("cors")), "{names:?}");
}

/// The API server adds both to a template of a claim that lacks them, and Argo CD then compares for ever.
#[test]
fn templates_of_claims_say_what_they_are() {
    let root = root();
    let shipped = see(&root, &root.join("rendered"), &Value::Null, &[]);
    let all = shipped.iter().chain(seen()).flat_map(|seen| seen.objects("StatefulSet", "*", "*"));
    let on_request = rendered("k3s/redis", &["persistence.enabled=true"]);
    let mut templates = 0;
    for set in all.chain([of_kind(&on_request, "StatefulSet")]) {
        for template in set["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
            let name = &set["metadata"]["name"];
            assert_eq!(template["apiVersion"], "v1", "{name}");
            assert_eq!(template["kind"], "PersistentVolumeClaim", "{name}");
            templates += 1;
        }
    }
    assert!(templates >= 10, "{templates} templates of claims");
}

/// "Deploy, by hand: choose application, choose options (resources; …), generate the script, deploy."
#[test]
fn one_application_is_generated_with_options() {
    let manifests = rendered("home/backend", &["replicas=3", "resources.limits.memory=768Mi"]);
    let deployment = of_kind(&manifests, "Deployment");
    assert_eq!(deployment["spec"]["replicas"], 3);
    let limits = deployment.pointer("/spec/template/spec/containers/0/resources/limits/memory");
    assert_eq!(limits, Some(&Value::from("768Mi")));
}
