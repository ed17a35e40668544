//! The sources of an Application: where its manifests come from, and which tool makes them.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::application_set::Repositories;
use super::text::first_document;
use super::tree::Tree;
use crate::gotemplate::{VersionRange, is_version};

/// The names by which kustomize finds its own file. Source: `KustomizationNames` in
/// `util/kustomize/kustomize.go`.
pub const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The file that changes the sources of every Application with this path; one with the name of an
/// Application in it changes those of that one. Source: `repoSourceFile` in
/// `reposerver/repository/repository.go`.
const OVERRIDE: &str = ".argocd-source.yaml";

/// One source, as an Application states it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its fields.
    pub fields: &'a Json,
    /// Where it stands among several; nothing for the only one.
    pub index: Option<usize>,
    part: Part,
}

/// Which part of an Application a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What it syncs.
    Own,
    /// What it syncs once a hydrator has written it.
    Hydrated,
    /// From what the hydrator writes that.
    Dry,
}

/// What makes the manifests of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// Files are manifests as they stand.
    Directory,
    /// A kustomization.
    Kustomize,
    /// A chart in the repository.
    Helm,
    /// A chart of a chart repository.
    Chart,
    /// An artifact of a registry.
    Oci,
    /// A config management plugin.
    Plugin,
    /// Nothing: it lends its files to other sources, under its `ref`.
    Values,
    /// The hydrator, which writes manifests to a branch.
    Hydrator,
}

impl Tool {
    /// The word for it, in output that programs read.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Kustomize => "kustomize",
            Self::Helm => "helm",
            Self::Chart => "chart",
            Self::Oci => "oci",
            Self::Plugin => "plugin",
            Self::Values => "values",
            Self::Hydrator => "hydrator",
        }
    }
}

/// How the files of a directory are chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    /// Whether what is in directories below counts, too.
    pub recurse: bool,
    /// Only paths that match; empty for all.
    pub include: String,
    /// Not those that match.
    pub exclude: String,
}

impl<'a> Source<'a> {
    /// The sources that count: that of the hydrator, else several, else the one.
    ///
    /// Source: `GetSources` in `pkg/apis/application/v1alpha1/types.go`.
    #[must_use]
    pub fn of(application: &'a Json) -> Vec<Self> {
        let spec = application.get("spec");
        let field = |name| spec.and_then(|spec: &Json| spec.get(name)).filter(|it| !it.is_null());
        let one = |fields, part| vec![Self { fields, index: None, part }];
        if let Some(hydrator) = field("sourceHydrator") {
            return one(hydrator, Part::Hydrated);
        }
        match field("sources").and_then(Json::as_array).filter(|sources| !sources.is_empty()) {
            Some(sources) => {
                let several = sources.iter().enumerate();
                several
                    .map(|(at, fields)| Self { fields, index: Some(at), part: Part::Own })
                    .collect()
            }
            None => field("source").map(|fields| one(fields, Part::Own)).unwrap_or_default(),
        }
    }

    /// The JSON pointer of a field of the source in its Application.
    #[must_use]
    pub fn pointer(&self, field: &str) -> String {
        match (self.part, self.index) {
            (Part::Hydrated, _) => {
                let (block, name) = self.hydrated(field);
                format!("/spec/sourceHydrator/{block}/{name}")
            }
            (Part::Dry, _) => format!("/spec/sourceHydrator/drySource/{field}"),
            (Part::Own, Some(index)) => format!("/spec/sources/{index}/{field}"),
            (Part::Own, None) => format!("/spec/source/{field}"),
        }
    }

