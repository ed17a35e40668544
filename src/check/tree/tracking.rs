//! How Argo CD knows its objects, where the tree says so: the ConfigMap `argocd-cm`.
//!
//! Source: `SetAppInstance` in `util/argo/resource_tracking.go`, `GetTrackingMethod` and
//! `GetAppInstanceLabelKey` in `util/settings/settings.go`, `InstanceName` in
//! `pkg/apis/application/v1alpha1/types.go`. Without a setting it writes an annotation, of which nothing
//! is too long.

use std::collections::BTreeSet;

use super::{at, by_root, title};
use crate::argocd::key::SETTINGS;
use crate::argocd::{Followed, FollowedApplication, Member};
use crate::diagnostic::{Finding, suggest};
use crate::model::GroupKind;
use crate::source::Span;
use crate::yaml::Node;

const METHOD: &str = "/data/application.resourceTrackingMethod";
const LABEL_KEY: &str = "/data/application.instanceLabelKey";
const DEFAULT_KEY: &str = "app.kubernetes.io/instance";
const METHODS: [&str; 3] = ["annotation", "annotation+label", "label"];

/// The longest value of a label that the API server takes.
const LONGEST: usize = 63;

/// What the ConfigMap says.
struct Tracking<'f> {
    method: &'f Node,
    key: &'f str,
    /// Argo CD's own namespace.
    namespace: &'f str,
}

pub(super) fn check(followed: &Followed, findings: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for applications in by_root(followed) {
        let all = || applications.iter().map(|&number| &followed.applications[number]);
        let Some(tracking) = Tracking::of(all()) else { continue };
        let method = tracking.method.as_str().unwrap_or_default();
        if !METHODS.contains(&method) && told.insert(tracking.method.span) {
            findings.push(unknown(method, tracking.method.span));
        }
        for one in all().filter(|one| method.contains("label") && !one.namespace.is_empty()) {
            let found = match tracking.too_long(one) {
                Some(finding) if method == "label" => Some(finding),
                _ => tracking.overwritten(one),
            };
            let is_new = |it: &Finding| it.labels.first().is_some_and(|it| told.insert(it.span));
            findings.extend(found.filter(is_new));
        }
    }
}

fn unknown(method: &str, span: Span) -> Finding {
    let message = format!("Argo CD has no tracking method `{method}`, and takes `annotation`");
    let finding = Finding::warning("tracking-method-unknown", message)
        .at(span, "")
        .about("ConfigMap/argocd-cm");
    suggest(method, METHODS).into_iter().fold(finding, Finding::help)
}

impl<'f> Tracking<'f> {
    /// The settings of the one Argo CD that these Applications belong to; nothing where they are not
    /// among its objects, or are there twice.
    fn of(all: impl Iterator<Item = &'f FollowedApplication>) -> Option<Self> {
        let config = GroupKind::new("", "ConfigMap");
        let members = all.flat_map(FollowedApplication::members);
        let is_it = |it: &&Member| it.key.group_kind == config && it.key.name == SETTINGS;
        let mut found = members.filter(is_it);
        let (Some(member), None) = (found.next(), found.next()) else { return None };
        let key = member.node.pointer(LABEL_KEY).and_then(Node::as_str).unwrap_or_default();
        Some(Self {
            method: member.node.pointer(METHOD).filter(|method| method.as_str() != Some(""))?,
            key: if key.is_empty() { DEFAULT_KEY } else { key },
            namespace: &member.key.namespace,
        })
    }

    /// The name that Argo CD writes on the objects of an Application.
    fn name(&self, one: &FollowedApplication) -> String {
        let name = one.application.name();
        match one.namespace.as_str() {
            own if own == self.namespace => name.to_owned(),
            other => format!("{other}_{name}"),
        }
    }

    fn too_long(&self, one: &FollowedApplication) -> Option<Finding> {
        let name = self.name(one);
        if name.len() <= LONGEST {
            return None;
        }
        let message = format!(
            "`{name}` has {} characters, and Argo CD writes it as a label, which holds {LONGEST}",
            name.len()
        );
        let finding = at(Finding::error("tracking-label-refused", message), one, "/metadata/name");
        Some(
            finding
                .at(self.method.span, "objects are known by a label")
                .note("the API server refuses every object of the Application")
                .help("give it a shorter name, or write `application.resourceTrackingMethod: annotation`"),
        )
    }

    fn overwritten(&self, one: &'f FollowedApplication) -> Option<Finding> {
        let name = self.name(one);
        let definition = GroupKind::new("apiextensions.k8s.io", "CustomResourceDefinition");
        let stated = |member: &'f Member| {
            let labels = member.node.get("metadata")?.get("labels")?;
            let value = labels.get(self.key).filter(|_| member.key.group_kind != definition)?;
            Some((member, value)).filter(|(_, value)| value.as_str() != Some(&name))
        };
        let mut all = one.members().filter_map(stated);
        let (member, value) = all.next()?;
        let text = value.as_str().unwrap_or_default();
        let message = format!(
            "Argo CD overwrites the label `{}: {text}` with the name of its Application",
            self.key
        );
        let finding = Finding::info("tracking-label-overwritten", message)
            .at(value.span, format!("becomes `{name}`, for {}", title(one)))
            .at(self.method.span, "objects are known by a label")
            .about(member.key.to_string());
        let finding = match all.count() {
            0 => finding,
            count => finding.note(format!("{count} more of its objects have another value")),
        };
        Some(
            finding
                .note("what selects the object by the value that is written finds nothing")
                .help("write `application.resourceTrackingMethod: annotation`"),
        )
    }
}
