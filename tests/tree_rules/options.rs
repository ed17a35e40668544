//! Sync options of objects that those of their Application overrule.

use super::{HERE, application, file, told};

const ID: &str = "sync-option-overruled";

fn of(application_has: &str, object_has: &str) -> Vec<String> {
    let more = format!("{HERE}\n  syncPolicy: {{syncOptions: [{application_has}]}}");
    let web = application("web", "default", "path: apps/web", &more);
    let object = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  annotations: \
         {{argocd.argoproj.io/sync-options: '{object_has}'}}"
    );
    let again = object.replace("name: web", "name: other");
    let files = [
        file("web.yaml", &web),
        file("apps/web/one.yaml", &object),
        file("apps/web/two.yaml", &again),
    ];
    told(&files, ID)
}

#[test]
fn an_object_takes_back_only_what_argocd_asks_it_for() {
    let overruled = [
        ("Replace=true", "ServerSideApply=true"),
        ("Replace=true", "Replace=false"),
        ("Validate=false", "Validate=true"),
        ("PruneLast=true", "PruneLast=false"),
        ("SkipDryRunOnMissingResource=true", "SkipDryRunOnMissingResource=false"),
    ];
    for (option, own) in overruled {
        let message = format!("`{own}` counts for nothing beside `{option}` of its Application");
        assert_eq!(of(option, own), [message]);
        assert_eq!(of(option, &format!("Prune=false, {own} ")).len(), 1);
    }
    let sound = [
        ("ServerSideApply=true", "ServerSideApply=false"),
        ("ServerSideApply=true", "Replace=true"),
        ("Prune=confirm", "Prune=true"),
        ("Delete=false", "Delete=true"),
        ("Replace=false", "ServerSideApply=true"),
        // The object's own check tells of this.
        ("Replace=true", "Replace=true,ServerSideApply=true"),
    ];
    for (option, own) in sound {
        assert!(of(option, own).is_empty(), "{option} {own}");
    }
}
