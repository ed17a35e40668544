//! What a cluster says: which objects it has, and what its API server would make of others. The only
//! door to clusters. It reads, and asks with dry runs; it never writes.

mod ask;
mod connect;
mod failure;
mod kinds;
mod list;
mod noise;
mod patience;
mod refusal;

use std::collections::BTreeMap;

use kube::Client;
use serde_json::Value as Json;
use tokio::runtime::Runtime;

use crate::model::{GroupKind, ObjectKey, SecretValues};
use crate::source::Span;
use crate::yaml::{Node, from_json};

pub use ask::Migrated;
pub use connect::{Contexts, contexts};
pub use failure::Failure;
use kinds::Kinds;
pub use list::Listed;

/// So many requests are under way at once.
const IN_FLIGHT: usize = 32;

/// A cluster that can be asked.
pub struct Cluster {
    runtime: Runtime,
    client: Client,
    server: String,
    /// The namespace that the context names.
    namespace: String,
    kinds: Kinds,
    /// All objects of kinds that were listed, by the number of the kind; nothing where that is not
    /// allowed.
    listed: BTreeMap<usize, Option<Vec<Json>>>,
}

/// An object to ask for. Its values are sent to the server, so they are not hidden.
pub struct Asked {
    /// Who it is in the cluster.
    pub key: ObjectKey,
    /// What it should be.
    pub node: Node,
}

/// How objects would be applied.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'a> {
    /// Whose fields they would be.
    pub manager: &'a str,
    /// Annotations of the objects that are there which whoever applies them writes anew.
    pub annotations: &'a [&'a str],
    /// The same of labels.
    pub labels: &'a [&'a str],
    /// The namespace of objects that state none; that of the context if not set, as with `kubectl`.
    pub namespace: Option<&'a str>,
}

/// What the cluster says of an object.
#[derive(Debug)]
pub struct Answer {
    /// What it has now, without what the server keeps for itself; values of Secrets are hidden.
    pub before: Option<Node>,
    /// Whose the fields of that are: its `metadata.managedFields`.
    pub managed: Option<Node>,
    /// What that was made of, where it was applied client-side.
    pub applied: Option<Node>,
    /// What would come of it.
    pub outcome: Outcome,
    /// Fields that others than the manager own, and that it would take.
    pub conflicts: Vec<Conflict>,
}

/// What would come of an object.
#[derive(Debug)]
pub enum Outcome {
    /// The server would make this of it; values of Secrets are hidden.
    Applied(Node),
    /// The server would refuse it, in these words.
    Refused(String),
    /// The same whatever else there is, as its schema has not what it states.
    Unreadable(String),
    /// It could not be tried, because of this.
    Untried(Untried),
    /// The user may not try it.
    Forbidden,
    /// The user may not even read it, so nobody knows whether it is there.
    Unseen,
}

/// Why the server could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untried {
    /// The cluster does not have the object's namespace.
    Namespace,
    /// It does not have its kind.
    Kind,
    /// It has the kind in this version only.
    Version(String),
    /// Another reason, in words.
    Other(String),
}

/// Fields that another manager owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The manager.
    pub manager: String,
    /// The fields, as the server writes them: `.spec.replicas`.
    pub fields: Vec<String>,
}

impl Cluster {
    /// What those of its Secrets say that were listed.
    #[must_use]
    pub fn secrets(&self, span: Span) -> SecretValues {
        let mut secrets = SecretValues::default();
        let is_secret = |at: &usize| self.kinds.all[*at].of == GroupKind::new("", "Secret");
        let listed = self.listed.iter().filter(|(at, _)| is_secret(at));
        for object in listed.flat_map(|(_, objects)| objects.iter().flatten()) {
            secrets.learn(&from_json(object, span));
        }
        secrets
    }

    /// The address of its API server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }
}
