//! Parts of the distribution that are switched off, and what relies on them.

use gitopsc::check::whole;
use gitopsc::diagnostic::Severity;

use crate::cluster::{shop, told_apart};
use crate::support::whole as clusters;

/// An environment of k3s without some parts, with these manifests.
fn environment(parts: &str, rest: &str, manifests: &[&str]) -> String {
    let kubernetes = format!("version: '1.36', distribution: k3s, disabled: [{parts}]");
    let head =
        shop("one: {cpu: 4, memory: 8Gi}", &format!("layers: {{web: {{memory: 4Gi}}}}\n{rest}"));
    let head =
        head.replace("kubernetes: {version: '1.36'}", &format!("kubernetes: {{{kubernetes}}}"));
    let mut text = head;
    for (index, manifest) in manifests.iter().enumerate() {
        text += &format!("---\n# apps/web/{index}.yaml\n{manifest}");
    }
    text
}

fn claim(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{{spec}accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          resources: {requests: {cpu: 10m, memory: 64Mi}}
";

fn scaler(metric: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: 2, maxReplicas: 4, metrics: [{metric}]}}\n"
    )
}

fn class(default: &str) -> String {
    format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: fast, annotations: {{storageclass.kubernetes.io/is-default-class: '{default}'}}}}\nprovisioner: driver.example.com\n"
    )
}

