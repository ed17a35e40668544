//! JSON, YAML, base 64 and 32, and sums: `defaults.go`, `strings.go`, `crypto.go` of sprig, and
//! `applicationset/utils/template_functions.go` of Argo CD.

use std::rc::Rc;

use adler2::adler32_slice;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use data_encoding::BASE32;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::super::failure::Failure;
use super::super::json::{self, Style};
use super::super::value::Value;
use super::super::yaml;
use super::Functions;

type Text = Rc<str>;

const COMPACT: Style = Style { pretty: false, html: true };
const PRETTY: Style = Style { pretty: true, html: true };
const RAW: Style = Style { pretty: false, html: false };

pub(super) fn add(functions: &mut Functions) {
    // Without `must`, what cannot be written is nothing.
    functions.define("toJson", |value: Value| lenient(json::write(&value, COMPACT)));
    functions.define("toPrettyJson", |value: Value| lenient(json::write(&value, PRETTY)));
    functions.define("mustToJson", |value: Value| json::write(&value, COMPACT));
    functions.define("mustToPrettyJson", |value: Value| json::write(&value, PRETTY));
    functions.define_both(["toRawJson", "mustToRawJson"], |value: Value| json::write(&value, RAW));
    functions.define("fromJson", |text: Text| match from_json(&text) {
        Err(failure) if failure.kind == super::super::ErrorKind::Evaluate => Ok(Value::Nil),
        read => read,
    });
    functions.define("mustFromJson", |text: Text| from_json(&text));
    functions.define("toYaml", |value: Value| {
        let text = yaml::write(&value)?;
        Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
    });
    functions.define("fromYaml", |text: Text| match yaml::read(&text)? {
        // Null leaves the map as it was made.
        Value::Nil => Ok(Value::map::<Rc<str>>([])),
        map @ Value::Map(_) => Ok(map),
        other => Err(unmarshal(&other, "map[string]interface {}")),
    });
    functions.define("fromYamlArray", |text: Text| match yaml::read(&text)? {
        Value::Nil => Ok(Value::list(Vec::new())),
        list @ Value::List(_) => Ok(list),
        other => Err(unmarshal(&other, "[]interface {}")),
    });
    functions
        .define("b64enc", |text: Text| base64::engine::general_purpose::STANDARD.encode(&*text));
    functions.define("b64dec", |text: Text| {
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        // Go does not look at the bits that are left over.
        let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
        match GeneralPurpose::new(&STANDARD, config).decode(&text) {
            Ok(bytes) => utf8(bytes),
            Err(_) => Ok(illegal_base64(&text)),
        }
    });
    functions.define("b32enc", |text: Text| BASE32.encode(text.as_bytes()));
    functions.define("b32dec", |text: Text| {
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        match BASE32.decode(text.as_bytes()) {
            Ok(bytes) => utf8(bytes),
            Err(_) => Err(Failure::unknown("text that is not base 32")),
        }
    });
    functions.define("sha256sum", |text: Text| hex(&Sha256::digest(text.as_bytes())));
    functions.define("sha512sum", |text: Text| hex(&Sha512::digest(text.as_bytes())));
    functions.define("sha1sum", |text: Text| hex(&Sha1::digest(text.as_bytes())));
    functions.define("adler32sum", |text: Text| adler32_slice(text.as_bytes()).to_string());
}

fn lenient(written: Result<String, Failure>) -> Result<String, Failure> {
    match written {
        Err(failure) if failure.kind == super::super::ErrorKind::Evaluate => Ok(String::new()),
        written => written,
    }
}

fn from_json(text: &str) -> Result<Value, Failure> {
    let read: serde_json::Value =
        serde_json::from_str(text).map_err(|error| Failure::wrong(error.to_string()))?;
    Ok(Value::from_json(&read))
}

fn unmarshal(value: &Value, wanted: &str) -> Failure {
    let kind = match value {
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Float(_) => "number",
        _ => value.kind_name(),
    };
    Failure::wrong(format!(
        "error unmarshaling JSON: json: cannot unmarshal {kind} into Go value of type {wanted}"
    ))
}

fn utf8(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::unknown("decoded bytes that are not UTF-8"))
}

/// Sprig gives the text of the error for the result.
fn illegal_base64(text: &str) -> String {
    let bytes = text.as_bytes();
    let valid = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let wrong = bytes.iter().position(|b| !valid(*b)).unwrap_or(bytes.len());
    // Padding in the right place is followed by something; a group that ends early is its start.
    let at = match (bytes.get(wrong), wrong % 4) {
        (None, over) => wrong - over,
        (Some(b'='), 2) if bytes.get(wrong + 1) == Some(&b'=') => wrong + 2,
        (Some(b'='), 2) if wrong + 1 == bytes.len() => wrong + 1,
        (Some(b'='), 3) => wrong + 1,
        _ => wrong,
    };
    format!("illegal base64 data at input byte {at}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
