//! Fields that an Application does not compare: `spec.ignoreDifferences`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::application::Application;
use super::glob::{Dialect, Pattern};
use super::jq::Expression;
use crate::model::ObjectKey;
use crate::source::Sources;
use crate::yaml::{self, Node};

/// One entry of `spec.ignoreDifferences`.
#[derive(Debug, Clone, Copy)]
pub struct Ignored<'a> {
    /// Where it stands in the list.
    pub index: usize,
    fields: &'a Json,
}

/// The entries for all Applications in the settings of Argo CD, the ConfigMap `argocd-cm`: of all kinds in one
/// text, as they were stated once, and each in one of its own, which takes the place of the other.
///
/// Source: `GetResourceOverrides` and `appendResourceOverridesFromSplitKeys` in `util/settings/settings.go`.
#[must_use]
pub fn of_settings(settings: &Node) -> Vec<Json> {
    const ALL: &str = "resource.customizations";
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let text = |name| settings.get("data")?.get(name)?.as_str();
    let together = text(ALL).and_then(parsed);
    for (kind, fields) in together.iter().filter_map(Json::as_object).flatten() {
        if let Some(text) = fields.get("ignoreDifferences").and_then(Json::as_str) {
            texts.insert(kind.clone(), text.to_owned());
        }
    }
    let data = settings.get("data").and_then(Node::as_map);
    for (key, value) in data.into_iter().flat_map(|data| data.iter()) {
        let rest = key.name.strip_prefix(ALL);
        let kind = rest.and_then(|rest| rest.strip_prefix(".ignoreDifferences."));
        let Some((kind, text)) = kind.zip(value.as_str()) else { continue };
        let kind = if kind == "all" { "*/*".to_owned() } else { kind.replacen('_', "/", 1) };
        texts.insert(kind, text.to_owned());
    }
    let entry = |(kind, text): (&String, &String)| {
        let (group, kind) = kind.split_once('/').unwrap_or(("", kind));
        let mut fields = parsed(text)?;
        let map = fields.as_object_mut()?;
        map.insert("group".to_owned(), group.into());
        map.insert("kind".to_owned(), kind.into());
        Some(fields)
    };
    texts.iter().filter_map(entry).collect()
}

fn parsed(text: &str) -> Option<Json> {
    let file = Sources::default().add("settings", text);
    Some(yaml::to_json(&yaml::read(file, text).documents.into_iter().next()?.node?))
}

impl<'a> Ignored<'a> {
    /// One that stands alone.
    #[must_use]
    pub fn alone(fields: &'a Json) -> Self {
        Self { index: 0, fields }
    }

    /// Those of an Application.
    pub fn of(application: &'a Application) -> impl Iterator<Item = Self> {
        let list = application.object.pointer("/spec/ignoreDifferences").and_then(Json::as_array);
        let entries = list.into_iter().flatten().enumerate();
        entries.map(|(index, fields)| Self { index, fields })
    }

    /// Text of a field; empty where it is not stated.
    #[must_use]
    pub fn text(&self, name: &str) -> &'a str {
        self.fields.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    /// The fields that it is for as JSON pointers.
    pub fn pointers(&self) -> impl Iterator<Item = &'a str> {
        self.list("jsonPointers")
    }

    /// The fields that it is for as paths of jq.
    pub fn expressions(&self) -> impl Iterator<Item = &'a str> {
        self.list("jqPathExpressions")
    }

    /// The managers whose fields it is for.
    pub fn managers(&self) -> impl Iterator<Item = &'a str> {
        self.list("managedFieldsManagers")
    }

    fn list(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let list = self.fields.get(name).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str)
    }

    /// Whether it is for objects of this kind. A pattern that cannot be read matches nothing.
    ///
    /// Source: `Normalize` in `util/argo/normalizers/diff_normalizer.go`.
    #[must_use]
    pub fn is_of_kind(&self, key: &ObjectKey) -> bool {
        let kind = &key.group_kind;
        [(self.text("group"), &kind.group), (self.text("kind"), &kind.kind)].iter().all(
            |(pattern, text)| {
                let pattern = Pattern::new(pattern, Dialect::Gobwas { separator: None });
                pattern.is_ok_and(|pattern| pattern.matches(text))
            },
        )
    }

    /// Whether it is for this object.
    #[must_use]
    pub fn is_of(&self, key: &ObjectKey) -> bool {
        let same = |stated: &str, own: &str| stated.is_empty() || stated == own;
        self.is_of_kind(key)
            && same(self.text("name"), &key.name)
            && same(self.text("namespace"), &key.namespace)
    }

    /// Whether its pointers and expressions are for a field of an object, or for what is around it;
    /// nothing where that is not known.
    #[must_use]
    pub fn holds(&self, object: &Node, pointer: &str) -> Option<bool> {
        let is_above = |stated: &str| {
            let rest = pointer.strip_prefix(stated).filter(|_| !stated.is_empty());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let takes = |text: &str| {
            let taken = Expression::read(text)?.takes(object, pointer);
            // What it asks for may be so in the cluster alone.
            let is_open = text.contains(name) && text.contains('(');
            taken.filter(|taken| *taken || !is_open)
        };
        any(self.pointers().map(|it| Some(is_above(it))).chain(self.expressions().map(takes)))
    }
}

/// Whether one of these is so; nothing where one of them is not known and none is so.
pub fn any(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return answer,
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

/// Whether a manager is the controller of autoscalers, which has the name of the program that it runs in;
/// nothing where it may be.
#[must_use]
pub fn scales(manager: &str) -> Option<bool> {
    const CONTROLLERS: [&str; 3] = ["kube-controller-manager", "k3s", "kubelite"];
    const OTHERS: [&str; 4] = ["argocd", "helm", "kubectl", "kustomize"];
    if CONTROLLERS.contains(&manager) {
        return Some(true);
    }
    OTHERS.iter().any(|other| manager.starts_with(other)).then_some(false)
}
