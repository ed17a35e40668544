//! Where in a text of several lines a finding points.

use gitopsc::facts::Extent;

use crate::support::whole as clusters;

const WORKLOADS: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n\
    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  \
    selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      \
    containers:\n      - name: c\n        image: registry.example.com/x:1.4.0\n        env:\n        \
    - name: ARGS\n          value: x\n---\n\
    apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

/// A host is told where it stands, in every way to write a text of several lines.
#[test]
fn a_host_is_told_at_its_line() {
    let texts = [
        "value: >-\n            --first=one\n            --api=http://aip.shop.svc:80\n            --last=two",
        "value: |\n            first\n            http://aip.shop.svc:80/a\n            last",
        "value: 'it''s one\n            http://aip.shop.svc:80\n\n            last'",
        "value: \"one \\\"two\\\"\n            http://aip.shop.svc:80 \\\n            last\"",
        "value: one\n            http://aip.shop.svc:80\n            last",
    ];
    for value in texts {
        let text = WORKLOADS.replace("value: x", value);
        let (found, sources) = clusters::of_text(&text, Extent::Whole);
        let finding = found.iter().find(|finding| finding.id == "host-unresolved");
        let finding = finding.unwrap_or_else(|| panic!("{value}: {found:?}"));
        let span = finding.labels[0].span;
        assert_eq!(sources.slice(span), "aip.shop.svc", "{value}");
        let before = &text[..text.find("aip.shop").unwrap()];
        let line = before.matches('\n').count() + 1;
        assert!(sources.place(span).ends_with(&format!(":{line}")), "{value}");
    }
}

/// A text that an environment hands on is told at the line of both.
#[test]
fn a_host_is_told_at_the_line_of_its_value() {
    const REPOSITORY: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: '1.36'}
gitops: {repoURL: 'https://git.example.com/acme/platform.git', revision: main}
layers: {web: {memory: 100Gi}}
namespaces: {shop: {layer: web}}
apps:
  web:
    values:
      conf: >-
        first=one
        api=http://aip.shop.svc:80
        last=two
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A
version: '1.0'
layer: web
namespace: shop
values:
  conf: none
---
# apps/web/objects.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data:
  conf: ${{ values.conf }}
---
# apps/web/service.yaml
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {ports: [{port: 80}]}
";
    let world = clusters::repository(REPOSITORY);
    let (cluster, sources) = clusters::environment(&world, "example");
    let found = gitopsc::check::whole::check(&cluster).findings;
    let finding = found.iter().find(|finding| finding.id == "host-unresolved");
    let finding = finding.unwrap_or_else(|| panic!("{found:?}"));
    let places: Vec<(String, &str)> =
        finding.labels.iter().map(|it| (sources.place(it.span), sources.slice(it.span))).collect();
    let value = ("environments/example/environment.yaml:12".to_owned(), "aip.shop.svc");
    assert!(places.contains(&value), "{places:?}");
}

fn node(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: {{kubernetes.io/hostname: {name}, disk: ssd, zone: z}}}}\n\
         spec: {{{spec}}}\nstatus: {{allocatable: {{cpu: 4, memory: 4Gi, pods: 110}}}}\n---\n"
    )
}

fn pods(name: &str, replicas: u32, pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  \
         replicas: {replicas}\n  strategy: {{type: Recreate}}\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:{pod}\n      containers:\n        \
         - name: c\n          image: registry.example.com/x:1.4.0\n          resources:{RESOURCES}"
    )
}

const RESOURCES: &str = "\n            requests: {memory: 64Mi}\n---\n";

