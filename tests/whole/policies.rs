//! NetworkPolicies: whom they are for, whom they permit, and what they forbid by that.

use crate::text;

/// Two policies that permit what takes place.
const SOUND: &str = include_str!("policies.yaml");

const PEER: &str =
    "[{namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: web}}}]";
const OUT: &str = "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}}]";
const DNS: &str = "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, \
                   podSelector: {matchLabels: {k8s-app: kube-dns}}}]";
const UDP: &str = "[{port: 53, protocol: UDP}]";

fn spoil(from: &str, to: &str) -> String {
    crate::support::whole::spoilt(SOUND, from, to)
}

/// What is put in place of what, the checks that tell, and the line that the first is told at.
const SPOILT: &[(&str, &str, &[&str], &str)] = &[
    (
        "  podSelector: {matchLabels: {app: db}}",
        "  podSelector: {matchLabels: {app: dp}}",
        &["policy-selects-nothing"],
        "podSelector: {matchLabels: {app: dp}}",
    ),
    (
        "  podSelector: {matchLabels: {app: db}}",
        "  podSelector: {matchExpressions: [{key: app, operator: In, values: [dp, dq]}]}",
        &["policy-selects-nothing"],
        "podSelector: {matchExpressions: [{key: app, operator: In, values: [dp, dq]}]}",
    ),
    // A peer that is nobody forbids what takes place, which is told once.
    (
        PEER,
        "[{namespaceSelector: {matchLabels: {team: shops}}}]",
        &["conversation-forbidden"],
        "env: [{name: DATABASE, value: 'postgres://db.data.svc:5432/shop'}]",
    ),
    (
        PEER,
        "[{podSelector: {matchLabels: {app: web}}}]",
        &["conversation-forbidden"],
        "env: [{name: DATABASE, value: 'postgres://db.data.svc:5432/shop'}]",
    ),
    (
        PEER,
        "[{namespaceSelector: {matchLabels: {team: shop}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]",
        &["policy-peer-selects-nothing"],
        "- from: [{namespaceSelector: {matchLabels: {team: shop}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]",
    ),
    // Blocks that have no pod.
    (
        PEER,
        "[{ipBlock: {cidr: 10.0.0.0/24}}]",
        &["conversation-forbidden"],
        "env: [{name: DATABASE, value: 'postgres://db.data.svc:5432/shop'}]",
    ),
    (
        PEER,
        "[{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16]}}]",
        &["conversation-forbidden"],
        "env: [{name: DATABASE, value: 'postgres://db.data.svc:5432/shop'}]",
    ),
    (
        OUT,
        "[{ipBlock: {cidr: 2001:db8::/32}}]",
        &["conversation-forbidden"],
        "env: [{name: DATABASE, value: 'postgres://db.data.svc:5432/shop'}]",
    ),
    // Without DNS.
    (UDP, "[{port: 53}]", &["dns-forbidden"], "spec:"),
    (UDP, "[{port: 5353, protocol: TCP}]", &["dns-forbidden"], "spec:"),
    (DNS, "[{podSelector: {}}]", &["dns-forbidden"], "spec:"),
    (DNS, "[{ipBlock: {cidr: 1.1.1.1/32}}]", &["dns-forbidden"], "spec:"),
    (
        DNS,
        "[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}}]",
        &["dns-forbidden"],
        "spec:",
    ),
];

#[test]
fn each_spoilt_policy_is_told() {
    let sound = text::check(SOUND);
    assert!(sound.findings.is_empty(), "{}", sound.account());
    for (from, to, ids, line) in SPOILT {
        let spoilt = text::check(&spoil(from, to));
        let mut found: Vec<&str> = spoilt.findings.iter().map(|it| it.id).collect();
        found.sort_unstable();
        assert_eq!(found, *ids, "{to}: {}", spoilt.account());
        let first = spoilt.findings.iter().find(|it| it.id == ids[0]).unwrap();
        assert_eq!(spoilt.line(first.labels[0].span), *line, "{to}");
    }
}

/// What others may bring, and what nobody knows.
#[test]
fn what_is_not_known_is_permitted() {
    const CHART: &str =
        "---\napiVersion: gitopsc.dev/v1alpha1\nkind: App\nnamespace: data\n# app c\n";
    const ROLE: &str = "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: data}\nrules: [{apiGroups: [''], resources: [pods], verbs: [create]}]\n\
         ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: r, namespace: data}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: default, namespace: data}]\n";
    const OPERATED: &str =
        "---\napiVersion: example.com/v1\nkind: Database\nmetadata: {name: dp, namespace: data}\n";
    let others = "  podSelector: {matchLabels: {app: db}}";
    let cases = [
        (others, "  podSelector: {}", ""),
        (others, "  podSelector: {matchLabels: {app: dp}}", CHART),
        (others, "  podSelector: {matchLabels: {app: dp}}", ROLE),
        (others, "  podSelector: {matchLabels: {app: dp}}", OPERATED),
        (others, "  podSelector: {matchLabels: {cnpg.io/cluster: pg}}", ""),
        (others, "  podSelector: {matchLabels: {job-name: load}}", ""),
        (PEER, "[{ipBlock: {cidr: 10.42.7.0/24}}]", ""),
        (PEER, "[{ipBlock: {cidr: 192.168.1.10/32}}]", ""),
        (PEER, "[{ipBlock: {cidr: 0.0.0.0/0, except: [10.42.7.0/24]}}]", ""),
        (PEER, "[{namespaceSelector: {}}]", ""),
        (OUT, "[{ipBlock: {cidr: 10.43.0.0/16}}]", ""),
        (DNS, "[{namespaceSelector: {}}]", ""),
        (DNS, "[{namespaceSelector: {matchLabels: {name: kube-system}}}]", ""),
        (DNS, "[{ipBlock: {cidr: 169.254.20.10/32}}]", ""),
        (DNS, "[{ipBlock: {cidr: 10.43.0.10/32}}]", ""),
        (UDP, "[{port: dns, protocol: UDP}]", ""),
        (UDP, "[{port: 1, endPort: 1024, protocol: UDP}]", ""),
        (UDP, "[{port: 5353, protocol: UDP}]", ""),
    ];
    for (from, to, more) in cases {
        let found = text::check(&(spoil(from, to) + more));
        assert!(found.findings.is_empty(), "{to} {more}: {}", found.account());
    }
    // Without the networks of the environment a block may have any pod.
    let unknown = spoil(PEER, "[{ipBlock: {cidr: 10.0.0.0/24}}]").replace("nodes: ", "gateway: ");
    let found = text::check(&unknown);
    assert!(found.findings.is_empty(), "{}", found.account());
    // Who does not ask the cluster needs no way to it.
    let own = spoil(UDP, "[{port: 53}]");
    for (from, to) in [
        (
            "    spec:\n      containers:\n        - name: web",
            "    spec:\n      dnsPolicy: None\n      dnsConfig: {nameservers: [9.9.9.9]}\n      containers:\n        - name: web",
        ),
        (
            "    spec:\n      containers:\n        - name: web",
            "    spec:\n      hostNetwork: true\n      containers:\n        - name: web",
        ),
        ("postgres://db.data.svc:5432/shop", "postgres://10.0.0.7:5432/shop"),
    ] {
        assert_eq!(own.matches(from).count(), 1, "`{from}` is there once");
        let found = text::check(&own.replacen(from, to, 1));
        assert!(found.findings.is_empty(), "{to}: {}", found.account());
    }
}
