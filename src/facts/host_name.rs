//! What a name of a host is made of, and what stands before one.

use std::ops::Range;

/// Schemes that are followed by a host, and the port that they mean where none is stated.
pub(super) const SCHEMES: [(&str, Option<u16>); 22] = [
    ("amqp", Some(5672)),
    ("amqps", Some(5671)),
    ("ftp", Some(21)),
    ("grpc", None),
    ("http", Some(80)),
    ("https", Some(443)),
    ("ldap", Some(389)),
    ("ldaps", Some(636)),
    ("mariadb", Some(3306)),
    ("mongodb", Some(27017)),
    ("mqtt", Some(1883)),
    ("mysql", Some(3306)),
    ("nats", Some(4222)),
    ("postgres", Some(5432)),
    ("postgresql", Some(5432)),
    ("redis", Some(6379)),
    ("rediss", Some(6379)),
    ("smtp", None),
    ("sqlserver", None),
    ("tcp", None),
    ("ws", Some(80)),
    ("wss", Some(443)),
];

/// Parts of names of variables and options whose URLs are words, and nothing to connect to.
const TALK: [&str; 16] = [
    "ADVERTISE",
    "ALLOW",
    "AUDIENCE",
    "CALLBACK",
    "CORS",
    "EXTERNALURL",
    "ISSUER",
    "LOGOUT",
    "NOPROXY",
    "ORIGIN",
    "PUBLICURL",
    "REALM",
    "REDIRECT",
    "ROOTURL",
    "VHOST",
    "VIRTUALHOST",
];

/// Schemes of the web and of connections as such: what is meant may be anywhere.
pub(super) const ANYWHERE: [&str; 11] =
    ["ftp", "grpc", "http", "https", "ldap", "ldaps", "smtp", "tcp", "udp", "ws", "wss"];

/// Words that stand where a host could, and are none.
pub(super) const WORDS: [&str; 17] = [
    "all", "any", "auto", "default", "disabled", "enabled", "false", "metadata", "no", "none",
    "null", "off", "on", "stderr", "stdout", "true", "yes",
];

/// Where the host and what belongs to it ends. Variables in it, as `$(PASSWORD)`, are a part of it.
pub(super) fn authority_end(text: &str) -> usize {
    let mut is_variable = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' if before == '$' => is_variable = true,
            ')' | '}' if is_variable => is_variable = false,
            _ if c.is_whitespace() || "/?#\"'`,;)]}<>|\\".contains(c) => return at,
            _ => {}
        }
        before = c;
    }
    text.len()
}

/// How long the scheme is that a text ends with.
pub(super) fn scheme_length(text: &str) -> usize {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '+';
    text.rsplit(is_end).next().unwrap_or_default().len()
}

/// Whether the name of a variable or an option says that its URLs are no connections.
pub(super) fn is_talk(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace(['-', '_', '.'], "");
    TALK.iter().any(|part| name.contains(part))
}

/// Whether a name says itself that it is a Service's.
pub(super) fn is_service_name(name: &str) -> bool {
    let mut parts = name.trim_end_matches('.').split('.').skip(2);
    parts.any(|part| part == "svc")
}

/// The names in a line that end in `.svc` or go on from there, each with the port behind it.
pub(super) fn service_names(line: &str) -> Vec<(Range<usize>, Option<u16>)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    let mut found = Vec::new();
    for (at, _) in line.match_indices(".svc") {
        let before = line[..at].char_indices().rev().find(|(_, c)| !is_part(*c));
        let start = before.map_or(0, |(before, c)| before + c.len_utf8());
        let end = line[at..].find(|c| !is_part(c)).map_or(line.len(), |length| at + length);
        // A part of something larger, as a placeholder or a pattern.
        let is_open = line[..start].ends_with(['$', '{', '}', '%', '*', '<', '>', ')', '/', '\\'])
            || line[end..].starts_with(['{', '$', '%', '*', '<', '(']);
        let name = &line[start..end];
        let port = line[end..].strip_prefix(':').and_then(|rest| {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..digits].parse().ok()
        });
        if !is_open && is_host_name(name) && is_service_name(name) {
            found.push((start..end, port));
        }
    }
    found
}

/// Splits `name:5000`; nothing where the port is none.
pub(super) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    match text.split_once(':') {
        None => Some((text, None)),
        Some((name, port)) => Some((name, Some(port.parse().ok()?))),
    }
}

/// Whether a text is a name that DNS could have: no address, no placeholder, not this machine.
pub(super) fn is_host_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !["localhost", "ip6-localhost", "localhost.localdomain"]
        .iter()
        .any(|it| name.eq_ignore_ascii_case(it))
        && name.split('.').all(is_label)
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}
