//! What the rules of routes say: which requests they take, and what these get.

use std::collections::{BTreeMap, BTreeSet};

use super::items;
use super::target::Target;
use crate::diff::consequence::host::covers;
use crate::diff::snapshot::Object;
use crate::diff::whole::Side;
use crate::yaml::Node;

/// What else a request must have, and the path.
pub(super) type Path = (Conditions, String);

/// The paths of a host with the ways in which they are compared, and what each of these leads to.
pub(super) type Rules = BTreeMap<Path, BTreeMap<String, Target>>;

/// What a request must have beside its path: header fields and parameters in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Conditions {
    pub(super) method: Option<String>,
    pub(super) headers: BTreeSet<String>,
    pub(super) parameters: BTreeSet<String>,
    /// Whether some are compared by an expression.
    pub(super) is_like: bool,
}

impl Conditions {
    fn of(one: &Node) -> Self {
        let mut is_like = false;
        let mut list = |name: &str, mark: &str| -> BTreeSet<String> {
            let text = |item: &Node| {
                let text = |name: &str| item.get(name).and_then(Node::as_str).unwrap_or_default();
                let is_expression = text("type") == "RegularExpression";
                is_like |= is_expression;
                let like = if is_expression { "~" } else { "" };
                let name = text("name");
                let name = if mark == ": " { name.to_lowercase() } else { name.to_owned() };
                format!("{name}{mark}{like}{}", text("value"))
            };
            items(one, name).map(text).collect()
        };
        let (headers, parameters) = (list("/headers", ": "), list("/queryParams", "="));
        // The method of GRPC is its path.
        let method = one.get("method").and_then(Node::as_str).map(str::to_owned);
        Self { method, headers, parameters, is_like }
    }

    pub(super) fn shown(&self) -> String {
        let all = self.method.iter().chain(&self.headers).chain(&self.parameters);
        let all: Vec<&str> = all.map(String::as_str).collect();
        if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
    }

    /// Whether requests that have just what others state have all of this.
    pub(super) fn are_met_by(&self, request: &Self) -> bool {
        (self.method.is_none() || self.method == request.method)
            && self.headers.is_subset(&request.headers)
            && self.parameters.is_subset(&request.parameters)
    }
}

/// Whether a path is compared with what is below it.
pub(super) fn is_prefix(kind: &str) -> bool {
    ["Prefix", "PathPrefix"].contains(&kind)
}

/// A path as it is compared: of a prefix the slash at its end says nothing.
fn normal(path: &str, kind: &str) -> String {
    let path = if is_prefix(kind) { path.trim_end_matches('/') } else { path };
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

/// The rules that a route has for a host, if only among others; nothing where it has none for it. Services are
/// called as in a namespace.
pub(super) fn rules(side: &Side<'_>, route: &Object, host: &str, within: &str) -> Option<Rules> {
    if &*route.key.group_kind.kind != "Ingress" {
        return Some(gateway_api(route, within));
    }
    let all = ingress(side, route, within);
    let mut wide: Vec<&String> = all.keys().filter(|one| covers("", one, host)).collect();
    wide.sort_by_key(|one| std::cmp::Reverse((*one == host, one.len())));
    all.get(*wide.first()?).cloned()
}

/// The rules of an Ingress for each of its hosts.
fn ingress(side: &Side<'_>, object: &Object, within: &str) -> BTreeMap<String, Rules> {
    let mut found: BTreeMap<String, Rules> = BTreeMap::new();
    for rule in items(&object.node, "/spec/rules") {
        let host = rule.get("host").and_then(Node::as_str).unwrap_or_default().to_lowercase();
        let rules = found.entry(host).or_default();
        for path in items(rule, "/http/paths") {
            let text = |name: &str| path.get(name).and_then(Node::as_str).unwrap_or_default();
            let kind = text("pathType");
            let target = Target::of_ingress(side, object, path.get("backend"), within);
            let at = (Conditions::default(), normal(text("path"), kind));
            rules.entry(at).or_default().entry(kind.to_owned()).or_insert(target);
        }
    }
    found
}

/// The rules of a route of the Gateway API: the first one that has a match counts.
pub(super) fn gateway_api(route: &Object, within: &str) -> Rules {
    let mut found = Rules::new();
    for rule in items(&route.node, "/spec/rules") {
        let target = Target::of_gateway_api(route, rule, within);
        let matches: Vec<&Node> = items(rule, "/matches").collect();
        let mut add = |conditions: Conditions, path: String, kind: &str| {
            let ways = found.entry((conditions, path)).or_default();
            ways.entry(kind.to_owned()).or_insert_with(|| target.clone());
        };
        let every = Conditions::default;
        match &*route.key.group_kind.kind {
            "HTTPRoute" if matches.is_empty() => add(every(), "/".to_owned(), "PathPrefix"),
            "HTTPRoute" => {
                for one in matches {
                    let kind = one.pointer("/path/type").and_then(Node::as_str);
                    let kind = kind.unwrap_or("PathPrefix");
                    let path = one.pointer("/path/value").and_then(Node::as_str);
                    add(Conditions::of(one), normal(path.unwrap_or("/"), kind), kind);
                }
            }
            "GRPCRoute" if matches.is_empty() => add(every(), "/*/*".to_owned(), "Exact"),
            "GRPCRoute" => {
                for one in matches {
                    let text = |name: &str| one.get("method")?.get(name)?.as_str();
                    let part = |name: &str| text(name).unwrap_or("*").to_owned();
                    let path = format!("/{}/{}", part("service"), part("method"));
                    add(Conditions::of(one), path, text("type").unwrap_or("Exact"));
                }
            }
            _ => add(every(), String::new(), ""),
        }
    }
    found
}