    /// Where a hydrator states a field of the source that is synced: its block and name there.
    ///
    /// Source: `GetSyncSource` in `pkg/apis/application/v1alpha1/types.go`.
    fn hydrated<'f>(&self, field: &'f str) -> (&'static str, &'f str) {
        let is_own = self.fields.pointer("/syncSource/repoURL").is_some();
        match field {
            "repoURL" if !is_own => ("drySource", "repoURL"),
            "targetRevision" => ("syncSource", "targetBranch"),
            _ => ("syncSource", field),
        }
    }

    /// The directory from which a hydrator makes the manifests; nothing without one.
    #[must_use]
    pub fn dry_path(&self) -> Option<&'a str> {
        self.dry().map(|dry| dry.path()).filter(|path| !path.is_empty())
    }

    /// The source from which a hydrator makes the manifests; nothing without one.
    ///
    /// Source: `GetDrySource` in `pkg/apis/application/v1alpha1/types.go`.
    #[must_use]
    pub fn dry(&self) -> Option<Self> {
        let fields = self.fields.get("drySource").filter(|_| self.part == Part::Hydrated)?;
        Some(Self { fields, index: None, part: Part::Dry })
    }

    /// Whether a hydrator reads it.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.part == Part::Dry
    }

    fn text(&self, name: &str) -> &'a str {
        let field = if self.part == Part::Hydrated {
            let (block, name) = self.hydrated(name);
            self.fields.get(block).and_then(|block| block.get(name))
        } else {
            self.fields.get(name)
        };
        field.and_then(Json::as_str).unwrap_or_default()
    }

    /// `repoURL`
    #[must_use]
    pub fn repo_url(&self) -> &'a str {
        self.text("repoURL")
    }

    /// `targetRevision`; empty where the newest is meant.
    #[must_use]
    pub fn revision(&self) -> &'a str {
        self.text("targetRevision")
    }

    /// What Argo CD looks for among the branches and tags; nothing where `tagPrefix` chooses the tags
    /// among which the newest of a range is taken.
    ///
    /// Source: `MaxVersion` in `util/versions/tags.go`, whose error `lsRemote` passes over.
    #[must_use]
    pub fn wanted(&self) -> Option<Cow<'a, str>> {
        let (revision, prefix) = (self.revision(), self.text("tagPrefix"));
        if !prefix.is_empty() && is_version(revision) {
            return Some(format!("{prefix}{revision}").into());
        }
        let is_open = !prefix.is_empty() && VersionRange::read(revision).is_some();
        (!is_open).then_some(revision.into())
    }

    /// The files of its repository at its revision; nothing where they are not at hand.
    #[must_use]
    pub fn tree<'r>(&self, repositories: &'r dyn Repositories) -> Option<&'r Tree> {
        repositories.tree(self.repo_url(), &self.wanted()?)
    }

    /// `path`
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.text("path")
    }

    /// `chart`
    #[must_use]
    pub fn chart(&self) -> &'a str {
        self.text("chart")
    }

    /// What makes its manifests, where no file needs to be looked at to tell.
    ///
    /// Source: `GenerateManifest` in `reposerver/repository/repository.go`.
    #[must_use]
    pub fn remote_tool(&self) -> Option<Tool> {
        if self.part == Part::Hydrated {
            return Some(Tool::Hydrator);
        }
        let is_oci = self.repo_url().starts_with("oci://");
        match (self.chart().is_empty(), is_oci) {
            (false, _) => Some(Tool::Chart),
            (true, true) => Some(Tool::Oci),
            // Among several, one without a path makes nothing, with `ref` or without.
            (true, false) => {
                (self.index.is_some() && self.path().is_empty()).then_some(Tool::Values)
            }
        }
    }

    /// The source with what the files in its directory change of it. What it states itself stays:
    /// repository, path, chart, revision.
    ///
    /// Source: `mergeSourceParameters`. A null there removes nothing, since the merged document is
    /// read into the source that was there.
    ///
    /// # Errors
    ///
    /// The file that cannot be merged, and why.
    pub fn with_overrides(
        &self,
        application: &str,
        tree: &Tree,
        directory: &str,
    ) -> Result<Json, (String, String)> {
        let mut merged = self.fields.clone();
        let own = format!(".argocd-source-{application}.yaml");
        for name in [OVERRIDE, &own] {
            let path = join(directory, name);
            let Some(text) = tree.text(&path) else { continue };
            let patch = match first_document(&text.text, text.file) {
                Err(why) => return Err((path, why)),
                Ok(patch) => patch.map(|patch| crate::yaml::to_json(&patch)).unwrap_or_default(),
            };
            if !patch.is_object() {
                return Err((path, "it must be a map of fields of the source".to_owned()));
            }
            merge(&mut merged, &patch);
            if let Some(field) = ill_typed(&merged) {
                return Err((path, format!("`directory.{field}` has a value of another type")));
            }
        }
        for name in ["repoURL", "path", "chart", "targetRevision"] {
            let Some(fields) = merged.as_object_mut() else { break };
            match self.fields.get(name) {
                Some(own) => _ = fields.insert(name.to_owned(), own.clone()),
                None => _ = fields.remove(name),
            }
        }
        Ok(merged)
    }
}

