//! Single values of the sources, changed one at a time: exactly those rows of the table fail which should.

use std::{collections::BTreeSet, fs, sync::Mutex, thread};

use crate::{
    account, copy::Copy, failures, mutations::MUTATIONS, root, rows, table::Row, tree::Seen,
};

/// One changed value.
pub(crate) struct Mutation {
    file: &'static str,
    /// Text that stands in the file once.
    from: &'static str,
    to: &'static str,
    /// Rows that must fail then, and no others.
    fail: &'static [&'static str],
}

/// In this file, `from` becomes `to`, and these rows fail.
pub(crate) const fn change(
    file: &'static str,
    from: &'static str,
    to: &'static str,
    fail: &'static [&'static str],
) -> Mutation {
    Mutation { file, from, to, fail }
}

#[test]
fn a_changed_value_fails_its_rows_and_no_others() {
    let rows = rows();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    for id in MUTATIONS.iter().flat_map(|mutation| mutation.fail) {
        assert!(ids.contains(id), "{id} is no row");
    }
    let shipped = Copy::new().build(&[]).unwrap_or_else(|errors| panic!("{errors}"));
    let failures = failures(&rows, &shipped);
    assert!(failures.is_empty(), "before any change: {}", account(&rows, &failures));
    let next = Mutex::new(MUTATIONS.iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from).min(4) {
            scope.spawn(|| {
                let copy = Copy::new();
                loop {
                    let Some(mutation) = next.lock().unwrap().next() else { break };
                    if let Err(why) = try_out(mutation, &copy, &rows, &shipped) {
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Makes the change in the copy, renders, looks, and takes it back.
fn try_out(mutation: &Mutation, copy: &Copy, rows: &[Row], shipped: &[Seen]) -> Result<(), String> {
    let Mutation { file, from, to, fail } = mutation;
    let named = format!("{file}: `{from}` becomes `{to}`");
    let path = copy.path(file);
    let text = fs::read_to_string(&path).map_err(|e| format!("{named}: {e}"))?;
    if text.matches(from).count() != 1 {
        return Err(format!("{named}: it stands there {} times", text.matches(from).count()));
    }
    fs::write(&path, text.replace(from, to)).unwrap();
    let built = copy.build(&concerned(file, shipped));
    fs::write(&path, text).unwrap();
    let found = failures(rows, &built.map_err(|errors| format!("{named}: {errors}"))?);
    let failed: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = fail.iter().copied().collect();
    if failed == expected {
        return Ok(());
    }
    let missing: Vec<_> = expected.difference(&failed).collect();
    let beside: Vec<_> = failed.difference(&expected).collect();
    Err(format!("{named}\n  should fail and hold: {missing:?}\n  fail beside them:     {beside:?}"))
}

/// The environments that a file has a part in: the one in whose folder it lies and those that extend it, or those that
/// run the app whose it is.
fn concerned<'s>(file: &str, shipped: &'s [Seen]) -> Vec<&'s str> {
    let mut parts = file.split('/');
    let (folder, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let runs = |seen: &Seen| {
        let releases = seen.environment["releases"].as_array().into_iter().flatten();
        releases.into_iter().any(|release| release["app"] == owner)
    };
    let extends = |seen: &Seen| {
        let path = root().join(format!("environments/{}/environment.yaml", seen.name()));
        let text = fs::read_to_string(path).unwrap();
        seen.name() == owner || text.contains(&format!("\nextends: {owner}\n"))
    };
    let concerned = |seen: &&Seen| if folder == "apps" { runs(seen) } else { extends(seen) };
    shipped.iter().filter(concerned).map(Seen::name).collect()
}
