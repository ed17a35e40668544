//! `docs/fidelity.md` is what `tests/differential/figures.tsv` says.

#[path = "../differential/figures.rs"]
#[allow(dead_code, reason = "only a run lifts floors")]
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
