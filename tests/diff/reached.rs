//! Addresses, hosts, permissions and numbers of pods that change.

use crate::consequences::told;

const NONE: [&str; 0] = [];

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n"
    )
}

#[test]
fn a_service_is_reached_in_another_way() {
    let ports = "ports: [{port: 80, name: http}]";
    let cases = [
        (
            format!("type: LoadBalancer, {ports}"),
            "address: it is newly offered outside the cluster by a load balancer: `LoadBalancer`",
        ),
        (
            format!("type: NodePort, {ports}"),
            "address: it is newly offered outside the cluster at a port of every node: `NodePort`",
        ),
        (
            "ports: [{port: 81, name: http}]".to_owned(),
            "address: it is newly reached at port `81/TCP`; address: it is reached no longer at port `80/TCP`",
        ),
        (
            format!("externalIPs: [192.0.2.1], {ports}"),
            "address: it is newly reached at external address `192.0.2.1`",
        ),
    ];
    let plain = service(ports);
    for (spec, expected) in cases {
        assert_eq!(told(&plain, &service(&spec)).join("; "), expected, "{spec}");
    }
    assert_eq!(
        told(&service(&format!("type: LoadBalancer, {ports}")), &plain),
        ["address: it is offered outside the cluster no longer: its load balancer goes"]
    );
    assert_eq!(told(&plain, ""), ["address: `web.shop` is reached no longer"]);
    // What means the same, leads elsewhere behind it, or is not known yet.
    for spec in [
        "type: ClusterIP, ports: [{port: 80, name: http, protocol: TCP}]",
        "ports: [{port: 80, name: http, targetPort: 8080}]",
        "ports: [{port: 80, name: http}], type: '${TYPE}'",
    ] {
        assert_eq!(told(&plain, &service(spec)), NONE, "{spec}");
    }
    assert_eq!(told("", &plain), NONE);
}

#[test]
fn ports_of_nodes_and_addresses_of_balancers_move() {
    let node =
        |port: &str| service(&format!("type: NodePort, ports: [{{port: 80, nodePort: {port}}}]"));
    assert_eq!(
        told(&node("30080"), &node("30081")),
        ["address: port `80/TCP` is at node port 30081 instead of 30080"]
    );
    // The server keeps the one that it has.
    assert_eq!(told(&node("30080"), &node("30080").replace(", nodePort: 30080", "")), NONE);
    let at = |address: &str| {
        service("type: LoadBalancer, ports: [{port: 80}]").replace(
            "namespace: shop",
            &format!("namespace: shop, annotations: {{metallb.io/loadBalancerIPs: {address}}}"),
        )
    };
    assert_eq!(
        told(&at("192.0.2.1"), &at("192.0.2.2")),
        ["address: it asks for address `192.0.2.2` instead of `192.0.2.1`"]
    );
}

fn ingress(name: &str, host: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  rules:\n  \
         - host: {host}\n    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}\n---\n"
    )
}

#[test]
fn hosts_move_between_routes() {
    let (one, other) = (ingress("a", "x.example.com"), ingress("b", "y.example.com"));
    assert_eq!(
        told(&one, &ingress("a", "z.example.com")),
        [
            "address: it routes host `x.example.com` no longer",
            "address: it newly routes host `z.example.com`"
        ]
    );
    let moved = ingress("a", "z.example.com") + &ingress("b", "x.example.com");
    assert_eq!(
        told(&(one.clone() + &other), &moved),
        [
            "address: it routes host `x.example.com` no longer, which Ingress `b` in shop does",
            "address: it newly routes host `z.example.com`",
            "address: `x.example.com/` leads to `b:80` instead of `a:80`, by Ingress `b` in shop",
            "address: it routes host `y.example.com` no longer",
            "address: it newly routes host `x.example.com`, which Ingress `a` in shop did",
        ]
    );
    let led = one.replace("service: {name: a", "service: {name: c");
    assert_eq!(told(&one, &led), ["address: `x.example.com/` leads to `c:80` instead of `a:80`"]);
    assert_eq!(told(&one, &ingress("a", "X.example.com")), NONE);
    assert_eq!(told(&one, &ingress("a", "'${HOST}'")), NONE);
    let route = |hosts: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: a, namespace: shop}}\nspec: {{hostnames: [{hosts}]}}\n"
        )
    };
    assert_eq!(
        told(&route("a.example.com"), &route("a.example.com, b.example.com")),
        ["address: it newly routes host `b.example.com`"]
    );
}

fn role(rules: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: reader}}\nrules: [{rules}]\n---\n"
    )
}

fn binding(name: &str, role: &str, account: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {name}}}\nroleRef: \
         {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}\nsubjects: [{{kind: ServiceAccount, name: \
         {account}, namespace: build}}]\n---\n"
    )
}

