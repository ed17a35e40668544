//! Names of hosts in the texts of an object: environment, arguments, files of a ConfigMap.

use super::reference::each;
use super::{Place, Reading, pod, prose};
use crate::model::{Field, ObjectKey};

/// A name of a host inside the cluster, or one that may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Where the text is.
    pub place: Place,
    /// The name, in lower case and without a final dot.
    pub name: Box<str>,
    /// The port that is asked for, by number or by the scheme before it.
    pub port: Option<u16>,
    /// Whether the scheme before it is one that is spoken to servers of one's own, as that of a
    /// database is.
    pub is_backend: bool,
    /// The key of a ConfigMap whose value it is, where it counts only for containers that have the
    /// value in their environment.
    pub variable: Option<Box<str>>,
}

impl Host {
    /// Whether the name says itself that it is a Service's; others count only where they stand as
    /// an address.
    #[must_use]
    pub fn is_service_name(&self) -> bool {
        is_service_name(&self.name)
    }

    /// Whether it is a word without dots, which may be anything.
    #[must_use]
    pub fn is_word(&self) -> bool {
        !self.name.contains('.')
    }
}

/// Schemes that are followed by a host, and the port that they mean where none is stated.
const SCHEMES: [(&str, Option<u16>); 20] = [
    ("amqp", Some(5672)),
    ("amqps", Some(5671)),
    ("ftp", Some(21)),
    ("grpc", None),
    ("http", Some(80)),
    ("https", Some(443)),
    ("ldap", Some(389)),
    ("ldaps", Some(636)),
    ("mongodb", Some(27017)),
    ("mqtt", Some(1883)),
    ("mysql", Some(3306)),
    ("nats", Some(4222)),
    ("postgres", Some(5432)),
    ("postgresql", Some(5432)),
    ("redis", Some(6379)),
    ("rediss", Some(6379)),
    ("smtp", None),
    ("tcp", None),
    ("ws", Some(80)),
    ("wss", Some(443)),
];

/// The end of the names of variables that hold the name of a host.
const HOST: &str = "_HOST";

/// Ends of the names of variables that hold an address, if there is a port in it.
const ADDRESSES: [&str; 4] = ["_ADDR", "_ADDRESS", "_SERVER", "_ENDPOINT"];

/// Beginnings of the names of variables that speak of the program itself.
const OWN: [&str; 8] = ["BIND", "LISTEN", "MY_", "NODE_", "OWN_", "POD_", "SELF", "SERVER_HOST"];

/// Parts of names of variables and options whose URLs are words, and nothing to connect to.
const TALK: [&str; 12] = [
    "ADVERTISE",
    "ALLOW",
    "AUDIENCE",
    "CORS",
    "EXTERNAL_URL",
    "ISSUER",
    "NO_PROXY",
    "ORIGIN",
    "REALM",
    "REDIRECT",
    "VHOST",
    "VIRTUAL_HOST",
];

/// Schemes of the web and of connections as such: what is meant may be anywhere.
const ANYWHERE: [&str; 11] =
    ["ftp", "grpc", "http", "https", "ldap", "ldaps", "smtp", "tcp", "udp", "ws", "wss"];

/// Words that stand where a host could, and are none.
const WORDS: [&str; 17] = [
    "all", "any", "auto", "default", "disabled", "enabled", "false", "metadata", "no", "none",
    "null", "off", "on", "stderr", "stdout", "true", "yes",
];

/// Every host in an object.
pub(super) fn all(reading: &Reading<'_>, key: &ObjectKey, root: &Field<'_>) -> Vec<Host> {
    let kind = (key.group_kind.group.as_str(), key.group_kind.kind.as_str());
    let mut found = Found { reading, known: Vec::new(), variable: None, hosts: Vec::new() };
    if kind == ("", "ConfigMap") {
        if let Some(data) = root.get("data") {
            for (key, file) in data.entries() {
                found.scan(&file, true);
                found.variable = Some(key.into());
                found.value(key, &file);
                found.variable = None;
            }
        }
        return found.hosts;
    }
    if kind == ("", "Service") {
        each(root, "spec", &mut |spec| found.stands_for(spec));
        return found.hosts;
    }
    pod::with_template(kind, root, |template| {
        let Some(spec) = template.get("spec") else { return };
        each(&spec, "hostAliases[]", &mut |alias| {
            let names = alias.get("hostnames");
            let names = names.iter().flat_map(Field::items);
            found.known.extend(names.filter_map(|name| name.node.as_str().map(Into::into)));
        });
        for list in ["initContainers", "containers"] {
            let Some(list) = spec.get(list) else { continue };
            list.items().for_each(|container| found.container(&container));
        }
    });
    found.hosts
}

