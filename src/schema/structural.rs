//! The schemas of CustomResourceDefinitions as the API server keeps them: `Structural` of
//! `k8s.io/apiextensions-apiserver/pkg/apiserver/schema`.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value as Json;

use super::pattern::Pattern;
use crate::cel::{CompileError, Program, Returns, Slot, Type, Variables};

/// The schema of a value. Parts that come several times are shared.
#[derive(Debug, Default)]
pub struct Structural {
    /// `type`; nothing where the schema says none.
    pub kind: Option<Kind>,
    /// `format`; empty where there is none.
    pub format: Box<str>,
    /// Whether the value may be null.
    pub nullable: bool,
    /// What the server writes where there is nothing.
    pub default: Option<Json>,
    /// The fields of an object.
    pub properties: HashMap<Box<str>, Arc<Structural>>,
    /// What an object may have beside its fields.
    pub others: Others,
    /// The items of a list.
    pub items: Option<Arc<Structural>>,
    /// `enum`: the values that it may have; empty for any.
    pub choices: Vec<Json>,
    /// Fields that must be there.
    pub required: Vec<Box<str>>,
    /// Bounds of numbers, lengths and sizes, where there are any.
    pub limits: Option<Box<Limits>>,
    /// What a text must match.
    pub pattern: Option<Pattern>,
    /// Schemas that must all fit.
    pub all_of: Vec<Arc<Structural>>,
    /// Schemas of which one must fit.
    pub any_of: Vec<Arc<Structural>>,
    /// Schemas of which exactly one must fit.
    pub one_of: Vec<Arc<Structural>>,
    /// A schema that must not fit.
    pub not: Option<Arc<Structural>>,
    /// `x-kubernetes-preserve-unknown-fields`
    pub keeps_unknown: bool,
    /// `x-kubernetes-embedded-resource`
    pub is_object: bool,
    /// `x-kubernetes-int-or-string`
    pub int_or_string: bool,
    /// `x-kubernetes-list-type` with its keys.
    pub list: ListKind,
    /// `x-kubernetes-validations`
    pub rules: Vec<Rule>,
    /// What expressions see of it, and whether there are any below; found when first asked for.
    pub(super) seen: OnceLock<Slot>,
    pub(super) has_rules: OnceLock<bool>,
}

/// `type` of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A map.
    Object,
    /// A list.
    Array,
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// `additionalProperties`
#[derive(Debug, Default)]
pub enum Others {
    /// Not said.
    #[default]
    None,
    /// Anything, with a schema or without.
    Any(Option<Arc<Structural>>),
}

/// `x-kubernetes-list-type`
#[derive(Debug, Default, PartialEq, Eq)]
pub enum ListKind {
    /// `atomic`, or not said.
    #[default]
    Atomic,
    /// `set`: no item comes twice.
    Set,
    /// `map`: no item comes twice with these keys.
    Map(Vec<Box<str>>),
}

/// Bounds.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each is the keyword of JSON Schema")]
pub struct Limits {
    pub maximum: Option<f64>,
    pub exclusive_maximum: bool,
    pub minimum: Option<f64>,
    pub exclusive_minimum: bool,
    pub multiple_of: Option<f64>,
    pub max_length: Option<i64>,
    pub min_length: Option<i64>,
    pub max_items: Option<i64>,
    pub min_items: Option<i64>,
    pub max_properties: Option<i64>,
    pub min_properties: Option<i64>,
}

/// One of `x-kubernetes-validations`.
#[derive(Debug, Default)]
pub struct Rule {
    /// The expression.
    pub rule: Box<str>,
    /// What to say where it gives `false`.
    pub message: Box<str>,
    /// An expression that gives what to say.
    pub message_expression: Box<str>,
    /// `FieldValueInvalid` and its like; empty for that.
    pub reason: Box<str>,
    /// A path below the value, as `.spec.x`, where the fault is.
    pub field_path: Box<str>,
    /// Whether the rule is evaluated where there is no old object.
    pub optional_old_self: bool,
    program: OnceLock<Result<Program, CompileError>>,
    message_program: OnceLock<Result<Program, CompileError>>,
}

impl Rule {
    /// The expression, for a value of this type, which is always the same; compiled once.
    ///
    /// # Errors
    ///
    /// Where it does not compile, on the server or here.
    pub fn program(&self, ty: &Type) -> Result<&Program, &CompileError> {
        let variables = || Variables::rule(ty, self.optional_old_self);
        let compile = || Program::compile(&self.rule, &variables(), Returns::Bool);
        self.program.get_or_init(compile).as_ref()
    }

    /// The same for the expression that gives the message; an error where there is none.
    ///
    /// # Errors
    ///
    /// Where it does not compile, on the server or here.
    pub fn message_program(&self, ty: &Type) -> Result<&Program, &CompileError> {
        let variables = || Variables::rule(ty, self.optional_old_self);
        let compile = || Program::compile(&self.message_expression, &variables(), Returns::Text);
        self.message_program.get_or_init(compile).as_ref()
    }
}

