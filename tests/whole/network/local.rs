//! One address of Cilium for several Services that take requests on nodes with their pods only.

use super::addresses::cilium;
use super::{all, environment, hold, pair, service};

const ASKS: &str = "lbipam.cilium.io/ips: 10.0.0.3, lbipam.cilium.io/sharing-key: shop";
const PERMITS: &str = "lbipam.cilium.io/sharing-permit-different-pods";

#[test]
fn clashes() {
    let two = |web: [&str; 2], api: [&str; 2]| {
        let one = |name, [selector, more]: [&str; 2], port| {
            let fields = format!("type: LoadBalancer\n  externalTrafficPolicy: Local{selector}");
            service(name, &format!("{ASKS}{more}"), &fields, port)
        };
        let pod = |name: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\nspec: {{containers: [{{name: a, image: a:1}}]}}\n"
            )
        };
        all(&[
            &environment(""),
            &cilium("lan", "{cidr: 10.0.0.0/28}", ""),
            &one("web", web, "{port: 80}"),
            &one("api", api, "{port: 81}"),
            &pod("web"),
            &pod("api"),
        ])
    };
    let (web, api) = ("\n  selector: {app: web}", "\n  selector: {app: api}");
    let permits = format!(", {PERMITS}: 'true'");
    let refuses = format!(", {PERMITS}: 'false'");
    let id = "address-taken";
    hold(&[
        pair(
            "one of two permits other pods",
            id,
            "10.0.0.3",
            &two([web, &permits], [api, &refuses]),
            ["'false'", "'true'"],
        ),
        pair(
            "no permission",
            id,
            "10.0.0.3",
            &two([web, ""], [api, ""]),
            ["selector: {app: api}", "selector: {app: web}"],
        ),
        pair(
            "a value that is none",
            id,
            "10.0.0.3",
            &two([web, &permits], [api, &refuses]),
            ["'false'", "'${PERMITS}'"],
        ),
        pair(
            "one selector",
            id,
            "10.0.0.3",
            &two([web, &permits], ["", &permits]),
            [
                "Local\n  ports: [{port: 81}]",
                "Local\n  selector: {app: web}\n  ports: [{port: 81}]",
            ],
        ),
        pair(
            "no selectors",
            id,
            "10.0.0.3",
            &two(["", &permits], ["", &permits]).replacen("10.0.0.3", "10.0.0.3 ", 1),
            ["10.0.0.3 ", "10.0.0.4"],
        ),
    ]);
}
