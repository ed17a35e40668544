//! What Argo CD itself is told, where that is among the files.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::argocd::Followed;
use crate::argocd::glob::{Dialect, Pattern};
use crate::argocd::ignored::{Ignored, any, of_settings};
use crate::model::{GroupKind, ObjectKey};
use crate::yaml::{self, Node};

/// The keys of the ConfigMap `argocd-cm`, and the values of the chart that makes it.
pub(super) struct Settings {
    /// As JSON, one of each place.
    texts: Vec<String>,
    /// The ConfigMaps among them.
    configs: Vec<Arc<Node>>,
    /// The values of charts among them.
    charts: Vec<String>,
    /// Whether each place is known in full.
    is_complete: bool,
}

impl Settings {
    /// Looks for them: in the objects of Applications, and in Applications that install the chart
    /// `argo-cd`.
    pub(super) fn of(followed: &Followed) -> Self {
        let mut settings =
            Self { texts: Vec::new(), configs: Vec::new(), charts: Vec::new(), is_complete: true };
        for one in followed.applications.iter().filter(|one| !one.is_dropped) {
            let kind = GroupKind::new("", "ConfigMap");
            let config =
                one.members().filter(|it| it.key.group_kind == kind && it.key.name == "argocd-cm");
            settings.configs.extend(config.map(|it| it.node.clone()));
            for source in one.application.sources().iter().filter(|it| it.chart() == "argo-cd") {
                let helm = source.fields.get("helm").unwrap_or(&Json::Null);
                let files = helm.get("valueFiles").and_then(Json::as_array);
                settings.is_complete &= files.is_none_or(Vec::is_empty);
                // Names of parameters have `\.` for a dot.
                settings.charts.push(helm.to_string().replace(r"\\.", "."));
            }
        }
        settings.texts = settings.configs.iter().map(|it| yaml::to_json(it).to_string()).collect();
        settings.texts.extend(settings.charts.iter().cloned());
        settings
    }

    /// Whether they ignore differences of an object, as `judge` says of each entry for it; nothing where
    /// that is not known.
    ///
    /// Source: `GetResourceOverrides` in `util/settings/settings.go` of Argo CD.
    pub(super) fn ignore(
        &self,
        key: &ObjectKey,
        judge: impl Fn(Ignored<'_>) -> Option<bool>,
    ) -> Option<bool> {
        if !self.is_complete || self.texts.is_empty() {
            return None;
        }
        let stated: Vec<Json> = self.configs.iter().flat_map(|it| of_settings(it)).collect();
        let entries = stated.iter().map(Ignored::alone).filter(|it| it.is_of(key)).map(judge);
        // All kinds in one text, as they were stated once.
        let is_old = |it: &&Arc<Node>| {
            let text = it.pointer("/data/resource.customizations").and_then(Node::as_str);
            text.is_some_and(|text| text.contains("ignoreDifferences"))
        };
        let old = self.configs.iter().filter(is_old).map(|_| None);
        let values = self.charts.iter().filter(|text| may_ignore(text, key)).map(|_| None);
        any(entries.chain(old).chain(values))
    }

    /// Whether one of them names something.
    pub(super) fn names(&self, text: &str) -> bool {
        self.texts.iter().any(|it| it.contains(text))
    }

    /// Whether they are here, and none says when an object of a kind is healthy, be it by a pattern.
    ///
    /// Source: `GetHealthScript` in `util/lua/lua.go` of Argo CD.
    pub(super) fn judge_not(&self, group: &str, kind: &str) -> bool {
        let groups = [group, "*"].into_iter();
        let mut keys = groups.flat_map(|group| {
            [kind, "*"]
                .into_iter()
                .flat_map(move |kind| ["/", "_"].map(|it| [group, it, kind].concat()))
        });
        keys.all(|key| self.lack(&key))
    }

    /// Whether they are here, and none names something.
    pub(super) fn lack(&self, text: &str) -> bool {
        self.is_complete && !self.texts.is_empty() && !self.names(text)
    }
}

/// Whether the values of a chart have an entry for objects of a kind.
fn may_ignore(values: &str, key: &ObjectKey) -> bool {
    let kind = &key.group_kind;
    values.split("ignoreDifferences").skip(1).any(|after| {
        let Some(rest) = after.strip_prefix('.') else { return true };
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._-*".contains(c)));
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let (group, of) = name.split_once('_').unwrap_or(("", name));
        let is_like = |pattern: &str, text: &str| {
            let pattern = Pattern::new(pattern, Dialect::Gobwas { separator: None });
            pattern.is_ok_and(|pattern| pattern.matches(text))
        };
        name == "all" || is_like(group, &kind.group) && is_like(of, &kind.kind)
    })
}
