//! Keys that are nearly those of Argo CD.

use crate::argocd::key::{ANNOTATIONS, DOMAIN, LABELS, MISTAKEN_DOMAINS, OTHERS, REQUESTS, UNIQUE};
use crate::check::object::fault::Faults;
use crate::diagnostic::nearest;
use crate::model::Field;

const UNKNOWN: &str = "argocd-key-unknown";
const TRANSIENT: &str = "argocd-key-transient";

/// Checks the keys of labels and annotations.
pub(super) fn check(metadata: &Field<'_>, is_argocd_kind: bool, faults: &mut Faults) {
    for list in ["annotations", "labels"] {
        let Some(map) = metadata.get(list) else { continue };
        let (own, wrong) = match list {
            "labels" => (&LABELS[..], &ANNOTATIONS[..]),
            _ => (&ANNOTATIONS[..], &LABELS[..]),
        };
        for (key, field) in map.entries() {
            let Some((domain, name)) = key.split_once('/') else { continue };
            if domain != DOMAIN {
                misspelt_domain(domain, name, &field, faults);
            } else if REQUESTS.contains(&name) {
                if is_argocd_kind && list == "annotations" {
                    request(key, &field, faults);
                }
            } else if wrong.contains(&name) {
                let (is, should) = match list {
                    "labels" => ("a label", "an annotation"),
                    _ => ("an annotation", "a label"),
                };
                let message = format!("Argo CD does not read `{key}` as {is}");
                let fault = faults.warn(UNKNOWN, &field, message);
                fault.span = field.key_span();
                fault.help(format!("write it as {should}"));
            } else if !own.contains(&name)
                && !OTHERS.contains(&name)
                && let Some(meant) = nearest(name, ANNOTATIONS.into_iter().chain(LABELS))
            {
                let message = format!("Argo CD does not know `{key}`");
                let fault = faults.warn(UNKNOWN, &field, message);
                fault.span = field.key_span();
                fault.help(format!("did you mean `{DOMAIN}/{meant}`?"));
            }
        }
    }
}

/// A domain like that of Argo CD, before a name that nobody else has.
fn misspelt_domain(domain: &str, name: &str, field: &Field<'_>, faults: &mut Faults) {
    let is_near = || nearest(domain, [DOMAIN]).is_some() || MISTAKEN_DOMAINS.contains(&domain);
    if UNIQUE.contains(&name) && is_near() {
        let message = format!("Argo CD does not know `{domain}/{name}`");
        let fault = faults.warn(UNKNOWN, field, message);
        fault.span = field.key_span();
        fault.help(format!("did you mean `{DOMAIN}/{name}`?"));
    }
}

fn request(key: &str, field: &Field<'_>, faults: &mut Faults) {
    let message = format!("`{key}` asks for something once, and Argo CD takes it away");
    let fault = faults.warn(TRANSIENT, field, message);
    fault.span = field.key_span();
    fault.help("remove it");
}
