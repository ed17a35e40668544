//! Secrets: what a release needs, and the objects that make it by the environment's choice.

use minijinja::value::Value as JinjaValue;
use serde_json::json;

use super::{Scope, expression};
use crate::config::SecretProvider;
use crate::diagnostic::{Finding, suggest};
use crate::load::App;
use crate::resolve::{Environment, Release};
use crate::source::Span;
use crate::yaml::{self, Node};

/// A Secret that a release needs and git never holds.
#[derive(Debug, Clone)]
pub struct RequiredSecret {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Secret type.
    pub secret_type: String,
    /// What it is for.
    pub description: String,
    /// Keys and what each holds.
    pub keys: Vec<(String, String)>,
    /// Where the App names it.
    pub span: Span,
}

/// The Secrets that a release needs under its values.
pub(super) fn required(
    scope: &Scope,
    release: &Release,
    app: &App,
    context: &JinjaValue,
    findings: &mut Vec<Finding>,
) -> Vec<RequiredSecret> {
    let declared = app.node.get("secrets").and_then(Node::as_map);
    let mut required = Vec::new();
    for (key, need) in declared.into_iter().flat_map(yaml::Map::iter) {
        if !expression::holds(scope, need.get("when"), context, findings) {
            continue;
        }
        let mut fill = |text: &str, span| expression::text(scope, text, span, context, findings);
        let Some(name) = fill(&key.name, key.span) else { continue };
        let field = |field: &str| need.get(field).and_then(Node::as_str).unwrap_or_default();
        let described = need.get("description").map_or(need.span, |node| node.span);
        let description = fill(field("description"), described).unwrap_or_default();
        let mut keys = Vec::new();
        let named = need.get("keys").and_then(Node::as_map);
        for (key, node) in named.into_iter().flat_map(yaml::Map::iter) {
            let holds = fill(node.as_str().unwrap_or_default(), node.span);
            keys.extend(fill(&key.name, key.span).zip(holds));
        }
        required.push(RequiredSecret {
            namespace: release.namespace.clone(),
            name,
            secret_type: match field("type") {
                "" => "Opaque".to_owned(),
                other => other.to_owned(),
            },
            description,
            keys,
            span: key.span,
        });
    }
    required
}

/// The objects that make the Secrets of a release, by the environment's choice.
pub(super) fn objects(
    environment: &Environment,
    secrets: &[RequiredSecret],
    findings: &mut Vec<Finding>,
) -> Vec<Node> {
    let spec = environment.spec.secrets.clone().unwrap_or_default();
    let place = crate::config::pointer_span(&environment.node, "/secrets");
    match spec.provider.unwrap_or_default() {
        SecretProvider::Existing => Vec::new(),
        SecretProvider::ExternalSecrets => {
            let store = spec.store.unwrap_or_default();
            let (Some(kind), Some(name)) = (store.kind, store.name) else {
                if !secrets.is_empty() {
                    findings.push(
                        Finding::error("field-missing", "`secrets.store` names no store")
                            .at(place, "external secrets come from a store")
                            .help("set `store: {kind: ClusterSecretStore, name: …}`"),
                    );
                }
                return Vec::new();
            };
            let prefix = spec.prefix.unwrap_or_else(|| environment.name.clone());
            let object = |secret: &RequiredSecret| {
                let remote = format!("{prefix}/{}/{}", secret.namespace, secret.name);
                let data: Vec<_> = secret
                    .keys
                    .iter()
                    .map(|(key, _)| {
                        json!({"secretKey": key, "remoteRef": {"key": remote, "property": key}})
                    })
                    .collect();
                let object = json!({
                    "apiVersion": "external-secrets.io/v1",
                    "kind": "ExternalSecret",
                    "metadata": {"name": secret.name, "namespace": secret.namespace},
                    "spec": {
                        "refreshInterval": "1h",
                        "secretStoreRef": {"kind": kind, "name": name},
                        "target": {"name": secret.name, "template": {"type": secret.secret_type}},
                        "data": data,
                    },
                });
                yaml::from_json(&object, secret.span)
            };
            secrets.iter().map(object).collect()
        }
        SecretProvider::SealedSecrets => {
            let sealed = spec.sealed.unwrap_or_default();
            let object = |secret: &RequiredSecret| {
                let name = format!("{}/{}", secret.namespace, secret.name);
                let ciphers = sealed.get(&name).cloned().flatten().unwrap_or_default();
                let missing: Vec<_> = secret
                    .keys
                    .iter()
                    .filter(|(key, _)| !ciphers.contains_key(key))
                    .map(|(key, _)| format!("`{key}`"))
                    .collect();
                if !missing.is_empty() {
                    let mut finding = Finding::error(
                        "secret-unsealed",
                        format!("nothing is sealed for {} of `{name}`", missing.join(", ")),
                    )
                    .at(secret.span, "needed here")
                    .at(place, "sealed values of this environment");
                    let near = suggest(&name, sealed.keys().map(String::as_str));
                    finding = finding.help(format!(
                        "seal each key: `kubeseal --raw --namespace {} --name {}`{}",
                        secret.namespace,
                        secret.name,
                        near.map(|near| format!("; {near}")).unwrap_or_default(),
                    ));
                    findings.push(finding);
                    return None;
                }
                let object = json!({
                    "apiVersion": "bitnami.com/v1alpha1",
                    "kind": "SealedSecret",
                    "metadata": {"name": secret.name, "namespace": secret.namespace},
                    "spec": {
                        "encryptedData": ciphers,
                        "template": {
                            "metadata": {"name": secret.name, "namespace": secret.namespace},
                            "type": secret.secret_type,
                        },
                    },
                });
                Some(yaml::from_json(&object, secret.span))
            };
            secrets.iter().filter_map(object).collect()
        }
    }
}
