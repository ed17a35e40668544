//! What an AppProject permits, as Argo CD 3.5.7 decides it.
//!
//! [`Project::read`] takes an AppProject with the place of every entry. Each question gives a
//! [`Permission`] that names the entries which permit, or the one that denies, so that a caller can
//! point at it, and can tell which entries nothing uses.
//!
//! Rules: `pkg/apis/application/v1alpha1/app_project_types.go` of Argo CD, `isResourceInList` and
//! `isNamedResourceInList` in `types.go` beside it, and `GetAppVirtualProject` in `util/argo/argo.go`.
//! `tests/permissions.rs` compares the answers with those of Argo CD's own functions.

mod global;
mod pattern;

pub use global::GlobalProject;

use crate::model::Labels;
use crate::source::Span;
use crate::yaml::Node;

use super::repository_url;
use pattern::{Glob, Name, SourceNamespace};

/// A list of an AppProject's spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// `sourceRepos`
    SourceRepos,
    /// `destinations`
    Destinations,
    /// `clusterResourceWhitelist`
    ClusterResourceWhitelist,
    /// `clusterResourceBlacklist`
    ClusterResourceBlacklist,
    /// `namespaceResourceWhitelist`
    NamespaceResourceWhitelist,
    /// `namespaceResourceBlacklist`
    NamespaceResourceBlacklist,
    /// `sourceNamespaces`
    SourceNamespaces,
}

impl List {
    /// The name of the field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SourceRepos => "sourceRepos",
            Self::Destinations => "destinations",
            Self::ClusterResourceWhitelist => "clusterResourceWhitelist",
            Self::ClusterResourceBlacklist => "clusterResourceBlacklist",
            Self::NamespaceResourceWhitelist => "namespaceResourceWhitelist",
            Self::NamespaceResourceBlacklist => "namespaceResourceBlacklist",
            Self::SourceNamespaces => "sourceNamespaces",
        }
    }
}

/// One entry of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The list it stands in.
    pub list: List,
    /// Its place in the list, from 0.
    pub index: usize,
    /// Where it is written; with global projects perhaps in another project.
    pub span: Span,
    /// Whether it is there to deny: it begins with `!`, or its list is a blacklist.
    pub denies: bool,
}

impl Entry {
    /// Where it stands in the project, as a JSON pointer.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/spec/{}/{}", self.list.as_str(), self.index)
    }
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// All entries that permit it; none where no list restricts it. An entry with `!` permits whatever
    /// it does not deny.
    Permitted(Vec<Entry>),
    /// The first entry that denies it.
    Denied(Entry),
    /// No entry of this list permits it.
    Unlisted(List),
}

impl Permission {
    /// Whether Argo CD goes on.
    #[must_use]
    pub fn is_permitted(&self) -> bool {
        matches!(self, Self::Permitted(_))
    }
}

/// An entry and what it says.
#[derive(Debug, Clone)]
struct Rule<T> {
    entry: Entry,
    what: T,
}

#[derive(Debug, Clone)]
struct Destination {
    server: Glob,
    name: Glob,
    namespace: Glob,
}

#[derive(Debug, Clone)]
struct Kind {
    group: Name,
    kind: Name,
    /// Of the object, in lists of the cluster's kinds.
    name: Option<Name>,
}

impl Kind {
    fn matches(&self, group: &str, kind: &str, name: &str) -> bool {
        self.kind.matches(kind)
            && self.group.matches(group)
            && self.name.as_ref().is_none_or(|pattern| pattern.matches(name))
    }
}

