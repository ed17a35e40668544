//! Names of hosts in texts, and conversations that policies forbid.

use gitopsc::facts::Extent;

use crate::cluster::findings;

const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: mlops, labels: {team: ml}}
---
apiVersion: v1
kind: Service
metadata: {name: mlflow, namespace: mlops}
spec: {selector: {app: mlflow}, ports: [{name: http, port: 5000, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: mlflow-headless, namespace: mlops}
spec: {clusterIP: None, selector: {app: mlflow}, ports: [{port: 5000}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: pods, namespace: shop}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: db.example.com}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mlflow, namespace: mlops}
spec:
  selector: {matchLabels: {app: mlflow}}
  template:
    metadata: {labels: {app: mlflow}}
    spec:
      containers: [{name: mlflow, image: 'registry.example.com/mlflow:3', ports: [{name: web, containerPort: 8080}]}]
";

/// The cluster with a Deployment that says something.
fn saying(container: &str) -> String {
    format!(
        "{CLUSTER}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, image: 'registry.example.com/web:1', {container}}}]
"
    )
}

fn env(name: &str, value: &str) -> String {
    saying(&format!("env: [{{name: {name}, value: '{value}'}}]"))
}

fn file(text: &str) -> String {
    let lines = text.replace('\n', "\n    ");
    format!(
        "{CLUSTER}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web, namespace: shop}}\ndata:\n  a.conf: |\n    {lines}\n"
    ) + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: web, image: 'registry.example.com/web:1'}]}\n"
}

/// A ConfigMap that a container reads into its environment: all of it, by a key, or not.
fn read_by(how: &str, entry: &str) -> String {
    let key = entry.split(':').next().unwrap_or_default();
    let pod = match how {
        "all" => saying("envFrom: [{configMapRef: {name: settings}}]"),
        "key" => saying(&format!(
            "env: [{{name: A, valueFrom: {{configMapKeyRef: {{name: settings, key: {key}}}}}}}]"
        )),
        _ => saying("stdin: true"),
    };
    format!(
        "{pod}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: shop}}\ndata:\n  {entry}\n"
    )
}

fn ids(text: &str) -> Vec<(&'static str, String)> {
    findings(text, Extent::Whole).into_iter().map(|found| (found.id, found.message)).collect()
}

#[test]
fn hosts_that_nothing_answers_to() {
    let wrong = [
        (env("TRACKING", "http://mlflow:5000"), "host-unresolved"),
        (env("TRACKING", "http://mlflw.mlops:5000"), "host-unresolved"),
        (env("TRACKING", "http://mlflow.shop.svc:5000"), "host-unresolved"),
        (env("TRACKING", "http://mlflow.shop.svc.cluster.local:5000/api"), "host-unresolved"),
        (env("TRACKING", "http://mlflow.mlops.svc"), "service-port-missing"),
        (env("TRACKING", "https://mlflow.mlops.svc.cluster.local"), "service-port-missing"),
        (env("TRACKING", "http://mlflow.mlops:5001"), "service-port-missing"),
        (env("TRACKING", "mlflow.mlops.svc:8080"), "service-port-missing"),
        (env("DB_HOST", "outsid"), "host-unresolved"),
        (env("DB_HOST", "mlflow"), "host-unresolved"),
        (env("MLFLOW_HOST", "mlflow.mlops:81"), "service-port-missing"),
        (
            env("DATABASE_URL", "postgresql+psycopg2://user:$(PASSWORD)@db:5432/app"),
            "host-unresolved",
        ),
        (env("JDBC", "jdbc:postgresql://db:5432/app"), "host-unresolved"),
        (saying("args: ['--tracking=http://mlflow:5000']"), "host-unresolved"),
        (saying("command: [sh, -c, 'curl http://mlflow.shop.svc:5000']"), "host-unresolved"),
        (read_by("key", "DB_HOST: outsid"), "host-unresolved"),
        (read_by("all", "TRACKING: http://mlflow:5000"), "host-unresolved"),
        (
            saying(
                "env: [{name: A, value: 'http://gone.mlops.svc'}, {name: B, value: 'http://gone.mlops.svc/x'}]",
            ),
            "host-unresolved",
        ),
        (file("\u{2192}gone.mlops.svc \u{e9}"), "host-unresolved"),
        (file("upstream = mlflow.mlop.svc.cluster.local:5000"), "host-unresolved"),
        (file("a: 1\nurl: \"http://mlflow.mlops.svc:5001\""), "service-port-missing"),
        (env("HEADLESS", "http://mlflow-0.mlflow-headles.mlops.svc:8080"), "host-unresolved"),
    ];
    for (text, id) in wrong {
        let found = ids(&text);
        assert!(found.len() == 1 && found[0].0 == id, "{id}: {found:?} in {text}");
    }
}

