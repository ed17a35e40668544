//! Syncs that `gitopsc check` calls stuck: that they are, and that their repaired twins are not.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use super::{ArgoCd, repository::Repository};
use crate::{repository::faults, say, site};

/// How long a sync that is not stuck may take.
const LIMIT: Duration = Duration::from_secs(180);

/// How long the others are looked at after that.
const PATIENCE: Duration = Duration::from_secs(20);

struct Case {
    name: &'static str,
    /// What is found in it.
    id: &'static str,
    /// What of it never comes: arguments of `kubectl get`.
    late: &'static [&'static str],
    /// A line, and what repairs it.
    repair: (&'static str, &'static str),
    files: &'static str,
}

const CASES: [Case; 4] = [
    Case {
        name: "account",
        id: "sync-waits-for-later",
        late: &["serviceaccount", "web"],
        repair: ("sync-wave: \"1\"", "sync-wave: \"0\""),
        files: "# NAME/web.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: web}]
---
# NAME/account.yaml
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, annotations: {argocd.argoproj.io/sync-wave: \"1\"}}
",
    },
    Case {
        name: "hook",
        id: "sync-waits-for-later",
        late: &["serviceaccount", "web"],
        repair: ("hook: PreSync", "hook: PostSync"),
        files: "# NAME/job.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: web, annotations: {argocd.argoproj.io/hook: PreSync}}
spec:
  template:
    spec:
      restartPolicy: Never
      serviceAccountName: web
      containers: [{name: web, image: web}]
---
# NAME/account.yaml
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
",
    },
    Case {
        name: "claim",
        id: "sync-waits-for-claim",
        late: &["deployment", "web"],
        repair: ("sync-wave: \"-1\"", "sync-wave: \"0\""),
        files: "# NAME/class.yaml
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: late-NAME, annotations: {argocd.argoproj.io/sync-wave: \"-2\"}}
provisioner: example.com/none
volumeBindingMode: WaitForFirstConsumer
---
# NAME/claim.yaml
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, annotations: {argocd.argoproj.io/sync-wave: \"-1\"}}
spec:
  storageClassName: late-NAME
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
# NAME/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
",
    },
    Case {
        name: "definition",
        id: "definition-comes-later",
        late: &["applications.argoproj.io", "--namespace=argocd", "NAME-below"],
        repair: (
            "metadata: {name: first}",
            "metadata: {name: first, annotations: \
                 {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}",
        ),
        files: "# NAME/below.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME-below, namespace: argocd}
spec:
  project: default
  source: {repoURL: PLATFORM, path: below/NAME}
  destination: {name: in-cluster, namespace: NAME}
---
# NAME/widget.yaml
apiVersion: NAME.example.com/v1
kind: Widget
metadata: {name: first}
---
# below/NAME/definition.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.NAME.example.com}
spec:
  group: NAME.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
",
    },
];

const ROOT: &str = "# NAME.yaml
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: default
  source: {repoURL: PLATFORM, path: NAME}
  destination: {name: in-cluster, namespace: NAME}
  syncPolicy: {automated: {selfHeal: true}}
---
";

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default, namespace: argocd}
spec:
  sourceRepos: ['*']
  destinations: [{server: '*', namespace: '*'}]
  clusterResourceWhitelist: [{group: '*', kind: '*'}]
";

#[test]
fn what_is_called_stuck_is() {
    let _turn = crate::ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(servers) = crate::servers() else { return };
    let environment = "minikube-lite";
    let repository = Repository::of(env!("CARGO_MANIFEST_DIR").as_ref(), environment);
    let site = site::sites(repository.sources()).remove(environment).unwrap();
    let twins = CASES.iter().flat_map(|case| [(case, false), (case, true)]);
    let twins: Vec<_> =
        twins.map(|(case, is_right)| (case, is_right, name(case, is_right))).collect();
    let top = repository.top();
    for (case, is_right, name) in &twins {
        let mut text = format!("{ROOT}{}", case.files);
        if *is_right {
            text = text.replace(case.repair.0, case.repair.1);
        }
        let text = text.replace("NAME", name).replace("PLATFORM", &repository.url());
        let found: Vec<_> = faults(&text).iter().map(|finding| finding.id).collect();
        assert_eq!(found, if *is_right { vec![] } else { vec![case.id] }, "{text}");
        for document in text.split("---\n") {
            let (first, rest) = document.split_once('\n').unwrap();
            let path = top.join(first.strip_prefix("# ").unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, rest).unwrap();
        }
    }
    repository.commit();
    let argo = ArgoCd::start(servers, &site);
    let project = top.join("project");
    fs::write(&project, PROJECT).unwrap();
    argo.plane.must(["apply", "-f", &project.to_string_lossy()]);
    for (_, _, name) in &twins {
        argo.plane.must(["create", "namespace", name]);
        let file = top.join(format!("{name}.yaml"));
        argo.plane.must(["apply", "-f", &file.to_string_lossy()]);
    }
    let is_there = |case: &Case, name: &str| {
        let late = case.late.iter().map(|part| part.replace("NAME", name));
        let namespace = format!("--namespace={name}");
        argo.plane.kubectl(["get".to_owned(), namespace].into_iter().chain(late)).ok
    };
    let start = Instant::now();
    let open = || {
        let right = twins.iter().filter(|(_, is_right, _)| *is_right);
        right.filter(|(case, _, name)| !is_there(case, name)).map(|it| &it.2).collect::<Vec<_>>()
    };
    while !open().is_empty() {
        let state = || argo.plane.kubectl(["get", "applications.argoproj.io", "-A", "-o", "yaml"]);
        assert!(start.elapsed() < LIMIT, "{:?} do not come:\n{}", open(), state().out);
        thread::sleep(Duration::from_millis(500));
    }
    thread::sleep(PATIENCE);
    for (case, _, name) in twins.iter().filter(|(_, is_right, _)| !is_right) {
        let get = ["get", "applications.argoproj.io", "--namespace=argocd", name, "-o"];
        let phase = "jsonpath={.status.operationState.phase}: {.status.operationState.message}";
        let state = argo.plane.must(get.into_iter().chain([phase]));
        say(format_args!("{name}: {state}"));
        assert!(!is_there(case, name), "{name} is not stuck: {state}");
        assert!(state.starts_with("Running") || state.starts_with("Failed"), "{name}: {state}");
    }
}

fn name(case: &Case, is_right: bool) -> String {
    format!("{}-{}", case.name, if is_right { "right" } else { "wrong" })
}
