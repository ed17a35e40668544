//! Applications and objects that are there twice.

use super::{HERE, application, config, file, root, told, tree};

const IDS: &str = "application-name-taken object-in-two-applications";

/// A root that a person applies, and what is called like it among its own objects.
fn bootstrap(own: &str) -> Vec<String> {
    let by_hand = root("").replace("# root.yaml", "# bootstrap/root.yaml");
    told(&[by_hand, own.replace("# root.yaml", "# argocd/root.yaml")], IDS)
}

#[test]
fn a_root_may_be_among_its_own_objects() {
    assert!(bootstrap(&root("")).is_empty());
    // It gets the namespace of its Application.
    assert!(bootstrap(&root("").replace(", namespace: argocd}\nspec", "}\nspec")).is_empty());
    let other = root("syncPolicy: {automated: {}}");
    assert_eq!(bootstrap(&other), ["there are two Applications `root`"]);
}

#[test]
fn two_applications_of_one_file_have_two_names() {
    let two = |name: &str, namespace: &str, path: &str| {
        let text = application(name, "default", path, HERE);
        let text = text.replace("namespace: argocd}", &format!("namespace: {namespace}}}"));
        let one = application("web", "default", "path: apps/web", HERE);
        let files = [format!("# web.yaml\n{one}\n"), format!("# web.yaml\n{text}\n")];
        told(&files, IDS)
    };
    assert_eq!(two("web", "argocd", "path: apps/api"), ["there are two Applications `web`"]);
    for right in [
        two("api", "argocd", "path: apps/api"),
        two("web", "team", "path: apps/api"),
        two("web", "argocd", "path: apps/web"),
    ] {
        assert_eq!(right, [""; 0]);
    }
    // Elsewhere they may be of another Argo CD.
    let one = application("web", "default", "path: apps/web", HERE);
    let other = application("web", "default", "path: apps/api", HERE);
    assert_eq!(told(&[file("one.yaml", &one), file("two.yaml", &other)], IDS), [""; 0]);
}

#[test]
fn two_applications_of_one_file_have_no_object_in_common() {
    let of = |paths: [&str; 2]| {
        let [one, two] = [("web", paths[0]), ("api", paths[1])]
            .map(|(name, path)| application(name, "default", &format!("path: {path}"), HERE));
        let objects = ["web", "api"].map(|it| config(&format!("apps/{it}/config.yaml"), it));
        let [web, api] = objects;
        told(&[format!("# apps.yaml\n{one}\n"), format!("# apps.yaml\n{two}\n"), web, api], IDS)
    };
    let shared = "ConfigMap/web in web belongs to two Applications, `web` and `api`";
    assert_eq!(of(["apps/web", "apps/web"]), [shared]);
    assert_eq!(of(["apps/web", "apps/api"]), [""; 0]);
}

#[test]
fn two_of_one_application_are_told_as_all_its_objects_are() {
    let one = application("web", "default", "path: apps/web", HERE);
    let other = application("web", "default", "path: apps/api", HERE);
    for path in ["argocd/one.yaml", "argocd/two.yaml"] {
        let files = [root(""), file("argocd/one.yaml", &one), file(path, &other)];
        let twice = "Application/web in argocd is in Application/root in argocd twice";
        assert_eq!(told(&files, &format!("{IDS} object-twice-in-application")), [twice]);
    }
}

#[test]
fn an_application_in_two_files_is_told_once() {
    let web = application("web", "default", "path: apps/web", HERE);
    let two = |inner: &str| {
        let files = [root(""), file("argocd/web.yaml", &web), inner.to_owned()];
        told(&files, IDS)
    };
    assert_eq!(two(&file("apps/web/web.yaml", &web)), ["there are two Applications `web`"]);
    assert!(two(&config("apps/web/config.yaml", "web")).is_empty());
}

#[test]
fn the_place_of_a_directory_that_two_have_is_of_the_application_that_stands_beside_it() {
    let paths = [("one", "argocd/one.yaml"), ("another", "argocd/two.yaml")];
    let files =
        paths.map(|(name, path)| file(path, &application(name, "default", "path: apps/web", HERE)));
    let all = [&[root(""), config("apps/web/config.yaml", "web")][..], &files].concat();
    let found = tree::faults(&all.join("---\n"));
    let found = found.iter().find(|it| it.id == "object-in-two-applications").unwrap();
    let [object, directory] = &*found.labels else { panic!("{:?}", found.labels) };
    let (first, second) = if object.text == "`one` applies it" { (0, 1) } else { (1, 0) };
    assert_eq!(object.text, format!("`{}` applies it", paths[first].0));
    let so_does = format!("so does `{}`, ", paths[second].0);
    assert!(directory.text.starts_with(&so_does), "{}", directory.text);
    // Of another length, each name puts the path elsewhere.
    let start = files[second].find("apps/web").unwrap();
    assert_eq!(directory.span.range().start, start, "{}", directory.text);
}

