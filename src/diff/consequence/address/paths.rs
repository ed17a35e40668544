//! Where the paths of routes lead.

use std::collections::{BTreeMap, BTreeSet};

use super::items;
use super::routes::others;
use super::traefik;
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::{covers, hosts as hosts_of};
use crate::diff::consequence::words::listed;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::yaml::Node;

/// What else a request must have, and the path.
pub(super) type Path = (String, String);

/// The paths of a host with the ways in which they are compared, and what each of these leads to.
pub(super) type Rules = BTreeMap<Path, BTreeMap<String, Target>>;

/// What requests get.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// Nobody knows.
    Unknown,
    /// No answer but that there is none.
    Nothing,
    /// Another address.
    Redirect,
    /// Services with ports.
    Backends(BTreeSet<(String, String)>),
}

impl Target {
    /// Whether it is certainly another one: a port is not, where a name stands for a number.
    fn differs(&self, other: &Self) -> bool {
        let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => false,
            (Self::Backends(one), Self::Backends(other)) => {
                let names = |all: &BTreeSet<(String, String)>| -> BTreeSet<String> {
                    all.iter().map(|(name, _)| name.clone()).collect()
                };
                let mut ports = one.iter().chain(other).map(|(_, port)| is_number(port));
                let is_clear = ports.next().is_none_or(|first| ports.all(|port| port == first));
                one != other && (is_clear || names(one) != names(other))
            }
            _ => self != other,
        }
    }

    fn shown(&self) -> String {
        let name = |(name, port): &(String, String)| match &**port {
            "" => name.clone(),
            port => format!("{name}:{port}"),
        };
        match self {
            Self::Backends(all) => listed(&all.iter().map(name).collect()),
            Self::Redirect => "a redirect".to_owned(),
            Self::Nothing | Self::Unknown => "nothing".to_owned(),
        }
    }
}

/// Paths that lead elsewhere, newly, or not by a rule of their own any longer.
pub(super) fn of(subject: &Subject<'_, '_>, before: &Object, after: &Object) -> Vec<String> {
    let (was, is) = (&subject.whole.before, &subject.whole.after);
    let kind = &after.key.group_kind;
    match (&*kind.group, &*kind.kind) {
        ("networking.k8s.io", "Ingress") => {
            let is_alone = |host: &str| is_alone(subject, before, after, host);
            let mut told = hosts(&ingress(was, before), &ingress(is, after), is_alone);
            let [old, new] = [(was, before), (is, after)].map(|(side, object)| {
                backend(side, object, object.node.pointer("/spec/defaultBackend"))
            });
            if old.differs(&new) {
                let (old, new) = (old.shown(), new.shown());
                told.push(format!("what no path takes leads to {new} instead of {old}"));
            }
            told
        }
        ("gateway.networking.k8s.io", _) => {
            let mut told = Vec::new();
            let mut all = [before, after].into_iter().filter_map(hosts_of).flatten();
            let is_alone = all.all(|host| is_alone(subject, before, after, &host));
            compare("", &gateway_api(before), &gateway_api(after), is_alone, &mut told);
            told
        }
        ("traefik.io" | "traefik.containo.us", _) => {
            let mut told = Vec::new();
            compare("", &traefik::rules(before), &traefik::rules(after), false, &mut told);
            told
        }
        _ => Vec::new(),
    }
}

/// Whether no other route has a host, before or after. Else one may take the paths that another has no
/// longer, or have had those that are new here.
fn is_alone(subject: &Subject<'_, '_>, before: &Object, after: &Object, host: &str) -> bool {
    let sides = [(&subject.whole.before, before), (&subject.whole.after, after)];
    sides.into_iter().all(|(side, own)| others(side, own, host).iter().all(|it| it.key == own.key))
}

/// Compares the rules for each host that both have, if only among others.
fn hosts(
    old: &BTreeMap<String, Rules>,
    new: &BTreeMap<String, Rules>,
    is_alone: impl Fn(&str) -> bool,
) -> Vec<String> {
    let rules = |all: &'_ BTreeMap<String, Rules>, host: &str| -> Option<Rules> {
        let mut wide: Vec<&String> = all.keys().filter(|one| covers("", one, host)).collect();
        wide.sort_by_key(|one| std::cmp::Reverse((*one == host, one.len())));
        all.get(*wide.first()?).cloned()
    };
    let mut told = Vec::new();
    for host in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        if let (Some(old), Some(new)) = (rules(old, host), rules(new, host)) {
            compare(host, &old, &new, is_alone(host), &mut told);
        }
    }
    told
}

