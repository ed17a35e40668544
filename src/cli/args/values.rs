//! The values that arguments have.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use serde_json::Value;

use crate::config::ConfigKind;
use crate::diagnostic::suggest;
use crate::report::{FORMATS, Format, HTML, MARKDOWN, MERMAID, PATCH};
use crate::schema::{NEWEST, OLDEST};

/// One `--source`.
#[derive(Debug, Clone)]
pub struct SourceArg {
    /// The repository, as sources name it.
    pub url: String,
    /// Where it lies.
    pub directory: PathBuf,
}

impl FromStr for SourceArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.rsplit_once('=') {
            Some((url, directory)) if !url.is_empty() && !directory.is_empty() => {
                Ok(Self { url: url.to_owned(), directory: PathBuf::from(directory) })
            }
            _ => {
                Err("write URL=DIR, as `https://git.example.com/acme/apps.git=../apps`".to_owned())
            }
        }
    }
}

/// A branch by its short name, in which git would take the whole one for a part.
pub(super) fn branch(text: &str) -> Result<String, String> {
    let short = text.strip_prefix("refs/heads/").unwrap_or(text);
    match short.starts_with("refs/") {
        true => Err("write the name of a branch, as `deploy`".to_owned()),
        false => Ok(short.to_owned()),
    }
}

/// What the first environment of a repository is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClusterArg {
    /// Plain Kubernetes, as kubeadm or a cloud sets it up.
    Kubernetes,
    /// Rancher's k3s.
    K3s,
    /// minikube.
    Minikube,
}

/// What runs the pipelines of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CiArg {
    /// GitHub Actions.
    Github,
    /// GitLab.
    Gitlab,
    /// Neither.
    None,
}

/// A minor version of Kubernetes 1.
#[derive(Debug, Clone, Copy)]
pub struct VersionArg(pub u32);

impl FromStr for VersionArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let (major, minor) = (parts.next(), parts.next().and_then(|minor| minor.parse().ok()));
        let is_patch = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match (major, minor) {
            (Some("1"), Some(minor))
                if (OLDEST..=NEWEST).contains(&minor)
                    && parts.next().is_none_or(is_patch)
                    && parts.next().is_none() =>
            {
                Ok(Self(minor))
            }
            _ => Err(format!("write a version from 1.{OLDEST} to 1.{NEWEST}, as `1.{NEWEST}`")),
        }
    }
}

/// An environment, or one release of it.
#[derive(Debug, Clone)]
pub struct Target {
    /// The environment.
    pub environment: String,
    /// The release.
    pub release: Option<String>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (environment, release) = match text.split_once('/') {
            Some((environment, release)) => (environment, Some(release.to_owned())),
            None => (text, None),
        };
        if environment.is_empty() || release.as_deref().is_some_and(str::is_empty) {
            return Err("write ENV or ENV/APP".to_owned());
        }
        Ok(Self { environment: environment.to_owned(), release })
    }
}

/// One `--set`.
#[derive(Debug, Clone)]
pub struct SetArg {
    /// Keys from the values down.
    pub path: Vec<String>,
    /// YAML.
    pub value: String,
}

impl FromStr for SetArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (path, value) = text.split_once('=').ok_or("write PATH=VALUE")?;
        // `\.` is a dot inside a key, as in Helm's `--set`.
        let path: Vec<String> = path
            .replace("\\.", "\u{0}")
            .split('.')
            .map(|part| part.replace('\u{0}', "."))
            .collect();
        if path.iter().any(String::is_empty) {
            return Err("a path is `a.b.c`; a dot inside a key is `\\.`".to_owned());
        }
        if let Some(index) = path.iter().find(|part| part.chars().all(|c| c.is_ascii_digit())) {
            return Err(format!(
                "`{index}` would be an index: a list is replaced whole, `{}=[…]`",
                path[0]
            ));
        }
        Ok(Self { path, value: value.to_owned() })
    }
}

/// All formats, of whichever command.
pub(in crate::cli) fn formats() -> impl Iterator<Item = &'static Format> + Clone {
    FORMATS.iter().chain([&MARKDOWN, &MERMAID, &PATCH, &HTML])
}

/// One `--output`.
#[derive(Debug, Clone)]
pub struct OutputArg {
    /// The format.
    pub format: &'static Format,
    /// The file; standard output if not set.
    pub file: Option<PathBuf>,
}

impl FromStr for OutputArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file stands after `=`".to_owned()),
            Some((name, "-")) => (name, None),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let names = formats().map(|format| format.name);
        let Some(format) = formats().find(|format| format.name == name) else {
            let hint = suggest(name, names).unwrap_or_default();
            return Err(format!("no format `{name}`; {hint}"));
        };
        Ok(Self { format, file })
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// On terminals.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to treat as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DenyArg {
    /// Warnings too.
    Warnings,
    /// In `check`: objects of kinds that no schema is known for.
    SchemaMissing,
    /// In `check`: rules of a schema that cannot be evaluated.
    UnknownRules,
    /// In `check`: references to what a chart, an operator or a file that was not read may make.
    UnknownReferences,
}

/// What has a JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KindArg {
    /// app.yaml
    App,
    /// environment.yaml
    Environment,
    /// environments/<env>/apps/<release>.yaml
    Release,
    /// gitopsc.yaml
    Settings,
    /// What `-o json` and `-o jsonl` print of findings
    Output,
    /// What `diff -o json` prints
    Diff,
}

impl KindArg {
    /// The JSON Schema.
    pub(in crate::cli) fn schema(self) -> Value {
        match self {
            Self::App => ConfigKind::App.schema(),
            Self::Environment => ConfigKind::Environment.schema(),
            Self::Release => ConfigKind::Release.schema(),
            Self::Settings => ConfigKind::Settings.schema(),
            Self::Output => crate::report::schema(),
            Self::Diff => crate::report::diff::schema(),
        }
    }
}
