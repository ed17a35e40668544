//! Whether the API server can read an object: what its JSON decoder does with Go's types, under
//! `fieldValidation=Strict` (`k8s.io/apimachinery/pkg/runtime/serializer/json`).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::unread::{Form, Unread};
use crate::check::object::value::text;
use crate::diagnostic::suggest;
use crate::model::Field;
use crate::schema::{Pack, Schema};
use crate::yaml::{Node, Value};

/// Reads an object by its schema. Gives what could not be read, and the texts that are open.
pub(crate) fn decode<'p>(
    pack: &'p Pack,
    schema: &'p Schema,
    object: &Field<'_>,
    is_open: fn(&Node) -> bool,
    faults: &mut Faults,
) -> Vec<Unread<'p>> {
    let mut decoder = Decoder { pack, is_open, unread: Vec::new() };
    decoder.value(schema, object, faults);
    decoder.unread
}

/// Reads the metadata of an object whose kind the pack does not have. Gives what could not be read.
pub(crate) fn object_meta<'p>(
    pack: &'p Pack,
    object: &Field<'_>,
    faults: &mut Faults,
) -> Vec<Unread<'p>> {
    const NAME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    let mut decoder = Decoder { pack, is_open: |_| false, unread: Vec::new() };
    if let (Some(metadata), Some(schema)) = (object.get("metadata"), pack.named(NAME)) {
        decoder.value(schema, &metadata, faults);
    }
    decoder.unread
}

struct Decoder<'p> {
    pack: &'p Pack,
    is_open: fn(&Node) -> bool,
    unread: Vec<Unread<'p>>,
}

/// How many unknown fields of one map are told which known one they may mean.
pub(crate) const SUGGESTED: usize = 100;

/// Go reads base64 with padding, skips line breaks, and does not look at the last bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

impl<'p> Decoder<'p> {
    fn value(&mut self, schema: &'p Schema, field: &Field<'_>, faults: &mut Faults) {
        // For Go null is the zero value of any type.
        if field.node.is_null() {
            return;
        }
        let pack = self.pack;
        let (name, schema) = pack.follow(schema);
        let before = faults.found.len();
        self.followed(name, schema, field, faults);
        // Of a value that cannot be read, that is the first thing and the last.
        if let Some(first) = faults.found.get(before)
            && first.reason == Some(Reason::Type)
            && first.path == field.to_string()
        {
            self.unread.push(Unread::new(field, form(name, schema)));
        } else if field.node.as_str().is_some() && (self.is_open)(field.node) {
            self.unread.push(Unread::open(field, form(name, schema), &schema.choices));
        }
    }