/// Paths that only one of both has are told where no other route may have them.
fn compare(host: &str, old: &Rules, new: &Rules, is_alone: bool, told: &mut Vec<String>) {
    let leads = |path: &Path, to: &Target, from: &Target| {
        let (to, from) = (to.shown(), from.shown());
        match &*path.1 {
            "" => format!("what it takes leads to {to} instead of {from}"),
            _ => format!("`{}` leads to {to} instead of {from}", shown(host, path)),
        }
    };
    for (path, was) in old {
        let Some(is) = new.get(path) else {
            if !is_alone {
                continue;
            }
            // What takes its requests then.
            match (whole(was), wider(new, path)) {
                (Some(from), Some(to)) if from.differs(to) => told.push(leads(path, to, from)),
                (Some(_), Some(_)) => {}
                _ => told
                    .push(format!("it routes path `{}` of its own no longer", shown(host, path))),
            }
            continue;
        };
        let [left, came] = [(was, is), (is, was)].map(|(one, other)| {
            let only = one.iter().filter(|(kind, _)| !other.contains_key(*kind));
            only.collect::<Vec<_>>()
        });
        if let ([(from, before)], [(to, after)]) = (left.as_slice(), came.as_slice()) {
            if is_plain(from) && is_plain(to) {
                let path = shown(host, path);
                told.push(format!("path `{path}` is compared as `{to}` instead of `{from}`"));
            }
            if before.differs(after) {
                told.push(leads(path, after, before));
            }
        }
        for (kind, from) in was {
            if let Some(to) = is.get(kind).filter(|to| from.differs(to)) {
                told.push(leads(path, to, from));
            }
        }
    }
    for (path, is) in new.iter().filter(|(path, _)| is_alone && !old.contains_key(*path)) {
        match (whole(is), wider(old, path)) {
            (Some(to), Some(from)) if to.differs(from) => told.push(leads(path, to, from)),
            (Some(_), Some(_)) => {}
            _ => told.push(format!("it newly routes path `{}`", shown(host, path))),
        }
    }
}

fn shown(host: &str, (conditions, path): &Path) -> String {
    format!("{host}{path}{conditions}")
}

/// Whether it is known how a path is compared.
fn is_plain(kind: &str) -> bool {
    is_prefix(kind) || kind == "Exact"
}

fn is_prefix(kind: &str) -> bool {
    ["Prefix", "PathPrefix"].contains(&kind)
}

/// What a path leads to with all that is below it, where nothing else is said of it.
fn whole(ways: &BTreeMap<String, Target>) -> Option<&Target> {
    let mut ways = ways.iter();
    let (kind, target) = ways.next()?;
    (is_prefix(kind) && ways.next().is_none()).then_some(target)
}

