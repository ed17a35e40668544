//! One mutant before both judges.

use std::collections::BTreeSet;

use gitopsc::check::Judge;
use gitopsc::source::Span;
use gitopsc::yaml;
use serde_json::{Value, json};

use super::server::Answer;

/// What both judges said of one mutant.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) kind: String,
    pub(crate) class: &'static str,
    pub(crate) change: String,
    pub(crate) object: Value,
    pub(crate) accepted: bool,
    /// What the server said against it.
    pub(crate) message: String,
    /// The first field that the server names, without what it does not always write.
    pub(crate) field: Option<String>,
    /// Whether server-side apply takes it too, and what it says if not; asked of some of those that are created.
    pub(crate) applied: Option<Result<(), String>>,
    /// Our checks that fired, with their fields.
    pub(crate) faults: Vec<(&'static str, String)>,
    /// Whether we say that server-side apply refuses it.
    /// What the server filled in beside known defaults.
    pub(crate) filled: Vec<String>,
    pub(crate) repeated: bool,
}

/// What the server refuses because of the cluster's state, not because of the object.
const STATE: [&str; 18] = [
    "already exists",
    "no PriorityClass with name",
    "RuntimeClass \"",
    "exceeded quota",
    "is not in the valid range",
    "is already allocated",
    "not in the range of valid ports",
    "failed to allocate",
    "not configured on this cluster",
    "this cluster is not configured for dual-stack",
    "matches no configured Service IP range",
    "no default PriorityClass",
    "error looking up service account",
    "failed to lookup namespace",
    "could not retrieve namespace",
    "admin access to devices requires",
    "priority admission controller computed",
    "serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
];

impl Outcome {
    /// Whether the two say the same.
    pub(crate) fn agrees(&self) -> bool {
        self.accepted == self.faults.is_empty()
    }

    /// Whether we refuse what the server takes.
    pub(crate) fn is_alarm(&self) -> bool {
        self.accepted && !self.faults.is_empty()
    }

    /// Whether the first field that the server names is among ours; nothing where it names none.
    pub(crate) fn same_field(&self) -> Option<bool> {
        let field = self.field.as_ref()?;
        Some(self.faults.iter().any(|(_, ours)| same(ours, field)))
    }

    /// Whether the two say the same of server-side apply, where it was asked.
    pub(crate) fn applies(&self) -> bool {
        match &self.applied {
            Some(Err(words)) => self.repeated || words.contains("omits all key"),
            Some(Ok(())) => !self.repeated,
            None => true,
        }
    }

    /// For those who look into a disagreement.
    pub(crate) fn to_json(&self) -> Value {
        let faults: Vec<_> = self.faults.iter().map(|(id, path)| json!([id, path])).collect();
        json!({
            "kind": self.kind, "class": self.class, "change": self.change, "accepted": self.accepted,
            "field": self.field, "faults": faults, "applied": self.applied, "repeated": self.repeated, "message": self.message, "object": self.object,
        })
    }
}

/// The server's decoder writes no indices and no keys; `[]` marks where that is so.
fn same(ours: &str, field: &str) -> bool {
    match field.strip_prefix("[]") {
        Some(field) => {
            // Go's embedded structs, which no object has.
            let is_field = |step: &&str| !step.starts_with(|c: char| c.is_ascii_uppercase());
            let field: Vec<_> = field.split('.').filter(is_field).collect();
            without_brackets(ours) == field.join(".")
        }
        None => ours == field,
    }
}

fn without_brackets(path: &str) -> String {
    let mut depth = 0;
    let mut kept = String::new();
    for c in path.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The verdict of the server; nothing where the cluster's state decides.
pub(crate) fn accepted(answer: &Answer) -> Option<bool> {
    let message = answer.body["message"].as_str().unwrap_or_default();
    match answer.code {
        200 | 201 => Some(true),
        _ if STATE.iter().any(|words| message.contains(words)) => None,
        404 if message.starts_with("namespaces \"") => None,
        400 | 403 | 404 | 413 | 422 | 500 => Some(false),
        code => panic!("the server answers {code}: {message}"),
    }
}

/// The first field that the server names.
pub(crate) fn field(answer: &Answer) -> Option<String> {
    let causes = answer.body.pointer("/details/causes").and_then(Value::as_array);
    let mut fields = causes.into_iter().flatten().filter_map(|cause| cause["field"].as_str());
    if let Some(field) = fields.find(|field| !field.starts_with('<')) {
        return Some(field.to_owned());
    }
    let message = answer.body["message"].as_str()?;
    if let Some((_, rest)) = message.split_once("unknown field \"") {
        return Some(rest.split('"').next()?.to_owned());
    }
    let (_, rest) = message.split_once("into Go struct field ")?;
    let (_, path) = rest.split(' ').next()?.split_once('.')?;
    Some(format!("[]{path}"))
}

/// What server-side apply says of an object that the server would create: 500 is what it answers where it cannot
/// take a list for a map.
pub(crate) fn applied(answer: &Answer) -> Option<Result<(), String>> {
    let message = answer.body["message"].as_str().unwrap_or_default();
    match answer.code {
        200 | 201 => Some(Ok(())),
        500 if message.contains("duplicate entries for key")
            || message.contains("omits all key") =>
        {
            Some(Err(message.to_owned()))
        }
        // What it wants beside that: no version that the cluster has not given, no managers.
        _ => None,
    }
}

/// Our faults for which an object is refused, and whether there are others that only server-side apply refuses.
pub(crate) fn ours(
    judge: &Judge<'_>,
    object: &Value,
    span: Span,
) -> Option<(Vec<(&'static str, String)>, bool)> {
    let verdict = judge.object(&yaml::from_json(object, span));
    let (refusing, others): (Vec<_>, Vec<_>) =
        verdict.faults.into_iter().partition(|fault| fault.reason.is_some());
    let repeated = others.iter().any(|fault| fault.id == "list-key-repeated");
    let refusing = refusing.into_iter().map(|fault| (fault.id, fault.path)).collect();
    verdict.has_schema.then_some((refusing, repeated))
}

/// The checks of an outcome, each once.
pub(crate) fn ids(outcome: &Outcome) -> BTreeSet<&'static str> {
    outcome.faults.iter().map(|(id, _)| *id).collect()
}
