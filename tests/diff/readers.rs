//! Pods that read what changes, and quotas that count them.

use gitopsc::diff::{Beside, changes};
use gitopsc::schema::{Definitions, NEWEST, pack};

use crate::consequences::told;
use crate::objects::snapshot;
use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const NONE: [&str; 0] = [];

fn config(name: &str, value: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {{a: '{value}', b: same, long: text that stays as it is}}\n---\n"
    )
}

fn deployment(pod: &str, annotations: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  selector: {{matchLabels: {{app: \
         web}}}}\n  template:\n    metadata: {{labels: {{app: web}}, annotations: {{{annotations}}}}}\n    spec: {{{pod}}}\n---\n"
    )
}

fn reads(pod: &str) -> Vec<String> {
    let workload = deployment(pod, "a: b");
    told(&(config("c", "1") + &workload), &(config("c", "2") + &workload))
}

#[test]
fn how_pods_get_a_value_decides_when() {
    let environment = "stale: pods of Deployment `web` have it in their environment, and keep the old values until they are replaced";
    let path = "stale: pods of Deployment `web` mount it by `subPath`, and keep the old files until they are replaced";
    let files = "reread: files in running pods of Deployment `web` change within about a minute, without a restart";
    let mounted = |volume: &str, mount: &str| {
        format!(
            "containers: [{{name: web, image: web, volumeMounts: [{{name: v, mountPath: /x{mount}}}]}}], volumes: [{{name: v, {volume}}}]"
        )
    };
    let env = |key: &str| {
        format!(
            "containers: [{{name: web, image: web, env: [{{name: A, valueFrom: {{configMapKeyRef: {{name: c, key: {key}}}}}}}]}}]"
        )
    };
    let from = "[{name: web, image: web, envFrom: [{configMapRef: {name: c}}]}]";
    let cases: [(String, &[&str]); 12] = [
        (env("a"), &[environment]),
        (env("b"), &[]),
        (format!("containers: {from}"), &[environment]),
        // What ran to its end reads nothing any more; a sidecar goes on.
        (format!("initContainers: {from}, containers: []"), &[]),
        (
            format!(
                "initContainers: {}, containers: []",
                from.replace("envFrom", "restartPolicy: Always, envFrom")
            ),
            &[environment],
        ),
        (mounted("configMap: {name: c}", ""), &[files]),
        (mounted("configMap: {name: c, items: [{key: b, path: x}]}", ""), &[]),
        (mounted("projected: {sources: [{configMap: {name: c}}]}", ""), &[files]),
        (mounted("configMap: {name: c}", ", subPath: a"), &[path]),
        (mounted("configMap: {name: c}", ", subPath: b"), &[]),
        (mounted("secret: {secretName: c}", ""), &[]),
        (mounted("configMap: {name: other}", ""), &[]),
    ];
    for (pod, expected) in cases {
        assert_eq!(reads(&pod), expected, "{pod}");
    }
    // Somebody replaces the pods then.
    let watched = deployment(&format!("containers: {from}"), "reloader.stakater.com/auto: 'true'");
    assert_eq!(told(&(config("c", "1") + &watched), &(config("c", "2") + &watched)), NONE);
}

#[test]
fn a_template_that_differs_too_replaces_the_pods() {
    let pod = |name: &str| {
        format!(
            "containers: [{{name: web, image: web, envFrom: [{{configMapRef: {{name: {name}}}}}]}}]"
        )
    };
    let reread = "reread: pods of Deployment `web` are replaced, since their template differs too";
    let restart = "restart: 1 pod is replaced";
    let before = config("c", "1") + &deployment(&pod("c"), "checksum/config: a");
    let after = config("c", "2") + &deployment(&pod("c"), "checksum/config: b");
    assert_eq!(told(&before, &after), [reread, restart]);
    let hashed = |name: &str, value: &str| config(name, value) + &deployment(&pod(name), "a: b");
    assert_eq!(told(&hashed("c-a1b2c3d4e5", "1"), &hashed("c-b1c2d3e4f5", "2")), [reread, restart]);
}

#[test]
fn what_is_final_is_refused() {
    let text = |value: &str| config("c", value).replace("data:", "immutable: true\ndata:");
    let found = told(&text("1"), &text("2"));
    assert!(
        found.len() == 1 && found[0].starts_with("refused: `data.a` cannot change"),
        "{found:?}"
    );
}

#[test]
fn readers_in_files_that_are_the_same_are_found() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    let pod = "containers: [{name: web, image: web, envFrom: [{configMapRef: {name: c}}]}]";
    for environment in ["lab", "home"] {
        let top = format!("rendered/{environment}/manifests/web");
        write(path, &format!("environments/{environment}/.keep"), "");
        write(path, &format!("{top}/config.yaml"), config("c", "1"));
        if environment == "lab" {
            write(path, &format!("{top}/deployment.yaml"), deployment(pod, "a: b"));
        }
    }
    commit(path, "all");
    for environment in ["lab", "home"] {
        write(path, &format!("rendered/{environment}/manifests/web/config.yaml"), config("c", "2"));
    }
    let found = run(path, &[]).out;
    assert_eq!(found.matches("! stale: pods of Deployment `web`").count(), 1, "{found}");
    assert!(found.contains("(lab)") && found.contains("(home)"), "{found}");
    // Without environments, and of two directories.
    let stale = |arguments: &[&str], path: &std::path::Path| {
        run(path, arguments).out.matches("! stale: pods of Deployment `web`").count()
    };
    let plain = tempfile::tempdir().unwrap();
    let path = plain.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "old/config.yaml", config("c", "1"));
    write(path, "old/deployment.yaml", deployment(pod, "a: b"));
    commit(path, "all");
    write(path, "new/config.yaml", config("c", "2"));
    write(path, "new/deployment.yaml", deployment(pod, "a: b"));
    assert_eq!(stale(&["old", "new"], path), 1);
    std::fs::remove_dir_all(path.join("new")).unwrap();
    write(path, "old/config.yaml", config("c", "2"));
    assert_eq!(stale(&[], path), 1);
    // Where an object is there twice, directories may be of two clusters.
    for directory in ["old/one", "old/two"] {
        write(path, &format!("{directory}/other.yaml"), config("other", "1"));
    }
    write(path, "old/one/config.yaml", config("c", "1"));
    std::fs::remove_file(path.join("old/config.yaml")).unwrap();
    commit(path, "several");
    write(path, "old/one/config.yaml", config("c", "3"));
    assert_eq!(stale(&[], path), 0);
}

