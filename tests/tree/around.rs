//! What lies in the trees on disk and is not of this build.

use crate::site::{Site, ids};

#[test]
fn files_of_others_that_argocd_would_sync() {
    let site = Site::built();
    for path in ["argocd/x.yaml", "argocd/deep/x.yaml", "manifests/l/a/x.json", "manifests/x.md"] {
        site.write(&format!("rendered/e/{path}"), "kind: Mine\n");
    }
    site.write("rendered/e/NOTES.md", "mine\n");
    site.write("rendered/e/bootstrap/notes.md", "mine\n");
    let expected = [
        "file-foreign rendered/e/argocd/deep/x.yaml",
        "file-foreign rendered/e/argocd/x.yaml",
        "file-foreign rendered/e/manifests/l/a/x.json",
        "file-foreign rendered/e/manifests/x.md",
    ];
    for run in [site.build(), site.check()] {
        assert_eq!((run.code, ids(&run)), (0, expected.map(str::to_owned).to_vec()));
    }
    assert!(site.exists("rendered/e/argocd/x.yaml"));
}

#[test]
fn files_of_others_that_replace_all_manifests() {
    let names = ["Chart.yaml", "myChart.yaml", "kustomization.yml", ".argocd-source-e-a.yaml"];
    for directory in ["argocd", "manifests/l/a"] {
        for name in names {
            let site = Site::built();
            let path = format!("rendered/e/{directory}/{name}");
            site.write(&path, "kind: Mine\n");
            for run in [site.build(), site.check()] {
                assert_eq!((run.code, ids(&run)), (1, vec![format!("file-foreign {path}")]));
            }
            assert!(site.exists(&path));
        }
    }
    let site = Site::built();
    site.write("rendered/e/manifests/l/a/deeper/Chart.yaml", "kind: Mine\n");
    assert_eq!(site.check().code, 0);
}

#[test]
fn a_copy_of_a_rendered_file_is_its_maker_s() {
    let site = Site::built();
    let rendered = site.read("rendered/e/manifests/l/a/configmap-c.yaml");
    let copies =
        ["rendered/e/manifests/l/a/configmap-mine.yaml", "rendered/e/argocd/configmap-c.yaml"];
    for copy in copies {
        site.write(copy, rendered.replace("name: c\n", "name: mine\n"));
    }
    let expected = copies.map(|copy| format!("file-foreign {copy}"));
    for run in [site.check(), site.build()] {
        let mut found = ids(&run);
        found.sort_by_key(|id| std::cmp::Reverse(id.clone()));
        assert_eq!((run.code, found), (0, expected.to_vec()));
    }
    for copy in copies {
        assert!(site.read(copy).contains("name: mine\n"));
    }
}
