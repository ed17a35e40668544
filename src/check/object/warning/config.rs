//! Secrets and ServiceAccounts.

use super::annotations;
use crate::check::object::cluster::config::content;
use crate::check::object::fault::Faults;
use crate::model::Field;

/// `warningsForSecret` of `pkg/registry/core/secret/strategy.go`, as far as the text shows it: a
/// certificate and a key that are there need not belong together.
pub(super) fn secret(object: &Field<'_>, faults: &mut Faults) {
    if object.text("type") != "kubernetes.io/tls" {
        return;
    }
    // Two that are empty are a place that another program fills.
    let is_empty = |key| content(object, key).is_some_and(|content| content.is_empty());
    if is_empty("tls.crt") && is_empty("tls.key") {
        return;
    }
    for (key, what, begin, end) in [
        ("tls.crt", "certificate", "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"),
        ("tls.key", "private key", "-----BEGIN", "PRIVATE KEY-----"),
    ] {
        let Some(content) = content(object, key) else { continue };
        let text = String::from_utf8_lossy(&content);
        if text.contains(begin) && text.contains(end) {
            continue;
        }
        let data = ["stringData", "data"].into_iter().filter_map(|name| object.get(name));
        for data in data {
            let Some(field) = data.get(key) else { continue };
            let message = format!("`{key}` holds no {what} in PEM");
            faults
                .warn("tls-pair-unreadable", &field, message)
                .help(format!("write a {what} as PEM, in base64 where it is under `data`"));
            break;
        }
    }
}

/// `warnIfHasEnforceMountableSecretsAnnotation` of `pkg/registry/core/serviceaccount/strategy.go`
pub(super) fn service_account(object: &Field<'_>, faults: &mut Faults) {
    if faults.since(32) {
        let key = "kubernetes.io/enforce-mountable-secrets";
        annotations(object, &[(key, "keep secrets apart by namespaces")], faults);
    }
}
