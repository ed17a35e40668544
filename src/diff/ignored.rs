//! Fields whose differences an Application ignores.

use super::owned::{owners, remove};
use crate::argocd::ignored::Ignored;
use crate::argocd::jq::Expression;
use crate::schema::Shape;
use crate::yaml::{Node, Value};

/// What is ignored in one object.
#[derive(Debug, Default)]
pub struct Rules {
    pointers: Vec<String>,
    expressions: Vec<(String, Expression)>,
    managers: Vec<String>,
    /// Expressions that cannot be evaluated here: what they ignore is shown.
    pub unread: Vec<String>,
}

impl Rules {
    /// Adds those of an entry of `ignoreDifferences`.
    pub fn add(&mut self, entry: &Ignored<'_>) {
        self.pointers.extend(entry.pointers().map(str::to_owned));
        self.managers.extend(entry.managers().map(str::to_owned));
        for text in entry.expressions() {
            match Expression::read(text) {
                Some(expression) => self.expressions.push((text.to_owned(), expression)),
                None => self.unread.push(text.to_owned()),
            }
        }
    }

    /// Whether nothing is ignored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pointers.is_empty() && self.expressions.is_empty() && self.managers.is_empty()
    }

    /// An object without what is ignored in it. The fields of managers are those of the object that
    /// the cluster has, whichever way they were written: an autoscaler's through `scale`.
    ///
    /// Source: `Normalize` in `util/argo/normalizers/diff_normalizer.go` and in
    /// `util/argo/managedfields/managed_fields.go`.
    #[must_use]
    pub fn without(&mut self, object: &Node, managed: Option<&Node>, shape: Shape<'_>) -> Node {
        let mut rest = object.clone();
        for pointer in &self.pointers {
            remove_at(&mut rest, pointer);
        }
        for (text, expression) in &self.expressions {
            if !expression.remove(&mut rest) {
                self.unread.push(text.clone());
            }
        }
        for own in managed.into_iter().flat_map(owners) {
            if self.managers.iter().any(|manager| manager == own.manager) {
                remove(&mut rest, own.fields, shape);
            }
        }
        rest
    }
}

/// Takes away what a JSON pointer leads to.
fn remove_at(object: &mut Node, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    let mut node = object;
    for step in above.split('/').skip(1) {
        let next = match &mut node.value {
            Value::Map(map) => map.get_mut(&unescaped(step)),
            Value::Seq(items) => step.parse().ok().and_then(|at: usize| items.get_mut(at)),
            _ => None,
        };
        let Some(next) = next else { return };
        node = next;
    }
    match &mut node.value {
        Value::Map(map) => drop(map.remove(&unescaped(last))),
        Value::Seq(items) => {
            if let Some(at) = last.parse().ok().filter(|at: &usize| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}