/// A field of `directory` that holds what Argo CD could not read.
fn ill_typed(source: &Json) -> Option<&'static str> {
    let directory = source.get("directory")?;
    ["recurse", "include", "exclude"].into_iter().find(|name| match directory.get(*name) {
        None | Some(Json::Null) => false,
        Some(Json::Bool(_)) => *name != "recurse",
        Some(Json::String(_)) => *name == "recurse",
        Some(_) => true,
    })
}

/// RFC 7386 without removal.
fn merge(target: &mut Json, patch: &Json) {
    match (target, patch) {
        (_, Json::Null) => {}
        (Json::Object(target), Json::Object(patch)) => {
            for (name, value) in patch.iter().filter(|(_, value)| !value.is_null()) {
                merge(target.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

/// The tools that a source names by their blocks. Source: `ExplicitType`.
#[must_use]
pub fn explicit_tools(source: &Json) -> Vec<Tool> {
    let blocks = [
        ("kustomize", Tool::Kustomize),
        ("helm", Tool::Helm),
        ("directory", Tool::Directory),
        ("plugin", Tool::Plugin),
    ];
    let is_there = |name: &str| source.get(name).is_some_and(|block| !block.is_null());
    blocks.into_iter().filter(|(name, _)| is_there(name)).map(|(_, tool)| tool).collect()
}

/// Whether the block of a tool has no setting, so that Argo CD takes it out of an Application that it
/// has compared, and looks at files from then on.
///
/// Source: `NormalizeSource` in `util/argo/argo.go`, which `NormalizeApplicationSpec` asks for `source`
/// and `sources` alone.
#[must_use]
pub fn says_nothing(source: &Json, tool: Tool) -> bool {
    fn is_empty(value: &Json) -> bool {
        match value {
            Json::Null | Json::Bool(false) => true,
            Json::String(text) => text.is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Object(map) => map.values().all(is_empty),
            _ => false,
        }
    }
    source.get(tool.as_str()).is_some_and(is_empty)
}

/// A path from the top of the repository without `.` and `..`; nothing for one that leads out of it.
#[must_use]
pub fn clean(path: &str) -> Option<String> {
    super::application_set::clean(path).map(|names| names.join("/"))
}

/// What the files in a directory make of it, and the one that says so.
///
/// Source: `Discover` in `util/app/discovery/discovery.go`; `TestDiscover`. Any name that *ends* in
/// `Chart.yaml` is one of Helm. Of a chart and a kustomization the name that sorts last decides.
#[must_use]
pub fn discovered(tree: &Tree, directory: &str) -> (Tool, Option<String>) {
    let mut found = (Tool::Directory, None);
    for (name, _) in tree.entries_of(directory) {
        if name.ends_with("Chart.yaml") {
            found = (Tool::Helm, Some(name.to_owned()));
        } else if KUSTOMIZATIONS.contains(&name) {
            found = (Tool::Kustomize, Some(name.to_owned()));
        }
    }
    found
}

/// The options of a directory source.
#[must_use]
pub fn directory_options(source: &Json) -> Directory {
    let field = |name| source.get("directory").and_then(|it| it.get(name));
    let text = |name| field(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    Directory {
        recurse: field("recurse").and_then(Json::as_bool).unwrap_or_default(),
        include: text("include"),
        exclude: text("exclude"),
    }
}

/// Puts a name behind a directory, which may be the top.
#[must_use]
pub fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}
