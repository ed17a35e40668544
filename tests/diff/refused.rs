//! Fields that the API server lets nobody change.

use crate::consequences::{refused, told};

const CLASS: &str = "volume.beta.kubernetes.io/storage-class";

fn claim(metadata: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data{metadata}}}\nspec: {{accessModes: [ReadWriteOnce]{spec}}}\n"
    )
}

#[test]
fn a_claim_keeps_its_class() {
    let of = |class: &str| claim(&format!(", annotations: {{{CLASS}: {class}}}"), "");
    let plain = claim("", "");
    let other = claim(", annotations: {a: b}", "");
    for (before, after) in [(&plain, of("fast")), (&other, of("fast")), (&of("fast"), of("slow"))] {
        assert!(refused(before, &after).is_some(), "{before}{after}");
    }
    for (before, after) in [(of("fast"), &plain), (of("fast"), &other)] {
        assert!(refused(&before, after).is_some(), "{before}{after}");
    }
    assert_eq!(refused(&plain, &other), None);
    assert_eq!(refused(&plain, &of("''")), None);
    // The field takes over from the annotation.
    let field = |class: &str| claim("", &format!(", storageClassName: {class}"));
    assert_eq!(refused(&of("fast"), &field("fast")), None);
    assert!(refused(&of("fast"), &field("slow")).is_some());
    // What class it was given without saying one is not known.
    assert_eq!(refused(&plain, &field("fast")), None);
    assert!(refused(&field("fast"), &field("slow")).is_some());
    assert!(refused(&field("fast"), &plain).is_some());
    let volume = |name: &str| claim("", &format!(", volumeName: {name}"));
    assert_eq!(refused(&plain, &volume("a")), None);
    assert_eq!(refused(&volume("a"), &volume("b")).as_deref(), Some("spec.volumeName"));
}

fn object(api: &str, kind: &str, rest: &str) -> String {
    format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\n{rest}\n")
}

#[test]
fn fields_of_the_cluster_s_objects_stay() {
    let cases = [
        ("apps/v1", "ControllerRevision", "revision: 1\ndata: {a: b}", "data: {a: c}", "data.a"),
        (
            "networking.k8s.io/v1",
            "IPAddress",
            "spec: {parentRef: {resource: a, name: b}}",
            "spec: {parentRef: {resource: a, name: c}}",
            "spec.parentRef.name",
        ),
        (
            "networking.k8s.io/v1",
            "ServiceCIDR",
            "spec: {cidrs: [10.0.0.0/16]}",
            "spec: {cidrs: [10.1.0.0/16]}",
            "spec.cidrs",
        ),
        ("scheduling.k8s.io/v1", "PriorityClass", "value: 1", "value: 2", "value"),
        ("node.k8s.io/v1", "RuntimeClass", "handler: a", "handler: b", "handler"),
        (
            "storage.k8s.io/v1",
            "CSIDriver",
            "spec: {attachRequired: true}",
            "spec: {attachRequired: false}",
            "spec.attachRequired",
        ),
        (
            "v1",
            "PersistentVolume",
            "spec: {csi: {driver: a, volumeHandle: b}}",
            "spec: {csi: {driver: a, volumeHandle: c}}",
            "spec.csi.volumeHandle",
        ),
        (
            "v1",
            "PersistentVolume",
            "spec: {storageClassName: s, volumeAttributesClassName: a}",
            "spec: {storageClassName: s}",
            "spec.volumeAttributesClassName",
        ),
        (
            "v1",
            "Service",
            "spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30000}",
            "spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001}",
            "spec.healthCheckNodePort",
        ),
    ];
    for (api, kind, old, new, field) in cases {
        let found = refused(&object(api, kind, old), &object(api, kind, new));
        let found = found.as_deref().map(|found| found.split('[').next().unwrap_or_default());
        assert_eq!(found, Some(field), "{kind}");
    }
    let allowed = [
        // A second family.
        (
            "networking.k8s.io/v1",
            "ServiceCIDR",
            "spec: {cidrs: [10.0.0.0/16]}",
            "spec: {cidrs: [10.0.0.0/16, 'fd00::/108']}",
        ),
        ("scheduling.k8s.io/v1", "PriorityClass", "value: 1", "value: 1\ndescription: a"),
        (
            "v1",
            "PersistentVolume",
            "spec: {csi: {driver: a, volumeHandle: b}}",
            "spec: {csi: {driver: a, volumeHandle: b, controllerExpandSecretRef: {name: s, namespace: n}}}",
        ),
        (
            "v1",
            "PersistentVolume",
            "spec: {csi: {driver: a, volumeHandle: b}, persistentVolumeReclaimPolicy: Delete}",
            "spec: {csi: {driver: a, volumeHandle: b}, persistentVolumeReclaimPolicy: Retain}",
        ),
        (
            "v1",
            "PersistentVolume",
            "spec: {volumeAttributesClassName: a}",
            "spec: {volumeAttributesClassName: b}",
        ),
        (
            "v1",
            "Service",
            "spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30000}",
            "spec: {type: LoadBalancer, externalTrafficPolicy: Cluster}",
        ),
    ];
    for (api, kind, old, new) in allowed {
        assert_eq!(
            refused(&object(api, kind, old), &object(api, kind, new)),
            None,
            "{kind}: {new}"
        );
    }
}

