//! What a person must do for the Secrets that apps need.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::config::SecretProvider;
use crate::render::{Rendered, RequiredSecret};
use crate::resolve::Environment;

/// Writes the section.
pub(super) fn write(text: &mut String, environment: &Environment, rendered: &[Rendered]) {
    text.push_str("## 4. Secrets\n\n");
    let all = each_once(rendered);
    if all.is_empty() {
        text.push_str("None.\n\n");
        return;
    }
    let spec = environment.spec.secrets.clone().unwrap_or_default();
    match spec.provider.unwrap_or_default() {
        SecretProvider::ExternalSecrets => {
            let store = spec.store.and_then(|store| store.name).unwrap_or_default();
            let prefix = spec.prefix.unwrap_or_else(|| environment.name.clone());
            external(text, &store, &prefix, &all);
        }
        SecretProvider::SealedSecrets => text.push_str(
            "The tree holds a SealedSecret for each that an app needs; the controller that opens \
             them has to run, with the key that sealed them.\n\n",
        ),
        SecretProvider::Existing => existing(text, environment, &all),
    }
}

/// Two apps may need one Secret: it is made once, with the keys of both.
fn each_once(rendered: &[Rendered]) -> Vec<RequiredSecret> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut all: Vec<RequiredSecret> = Vec::new();
    for secret in rendered.iter().flat_map(|output| &output.secrets) {
        let next = all.len();
        let at = *places.entry((&secret.namespace, &secret.name)).or_insert(next);
        match all.get_mut(at) {
            None => all.push(secret.clone()),
            Some(known) => {
                for (key, meaning) in &secret.keys {
                    if !known.keys.iter().any(|(other, _)| other == key) {
                        known.keys.push((key.clone(), meaning.clone()));
                    }
                }
            }
        }
    }
    all
}

fn external(text: &mut String, store: &str, prefix: &str, all: &[RequiredSecret]) {
    let _ = writeln!(
        text,
        "The tree holds an ExternalSecret for each of these; the store `{store}` must have their \
         values, each under the key of its Secret and with its properties:\n"
    );
    for secret in all {
        let keys: Vec<_> = secret.keys.iter().map(|(key, _)| format!("`{key}`")).collect();
        let _ = writeln!(
            text,
            "- `{prefix}/{}/{}`: {} ({})",
            secret.namespace,
            secret.name,
            keys.join(", "),
            secret.description
        );
    }
    text.push('\n');
}

fn existing(text: &mut String, environment: &Environment, all: &[RequiredSecret]) {
    text.push_str("The tree holds none and expects these to exist.");
    let declared = environment.spec.namespaces.clone().unwrap_or_default();
    let is_made = |name: &&str| {
        let namespace = declared.get(*name).and_then(Option::as_ref);
        !namespace.is_some_and(|namespace| namespace.existing.unwrap_or_default())
    };
    let namespaces: BTreeSet<_> =
        all.iter().map(|secret| secret.namespace.as_str()).filter(is_made).collect();
    if namespaces.is_empty() {
        text.push('\n');
    } else {
        text.push_str(
            " Their namespaces are made by the tree later, so make them now; nothing is lost when \
             Argo CD takes them over.\n\n```console\n",
        );
        for namespace in namespaces {
            let _ = writeln!(text, "$ kubectl create namespace {namespace}");
        }
        text.push_str("```\n");
    }
    for secret in all {
        let _ = write!(
            text,
            "\n`{}` in `{}`: {}\n\n```console\n$ kubectl --namespace {} create secret ",
            secret.name, secret.namespace, secret.description, secret.namespace
        );
        command(text, secret);
        text.push_str("\n```\n");
    }
    text.push('\n');
}

fn command(text: &mut String, secret: &RequiredSecret) {
    if secret.secret_type == "kubernetes.io/tls" {
        let _ = write!(text, "tls {} --cert=FILE --key=FILE", secret.name);
        return;
    }
    let _ = write!(text, "generic {}", secret.name);
    if secret.secret_type != "Opaque" {
        let _ = write!(text, " --type={}", secret.secret_type);
    }
    for (key, meaning) in &secret.keys {
        // The shell ends a quoted text at the next quote, so one inside is written as `'\\''`.
        let meaning = meaning.replace('\'', r"'\''");
        // What has lines is a file already, and its line ends would not survive the quotes.
        let option = if is_file(key) { "from-file" } else { "from-literal" };
        let _ = write!(text, " \\\n    --{option}={key}='<{meaning}>'");
    }
}

/// Whether a key is named like a file.
fn is_file(key: &str) -> bool {
    key.contains('.') || key == "htpasswd"
}
