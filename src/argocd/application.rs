//! An Application in full, with the places that it comes from.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::source::Span;
use crate::yaml::{self, Node};

use super::application_set::{self, Cluster, IN_CLUSTER_NAME, IN_CLUSTER_SERVER};
use super::source::Source;

/// An Application, as a file states it or as an ApplicationSet makes it.
#[derive(Debug, Clone)]
pub struct Application {
    /// `metadata`, `spec` and the rest.
    pub object: Json,
    places: Places,
}

#[derive(Debug, Clone)]
enum Places {
    Stated(Node),
    /// Its set's template, and what gave the parameters.
    Made {
        template: Node,
        origins: Vec<Span>,
    },
}

/// The cluster that an Application deploys to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// The one that Argo CD runs in.
    InCluster,
    /// By its name.
    Name(String),
    /// By its address.
    Server(String),
}

impl Destination {
    /// The same cluster by its address, where exactly one of these has its name.
    ///
    /// Source: `GetDestinationServer` in `util/argo/argo.go`.
    pub(super) fn resolved(self, clusters: &[Cluster]) -> Self {
        let Self::Name(name) = &self else { return self };
        let of_name = clusters.iter().filter(|cluster| cluster.name == *name);
        let servers: BTreeSet<&str> =
            of_name.map(|cluster| cluster.server.trim_end_matches('/')).collect();
        match servers.iter().next() {
            Some(&IN_CLUSTER_SERVER) if servers.len() == 1 => Self::InCluster,
            Some(&server) if servers.len() == 1 => Self::Server(server.to_owned()),
            _ => self,
        }
    }
}

impl Application {
    /// One that a file states.
    #[must_use]
    pub fn stated(node: Node) -> Self {
        Self { object: yaml::to_json(&node), places: Places::Stated(node) }
    }

    /// One that a set makes, with the template of the set.
    #[must_use]
    pub fn made(application: application_set::Application, set: &Node) -> Self {
        let template = set.pointer("/spec/template").unwrap_or(set).clone();
        let places = Places::Made { template, origins: application.origins };
        Self { object: application.object, places }
    }

    fn text(&self, pointer: &str) -> &str {
        self.object.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
    }

    /// `metadata.name`
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// `metadata.namespace`; empty where it states none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// The AppProject that it belongs to. Source: `GetProject` in
    /// `pkg/apis/application/v1alpha1/types.go`.
    #[must_use]
    pub fn project(&self) -> &str {
        let project = self.text("/spec/project");
        if project.is_empty() { "default" } else { project }
    }

    /// Its sources.
    #[must_use]
    pub fn sources(&self) -> Vec<Source<'_>> {
        Source::of(&self.object)
    }

    /// The sources that its AppProject has to permit: of a hydrator that from which it makes the
    /// manifests, and the one that it writes where that has another repository.
    ///
    /// Source: `ValidatePermissions` in `util/argo/argo.go`.
    #[must_use]
    pub fn asked_sources(&self) -> Vec<Source<'_>> {
        let sources = self.sources().into_iter();
        let asked = sources.flat_map(|source| match source.dry() {
            Some(dry) if dry.repo_url() == source.repo_url() => [Some(dry), None],
            dry => [dry, Some(source)],
        });
        asked.flatten().collect()
    }

    /// Where its objects go, as it says it; nothing where it says no cluster, or two.
    ///
    /// Source: `GetDestinationServer` in `util/argo/argo.go`.
    #[must_use]
    pub fn destination(&self) -> Option<Destination> {
        let (name, server) =
            (self.text("/spec/destination/name"), self.text("/spec/destination/server"));
        let server = server.trim_end_matches('/');
        match (name, server) {
            ("", "") => None,
            (IN_CLUSTER_NAME, "") | ("", IN_CLUSTER_SERVER) => Some(Destination::InCluster),
            (name, "") => Some(Destination::Name(name.to_owned())),
            ("", server) => Some(Destination::Server(server.to_owned())),
            _ => None,
        }
    }

    /// The namespace of objects that state none; empty where it states none either.
    #[must_use]
    pub fn target_namespace(&self) -> &str {
        self.text("/spec/destination/namespace")
    }

    /// Whether it syncs by itself. Source: `IsAutomatedSyncEnabled` in
    /// `pkg/apis/application/v1alpha1/types.go`.
    #[must_use]
    pub fn is_automated(&self) -> bool {
        let automated = self.object.pointer("/spec/syncPolicy/automated");
        automated.is_some_and(|it| !it.is_null() && it.get("enabled") != Some(&Json::Bool(false)))
    }

    /// A switch of `spec.syncPolicy.automated`, as `prune` or `selfHeal`.
    #[must_use]
    pub fn automates(&self, what: &str) -> bool {
        let pointer = format!("/spec/syncPolicy/automated/{what}");
        self.is_automated() && self.object.pointer(&pointer) == Some(&Json::Bool(true))
    }

    /// Whether `spec.syncPolicy.syncOptions` has this entry, as `Prune=false`.
    #[must_use]
    pub fn has_sync_option(&self, option: &str) -> bool {
        let options = self.object.pointer("/spec/syncPolicy/syncOptions").and_then(Json::as_array);
        options.is_some_and(|options| options.iter().any(|it| it.as_str() == Some(option)))
    }

    /// Where a field is written, as a JSON pointer; what is nearest above it where it is not written.
    /// That of a generated Application is in the template.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Span {
        let node = match &self.places {
            Places::Stated(node) => node,
            Places::Made { template, .. } => template,
        };
        let mut pointer = pointer;
        loop {
            if let Some(found) = node.pointer(pointer) {
                return found.span;
            }
            match pointer.rsplit_once('/') {
                Some((above, _)) => pointer = above,
                None => return node.span,
            }
        }
    }

    /// The object in its file, if a file states it.
    #[must_use]
    pub fn stated_as(&self) -> Option<&Node> {
        match &self.places {
            Places::Stated(node) => Some(node),
            Places::Made { .. } => None,
        }
    }

    /// What gave the parameters of one that a set makes: elements and generators.
    #[must_use]
    pub fn origins(&self) -> &[Span] {
        match &self.places {
            Places::Stated(_) => &[],
            Places::Made { origins, .. } => origins,
        }
    }
}