#[test]
fn roles_permit_more_or_less() {
    let pods = "{apiGroups: [''], resources: [pods], verbs: [get, list]}";
    let secrets = "{apiGroups: [''], resources: [secrets], verbs: [get]}";
    let one = role(pods);
    let both = role(&format!("{pods}, {secrets}"));
    assert_eq!(
        told(&one, &both),
        ["permission: it newly permits `get` on `secrets`: Secrets can be read"]
    );
    assert_eq!(told(&both, &one), ["permission: it permits no longer `get` on `secrets`"]);
    let bound = binding("ci", "reader", "ci");
    assert_eq!(
        told(&(one.clone() + &bound), &(both.clone() + &bound)),
        [
            "permission: it newly permits `get` on `secrets` (ServiceAccount `ci` in build is bound to it): Secrets can be read"
        ]
    );
    let all = role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}");
    let found = told(&both, &all);
    assert!(found[0].starts_with("permission: it newly permits everything: "), "{found:?}");
    assert!(found.len() == 1 && found[0].contains("any permission can be given"), "{found:?}");
    // The same in other words.
    let split = role(
        "{apiGroups: [''], resources: [pods], verbs: [list]}, {apiGroups: [''], resources: [pods], verbs: [get]}",
    );
    assert_eq!(told(&one, &split), NONE);
    // What is within what there was.
    let wide = role("{apiGroups: [''], resources: ['*'], verbs: [get, list]}");
    assert_eq!(
        told(&wide, &one),
        ["permission: it permits no longer `get`, `list` on everything of the core group"]
    );
    let named = role("{apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get]}");
    assert_eq!(told(&named, &role(secrets)).len(), 1);
    assert_eq!(
        told(
            &role(secrets),
            &(role(&format!(
                "{secrets}, {{apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [get]}}"
            )))
        ),
        NONE
    );
}

#[test]
fn subjects_are_bound() {
    let one = binding("ci", "cluster-admin", "ci");
    assert_eq!(
        told("", &one),
        [
            "permission: it binds newly ServiceAccount `ci` in build to ClusterRole `cluster-admin`: everything is permitted in the \
          whole cluster"
        ]
    );
    assert_eq!(
        told(&one, ""),
        [
            "permission: it binds no longer ServiceAccount `ci` in build to ClusterRole `cluster-admin`"
        ]
    );
    // Another binding says the same.
    let other = binding("other", "cluster-admin", "ci");
    assert_eq!(told(&one, &(one.clone() + &other)), NONE);
    assert_eq!(
        told(&one, &binding("ci", "cluster-admin", "cd")),
        [
            "permission: it binds newly ServiceAccount `cd` in build to ClusterRole `cluster-admin`: everything is permitted in \
             the whole cluster",
            "permission: it binds no longer ServiceAccount `ci` in build to ClusterRole `cluster-admin`",
        ]
    );
}

#[test]
fn levels_projects_and_pods_get_more() {
    let namespace = |labels: &str| {
        format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n")
    };
    let level = |level: &str| namespace(&format!("pod-security.kubernetes.io/enforce: {level}"));
    assert_eq!(
        told(&level("restricted"), &level("baseline")),
        [
            "permission: pods are let in that level `restricted` refused: Pod Security enforces `baseline`"
        ]
    );
    assert_eq!(told(&level("baseline"), &namespace("a: b")).len(), 1);
    assert_eq!(told(&namespace("a: b"), &level("privileged")), NONE);
    assert_eq!(told(&level("baseline"), &level("'${LEVEL}'")), NONE);
    let project = |spec: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: shop}}\nspec: {{{spec}}}\n"
        )
    };
    let narrow =
        project("sourceRepos: ['https://git.example.com/*'], namespaceResourceWhitelist: []");
    let wide = project(
        "sourceRepos: ['https://git.example.com/*', '*'], destinations: [{server: '*', namespace: shop}], \
         clusterResourceWhitelist: [{group: '', kind: Namespace}]",
    );
    assert_eq!(
        told(&narrow, &wide),
        [
            "permission: its Applications may newly come from `*`",
            "permission: its Applications may newly go to namespace `shop of *`",
            "permission: its Applications may newly have the cluster's `Namespace`",
            "permission: its Applications may newly have every kind of a namespace that no list forbids",
        ]
    );
    assert_eq!(told(&wide, &narrow), NONE);
    let stands = project(
        "sourceRepos: ['https://git.example.com/*'], namespaceResourceWhitelist: [], sourceNamespaces: [shop]",
    );
    assert_eq!(
        told(&narrow, &stands),
        ["permission: its Applications may newly stand in namespace `shop`"]
    );
    let within = project(
        "sourceRepos: ['https://git.example.com/*', 'https://git.example.com/a'], namespaceResourceWhitelist: []",
    );
    assert_eq!(told(&narrow, &within), NONE);
    // Any address is that of a cluster with a name, too.
    let any = project("destinations: [{server: '*', namespace: '*'}]");
    let named = project("destinations: [{name: prod, namespace: '*'}]");
    assert_eq!(told(&any, &named), NONE);
    assert_eq!(told(&named, &any).len(), 1);
    let pod = |context: &str| {
        format!(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{app: web}}}}\n  template:\n    \
             metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: 'web:1', securityContext: {{{context}}}}}]}}\n"
        )
    };
    assert_eq!(
        told(&pod("privileged: false"), &pod("privileged: true")),
        [
            "restart: the pod of each node is replaced",
            "permission: its pods newly have what level `baseline` forbids: `privileged`"
        ]
    );
    assert_eq!(
        told(&pod("privileged: true"), &pod("privileged: false")),
        ["restart: the pod of each node is replaced"]
    );
}

