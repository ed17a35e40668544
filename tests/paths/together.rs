//! Objects of several files held against each other.

use super::{Checked, check, check_tree, program, tree};

const CONFIG: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\ndata: {a: b}\n";

fn deployment(from: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          envFrom:
            - {from}
"
    )
}

fn config(name: &str) -> String {
    deployment(&format!("configMapRef: {{name: {name}}}"))
}

fn levels(checked: &Checked) -> Vec<String> {
    let findings = checked.json["findings"].as_array().unwrap().iter();
    findings
        .map(|one| format!("{} {}", one["level"].as_str().unwrap(), one["id"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_name_is_found_in_another_file() {
    let checked = check_tree(&[("a/config.yaml", CONFIG), ("b/web.yaml", &config("settings"))]);
    assert_eq!(checked.findings(), [""; 0]);
    let slip = check_tree(&[("a/config.yaml", CONFIG), ("a/web.yaml", &config("setings"))]);
    assert_eq!(slip.findings(), ["a/web.yaml:13 config-map-missing"]);
    assert_eq!(levels(&slip), ["error config-map-missing"]);
    assert_eq!(slip.summary("valid"), 2);
    assert_eq!(slip.json["findings"][0]["help"], "did you mean `settings`?");
}

#[test]
fn what_a_tree_lacks_is_a_warning_and_what_a_file_lacks_is_unknown() {
    let files = [("web.yaml", &*config("settings"))];
    assert_eq!(levels(&check_tree(&files)), ["warning config-map-missing"]);
    let tree = tree(&files);
    let alone = check(tree.path(), &["web.yaml"]);
    assert_eq!((levels(&alone), alone.summary("unknownReferences")), (vec![], 1));
    let denied = check(tree.path(), &["web.yaml", "--deny", "unknown-references"]);
    assert_eq!(denied.findings(), ["web.yaml:13 reference-unknown"]);
    assert_eq!((denied.code, denied.summary("unknownReferences")), (1, 1));
    let message = &denied.json["findings"][0]["message"];
    assert_eq!(message, "it is not known whether ConfigMap `settings` is there");
    // Secrets are made by hand.
    let secret = deployment("secretRef: {name: login}");
    let checked = check_tree(&[("web.yaml", &secret)]);
    assert_eq!((levels(&checked), checked.summary("unknownReferences")), (vec![], 1));
}

#[test]
fn what_others_may_make_is_unknown() {
    let web = config("settings");
    let application = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a, namespace: argocd}
spec:
  project: default
  destination: {name: in-cluster, namespace: shop}
  source: {repoURL: https://charts.example.com, chart: a, targetRevision: 1.2.3}
";
    let kustomization =
        "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n";
    for files in [
        &[("web.yaml", &*web), ("app.yaml", application)][..],
        &[("web.yaml", &*web), ("kustomization.yaml", kustomization)],
        &[("web.yaml", &*web), ("config.yaml", "kind: ConfigMap\nmetadata: {{ .Values.x }}\n")],
        &[
            ("web/web.yaml", &*web),
            ("web/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"),
        ],
    ] {
        let checked = check_tree(files);
        assert_eq!(levels(&checked), [""; 0], "{files:?}");
        assert_eq!(checked.summary("unknownReferences"), 1, "{files:?}");
    }
}

#[test]
fn an_encrypted_secret_is_there() {
    let secret = "apiVersion: v1
kind: Secret
metadata: {name: login, namespace: shop}
stringData: {password: 'ENC[AES256_GCM,data:x,type:str]'}
sops: {mac: 'ENC[x]', version: 3.9.0, lastmodified: '2026-01-01T00:00:00Z'}
";
    let checked =
        check_tree(&[("s.yaml", secret), ("w.yaml", &deployment("secretRef: {name: login}"))]);
    assert_eq!((levels(&checked), checked.summary("unknownReferences")), (vec![], 0));
}

/// `dev` and `prod` have the same objects, so what only one of them has is not in the other.
#[test]
fn directories_of_several_clusters_are_told_apart() {
    let web = config("settings");
    let files = [("dev/web.yaml", &*web), ("prod/web.yaml", &web), ("dev/config.yaml", CONFIG)];
    let checked = check_tree(&files);
    assert_eq!((levels(&checked), checked.summary("unknownReferences")), (vec![], 1));
}

/// Files with the same object are there to choose from: nothing of them adds up.
#[test]
fn files_to_choose_from_do_not_add_up() {
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nspec: {hard: {pods: \"1\"}}\n";
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{containers: [{{name: a, image: 'example.com/a:1'}}]}}\n"
        )
    };
    let (one, two) = (pod("one"), pod("two"));
    let files = [("q.yaml", quota), ("a.yaml", &*one), ("b.yaml", &*two)];
    assert_eq!(levels(&check_tree(&files)), ["error quota-exceeded"]);
    let again = [("q.yaml", quota), ("a.yaml", &*one), ("b.yaml", &*two), ("c.yaml", &*one)];
    assert_eq!(levels(&check_tree(&again)), [""; 0]);
}

/// A Service that a webhook names in the wrong namespace is not out of its reach.
#[test]
fn help_says_no_more_than_is_so() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: hook, namespace: shop}\nspec: {ports: [{port: 443}]}\n";
    let webhook = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks:
  - name: hook.shop.example.com
    clientConfig: {service: {name: hook, namespace: data}}
    admissionReviewVersions: [v1]
    sideEffects: None
";
    let checked = check_tree(&[("s.yaml", service), ("w.yaml", webhook)]);
    assert_eq!(levels(&checked), ["error service-missing"]);
    assert_eq!(checked.json["findings"][0]["help"], "there is one in `shop`");
}

#[test]
fn a_large_file_and_a_stream_show_the_line() {
    let filler = "x".repeat(300 << 10);
    let large = format!(
        "{CONFIG}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata: {{a: {filler}}}\n---\n{}",
        config("setings")
    );
    let files = [("all.yaml", &*large)];
    assert_eq!(check_tree(&files).findings(), ["all.yaml:23 config-map-missing"]);
    let tree = tree(&files);
    let (code, out, _) = program(tree.path(), &["check", "-", "-o", "concise"], large.as_bytes());
    assert_eq!(code, 1);
    assert!(out.starts_with("<stdin>:23:36: error[config-map-missing]"), "{out}");
}

#[test]
fn silencers_and_selection_hold_for_them_too() {
    let line = "configMapRef: {name: setings} # gitopsc: ignore[config-map-missing] made later";
    let unused = CONFIG.replace("\ndata:", "\n# gitopsc: ignore[secret-missing] in vain\ndata:");
    let checked = check_tree(&[("a.yaml", &unused), ("b.yaml", &deployment(line))]);
    assert_eq!(checked.findings(), ["a.yaml:4 silencer-unused"]);
    assert_eq!(checked.summary("silenced"), 1);
    let tree = tree(&[("a.yaml", CONFIG), ("b.yaml", &config("setings"))]);
    for arguments in [&[".", "--ignore", "whole"][..], &[".", "--select", "object"]] {
        let checked = check(tree.path(), arguments);
        assert_eq!((checked.code, checked.summary("unknownReferences")), (0, 0));
    }
    assert_eq!(
        levels(&check(tree.path(), &[".", "--select", "whole"])),
        ["error config-map-missing"]
    );
}

/// A policy in the directory of another cluster forbids nothing here, though both are of one
/// namespace; beside the workloads it does.
#[test]
fn policies_are_of_their_own_cluster() {
    const DENY: &str = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
";
    let web = config("settings").replace(
        "          envFrom:\n            - configMapRef: {name: settings}\n",
        "          env: [{name: DATABASE, value: 'postgres://db.shop.svc:5432/x'}]\n",
    );
    let db = web.replace("web", "db").replace("env: [", "tty: true # [");
    let app = format!(
        "{web}---\n{db}---\napiVersion: v1\nkind: Service\nmetadata: {{name: db, namespace: shop}}\nspec: {{selector: {{app: db}}, ports: [{{port: 5432}}]}}\n"
    );
    let apart = check_tree(&[("clusters/us/app.yaml", &app), ("clusters/eu/deny.yaml", DENY)]);
    assert_eq!((apart.findings(), apart.summary("valid")), (vec![], 4));
    let beside = check_tree(&[("clusters/us/app.yaml", &app), ("clusters/us/deny.yaml", DENY)]);
    assert_eq!(beside.findings(), ["clusters/us/app.yaml:12 conversation-forbidden"]);
}

/// A host in a long text is told at the line of the text that it stands in, and what only speaks of
/// hosts is none.
#[test]
fn hosts_are_told_at_their_line() {
    const SERVICE: &str = "apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: shop}
data:
  a.conf: |
    # http://nope1.shop.svc:80
    regex = .*\\.shop\\.svc\\.cluster\\.local
    t = {{ .Release }}.shop.svc.cluster.local
    p = web.shop.svc.other.domain
    web.shop.svc:99999

    url = \"http://web.shop.svc.cluster.local:81\"
    match kubernetes.default.svc
    <!-- http://nope4.shop.svc -->
    also = http://web.shop.svc:82
  b.conf: \"x\\nurl = http://web.shop.svc:83\"
";
    let checked = check_tree(&[("a/x.yaml", SERVICE)]);
    let lines = [17, 20, 21].map(|line| format!("a/x.yaml:{line} service-port-missing"));
    assert_eq!(checked.findings(), lines);
}

/// A command of Argo CD makes the Secret that others name.
#[test]
fn what_a_known_command_makes_is_not_missing() {
    let argocd = |command: &str| {
        config("settings").replace(
            "          envFrom:\n            - configMapRef: {name: settings}\n",
            &format!(
                "          env: [{{name: AUTH, valueFrom: {{secretKeyRef: {{name: argocd-redis, key: auth}}}}}}]\n      initContainers:\n        - {{name: init, image: 'registry.example.com/a:1', command: [argocd, admin, {command}]}}\n"
            ),
        ) + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: argocd-radis, namespace: shop}\ndata: {}\n"
    };
    let made = check_tree(&[("a/x.yaml", &argocd("redis-initial-password"))]);
    assert_eq!((made.findings(), made.summary("unknownReferences")), (vec![], 1));
    let missing = check_tree(&[("a/x.yaml", &argocd("dashboard"))]);
    assert_eq!(missing.findings(), ["a/x.yaml:12 secret-missing"]);
}

#[test]
fn what_the_definition_forbids_is_told_once() {
    let scaled = |name: &str, counts: &str| {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  scaleTargetRef: {{name: {name}}}\n  {counts}\n  triggers: [{{type: cron, metadata: {{}}}}]\n"
        )
    };
    let ids = |text: &str| {
        let checked = check_tree(&[("scaled.yaml", text)]);
        let findings = checked.json["findings"].as_array().unwrap().iter();
        findings.map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&scaled("a", "minReplicaCount: 101")), ["custom-rule-broken"]);
    assert_eq!(ids(&scaled("b", "minReplicaCount: 0\n  maxReplicaCount: 0")), ["value-refused"]);
    // No definition says this.
    assert_eq!(
        ids(&scaled("c", "minReplicaCount: 2\n  idleReplicaCount: 2")),
        ["scaled-object-invalid"]
    );
    let several = format!(
        "{}---\n{}",
        scaled("a", "minReplicaCount: 101"),
        scaled("c", "minReplicaCount: 2\n  idleReplicaCount: 3")
    );
    assert_eq!(ids(&several), ["custom-rule-broken", "scaled-object-invalid"]);
}
