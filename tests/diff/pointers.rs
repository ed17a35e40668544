//! Which fields are pointers in Kubernetes' own types.

use std::fs;
use std::process::Command;

use crate::go;
use crate::support::root;

#[test]
fn the_pointers_on_record_are_those_of_the_types() {
    let Some(program) = go::program("pointers") else { return };
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success());
    let path = root().join("schemas/kubernetes/pointers.tsv");
    let recorded = fs::read_to_string(&path).unwrap();
    let head: String = recorded.lines().take(2).map(|line| format!("{line}\n")).collect();
    let fresh = head + &String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE_POINTERS").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    assert!(
        recorded == fresh,
        "UPDATE_POINTERS=1 cargo test --test diff writes {}",
        path.display()
    );
}