/// Two Applications with a ConfigMap of one name.
fn shared(one: &str, two: &str) -> Vec<String> {
    let to = |name: &str, destination: &str| {
        let more = format!("destination: {{namespace: web, {destination}}}");
        let text = application(name, "default", &format!("path: apps/{name}"), &more);
        file(&format!("argocd/{name}.yaml"), &text)
    };
    let secret = |name: &str, server: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n  labels: \
             {{argocd.argoproj.io/secret-type: cluster}}\nstringData: {{name: {name}, server: '{server}'}}"
        );
        file(&format!("argocd/{name}.yaml"), &text)
    };
    let files = [
        root(""),
        secret("edge", "https://10.0.0.9:6443"),
        secret("prod", "https://kubernetes.default.svc"),
        to("one", one),
        to("two", two),
        config("apps/one/config.yaml", "web"),
        config("apps/two/config.yaml", "web"),
    ];
    told(&files, IDS)
}

#[test]
fn a_cluster_has_a_name_and_an_address() {
    let in_cluster = "server: 'https://kubernetes.default.svc'";
    for (one, two) in [
        (in_cluster, "server: 'https://kubernetes.default.svc/'"),
        (in_cluster, "name: in-cluster"),
        (in_cluster, "name: prod"),
        ("name: edge", "server: 'https://10.0.0.9:6443'"),
    ] {
        assert_eq!(shared(one, two).len(), 1, "{one} {two}");
    }
    assert!(shared("name: edge", in_cluster).is_empty());
    assert!(shared("name: edge", "server: 'https://10.0.0.8:6443'").is_empty());
}

#[test]
fn a_field_of_a_list_has_its_number_in_brackets() {
    let known = "{repoURL: 'https://git.example.com/acme/apps.git', path: argocd}";
    let text = root("").replace(
        &format!("source: {{repoURL: \"{}\", path: argocd}}", super::URL),
        &format!("sources: [{known}, {}]", known.replace("argocd", "gone")),
    );
    let all = super::tree::faults(&[text, config("argocd/config.yaml", "web")].join("---\n"));
    let fields: Vec<_> =
        all.iter().map(|it| format!("{it:?}").contains("sources[1].path")).collect();
    assert_eq!(fields, [true]);
}

#[test]
fn two_hydrators_write_to_two_directories() {
    let of = |one: &str, two: &str, file: &str| {
        let [one, two] = [("web", one), ("api", two)].map(|(name, fields)| {
            let source = format!(
                "sourceHydrator: {{drySource: {{repoURL: '{}', path: apps/{name}, targetRevision: main}}, \
                 {fields}}}",
                super::URL
            );
            let text = application(name, "default", "path: none", HERE);
            text.replace(&format!("source: {{repoURL: \"{}\", path: none}}", super::URL), &source)
        });
        let files = [format!("# apps.yaml\n{one}\n"), format!("# {file}\n{two}\n")];
        told(&files, "hydrator-path-taken")
    };
    let apps = "syncSource: {targetBranch: prod, path: apps}";
    let once = ["the hydrators of `web` and `api` write to one directory, `apps`"];
    assert_eq!(of(apps, apps, "apps.yaml"), once);
    let staged = "syncSource: {targetBranch: prod, path: apps}, hydrateTo: {targetBranch: next}";
    assert_eq!(of(staged, staged, "apps.yaml"), once);
    for right in [
        staged,
        "syncSource: {targetBranch: prod, path: api}",
        "syncSource: {targetBranch: test, path: apps}",
        "syncSource: {targetBranch: prod, path: apps, repoURL: 'https://git.example.com/a.git'}",
    ] {
        assert_eq!(of(apps, right, "apps.yaml"), [""; 0], "{right}");
    }
    let open = "syncSource: {targetBranch: prod, path: '${DIR}'}";
    assert_eq!(of(open, open, "apps.yaml"), [""; 0], "nobody knows it yet");
    assert_eq!(of(apps, apps, "other.yaml"), [""; 0], "it may be of another Argo CD");
}
