//! What a server says against an object.

use kube::core::Status;

use super::{Conflict, Outcome, Untried};
use crate::model::ObjectKey;

/// What a refusal means.
pub(super) enum Refusal {
    /// Others own fields of the object.
    Conflicts(Vec<Conflict>),
    /// The object cannot be, or cannot be tried.
    Final(Outcome),
    /// It says nothing of the object: the server cannot answer, or does not know the user.
    Broken,
}

/// Reads the answer to a dry run of an object.
pub(super) fn read(status: &Status, key: &ObjectKey) -> Refusal {
    let details = status.details.as_ref();
    match status.code {
        _ if !is_of_server(status) => Refusal::Broken,
        401 | 408 | 429 | 502..=504 => Refusal::Broken,
        500 if is_of_object(status) => Refusal::Final(Outcome::Unreadable(words(status, key))),
        // A fault of the server, or of a webhook that it could not reach: not of the object.
        500.. => {
            let why = format!("the server gave no answer: {}", words(status, key));
            Refusal::Final(Outcome::Untried(Untried::Other(why)))
        }
        403 if is_about_rights(&status.message) => Refusal::Final(Outcome::Forbidden),
        404 if details.is_some_and(|it| it.kind == "namespaces") => {
            Refusal::Final(Outcome::Untried(Untried::Namespace))
        }
        409 => {
            let conflicts = conflicts(status);
            match conflicts.is_empty() {
                true => Refusal::Final(Outcome::Refused(words(status, key))),
                false => Refusal::Conflicts(conflicts),
            }
        }
        // `webhook/errors/statuserror.go` and `mutating/dispatcher.go` of apiserver.
        400 if status.message.contains("does not support dry run") => {
            Refusal::Final(Outcome::Untried(Untried::Other(words(status, key))))
        }
        // It had the kind when it was asked for all of them.
        404 if status.message.contains("could not find the requested resource") => {
            Refusal::Final(Outcome::Untried(Untried::Kind))
        }
        404 | 405 | 415 => Refusal::Final(Outcome::Untried(Untried::Other(words(status, key)))),
        _ => Refusal::Final(Outcome::Refused(words(status, key))),
    }
}

/// Whether an object cannot be read by its schema, which a server-side apply tells as a fault of the
/// server.
///
/// Source: `Apply` in `pkg/util/managedfields/internal/structuredmerge.go` of apimachinery.
pub(super) fn is_of_object(status: &Status) -> bool {
    const WORDS: [&str; 3] = [
        "failed to create typed patch object",
        "failed to convert new typed object",
        "failed to convert new object",
    ];
    WORDS.iter().any(|words| status.message.starts_with(words))
}

/// Whether an API server said it. What stands before it, as a proxy, answers with pages.
///
/// Source: `handle_api_errors` in `client/mod.rs` of kube-client.
pub(super) fn is_of_server(status: &Status) -> bool {
    status.reason != "Failed to parse error data"
}

/// Whether a user lacks a right; what admission forbids has the same code.
///
/// Source: `forbiddenMessage` in `pkg/endpoints/handlers/responsewriters/errors.go` of apiserver.
fn is_about_rights(message: &str) -> bool {
    message.contains("User \"") && message.contains("\" cannot ")
}

/// The server's words on one line. Of a Secret only the fields, since they may hold what it says.
fn words(status: &Status, key: &ObjectKey) -> String {
    if (&*key.group_kind.group, &*key.group_kind.kind) != ("", "Secret") {
        return status.message.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let fields: Vec<&str> =
        causes.map(|cause| cause.field.as_str()).filter(|field| !field.is_empty()).collect();
    let at = if fields.is_empty() { String::new() } else { format!(" at {}", fields.join(", ")) };
    let reason = match status.reason.as_str() {
        // Of what cannot be read at all the server names no field. `base64` of Go says no part of the value.
        "" if status.message.contains("illegal base64 data") => "a value of `data` is not base64",
        "" => "for a reason that is not shown, since it may hold values",
        reason => reason,
    };
    format!("{} {reason}{at}", status.code)
}

/// Source: `conflictErr` in `pkg/endpoints/handlers/fieldmanager` of apiserver: `NewConflictError`.
fn conflicts(status: &Status) -> Vec<Conflict> {
    let mut found: Vec<Conflict> = Vec::new();
    let causes = status.details.iter().flat_map(|details| &details.causes);
    for cause in causes.filter(|cause| cause.reason == "FieldManagerConflict") {
        let manager = cause.message.split('"').nth(1).unwrap_or_default();
        match found.iter_mut().find(|conflict| conflict.manager == manager) {
            Some(conflict) => conflict.fields.push(cause.field.clone()),
            None => found
                .push(Conflict { manager: manager.to_owned(), fields: vec![cause.field.clone()] }),
        }
    }
    found
}