/// An AppProject.
#[derive(Debug, Clone)]
pub struct Project {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`, where it is written.
    pub namespace: Option<String>,
    /// The whole object.
    pub span: Span,
    /// `permitOnlyProjectScopedClusters`: beyond what [`Project::destination`] says, the cluster must
    /// belong to the project.
    pub only_own_clusters: bool,
    labels: Labels,
    source_repos: Vec<Rule<Glob>>,
    destinations: Vec<Rule<Destination>>,
    cluster_whitelist: Vec<Rule<Kind>>,
    cluster_blacklist: Vec<Rule<Kind>>,
    /// Where there is no list, all is permitted; an empty one permits nothing.
    namespace_whitelist: Option<Vec<Rule<Kind>>>,
    namespace_blacklist: Vec<Rule<Kind>>,
    source_namespaces: Vec<Rule<SourceNamespace>>,
}

impl Project {
    /// Reads an AppProject, a whole object. What has another type than it should counts as left out.
    #[must_use]
    pub fn read(object: &Node) -> Self {
        let metadata = |field| object.pointer(field).and_then(Node::as_str);
        let spec = object.get("spec");
        let of = |list| spec.and_then(|spec| spec.get(list)).and_then(Node::as_seq);
        let items = |list: List| of(list.as_str()).unwrap_or_default();
        let kinds = |list: List, named| rules(list, items(list), |node| kind(node, named));
        let namespace_whitelist = of(List::NamespaceResourceWhitelist.as_str());
        Self {
            name: metadata("/metadata/name").unwrap_or_default().to_owned(),
            namespace: metadata("/metadata/namespace").map(str::to_owned),
            span: object.span,
            only_own_clusters: spec
                .and_then(|spec| spec.get("permitOnlyProjectScopedClusters"))
                .is_some_and(Node::is_true),
            labels: Labels::of(object.pointer("/metadata/labels")),
            source_repos: rules(List::SourceRepos, items(List::SourceRepos), |node| {
                Some(Glob::of_repository(node.as_str()?))
            }),
            destinations: rules(List::Destinations, items(List::Destinations), destination),
            cluster_whitelist: kinds(List::ClusterResourceWhitelist, true),
            cluster_blacklist: kinds(List::ClusterResourceBlacklist, true),
            namespace_whitelist: namespace_whitelist
                .map(|_| kinds(List::NamespaceResourceWhitelist, false)),
            namespace_blacklist: kinds(List::NamespaceResourceBlacklist, false),
            source_namespaces: rules(
                List::SourceNamespaces,
                items(List::SourceNamespaces),
                |node| Some(SourceNamespace::new(node.as_str()?)),
            ),
        }
    }

    /// Every entry of every list.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        let namespace_whitelist = self.namespace_whitelist.iter().flatten();
        let kinds = self.cluster_whitelist.iter().chain(&self.cluster_blacklist);
        let kinds = kinds.chain(namespace_whitelist).chain(&self.namespace_blacklist);
        let sources = self.source_repos.iter().map(|rule| rule.entry);
        sources
            .chain(self.destinations.iter().map(|rule| rule.entry))
            .chain(kinds.map(|rule| rule.entry))
            .chain(self.source_namespaces.iter().map(|rule| rule.entry))
    }

    /// Whether an Application may have this repository as its source (`IsSourcePermitted`).
    #[must_use]
    pub fn source(&self, url: &str) -> Permission {
        let url = repository_url::normalize(url);
        let mut by = Vec::new();
        for rule in &self.source_repos {
            if rule.what.matches(&url) {
                by.push(rule.entry);
            } else if rule.what.denies {
                return Permission::Denied(rule.entry);
            }
        }
        permitted(by, List::SourceRepos)
    }

    /// Whether an Application may deploy to this namespace of a cluster (`isDestinationMatched`).
    /// Argo CD asks with both the address and the name of the cluster, whichever of them the
    /// Application has; one that is not known is left out.
    #[must_use]
    pub fn destination(
        &self,
        server: Option<&str>,
        name: Option<&str>,
        namespace: &str,
    ) -> Permission {
        let known = |value: Option<&str>, glob: &Glob| {
            value.is_some_and(|value| !value.is_empty() && glob.matches(value))
        };
        let mut by = Vec::new();
        for Rule { entry, what } in &self.destinations {
            let of_name = known(name, &what.name);
            let of_server = known(server, &what.server);
            let of_namespace = what.namespace.matches(namespace);
            if (of_server || of_name) && of_namespace {
                by.push(*entry);
            } else if (!of_name && what.name.denies)
                || (!of_server && what.server.denies && of_namespace)
                || (!of_namespace && what.namespace.denies && of_server)
            {
                return Permission::Denied(*entry);
            }
        }
        permitted(by, List::Destinations)
    }

    /// Whether an Application may deploy an object (`IsGroupKindNamePermitted`). The name counts only
    /// for kinds of the whole cluster.
    #[must_use]
    pub fn kind(&self, group: &str, kind: &str, name: &str, cluster_wide: bool) -> Permission {
        let fitting = |rules: &[Rule<Kind>]| -> Vec<Entry> {
            let fits = rules.iter().filter(|rule| rule.what.matches(group, kind, name));
            fits.map(|rule| rule.entry).collect()
        };
        let blacklist =
            if cluster_wide { &self.cluster_blacklist } else { &self.namespace_blacklist };
        if let Some(entry) = fitting(blacklist).first() {
            return Permission::Denied(*entry);
        }
        if cluster_wide {
            return permitted(fitting(&self.cluster_whitelist), List::ClusterResourceWhitelist);
        }
        match &self.namespace_whitelist {
            None => Permission::Permitted(Vec::new()),
            Some(rules) => permitted(fitting(rules), List::NamespaceResourceWhitelist),
        }
    }

    /// Whether an Application may stand in this namespace (`IsAppNamespacePermitted`). It may always
    /// stand in Argo CD's own, and where it names none.
    #[must_use]
    pub fn source_namespace(&self, namespace: &str, own: &str) -> Permission {
        if namespace.is_empty() || namespace == own {
            return Permission::Permitted(Vec::new());
        }
        let fits = self.source_namespaces.iter().filter(|rule| rule.what.matches(namespace));
        permitted(fits.map(|rule| rule.entry).collect(), List::SourceNamespaces)
    }
}

/// Whether a namespace is in a list such as that of `application.namespaces`.
#[must_use]
pub fn is_listed<'p>(namespace: &str, mut patterns: impl Iterator<Item = &'p str>) -> bool {
    patterns.any(|pattern| SourceNamespace::new(pattern).matches(namespace))
}

fn permitted(by: Vec<Entry>, list: List) -> Permission {
    if by.is_empty() { Permission::Unlisted(list) } else { Permission::Permitted(by) }
}

fn rules<T: Denies>(list: List, items: &[Node], read: impl Fn(&Node) -> Option<T>) -> Vec<Rule<T>> {
    let blacklist =
        matches!(list, List::ClusterResourceBlacklist | List::NamespaceResourceBlacklist);
    let rule = |(index, node): (usize, &Node)| {
        let what = read(node)?;
        let denies = blacklist || what.denies();
        Some(Rule { entry: Entry { list, index, span: node.span, denies }, what })
    };
    items.iter().enumerate().filter_map(rule).collect()
}

fn destination(node: &Node) -> Option<Destination> {
    node.as_map()?;
    let glob = |field| Glob::new(node.get(field).and_then(Node::as_str).unwrap_or_default());
    Some(Destination { server: glob("server"), name: glob("name"), namespace: glob("namespace") })
}

fn kind(node: &Node, named: bool) -> Option<Kind> {
    node.as_map()?;
    let text = |field| node.get(field).and_then(Node::as_str).unwrap_or_default();
    let name = Some(text("name")).filter(|name| named && !name.is_empty());
    Some(Kind {
        group: Name::new(text("group")),
        kind: Name::new(text("kind")),
        name: name.map(Name::new),
    })
}

/// Whether an entry is there to deny.
trait Denies {
    fn denies(&self) -> bool {
        false
    }
}

impl Denies for Glob {
    fn denies(&self) -> bool {
        self.denies
    }
}

impl Denies for Destination {
    fn denies(&self) -> bool {
        self.server.denies || self.name.denies || self.namespace.denies
    }
}

impl Denies for Kind {}

impl Denies for SourceNamespace {}
