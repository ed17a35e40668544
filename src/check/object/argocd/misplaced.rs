//! Fields of an Application in a wrong place, which Argo CD drops in silence.

use crate::check::object::fault::Fault;
use crate::model::GroupKind;
use crate::yaml::Node;

/// Where a field belongs.
fn place(field: &str) -> Option<&'static str> {
    Some(match field {
        "automated" | "managedNamespaceMetadata" | "retry" | "syncOptions" => {
            "under `spec.syncPolicy` of an Application"
        }
        "allowEmpty" | "prune" | "selfHeal" => {
            "under `spec.syncPolicy.automated` of an Application"
        }
        "applicationsSync" | "preserveResourcesOnDeletion" => {
            "under `spec.syncPolicy` of an ApplicationSet, not in its template"
        }
        "ignoreDifferences" | "revisionHistoryLimit" => "right under `spec` of an Application",
        _ => return None,
    })
}

/// Says of fields that are unknown where they are in which place they would be known.
pub(crate) fn help(object: &Node, faults: &mut [Fault]) {
    let (group, kind) = GroupKind::stated(object);
    if group != "argoproj.io" || !matches!(kind, "Application" | "ApplicationSet") {
        return;
    }
    for fault in faults.iter_mut().filter(|fault| fault.id == "field-unknown") {
        let field = fault.path.rsplit('.').next().unwrap_or_default();
        if fault.path.starts_with("spec.")
            && let Some(place) = place(field)
        {
            fault.help = Some(format!("write `{field}` {place}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::object::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    #[test]
    fn the_right_place_is_named() {
        let spec = json!({
            "project": "default",
            "source": {"repoURL": "https://git.example.com/web.git", "path": "."},
            "destination": {"name": "in-cluster"},
            "retry": {"limit": 3},
            "syncPolicy": {"prune": true, "preserveResourcesOnDeletion": true, "atomated": {}},
        });
        let metadata = json!({"name": "web", "namespace": "argocd"});
        let api = "argoproj.io/v1alpha1";
        let set = json!({
            "apiVersion": api, "kind": "ApplicationSet", "metadata": metadata,
            "spec": {"generators": [], "template": {"metadata": {"name": "web"}, "spec": spec}},
        });
        let application = json!({
            "apiVersion": api, "kind": "Application", "metadata": metadata, "spec": spec,
        });
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let definitions = Definitions::default();
        for (object, above) in [(application, "spec"), (set, "spec.template.spec")] {
            let verdict = Judge::new(36, &definitions).object(&yaml::from_json(&object, span));
            let help = |field: &str| {
                let path = format!("{above}.{field}");
                let fault = verdict.faults.iter().find(|fault| fault.path == path).unwrap();
                fault.help.clone().unwrap()
            };
            let retry = "write `retry` under `spec.syncPolicy` of an Application";
            assert_eq!(help("retry"), retry);
            assert!(help("syncPolicy.prune").contains("`spec.syncPolicy.automated`"));
            let preserve = help("syncPolicy.preserveResourcesOnDeletion");
            assert!(preserve.ends_with("of an ApplicationSet, not in its template"));
            assert!(help("syncPolicy.atomated").starts_with("did you mean `automated`?"));
            assert_eq!(verdict.faults.len(), 4, "{:?}", verdict.faults);
        }
    }
}