impl Kind {
    /// The word for it in a schema.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }

    fn read(word: &str) -> Option<Self> {
        use Kind::{Array, Boolean, Integer, Number, Object, String};
        [Object, Array, String, Integer, Number, Boolean]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl Structural {
    /// Reads a schema. What has no meaning for the server is left out: whether a definition is as
    /// it should be is judged where the definition is an object.
    #[must_use]
    pub fn read(json: &Json) -> Arc<Self> {
        read(json, &[])
    }

    /// What the schema of a field says, or that of any other field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Arc<Self>> {
        self.properties.get(name).or(match &self.others {
            Others::Any(Some(schema)) => Some(schema),
            _ => None,
        })
    }
}

/// Reads a schema in which `{"$ref": N}` stands for one that was read before.
pub(super) fn read(json: &Json, shared: &[Arc<Structural>]) -> Arc<Structural> {
    if let Some(known) = json.get("$ref").and_then(Json::as_u64) {
        return shared
            .get(usize::try_from(known).unwrap_or(usize::MAX))
            .cloned()
            .unwrap_or_default();
    }
    let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or_default();
    let flag = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or_default();
    let parts = |name: &str| -> Vec<Arc<Structural>> {
        list(json, name).iter().map(|part| read(part, shared)).collect()
    };
    let part =
        |name: &str| json.get(name).filter(|part| part.is_object()).map(|part| read(part, shared));
    let properties = json.get("properties").and_then(Json::as_object);
    let properties = properties.into_iter().flatten();
    Arc::new(Structural {
        kind: Kind::read(text("type")),
        format: text("format").into(),
        nullable: flag("nullable"),
        default: json.get("default").filter(|default| !default.is_null()).cloned(),
        properties: properties
            .map(|(name, part)| (name.as_str().into(), read(part, shared)))
            .collect(),
        others: match json.get("additionalProperties") {
            Some(schema @ Json::Object(_)) => Others::Any(Some(read(schema, shared))),
            Some(Json::Bool(_)) => Others::Any(None),
            _ => Others::None,
        },
        items: part("items"),
        choices: list(json, "enum").to_vec(),
        required: texts(json, "required"),
        limits: limits(json),
        pattern: Some(text("pattern")).filter(|text| !text.is_empty()).map(Pattern::new),
        all_of: parts("allOf"),
        any_of: parts("anyOf"),
        one_of: parts("oneOf"),
        not: part("not"),
        keeps_unknown: flag("x-kubernetes-preserve-unknown-fields"),
        is_object: flag("x-kubernetes-embedded-resource"),
        int_or_string: flag("x-kubernetes-int-or-string"),
        list: match text("x-kubernetes-list-type") {
            "set" => ListKind::Set,
            "map" => ListKind::Map(texts(json, "x-kubernetes-list-map-keys")),
            _ => ListKind::Atomic,
        },
        rules: list(json, "x-kubernetes-validations").iter().map(rule).collect(),
        seen: OnceLock::new(),
        has_rules: OnceLock::new(),
    })
}

fn list<'j>(json: &'j Json, name: &str) -> &'j [Json] {
    json.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn texts(json: &Json, name: &str) -> Vec<Box<str>> {
    list(json, name).iter().filter_map(|text| Some(text.as_str()?.into())).collect()
}

fn limits(json: &Json) -> Option<Box<Limits>> {
    let number = |name: &str| json.get(name).and_then(Json::as_f64);
    let whole = |name: &str| json.get(name).and_then(Json::as_i64);
    let flag = |name: &str| json.get(name).and_then(Json::as_bool).unwrap_or_default();
    const KEYWORDS: [&str; 9] = [
        "maximum",
        "minimum",
        "multipleOf",
        "maxLength",
        "minLength",
        "maxItems",
        "minItems",
        "maxProperties",
        "minProperties",
    ];
    if !KEYWORDS.iter().any(|keyword| json.get(keyword).is_some()) {
        return None;
    }
    Some(Box::new(Limits {
        maximum: number("maximum"),
        exclusive_maximum: flag("exclusiveMaximum"),
        minimum: number("minimum"),
        exclusive_minimum: flag("exclusiveMinimum"),
        multiple_of: number("multipleOf"),
        max_length: whole("maxLength"),
        min_length: whole("minLength"),
        max_items: whole("maxItems"),
        min_items: whole("minItems"),
        max_properties: whole("maxProperties"),
        min_properties: whole("minProperties"),
    }))
}

fn rule(json: &Json) -> Rule {
    let text = |name: &str| -> Box<str> {
        json.get(name).and_then(Json::as_str).unwrap_or_default().into()
    };
    Rule {
        rule: text("rule"),
        message: text("message"),
        message_expression: text("messageExpression"),
        reason: text("reason"),
        field_path: text("fieldPath"),
        optional_old_self: json.get("optionalOldSelf").and_then(Json::as_bool).unwrap_or_default(),
        program: OnceLock::new(),
        message_program: OnceLock::new(),
    }
}