    fn followed(&mut self, name: &str, schema: &'p Schema, field: &Field<'_>, faults: &mut Faults) {
        match name.rsplit('.').next().unwrap_or_default() {
            "Quantity" => return quantity(field, faults),
            "IntOrString" => return int_or_string(field, faults),
            "Time" => return time(field, faults, text::is_time),
            "MicroTime" => return time(field, faults, text::is_micro_time),
            // These hold what somebody else will read.
            "RawExtension" | "FieldsV1" | "JSON" => return,
            "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => {
                return self.json_schema_or(name, field, faults);
            }
            _ => {}
        }
        match schema.kind.as_deref() {
            Some("object") => self.object(schema, field, faults),
            Some("array") => match (&field.node.value, &schema.items) {
                (Value::Seq(_), Some(items)) => {
                    field.items().for_each(|item| self.value(items, &item, faults));
                }
                (Value::Seq(_), None) => {}
                _ => wrong_type(field, "a list", faults),
            },
            Some("string") => string(schema, field, faults),
            Some("integer") => integer(schema, field, faults),
            Some("number") => match field.node.value {
                Value::Int(_) | Value::UInt(_) | Value::Float(_) => {}
                _ => wrong_type(field, "a number", faults),
            },
            Some("boolean") => match field.node.value {
                Value::Bool(_) => {}
                _ => wrong_type(field, "`true` or `false`", faults),
            },
            _ => {}
        }
    }

    fn object(&mut self, schema: &'p Schema, field: &Field<'_>, faults: &mut Faults) {
        if field.node.as_map().is_none() {
            return wrong_type(field, "a map", faults);
        }
        if let Some(values) = &schema.values {
            return field.entries().for_each(|(_, value)| self.value(values, &value, faults));
        }
        let mut known: Vec<&str> = Vec::new();
        let mut place = String::new();
        let mut unknown = 0;
        for (name, child) in field.fields() {
            if let Some(known) = schema.properties.get(name) {
                self.value(known, &child, faults);
                continue;
            }
            if unknown == 0 {
                // What stands beside it already is not meant.
                let is_there = |known: &&str| field.node.get(known).is_some();
                let names = schema.properties.keys().map(|known| &**known);
                known.extend(names.filter(|known| !is_there(known)));
                known.sort_unstable();
                let path = field.to_string();
                place = if path.is_empty() { path } else { format!(" in `{path}`") };
            }
            let message = format!("unknown field `{name}`{place}");
            let fault = faults.at_key("field-unknown", Reason::Unknown, &child, message);
            if unknown < SUGGESTED {
                fault.help = suggest(name, known.iter().copied());
            }
            unknown += 1;
        }
    }

    /// The fields of a CustomResourceDefinition's schema that may be more than one thing.
    fn json_schema_or(&mut self, name: &str, field: &Field<'_>, faults: &mut Faults) {
        let end = name.rfind("Or").unwrap_or(name.len());
        let prefix = &name[..end];
        let Some(schema) = self.pack.named(prefix) else { return };
        let before = faults.found.len();
        match &field.node.value {
            Value::Map(_) => self.value(schema, field, faults),
            Value::Seq(_) if name.ends_with("OrArray") => {
                field.items().for_each(|item| self.value(schema, &item, faults));
            }
            Value::Bool(_) if name.ends_with("OrBool") => {}
            Value::Seq(_) if name.ends_with("OrStringArray") => {
                let is_text = |node: &Node| node.is_null() || node.as_str().is_some();
                for item in field.items().filter(|item| !is_text(item.node)) {
                    wrong_type(&item, "text", faults);
                    self.unread.push(Unread::new(&item, Form::Text));
                }
            }
            _ if name.ends_with("OrBool") => wrong_type(field, "a schema", faults),
            // Anything else is nothing for them.
            _ => {}
        }
        // These types read themselves, and do not look for unknown fields.
        let mut index = 0;
        faults.found.retain(|fault| {
            index += 1;
            index <= before || fault.id != "field-unknown"
        });
    }
}

/// What a value of a schema should be.
fn form(name: &str, schema: &Schema) -> Form {
    let name = name.rsplit('.').next().unwrap_or_default();
    match (name, schema.kind.as_deref(), schema.format.as_deref()) {
        ("Quantity", ..) => Form::Quantity,
        ("IntOrString", ..) => Form::IntOrString,
        ("Time" | "MicroTime", ..) => Form::Time,
        (_, Some("string"), Some("byte")) => Form::Bytes,
        (_, Some("string"), _) => Form::Text,
        (_, Some("integer" | "number"), _) => Form::Int,
        (_, Some("boolean"), _) => Form::Bool,
        _ => Form::Structure,
    }
}

