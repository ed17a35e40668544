//! `docs/fidelity.md` is what `tests/differential/figures.tsv` says.

#[path = "../differential/figures.rs"]
mod figures;
#[path = "../differential/page.rs"]
mod written;

use std::fs;

use crate::{page, support};

#[test]
fn fidelity_is_that_of_the_figures() {
    let path = support::root().join("tests/differential/figures.tsv");
    let figures = figures::Figures::read(&fs::read_to_string(path).unwrap());
    let total = figures.total();
    assert!(total.refused > 2000 && total.accepted > 2000, "{total:?}");
    assert_eq!(figures::Figures::read(&figures.write()), figures);
    // Every figure stands on its floor.
    assert_eq!(figures.fallen(&figures), Vec::<String>::new());
    let expected = written::page(&figures);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(support::root().join("docs/fidelity.md"), expected).unwrap();
    } else if expected != page("fidelity.md") {
        panic!("docs/fidelity.md is stale: run `UPDATE_DOCS=1 cargo test --test docs`");
    }
}

#[test]
fn floors_hold_and_are_only_lifted() {
    let path = support::root().join("tests/differential/figures.tsv");
    let before = figures::Figures::read(&fs::read_to_string(path).unwrap());
    let mut fewer = before.clone();
    let pods = fewer.kinds.get_mut("Pod").unwrap();
    pods.caught -= 5;
    let (id, fired) = fewer.checks.iter_mut().max_by_key(|(_, fired)| fired.times).unwrap();
    fired.times = 0;
    let said = format!("check {id}: fired 0 times");
    let fallen = fewer.fallen(&before);
    assert_eq!(fallen.len(), 2, "{fallen:#?}");
    assert!(fallen[0].starts_with("kind Pod: "), "{fallen:#?}");
    assert!(fallen[1].starts_with(&said), "{fallen:#?}");
    fewer.lift(&before);
    assert_eq!(fewer.kinds["Pod"].floors, before.kinds["Pod"].floors);
    assert!(!fewer.fallen(&before).is_empty());
}
