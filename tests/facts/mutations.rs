//! The changes that `mutate.rs` makes: which value of which source, and the rows of the table that it must fail.

use crate::mutate::{Mutation, change};

const MINIKUBE: &str = "environments/minikube/environment.yaml";
const LITE: &str = "environments/minikube-lite/environment.yaml";
const K3S: &str = "environments/k3s/environment.yaml";
const IRIS: &str = "environments/iris/environment.yaml";
const HOME: &str = "environments/home/environment.yaml";

/// All of them.
pub(crate) const MUTATIONS: &[Mutation] = &[
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
        &[
            "minikube/mlflow-external-node-port",
            "minikube/mlflow-ui-from-browser",
            "minikube-lite/mlflow-external-node-port",
            "minikube-lite/mlflow-ui-from-browser",
        ],
    ),
    // One address, stated once: the pages that MLflow serves are known by it.
    change(
        MINIKUBE,
        "address: 192.168.49.2",
        "address: 192.168.49.3",
        &["minikube/mlflow-ui-from-browser", "minikube-lite/mlflow-ui-from-browser"],
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
            "k3s/mlflow-ui",
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
    change(
        "apps/kubeflow-pipelines/app.yaml",
        "limits: {memory: 512Mi}",
        "limits: {memory: 320Mi}",
        &["minikube/kubeflow-api-memory", "minikube/kubeflow-memory", "minikube/memory-limits"],
    ),
    change(
        "apps/retraining/cronworkflow.yaml",
        "retryPolicy: OnTransientError",
        "retryPolicy: OnFailure",
        &["minikube/retraining-retries"],
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
    change(K3S, "  cpu: 2.8", "  cpu: 3.0", &["k3s/overcommit-cpu"]),
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
        "apps/longhorn/app.yaml",
        "deletingConfirmationFlag: false",
        "deletingConfirmationFlag: true",
        &["k3s/longhorn-stays"],
    ),
    change(
        "apps/longhorn/app.yaml",
        "reclaimPolicy: Retain",
        "reclaimPolicy: Delete",
        &["k3s/longhorn-retains"],
    ),
    change("apps/traefik/app.yaml", "readTimeout: 1h", "readTimeout: 60s", &["k3s/registry-push"]),
    change(
        "apps/jupyterhub/app.yaml",
        "prometheus.io/scrape: \"false\"",
        "prometheus.io/scrape: \"true\"",
        &["k3s/hub-not-scraped"],
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
    change(
        IRIS,
        "origins: [https://app.example.com]",
        "origins: [https://www.example.com]",
        &["iris/cors-origin"],
    ),
    change("apps/iris-api/app.yaml", ", X-API-Key]", ", X-Key]", &["iris/cors-key"]),
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
    change(
        HOME,
        "&harbor harbor.enjay.myds.me",
        "&harbor registry.enjay.myds.me",
        &["home/backend-image", "home/external-harbor-address"],
    ),
    change(HOME, "port: 9092", "port: 9093", &["home/external-kafka"]),
];
