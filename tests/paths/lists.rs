//! Lists of objects, and what kubectl makes of them.

use super::{BAD, check_tree};

const ITEM: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";

/// Findings, objects and valid objects of one file.
fn of(text: &str) -> (Vec<String>, u64, u64) {
    let checked = check_tree(&[("a.yaml", text)]);
    (checked.findings(), checked.summary("objects"), checked.summary("valid"))
}

fn finds(text: &str, found: &[&str], objects: u64, valid: u64) {
    let found: Vec<_> = found.iter().map(|one| format!("a.yaml:{one}")).collect();
    assert_eq!(of(text), (found, objects, valid), "{text}");
}

fn list(items: &str) -> String {
    format!("apiVersion: v1\nkind: List\nitems:\n{items}")
}

#[test]
fn items_must_say_what_they_are() {
    for item in ["{apiVersion: v1, metadata: {name: a}}", "{kind: ConfigMap}", "{a: 1}", "{}"] {
        finds(&list(&format!("- {item}\n- {ITEM}\n")), &["4 object-incomplete"], 2, 1);
    }
    let typed = |item: &str| format!("apiVersion: v1\nkind: ConfigMapList\nitems:\n- {item}\n");
    finds(&typed("{metadata: {name: a}}"), &[], 1, 1);
    finds(&typed("{kind: ConfigMap, metadata: {name: a}}"), &["4 object-incomplete"], 1, 0);
    finds(&typed("{apiVersion: v1, metadata: {name: a}}"), &["4 object-incomplete"], 1, 0);
}

#[test]
fn items_must_be_objects() {
    for item in ["null", "text", "5", "[]"] {
        finds(&list(&format!("- {item}\n- {ITEM}\n")), &["4 object-incomplete"], 2, 1);
    }
}

#[test]
fn lists_must_have_items() {
    for head in ["items: text\n", "items: {a: 1}\n", ""] {
        finds(&format!("apiVersion: v1\nkind: List\n{head}"), &["1 list-invalid"], 1, 0);
    }
    finds(&format!("kind: List\nitems: [{ITEM}]\n"), &[], 1, 1);
    for none in ["null", "[]"] {
        let text = format!("apiVersion: v1\nkind: List\nitems: {none}\n");
        assert_eq!(check_tree(&[("a.yaml", &text)]).skipped()["a.yaml"], "empty");
    }
}

#[test]
fn lists_in_lists() {
    let inner = format!("- {{apiVersion: v1, kind: List, items: [{ITEM}]}}\n");
    finds(&list(&inner), &["4 list-invalid"], 2, 1);
}

#[test]
fn lists_that_are_no_lists_of_objects() {
    for text in [
        "apiVersion: example.test/v1\nkind: AllowList\nitems: [text]\n",
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [text]\n",
        "kind: ShoppingList\nitems: [milk]\n",
        "kind: List\n",
    ] {
        let checked = check_tree(&[("a.yaml", text)]);
        assert_eq!((checked.findings().len(), checked.skipped().len()), (0, 1), "{text}");
    }
}

#[test]
fn what_reading_finds_is_the_fault_of_the_object_around_it() {
    let twice = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {}, data: {}}";
    finds(&list(&format!("- {ITEM}\n- {twice}\n- {ITEM}\n")), &["5 yaml-duplicate-key"], 3, 2);
    let head = format!("kind: List\n{}", list(&format!("- {ITEM}\n- {ITEM}\n")));
    finds(&head, &["3 yaml-duplicate-key"], 2, 1);
}

#[test]
fn an_object_on_the_line_of_its_separator() {
    finds(&format!("--- {ITEM}\n"), &["1 yaml-syntax"], 1, 0);
    finds("--- apiVersion: v1\nkind: Pod\n", &["1 yaml-syntax"], 1, 0);
    finds(&format!("--- text\n{BAD}"), &["1 yaml-syntax"], 1, 0);
    let else_where = check_tree(&[("a.yaml", "--- {a: 1}\n")]);
    assert_eq!(else_where.skipped()["a.yaml"], "not-yaml");
}
