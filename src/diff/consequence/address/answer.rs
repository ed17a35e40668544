//! Which of the routes of a host answers a request.

use std::collections::BTreeSet;

use super::rules::{Path, Rules, is_prefix};
use super::target::Target;
use crate::diff::snapshot::Object;
use crate::model::ObjectKey;

/// What no path that is stated has below it.
const BELOW: &str = "\0";

/// All routes of a host, each with its rules for it.
#[derive(Default)]
pub(super) struct Table<'s> {
    pub(super) routes: Vec<(&'s Object, Rules)>,
    /// Those of them that were not there before.
    pub(super) newcomers: BTreeSet<&'s ObjectKey>,
    /// What the only route leads to where no path of it does.
    pub(super) fallback: Option<(Path, Target)>,
}

/// Who answers.
pub(super) enum Answer<'t> {
    Unknown,
    Nobody,
    /// A route, with the path of it that takes the request, and what that leads to.
    By(&'t Object, &'t Path, &'t Target),
}

/// Path, then method, header fields and parameters.
type Rank = ((usize, usize), bool, usize, usize);

/// Whether a request is taken.
enum Taken {
    No,
    /// Nobody knows, nor of which rank it is; or it is below that of longer paths.
    Perhaps(Option<usize>),
    Surely((usize, usize)),
}

impl<'s> Table<'s> {
    /// Who answers a request.
    ///
    /// Source: `PathType` in `networking/v1/types.go` of `k8s.io/api`: the longest path, an exact one first;
    /// `HTTPRouteRule.Matches` and `GRPCRouteRule.Matches` in `apis/v1` of the Gateway API: paths in the same
    /// order, then methods, header fields and parameters, then the route that is there the longest.
    pub(super) fn answer(&self, request: &Path) -> Answer<'_> {
        let mut sure: Vec<(Rank, &Object, &Path, &Target)> = Vec::new();
        let mut perhaps: Vec<(Option<usize>, &Target)> = Vec::new();
        for (route, path, kind, target) in self.all() {
            let (conditions, text) = path;
            let is_like = conditions.is_like;
            if !is_like && !conditions.are_met_by(&request.0) {
                continue;
            }
            match taken(&route.key.group_kind.kind, kind, text, &request.1) {
                Taken::No => {}
                Taken::Perhaps(length) => perhaps.push((length.filter(|_| !is_like), target)),
                Taken::Surely(_) if is_like => perhaps.push((None, target)),
                Taken::Surely(length) => {
                    let (headers, parameters) =
                        (conditions.headers.len(), conditions.parameters.len());
                    let rank = (length, conditions.method.is_some(), headers, parameters);
                    sure.push((rank, route, path, target));
                }
            }
        }
        let Some(best) = sure.iter().map(|(rank, ..)| *rank).max() else {
            let has_default = self
                .routes
                .iter()
                .any(|(route, _)| route.node.pointer("/spec/defaultBackend").is_some());
            return match (&self.fallback, self.routes.as_slice()) {
                _ if !perhaps.is_empty() => Answer::Unknown,
                (Some((path, target)), [(route, _)]) => Answer::By(route, path, target),
                _ if has_default => Answer::Unknown,
                _ => Answer::Nobody,
            };
        };
        sure.retain(|(rank, ..)| *rank == best);
        let is_older = |route: &Object| {
            &*route.key.group_kind.kind != "Ingress" && !self.newcomers.contains(&route.key)
        };
        if sure.iter().any(|(_, route, ..)| is_older(route)) {
            sure.retain(|(_, route, ..)| is_older(route));
        }
        let [(_, route, path, target), rest @ ..] = sure.as_slice() else { return Answer::Unknown };
        let is_shorter = |length: &Option<usize>| length.is_some_and(|it| it < path.1.len());
        let is_certain = rest.iter().all(|(.., other)| other == target)
            && perhaps.iter().all(|(length, other)| is_shorter(length) || other == target);
        if is_certain { Answer::By(route, path, target) } else { Answer::Unknown }
    }

    /// Whether a route beside this one has a path.
    pub(super) fn has_beside(&self, own: Option<&Object>, path: &Path) -> bool {
        let is_other = |route: &Object| own.is_none_or(|own| own.key != route.key);
        self.routes.iter().any(|(route, rules)| is_other(route) && rules.contains_key(path))
    }

    fn all(&self) -> impl Iterator<Item = (&'s Object, &Path, &str, &Target)> {
        self.routes.iter().flat_map(|(route, rules)| {
            rules.iter().flat_map(move |(path, ways)| {
                ways.iter().map(move |(kind, target)| (*route, path, &**kind, target))
            })
        })
    }
}

/// Requests that stand for all those which a path takes in one way: to it, and to what is below it where it takes
/// that. Nothing where it is not known what it takes.
pub(super) fn requests(
    (conditions, path): &Path,
    route: &str,
    kind: &str,
) -> Option<(Path, Option<Path>)> {
    let of = |path: String| (conditions.clone(), path);
    match kind {
        _ if conditions.is_like => None,
        "Exact" if route == "GRPCRoute" => Some((of(path.replace('*', BELOW)), None)),
        "Exact" => Some((of(path.clone()), None)),
        _ if is_prefix(kind) => {
            let below = of(format!("{}/{BELOW}", path.trim_end_matches('/')));
            Some((of(path.clone()), Some(below)))
        }
        _ => None,
    }
}

fn taken(route: &str, kind: &str, path: &str, request: &str) -> Taken {
    match kind {
        "Exact" if route == "GRPCRoute" => by_method(path, request),
        "Exact" if path == request => Taken::Surely((usize::MAX, 0)),
        "Exact" => Taken::No,
        _ if is_prefix(kind) => {
            let rest = request.strip_prefix(path.trim_end_matches('/'));
            match rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                true => Taken::Surely((path.len(), 0)),
                false => Taken::No,
            }
        }
        // What it means depends on the controller: a prefix, the path alone, or an expression.
        "ImplementationSpecific" | "" => {
            let (start, is_all) = literal(path);
            match request.to_lowercase().starts_with(&start.to_lowercase()) {
                true => Taken::Perhaps(is_all.then_some(path.len())),
                false => Taken::No,
            }
        }
        _ => Taken::Perhaps(None),
    }
}

/// What all paths begin with that an expression takes, and whether that is the whole of it.
fn literal(path: &str) -> (&str, bool) {
    let Some(at) = path.find(|c: char| "*+?()[]{}|^$\\".contains(c)) else { return (path, true) };
    let mut depth = 0;
    let has_choice = path.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == '|' && depth == 0
    });
    if has_choice {
        return ("", false);
    }
    // What may be there several times, or never.
    let is_counted = path[at..].starts_with(['*', '+', '?', '{']);
    let start = path[..at].char_indices().next_back().filter(|_| is_counted);
    (&path[..start.map_or(at, |(last, _)| last)], false)
}

/// Services and methods of GRPC, with `*` for all.
fn by_method(path: &str, request: &str) -> Taken {
    let parts = |text: &str| -> Option<(String, String)> {
        let (service, method) = text.strip_prefix('/')?.split_once('/')?;
        Some((service.to_owned(), method.to_owned()))
    };
    let (Some(one), Some(other)) = (parts(path), parts(request)) else {
        return Taken::Perhaps(None);
    };
    let takes = |one: &str, other: &str| one == "*" || one == other;
    let length = |one: &str| if one == "*" { 0 } else { one.len() };
    match takes(&one.0, &other.0) && takes(&one.1, &other.1) {
        true => Taken::Surely((length(&one.0), length(&one.1))),
        false => Taken::No,
    }
}