fn quotas(before: &str, after: &str) -> Vec<String> {
    let side = |text: &str| snapshot(&[("lab", "a.yaml", text)]);
    let (before, after) = (side(before), side(after));
    let beside = Beside { whole: ["lab".into()].into(), ..Beside::default() };
    let definitions = Definitions::default();
    let found = changes(&before, &after, pack(NEWEST), &definitions, &beside);
    found
        .quotas
        .iter()
        .map(|one| format!("{} {}: {}", one.namespace, one.quota, one.text()))
        .collect()
}

#[test]
fn quotas_count_more_or_less() {
    let quota = |hard: &str| {
        format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: all, namespace: shop}}\nspec: {{hard: {{{hard}}}}}\n---\n"
        )
    };
    let web = |count: u32, memory: &str| {
        deployment(
            &format!("containers: [{{name: web, image: web, resources: {{limits: {{memory: {memory}}}}}}}]"),
            "a: b",
        )
        .replace("  selector", &format!("  replicas: {count}\n  selector"))
    };
    let hard = quota("limits.memory: 8Gi, pods: '10', count/secrets: '5'");
    assert_eq!(
        quotas(&(hard.clone() + &web(3, "2Gi")), &(hard.clone() + &web(2, "2Gi"))),
        ["shop all: limits.memory 6Gi → 4Gi of 8Gi", "shop all: pods 3 → 2 of 10"]
    );
    assert_eq!(
        quotas(&(hard.clone() + &web(3, "2Gi")), &(hard.clone() + &web(3, "3Gi"))),
        ["shop all: limits.memory 6Gi → 9Gi of 8Gi, which is too little"]
    );
    let lower = quota("limits.memory: 7Gi, pods: '10', count/secrets: '5'");
    assert_eq!(
        quotas(&(hard.clone() + &web(3, "2Gi")), &(lower + &web(3, "2Gi"))),
        ["shop all: limits.memory 6Gi of 8Gi → 7Gi"]
    );
    // Pods that the quota lets in no longer count for nothing.
    let strict = quota("limits.memory: 8Gi, pods: '10', requests.cpu: '5', count/secrets: '5'");
    assert_eq!(quotas(&(hard.clone() + &web(3, "2Gi")), &(strict + &web(3, "2Gi"))), NONE);
    // The same in other words, what is filled in later, and what may be in any namespace.
    assert_eq!(quotas(&(hard.clone() + &web(3, "2Gi")), &(hard.clone() + &web(3, "2048Mi"))), NONE);
    assert_eq!(
        quotas(&(hard.clone() + &web(3, "2Gi")), &(hard.clone() + &web(2, "'${SIZE}'"))),
        NONE
    );
    let nowhere = web(3, "2Gi").replace(", namespace: shop", "");
    assert_eq!(quotas(&(hard.clone() + &nowhere), &(hard + &web(2, "2Gi"))), NONE);
}

#[test]
fn what_a_container_states_itself_wins() {
    let both = |value: &str, other: &str, name: &str, prefix: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{a: '{value}', b: '{other}'}}\n---\n\
             apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n  \
             template:\n    metadata: {{labels: {{a: b}}}}\n    spec: {{containers: [{{name: w, image: w, \
             env: [{{name: {name}, value: z}}], envFrom: [{{{prefix}configMapRef: {{name: c}}}}]}}]}}\n"
        )
    };
    for (after, name, prefix, is_stale) in [
        (("2", "1"), "a", "", false),
        (("2", "2"), "a", "", true),
        (("2", "1"), "b", "", true),
        (("2", "1"), "P_a", "prefix: P_, ", false),
        (("2", "1"), "a", "prefix: P_, ", true),
    ] {
        let (before, after) = (both("1", "1", name, prefix), both(after.0, after.1, name, prefix));
        let found = crate::consequences::told(&before, &after);
        assert_eq!(found.iter().any(|one| one.starts_with("stale")), is_stale, "{after} {found:?}");
    }
}

#[test]
fn an_autoscaler_that_goes_less_far_is_told() {
    let of = |max: u32| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\n\
             spec: {{minReplicas: 2, maxReplicas: {max}, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: w}}}}\n"
        )
    };
    let told = crate::consequences::told;
    assert_eq!(
        told(&of(5), &of(3)),
        ["scale: Deployment `w` is scaled to 2 to 3 pods instead of 2 to 5 pods"]
    );
    assert_eq!(told(&of(3), &of(5)), Vec::<String>::new());
}