#[test]
fn hosts_that_are_right_or_somebody_elses() {
    let fine = [
        env("TRACKING", "http://mlflow.mlops:5000"),
        env("TRACKING", "http://mlflow.mlops.svc:5000/"),
        env("TRACKING", "http://mlflow.mlops.svc.cluster.local.:5000"),
        env("TRACKING", "http://user:word@mlflow.mlops.svc:5000"),
        env("OWN", "http://api/health"),
        env("HEADLESS", "http://mlflow-headless.mlops.svc:8080"),
        env("OUTSIDE", "postgres://outside:6543/db"),
        env("WORLD", "https://example.com/api"),
        env("WORLD", "https://www.example.com"),
        env("WORLD_HOST", "smtp.example.com"),
        env("ADDRESS_HOST", "0.0.0.0"),
        env("ENABLE_SERVER", "true"),
        env("BIND_ADDRESS", "eth0"),
        env("OWN_HOSTNAME", "web"),
        env("ALLOWED_ORIGINS", "http://gone"),
        env("NO_PROXY", "http://gone,.svc"),
        env("META", "http://metadata/computeMetadata"),
        env("BLOG", "https://myblog.mlops"),
        env("OWN", "http://api:9999"),
        saying("args: ['--oidc-issuer=https://gone.shop.svc']"),
        env("LISTEN_ADDR", ":8080"),
        env("LISTEN_ADDR", "[::]:8080"),
        env("SELF_HOST", "localhost"),
        env("SELF", "http://127.0.0.1:8080"),
        env("NAS", "http://nas.local"),
        env("OTHER", "http://thing.svc.acme.com"),
        env("OTHER", "http://thing.mlops.svc.other.domain"),
        env("TEMPLATE", "http://${HOST}:80"),
        env("TEMPLATE", "http://$(HOST).mlops.svc"),
        env("TEMPLATE", "{{name}}.mlops.svc"),
        env("TEMPLATE", "*.mlops.svc"),
        env("WORD", "mlflow"),
        env("IMAGE", "registry:5000/web:1.4"),
        env("FILE", "file:///etc/config"),
        env("UNIX", "unix:///run/docker.sock"),
        env("S3", "s3://bucket/key"),
        env("OTHER_HOST", "postgres"),
        env("OTHER", "http://intranet/app"),
        env("OTHER", "http://proxy:3128"),
        env("TRACKING", "http://tracking:5000"),
        env("NAS", "postgres://nas:5432/app"),
        env("OTHER", "jdbc:h2:tcp://x"),
        env("RABBIT_VIRTUAL_HOST", "outsid"),
        env("REDIRECT_URI", "http://outsid"),
        read_by("none", "TRACKING: http://mlflow:5000"),
        file("# http://gone.mlops.svc:80"),
        file("a: 1  # http://gone.mlops.svc:80"),
        file("<!-- http://gone.mlops.svc:80\nhttp://gone.mlops.svc -->"),
        file("DNS.1 = gone.mlops.svc"),
        file("subjectAltName = DNS:gone.mlops.svc"),
        file("rewrite name gone.mlops.svc.cluster.local mlflow.mlops.svc.cluster.local"),
        file("proxy_pass http://backend;"),
        file("see https://docs.example.com/svc"),
    ];
    for text in fine {
        let found = ids(&text);
        assert!(found.is_empty(), "{found:?} in {text}");
    }
}

