//! Plain JSON Schemas of custom kinds, as catalogues of schemas have them.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

/// A compiled JSON Schema.
#[derive(Debug)]
pub struct Plain {
    compiled: jsonschema::Validator,
}

/// What is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// In which way.
    pub way: Way,
    /// What the schema wants, in words.
    pub words: String,
}

/// The ways in which a value can be wrong.
#[derive(Debug, PartialEq, Eq)]
pub enum Way {
    /// It has a field that there is not.
    Unknown(String),
    /// It lacks a field.
    Missing(String),
    /// It has another type.
    Type,
    /// It is none of the values that it may be.
    Choice,
    /// It is something else that it may not be.
    Other,
}

impl Plain {
    /// Compiles a schema.
    ///
    /// # Errors
    ///
    /// Where it is no JSON Schema, or refers to one that is not in it; the text says which.
    pub(super) fn new(schema: &Json) -> Result<Self, String> {
        let compiled = jsonschema::options().build(schema).map_err(|error| error.to_string())?;
        Ok(Self { compiled })
    }

    /// What is wrong with a value.
    #[must_use]
    pub fn faults(&self, value: &Json) -> Vec<Wrong> {
        let mut found = Vec::new();
        for error in self.compiled.iter_errors(value) {
            explain(&error, &mut found);
        }
        found
    }
}

fn explain(error: &ValidationError<'_>, found: &mut Vec<Wrong>) {
    let mut push = |way: Way, words: String| {
        found.push(Wrong { pointer: error.instance_path().as_str().to_owned(), way, words });
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for field in unexpected {
                push(Way::Unknown(field.clone()), String::new());
            }
        }
        ValidationErrorKind::Required { property } => {
            push(Way::Missing(property.as_str().unwrap_or_default().to_owned()), String::new());
        }
        ValidationErrorKind::Type { .. } => push(Way::Type, error.to_string()),
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => {
            push(Way::Choice, error.to_string());
        }
        _ => push(Way::Other, error.to_string()),
    }
}
