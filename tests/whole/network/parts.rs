//! Paths of Ingresses, and parts of the distribution.

use super::{Pair, all, environment, hold, pair, pool};

fn ingress(name: &str, annotations: &str, class: &str, rule: &str) -> String {
    format!(
        "# app {name}\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: shop, \
         annotations: {{{annotations}}}}}\nspec:\n  ingressClassName: {class}\n  rules: [{rule}]\n---\n# app {name}\n\
         apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{ports: [{{port: 80}}]}}\n"
    )
}

fn rule(name: &str, host: &str, path: &str, kind: &str) -> String {
    format!(
        "{{host: {host}, http: {{paths: [{{path: {path}, pathType: {kind}, \
         backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}}}"
    )
}

const CLASSES: &str = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\n\
                       spec: {controller: k8s.io/ingress-nginx}\n---\napiVersion: networking.k8s.io/v1\n\
                       kind: IngressClass\nmetadata: {name: inner}\nspec: {controller: k8s.io/ingress-nginx}\n";

#[test]
fn paths_of_ingresses() {
    let id = "ingress-path-taken";
    let two = |first: &str, second: &str| all(&[&environment(""), CLASSES, first, second]);
    let web = ingress("web", "", "nginx", &rule("web", "shop.example.com", "/", "Prefix"));
    let api = |path: &str, kind: &str| {
        ingress("api", "", "nginx", &rule("api", "shop.example.com", path, kind))
    };
    hold(&[
        pair(
            "another path",
            id,
            "name: api",
            &two(&web, &api("/ ", "Prefix")),
            ["path: / ", "path: /api "],
        ),
        pair(
            "another kind of path",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix ")),
            ["Prefix ", "Exact "],
        ),
        pair(
            "another host",
            id,
            "shop.example.com ",
            &two(
                &web,
                &ingress("api", "", "nginx", &rule("api", "shop.example.com ", "/", "Prefix")),
            ),
            ["shop.example.com ", "api.example.com "],
        ),
        pair(
            "another class",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix").replace("Name: nginx", "Name:  nginx")),
            ["Name:  nginx", "Name: inner"],
        ),
        pair(
            "a canary",
            id,
            "name: api",
            &two(&web, &api("/", "Prefix").replace("annotations: {}", "annotations: { }")),
            ["annotations: { }", "annotations: {nginx.ingress.kubernetes.io/canary: \"true\"}"],
        ),
        pair(
            "twice in one",
            id,
            "api",
            &all(&[
                &environment(""),
                CLASSES,
                &ingress(
                    "web",
                    "",
                    "nginx",
                    &format!(
                        "{}, {}",
                        rule("web", "a.example.com", "/", "Prefix"),
                        rule("api", "a.example.com", "/", "Prefix ")
                    ),
                ),
                "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n",
            ]),
            ["Prefix ", "Exact "],
        ),
    ]);
}

#[test]
fn parts_of_the_distribution() {
    let k3s = |off: &str, fields: &str| {
        environment(&format!("kubernetes: {{distribution: k3s{off}}}\n{fields}"))
    };
    let lan = pool("lan", "192.168.1.240/29", "");
    let class = CLASSES.split("---\n").next().unwrap().replace("name: nginx", "name: traefik");
    let chart = "# app traefik\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: traefik\n\
                 footprint: {ingressClasses: [traefik]}\n";
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumLoadBalancerIPPool\nmetadata: {name: lan}\n\
                  spec:\n  blocks: [{cidr: 192.168.1.240/29}]\n";
    let all_on = ", disabled: []";
    let pairs: Vec<Pair> = vec![
        pair(
            "ServiceLB beside MetalLB",
            "load-balancer-twice",
            "disabled",
            &all(&[&k3s(", disabled: [traefik]", ""), &lan]),
            ["[traefik]", "[traefik, servicelb]"],
        ),
        pair(
            "nothing is off",
            "load-balancer-twice",
            "k3s",
            &all(&[&k3s("", ""), &lan]),
            ["k3s", "kubernetes"],
        ),
        pair(
            "by the release",
            "load-balancer-twice",
            "disabled",
            &k3s(all_on, "apps: {metallb: {}}"),
            ["[]", "[servicelb]"],
        ),
        pair(
            "beside Cilium",
            "load-balancer-twice",
            "disabled",
            &all(&[&k3s(all_on, ""), cilium]),
            ["[]", "[servicelb]"],
        ),
        pair(
            "Traefik beside Traefik",
            "ingress-controller-twice",
            "disabled",
            &all(&[&k3s(all_on, ""), &class]),
            ["[]", "[traefik]"],
        ),
        pair(
            "a chart's Traefik",
            "ingress-controller-twice",
            "disabled",
            &all(&[&k3s(all_on, "apps: {traefik: {}}"), chart]),
            ["[]", "[traefik]"],
        ),
    ];
    hold(&pairs);
}
