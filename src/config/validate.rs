//! JSON Schema over our own nodes, with each fault at its place.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, paths::Location};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::diagnostic::{Finding, suggest};
use crate::source::Span;
use crate::yaml::{self, Node, Value};

/// A compiled JSON Schema.
#[derive(Debug)]
pub struct Validator {
    compiled: Option<jsonschema::Validator>,
    schema: Json,
}

impl Validator {
    /// Compiles a schema that someone wrote.
    ///
    /// # Errors
    ///
    /// Where it is no JSON Schema, or refers to one that is not in it; the text says which.
    pub fn new(schema: &Json) -> Result<Self, String> {
        let compiled = jsonschema::options().build(schema).map_err(|error| error.to_string())?;
        Ok(Self { compiled: Some(compiled), schema: schema.clone() })
    }

    /// Compiles a schema that this crate generated; a test holds that each one compiles.
    pub(super) fn built_in(schema: &Json) -> Self {
        Self::new(schema).unwrap_or(Self { compiled: None, schema: Json::Null })
    }

    /// Whether the schema compiled.
    #[must_use]
    pub fn is_compiled(&self) -> bool {
        self.compiled.is_some()
    }

    /// Every fault of a node, under this id for wrong values.
    #[must_use]
    pub fn validate(&self, node: &Node, id: &'static str) -> Vec<Finding> {
        let Some(compiled) = &self.compiled else { return Vec::new() };
        let value = yaml::to_json(node);
        let mut findings = Vec::new();
        for error in compiled.iter_errors(&value) {
            self.explain(&error, node, id, &mut findings);
        }
        findings
    }

    fn explain(
        &self,
        error: &ValidationError<'_>,
        node: &Node,
        id: &'static str,
        findings: &mut Vec<Finding>,
    ) {
        let pointer = error.instance_path().as_str();
        let place = node.pointer(pointer).unwrap_or(node);
        let name = field_name(pointer);
        match error.kind() {
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                // A branch that wants another type was not meant: `null` for an optional field is
                // always one. Of the others, the one that got furthest was.
                let meant =
                    context.iter().filter(|branch| !wants_other_type(branch, pointer)).max_by_key(
                        |branch| branch.iter().map(|error| depth(error.instance_path())).max(),
                    );
                // Several fixed values are one choice.
                let is_fixed = |branch: &&Vec<ValidationError<'_>>| {
                    branch.iter().all(|error| {
                        matches!(error.kind(), ValidationErrorKind::Constant { .. })
                            && error.instance_path().as_str() == pointer
                    })
                };
                let fixed = context.iter().filter(is_fixed).count();
                match meant.filter(|_| fixed < 2) {
                    Some(branch) => {
                        for inner in branch {
                            self.explain(inner, node, id, findings);
                        }
                    }
                    None => findings.push(
                        with_yaml_help(Finding::error(id, none_of(context, &name, place)), place)
                            .at(place.span, ""),
                    ),
                }
            }
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = self.known_properties(error.schema_path());
                for field in unexpected {
                    let span = place
                        .as_map()
                        .and_then(|map| map.entry(field))
                        .map_or(place.span, |(key, _)| key.span);
                    let inside =
                        if pointer.is_empty() { String::new() } else { format!(" in {name}") };
                    let mut finding =
                        Finding::error("unknown-field", format!("unknown field `{field}`{inside}"))
                            .at(span, "no such field");
                    if let Some(help) = suggest(field, known.iter().map(String::as_str)) {
                        finding = finding.help(help);
                    }
                    findings.push(finding);
                }
            }
            kind => {
                let mut finding = Finding::error(id, sentence(kind, &name, place, error))
                    .at(place.span, label(kind));
                // A pattern says what, and not why.
                if let (ValidationErrorKind::Pattern { .. }, Some(meaning)) =
                    (kind, self.description(error.schema_path()))
                {
                    finding = finding.note(meaning);
                }
                findings.push(finding);
            }
        }
    }

    /// What the schema says of the field that a keyword refused.
    fn description(&self, keyword: &Location) -> Option<String> {
        let (field, _) = keyword.as_str().rsplit_once('/')?;
        let text = self.schema.pointer(field)?.get("description")?.as_str()?;
        Some(text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned())
    }

    /// The fields that the schema has beside the keyword that refused one.
    fn known_properties(&self, keyword: &Location) -> Vec<String> {
        let parent = keyword.as_str().rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema
            .pointer(parent)
            .and_then(|schema| schema.get("properties"))
            .and_then(Json::as_object)
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }
}

fn depth(location: &Location) -> usize {
    location.as_str().matches('/').count()
}

