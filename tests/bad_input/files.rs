//! Files that cannot be read as what they should be.

use crate::site::{CONFIG, ONE, WEB, refused, refused_template, refused_with};

const ENVIRONMENT: &str = "environments/one/environment.yaml";

#[test]
fn broken_yaml() {
    let broken = ONE.replace("kind: Environment\n", "kind: [Environment\n");
    refused_with(ENVIRONMENT, broken, "yaml-syntax", 3, "");
    let broken = WEB.replace("  text: hello", "  text: 'hello");
    refused_with("apps/web/app.yaml", broken, "yaml-syntax", 9, "");
    let broken = format!("{ONE}\tindented: by a tab\n");
    refused_with(ENVIRONMENT, broken, "yaml-syntax", 14, "");
    let release = "apiVersion: gitopsc.dev/v1alpha1\nkind: Release\nvalues: {text: a: b}\n";
    refused_with("environments/one/apps/web.yaml", release, "yaml-syntax", 3, "");
    refused_with("apps/web/values.schema.json", "{\n  \"type\": \n}}\n", "yaml-syntax", 3, "");
    refused_template("data: {text: ${{ values.text }}}\n", "template-not-yaml", 5, "quote");
    let fragment = "text: a\n other: b\n";
    refused_with("apps/web/fragments/data.yaml", fragment, "template-not-yaml", 2, "");
}

#[test]
fn a_broken_manifest_that_is_taken_as_it_is() {
    refused(
        |site| {
            site.write("apps/web/app.yaml", format!("{WEB}manifests: [plain/*.yaml]\n"));
            site.write(
                "apps/web/plain/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n",
            );
        },
        "yaml-syntax",
        "apps/web/plain/a.yaml:3",
        "",
    );
}

#[test]
fn a_broken_set_stops_only_environments_that_have_its_layer() {
    refused_with("applicationsets/main.yaml", "kind: [\nmetadata:\n", "template-not-yaml", 1, "");
}

#[test]
fn repeated_keys() {
    refused_with(
        ENVIRONMENT,
        format!("{ONE}kind: Environment\n"),
        "yaml-duplicate-key",
        14,
        "`kind`",
    );
    refused_with(
        "apps/web/app.yaml",
        format!("{WEB}  text: again\n"),
        "yaml-duplicate-key",
        10,
        "`text`",
    );
    refused_template("data:\n  a: x\n  b: y\n  a: z\n", "yaml-duplicate-key", 8, "`a`");
    let both = "data:\n  #% if true\n  a: x\n  #% endif\n  a: z\n";
    refused_template(both, "yaml-duplicate-key", 9, "`a`");
    // Two keys that are the same only when their values are known.
    let made = "data:\n  a-${{ values.text }}: x\n  a-${{ \"hello\" }}: y\n";
    refused_template(made, "yaml-duplicate-key", 7, "a-hello");
}

#[test]
fn a_key_in_each_branch_is_none_too_many() {
    let site = crate::site::Site::new();
    let branches = "data:\n  #% if true\n  a: x\n  #% else\n  a: z\n  #% endif\n";
    site.replace("apps/web/config.yaml", "data: ${{ fragment(\"data.yaml\") }}\n", branches);
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
}

#[test]
fn files_that_are_not_utf8() {
    let latin = |text: &str, line: usize| {
        let mut lines: Vec<Vec<u8>> = text.lines().map(|line| line.as_bytes().to_vec()).collect();
        lines[line - 1].extend_from_slice(b" # caf\xe9");
        lines.join(&b'\n')
    };
    for (path, text, line) in [
        (ENVIRONMENT, ONE, 3),
        ("apps/web/app.yaml", WEB, 4),
        ("apps/web/config.yaml", CONFIG, 2),
        ("apps/web/fragments/data.yaml", "text: a\nmore: b\n", 2),
        ("apps/web/values.schema.json", "{\n  \"type\": \"object\"\n}\n", 2),
        ("applicationsets/main.yaml", "kind: a\nspec: b\n", 1),
        // U+FFFD itself is text.
        ("environments/one/apps/web.yaml", "kind: Release # \u{FFFD}\nvalues: {}\n", 2),
    ] {
        refused_with(path, latin(text, line), "file-not-utf8", line, "UTF-8");
    }
}