fn deployment(spec: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec:\n  {spec}\n  selector: {{matchLabels: {{app: \
         web}}}}\n  template:\n    metadata: {{labels: {{app: web}}}}\n    spec: {{containers: [{{name: web, image: 'web:1'}}]}}\n---\n"
    )
}

#[test]
fn numbers_of_pods_change() {
    let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec:\n  \
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 2\n  maxReplicas: 5\n---\n";
    let (three, one, none) =
        (deployment("replicas: 3"), deployment("replicas: 1"), deployment("paused: false"));
    assert_eq!(told(&three, &one), ["scale: it asks for 1 instead of 3 pods"]);
    assert_eq!(told(&one, &three), NONE);
    assert_eq!(
        told(&three, &deployment("replicas: 0")),
        ["outage: all of its pods stop: it asks for 0 instead of 3"]
    );
    assert_eq!(
        told(&three, &(none.clone() + scaler)),
        [
            "scale: it asks for 1 instead of 3 pods until HorizontalPodAutoscaler `web` in shop scales it: `replicas` is gone, \
             and the API server takes 1 for it where nobody else owns it",
            "scale: Deployment `web` is newly scaled to 2 to 5 pods",
        ]
    );
    assert_eq!(
        told(&three, &(three.clone() + scaler)),
        ["scale: Deployment `web` is newly scaled to 2 to 5 pods, whatever `replicas: 3` says"]
    );
    assert_eq!(
        told(&(one.clone() + scaler), &one),
        [
            "scale: Deployment `web` is scaled no longer: `replicas: 1` holds, which is fewer than the 2 to 5 pods before"
        ]
    );
    assert_eq!(
        told(&(none.clone() + scaler), &none),
        [
            "scale: Deployment `web` is scaled no longer: it keeps the pods that it has then, of 2 to 5 pods"
        ]
    );
    // Scaled all along: how many there are is not known.
    assert_eq!(told(&(three.clone() + scaler), &(none.clone() + scaler)), NONE);
    assert_eq!(
        told(&(three.clone() + scaler), &(three.replace("web:1", "web:2") + scaler)),
        ["restart: its pods are replaced"]
    );
    // Another takes over, within the same bounds or fewer.
    let keda = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: web, namespace: shop}\nspec:\n  \
                scaleTargetRef: {name: web}\n  minReplicaCount: 2\n  maxReplicaCount: 5\n  \
                triggers: [{type: cpu, metricType: Utilization, metadata: {value: '50'}}]\n---\n";
    assert_eq!(told(&(none.clone() + scaler), &(none.clone() + keda)), NONE);
    assert_eq!(told(&(none.clone() + keda), &(none.clone() + scaler)), NONE);
    assert_eq!(
        told(
            &(none.clone() + scaler),
            &(none.clone() + &keda.replace("maxReplicaCount: 5", "maxReplicaCount: 3"))
        ),
        ["scale: Deployment `web` is scaled to 2 to 3 pods instead of 2 to 5 pods"]
    );
    // It means another workload then.
    let api = three.replace("name: web", "name: api").replace("app: web", "app: api");
    let both = format!("{three}---\n{api}---\n");
    let other = scaler.replace("Deployment, name: web", "Deployment, name: api");
    assert_eq!(
        told(&(both.clone() + scaler), &(both + &other)),
        [
            "scale: Deployment `web` is scaled no longer: `replicas: 3` holds instead of 2 to 5 pods; Deployment `api` is newly \
             scaled to 2 to 5 pods, whatever `replicas: 3` says"
        ]
    );
    let filled_in = scaler.replace("maxReplicas: 5", "maxReplicas: '${MAX}'");
    assert_eq!(told(&three, &(none.clone() + &filled_in)), NONE);
    let stopped = deployment("replicas: 0");
    assert_eq!(told(&stopped, &(stopped.clone() + scaler)), NONE);
    let elsewhere = scaler.replace("namespace: shop", "namespace: other");
    assert_eq!(
        told(&three, &(one + &elsewhere)),
        [
            "scale: it asks for 1 instead of 3 pods",
            "scale: Deployment `web` is newly scaled to 2 to 5 pods"
        ]
    );
}