#[test]
fn a_service_keeps_its_address() {
    let of = |address: &str| {
        object("v1", "Service", &format!("spec: {{ports: [{{port: 80}}]{address}}}"))
    };
    let [none, one, other, headless] =
        ["", ", clusterIP: 10.0.0.1", ", clusterIP: 10.0.0.2", ", clusterIP: None"].map(of);
    for (before, after) in [(&one, &other), (&none, &headless), (&headless, &one)] {
        assert!(refused(before, after).is_some(), "{before}{after}");
    }
    // It may be the one that it was given.
    for (before, after) in [(&none, &one), (&one, &none), (&headless, &none)] {
        assert_eq!(refused(before, after), None, "{before}{after}");
    }
}

#[test]
fn of_a_volume_nodes_are_said_once() {
    let volume = |key: &str, zone: &str| {
        let term =
            format!("{{matchExpressions: [{{key: {key}, operator: In, values: [{zone}]}}]}}");
        object(
            "v1",
            "PersistentVolume",
            &format!(
                "spec: {{local: {{path: /a}}, nodeAffinity: {{required: {{nodeSelectorTerms: [{term}]}}}}}}"
            ),
        )
    };
    let (zone, old) = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone");
    assert!(refused(&volume(zone, "a"), &volume(zone, "b")).is_some());
    assert_eq!(refused(&volume(old, "a"), &volume(zone, "a")), None);
    let none = object("v1", "PersistentVolume", "spec: {local: {path: /a}}");
    assert_eq!(refused(&none, &volume(zone, "a")), None);
}

#[test]
fn of_a_pod_the_image_changes_and_little_else() {
    let pod = |spec: &str, container: &str| {
        object(
            "v1",
            "Pod",
            &format!("spec: {{{spec}containers: [{{name: a, image: 'a:1'{container}}}]}}"),
        )
    };
    let plain = pod("", "");
    let toleration =
        |rest: &str| pod(&format!("tolerations: [{{key: a, operator: Exists{rest}}}], "), "");
    let (no, deadline) =
        (None, |seconds: u32| pod(&format!("activeDeadlineSeconds: {seconds}, "), ""));
    for (before, after, expected) in [
        (&plain, plain.replace("a:1", "a:2"), no),
        (&plain, pod("", ", args: [a]"), Some("spec.containers[name=a].args")),
        (&plain, pod("hostname: a, ", ""), Some("spec.hostname")),
        (&plain, pod("nodeName: a, serviceAccountName: default, ", ""), no),
        (&pod("nodeName: a, ", ""), pod("nodeName: b, ", ""), Some("spec.nodeName")),
        (&plain, deadline(5), no),
        (&deadline(5), deadline(3), no),
        (&deadline(5), deadline(9), Some("spec.activeDeadlineSeconds")),
        (&deadline(5), plain.clone(), Some("spec.activeDeadlineSeconds")),
        (&plain, pod("terminationGracePeriodSeconds: 30, ", ""), no),
        (
            &plain,
            pod("terminationGracePeriodSeconds: 5, ", ""),
            Some("spec.terminationGracePeriodSeconds"),
        ),
        (&plain, toleration(""), no),
        (&toleration(""), toleration(", effect: NoSchedule"), Some("spec.tolerations[0].effect")),
        (&pod("schedulingGates: [{name: g}], ", ""), plain.clone(), no),
        (&pod("schedulingGates: [{name: g}], ", ""), pod("nodeSelector: {a: b}, ", ""), no),
        (&plain, pod("nodeSelector: {a: b}, ", ""), Some("spec.nodeSelector")),
    ] {
        assert_eq!(refused(before, &after).as_deref(), expected, "{before}{after}");
    }
}

#[test]
fn versions_that_are_served_no_longer_take_no_objects() {
    let definition = |versions: &[(&str, bool, bool)]| {
        let version = |(name, served, storage): &(&str, bool, bool)| {
            format!("{{name: {name}, served: {served}, storage: {storage}}}")
        };
        let versions: Vec<String> = versions.iter().map(version).collect();
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: foos.example.com}}\n\
             spec: {{group: example.com, scope: Namespaced, names: {{kind: Foo, plural: foos}}, versions: [{}]}}\n---\n",
            versions.join(", ")
        )
    };
    let foo = |version: &str| {
        format!(
            "apiVersion: example.com/{version}\nkind: Foo\nmetadata: {{name: a, namespace: shop}}\n---\n"
        )
    };
    let both = definition(&[("v1alpha1", true, false), ("v1", true, true)]);
    let off = definition(&[("v1alpha1", false, false), ("v1", true, true)]);
    let gone = definition(&[("v1", true, true)]);
    let expected = "refused: `example.com/v1alpha1` is served no longer: the API server knows nothing of that version, and takes \
                    none of Foo `a` in shop";
    for after in [&off, &gone] {
        assert_eq!(
            told(&(both.clone() + &foo("v1alpha1")), &(after.clone() + &foo("v1alpha1"))),
            [expected]
        );
        // All are of the version that is left, or nobody knows of one.
        assert_eq!(told(&(both.clone() + &foo("v1")), &(after.clone() + &foo("v1"))), [""; 0]);
        assert_eq!(
            told(&(both.clone() + &foo("v1alpha1")), &(after.clone() + &foo("v1"))),
            [""; 0]
        );
        assert_eq!(told(&both, after), [""; 0]);
    }
    assert_eq!(told(&(off + &foo("v1")), &(both.clone() + &foo("v1"))), [""; 0]);
    // Objects are stored in it.
    let stored = definition(&[("v1alpha1", true, true), ("v1", true, false)]);
    assert_eq!(
        told(&stored, &gone),
        [
            "refused: `spec.versions` cannot lose `v1alpha1`, in which objects are stored: the API server refuses it until they are \
             stored in another and `status.storedVersions` names it no longer"
        ]
    );
    assert_eq!(told(&stored, &both), [""; 0]);
}
