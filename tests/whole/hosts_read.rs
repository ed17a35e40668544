//! Hosts in the files of ConfigMaps, and who connects to them.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

/// A shop whose web server reads a file, and a back end.
fn file(name: &str, text: &str) -> String {
    file_of("", name, text)
}

fn file_of(pod: &str, name: &str, text: &str) -> String {
    let lines = text.replace('\n', "\n    ");
    format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
apiVersion: v1
kind: Service
metadata: {{name: backend, namespace: shop}}
spec: {{selector: {{app: backend}}, ports: [{{port: 8080}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: backend, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: backend}}}}
  template:
    metadata: {{labels: {{app: backend}}}}
    spec: {{containers: [{{name: c, image: 'registry.example.com/c:1', ports: [{{containerPort: 8080}}]}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {pod}
      containers: [{{name: c, image: 'registry.example.com/c:1', volumeMounts: [{{name: f, mountPath: /etc/web}}]}}]
      volumes: [{{name: f, configMap: {{name: web}}}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: web, namespace: shop}}
data:
  {name}: |
    {lines}
"
    )
}

#[test]
fn addresses_in_files() {
    let of = |name: &'static str, text: &'static str| {
        move |url: &str| file(name, &text.replace("URL", url))
    };
    let forms = [
        of("a.yaml", "api:\n  url: URL/x"),
        of("a.yaml", "apis:\n  - URL"),
        of("a.yaml", "a: {url: URL, b: c}"),
        of("a.json", "{\"a\": 1, \"url\": \"URL\"}"),
        of("a.properties", "# a comment\napi.url=URL"),
        of("a.toml", "url = \"URL\""),
        of("default.conf", "location /api {\n  proxy_pass URL;\n}"),
        of("default.conf", "location /api {\n  proxy_pass URL/; # as it is\n}"),
        of("Caddyfile", "handle /api {\n  reverse_proxy URL\n}"),
    ];
    for form in forms {
        let right = form("http://backend:8080");
        let cases = [
            ("a name", "host-unresolved", form("http://backen-service:8080"), right.clone()),
            ("a slip", "host-unresolved", form("http://bakend:8080"), right.clone()),
            ("a port", "service-port-missing", form("http://backend:8000"), right.clone()),
            ("a namespace", "host-unresolved", form("http://backnd.shop:8080"), right),
        ];
        pairs(&cases, Extent::Whole);
    }
    let string = |port: u16| {
        file(
            "appsettings.json",
            &format!(
                "{{\"ConnectionStrings\": {{\n\"A\": \"Host=backend;Port={port};Database=a\"\n}}}}"
            ),
        )
    };
    pairs(&[("a string", "service-port-missing", string(5432), string(8080))], Extent::Whole);
}

#[test]
fn what_in_files_is_no_address() {
    const WRONG: &str = "http://backend:8000";
    for (name, text) in [
        ("a.yaml", "# url: URL"),
        ("a.yaml", "a: 1 # url: URL"),
        ("a.md", "url: URL"),
        ("notes.txt", "URL"),
        ("run.sh", "curl URL"),
        ("values.yaml", "url: URL"),
        ("a.yaml", "description: URL"),
        ("a.yaml", "summary: see URL for more"),
        ("a.yaml", "say: go to URL"),
        ("realm.json", "{\"redirectUris\": [\"URL\"]}"),
        ("realm.json", "{\"redirectUris\": [\n\"URL/*\",\n\"URL\"\n]}"),
        ("a.yaml", "allowed-origins:\n  - URL"),
        ("grafana.ini", "root_url = URL"),
        ("job.yaml", "apiVersion: v1\nkind: Pod\nurl: URL"),
        (
            "a.conf",
            "upstream backend {\n  server 127.0.0.1:1;\n}\nserver {\n  location / {\n    proxy_pass URL;\n  }\n}",
        ),
        ("rules.yaml", "alert: A\nannotations:\n  url: URL"),
        ("openapi.yaml", "openapi: 3.0.0\nservers:\n  - url: URL"),
        ("a.yaml", "say: |\n  It is at\n  URL"),
        ("a.yaml", "message: |-\n  It is at\n  - URL"),
        ("services.yaml", "- web:\n    href: URL"),
        ("Caddyfile", "URL {\n  respond OK\n}"),
        ("a.conf", "return 301 URL$request_uri;"),
        ("a.conf", "return URL;"),
        ("Caddyfile", ":80 {\n  redir URL\n}"),
        ("a.conf", "origin URL"),
        ("a.toml", "logout_urls = [\n  \"URL/out\",\n]"),
        ("a.yaml", "url: http://$HOST:8000"),
        ("a.yaml", "url: http://{{ .Host }}:8000"),
        ("a.yaml", "url: http://nas:8000"),
        ("a.conf", "proxy_pass http://backends;"),
        ("a.conf", "proxy_pass http://backend;"),
    ] {
        let found = findings(&file(name, &text.replace("URL", WRONG)), Extent::Whole);
        assert!(found.is_empty(), "{name} {text}: {found:?}");
    }
    let wrong = file("a.yaml", &format!("url: {WRONG}"));
    assert_eq!(findings(&wrong, Extent::Whole).len(), 1);
    // Nobody is seen to read it, or who does knows the name.
    let unread = wrong.replace("configMap: {name: web}", "emptyDir: {}");
    let of = |pod: &str| file_of(pod, "a.yaml", &format!("url: {WRONG}"));
    for fine in [
        unread,
        of("hostAliases: [{ip: 127.0.0.1, hostnames: [backend]}]"),
        of("hostNetwork: true"),
        wrong.replace("app: backend}, ports", "app: web}, ports"),
    ] {
        let found = findings(&fine, Extent::Whole);
        assert!(found.iter().all(|it| it.id != "service-port-missing"), "{found:?} in {fine}");
    }
}

fn policy(from: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\n\
         spec: {{podSelector: {{matchLabels: {{app: backend}}}}, ingress: [{{from: [{{podSelector: {{matchLabels: {{app: {from}}}}}}}]}}]}}\n"
    )
}

#[test]
fn who_reads_a_file_talks_to_what_it_names() {
    let mounted = |url: &str, from: &str| file("a.yaml", &format!("url: {url}")) + &policy(from);
    let variable = |from: &str| {
        let read = "env: [{name: A, valueFrom: {configMapKeyRef: {name: web, key: API}}}]}]\n      volumes: []";
        let file = file("API", "http://backend:8080").replace("API: |\n    ", "API: ");
        let (start, _) = file.split_once("volumeMounts").unwrap();
        let (_, end) = file.split_once("configMap: {name: web}}]").unwrap();
        format!("{start}{read}{end}{}", policy(from))
    };
    let url = "http://backend:8080";
    let service = "http://backend.shop.svc:8080";
    pairs(
        &[
            ("a word", "conversation-forbidden", mounted(url, "other"), mounted(url, "web")),
            (
                "a name",
                "conversation-forbidden",
                mounted(service, "other"),
                mounted(service, "web"),
            ),
            ("a variable", "conversation-forbidden", variable("other"), variable("web")),
        ],
        Extent::Whole,
    );
    let found = findings(&mounted(url, "other"), Extent::Whole);
    assert!(found[0].labels.iter().any(|label| label.text.contains("reads it")), "{found:?}");
    let unread = mounted(service, "other").replace("configMap: {name: web}", "emptyDir: {}");
    let found = findings(&unread, Extent::Whole);
    assert!(found.iter().all(|it| it.id != "conversation-forbidden"), "{found:?}");
}