struct Found<'a> {
    reading: &'a Reading<'a>,
    /// Names that the pod itself resolves.
    known: Vec<Box<str>>,
    /// The key of a ConfigMap that is looked at as a variable.
    variable: Option<Box<str>>,
    hosts: Vec<Host>,
}

/// What is known of a host beside its name.
#[derive(Clone, Copy, Default)]
struct Said {
    port: Option<u16>,
    is_backend: bool,
    is_prose: bool,
    /// The byte of the text that it begins at.
    at: usize,
}

impl Found<'_> {
    fn container(&mut self, container: &Field<'_>) {
        for list in ["command", "args"] {
            if let Some(list) = container.get(list) {
                list.items().for_each(|item| self.argument(&item));
            }
        }
        let Some(env) = container.get("env") else { return };
        for variable in env.items() {
            if let Some(value) = variable.get("value") {
                self.value(variable.text("name"), &value);
            }
        }
    }

    /// The value of a variable of the environment.
    fn value(&mut self, name: &str, value: &Field<'_>) {
        if is_talk(name) {
            return;
        }
        let has_port = value.node.as_str().is_some_and(|text| text.contains(':'));
        let is_host =
            name.ends_with(HOST) || (has_port && ADDRESSES.iter().any(|end| name.ends_with(end)));
        let is_own = OWN.iter().any(|start| name.starts_with(start));
        if !(is_host && !is_own && self.whole(value)) {
            self.argument(value);
        }
    }

    /// A value that is a host, and perhaps a port, from its beginning to its end.
    fn whole(&mut self, value: &Field<'_>) -> bool {
        let Some(text) = value.node.as_str() else { return false };
        let Some((name, port)) = host_and_port(text) else { return false };
        if !is_host_name(name) {
            return false;
        }
        self.push(value, name, Said { port, ..Said::default() });
        true
    }

    /// The Service that a Service of type ExternalName is another name of.
    fn stands_for(&mut self, spec: &Field<'_>) {
        let is_service = |name: &Field<'_>| {
            let name = name.node.as_str().unwrap_or_default().trim_end_matches('.');
            is_service_name(name) || name.matches('.').count() == 1
        };
        let name = spec.get("externalName").filter(is_service);
        if let Some(name) = name.filter(|_| spec.text("type") == "ExternalName") {
            self.whole(&name);
        }
    }

    /// A value of which addresses may be a part. A script is text as files are.
    fn argument(&mut self, value: &Field<'_>) {
        let option = value.node.as_str().and_then(|text| text.split_once('='));
        if option.is_some_and(|(name, _)| is_talk(&name.replace('-', "_"))) {
            return;
        }
        let is_script = value.node.as_str().is_some_and(|text| text.contains('\n'));
        self.scan(value, is_script);
    }

    /// Finds hosts in a text; in prose, which may be an example, only names of Services.
    fn scan(&mut self, value: &Field<'_>, is_prose: bool) {
        let Some(text) = value.node.as_str() else { return };
        // Most texts have neither.
        if !text.contains("://") && !text.contains(".svc") {
            return;
        }
        if !is_prose && !text.contains('\n') {
            let urls = self.urls(value, (0, text), false);
            return self.names(value, (0, text), &urls);
        }
        for line in prose::lines(text) {
            let urls = self.urls(value, line, is_prose);
            self.names(value, line, &urls);
        }
    }

    /// Hosts of URLs; gives back where these lie in the line.
    fn urls(
        &mut self,
        value: &Field<'_>,
        (offset, line): (usize, &str),
        is_prose: bool,
    ) -> Vec<(usize, usize)> {
        let mut seen = Vec::new();
        for (at, _) in line.match_indices("://") {
            let start = at + 3;
            let rest = &line[start..];
            let authority = &rest[..authority_end(rest)];
            let before = authority.rfind('@').map_or(0, |at| at + 1);
            seen.push((start, start + authority.len()));
            let Some((name, port)) = host_and_port(&authority[before..]) else { continue };
            let scheme = line[..at].rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next();
            let scheme = scheme.unwrap_or_default().split('+').next().unwrap_or_default();
            let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
            // What follows other schemes may be a bucket, a topic or a path; `name.zone` without a
            // port is a domain as well.
            let is_plain = known.is_some() && (port.is_some() || !name.contains('.'));
            let port = port.or(known.and_then(|(_, port)| *port));
            if is_host_name(name) && (is_plain || is_service_name(name)) {
                let is_backend = known.is_some_and(|(scheme, _)| !ANYWHERE.contains(scheme));
                let at = offset + start + before;
                self.push(value, name, Said { port, is_backend, is_prose, at });
            }
        }
        seen
    }

    /// Names that end in `.svc` or go on from there, outside of URLs.
    fn names(&mut self, value: &Field<'_>, (offset, line): (usize, &str), urls: &[(usize, usize)]) {
        for (at, _) in line.match_indices(".svc") {
            if urls.iter().any(|(start, end)| (*start..*end).contains(&at)) {
                continue;
            }
            let is_part = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            let before = line[..at].char_indices().rev().find(|(_, c)| !is_part(*c));
            let start = before.map_or(0, |(before, c)| before + c.len_utf8());
            let end = line[at..].find(|c| !is_part(c)).map_or(line.len(), |length| at + length);
            // A part of something larger, as a placeholder or a pattern.
            let is_open = line[..start]
                .ends_with(['$', '{', '}', '%', '*', '<', '>', ')', '/', '\\'])
                || line[end..].starts_with(['{', '$', '%', '*', '<', '(']);
            let name = &line[start..end];
            let port = line[end..].strip_prefix(':').and_then(|rest| {
                let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest[..digits].parse().ok()
            });
            if !is_open && is_host_name(name) && is_service_name(name) {
                let at = offset + start;
                self.push(value, name, Said { port, is_backend: false, is_prose: true, at });
            }
        }
    }

    fn push(&mut self, value: &Field<'_>, written: &str, said: Said) {
        let Said { port, is_backend, is_prose, at } = said;
        let name = written.trim_end_matches('.').to_ascii_lowercase();
        // A word in prose may be anything; what has more than one dot, or is of the network's own
        // `.local`, is somebody else's.
        let is_foreign = name.matches('.').count() > 1 || name.ends_with(".local");
        if name.is_empty() || ((is_prose || is_foreign) && !is_service_name(&name)) {
            return;
        }
        let is_alias = self.known.iter().any(|known| **known == *name);
        if WORDS.contains(&&*name) || is_alias {
            return;
        }
        let name: Box<str> = name.into();
        let place = self.reading.place_in(value, at..at + written.len());
        let is_known = |host: &Host| host.name == name && host.port == port;
        if self.hosts.iter().any(|host| is_known(host) && host.place.field == place.field) {
            return;
        }
        let variable = self.variable.clone();
        self.hosts.push(Host { place, name, port, is_backend, variable });
    }
}

/// Where the host and what belongs to it ends. Variables in it, as `$(PASSWORD)`, are a part of it.
fn authority_end(text: &str) -> usize {
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

/// Whether the name of a variable or an option says that its URLs are no connections.
fn is_talk(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    TALK.iter().any(|part| name.contains(part))
}

/// Whether a name says itself that it is a Service's.
fn is_service_name(name: &str) -> bool {
    let mut parts = name.trim_end_matches('.').split('.').skip(2);
    parts.any(|part| part == "svc")
}

/// Splits `name:5000`; nothing where the port is none.
fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    match text.split_once(':') {
        None => Some((text, None)),
        Some((name, port)) => Some((name, Some(port.parse().ok()?))),
    }
}

/// Whether a text is a name that DNS could have: no address, no placeholder, not this machine.
fn is_host_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name != "localhost"
        && name.split('.').all(is_label)
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}
