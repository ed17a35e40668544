//! What Argo CD itself is told, where that is among the files.

use serde_json::Value as Json;

use crate::argocd::Followed;
use crate::model::GroupKind;
use crate::yaml;

/// The keys of the ConfigMap `argocd-cm`, and the values of the chart that makes it.
pub(super) struct Settings {
    /// As JSON, one of each place.
    texts: Vec<String>,
    /// Whether each place is known in full.
    is_complete: bool,
}

impl Settings {
    /// Looks for them: in the objects of Applications, and in Applications that install the chart
    /// `argo-cd`.
    pub(super) fn of(followed: &Followed) -> Self {
        let mut settings = Self { texts: Vec::new(), is_complete: true };
        for one in followed.applications.iter().filter(|one| !one.is_dropped) {
            let kind = GroupKind::new("", "ConfigMap");
            let config =
                one.members().filter(|it| it.key.group_kind == kind && it.key.name == "argocd-cm");
            settings.texts.extend(config.map(|it| yaml::to_json(&it.node).to_string()));
            for source in one.application.sources().iter().filter(|it| it.chart() == "argo-cd") {
                let helm = source.fields.get("helm").unwrap_or(&Json::Null);
                let files = helm.get("valueFiles").and_then(Json::as_array);
                settings.is_complete &= files.is_none_or(Vec::is_empty);
                // Names of parameters have `\.` for a dot.
                settings.texts.push(helm.to_string().replace(r"\\.", "."));
            }
        }
        settings
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
