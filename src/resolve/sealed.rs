//! Sealed values that no app asks for: a name with a typing mistake would be passed over.

use super::Environment;
use super::reference::entries;
use crate::config::SecretProvider;
use crate::diagnostic::{Finding, nearest};
use crate::load::Repo;
use crate::yaml::{Key, Node};

/// Warns of every sealed Secret, and every key of one, that no release can need. Names and keys
/// may be expressions, which only rendering evaluates: such a one may be anything where it has
/// them. A Secret that is needed under a condition counts as needed.
pub(super) fn check(repo: &Repo, environment: &Environment, findings: &mut Vec<Finding>) {
    let Some(spec) = &environment.spec.secrets else { return };
    if spec.provider != Some(SecretProvider::SealedSecrets) {
        return;
    }
    let needs: Vec<(String, &Node)> = environment
        .releases
        .iter()
        .filter_map(|release| Some((release, repo.apps.get(&release.app)?)))
        .flat_map(|(release, app)| {
            let named =
                |(key, need): (&Key, _)| (format!("{}/{}", release.namespace, key.name), need);
            entries(&app.node, "secrets").map(named)
        })
        .collect();
    let secrets = environment.node.get("secrets");
    for (secret, ciphers) in secrets.into_iter().flat_map(|secrets| entries(secrets, "sealed")) {
        let needed: Vec<_> = needs
            .iter()
            .filter(|(name, _)| can_be(name, &secret.name))
            .map(|(_, need)| *need)
            .collect();
        let what = format!("the sealed Secret `{}`", secret.name);
        if needed.is_empty() {
            findings.push(unused(secret, &what, needs.iter().map(|(name, _)| name.as_str())));
            continue;
        }
        let keys: Vec<_> = needed
            .iter()
            .flat_map(|need| entries(need, "keys"))
            .map(|(key, _)| &*key.name)
            .collect();
        let sealed = ciphers.as_map().into_iter().flat_map(crate::yaml::Map::iter);
        for (key, _) in sealed.filter(|(key, _)| !keys.iter().any(|known| can_be(known, &key.name)))
        {
            let what = format!("the key `{}` of {what}", key.name);
            findings.push(unused(key, &what, keys.iter().copied()));
        }
    }
}

fn unused<'a>(key: &Key, what: &str, known: impl Iterator<Item = &'a str>) -> Finding {
    let finding = Finding::warning("sealed-unused", format!("no app that runs here needs {what}"))
        .at(key.span, "");
    finding.help(match nearest(&key.name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "take it out, or name it under `secrets` of the app".to_owned(),
    })
}

/// Whether a text may be what stands here once its expressions are evaluated.
fn can_be(written: &str, text: &str) -> bool {
    let mut parts = written.split("${{");
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let literals: Vec<_> =
        parts.map(|part| part.split_once("}}").map_or("", |(_, literal)| literal)).collect();
    let Some((end, inner)) = literals.split_last() else { return rest.is_empty() };
    for literal in inner {
        let Some(at) = rest.find(literal) else { return false };
        rest = &rest[at + literal.len()..];
    }
    rest.ends_with(end)
}
