//! Values that nobody may see. They are hidden where objects are read, so that nothing that comes
//! after can show them, by mistake or in an error.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::secret_within::{hide_within, is_secret};
use crate::yaml::{Map, Node, Value};

/// What a hidden value begins with: a noncharacter, which no text has.
pub(super) const MARK: char = '\u{FDD2}';
/// How long a mark is: what it begins with, and a number.
const MARK_LENGTH: usize = MARK.len_utf8() + 16;
/// What people see of it.
const HIDDEN: &str = "(hidden)";
/// Where `kubectl apply` keeps the whole object, values and all.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Where others keep it: Rancher and k3s, kapp.
const COPIES: [&str; 2] = ["objectset.rio.cattle.io/applied", "kapp.k14s.io/original"];
/// The fields of a Secret that hold no value of it.
const OPEN_FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "type", "immutable"];
/// The domains whose annotations on a Secret hold no value of it; what others write may.
const OPEN_DOMAINS: [&str; 7] = [
    "argoproj.io",
    "bitnami.com",
    "cert-manager.io",
    "external-secrets.io",
    "helm.sh",
    "k8s.io",
    "kubernetes.io",
];

/// Puts marks in place of the values of a Secret, and of what it was applied from. Equal values get
/// equal marks in one run; a mark says nothing else of its value, as its key is made anew each time.
pub(crate) fn hide(object: &mut Node) {
    let is_secret = is_secret(object);
    if is_secret && let Some(map) = object.as_map_mut() {
        // Under a wrong name, or as something else than a map, it is a value all the same.
        for (key, value) in map.iter_mut() {
            let name = &*key.name;
            let is_data = ["data", "stringData"].contains(&name);
            if OPEN_FIELDS.contains(&name) || is_data && value.is_null() {
                continue;
            }
            match value.as_map_mut().filter(|_| is_data) {
                Some(values) => {
                    values.iter_mut().for_each(|(_, value)| hide_value(value, name == "data"));
                }
                None => hide_value(value, false),
            }
        }
        join(map);
    }
    let annotations = object
        .as_map_mut()
        .and_then(|map| map.get_mut("metadata")?.as_map_mut()?.get_mut("annotations"));
    let annotations = annotations.and_then(Node::as_map_mut).into_iter();
    for (key, value) in annotations.flat_map(|map| map.iter_mut()) {
        let name = &*key.name;
        if name == LAST_APPLIED || COPIES.contains(&name) || is_secret && !is_open(name) {
            hide_value(value, false);
        }
    }
    hide_within(object);
}

/// Whether what an annotation says of a Secret is none of its values.
fn is_open(annotation: &str) -> bool {
    let domain = annotation.split_once('/').map_or("", |(domain, _)| domain);
    let is_below = |open: &str| {
        domain.strip_suffix(open).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    OPEN_DOMAINS.into_iter().any(is_below)
}

/// The server writes `stringData` over `data`, and keeps only that.
fn join(secret: &mut Map) {
    if secret.get("stringData").is_none_or(|plain| plain.as_map().is_none()) {
        return;
    }
    let Some((mut key, plain)) = secret.remove("stringData") else { return };
    let Value::Map(plain) = plain.value else { return };
    let span = key.span;
    key.name = "data".into();
    if secret.get("data").and_then(Node::as_map).is_none() {
        secret.insert(key, Node::new(Value::Map(Map::default()), span));
    }
    let Some(data) = secret.get_mut("data").and_then(Node::as_map_mut) else { return };
    for (key, value) in plain.iter() {
        data.insert(key.clone(), value.clone());
    }
}

/// Whether a text stands for a value that is hidden.
#[must_use]
pub fn is_hidden(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with(MARK) && text.len() == MARK_LENGTH)
}

/// A text as people may see it: a word in the place of each mark, which says nothing of the value.
#[must_use]
pub fn readable(text: &str) -> Cow<'_, str> {
    let Some((start, rest)) = text.split_once(MARK) else { return Cow::Borrowed(text) };
    let mut shown = start.to_owned();
    for part in rest.split(MARK) {
        shown.push_str(HIDDEN);
        let number = part.chars().take_while(char::is_ascii_hexdigit).take(16).count();
        shown.push_str(&part[number..]);
    }
    Cow::Owned(shown)
}

/// What stands for a value.
pub(super) fn mark(value: &[u8]) -> String {
    static KEY: OnceLock<RandomState> = OnceLock::new();
    let number = KEY.get_or_init(RandomState::new).hash_one(value);
    format!("{MARK}{number:016x}")
}

pub(super) fn hide_value(value: &mut Node, is_encoded: bool) {
    let text = match &value.value {
        Value::String(text) => text.clone(),
        Value::Null => "".into(),
        _ => crate::yaml::to_json_string(value).into(),
    };
    // The same bytes may be written in several ways.
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = is_encoded.then(|| STANDARD.decode(&compact).ok()).flatten();
    value.value = Value::String(mark(bytes.as_deref().unwrap_or(text.as_bytes())).into());
}

/// A URL without what may stand before its host: a token or a password must get into no output and no
/// file. Of `ssh` that is a name alone, and needed.
pub(crate) fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) if scheme != "ssh" => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host..])
        }
        _ => url.to_owned(),
    }
}

/// A text in which no address has a name and a password before its host, be it a right URL or not.
pub(crate) fn without_passwords(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "\"'`<>".contains(c);
    let words = text.split_inclusive(ends).map(|word| {
        let (scheme, rest) = word.find("://").map_or(("", word), |at| word.split_at(at + 3));
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
        let host = match authority.rfind('@') {
            Some(at) => at + 1,
            // A `/` that somebody did not encode ends no password.
            None if authority.rsplit_once(':').is_some_and(|(_, port)| !is_port(port)) => {
                rest.rfind('@').map_or(0, |at| at + 1)
            }
            None => 0,
        };
        let has_password = rest[..host].contains(':') || !scheme.is_empty();
        if has_password { format!("{scheme}{}", &rest[host..]) } else { word.to_owned() }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn no_address_keeps_its_password() {
        for (text, shown) in [
            ("proxy http://user:word@h:1 fails", "proxy http://h:1 fails"),
            ("`https://token@h/path`: no", "`https://h/path`: no"),
            ("user:word@h:3128", "h:3128"),
            ("\"ftp://u:wo/rd@h\"", "\"ftp://h\""),
            ("https://127.0.0.1:1/x@y", "https://127.0.0.1:1/x@y"),
            ("https://[::1]:6443/a", "https://[::1]:6443/a"),
            ("mail somebody@example.com: no", "mail somebody@example.com: no"),
            ("at 10:30 a@b", "at 10:30 a@b"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