fn wrong_type(field: &Field<'_>, wanted: &str, faults: &mut Faults) {
    let is = field.node.type_name();
    let fault = faults.at(
        "field-type-mismatch",
        Reason::Type,
        field,
        format!("`{field}` must be {wanted}, not {is}"),
    );
    match (wanted, &field.node.value) {
        ("text", Value::Map(_) | Value::Seq(_)) => {}
        ("text", _) => fault.help("write it in quotes"),
        ("a list", Value::Map(_)) => fault.help("write `-` before each item"),
        ("a whole number" | "a number", Value::String(text)) if text.parse::<f64>().is_ok() => {
            fault.help("write it without quotes");
        }
        ("`true` or `false`", Value::String(text)) if matches!(&**text, "true" | "false") => {
            fault.help("write it without quotes");
        }
        _ => {}
    }
    let without_quotes = match wanted {
        "a whole number" | "a number" => {
            field.node.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
        }
        "`true` or `false`" => matches!(field.node.as_str(), Some("true" | "false")),
        _ => false,
    };
    if without_quotes {
        fault.help("write it without quotes");
    }
}

fn string(schema: &Schema, field: &Field<'_>, faults: &mut Faults) {
    let is_bytes = schema.format.as_deref() == Some("byte");
    if is_bytes && bytes(field.node).is_some() {
        return;
    }
    if field.node.as_str().is_none() {
        return wrong_type(field, "text", faults);
    }
    if is_bytes {
        faults
            .at("base64-invalid", Reason::Type, field, format!("`{field}` is not base64"))
            .help("encode it with padding, or write plain text under `stringData` of a Secret");
    }
}

/// The bytes that a value stands for: text in base64, or a list of numbers, which Go reads too.
pub(crate) fn bytes(node: &Node) -> Option<Vec<u8>> {
    let Some(items) = node.as_seq() else { return base64(node.as_str()?) };
    let byte = |item: &Node| match item.value {
        Value::Null => Some(0),
        Value::Int(number) => u8::try_from(number).ok(),
        _ => None,
    };
    items.iter().map(byte).collect()
}

/// The bytes that base64 stands for, where it is base64.
fn base64(text: &str) -> Option<Vec<u8>> {
    let unbroken: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    BASE64.decode(unbroken).ok()
}

fn integer(schema: &Schema, field: &Field<'_>, faults: &mut Faults) {
    let fits = match field.node.value {
        Value::Int(number) => {
            schema.format.as_deref() != Some("int32") || i32::try_from(number).is_ok()
        }
        Value::UInt(_) => false,
        _ => return wrong_type(field, "a whole number", faults),
    };
    if !fits {
        let bits = if schema.format.as_deref() == Some("int32") { 32 } else { 64 };
        let message = format!("`{field}` must fit into {bits} bits");
        faults.at("field-type-mismatch", Reason::Type, field, message);
    }
}

/// `Quantity.UnmarshalJSON` of `k8s.io/apimachinery/pkg/api/resource`.
fn quantity(field: &Field<'_>, faults: &mut Faults) {
    let good = match &field.node.value {
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => true,
        Value::String(text) => text::is_quantity(text),
        _ => return wrong_type(field, "a quantity", faults),
    };
    if !good {
        let said = field.node.as_str().unwrap_or_default();
        faults
            .at("quantity-invalid", Reason::Type, field, format!("`{said}` is no quantity"))
            .help("write a number with `m`, `k`, `M`, `G`, `Ki`, `Mi`, `Gi` or no unit");
    }
}

/// `IntOrString.UnmarshalJSON` of `k8s.io/apimachinery/pkg/util/intstr`.
fn int_or_string(field: &Field<'_>, faults: &mut Faults) {
    match field.node.value {
        Value::String(_) => {}
        Value::Int(number) if i32::try_from(number).is_ok() => {}
        _ => wrong_type(field, "a whole number of 32 bits or text", faults),
    }
}

fn time(field: &Field<'_>, faults: &mut Faults, is_good: fn(&str) -> bool) {
    let Some(text) = field.node.as_str() else { return wrong_type(field, "text", faults) };
    if !is_good(text) {
        faults
            .at("field-type-mismatch", Reason::Type, field, format!("`{text}` is no time"))
            .help("write it as `2026-01-31T12:00:00Z`");
    }
}