/// Whether a branch of an `anyOf` wants another type than the value at this place has.
fn wants_other_type(branch: &[ValidationError<'_>], pointer: &str) -> bool {
    branch.iter().any(|error| {
        matches!(error.kind(), ValidationErrorKind::Type { .. })
            && error.instance_path().as_str() == pointer
    })
}

/// Where text was wanted and YAML 1.1 read a boolean, the author rarely meant one.
fn with_yaml_help(finding: Finding, place: &Node) -> Finding {
    match place.value {
        Value::Bool(_) => finding.help(
            "y, n, yes, no, on and off are booleans to Kubernetes' YAML: quote it if text is meant",
        ),
        _ => finding,
    }
}

fn sentence(
    kind: &ValidationErrorKind,
    name: &str,
    place: &Node,
    error: &ValidationError<'_>,
) -> String {
    match kind {
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            if name == "the file" {
                format!("`{property}` is missing")
            } else {
                format!("{name} lacks `{property}`")
            }
        }
        ValidationErrorKind::Type { .. } => {
            format!("{name} is {}, which is the wrong type", place.type_name())
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<_> = options
                .as_array()
                .into_iter()
                .flatten()
                .filter(|option| !option.is_null())
                .map(|option| format!("`{}`", option.as_str().unwrap_or(&option.to_string())))
                .collect();
            format!("{name} is {}, not one of {}", shown(place), options.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => {
            let expected =
                expected_value.as_str().map_or_else(|| expected_value.to_string(), str::to_owned);
            format!("{name} is {}, not `{expected}`", shown(place))
        }
        ValidationErrorKind::Pattern { .. } => format!("{name} cannot be {}", shown(place)),
        _ => format!("{name}: {error}"),
    }
}

/// Why a value suits no branch of an `anyOf` or `oneOf`.
fn none_of(branches: &[Vec<ValidationError<'_>>], name: &str, place: &Node) -> String {
    let errors = || branches.iter().flatten().map(ValidationError::kind);
    let options: Vec<_> = errors()
        .filter_map(|kind| match kind {
            ValidationErrorKind::Constant { expected_value } => Some(vec![&**expected_value]),
            ValidationErrorKind::Enum { options } => options.as_array().map(|o| o.iter().collect()),
            _ => None,
        })
        .flatten()
        .filter(|option| !option.is_null())
        .map(|option| format!("`{}`", option.as_str().unwrap_or(&option.to_string())))
        .collect();
    if !options.is_empty() {
        return format!("{name} is {}, not one of {}", shown(place), options.join(", "));
    }
    let types: Vec<_> = errors()
        .filter_map(|kind| match kind {
            ValidationErrorKind::Type { kind } => Some(expected_types(kind)),
            _ => None,
        })
        .filter(|expected| !expected.is_empty() && expected != "null")
        .collect();
    if types.is_empty() {
        return format!("{name} cannot be {}", shown(place));
    }
    format!("{name} is {}, not {}", place.type_name(), types.join(" or "))
}

fn label(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind } => format!("expected {}", expected_types(kind)),
        ValidationErrorKind::Pattern { pattern } => format!("must match `{pattern}`"),
        _ => String::new(),
    }
}

fn expected_types(kind: &jsonschema::error::TypeKind) -> String {
    use jsonschema::error::TypeKind;
    match kind {
        TypeKind::Single(single) => single.to_string(),
        TypeKind::Multiple(several) => several
            .iter()
            .map(|single| single.to_string())
            .filter(|name| name != "null")
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn shown(node: &Node) -> String {
    match node.as_str() {
        Some("") => "empty".to_owned(),
        Some(text) => format!("`{text}`"),
        None if node.as_map().is_some() || node.as_seq().is_some() => node.type_name().to_owned(),
        None => format!("`{}`", yaml::to_json(node)),
    }
}

fn field_name(pointer: &str) -> String {
    let path: Vec<_> = pointer.split('/').skip(1).map(|part| part.replace("~1", "/")).collect();
    if path.is_empty() { "the file".to_owned() } else { format!("`{}`", path.join(".")) }
}

/// Reads a node that its schema has passed.
///
/// # Errors
///
/// Where the schema let something through that the type refuses; the text says what.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, String> {
    serde_json::from_value(yaml::to_json(node)).map_err(|error| error.to_string())
}

/// The place of the key or item at a JSON pointer, or of the nearest parent that exists.
#[must_use]
pub fn pointer_span(node: &Node, pointer: &str) -> Span {
    let mut pointer = pointer;
    loop {
        let (parent, last) = match pointer.rsplit_once('/') {
            Some(split) => split,
            None => return node.span,
        };
        if let Some(parent) = node.pointer(parent) {
            let name = last.replace("~1", "/").replace("~0", "~");
            if let Some((key, _)) = parent.as_map().and_then(|map| map.entry(&name)) {
                return key.span;
            }
            if let Some(item) = node.pointer(pointer) {
                return item.span;
            }
        }
        pointer = parent;
    }
}
