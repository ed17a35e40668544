//! How Argo CD knows the objects of an Application in a cluster.
//!
//! Source: `util/argo/resource_tracking.go`, `util/settings/settings.go`.

use crate::model::{GroupKind, ObjectKey};
use crate::yaml::Node;

/// Application, kind and name of an object, in one text.
const ID: &str = "argocd.argoproj.io/tracking-id";
/// Which of several Argo CDs it is.
const INSTALLATION: &str = "argocd.argoproj.io/installation-id";
/// The label, unless the settings name another.
const LABEL: &str = "app.kubernetes.io/instance";
/// Kinds that Argo CD does not look at, as it is delivered.
///
/// Source: `resource.exclusions` in `manifests/base/config/argocd-cm.yaml`, and the events that
/// `excludedResources` of `util/settings/resources_filter.go` always leaves out.
const EXCLUDED: [(&str, &str); 21] = [
    ("", "Endpoints"),
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("metrics.k8s.io", "NodeMetrics"),
    ("metrics.k8s.io", "PodMetrics"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("coordination.k8s.io", "Lease"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("cert-manager.io", "CertificateRequest"),
    ("cilium.io", "CiliumIdentity"),
    ("cilium.io", "CiliumEndpoint"),
    ("cilium.io", "CiliumEndpointSlice"),
    ("kyverno.io", "UpdateRequest"),
    ("kyverno.io", "AdmissionReport"),
    ("kyverno.io", "ClusterAdmissionReport"),
    ("reports.kyverno.io", "EphemeralReport"),
    ("reports.kyverno.io", "ClusterEphemeralReport"),
    ("wgpolicyk8s.io", "PolicyReport"),
    ("wgpolicyk8s.io", "ClusterPolicyReport"),
    ("kyverno.io", "BackgroundScanReport"),
    ("kyverno.io", "ClusterBackgroundScanReport"),
];

/// How Argo CD is told to know its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracking {
    by_label: bool,
    writes_label: bool,
    label: String,
    installation: String,
}

impl Tracking {
    /// As its settings say, the ConfigMap `argocd-cm`; where there are none, as it is delivered.
    #[must_use]
    pub fn of_settings(settings: Option<&Node>) -> Self {
        let text = |name: &str| {
            let value = settings.and_then(|node| node.get("data")?.get(name)?.as_str());
            value.unwrap_or_default()
        };
        let method = text("application.resourceTrackingMethod");
        let label = text("application.instanceLabelKey");
        Self {
            by_label: method == "label",
            writes_label: method == "label" || method == "annotation+label",
            label: if label.is_empty() { LABEL } else { label }.to_owned(),
            installation: text("installationID").to_owned(),
        }
    }

    /// The annotations that it writes.
    #[must_use]
    pub fn annotations(&self) -> &'static [&'static str] {
        if self.by_label { &[] } else { &[ID, INSTALLATION] }
    }

    /// The label that it writes.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.writes_label.then_some(self.label.as_str())
    }

    /// The Application that an object of a cluster belongs to, by [its name](instance) there. A mark
    /// that was copied from another object says nothing.
    ///
    /// Source: `GetAppName`, `ParseAppInstanceValue`, and `isSelfReferencedObj` of
    /// `controller/state.go`.
    #[must_use]
    pub fn application<'o>(&self, object: &'o Node, key: &ObjectKey) -> Option<&'o str> {
        let metadata = object.get("metadata")?;
        if self.by_label {
            let name = metadata.get("labels")?.get(&self.label)?.as_str()?;
            return (!name.is_empty()).then_some(name);
        }
        let annotations = metadata.get("annotations")?;
        let installation = annotations.get(INSTALLATION).and_then(Node::as_str).unwrap_or_default();
        if installation != self.installation {
            return None;
        }
        let id = annotations.get(ID)?.as_str()?;
        let mut parts = id.splitn(3, ':');
        let (application, kind, name) = (parts.next()?, parts.next()?, parts.next()?);
        let (group, kind) = two(kind)?;
        let (namespace, name) = two(name)?;
        let own = &key.group_kind;
        let is_own = (key.namespace.is_empty() || key.namespace == namespace)
            && key.name == name
            && (own.group == group && own.kind == kind);
        (is_own && !application.is_empty()).then_some(application)
    }
}

fn two(text: &str) -> Option<(&str, &str)> {
    text.split_once('/').filter(|(_, rest)| !rest.contains('/'))
}

/// The name of an Application in marks: with its namespace where that is not Argo CD's own.
///
/// Source: `InstanceName` in `pkg/apis/application/v1alpha1/types.go`.
#[must_use]
pub fn instance(namespace: &str, name: &str, own: &str) -> String {
    if namespace.is_empty() || namespace == own {
        name.to_owned()
    } else {
        format!("{namespace}_{name}")
    }
}

/// Whether Argo CD looks at a kind, as it is delivered.
#[must_use]
pub fn is_watched(kind: &GroupKind) -> bool {
    !EXCLUDED.contains(&(&*kind.group, &*kind.kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Sources};
    use crate::yaml::read;

    fn node(text: &str) -> Node {
        let file: FileId = Sources::default().add("object", text);
        read(file, text).documents.remove(0).node.unwrap()
    }

    fn owner(settings: &str, metadata: &str) -> Option<String> {
        let object = node(&format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, namespace: shop, {metadata}}}}}"
        ));
        let settings = node(&format!("{{data: {{{settings}}}}}"));
        let tracking = Tracking::of_settings(Some(&settings));
        tracking.application(&object, &ObjectKey::of(&object)).map(str::to_owned)
    }

    #[test]
    fn an_id_is_read_as_argo_cd_reads_it() {
        let id = |id: &str| {
            owner("", &format!("annotations: {{argocd.argoproj.io/tracking-id: \"{id}\"}}"))
        };
        assert_eq!(id("front:apps/Deployment:shop/web").as_deref(), Some("front"));
        assert_eq!(id("team_front:apps/Deployment:shop/web").as_deref(), Some("team_front"));
        for wrong in [
            "front",
            "front:apps/Deployment",
            "front:Deployment:shop/web",
            "front:apps/Deployment:web",
            "front:apps/Deployment/v1:shop/web",
            "front:apps/Deployment:shop/web/x",
            // Copied from another object.
            "front:apps/Deployment:shop/api",
            "front:apps/ReplicaSet:shop/web",
            "front:apps/Deployment:other/web",
            ":apps/Deployment:shop/web",
        ] {
            assert_eq!(id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_settings_say_which_mark_counts() {
        let both = "labels: {app.kubernetes.io/instance: by-label, own: by-own}, annotations: \
                    {argocd.argoproj.io/tracking-id: \"by-id:apps/Deployment:shop/web\"}";
        let method = |text: &str| format!("application.resourceTrackingMethod: {text}");
        assert_eq!(owner("", both).as_deref(), Some("by-id"));
        assert_eq!(owner(&method("annotation"), both).as_deref(), Some("by-id"));
        assert_eq!(owner(&method("annotation+label"), both).as_deref(), Some("by-id"));
        assert_eq!(owner(&method("label"), both).as_deref(), Some("by-label"));
        let own = format!("{}, application.instanceLabelKey: own", method("label"));
        assert_eq!(owner(&own, both).as_deref(), Some("by-own"));
        assert_eq!(owner("installationID: two", both), None);
    }
}
