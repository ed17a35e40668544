//! Which URLs in the files of a ConfigMap are addresses that a program is given.

use super::host_name::is_talk;
use super::prose;
use crate::model::Field;

/// Endings of files that a program reads as its settings. Others are for people, or text of programs.
const ENDINGS: [&str; 11] = [
    ".cfg",
    ".conf",
    ".config",
    ".env",
    ".hcl",
    ".ini",
    ".json",
    ".properties",
    ".toml",
    ".yaml",
    ".yml",
];

/// Parts of keys whose values are for people.
const FOR_PEOPLE: [&str; 15] = [
    "comment",
    "dashboard",
    "description",
    "docs",
    "documentation",
    "example",
    "help",
    "home",
    "href",
    "link",
    "message",
    "motd",
    "runbook",
    "summary",
    "title",
];

/// What files have that state where others find something: alerts, dashboards, descriptions of an API,
/// the clients of Keycloak.
const FOR_OTHERS: [&str; 6] =
    ["alert:", "openapi:", "swagger:", "\"openapi\"", "\"panels\"", "\"redirectUris\""];

/// Directives that connect to what they are given: those of nginx' modules, of Caddy, and of CoreDNS.
const CONNECTING: [&str; 11] = [
    "fastcgi_pass",
    "forward",
    "forward_auth",
    "grpc_pass",
    "memcached_pass",
    "proxy",
    "proxy_pass",
    "reverse_proxy",
    "scgi_pass",
    "server",
    "uwsgi_pass",
];

/// Names before that of a database in its URL, as in `jdbc:postgresql://db`.
const DRIVERS: [&str; 2] = ["jdbc:", "r2dbc:"];

/// The names that files of a ConfigMap give to others of their own: `upstream` of nginx'
/// `ngx_http_upstream_module`.
pub(super) fn own_names<'f>(data: &'f Field<'_>) -> Vec<&'f str> {
    let texts = data.entries().filter_map(|(_, file)| file.node.as_str());
    let lines = texts.filter(|text| text.contains("upstream")).flat_map(prose::lines);
    let names = lines.filter_map(|(_, line)| line.trim_start().strip_prefix("upstream "));
    names.filter_map(|rest| rest.split([' ', '{']).find(|word| !word.is_empty())).collect()
}

/// A file of settings, line by line.
pub(super) struct Settings {
    /// Whether the last key that has a list or a map says that its values are no connections.
    is_talk: bool,
}

impl Settings {
    /// Of a file; nothing where it is for people. What is a manifest itself, or values of a chart, is
    /// for a namespace of its own.
    pub(super) fn of(key: &str, text: &str) -> Option<Self> {
        let is_manifest = text.contains("apiVersion:") && text.contains("kind:");
        let is_other = is_manifest || FOR_OTHERS.iter().any(|mark| text.contains(mark));
        let is_file = ENDINGS.iter().any(|end| key.ends_with(end)) || key == "Caddyfile";
        (is_file && !is_other && !key.contains("values")).then_some(Self { is_talk: false })
    }

    /// Goes on to a line.
    pub(super) fn enter(&mut self, line: &str) {
        let line = line.trim();
        if line.trim_end_matches('-').ends_with([':', '[', '{', '=', '|', '>']) {
            self.is_talk = is_no_address(line);
        }
    }

    /// Whether a URL stands where an address does: as the value of a key, an item of a list, or what
    /// a directive is given. A sentence goes on behind it, or has more words before it.
    pub(super) fn is_address(&self, before: &str, after: &str, has_port: bool) -> bool {
        let end = after.find(|c: char| c.is_whitespace() || "\"'`,;".contains(c));
        let rest = after[end.unwrap_or(after.len())..].trim_start();
        // Alone in its line it is a part of a text, or the address that Caddy has itself.
        if before.trim().is_empty() || rest.starts_with(|c: char| c.is_alphanumeric()) {
            return false;
        }
        let trimmed = |text: &'_ str| {
            let text = text.trim_end_matches(|c: char| c.is_whitespace() || "\"'`".contains(c));
            DRIVERS.iter().find_map(|name| text.strip_suffix(name)).unwrap_or(text).to_owned()
        };
        let part = trimmed(&trimmed(key_of(before)));
        let part = part.trim_start();
        let part = part.strip_prefix("- ").unwrap_or(part).trim();
        let is_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        match part.strip_suffix([':', '=']) {
            _ if matches!(part, "" | "-") => match before.rsplit_once('[') {
                // The list that it is an item of begins in this line.
                Some((key, items)) if !items.contains(']') => !is_no_address(key_of(key)),
                _ => !self.is_talk,
            },
            Some(key) => {
                let key = key.trim().trim_matches(['"', '\'']);
                is_word(key) && !is_no_address(key)
            }
            None => {
                // A name without a port may be that of an `upstream` in another file of nginx.
                let is_whole = has_port || !part.ends_with("_pass");
                CONNECTING.contains(&part)
                    && is_whole
                    && (rest.is_empty() || rest.starts_with([';', '{']))
            }
        }
    }
}

/// The last key of a line.
fn key_of(line: &str) -> &str {
    line.rsplit([',', '{', '[']).next().unwrap_or_default()
}

/// Whether a key says that its values are no connections, or for people.
fn is_no_address(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    is_talk(key) || FOR_PEOPLE.iter().any(|part| lower.contains(part))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Settings;

    #[test]
    fn addresses_are_told_from_sentences() {
        let is_address = |line: &str| {
            let settings = Settings::of("a.conf", "").unwrap();
            let at = line.find("http").unwrap();
            let end = line[at + 7..].find(['/', ' ', '"', ';', ',', '}']);
            let after = &line[end.map_or(line.len(), |end| at + 7 + end)..];
            settings.is_address(&line[..at], after, !line.contains("api;"))
        };
        for line in [
            "url: http://api:80",
            "  - http://api:80/x",
            "- url: 'http://api:80/x'",
            "{\"a\": \"b\", \"url\": \"http://api:80\", \"c\": 1}",
            "{url: http://api:80, c: d}",
            "api.url=http://api:80",
            "proxy_pass http://api:80;",
            "reverse_proxy http://api:80 {",
            "url = \"jdbc:http://api:80\"",
        ] {
            assert!(is_address(line), "{line}");
        }
        for line in [
            "See http://api:80",
            "it asks http://api:80",
            "note: ask http://api:80",
            "url: http://api:80 is asked",
            "description: http://api:80",
            "redirectUris: [\"http://api:80\"]",
            "redirectUris: [\"+\", \"http://api:80\"]",
            "proxy_pass http://api;",
            "return http://api:80;",
            "redir http://api:80",
            "origin http://api:80",
            "root-url: http://api:80",
        ] {
            assert!(!is_address(line), "{line}");
        }
    }
}
