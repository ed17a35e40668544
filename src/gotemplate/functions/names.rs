//! Names: `SanitizeName` and `SlugifyName` of Argo CD's `applicationset/utils`, with
//! `github.com/gosimple/slug`.

use std::rc::Rc;

use super::super::failure::Failure;
use super::super::value::{IntKind, Value};
use super::Functions;
use super::callable::Rest;
use super::strings::lower;

pub(super) fn add(functions: &mut Functions) {
    functions.define("normalize", |name: Rc<str>| normalize(&name));
    functions.define("slugify", |arguments: Rest<Value>| slugify(&arguments.0));
}

/// The longest name of an object.
const MAX_NAME: usize = 253;

fn normalize(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    let clean = |c: char| if allowed(c) { c } else { '-' };
    let name: String = name.chars().map(lower).map(clean).take(MAX_NAME).collect();
    name.trim_matches(['-', '.']).to_owned()
}

/// The name comes last, before it the longest length and whether words stay whole.
fn slugify(arguments: &[Value]) -> Result<String, Failure> {
    let mismatch = |value: &Value, wanted: &str| {
        let kind = value.type_name();
        Failure::wrong(format!("interface conversion: interface {{}} is {kind}, not {wanted}"))
    };
    let (mut longest, mut whole_words) = (50, true);
    let Some((name, settings)) = arguments.split_last() else { return Ok(String::new()) };
    for (at, setting) in settings.iter().enumerate() {
        match (at, setting) {
            (0, Value::Int(IntKind::Int, length)) => longest = *length,
            (0, _) => return Err(mismatch(setting, "int")),
            (1, Value::Bool(whole)) => whole_words = *whole,
            (1, _) => return Err(mismatch(setting, "bool")),
            _ => {}
        }
    }
    let name = name.as_str().ok_or_else(|| mismatch(name, "string"))?;
    let mut slug = normalize(name).replace('.', "-");
    if !whole_words && slug.len() >= usize::try_from(longest).unwrap_or(0) {
        let Ok(longest) = usize::try_from(longest) else {
            return Err(Failure::wrong("slice bounds out of range"));
        };
        slug.truncate(longest);
    }
    let words: Vec<&str> = slug.split('-').filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    let longest = usize::try_from(longest).unwrap_or(0);
    if longest == 0 || !whole_words || slug.len() <= longest {
        return Ok(slug);
    }
    // The words that fit, or what fits of the first.
    let end = slug.get(..=longest).and_then(|start| start.rfind('-')).unwrap_or(longest);
    Ok(slug.get(..end).unwrap_or_default().to_owned())
}
