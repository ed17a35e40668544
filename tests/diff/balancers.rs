//! Whom the load balancers of Services let in, and for which names Services stand.

use crate::consequences::told;

const NONE: [&str; 0] = [];

fn service(spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n"
    )
}

#[test]
fn a_load_balancer_lets_other_clients_in() {
    let of = |ranges: &str| {
        service(&format!(
            "type: LoadBalancer, ports: [{{port: 80}}], loadBalancerSourceRanges: [{ranges}]"
        ))
    };
    let noted = |ranges: &str| {
        service("type: LoadBalancer, ports: [{port: 80}]").replace(
            "namespace: shop",
            &format!(
                "namespace: shop, annotations: {{service.beta.kubernetes.io/load-balancer-source-ranges: '{ranges}'}}"
            ),
        )
    };
    let lets = |rest: &str| format!("address: its load balancer {rest}");
    let cases = [
        (
            "",
            "10.0.0.0/8",
            vec![lets("lets clients in from `10.0.0.0/8` alone, not from everywhere")],
        ),
        (
            "10.1.0.0/16",
            "0.0.0.0/0",
            vec![lets("lets clients in from everywhere, not from `10.1.0.0/16` alone")],
        ),
        ("10.1.0.0/16", "10.0.0.0/8", vec![lets("newly lets clients in from `10.0.0.0/8`")]),
        (
            "10.0.0.0/8",
            "10.1.0.0/16",
            vec![lets("lets clients in no longer from `10.0.0.0/8`, but for `10.1.0.0/16`")],
        ),
        (
            "10.1.0.0/16",
            "10.2.0.0/16",
            vec![
                lets("newly lets clients in from `10.2.0.0/16`"),
                lets("lets clients in no longer from `10.1.0.0/16`"),
            ],
        ),
        // The same ones in other words.
        ("", "0.0.0.0/0", vec![]),
        ("0.0.0.0/1, 128.0.0.0/1", "", vec![]),
        ("10.0.0.0/8", "10.0.0.0/9, 10.128.0.0/9", vec![]),
        ("10.0.0.0/8", "10.0.0.0/8, 10.1.0.0/16", vec![]),
        // Nobody knows what they are, or of which family the addresses of the balancer are.
        ("", "'${RANGE}'", vec![]),
        ("", "lan", vec![]),
        ("", "'::/0'", vec![]),
    ];
    for (before, after, expected) in cases {
        assert_eq!(told(&of(before), &of(after)), expected, "{before} {after}");
        let plain = |text: &str| text.replace('\'', "");
        if before.is_empty() {
            assert_eq!(told(&of(before), &noted(&plain(after))), expected, "{after}");
        }
    }
    // The field goes before the annotation.
    assert_eq!(told(&of("10.0.0.0/8"), &noted(" 10.0.0.0/8")), NONE);
    let both = of("10.0.0.0/8").replace(
        "namespace: shop",
        "namespace: shop, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: 10.9.0.0/16}",
    );
    assert_eq!(told(&of("10.0.0.0/8"), &both), NONE);
}

#[test]
fn a_name_of_dns_has_no_case() {
    let of = |name: &str| service(&format!("type: ExternalName, externalName: {name}"));
    assert_eq!(told(&of("a.b."), &of("A.b")), NONE);
    assert_eq!(told(&of("a.b"), &of("a.c")), ["address: it stands for `a.c` instead of `a.b`"]);
}
