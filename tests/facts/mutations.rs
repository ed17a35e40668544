//! Single values of the sources, changed one at a time: exactly those rows of the table fail which should.

use std::{collections::BTreeSet, fs, sync::Mutex, thread};

use crate::{account, copy::Copy, failures, root, rows, table::Row, tree::Seen};

/// One changed value.
struct Mutation {
    file: &'static str,
    /// Text that stands in the file once.
    from: &'static str,
    to: &'static str,
    /// Rows that must fail then, and no others.
    fail: &'static [&'static str],
}

const fn change(
    file: &'static str,
    from: &'static str,
    to: &'static str,
    fail: &'static [&'static str],
) -> Mutation {
    Mutation { file, from, to, fail }
}

const MINIKUBE: &str = "environments/minikube/environment.yaml";
const LITE: &str = "environments/minikube-lite/environment.yaml";
const K3S: &str = "environments/k3s/environment.yaml";
const IRIS: &str = "environments/iris/environment.yaml";
const HOME: &str = "environments/home/environment.yaml";

const MUTATIONS: &[Mutation] = &[
    // The machine.
    change(
        MINIKUBE,
        "memory: 4096Mi",
        "memory: 6144Mi",
        &["minikube/memory", "minikube/node-memory"],
    ),
    change(
        MINIKUBE,
        "    cpu: 2\n    memory: 4096Mi",
        "    cpu: 3\n    memory: 4096Mi",
        &["minikube/cpus", "minikube/node-cpu", "minikube/cpu-full", "minikube-lite/cpus"],
    ),
    change(
        MINIKUBE,
        "disk: 20Gi",
        "disk: 30Gi",
        &["minikube/disk", "minikube/node-disk", "minikube-lite/disk"],
    ),
    change(
        MINIKUBE,
        "services: 10.96.0.0/12",
        "services: 10.112.0.0/12",
        &["minikube/service-cidr", "minikube-lite/service-cidr"],
    ),
    change(
        MINIKUBE,
        "reserved: {cpu: 750m,",
        "reserved: {cpu: 700m,",
        &["minikube/cpu-reserve", "minikube/cpu-full"],
    ),
    // Node ports, replicas, a forwarded port.
    change(
        MINIKUBE,
        "nodePort: 30500",
        "nodePort: 30501",
        &["minikube/mlflow-external-node-port", "minikube-lite/mlflow-external-node-port"],
    ),
    change(
        MINIKUBE,
        "nodePort: 30080",
        "nodePort: 30081",
        &["minikube/ml-api-node-port", "minikube-lite/ml-api-node-port"],
    ),
    change(
        MINIKUBE,
        "localPort: 8080",
        "localPort: 8081",
        &["minikube/ml-pipeline-ui-forward", "minikube/kubeflow-ui-from-browser"],
    ),
    change(
        MINIKUBE,
        "kubeflow-pipelines, serviceAccount: pipeline-runner",
        "kubeflow-pipelines, serviceAccount: ml-pipeline",
        &["minikube/deploy-binding"],
    ),
    change(
        LITE,
        "memory: 3072Mi",
        "memory: 3584Mi",
        &["minikube-lite/memory", "minikube-lite/node-memory"],
    ),
    // Requests, limits, ports, images and volumes of apps, in every environment that runs them.
    change(
        "apps/mlflow/app.yaml",
        "limits: {memory: 1Gi}",
        "limits: {memory: 768Mi}",
        &[
            "k3s/mlflow-limit",
            "minikube-lite/mlflow-limits-memory",
            "minikube/memory-limits",
            "minikube/mlflow-limits-memory",
        ],
    ),
    // One port, stated once: what serves it, what reaches it and what is told of it.
    change(
        "apps/mlflow/app.yaml",
        "ports: {http: 5000}",
        "ports: {http: 5050}",
        &[
            "iris/mlflow-container-port",
            "iris/mlflow-service-port",
            "k3s/mlflow-port",
            "k3s/notebooks-mlflow",
            "minikube-lite/ml-api-to-mlflow",
            "minikube-lite/retraining-mlflow",
            "minikube/kubeflow-registers",
            "minikube/ml-api-to-mlflow",
            "minikube/mlflow-container-port",
            "minikube/mlflow-external-port",
            "minikube/mlflow-listens",
            "minikube/mlflow-port",
            "minikube/pipeline-to-mlflow",
        ],
    ),
    change(
        "apps/mlflow/app.yaml",
        "size: 5Gi",
        "size: 6Gi",
        &["minikube/mlflow-claim-size", "minikube-lite/mlflow-claim-size"],
    ),
    change(
        "apps/ml-api/app.yaml",
        "ports: {http: 8000}",
        "ports: {http: 8080}",
        &["minikube/ml-api-container-port", "minikube/ml-api-metrics-port", "minikube/ml-api-port"],
    ),
    change(
        "apps/ml-api/app.yaml",
        "version: \"1.0.0\"",
        "version: \"1.1.0\"",
        &["minikube/ml-api-tag"],
    ),
    change(
        "apps/ml-api/app.yaml",
        "pullPolicy: IfNotPresent",
        "pullPolicy: Never",
        &["minikube/ml-api-pull-policy", "minikube-lite/ml-api-pull-policy"],
    ),
    change(
        "apps/ml-api/deployment.yaml",
        "maxUnavailable: 1",
        "maxUnavailable: 2",
        &["minikube/cpu-one-unavailable"],
    ),
    change(
        "apps/kubeflow-pipelines/app.yaml",
        "limits: {memory: 640Mi}",
        "limits: {memory: 512Mi}",
        &["minikube/kubeflow-memory", "minikube/memory-limits"],
    ),
    // k3s: pool, reservation, quotas, classes, budgets, the node.
    change(
        K3S,
        "addresses: [192.168.1.235-",
        "addresses: [192.168.1.234-",
        &["k3s/pool", "k3s/pool-size"],
    ),
    change(K3S, "istio-ingressgateway:", "istio-gateway:", &["k3s/reserved-243"]),
    change(K3S, "monitoring: {value: 700,", "monitoring: {value: 750,", &["k3s/class-monitoring"]),
    change(
        K3S,
        "quota: {memory: 6Gi, cpu: 3}",
        "quota: {memory: 5Gi, cpu: 3}",
        &["k3s/quota-data-requests-memory", "k3s/quota-data-limits-memory"],
    ),
    change(
        K3S,
        "quota: {memory: 15Gi, cpu: 10}",
        "quota: {memory: 15Gi, cpu: 9}",
        &["k3s/quota-kubeflow-requests-cpu", "k3s/quota-cpu-sum"],
    ),
    change(
        K3S,
        "buffer: {memory: 5Gi",
        "buffer: {memory: 4Gi",
        &["k3s/buffer", "k3s/memory-given-away"],
    ),
    change(
        K3S,
        "reserved: {cpu: 500m, memory: 3Gi}",
        "reserved: {cpu: 500m, memory: 2Gi}",
        &["k3s/system-share", "k3s/system-share-on-node"],
    ),
    change(
        K3S,
        "servicelb, local-storage]",
        "servicelb, local-storage, metrics-server]",
        &["k3s/disabled"],
    ),
    change(
        K3S,
        "longhorn-system: {layer: infrastructure, podSecurity: privileged}",
        "longhorn-system: {layer: infrastructure, podSecurity: baseline}",
        &["k3s/longhorn-privileged"],
    ),
    change(K3S, "  cpu: 2.6", "  cpu: 2.8", &["k3s/overcommit-cpu"]),
    change(K3S, "revision: main", "revision: release", &["k3s/root-follows"]),
    change(
        K3S,
        "{name: mlflow, user: mlflow}",
        "{name: tracking, user: mlflow}",
        &["k3s/postgresql-database", "k3s/postgresql-backend"],
    ),
    change(
        K3S,
        "[&mlflow-bucket mlflow]",
        "[&mlflow-bucket models]",
        &["k3s/minio-bucket", "k3s/minio-artifacts"],
    ),
    change(
        "environments/k3s/apps/jupyterhub.yaml",
        "servers: 3",
        "servers: 2",
        &["k3s/notebooks-fit"],
    ),
    change(
        "apps/promtail/app.yaml",
        "Promtail reached its end of life",
        "Promtail is old",
        &["k3s/promtail-note"],
    ),
    // iris: the kind of Service, an image, the shared volume, the mode, the Ingress.
    change(
        IRIS,
        "service: {type: NodePort,",
        "service: {type: LoadBalancer,",
        &["iris/service-type"],
    ),
    change(IRIS, "version: \"2.9.2\"", "version: \"2.9.1\"", &["iris/mlflow-image"]),
    change(
        IRIS,
        "&mlruns /tmp/mlruns",
        "&mlruns /var/lib/mlruns",
        &["iris/api-volume", "iris/mlflow-volume"],
    ),
    change(
        IRIS,
        "mode: server\n",
        "mode: local\n",
        &["iris/server-mode", "iris/server-mode-reads"],
    ),
    change(
        IRIS,
        "podLabel: mlflow-server",
        "podLabel: tracking",
        &["iris/mlflow-labels", "iris/mlflow-service-selector"],
    ),
    change(
        IRIS,
        "host: iris-api.example.com",
        "host: iris.example.com",
        &["iris/ingress-host", "iris/tls"],
    ),
    change(
        "apps/iris-api/app.yaml",
        "ports: {http: 8000}",
        "ports: {http: 8080}",
        &["iris/api-container-port", "iris/api-service-port", "iris/ingress-backend"],
    ),
    change("apps/iris-api/app.yaml", "limitRps: 10", "limitRps: 20", &["iris/rate-limit"]),
    change(
        "apps/iris-api/deployment.yaml",
        "readinessProbe: ${{ fragment(\"http-probe.yaml\", path=\"/health\")",
        "readinessProbe: ${{ fragment(\"http-probe.yaml\", path=\"/ready\")",
        &["iris/api-ready"],
    ),
    // home: the chain from outside, hop by hop.
    change(
        HOME,
        "targetPort: 8000}",
        "targetPort: 8001}",
        &["home/router-18000", "home/router-data"],
    ),
    change(
        HOME,
        "nas: &nas 192.168.0.10",
        "nas: &nas 192.168.0.11",
        &["home/proxy-host-said", "home/router-443", "home/router-80"],
    ),
    change(
        HOME,
        "host: keycloak.enjay.myds.me",
        "host: login.enjay.myds.me",
        &[
            "home/keycloak-host",
            "home/keycloak-public-name",
            "home/proxy-five",
            "home/proxy-keycloak",
        ],
    ),
    change(
        HOME,
        "ingress-nginx: 192.168.0.240",
        "ingress-nginx: 192.168.0.241",
        &[
            "home/controller-address",
            "home/proxy-backend",
            "home/proxy-frontend",
            "home/proxy-keycloak",
            "home/proxy-minio",
            "home/proxy-wordpress",
        ],
    ),
    change(
        "apps/keycloak/app.yaml",
        "http: 8080",
        "http: 8180",
        &["home/keycloak-application-port", "home/keycloak-container-port", "home/keycloak-port"],
    ),
    change(HOME, "[artifacts, ", "[builds, ", &["home/pipeline-artifacts"]),
    change(HOME, "port: 9092", "port: 9093", &["home/external-kafka"]),
];

