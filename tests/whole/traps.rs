//! The faults of the documents that describe the shipped environments, put back: each is found, once.

use std::fs;

use serde_json::Value;

use crate::support::{copy_of_repository, gitopsc};

struct Trap {
    what: &'static str,
    environment: &'static str,
    file: &'static str,
    /// What stands there, and what the document has.
    change: [&'static str; 2],
    id: &'static str,
    /// What the line has that the finding points at.
    line: &'static str,
    /// What its message or its notes say.
    says: &'static str,
}

const K3S: &str = "environments/k3s/environment.yaml";
const HOME: &str = "environments/home/environment.yaml";
const IRIS: &str = "environments/iris/environment.yaml";
const MINIKUBE: &str = "environments/minikube/environment.yaml";

const TRAPS: &[Trap] = &[
    Trap {
        what: "a pool of twenty addresses from .240 on",
        environment: "k3s",
        file: K3S,
        change: [
            "addresses: [192.168.1.235-192.168.1.254]",
            "addresses: [192.168.1.240-192.168.1.259]",
        ],
        id: "config-wrong",
        line: "192.168.1.259",
        says: "192.168.1.259",
    },
    Trap {
        what: "MLflow at the address of the cluster's DNS",
        environment: "minikube",
        file: "apps/mlflow/service.yaml",
        change: [
            "  type: ${{ values.service.type }}\n",
            "  type: ${{ values.service.type }}\n  clusterIP: 10.96.0.10\n",
        ],
        id: "cluster-ip-taken",
        line: "clusterIP: 10.96.0.10",
        says: "the cluster's DNS",
    },
    Trap {
        what: "ServiceLB beside MetalLB",
        environment: "k3s",
        file: K3S,
        change: [
            "disabled: [traefik, servicelb, local-storage]",
            "disabled: [traefik, local-storage]",
        ],
        id: "load-balancer-twice",
        line: "disabled:",
        says: "ServiceLB",
    },
    Trap {
        what: "ServiceLB beside MetalLB, at home",
        environment: "home",
        file: HOME,
        change: ["disabled: [traefik, servicelb]", "disabled: [traefik]"],
        id: "load-balancer-twice",
        line: "disabled:",
        says: "ServiceLB",
    },
    Trap {
        what: "the bundled Traefik beside an own one",
        environment: "k3s",
        file: K3S,
        change: [
            "disabled: [traefik, servicelb, local-storage]",
            "disabled: [servicelb, local-storage]",
        ],
        id: "ingress-controller-twice",
        line: "disabled:",
        says: "Traefik",
    },
    Trap {
        what: "MLflow at an address kept for Kubeflow",
        environment: "k3s",
        file: K3S,
        change: ["mlflow: 192.168.1.242", "mlflow: 192.168.1.244"],
        id: "address-reserved",
        line: "mlflow: 192.168.1.244",
        says: "kubeflow-pipelines-ui",
    },
    Trap {
        what: "MLflow at MinIO's address",
        environment: "k3s",
        file: K3S,
        change: [
            "service: {type: LoadBalancer, address: mlflow}",
            "service: {type: LoadBalancer, address: minio}",
        ],
        id: "address-reserved",
        line: "metallb.io/loadBalancerIPs",
        says: "`minio`",
    },
    Trap {
        what: "an address without a wish, where the pool gives none",
        environment: "k3s",
        file: K3S,
        change: [
            "service: {type: LoadBalancer, address: mlflow}",
            "service: {type: LoadBalancer, address: \"\"}",
        ],
        id: "address-unassigned",
        line: "kind: Service",
        says: "no pool gives one",
    },
    Trap {
        what: "curl at the address, without a Host header",
        environment: "iris",
        file: IRIS,
        change: [
            "\nentry:\n",
            "\nentry:\n  reverseProxy: {rules: {iris-api: {address: 192.168.0.7, port: 30080}}}\n",
        ],
        id: "entry-broken",
        line: "rules: {iris-api",
        says: "name no host",
    },
    Trap {
        what: "the router forwards past the reverse proxy",
        environment: "home",
        file: HOME,
        change: [
            "{port: 80, host: nas, targetPort: 80}\n      - {port: 443, host: nas, targetPort: 443}",
            "{port: 80, host: pc, targetPort: 80}\n      - {port: 443, host: pc, targetPort: 443}",
        ],
        id: "entry-broken",
        line: "port: 80, host: pc",
        says: "router",
    },
    Trap {
        what: "the reverse proxy passes on to an address that nobody has",
        environment: "home",
        file: HOME,
        change: [
            "wordpress: {host: wordpress.enjay.myds.me, address: ingress-nginx",
            "wordpress: {host: wordpress.enjay.myds.me, address: 192.168.0.241",
        ],
        id: "entry-broken",
        line: "192.168.0.241",
        says: "no Service has the address",
    },
    Trap {
        what: "the reverse proxy passes on to the port of the pods",
        environment: "home",
        file: HOME,
        change: [
            "frontend: {host: frontend.enjay.myds.me, address: ingress-nginx, port: 80}",
            "frontend: {host: frontend.enjay.myds.me, address: ingress-nginx, port: 8080}",
        ],
        id: "entry-broken",
        line: "port: 8080",
        says: "has no port 8080",
    },
    Trap {
        what: "an Ingress for a class of somebody else",
        environment: "home",
        file: HOME,
        change: [
            "address: ingress-nginx, port: 80}\n      wordpress",
            "address: ingress-nginx, port: 81}\n      wordpress",
        ],
        id: "entry-broken",
        line: "port: 81",
        says: "ingress-nginx",
    },
    Trap {
        what: "an ingress controller without an address",
        environment: "home",
        file: HOME,
        change: [
            "service: {type: LoadBalancer, address: ingress-nginx}",
            "service: {type: NodePort, nodePorts: {http: 30080, https: 30443}}",
        ],
        id: "entry-broken",
        line: "address: ingress-nginx",
        says: "no Service has the address",
    },
    Trap {
        what: "node ports that the cluster does not have",
        environment: "iris",
        file: IRIS,
        change: ["nodePorts: {http: 30080, https: 30443}", "nodePorts: {http: 8080, https: 30443}"],
        id: "node-port-out-of-range",
        line: "nodePort:",
        says: "8080",
    },
    Trap {
        what: "MLflow and the model API at one node port",
        environment: "minikube",
        file: MINIKUBE,
        change: ["nodePort: 30080", "nodePort: 30500"],
        id: "node-port-taken",
        line: "nodePort:",
        says: "30500",
    },
    Trap {
        what: "memory in a unit that Kubernetes does not know",
        environment: "k3s",
        file: K3S,
        change: ["quota: {memory: 6Gi, cpu: 3}", "quota: {memory: 6GB, cpu: 3}"],
        id: "config-wrong",
        line: "6GB",
        says: "`6GB`",
    },
    Trap {
        what: "a limit in a unit that Kubernetes does not know",
        environment: "minikube",
        file: "apps/ml-api/app.yaml",
        change: ["limits: {memory: 512Mi}", "limits: {memory: 512MB}"],
        id: "quantity-invalid",
        line: "resources:",
        says: "`512MB`",
    },
    Trap {
        what: "the model API as two Services of one name",
        environment: "minikube",
        file: "apps/ml-api/service.yaml",
        change: [
            "apiVersion: v1\n",
            "apiVersion: v1\nkind: Service\nmetadata: {name: ml-api}\n\
             spec: {selector: {app: ml-api}, ports: [{port: 8000}]}\n---\napiVersion: v1\n",
        ],
        id: "object-twice",
        line: "name:",
        says: "ml-api",
    },
    Trap {
        what: "a pipeline that deploys, without its account",
        environment: "minikube",
        file: MINIKUBE,
        change: ["serviceAccount: pipeline-runner", "serviceAccount: default-editor"],
        id: "service-account-missing",
        line: "deployer.serviceAccount",
        says: "default-editor",
    },
    Trap {
        what: "a pipeline that deploys, without its Role",
        environment: "minikube",
        file: "apps/ml-api/rbac.yaml",
        change: ["kind: Role\nmetadata:", "kind: ClusterRole\nmetadata:"],
        id: "role-missing",
        line: "name: ${{ release.name }}-deployer",
        says: "ml-api-deployer",
    },
    Trap {
        what: "Workflows that nothing defines",
        environment: "minikube",
        file: "apps/kubeflow-pipelines/crds.yaml",
        change: ["(\"CronWorkflow\", \"cronworkflows\"", "(\"Cron\", \"crons\""],
        id: "definition-missing",
        line: "kind: CronWorkflow",
        says: "nothing defines",
    },
    Trap {
        what: "the values of a Secret in git",
        environment: "iris",
        file: "apps/iris-api/deployment.yaml",
        change: [
            "apiVersion: apps/v1\n",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: iris-api-secrets\nstringData:\n  \
             API_KEY: 8f14e45fceea167a\n---\napiVersion: apps/v1\n",
        ],
        id: "secret-in-git",
        line: "API_KEY",
        says: "API_KEY",
    },
    Trap {
        what: "a directory of one node for pods on two",
        environment: "iris",
        file: IRIS,
        change: ["nodes:\n", "nodes:\n  other: {cpu: 4, memory: 8Gi}\n"],
        id: "host-path-on-several-nodes",
        line: "&mlruns /tmp/mlruns",
        says: "reads it too",
    },
    Trap {
        what: "runs in a directory that does not survive a restart",
        environment: "iris",
        file: IRIS,
        change: ["hostPath: &mlruns /tmp/mlruns", "hostPath: &mlruns /tmp/runs"],
        id: "host-path-emptied",
        line: "&mlruns /tmp/runs",
        says: "empty",
    },
];

#[test]
fn each_trap_is_found_once() {
    let mut wrong = String::new();
    for trap in TRAPS {
        if let Err(why) = found(trap) {
            wrong.push_str(&format!("{}: {why}\n", trap.what));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn found(trap: &Trap) -> Result<(), String> {
    let copy = copy_of_repository();
    let path = copy.path().join(trap.file);
    let text = fs::read_to_string(&path).unwrap();
    let [right, as_documented] = trap.change;
    if text.matches(right).count() != 1 {
        return Err(format!("`{right}` is not there once"));
    }
    let text = text.replace(right, as_documented);
    // The document states no address of the machine.
    fs::write(
        &path,
        text.replace("    disk: 50Gi\n", "    disk: 50Gi\n    address: 192.168.0.7\n"),
    )
    .unwrap();
    let run = gitopsc(copy.path(), &["check", "-e", trap.environment, "-o", "json"]).json();
    let findings = run["findings"].as_array().unwrap().iter();
    let is_told = |it: &&Value| it["level"] != "note" || it["id"] == trap.id;
    let grave: Vec<&Value> = findings.filter(is_told).collect();
    let told = |finding: &Value| {
        let (file, line) = (finding["file"].as_str(), finding["line"].as_u64());
        let text =
            fs::read_to_string(copy.path().join(file.unwrap_or_default())).unwrap_or_default();
        let line = line
            .and_then(|it| text.lines().nth(usize::try_from(it).unwrap() - 1).map(str::to_owned));
        (line.unwrap_or_default(), finding.to_string())
    };
    let shown = || {
        let lines: Vec<String> = grave.iter().map(|it| format!("{:?}", told(it))).collect();
        Err(format!("{} findings:\n{}", grave.len(), lines.join("\n")))
    };
    let [one] = &*grave else { return shown() };
    let (line, all) = told(one);
    if one["id"] != trap.id || !line.contains(trap.line) || !all.contains(trap.says) {
        return shown();
    }
    Ok(())
}