#[test]
fn what_all_share_and_is_not_utf8_stops_all() {
    for (path, bytes) in [
        ("apps/_lib/shared.yaml", b"a: 1\nb: \xff\n".as_slice()),
        ("applicationsets/_lib/shared.yaml", b"a: 1\nb: \xff\n"),
        ("gitopsc.yaml", b"kind: Settings\n# \xff\n"),
    ] {
        let site = crate::site::Site::new();
        site.write(path, bytes);
        site.replace("apps/web/config.yaml", "data.yaml", "shared.yaml");
        site.refused_by_all(&crate::site::Expected {
            id: "file-not-utf8",
            place: &format!("{path}:2"),
            says: "UTF-8",
        });
    }
}

#[test]
fn binary_files_are_for_embedding() {
    let site = crate::site::Site::new();
    site.write("apps/web/files/logo.png", b"\x89PNG\xff\xfe");
    let embeds = "logo: ${{ file_base64(\"files/logo.png\") }}\n";
    site.write("apps/web/fragments/data.yaml", embeds);
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    refused(
        |site| {
            site.write("apps/web/files/logo.png", b"\x89PNG\xff\xfe");
            site.replace(
                "apps/web/config.yaml",
                "fragment(\"data.yaml\")",
                "file(\"files/logo.png\")",
            );
        },
        "template-error",
        "apps/web/config.yaml:5",
        "not UTF-8",
    );
}

/// A document whose aliases stand for millions of nodes.
fn bomb(indent: &str) -> String {
    let mut text = format!("{indent}a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("{indent}a{level}: &a{level} [{inner}]\n"));
    }
    text
}

#[test]
fn alias_bombs() {
    let values = format!("{WEB}{}", bomb("  "));
    let finding = refused_with("apps/web/app.yaml", values, "yaml-limit", 13, "");
    assert!(finding["message"].as_str().unwrap().contains("alias"), "{finding}");
    refused_template(&format!("data:\n{}", bomb("  ")), "yaml-limit", 9, "");
    refused(
        |site| {
            site.write("apps/web/app.yaml", format!("{WEB}manifests: [plain.yml]\n"));
            site.write("apps/web/plain.yml", bomb(""));
        },
        "yaml-limit",
        "apps/web/plain.yml:4",
        "",
    );
}

#[test]
fn nesting_without_end() {
    let deep = format!("values: {}1{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let text = WEB.split("values:").next().unwrap().to_owned() + &deep;
    refused_with("apps/web/app.yaml", text, "yaml-limit", 7, "");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use crate::site::{Site, refused};

    /// A file outside the repository, kept as long as the value.
    fn outside() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stolen}\n")
            .unwrap();
        file
    }

    #[test]
    fn out_of_the_repository() {
        let outside = outside();
        for path in [
            "apps/web/config.yaml",
            "apps/web/more.yaml",
            "apps/web/app.yaml",
            "apps/web/values.schema.json",
            "apps/web/files/embedded.txt",
            "environments/one/apps/web.yaml",
            "environments/one/environment.yaml",
            "applicationsets/main.yaml",
        ] {
            refused(
                |site: &Site| {
                    let link = site.path().join(path);
                    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
                    let _ = std::fs::remove_file(&link);
                    symlink(outside.path(), &link).unwrap();
                },
                "link-leaves-repository",
                path,
                "",
            );
        }
    }

    #[test]
    fn to_nothing_or_to_a_directory() {
        for target in ["gone.yaml", "../web"] {
            refused(
                |site: &Site| symlink(target, site.path().join("apps/web/link.yaml")).unwrap(),
                "link-leaves-repository",
                "apps/web/link.yaml",
                "",
            );
        }
    }

    #[test]
    fn inside_are_followed() {
        let site = Site::new();
        site.write(
            "apps/web/files/real.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: linked}\n",
        );
        symlink("files/real.yaml", site.path().join("apps/web/linked.yaml")).unwrap();
        let run = site.build();
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(site.tree_of_one().contains_key("manifests/main/web/configmap-linked.yaml"));
    }

    #[test]
    fn in_the_tree_are_never_written_through() {
        let outside = outside();
        let site = Site::new();
        let target = site.path().join("rendered/one/manifests/main/web/configmap-web.yaml");
        std::fs::remove_file(&target).unwrap();
        symlink(outside.path(), &target).unwrap();
        let before = std::fs::read(outside.path()).unwrap();
        let run = site.build();
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.out.contains("file-in-the-way"), "{}", run.out);
        assert_eq!(std::fs::read(outside.path()).unwrap(), before);
        assert!(target.is_symlink());
    }
}