#[test]
fn a_changed_value_fails_its_rows_and_no_others() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    for id in MUTATIONS.iter().flat_map(|mutation| mutation.fail) {
        assert!(ids.contains(id), "{id} is no row");
    }
    let shipped = Copy::new().build(&[]).unwrap_or_else(|errors| panic!("{errors}"));
    let failures = failures(&rows, &shipped);
    assert!(failures.is_empty(), "before any change: {}", account(&rows, &failures));
    let next = Mutex::new(MUTATIONS.iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from).min(4) {
            scope.spawn(|| {
                let copy = Copy::new();
                loop {
                    let Some(mutation) = next.lock().unwrap().next() else { break };
                    if let Err(why) = try_out(mutation, &copy, &rows, &shipped) {
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Makes the change in the copy, renders, looks, and takes it back.
fn try_out(mutation: &Mutation, copy: &Copy, rows: &[Row], shipped: &[Seen]) -> Result<(), String> {
    let Mutation { file, from, to, fail } = mutation;
    let named = format!("{file}: `{from}` becomes `{to}`");
    let path = copy.path(file);
    let text = fs::read_to_string(&path).map_err(|e| format!("{named}: {e}"))?;
    if text.matches(from).count() != 1 {
        return Err(format!("{named}: it stands there {} times", text.matches(from).count()));
    }
    fs::write(&path, text.replace(from, to)).unwrap();
    let built = copy.build(&concerned(file, shipped));
    fs::write(&path, text).unwrap();
    let found = failures(rows, &built.map_err(|errors| format!("{named}: {errors}"))?);
    let failed: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = fail.iter().copied().collect();
    if failed == expected {
        return Ok(());
    }
    let missing: Vec<_> = expected.difference(&failed).collect();
    let beside: Vec<_> = failed.difference(&expected).collect();
    Err(format!("{named}\n  should fail and hold: {missing:?}\n  fail beside them:     {beside:?}"))
}

/// The environments that a file has a part in: the one in whose folder it lies and those that extend it, or those that
/// run the app whose it is.
fn concerned<'s>(file: &str, shipped: &'s [Seen]) -> Vec<&'s str> {
    let mut parts = file.split('/');
    let (folder, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let runs = |seen: &Seen| {
        let releases = seen.environment["releases"].as_array().into_iter().flatten();
        releases.into_iter().any(|release| release["app"] == owner)
    };
    let extends = |seen: &Seen| {
        let path = root().join(format!("environments/{}/environment.yaml", seen.name()));
        let text = fs::read_to_string(path).unwrap();
        seen.name() == owner || text.contains(&format!("\nextends: {owner}\n"))
    };
    let concerned = |seen: &&Seen| if folder == "apps" { runs(seen) } else { extends(seen) };
    shipped.iter().filter(concerned).map(Seen::name).collect()
}
