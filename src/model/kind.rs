//! Which kinds live in a namespace.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::GroupKind;

/// Where objects of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the cluster as a whole.
    Cluster,
    /// In a namespace.
    Namespaced,
}

type Scopes = HashMap<(&'static str, &'static str), Scope>;

/// Kinds that Kubernetes itself serves.
static NATIVE: LazyLock<Scopes> =
    LazyLock::new(|| parse(include_str!("../../schemas/kubernetes/kinds.tsv")));

/// Custom kinds whose definitions usually come from a chart that is not rendered here, and that the
/// embedded definitions do not have.
static CUSTOM: LazyLock<Scopes> =
    LazyLock::new(|| parse(include_str!("../../schemas/kubernetes/custom-kinds.tsv")));

fn parse(table: &'static str) -> Scopes {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let (group, kind) = (fields.next()?, fields.next()?);
            let cluster = fields.next()? == "Cluster";
            Some(((group, kind), if cluster { Scope::Cluster } else { Scope::Namespaced }))
        })
        .collect()
}

/// The scope of a kind that Kubernetes has, or of a few that are widely known; `schema` knows more.
#[must_use]
pub fn known_scope(group: &str, kind: &str) -> Option<Scope> {
    NATIVE.get(&(group, kind)).or_else(|| CUSTOM.get(&(group, kind))).copied()
}

/// Whether Kubernetes itself serves a kind.
#[must_use]
pub fn is_native(group_kind: &GroupKind) -> bool {
    NATIVE.contains_key(&(group_kind.group.as_str(), group_kind.kind.as_str()))
}

/// Every kind that Kubernetes itself serves, with its group, in no order.
pub fn native_kinds() -> impl Iterator<Item = (&'static str, &'static str, Scope)> {
    NATIVE.iter().map(|((group, kind), scope)| (*group, *kind, *scope))
}
