//! What Argo CD 3.5.7 reads of an object: annotations of all, and the fields of Applications.
//!
//! Most of what it cannot read it passes over without a word, so that the object does something else
//! than it says.

mod annotation;
mod application;
mod difference;
mod hook;
mod key;
mod kind_list;
pub(crate) mod misplaced;
mod option;
mod retry;
mod wave;
mod window;

use crate::check::object::fault::{Fault, Faults};
use crate::model::{Field, GroupKind};
use crate::schema::{Definitions, NEWEST};
use crate::yaml::Node;

/// Checks an object of any kind; what is known of custom kinds is in the definitions.
pub(crate) fn check(object: &Field<'_>, definitions: &Definitions, faults: &mut Faults) {
    let (group, kind) = GroupKind::stated(object.node);
    let is_application = (group, kind) == ("argoproj.io", "Application");
    let is_set = (group, kind) == ("argoproj.io", "ApplicationSet");
    if let Some(metadata) = object.get("metadata") {
        key::check(&metadata, is_application || is_set, faults);
        hook::check(&metadata, faults);
        if let Some(annotations) = metadata.get("annotations") {
            wave::check(&annotations, faults);
            option::of_object(&annotations, faults);
            option::of_comparison(&annotations, is_application, faults);
        }
    }
    let Some(spec) = object.get("spec") else { return };
    if (group, kind) == ("argoproj.io", "AppProject") {
        window::check(&spec, faults);
        kind_list::check(&spec, definitions, faults);
    }
    if is_application {
        application::check(&spec, true, faults);
    }
    if is_set {
        template(&spec, faults);
    }
}

/// The template of an ApplicationSet.
fn template(spec: &Field<'_>, faults: &mut Faults) {
    if let Some(template) = spec.get("template") {
        made(&template, application::is_whole(spec), faults);
    }
}

/// An Application as an ApplicationSet makes it, or the template for it.
fn made(application: &Field<'_>, whole: bool, faults: &mut Faults) {
    if let Some(metadata) = application.get("metadata") {
        key::check(&metadata, true, faults);
        if let Some(annotations) = metadata.get("annotations") {
            option::of_comparison(&annotations, true, faults);
        }
    }
    if let Some(spec) = application.get("spec") {
        application::check(&spec, whole, faults);
    }
}

/// What is wrong with the template of an ApplicationSet, as an object of its own.
pub(crate) fn faults_of_set(set: &Node) -> Vec<Fault> {
    let mut faults = Faults::new(NEWEST);
    if let Some(spec) = Field::root(set).get("spec") {
        template(&spec, &mut faults);
    }
    faults.found
}

