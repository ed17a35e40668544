//! A change to an environment that is Synced and Healthy, and what became of each of its objects.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::{
    ArgoCd, NAMESPACE,
    inventory::{Live, ids, live},
    predicted::{Predicted, predicted},
    proof::synced,
    repository::Repository,
    view::{View, objects},
};
use crate::{say, site, state::text};

/// What only a person may let go.
const KEPT: [&str; 3] = ["PersistentVolumeClaim", "Namespace", "CustomResourceDefinition"];

/// One environment under change.
pub(crate) struct Scenario<'a> {
    pub(crate) name: &'a str,
    pub(crate) argo: ArgoCd<'a>,
    pub(crate) repository: Repository,
    /// What was there before the change.
    before: Live,
    predicted: Predicted,
    approved: bool,
    start: Instant,
}

/// Runs one, on a fresh copy of an environment, which `prepare` may change before it is first synced.
pub(crate) fn scenario(
    name: &str,
    environment: &str,
    prepare: impl FnOnce(&Repository),
    change: impl FnOnce(&mut Scenario<'_>),
) {
    let _turn = crate::ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(servers) = crate::servers() else { return };
    let repository = Repository::of(env!("CARGO_MANIFEST_DIR").as_ref(), environment);
    prepare(&repository);
    let mut sites = site::sites(repository.sources());
    let site = sites.remove(environment).expect("the environment is listed");
    let start = Instant::now();
    let (argo, predicted) = synced(servers, &site, &repository);
    let before = live(&argo.plane, &ids(&predicted));
    let missing: Vec<_> =
        ids(&predicted).into_iter().filter(|id| !before.contains_key(id)).collect();
    assert!(missing.is_empty(), "Argo CD counts what is not there: {missing:?}");
    let mut scenario =
        Scenario { name, argo, repository, before, predicted, approved: false, start };
    change(&mut scenario);
}

impl Scenario<'_> {
    /// Commits what `gitopsc build` makes of the sources, tells Argo CD, and waits until all is as it should be.
    pub(crate) fn build_and_sync(&mut self) -> String {
        let said = self.repository.build();
        let commit = self.commit();
        self.synced(&commit);
        said
    }

    /// Commits the trees as they are, and tells Argo CD.
    pub(crate) fn commit(&mut self) -> String {
        let commit = self.repository.commit();
        self.argo.refresh("normal");
        commit
    }

    /// Waits until all is as the tree says.
    pub(crate) fn synced(&mut self, commit: &str) {
        let predicted = self.tree();
        self.argo.until(self.name, |view| view.lacks(&predicted, commit));
    }

    /// What the tree asks for.
    pub(crate) fn tree(&self) -> Predicted {
        predicted(self.repository.top(), &self.repository.tree())
    }

    /// Waits until an Application says these words.
    pub(crate) fn says(&mut self, application: &str, words: &str) {
        let missing = format!("{application} does not say `{words}`");
        self.argo.until(self.name, |view| {
            let said = view.says(application).contains(words);
            (!said).then(|| missing.clone()).into_iter().collect()
        });
    }

    /// Confirms what waits in an Application, as a person does.
    pub(crate) fn approve(&mut self, application: &str) {
        self.approved = true;
        // An approval counts for what it is younger than, by the second.
        let since =
            self.field("application", NAMESPACE, application, ".status.operationState.startedAt");
        let now = loop {
            let now = now();
            if now > since {
                break now;
            }
            thread::sleep(Duration::from_millis(100));
        };
        let approval = format!("argocd.argoproj.io/deletion-approved={now}");
        let flags = ["--namespace", NAMESPACE, "--overwrite", &approval];
        let target = ["annotate", "applications.argoproj.io", application];
        self.argo.plane.must(target.into_iter().chain(flags));
    }

    /// A field of an object.
    pub(crate) fn field(&self, kind: &str, namespace: &str, name: &str, path: &str) -> String {
        let output = format!("--output=jsonpath={{{path}}}");
        self.argo.plane.must(["get", kind, name, "--namespace", namespace, &output])
    }

    /// Holds what became of the objects against what was expected: each as `fate object`, the others untouched.
    pub(crate) fn expect<T: Into<String>>(&self, expected: impl IntoIterator<Item = T>) {
        self.expect_of(&self.tree(), expected);
    }

    /// The same where the tree that is to live is another.
    pub(crate) fn expect_of<T: Into<String>>(
        &self,
        tree: &Predicted,
        expected: impl IntoIterator<Item = T>,
    ) {
        let view = View::of(&self.argo.plane);
        let fates = self.fates(tree, &view);
        let took = self.start.elapsed().as_secs_f32();
        let lives = self.before.len() - fates.iter().filter(|f| f.starts_with("pruned ")).count();
        say(format_args!(
            "{}: {lives} of {} objects live, at {took:.1} s",
            self.name,
            self.before.len()
        ));
        let head = |fate: &str| fate.rsplit_once(' ').map(|(head, _)| head.to_owned());
        for same in fates.chunk_by(|a, b| head(a) == head(b)) {
            let names: Vec<_> = same.iter().filter_map(|f| Some(f.rsplit_once(' ')?.1)).collect();
            let head = head(&same[0]).unwrap_or_default();
            say(format_args!("    {head}: {}", names.join(", ")));
        }
        let mut expected: Vec<String> = expected.into_iter().map(Into::into).collect();
        expected.sort();
        assert_eq!(fates, expected, "{}\n{view}", self.name);
        if !self.approved {
            let gone =
                fates.iter().filter(|f| f.starts_with("pruned ") || f.starts_with("replaced "));
            let kinds = gone.filter_map(|fate| fate.split([' ', '.']).nth(1));
            let lost: Vec<_> = kinds.filter(|kind| KEPT.contains(kind)).collect();
            assert!(lost.is_empty(), "{}: gone without confirmation: {lost:?}", self.name);
        }
    }

    /// What became of each object that the first tree had, or this one has.
    fn fates(&self, tree: &Predicted, view: &View) -> Vec<String> {
        let wanted = ids(tree);
        let all = ids(&self.predicted).union(&wanted).cloned().collect();
        let after = live(&self.argo.plane, &all);
        let held = |id: &String| view.applications.values().any(|a| objects(a).contains(id));
        let fate = |id: &String| match (self.before.get(id), after.get(id)) {
            (None, None) => Some("missing"),
            (None, Some(_)) => Some("added"),
            (Some(_), None) => Some("pruned"),
            (Some(old), Some(new)) if old.uid != new.uid => Some("replaced"),
            (Some(old), Some(new)) if wanted.contains(id) && held(id) => {
                (old.owner != new.owner).then_some("moved")
            }
            (Some(_), Some(_)) if held(id) => Some("waits"),
            (Some(_), Some(_)) => Some("unowned"),
        };
        let mut fates: Vec<_> =
            all.iter().filter_map(|id| Some(format!("{} {id}", fate(id)?))).collect();
        fates.sort();
        fates
    }
}

/// The time as Kubernetes writes it.
fn now() -> String {
    let output =
        Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl View {
    /// What an Application says of its last operation and of itself.
    fn says(&self, application: &str) -> String {
        let Some(application) = self.applications.get(application) else { return String::new() };
        let conditions = application["status"]["conditions"].as_array();
        let conditions = conditions.into_iter().flatten().map(|c| text(c, "/message"));
        let message = text(application, "/status/operationState/message");
        conditions.chain([message]).collect::<Vec<_>>().join("\n")
    }
}
