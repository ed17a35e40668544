//! The kinds that a server has.

use kube::Client;
use kube::core::discovery::v2::APIGroupDiscoveryList;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::Failure;
use super::patience::patiently;
use crate::model::{GroupKind, Scope};

/// What a name may not say in a path.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'/').add(b'?').add(b'#').add(b'%').add(b'"').add(b'<').add(b'>');

/// All kinds of a server, each in all its versions, the preferred ones first.
pub(super) struct Kinds {
    pub(super) all: Vec<Kind>,
}

/// A kind in one version.
pub(super) struct Kind {
    pub(super) of: GroupKind,
    pub(super) version: String,
    pub(super) scope: Scope,
    plural: String,
    verbs: Vec<String>,
}

impl Kinds {
    /// Asks for all of them, in two requests.
    pub(super) async fn of(client: &Client, server: &str) -> Result<Self, Failure> {
        let failed = |error: kube::Error| Failure::of_server(server, &error);
        let (core, groups) = futures::future::try_join(
            patiently(|| client.list_core_api_versions_aggregated()),
            patiently(|| client.list_api_groups_aggregated()),
        )
        .await
        .map_err(failed)?;
        let mut kinds = Self { all: Vec::new() };
        kinds.add(core);
        kinds.add(groups);
        if kinds.all.is_empty() {
            let why = "does not say its kinds as Kubernetes does from 1.27 on";
            return Err(Failure::new(&format!("`{server}` {why}")));
        }
        Ok(kinds)
    }

    fn add(&mut self, list: APIGroupDiscoveryList) {
        for group in list.items {
            let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
            for version in group.versions {
                let number = version.version.unwrap_or_default();
                for resource in version.resources {
                    let stated =
                        resource.response_kind.and_then(|kind| kind.kind).unwrap_or_default();
                    let is_cluster = resource.scope.as_deref() == Some("Cluster");
                    self.all.push(Kind {
                        of: GroupKind::new(&name, &stated),
                        version: number.clone(),
                        scope: if is_cluster { Scope::Cluster } else { Scope::Namespaced },
                        plural: resource.resource.unwrap_or_default(),
                        verbs: resource.verbs,
                    });
                }
            }
        }
    }

    /// The name of the CustomResourceDefinition of a kind, if it is a custom one.
    pub(super) fn definition(&self, of: &GroupKind) -> Option<String> {
        let kind = &self.all[self.versions(of).next()?];
        kind.of.group.contains('.').then(|| format!("{}.{}", kind.plural, kind.of.group))
    }

    /// The numbers of the versions of a kind, the preferred one first.
    pub(super) fn versions<'k>(&'k self, of: &'k GroupKind) -> impl Iterator<Item = usize> + 'k {
        (0..self.all.len()).filter(move |at| self.all[*at].of == *of)
    }

    /// The number of each kind once, in the version that the server prefers, where its objects can be
    /// listed and deleted.
    pub(super) fn lasting(&self) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for (at, kind) in self.all.iter().enumerate() {
            let is_known = found.iter().any(|other| self.all[*other].of == kind.of);
            if !is_known && kind.can("list") && kind.can("delete") {
                found.push(at);
            }
        }
        found
    }
}

impl Kind {
    pub(super) fn can(&self, verb: &str) -> bool {
        self.verbs.iter().any(|other| other == verb)
    }

    /// `apps/v1`
    pub(super) fn api_version(&self) -> String {
        match self.of.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// Where its objects are: those of all namespaces, or of one.
    pub(super) fn path(&self, namespace: &str) -> String {
        let root = if self.of.group.is_empty() { "/api" } else { "/apis" };
        let within = match (self.scope, namespace) {
            (Scope::Cluster, _) | (_, "") => String::new(),
            (_, name) => format!("namespaces/{}/", encoded(name)),
        };
        format!("{root}/{}/{within}{}", self.api_version(), self.plural)
    }
}

/// A name as it stands in a path.
pub(super) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, NOT_IN_PATHS).to_string()
}
