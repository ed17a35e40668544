//! What a person gets for an empty cluster.

use crate::site::{APP, CONFIG, Site};

const ENVIRONMENT: &str = "environments/e/environment.yaml";

fn site(kubernetes: &str, more: &str) -> Site {
    let site = Site::new();
    site.replace(ENVIRONMENT, "kubernetes: {version: \"1.34\"}", kubernetes);
    site.replace(ENVIRONMENT, "layers:\n", &format!("{more}layers:\n"));
    let run = site.build();
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    site
}

/// The instructions where `gitops.argocd` says this.
fn with_argocd(argocd: &str) -> String {
    let gitops = "repoURL: https://git.test/platform.git, ";
    let site = Site::new();
    site.replace(ENVIRONMENT, gitops, &format!("{gitops}argocd: {argocd}, "));
    assert_eq!(site.build().code, 0);
    site.read("rendered/e/bootstrap/README.md")
}

#[test]
fn every_node_of_k3s_has_its_file() {
    let nodes = "nodes: {\"yes\": {cpu: 2, reserved: {cpu: 1}}, \"on\": {cpu: 2}}\n";
    let kubernetes =
        "kubernetes: {version: \"1.34\", distribution: k3s, disabled: [\"on\", traefik]}";
    let site = site(kubernetes, nodes);
    let server = site.read("rendered/e/bootstrap/k3s-config.yaml");
    let fields = server.split_once("node.\n").unwrap().1;
    let expected = "disable:\n- \"on\"\n- traefik\nservice-node-port-range: 30000-32767\n\
                    cluster-domain: cluster.local\nnode-name: \"yes\"\nkubelet-arg:\n\
                    - system-reserved=cpu=1\n";
    assert_eq!(fields, expected);
    let agent = site.read("rendered/e/bootstrap/k3s-config-on.yaml");
    assert!(agent.ends_with("of the agent `on`.\nnode-name: \"on\"\n"), "{agent}");
    assert!(site.read("rendered/e/bootstrap/README.md").contains("](k3s-config-on.yaml)"));
}

#[test]
fn minikube_starts_with_all_nodes_in_the_version_that_is_stated() {
    let nodes = "nodes: {a: {cpu: 2}, b: {cpu: 2}}\n";
    for (version, flag) in [("1.34", "v1.34.0"), ("1.34.2", "v1.34.2")] {
        let kubernetes = format!("kubernetes: {{version: \"{version}\", distribution: minikube}}");
        let text = site(&kubernetes, nodes).read("rendered/e/bootstrap/README.md");
        assert!(text.contains(&format!("--kubernetes-version {flag} ")), "{text}");
        assert!(text.contains("--nodes 2 "), "{text}");
    }
}

#[test]
fn what_argocd_has_to_itself() {
    assert!(
        with_argocd("{memory: 1Gi, cpu: 500m}")
            .contains("1Gi of memory and 500m CPU are set aside")
    );
    assert!(with_argocd("{memory: 1Gi, cpu: 0}").contains("1Gi of memory are set aside"));
}

#[test]
fn argocd_in_the_version_and_namespace_that_are_stated() {
    assert!(with_argocd("{version: \"3.5\"}").contains("/argo-cd/release-3.5/manifests/"));
    assert!(with_argocd("{version: 3.5.7}").contains("/argo-cd/v3.5.7/manifests/"));
    assert!(with_argocd("{version: stable}").contains("/argo-cd/stable/manifests/"));
    let other = with_argocd("{namespace: gitops}");
    assert!(other.contains("sed 's/namespace: argocd$/namespace: gitops/'"), "{other}");
}

#[test]
fn argocd_in_another_cluster() {
    let text =
        site("kubernetes: {version: \"1.34\"}\ncluster: {context: far, destination: prod}", "")
            .read("rendered/e/bootstrap/README.md");
    assert!(text.contains("argocd cluster add far --name prod"), "{text}");
    assert!(!text.contains("install.yaml"), "{text}");
}

#[test]
fn labels_and_taints_of_nodes_reach_k3s() {
    let nodes = "nodes: {a: {labels: {disk: ssd}, taints: [{key: gpu, value: \"1\", effect: NoSchedule}], \
                 pods: 200}}\n";
    let site = site("kubernetes: {version: \"1.34\", distribution: k3s}", nodes);
    let text = site.read("rendered/e/bootstrap/k3s-config.yaml");
    let expected =
        "node-label:\n- disk=ssd\nnode-taint:\n- gpu=1:NoSchedule\nkubelet-arg:\n- max-pods=200\n";
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_secret_that_two_apps_need_is_made_once() {
    let site = Site::new();
    let needs = |key: &str, more: &str| {
        format!("secrets: {{db: {{description: shared, keys: {{{key}: meaning}}{more}}}}}\n")
    };
    site.write("apps/a/app.yaml", format!("{APP}{}", needs("one", "")));
    site.write("apps/b/app.yaml", format!("{APP}{}", needs("htpasswd", "")));
    site.write("apps/b/b.yaml", CONFIG.replace("name: c", "name: b"));
    site.replace(ENVIRONMENT, "  a: {}", "  a: {}\n  b: {}");
    assert_eq!(site.build().code, 0);
    let text = site.read("rendered/e/bootstrap/README.md");
    assert_eq!(text.matches("create secret generic db").count(), 1, "{text}");
    assert!(text.contains("--from-literal=one='<meaning>'"), "{text}");
    assert!(text.contains("--from-file=htpasswd='<meaning>'"), "{text}");
}
