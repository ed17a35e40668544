//! Objects whose replicas an autoscaler chooses.

use crate::site::{APP, Site, ids};

const WORKLOAD: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  paused: true
  replicas: 2
";

const AUTOSCALER: &str = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: ns}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
";

/// The autoscaler comes from another release than the workload.
fn built(workload: &str, autoscaler: &str) -> (u8, Vec<String>) {
    let site = Site::new();
    site.write("apps/a/web.yaml", workload);
    site.write("apps/b/app.yaml", APP);
    site.write("apps/b/scale.yaml", autoscaler);
    site.replace("environments/e/environment.yaml", "  a: {}", "  a: {}\n  b: {}");
    let run = site.build();
    (run.code, ids(&run))
}

#[test]
fn replicas_that_two_decide_about() {
    for kind in ["Deployment", "StatefulSet", "ReplicaSet"] {
        let of = |text: &str| text.replace("Deployment", kind);
        let refused = (1, vec!["replicas-with-autoscaler apps/a/web.yaml:6".to_owned()]);
        assert_eq!(built(&of(WORKLOAD), &of(AUTOSCALER)), refused);
        assert_eq!(
            built(&of(WORKLOAD).replace("  replicas: 2\n", ""), &of(AUTOSCALER)),
            (0, vec![])
        );
    }
}

#[test]
fn replicas_of_what_is_not_scaled() {
    let others = [
        ("name: web}", "name: other}"),
        ("namespace: ns", "namespace: more"),
        ("kind: Deployment", "kind: StatefulSet"),
        ("apps/v1", "example.test/v1"),
    ];
    for (from, to) in others {
        assert_eq!(built(WORKLOAD, &AUTOSCALER.replace(from, to)), (0, vec![]), "{to}");
    }
}