/// Hosts of others are in no tree; what pods resolve themselves is in no cluster.
#[test]
fn hosts_that_are_not_for_this_tree() {
    let alone = "apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec:
  hostAliases: [{ip: 192.0.2.1, hostnames: [db]}]
  containers:
    - name: a
      image: registry.example.com/a:1
      env:
        - {name: OTEL, value: 'http://otel-collector.observability.svc:4317'}
        - {name: DB_HOST, value: db}
";
    for extent in [Extent::Files, Extent::Tree] {
        assert_eq!(findings(alone, extent), []);
    }
    let aliased = alone.replace("http://otel-collector.observability.svc:4317", "x");
    let namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    assert_eq!(ids(&(aliased + namespace)), []);
}

/// Policies are for pods with addresses of their own, and of their own cluster.
#[test]
fn policies_that_are_not_for_a_conversation() {
    let base = policy("{podSelector: {matchLabels: {app: mlflow}}}");
    assert_eq!(ids(&base).len(), 1);
    let sender =
        base.replace("containers: [{name: web", "hostNetwork: true, containers: [{name: web");
    let sender = sender.replace(
        "    spec:\n      hostNetwork: true, containers:",
        "    spec:\n      hostNetwork: true\n      containers:",
    );
    assert_eq!(ids(&sender), []);
    let admin = format!(
        "{base}---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {{name: a}}\nspec: {{}}\n"
    );
    assert_eq!(ids(&admin), []);
    let open = format!(
        "{base}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: o, namespace: mlops}}\nspec: {{podSelector: {{matchLabels: {{app: '${{APP}}'}}}}, ingress: [{{}}]}}\n"
    );
    assert_eq!(ids(&open), []);
    assert_eq!(findings(&base, Extent::Files), []);
    let release = format!(
        "{base}---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: mlops}}\nspec: {{interval: 1h, chartRef: {{kind: OCIRepository, name: r}}}}\n"
    );
    assert_eq!(ids(&release), []);
}

/// A policy in the namespace of the server.
fn policy(spec: &str) -> String {
    let own = env("TRACKING", "http://mlflow.mlops.svc:5000");
    format!(
        "{own}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: mlops}}\nspec: {spec}\n"
    )
}

#[test]
fn policies_permit_or_forbid() {
    const POD: &str = "podSelector: {matchLabels: {app: mlflow}}";
    let from = |peer: &str| policy(&format!("{{{POD}, ingress: [{{from: [{peer}]}}]}}"));
    let ports = |ports: &str| policy(&format!("{{{POD}, ingress: [{{ports: [{ports}]}}]}}"));
    let forbidden = [
        policy(&format!("{{{POD}}}")),
        policy("{podSelector: {}, policyTypes: [Ingress]}"),
        from("{podSelector: {}}"),
        from("{podSelector: {matchLabels: {app: web}}}"),
        from("{namespaceSelector: {matchLabels: {team: ml}}}"),
        from(
            "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}, podSelector: {matchLabels: {app: api}}}",
        ),
        ports("{port: 5000}"),
        ports("{port: 8080, protocol: UDP}"),
        ports("{port: http}"),
        ports("{port: other}").replace(
            "{name: web, containerPort: 8080}",
            "{name: web, containerPort: 8080}, {name: other, containerPort: 8081}",
        ),
        ports("{port: 8000, endPort: 8079}"),
    ];
    for text in forbidden {
        let found = ids(&text);
        assert!(found.len() == 1 && found[0].0 == "conversation-forbidden", "{found:?} in {text}");
    }
    let permitted = [
        policy("{podSelector: {matchLabels: {job-name: other}}}"),
        policy(&format!("{{{POD}, policyTypes: [Egress]}}")),
        policy(&format!("{{{POD}, ingress: [{{}}]}}")),
        from("{namespaceSelector: {}}"),
        from("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}"),
        from("{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}"),
        from("{ipBlock: {cidr: 10.0.0.0/8}}"),
        ports("{port: 8080}"),
        ports("{port: web}"),
        ports("{port: 8000, endPort: 8080}"),
        // Another name of the same port.
        ports("{port: other}").replace(
            "{name: web, containerPort: 8080}",
            "{name: web, containerPort: 8080}, {name: other, containerPort: 8080}",
        ),
    ];
    for text in permitted {
        let found = ids(&text);
        assert!(found.is_empty(), "{found:?} in {text}");
    }
}
