//! JSON Schemas for kubeconform, made from the pack that `gitopsc` judges by.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

/// Writes one self-contained schema for each kind of a pack, named as kubeconform looks for them:
/// `{{.ResourceKind}}{{.KindSuffix}}.json`.
pub(crate) fn write(pack: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut text = Vec::new();
    GzDecoder::new(fs::File::open(pack)?).read_to_end(&mut text)?;
    let pack: Value = serde_json::from_slice(&text)?;
    let schemas = pack["schemas"].as_object().ok_or("a pack has schemas")?;
    fs::create_dir_all(directory)?;
    for resource in pack["resources"].as_array().into_iter().flatten() {
        let of = |key: &str| resource[key].as_str().unwrap_or_default();
        let group = of("group").split('.').next().unwrap_or_default();
        let name: Vec<String> = [of("kind"), group, of("version")]
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.to_lowercase())
            .collect();
        let mut definitions = Map::new();
        define(of("schema"), schemas, &mut definitions);
        let schema = json!({
            "$ref": format!("#/definitions/{}", of("schema")),
            "definitions": definitions,
        });
        fs::write(directory.join(format!("{}.json", name.join("-"))), schema.to_string())?;
    }
    Ok(())
}

/// Adds a schema and all that it refers to.
fn define(name: &str, schemas: &Map<String, Value>, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(name) {
        return;
    }
    definitions.insert(name.to_owned(), Value::Null);
    let schema = convert(&schemas[name], schemas, definitions);
    definitions.insert(name.to_owned(), schema);
}

fn convert(
    schema: &Value,
    schemas: &Map<String, Value>,
    definitions: &mut Map<String, Value>,
) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        define(name, schemas, definitions);
        return json!({"$ref": format!("#/definitions/{name}")});
    }
    let mut out = Map::new();
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (_, Some("int-or-string")) => {
            out.insert("type".into(), json!(["string", "integer", "null"]));
        }
        (Some(kind), _) => {
            out.insert("type".into(), json!([kind, "null"]));
        }
        _ => {}
    }
    for key in ["enum", "required"] {
        if let Some(value) = schema.get(key) {
            out.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        let properties: Map<String, Value> = properties
            .iter()
            .map(|(name, property)| (name.clone(), convert(property, schemas, definitions)))
            .collect();
        out.insert("properties".into(), properties.into());
        // What `-strict` is for.
        out.insert("additionalProperties".into(), false.into());
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            out.insert(key.to_owned(), convert(&schema[key], schemas, definitions));
        }
    }
    out.into()
}
