//! Where the paths of routes lead.

use std::collections::BTreeSet;

use super::answer::{Answer, requests};
use super::rules::{Path, Rules, gateway_api, is_prefix, rules};
use super::shared::{self, Shared};
use super::target::Target;
use super::traefik;
use crate::diff::consequence::Subject;
use crate::diff::consequence::host::hosts as hosts_of;
use crate::diff::consequence::words::named;
use crate::diff::snapshot::Object;
use crate::yaml::Node;

/// Paths that lead elsewhere, newly, or not by a rule of their own any longer.
pub(super) fn of(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
) -> Vec<String> {
    let Some(own) = after.or(before) else { return Vec::new() };
    let kind = &own.key.group_kind;
    match (&*kind.group, &*kind.kind) {
        ("networking.k8s.io", "Ingress") => {
            let mut told = Vec::new();
            for host in ingress_hosts(before).union(&ingress_hosts(after)) {
                told.extend(of_host(subject, before, after, host, host));
            }
            let sides = [(&subject.whole.before, before), (&subject.whole.after, after)];
            let [old, new] = sides.map(|(side, object)| {
                object.map_or(Target::Unknown, |object| {
                    let backend = object.node.pointer("/spec/defaultBackend");
                    Target::of_ingress(side, object, backend, &object.key.namespace)
                })
            });
            if old.differs(&new) {
                let (old, new) = (old.shown(), new.shown());
                told.push(format!("what no path takes leads to {new} instead of {old}"));
            }
            told
        }
        ("gateway.networking.k8s.io", _) => {
            let hosts = |object: Option<&Object>| object.and_then(hosts_of).unwrap_or_default();
            let (old, new) = (hosts(before), hosts(after));
            let all: Vec<&String> = old.union(&new).collect();
            if let (true, Some(before), Some(after)) = (all.is_empty(), before, after) {
                let mut told = Vec::new();
                let [old, new] =
                    [before, after].map(|object| gateway_api(object, &object.key.namespace));
                Compared { host: "", shared: None, own: (Some(before), Some(after)) }
                    .own(&old, &new, &mut told);
                return told;
            }
            let of = |host: &str, shown: &str| of_host(subject, before, after, host, shown);
            let plain: Vec<Vec<String>> = all.iter().map(|host| of(host, "")).collect();
            match plain.first() {
                // The same for all of them.
                Some(first) if plain.iter().all(|one| one == first) => first.clone(),
                _ => all.iter().flat_map(|host| of(host, host)).collect(),
            }
        }
        ("traefik.io" | "traefik.containo.us", _) => {
            let mut told = Vec::new();
            if let (Some(before), Some(after)) = (before, after) {
                let [old, new] = [before, after].map(traefik::rules);
                Compared { host: "", shared: None, own: (Some(before), Some(after)) }
                    .own(&old, &new, &mut told);
            }
            told
        }
        _ => Vec::new(),
    }
}

fn ingress_hosts(ingress: Option<&Object>) -> BTreeSet<String> {
    let rules = ingress.into_iter().flat_map(|it| super::items(&it.node, "/spec/rules"));
    let host =
        |rule: &Node| rule.get("host").and_then(Node::as_str).unwrap_or_default().to_lowercase();
    rules.map(host).collect()
}

fn of_host(
    subject: &Subject<'_, '_>,
    before: Option<&Object>,
    after: Option<&Object>,
    host: &str,
    shown: &str,
) -> Vec<String> {
    let sides = [(&subject.whole.before, before), (&subject.whole.after, after)];
    let [old, new] =
        sides.map(|(side, object)| object.and_then(|it| rules(side, it, host, &it.key.namespace)));
    let shared = shared::of(subject, before, after, host);
    let compared = Compared { host: shown, shared: shared.as_ref(), own: (before, after) };
    let mut told = Vec::new();
    if let (Some(old), Some(new)) = (&old, &new) {
        compared.own(old, new, &mut told);
    }
    if let Some(shared) = &shared {
        compared.with_others(shared, old.as_ref(), new.as_ref(), &mut told);
    }
    told
}

/// The rules of a route for a host.
struct Compared<'c> {
    host: &'c str,
    /// All that answers there, where that is known.
    shared: Option<&'c Shared<'c>>,
    own: (Option<&'c Object>, Option<&'c Object>),
}

