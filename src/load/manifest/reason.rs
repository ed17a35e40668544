//! Why something is not judged.

/// Why a file or a document is no object that can be judged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Something below `templates/` of a Helm chart.
    HelmTemplate,
    /// Values, or another file that makes up a Helm chart.
    HelmChart,
    /// A `kustomization.yaml`.
    Kustomization,
    /// What only kustomize completes: a part of a kustomization that changes what it lists.
    NeedsKustomize,
    /// Beside a kustomization that does not list it.
    NotListed,
    /// A strategic merge patch or a JSON patch.
    Patch,
    /// Encrypted by SOPS, Ansible or git-crypt.
    Encrypted,
    /// Text that becomes YAML only when a template engine has filled it in.
    Template,
    /// A directory of tests, examples or documentation.
    TestOrExample,
    /// A directory of what was fetched or built, or whose name begins with a dot.
    NotEntered,
    /// A name that ends in capitals, as `.YAML`, which kubectl and Argo CD pass over.
    Ending,
    /// Objects in a sequence, without the `List` that kubectl wants around them.
    Sequence,
    /// Findings of a run before, or a baseline of them.
    Report,
    /// What another tool reads, and no cluster.
    OtherTool,
    /// YAML or JSON without `apiVersion` and `kind`.
    NoManifest,
    /// Neither YAML nor near to a manifest.
    NotYaml,
    /// Nothing in it.
    Empty,
    /// Larger than what is read at once, and not near to a manifest.
    TooLarge,
    /// A link to a directory, to nothing, or in a circle.
    Link,
    /// A pipe, socket or device.
    NoFile,
    /// Gone since its directory was listed.
    Gone,
}

impl Reason {
    /// The word that programs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.names().0
    }

    /// The reason in a few words, for people.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::HelmTemplate => ("helm-template", "template of a Helm chart"),
            Self::HelmChart => ("helm-chart", "values or description of a Helm chart"),
            Self::Kustomization => ("kustomization", "kustomization"),
            Self::NeedsKustomize => ("needs-kustomize-build", "needs `kustomize build`"),
            Self::NotListed => ("not-listed", "not listed by the kustomization above it"),
            Self::Patch => ("patch", "patch"),
            Self::Encrypted => ("encrypted", "encrypted"),
            Self::Template => ("template", "template that has yet to be rendered"),
            Self::TestOrExample => ("test-or-example", "test, example or documentation"),
            Self::NotEntered => ("not-entered", "directory that is not entered"),
            Self::Ending => ("ending", "ending in capitals, which kubectl passes over"),
            Self::Sequence => ("sequence", "sequence of objects, which kubectl refuses"),
            Self::Report => ("report", "findings of a checker"),
            Self::OtherTool => ("other-tool", "for another tool, not for a cluster"),
            Self::NoManifest => ("no-manifest", "no `apiVersion` and `kind`"),
            Self::NotYaml => ("not-yaml", "neither YAML nor JSON"),
            Self::Empty => ("empty", "empty"),
            Self::TooLarge => ("too-large", "too large to read"),
            Self::Link => ("link", "link to a directory or to nothing"),
            Self::NoFile => ("no-file", "pipe, socket or device"),
            Self::Gone => ("gone", "gone while it was read"),
        }
    }

    /// Whether objects that a cluster gets come out of it, though they are not in it as they stand.
    #[must_use]
    pub fn may_hold_objects(self) -> bool {
        matches!(
            self,
            Self::HelmTemplate
                | Self::HelmChart
                | Self::NeedsKustomize
                | Self::Encrypted
                | Self::Template
                | Self::TooLarge
                | Self::Link
        )
    }

    /// Whether an object for a cluster may be in there, so that not judging it leaves a gap. What
    /// other tools read, what describes a chart or a kustomization, what was fetched and what is empty
    /// leaves none.
    #[must_use]
    pub fn leaves_gap(self) -> bool {
        !matches!(
            self,
            Self::HelmChart
                | Self::Kustomization
                | Self::NotEntered
                | Self::OtherTool
                | Self::Report
                | Self::Empty
        )
    }
}
