//! Files with a suffix in other letters.

use super::{HERE, application, config, file, told};

fn directory(options: &str) -> Vec<String> {
    let source = format!("path: apps, directory: {{recurse: true, {options}}}");
    let web = file("web.yaml", &application("web", "default", &source, HERE));
    let files = [web, config("apps/a/one.yaml", "one"), config("apps/a/two.YAML", "two")];
    told(&files, "manifest-skipped")
}

#[test]
fn a_suffix_counts_where_the_file_is_meant() {
    for options in ["", "include: 'a/*.yaml'", "include: 'a/*'", "exclude: 'b/*'"] {
        let message = "Argo CD passes `two.YAML` over: it knows small letters only";
        assert_eq!(directory(options), [message], "{options}");
    }
    for options in ["exclude: '*.YAML'", "exclude: 'a/two.yaml'", "include: '{one,a/one}.yaml'"] {
        assert!(directory(options).is_empty(), "{options}");
    }
}