impl Compared<'_> {
    /// Paths that the route has before and after.
    fn own(&self, old: &Rules, new: &Rules, told: &mut Vec<String>) {
        for (path, was) in old {
            let Some(is) = new.get(path).filter(|_| !self.is_contested(path)) else { continue };
            let [left, came] = [(was, is), (is, was)].map(|(one, other)| {
                let only = one.iter().filter(|(kind, _)| !other.contains_key(*kind));
                only.collect::<Vec<_>>()
            });
            let mut pairs: Vec<(&Target, &Target)> = Vec::new();
            if let ([(from, before)], [(to, after)]) = (left.as_slice(), came.as_slice()) {
                if is_plain(from) && is_plain(to) {
                    let path = self.shown(path);
                    told.push(format!("path `{path}` is compared as `{to}` instead of `{from}`"));
                }
                pairs.push((before, after));
            }
            pairs.extend(was.iter().filter_map(|(kind, from)| Some((from, is.get(kind)?))));
            for (from, to) in pairs.into_iter().filter(|(from, to)| from.differs(to)) {
                let what = match &*path.1 {
                    "" => "what it takes".to_owned(),
                    _ => format!("`{}`", self.shown(path)),
                };
                told.push(format!("{what} leads to {} instead of {}", to.shown(), from.shown()));
            }
        }
    }

    /// Whether another route has the path, too: then one of both answers.
    fn is_contested(&self, path: &Path) -> bool {
        let (before, after) = self.own;
        self.shared.is_some_and(|shared| {
            shared.before.has_beside(before, path) || shared.after.has_beside(after, path)
        })
    }

    /// Paths that the route has before or after alone, by what answers the requests to them then.
    fn with_others(
        &self,
        shared: &Shared<'_>,
        old: Option<&Rules>,
        new: Option<&Rules>,
        told: &mut Vec<String>,
    ) {
        // That nobody has the host any longer, or had it, is told of the host.
        if shared.before.routes.is_empty() || shared.after.routes.is_empty() {
            return;
        }
        let none = Rules::new();
        let (was, is) = (old.unwrap_or(&none), new.unwrap_or(&none));
        for (path, ways) in was.iter().filter(|(path, _)| !is.contains_key(*path)) {
            match self.moved(shared, path, ways.keys()) {
                Some(parts) => self.tell(path, parts, told),
                None if !shared.is_alone => {}
                None => {
                    told.push(format!("it routes path `{}` of its own no longer", self.shown(path)))
                }
            }
        }
        for (path, ways) in is.iter().filter(|(path, _)| !was.contains_key(*path)) {
            // It is told of the route that had it.
            if shared.before.has_beside(self.own.0, path) {
                continue;
            }
            match self.moved(shared, path, ways.keys()) {
                // That it has the host at all is told.
                Some(parts) if old.is_none() && parts.contains(&Outcome::Came) => {}
                Some(parts) => self.tell(path, parts, told),
                None if !shared.is_alone => {}
                None => told.push(format!("it newly routes path `{}`", self.shown(path))),
            }
        }
    }

    /// What becomes of requests to a path, and to what is below it; nothing where that is not known.
    fn moved<'k>(
        &self,
        shared: &Shared<'_>,
        path: &Path,
        kinds: impl Iterator<Item = &'k String>,
    ) -> Option<[Outcome; 2]> {
        let route = &self.own.1.or(self.own.0)?.key.group_kind.kind;
        let mut asked: [Option<Path>; 2] = [None, None];
        for kind in kinds {
            let (at, below) = requests(path, route, kind)?;
            asked = [Some(at), below.or(asked[1].take())];
        }
        let [at, below] = asked;
        let outcome = |request: &Path| {
            let (then, now) = (shared.before.answer(request), shared.after.answer(request));
            self.outcome(path, &then, &now)
        };
        let at = outcome(&at?)?;
        let below = below.map_or(Some(at.clone()), |request| outcome(&request))?;
        Some([at, below])
    }

    fn outcome(&self, path: &Path, then: &Answer<'_>, now: &Answer<'_>) -> Option<Outcome> {
        let is_nothing = |answer: &Answer<'_>| matches!(answer, Answer::By(_, _, Target::Nothing));
        Some(match (then, now) {
            (Answer::Unknown, _) | (_, Answer::Unknown) => return None,
            (Answer::Nobody, Answer::Nobody) => Outcome::Same,
            (one, Answer::Nobody) | (Answer::Nobody, one) if is_nothing(one) => Outcome::Same,
            (_, Answer::Nobody) => Outcome::Gone,
            (Answer::Nobody, _) => Outcome::Came,
            (Answer::By(_, _, from), Answer::By(route, by, to)) if from.differs(to) => {
                let is_own = self.own.1.or(self.own.0).is_some_and(|own| own.key == route.key);
                let by = match *by {
                    _ if is_own => String::new(),
                    by if by == path => format!(", by {}", named(&route.key)),
                    by => format!(", by path `{}` of {}", self.shown(by), named(&route.key)),
                };
                Outcome::Led(format!("leads to {} instead of {}{by}", to.shown(), from.shown()))
            }
            _ => Outcome::Same,
        })
    }

    fn tell(&self, path: &Path, [at, below]: [Outcome; 2], told: &mut Vec<String>) {
        let path = format!("`{}`", self.shown(path));
        if at == below {
            told.extend(at.shown(&path, &format!("path {path}")));
            return;
        }
        told.extend(at.shown(&format!("{path} itself"), &format!("path {path} itself")));
        let part = format!("what is below {path}");
        told.extend(below.shown(&part, &part));
    }

    fn shown(&self, (conditions, path): &Path) -> String {
        format!("{}{path}{}", self.host, conditions.shown())
    }
}

/// What becomes of requests.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Same,
    /// They are led elsewhere, in words.
    Led(String),
    /// Nobody answers them any longer.
    Gone,
    /// Nobody answered them.
    Came,
}

impl Outcome {
    fn shown(&self, what: &str, path: &str) -> Option<String> {
        match self {
            Self::Same => None,
            Self::Led(to) => Some(format!("{what} {to}")),
            Self::Gone => Some(format!("it routes {path} no longer, and nobody else does")),
            Self::Came => Some(format!("it newly routes {path}")),
        }
    }
}

/// Whether it is known how a path is compared.
fn is_plain(kind: &str) -> bool {
    is_prefix(kind) || kind == "Exact"
}
