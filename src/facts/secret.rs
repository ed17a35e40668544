//! Secrets, and what of them is written out for all to read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Place, Reading, keys};
use crate::load::manifest::is_placeholder;
use crate::model::{Field, Labels};
use crate::yaml::Node;

/// What a Secret says. Its values are not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// Its keys.
    pub keys: Box<[Box<str>]>,
    /// The keys whose values stand in the manifest, each with its place, which leaves the value out.
    pub exposed: Box<[(Box<str>, Place)]>,
}

/// Whether a controller fills a ConfigMap or Secret, so that its keys are not known.
pub(super) fn is_filled_by_others(root: &Field<'_>) -> bool {
    const BY: [&str; 6] = [
        "config.openshift.io/inject-trusted-cabundle",
        "reflector.v1.k8s.emberstack.com/reflects",
        "replicator.v1.mittwald.de/replicate-from",
        "service.beta.openshift.io/inject-cabundle",
        "cert-manager.io/allow-direct-injection",
        "trust.cert-manager.io/hash",
    ];
    let metadata = root.node.get("metadata");
    let maps = ["labels", "annotations"];
    let mut maps = maps.into_iter().filter_map(|name| metadata?.get(name)?.as_map());
    root.text("type") == "kubernetes.io/service-account-token"
        || maps.any(|map| BY.iter().any(|key| map.contains_key(key)))
}

pub(super) fn read(reading: &Reading<'_>, root: &Field<'_>) -> Secret {
    let mut exposed = Vec::new();
    // What sops has encrypted it signs too.
    if root.get("sops").is_none() {
        let labels = Labels::of(root.node.pointer("/metadata/labels"));
        let is_of_argocd = labels.get("argocd.argoproj.io/secret-type").is_some();
        for map in ["data", "stringData"] {
            let Some(data) = root.get(map) else { continue };
            for (key, field) in data.entries() {
                let Some(value) = plain(map, field.node) else { continue };
                if !is_filled_in(&value) && !is_public(key, &value, is_of_argocd) {
                    exposed.push((key.into(), veiled(reading, &field)));
                }
            }
        }
    }
    Secret { keys: keys(root), exposed: exposed.into() }
}

/// The place of a value without its extent, which would tell its length.
fn veiled(reading: &Reading<'_>, field: &Field<'_>) -> Place {
    let mut place = reading.place(field);
    place.span = reading.span(field.key_span());
    for origin in &mut place.origins {
        origin.end = origin.start;
    }
    place
}

/// The value as pods see it; nothing where there is none, or it cannot be read.
fn plain(map: &str, value: &Node) -> Option<String> {
    let text = value.as_str()?;
    let value = if map == "data" && !is_filled_in(text) {
        let text: String = text.split_ascii_whitespace().collect();
        String::from_utf8_lossy(&STANDARD.decode(text).ok()?).into_owned()
    } else {
        text.to_owned()
    };
    // `{}` is as empty as nothing.
    value.contains(char::is_alphanumeric).then_some(value)
}

/// Whether somebody puts the value in later. Of a file, any line of it.
fn is_filled_in(text: &str) -> bool {
    text.lines().any(|line| is_placeholder(line) || matches!(line.trim(), "..." | "…"))
}

/// Whether anybody may know a value: names, switches, certificates.
fn is_public(key: &str, value: &str, is_of_argocd: bool) -> bool {
    const ENDS: [&str; 12] = [
        "bucket",
        "database",
        "db",
        "email",
        "host",
        "id",
        "mode",
        "name",
        "namespace",
        "port",
        "region",
        "user",
    ];
    let value = value.trim();
    if value.contains('\n') || value.starts_with("-----BEGIN") {
        return is_certificate(value);
    }
    let key_in_lower_case = key.to_ascii_lowercase();
    let is_asked = ["pass", "token"].iter().any(|word| key_in_lower_case.contains(word));
    (!is_asked && ENDS.iter().any(|end| key_in_lower_case.ends_with(end)))
        || matches!(value, "true" | "false")
        || (is_of_argocd && is_connection(key, value))
}

/// Whether a text in PEM holds no private key.
fn is_certificate(text: &str) -> bool {
    let mut begins = text.lines().filter_map(|line| line.trim().strip_prefix("-----BEGIN "));
    let is_known = |what: &str| what.contains("CERTIFICATE") || what.contains("PUBLIC KEY");
    text.starts_with("-----BEGIN ") && begins.all(is_known)
}

/// What Argo CD's Secrets of clusters and repositories say beside their credentials: `secretToCluster`
/// of `util/db/cluster.go` and `secretToRepository` of `util/db/repository_secrets.go`.
fn is_connection(key: &str, value: &str) -> bool {
    const CREDENTIALS: [&str; 4] = ["password", "Token", "keyData", "execProviderConfig"];
    match key {
        "config" => !CREDENTIALS.iter().any(|word| value.contains(word)),
        // What stands before the host may be a password; `ssh` has none.
        "url" | "proxy" => !value.starts_with("http") || !value.contains('@'),
        "server"
        | "type"
        | "project"
        | "clusterResources"
        | "namespaces"
        | "insecure"
        | "insecureIgnoreHostKey"
        | "enableLfs"
        | "enableOCI"
        | "noProxy"
        | "shard"
        | "githubAppID"
        | "githubAppInstallationID"
        | "githubAppEnterpriseBaseUrl"
        | "depth" => true,
        _ => false,
    }
}
