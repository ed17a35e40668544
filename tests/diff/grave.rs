//! What of a permission should not be overlooked.

use crate::consequences::told;

const GROUP: &str = "rbac.authorization.k8s.io";

/// What is told of a role of a namespace that permits more, after the last colon.
fn grave(group: &str, resources: &str, verbs: &str) -> String {
    let state = |verbs: &str| {
        format!(
            "apiVersion: {GROUP}/v1\nkind: Role\nmetadata: {{name: ci, namespace: build}}\n\
             rules: [{{apiGroups: ['{group}'], resources: [{resources}], verbs: [{verbs}]}}]\n---\n\
             apiVersion: {GROUP}/v1\nkind: RoleBinding\nmetadata: {{name: ci, namespace: build}}\n\
             roleRef: {{apiGroup: {GROUP}, kind: Role, name: ci}}\n\
             subjects: [{{kind: ServiceAccount, name: ci, namespace: build}}]\n---\n"
        )
    };
    let told = told(&state("patch"), &state(&format!("patch, {verbs}")));
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].rsplit_once(": ").unwrap().1.to_owned()
}

#[test]
fn who_watches_secrets_reads_them() {
    for verb in ["get", "list", "watch", "list, watch"] {
        assert_eq!(grave("", "secrets", verb), "Secrets can be read");
    }
    assert!(!grave("", "secrets", "delete").contains("read"));
    assert!(!grave("", "configmaps", "watch").contains("Secrets"));
}

#[test]
fn roles_of_a_namespace_can_be_escalated_and_bound() {
    let (any, bound) =
        ("any permission can be given, even those that one lacks", "any role can be bound");
    assert_eq!(grave(GROUP, "roles", "escalate"), format!("{any}, in the namespace"));
    assert_eq!(grave(GROUP, "roles", "bind"), format!("{bound} in the namespace"));
    assert_eq!(grave(GROUP, "clusterroles", "bind"), bound);
    assert_eq!(grave(GROUP, "roles, clusterroles", "escalate, bind"), format!("{any}, {bound}"));
    assert!(!grave(GROUP, "roles", "update").contains("any "));
    assert!(!grave("example.com", "roles", "bind").contains("any "));
}