/// What is wrong with an Application that an ApplicationSet makes.
pub(crate) fn faults_of_application(application: &Node) -> Vec<Fault> {
    let mut faults = Faults::new(NEWEST);
    made(&Field::root(application), true, &mut faults);
    faults.found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::object::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    /// What is said of an object: the id and the end of the path of each fault.
    fn said(object: &Value) -> Vec<String> {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let definitions = Definitions::default();
        let verdict = Judge::new(36, &definitions).object(&yaml::from_json(object, span));
        let short = |path: &str| path.rsplit(['.', '/']).next().unwrap_or_default().to_owned();
        verdict.faults.iter().map(|fault| format!("{} {}", fault.id, short(&fault.path))).collect()
    }

    fn with(annotations: &Value) -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "web", "annotations": annotations},
        })
    }

    #[test]
    fn annotations() {
        let hook = "argocd.argoproj.io/hook";
        let options = "argocd.argoproj.io/sync-options";
        let compare = "argocd.argoproj.io/compare-options";
        let cases = [
            (json!({hook: "PreSync, PostDelete"}), vec![]),
            (json!({hook: ""}), vec!["hook-invalid hook]"]),
            (json!({hook: "Skip,Sync"}), vec!["hook-invalid hook]"]),
            (
                json!({"argocd.argoproj.io/hook-delete-policy": "HookFailed"}),
                vec!["hook-invalid hook-delete-policy]"],
            ),
            (json!({options: " Prune=false ,, Delete=confirm,"}), vec![]),
            (json!({options: "Prune = false"}), vec!["sync-option-invalid sync-options]"]),
            (json!({options: "Replace=true,Replace=true"}), vec![]),
            (json!({options: "Replace=true,ServerSideApply=false"}), vec![]),
            (
                json!({compare: "IgnoreExtraneous,IncludeMutationWebhook=true"}),
                vec!["compare-option-invalid compare-options]"],
            ),
            (json!({"argocd.argoproj.io/sync-wave": "+3"}), vec![]),
            (json!({"argocd.argoproj.io/sync-wave": "3 "}), vec!["sync-wave-invalid sync-wave]"]),
            (json!({"argocd.argprj.io/sync-wave": "3"}), vec!["argocd-key-unknown sync-wave]"]),
            (json!({"argocd.argoproj.io/refresh": "hard"}), vec![]),
            (json!({"argocd.argoproj.io/own": "x", "link.argocd.argoproj.io/a": "b"}), vec![]),
        ];
        for (annotations, expected) in cases {
            assert_eq!(said(&with(&annotations)), expected, "{annotations}");
        }
    }

    #[test]
    fn windows_of_projects() {
        let window = |fields: Value| {
            let sound = json!({"kind": "deny", "schedule": "0 22 * * *", "duration": "8h"});
            let mut window = sound.as_object().cloned().unwrap_or_default();
            window.extend([("applications".to_owned(), json!(["*"]))]);
            window.extend(fields.as_object().cloned().unwrap_or_default());
            window.retain(|_, value| !value.is_null());
            said(&json!({
                "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                "metadata": {"name": "web", "namespace": "argocd"},
                "spec": {"syncWindows": [window]},
            }))
        };
        let sound = [
            json!({}),
            json!({"kind": "allow", "schedule": "*/5 0-6,22 ? jan-mar sun", "duration": "1.5h"}),
            json!({"schedule": "TZ=UTC 0 22 * * *", "timeZone": "Europe/Berlin"}),
            json!({"schedule": "${SCHEDULE}", "duration": "{{ duration }}", "kind": "<KIND>"}),
            json!({"applications": null, "clusters": ["in-cluster"], "timeZone": "Local"}),
            json!({"duration": "-1h", "timeZone": ""}),
        ];
        for fields in sound {
            assert!(window(fields.clone()).is_empty(), "{fields}");
        }
        let broken = [
            (json!({"kind": "Allow"}), "sync-window-invalid kind"),
            (json!({"kind": null}), "sync-window-invalid kind"),
            (json!({"schedule": "22 * * *"}), "sync-window-invalid schedule"),
            (json!({"schedule": "0 24 * * *"}), "sync-window-invalid schedule"),
            (json!({"schedule": "@daily"}), "sync-window-invalid schedule"),
            (json!({"schedule": null}), "sync-window-invalid schedule"),
            (json!({"duration": "8"}), "sync-window-invalid duration"),
            (json!({"duration": "1d"}), "sync-window-invalid duration"),
            (json!({"duration": null}), "sync-window-invalid duration"),
            (json!({"timeZone": "Europe/Berln"}), "sync-window-idle timeZone"),
            (json!({"applications": []}), "sync-window-idle syncWindows[0]"),
            (json!({"applications": null, "clusters": null}), "sync-window-idle syncWindows[0]"),
        ];
        for (fields, expected) in broken {
            assert_eq!(window(fields.clone()), [expected], "{fields}");
        }
    }

    #[test]
    fn kinds_of_projects() {
        let entries = |list: &str, entries: Value| {
            let mut object = json!({
                "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
                "metadata": {"name": "web", "namespace": "argocd"}, "spec": {},
            });
            object["spec"][list] = entries;
            said(&object)
        };
        let (cluster, namespaced) = ("clusterResourceWhitelist", "namespaceResourceBlacklist");
        let sound = [
            (cluster, "", "Namespace"),
            (cluster, "*", "*"),
            (cluster, "*", "Deployments"),
            (cluster, "apps", "*"),
            (cluster, "rbac.authorization.k8s.io", "Cluster*"),
            (cluster, "policy", "PodSecurityPolicy"),
            (cluster, "cert-manager.io", "ClusterIssuer"),
            (cluster, "example.com", "Deployment"),
            (cluster, "<GROUP>", "${KIND}"),
            (cluster, "", ""),
            (namespaced, "apps", "*Set"),
            (namespaced, "apps", "[A-Z]*"),
            (namespaced, "extensions", "Ingress"),
            (namespaced, "networking.k8s.io", "ClusterCIDR"),
            (namespaced, "resource.k8s.io", "ResourceClass"),
            (namespaced, "coordination.k8s.io", "LeaseCandidate"),
            (namespaced, "storage.k8s.io", "*"),
            (namespaced, "cert-manager.io", "Certificate*"),
            (namespaced, "cert-manager.io", "Certs"),
        ];
        for (list, group, kind) in sound {
            let found = entries(list, json!([{"group": group, "kind": kind}]));
            assert!(found.is_empty(), "{list} {group} {kind}: {found:?}");
        }
        let broken = [
            (namespaced, "apps/v1", "Deployment", "group"),
            (namespaced, "v1", "Secret", "group"),
            (namespaced, "core", "Secret", "group"),
            (namespaced, "networking", "Ingress", "group"),
            (namespaced, "apps", "Ingress", "group"),
            (namespaced, "apps", "Deployments", "kind"),
            (namespaced, "apps", "deployment", "kind"),
            (namespaced, "apps", "Replicaset*", "kind"),
            (namespaced, "networking.k8s.io", "NetworkPolicies", "kind"),
            (namespaced, "networking.k8s.io", "ingresses", "kind"),
            (namespaced, "cert-manager.io", "Certificates", "kind"),
            (namespaced, "", "Namespace", "kind"),
            (namespaced, "", "Name*", "kind"),
            (cluster, "", "Secret", "kind"),
            (cluster, "rbac.authorization.k8s.io", "Role*", "kind"),
            (cluster, "cert-manager.io", "Certificate", "kind"),
        ];
        for (list, group, kind, field) in broken {
            let found = entries(list, json!([{"group": group, "kind": kind}]));
            assert_eq!(found, [format!("project-kind-idle {field}")], "{list} {group} {kind}");
        }
    }

    #[test]
    fn templates_of_application_sets() {
        let set = |generator: Value, destination: Value, options: Value| {
            json!({
                "apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
                "metadata": {"name": "web", "namespace": "argocd"},
                "spec": {"generators": [generator], "template": {
                    "metadata": {
                        "name": "web",
                        "annotations": {"argocd.argoproj.io/refresh": "hard"},
                    },
                    "spec": {
                        "project": "default",
                        "source": {"repoURL": "https://git.example.com/web.git", "path": "."},
                        "destination": destination,
                        "syncPolicy": {"syncOptions": options},
                    },
                }},
            })
        };
        let list = json!({"list": {"elements": [{"name": "web"}]}});
        let refresh = "argocd-key-transient refresh]";
        let nowhere = json!({"namespace": "web"});
        let found = said(&set(list, nowhere.clone(), json!(["Force=true", "PruneLast=true"])));
        let force = "sync-option-invalid syncOptions[0]";
        assert_eq!(found, [refresh, force, "application-destination-invalid destination"]);
        let template = json!({"metadata": {}, "spec": {
            "project": "default", "destination": {"name": "in-cluster"},
        }});
        let own = json!({"list": {"elements": [{"name": "web"}], "template": template}});
        assert_eq!(said(&set(own, nowhere, json!([]))), [refresh]);
    }
}
