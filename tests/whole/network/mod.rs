//! Pools, addresses, ports, and the way in: small broken clusters and their mended twins.

mod addresses;
mod entry;
mod families;
mod kube_vip;
mod local;
mod metallb;
mod nodes;
mod parts;
mod pools;
mod ports;
mod public_names;
mod quiet;
mod sharing;

use std::fmt::Write as _;

use gitopsc::diagnostic::Severity;

use crate::cluster::told_apart;
use crate::text::check;

/// A broken cluster and how to mend it.
struct Pair {
    /// What is broken.
    name: &'static str,
    /// The check that finds it.
    id: &'static str,
    /// What the line has that the finding points at.
    line: &'static str,
    /// The cluster.
    text: String,
    /// What stands in its place where it is mended.
    mended: String,
}

/// A pair whose twin has another text in one place.
fn pair(
    name: &'static str,
    id: &'static str,
    line: &'static str,
    text: &str,
    [from, to]: [&str; 2],
) -> Pair {
    assert_eq!(text.matches(from).count(), 1, "{name}: `{from}` is not there once in\n{text}");
    Pair { name, id, line, mended: text.replace(from, to), text: text.to_owned() }
}

/// In each text is exactly the one finding, at its line, and in its twin none.
fn hold(pairs: &[Pair]) {
    let mut wrong = String::new();
    for Pair { name, id, line, text, mended } in pairs {
        let found = check(text);
        let is_right = match &*found.findings {
            [one] => {
                let primary = one.labels.first().map_or("", |label| found.line(label.span));
                one.id == *id && one.severity != Severity::Note && primary.contains(line)
            }
            _ => false,
        };
        if !is_right || !found.faults.is_empty() {
            let _ = write!(
                wrong,
                "{name}: not one `{id}` at `{line}`, but {:?}\n{}\n",
                found.faults,
                found.account()
            );
        }
        let found = check(mended);
        if !found.findings.is_empty() || !found.faults.is_empty() {
            let _ = write!(wrong, "{name}, mended: {:?}\n{}\n", found.faults, found.account());
        }
    }
    told_apart(pairs.len());
    assert!(wrong.is_empty(), "of {} pairs:\n{wrong}", pairs.len());
}

/// Documents in one text.
fn all(documents: &[&str]) -> String {
    documents.join("---\n")
}

/// An environment with these fields.
fn environment(fields: &str) -> String {
    format!("apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\n{fields}\n")
}

/// A pool of MetalLB with these fields beside its addresses.
fn pool(name: &str, addresses: &str, fields: &str) -> String {
    format!(
        "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {{name: {name}, namespace: metallb-system}}\n\
         spec: {{addresses: [{addresses}]{fields}}}\n"
    )
}

/// A Service of an app: its annotations, its type and other fields, its ports.
fn service(name: &str, annotations: &str, fields: &str, ports: &str) -> String {
    format!(
        "# app {name}\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: shop\n  \
         annotations: {{{annotations}}}\nspec:\n  {fields}\n  ports: [{ports}]\n"
    )
}

/// A Service of type LoadBalancer with a port 80.
fn balanced(name: &str, annotations: &str) -> String {
    service(name, annotations, "type: LoadBalancer", "{port: 80}")
}