/// Pods that get no node are told where they ask for what no node gives.
#[test]
fn why_a_pod_fits_no_node_is_told_at_its_line() {
    let two = |spec: &str| node("one", spec) + &node("two", spec);
    let tainted = "taints: [{key: kept, value: db, effect: NoSchedule}]";
    let selects = "\n      nodeSelector: # here\n        disk: hdd";
    let chosen = "\n      nodeSelector: {disk: ssd} # here";
    let affinity = |disk: &str, here: &str| {
        format!(
            "\n      affinity:\n        nodeAffinity:\n          requiredDuringSchedulingIgnoredDuringExecution:{here}\n            \
             nodeSelectorTerms: [{{matchExpressions: [{{key: disk, operator: In, values: [{disk}]}}]}}]"
        )
    };
    let near = |rule: &str, terms: &str| {
        format!(
            "\n        {rule}:\n          requiredDuringSchedulingIgnoredDuringExecution:{terms}"
        )
    };
    let term = |label: &str, app: &str, here: &str| {
        format!(
            "\n            - topologyKey: {label}{here}\n              labelSelector: {{matchLabels: {{app: {app}}}}}"
        )
    };
    let spread = |label: &str, few: &str, here: &str| {
        format!(
            "\n        - topologyKey: {label}{here}\n          maxSkew: 1\n{few}          whenUnsatisfiable: DoNotSchedule\n          \
             labelSelector: {{matchLabels: {{app: web}}}}"
        )
    };
    let (host, here) = ("kubernetes.io/hostname", " # here");
    let least = "          minDomains: 3\n";
    let beside = |app: &str, here: &str| near("podAffinity", &term("zone", app, here));
    let apart = |app: &str, here: &str| near("podAntiAffinity", &term(host, app, here));
    let rule = |rules: &str| format!("\n      affinity:{rules}");
    let spread_over = |all: &str| format!("\n      topologySpreadConstraints:{all}");
    let rival = pods("api", 2, &rule(&apart("api", "")));
    let spread_zones = spread_over(&spread("zone", "", ""));
    let cases = [
        ("a name", two(""), 1, "\n      nodeName: three # here".to_owned(), String::new()),
        ("a selector", two(""), 1, selects.to_owned(), String::new()),
        ("an affinity", two(""), 1, affinity("hdd", here), String::new()),
        ("an affinity beside a selector", two(""), 1, "\n      nodeSelector: {disk: ssd}".to_owned() + &affinity("hdd", here), String::new()),
        ("a selector beside an affinity", two(""), 1, selects.to_owned() + &affinity("ssd", ""), String::new()),
        ("a toleration", two(tainted), 1, "\n      nodeSelector: {disk: ssd}\n      tolerations: # here\n        - {key: kept, value: web}".to_owned(), String::new()),
        ("a selector of what is tainted", two(tainted), 1, chosen.to_owned(), String::new()),
        ("a spec without tolerations", two(tainted), 1, String::new(), String::new()),
        ("a cordoned node", two("unschedulable: true"), 1, String::new(), String::new()),
        ("anti-affinity", two(""), 3, rule(&apart("web", here)) + &spread_zones, String::new()),
        ("anti-affinity after affinity", two(""), 3, rule(&(beside("api", "") + &apart("web", here))), pods("api", 1, "")),
        ("the second term", two(""), 3, rule(&near("podAntiAffinity", &(term(host, "none", "") + &term(host, "web", here)))), String::new()),
        ("a spread", node("one", "") + &node("two", tainted), 3, rule(&beside("web", "")) + &spread_over(&(spread("zone", "", "") + &spread(host, "", here))), String::new()),
        ("domains that are not there", two(""), 3, spread_over(&(spread("zone", "", "") + &spread(host, least, here))), String::new()),
        ("pods that are not there", two(""), 1, rule(&(beside("none", here) + &apart("api", ""))), String::new()),
        ("one's own rule about a rival", two(""), 1, rule(&(beside("api", "") + &apart("api", here))) + &spread_zones, rival.clone()),
        ("a rival's rule", two(""), 1, spread_zones.clone(), pods("api", 2, &rule(&near("podAntiAffinity", &(term(host, "api", "") + &term(host, "web", here)))))),
    ];
    for (name, nodes, replicas, pod, other) in cases {
        let mut text = nodes + &other + &pods("web", replicas, &pod);
        if !text.contains(here) {
            let at = text.rfind("    spec:").unwrap() + "    spec:".len();
            text.insert_str(at, here);
        }
        let (found, sources) = clusters::of_text(&text, Extent::Whole);
        let found: Vec<_> =
            found.iter().filter(|finding| finding.id == "pod-fits-no-node").collect();
        let [finding] = found.as_slice() else { panic!("{name}: {found:#?} in\n{text}") };
        let line = text[..text.find(here).unwrap()].matches('\n').count() + 1;
        let place = sources.place(finding.labels[0].span);
        assert!(place.ends_with(&format!(":{line}")), "{name}: {place}, not {line} of\n{text}");
    }
}
