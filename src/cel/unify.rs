//! Which type can stand where which is expected, as `checker/types.go` of cel-go finds it out.

use std::collections::HashMap;
use std::sync::Arc;

use super::kind::Kind;

/// What is known of the parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    known: HashMap<Arc<str>, Kind>,
    free: usize,
}

impl Mapping {
    /// A parameter of which nothing is known.
    pub(crate) fn fresh(&mut self) -> Kind {
        self.free += 1;
        Kind::Param(format!("_var{}", self.free).into())
    }

    /// Whether the one can stand for the other. What is learnt of parameters stays only if so.
    pub(crate) fn assign(&mut self, one: &Kind, other: &Kind) -> bool {
        self.assign_all(std::slice::from_ref(one), std::slice::from_ref(other))
    }

    /// The same for types side by side.
    pub(crate) fn assign_all(&mut self, ones: &[Kind], others: &[Kind]) -> bool {
        let mut tried = self.clone();
        let fits = tried.all(ones, others);
        if fits {
            *self = tried;
        }
        fits
    }

    fn all(&mut self, ones: &[Kind], others: &[Kind]) -> bool {
        ones.len() == others.len()
            && ones.iter().zip(others).all(|(one, other)| self.fits(one, other))
    }

    fn fits(&mut self, one: &Kind, other: &Kind) -> bool {
        if let Kind::Param(name) = other {
            let (valid, bound) = self.substitutes(one, name);
            if valid || bound {
                return valid;
            }
        }
        if let Kind::Param(name) = one {
            return self.substitutes(other, name).0;
        }
        match (one, other) {
            (Kind::Dyn, _) | (_, Kind::Dyn) => true,
            (Kind::Null, other) | (other, Kind::Null) => matches!(
                other,
                Kind::Null | Kind::Opaque(..) | Kind::Object(_) | Kind::Duration | Kind::Timestamp
            ),
            (Kind::Type(_), Kind::Type(_)) => true,
            (Kind::List(one), Kind::List(other)) => self.fits(one, other),
            (Kind::Map(one), Kind::Map(other)) => {
                self.fits(&one.0, &other.0) && self.fits(&one.1, &other.1)
            }
            (Kind::Opaque(one, ours), Kind::Opaque(other, theirs)) => {
                one == other && self.all(ours, theirs)
            }
            _ => one == other,
        }
    }

    /// Whether a type can be what a parameter stands for, and whether it stands for something yet.
    fn substitutes(&mut self, kind: &Kind, name: &Arc<str>) -> (bool, bool) {
        if matches!(kind, Kind::Param(other) if other == name) {
            return (true, true);
        }
        if let Some(bound) = self.known.get(name).cloned() {
            if bound == *kind {
                return (true, true);
            }
            if self.fits(kind, &bound) {
                let general = most_general(kind, &bound);
                if !self.occurs(name, &general) {
                    self.known.insert(Arc::clone(name), general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.occurs(name, kind) {
            return (false, false);
        }
        self.known.insert(Arc::clone(name), kind.clone());
        (true, false)
    }

    fn occurs(&self, name: &Arc<str>, kind: &Kind) -> bool {
        match kind {
            Kind::Param(other) => {
                other == name || self.known.get(other).is_some_and(|bound| self.occurs(name, bound))
            }
            Kind::List(items) | Kind::Type(Some(items)) => self.occurs(name, items),
            Kind::Map(entry) => self.occurs(name, &entry.0) || self.occurs(name, &entry.1),
            Kind::Opaque(_, parameters) => parameters.iter().any(|kind| self.occurs(name, kind)),
            _ => false,
        }
    }

    /// The type with what is known of its parameters; the rest is `dyn` if `finally`.
    pub(crate) fn resolve(&self, kind: &Kind, finally: bool) -> Kind {
        match kind {
            Kind::Param(name) => match self.known.get(name) {
                Some(bound) => self.resolve(bound, finally),
                None if finally => Kind::Dyn,
                None => kind.clone(),
            },
            Kind::List(items) => Kind::list(self.resolve(items, finally)),
            Kind::Map(entry) => {
                Kind::map(self.resolve(&entry.0, finally), self.resolve(&entry.1, finally))
            }
            Kind::Type(Some(of)) => Kind::Type(Some(Arc::new(self.resolve(of, finally)))),
            Kind::Opaque(name, parameters) => Kind::Opaque(
                Arc::clone(name),
                parameters.iter().map(|kind| self.resolve(kind, finally)).collect(),
            ),
            _ => kind.clone(),
        }
    }

    /// The type with its own parameters in place of those of a declaration.
    pub(crate) fn instantiate(&mut self, kinds: &[Kind]) -> Vec<Kind> {
        let mut fresh = HashMap::new();
        kinds.iter().map(|kind| self.renamed(kind, &mut fresh)).collect()
    }

    fn renamed(&mut self, kind: &Kind, fresh: &mut HashMap<Arc<str>, Kind>) -> Kind {
        match kind {
            Kind::Param(name) => {
                if !fresh.contains_key(name) {
                    let parameter = self.fresh();
                    fresh.insert(Arc::clone(name), parameter);
                }
                fresh.get(name).cloned().unwrap_or(Kind::Dyn)
            }
            Kind::List(items) => Kind::list(self.renamed(items, fresh)),
            Kind::Map(entry) => {
                let keys = self.renamed(&entry.0, fresh);
                Kind::map(keys, self.renamed(&entry.1, fresh))
            }
            Kind::Type(Some(of)) => Kind::Type(Some(Arc::new(self.renamed(of, fresh)))),
            Kind::Opaque(name, parameters) => Kind::Opaque(
                Arc::clone(name),
                parameters.iter().map(|kind| self.renamed(kind, fresh)).collect(),
            ),
            _ => kind.clone(),
        }
    }
}

/// The more general of two types that fit.
pub(crate) fn most_general(one: &Kind, other: &Kind) -> Kind {
    if less_specific(one, other) { one.clone() } else { other.clone() }
}

fn less_specific(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Dyn | Kind::Param(_), _) => true,
        (_, Kind::Dyn | Kind::Param(_)) => false,
        (Kind::Opaque(one, ours), Kind::Opaque(other, theirs)) => {
            one == other
                && ours.len() == theirs.len()
                && ours.iter().zip(theirs.iter()).all(|(one, other)| less_specific(one, other))
        }
        (Kind::List(one), Kind::List(other)) => less_specific(one, other),
        (Kind::Map(one), Kind::Map(other)) => {
            less_specific(&one.0, &other.0) && less_specific(&one.1, &other.1)
        }
        (Kind::Type(_), Kind::Type(_)) => true,
        _ => one == other,
    }
}