/// What the longest path above a path leads to, where it is certainly that which takes its requests.
fn wider<'r>(rules: &'r Rules, (conditions, path): &Path) -> Option<&'r Target> {
    let above = |one: &str| {
        let rest = path.strip_prefix(one.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let all = rules.iter().filter(|((other, one), _)| other == conditions && above(one));
    let (_, ways) = all.max_by_key(|((_, one), _)| one.len())?;
    let is_certain = rules.keys().all(|(other, one)| {
        // Paths within it, and rules for some requests, take a part away.
        other == conditions && !one.starts_with(&**path)
    });
    whole(ways).filter(|_| is_certain)
}

/// A path as it is compared: of a prefix the slash at its end says nothing.
fn normal(path: &str, kind: &str) -> String {
    let path = if is_prefix(kind) { path.trim_end_matches('/') } else { path };
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

fn ingress(side: &Side<'_>, object: &Object) -> BTreeMap<String, Rules> {
    let mut found: BTreeMap<String, Rules> = BTreeMap::new();
    for rule in items(&object.node, "/spec/rules") {
        let host = rule.get("host").and_then(Node::as_str).unwrap_or_default().to_lowercase();
        let rules = found.entry(host).or_default();
        for path in items(rule, "/http/paths") {
            let text = |name: &str| path.get(name).and_then(Node::as_str).unwrap_or_default();
            let kind = text("pathType");
            let target = backend(side, object, path.get("backend"));
            let ways = rules.entry((String::new(), normal(text("path"), kind))).or_default();
            ways.entry(kind.to_owned()).or_insert(target);
        }
    }
    found
}

/// What a backend of an Ingress names, with the number of its port as far as the files say it.
fn backend(side: &Side<'_>, ingress: &Object, backend: Option<&Node>) -> Target {
    let service = backend.and_then(|backend| backend.get("service"));
    let Some(service) = service else { return Target::Unknown };
    let name = service.get("name").and_then(Node::as_str).unwrap_or_default();
    let number = service.pointer("/port/number").and_then(Node::as_int);
    let port = match service.pointer("/port/name").and_then(Node::as_str) {
        Some(port) => {
            let number = numbered(side, ingress, name, port);
            number.map_or_else(|| port.to_owned(), |number| number.to_string())
        }
        None => number.map(|number| number.to_string()).unwrap_or_default(),
    };
    if name.is_empty() || port.is_empty() {
        return Target::Unknown;
    }
    Target::Backends([(name.to_owned(), port)].into())
}

fn numbered(side: &Side<'_>, ingress: &Object, service: &str, port: &str) -> Option<i64> {
    let mut services = side.beside(ingress, "", "Service");
    let service = services.find(|one| one.key.name == service)?;
    let mut ports = items(&service.node, "/spec/ports");
    let found = ports.find(|one| one.get("name").and_then(Node::as_str) == Some(port));
    found?.get("port")?.as_int()
}

/// The rules of a route of the Gateway API: the first one that has a match counts.
fn gateway_api(route: &Object) -> Rules {
    let mut found = Rules::new();
    for rule in items(&route.node, "/spec/rules") {
        let target = target(route, rule);
        let matches: Vec<&Node> = items(rule, "/matches").collect();
        let mut add = |path: Path, kind: &str| {
            let ways = found.entry(path).or_default();
            ways.entry(kind.to_owned()).or_insert_with(|| target.clone());
        };
        match &*route.key.group_kind.kind {
            "HTTPRoute" if matches.is_empty() => add((String::new(), "/".to_owned()), "PathPrefix"),
            "HTTPRoute" => {
                for one in matches {
                    let kind = one.pointer("/path/type").and_then(Node::as_str);
                    let kind = kind.unwrap_or("PathPrefix");
                    let path = one.pointer("/path/value").and_then(Node::as_str);
                    add((conditions(one), normal(path.unwrap_or("/"), kind)), kind);
                }
            }
            "GRPCRoute" if matches.is_empty() => add((String::new(), "/*/*".to_owned()), "Exact"),
            "GRPCRoute" => {
                for one in matches {
                    let text = |name: &str| one.get("method")?.get(name)?.as_str();
                    let part = |name: &str| text(name).unwrap_or("*").to_owned();
                    let path = format!("/{}/{}", part("service"), part("method"));
                    add((conditions(one), path), text("type").unwrap_or("Exact"));
                }
            }
            _ => add((String::new(), String::new()), ""),
        }
    }
    found
}

/// What a request must have beside its path, in words.
fn conditions(one: &Node) -> String {
    let mut parts: Vec<String> = Vec::new();
    // That of GRPC is its path.
    parts.extend(one.get("method").and_then(Node::as_str).map(str::to_owned));
    for (list, mark) in [("/headers", ": "), ("/queryParams", "=")] {
        let mut found: Vec<String> = items(one, list)
            .map(|item| {
                let text = |name: &str| item.get(name).and_then(Node::as_str).unwrap_or_default();
                let like = if text("type") == "RegularExpression" { "~" } else { "" };
                let name = text("name");
                let name = if mark == ": " { name.to_lowercase() } else { name.to_owned() };
                format!("{name}{mark}{like}{}", text("value"))
            })
            .collect();
        found.sort();
        parts.extend(found);
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn target(route: &Object, rule: &Node) -> Target {
    let mut all = BTreeSet::new();
    for one in items(rule, "/backendRefs") {
        if one.get("weight").and_then(Node::as_int) == Some(0) {
            continue;
        }
        let Some(name) = one.get("name").and_then(Node::as_str) else { return Target::Unknown };
        let text = |name: &str| one.get(name).and_then(Node::as_str);
        let kind = text("kind").filter(|kind| *kind != "Service").map(|kind| format!("{kind}/"));
        let namespace = text("namespace").filter(|name| **name != *route.key.namespace);
        let namespace = namespace.map(|name| format!("{name}/"));
        let (kind, namespace) = (kind.unwrap_or_default(), namespace.unwrap_or_default());
        let port = one.get("port").and_then(Node::as_int).map(|port| port.to_string());
        all.insert((format!("{kind}{namespace}{name}"), port.unwrap_or_default()));
    }
    let filters: Vec<&str> = items(rule, "/filters")
        .filter_map(|filter| filter.get("type").and_then(Node::as_str))
        .collect();
    match all.is_empty() {
        false => Target::Backends(all),
        true if filters.contains(&"RequestRedirect") => Target::Redirect,
        true if filters.is_empty() => Target::Nothing,
        // A filter may answer.
        true => Target::Unknown,
    }
}