#[test]
fn what_relies_on_a_part_that_is_off_is_told() {
    let off = "local-storage, metrics-server";
    let ingress = |class: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web}}\nspec: {{{class}rules: [{{host: shop.example.com, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}}}]}}\n"
        )
    };
    let service = |spec: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{spec}selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
        )
    };
    let web = WEB.replace("1.4.0\n", "1.4.0\n          ports: [{containerPort: 80}]\n");
    let routed = |parts: &str, class: &str, more: &str| {
        let all = [web.clone(), service(""), ingress(class), more.to_owned()];
        let all: Vec<&str> = all.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        environment(parts, "", &all)
    };
    let balanced = |parts: &str, spec: &str| environment(parts, "", &[&web, &service(spec)]);
    let controller =
        WEB.replace("name: web}", "name: ingress-nginx}").replace("app: web", "app: nginx");
    let of_class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: own}\nspec: {controller: example.com/own}\n";
    let (ingress_id, balancer_id) = ("ingress-class-missing", "load-balancer-missing");
    let cpu = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}";
    let hits = "{type: Pods, pods: {metric: {name: hits}, target: {type: AverageValue, averageValue: 10}}}";
    let named = |parts: &str| environment(parts, "", &[&claim("storageClassName: local-path, ")]);
    let plain = |rest: &str, more: &str| {
        let all = [claim(""), more.to_owned()];
        let all: Vec<&str> = all.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        environment(off, rest, &all)
    };
    let scaled = |parts: &str, metric: &str| environment(parts, "", &[WEB, &scaler(metric)]);
    let served = "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1beta1.metrics.k8s.io}\nspec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100}\n";
    let beside_scaler = |name: &str| {
        let program = WEB
            .replace("name: web}", &format!("name: {name}}}"))
            .replace("app: web", "app: metrics");
        environment(off, "", &[WEB, &scaler(cpu), &program])
    };
    let (class_id, metrics_id) = ("storage-class-missing", "autoscaler-without-metrics");
    let stated = "storageClasses: {fast: {default: true}}";
    let cases = [
        (named("local-storage"), named("traefik"), class_id),
        (plain("", ""), environment("traefik", "", &[&claim("")]), class_id),
        (plain("", &class("false")), plain("", &class("true")), class_id),
        (plain("", ""), plain(stated, ""), class_id),
        (
            plain("", ""),
            environment(off, "", &[&claim("selector: {matchLabels: {disk: one}}, ")]),
            class_id,
        ),
        (scaled(off, cpu), scaled("traefik", cpu), metrics_id),
        (scaled(off, cpu), scaled(off, hits), metrics_id),
        (scaled(off, cpu), environment(off, "", &[WEB, &scaler(cpu), served]), metrics_id),
        // What serves other metrics is no help.
        (beside_scaler("kube-state-metrics"), beside_scaler("metrics-server"), metrics_id),
        (
            beside_scaler("keda-operator-metrics-apiserver"),
            beside_scaler("prometheus-adapter"),
            metrics_id,
        ),
        (
            environment(
                off,
                "",
                &[WEB, &scaler(cpu), &served.replace(".metrics", ".external.metrics")],
            ),
            environment(off, "", &[WEB, &scaler(cpu), served]),
            metrics_id,
        ),
    ];
    let cases = cases.into_iter().chain([
        (routed("traefik", "", ""), routed("metrics-server", "", ""), ingress_id),
        (routed("traefik", "", ""), routed("traefik", "", of_class), ingress_id),
        (routed("traefik", "", ""), routed("traefik", "", &controller), ingress_id),
        (
            routed("traefik", "ingressClassName: traefik, ", ""),
            routed("servicelb", "ingressClassName: traefik, ", ""),
            ingress_id,
        ),
        (
            balanced("servicelb", "type: LoadBalancer, "),
            balanced("traefik", "type: LoadBalancer, "),
            balancer_id,
        ),
        (
            balanced("servicelb", "type: LoadBalancer, "),
            balanced("servicelb", "type: LoadBalancer, loadBalancerClass: example.com/own, "),
            balancer_id,
        ),
    ]);
    let beside = |more: &str| {
        let service = service("type: LoadBalancer, ");
        environment("servicelb", "", &[&web, &service, more])
    };
    let giver = |name: &str, image: &str| {
        let named = WEB.replace("name: web}", &format!("name: {name}}}"));
        beside(&named.replace("app: web", "app: giver").replace("example.com/web", image))
    };
    let other = giver("other", "example.com/other");
    let pool = |group: &str| {
        beside(&format!(
            "apiVersion: {group}/v1\nkind: IPPool\nmetadata: {{name: a}}\nspec: {{cidr: 192.168.9.0/24, allowedUses: [LoadBalancer]}}\n"
        ))
    };
    let cases = cases.chain([
        (other.clone(), giver("kube-router", "example.com/a"), balancer_id),
        (other.clone(), giver("calico-kube-controllers", "example.com/a"), balancer_id),
        (other.clone(), giver("tigera-operator", "example.com/a"), balancer_id),
        (other, giver("other", "example.com/metallb/controller"), balancer_id),
    ]);
    let cases: Vec<_> = cases.collect();
    let mut wrong = Vec::new();
    let told = |text: &str| {
        let (cluster, _) = clusters::environment(&clusters::repository(text), "example");
        let all = whole::check(&cluster).findings;
        let all = all.iter().filter(|it| it.severity >= Severity::Warning);
        all.map(|it| format!("{:?} {}: {}", it.severity, it.id, it.message)).collect::<Vec<_>>()
    };
    for (broken, mended, id) in &cases {
        let found = told(broken);
        if found.len() != 1 || !found[0].contains(&format!(" {id}: ")) {
            wrong.push(format!("wanted {id}, found {found:#?} in\n{broken}"));
        }
        let found = told(mended);
        if !found.is_empty() {
            wrong.push(format!("found {found:#?} in\n{mended}"));
        }
    }
    // The definitions are not there.
    for (group, is_told) in [("example.com", true), ("crd.projectcalico.org", false)] {
        let found = told(&pool(group)).iter().any(|it| it.contains(balancer_id));
        assert_eq!(found, is_told, "{group}");
    }
    told_apart(cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Another metric leaves the controller something to go by, and it then only adds pods.
#[test]
fn an_autoscaler_with_another_metric_is_warned_of() {
    let memory = "{type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}";
    let hits = "{type: External, external: {metric: {name: h}, target: {type: Value, value: 1}}}";
    for (metrics, severity) in
        [(memory.to_owned(), Severity::Error), (format!("{hits}, {memory}"), Severity::Warning)]
    {
        let text = environment("metrics-server", "", &[WEB, &scaler(&metrics)]);
        let (cluster, _) = clusters::environment(&clusters::repository(&text), "example");
        let all = whole::check(&cluster).findings;
        let found = all.iter().find(|it| it.id == "autoscaler-without-metrics");
        let found = found.unwrap_or_else(|| panic!("{all:?}"));
        assert_eq!(found.severity, severity, "{metrics}");
        let is_left = found.notes.iter().any(|note| note.contains("never takes pods away"));
        assert_eq!(is_left, severity == Severity::Warning, "{:?}", found.notes);
    }
}

/// What is brought is known by the name of its chart; what brings a path may bring anything.
#[test]
fn what_brings_a_metrics_server_is_known_by_its_chart() {
    let application = |source: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: addons}}\nspec: {{project: default, destination: {{name: in-cluster, namespace: kube-system}}, {source}}}\n"
        )
    };
    let source = |source: &str| {
        application(&format!(
            "source: {{repoURL: 'https://charts.example.com', targetRevision: 3.12.0, {source}}}"
        ))
    };
    let sources = |chart: &str, other: &str| {
        let url = "repoURL: 'https://charts.example.com', targetRevision: 3.12.0";
        application(&format!("sources: [{{{url}, chart: {chart}}}, {{{url}, {other}}}]"))
    };
    let of_k3s = |spec: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: addons}}\nspec: {{targetNamespace: kube-system, {spec}}}\n"
        )
    };
    let of_flux = |chart: &str, from: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: addons}}\nspec: {{interval: 1h, chart: {{spec: {{chart: {chart}, sourceRef: {{kind: {from}, name: a}}}}}}}}\n"
        )
    };
    let cases = [
        (source("chart: descheduler"), source("chart: metrics-server")),
        (source("chart: descheduler"), source("path: addons")),
        (source("chart: descheduler"), source("chart: '${CHART}'")),
        (sources("descheduler", "ref: values"), sources("metrics-server", "ref: values")),
        (sources("descheduler", "chart: a"), sources("descheduler", "path: a, ref: values")),
        (of_k3s("chart: descheduler"), of_k3s("chart: metrics-server")),
        (of_k3s("chart: descheduler"), of_k3s("chart: 'https://example.com/metrics-server-3.tgz'")),
        (of_k3s("chart: descheduler"), of_k3s("chartContent: aGVsbG8=")),
        (of_flux("descheduler", "HelmRepository"), of_flux("metrics-server", "HelmRepository")),
        (of_flux("descheduler", "HelmRepository"), of_flux("./addons", "GitRepository")),
    ];
    let cpu = "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}";
    let is_told = |more: &str| {
        let text = environment("metrics-server", "", &[WEB, &scaler(cpu), more]);
        let (cluster, _) = clusters::environment(&clusters::repository(&text), "example");
        let all = whole::check(&cluster).findings;
        all.iter().any(|it| it.id == "autoscaler-without-metrics")
    };
    told_apart(cases.len());
    for (broken, mended) in &cases {
        assert!(is_told(broken), "not told with\n{broken}");
        assert!(!is_told(mended), "told with\n{mended}");
    }
}
