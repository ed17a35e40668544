//! Paths: `path` of Go, which is `path/filepath` on Linux.

use std::rc::Rc;

use super::Functions;

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define_both(["base", "osBase"], |path: Text| base(&path));
    functions.define_both(["dir", "osDir"], |path: Text| {
        let end = path.rfind('/').map_or(0, |slash| slash + 1);
        clean(path.get(..end).unwrap_or_default())
    });
    functions.define_both(["clean", "osClean"], |path: Text| clean(&path));
    functions.define_both(["ext", "osExt"], |path: Text| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let dot = name.rfind('.').unwrap_or(name.len());
        name.get(dot..).unwrap_or_default().to_owned()
    });
    functions.define_both(["isAbs", "osIsAbs"], |path: Text| path.starts_with('/'));
}

fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".into();
    }
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if name.is_empty() { "/".into() } else { name.into() }
}

/// `path.Clean`
fn clean(path: &str) -> String {
    let root = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if root => {}
            _ => kept.push(part),
        }
    }
    match (root, kept.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".into(),
        (false, path) => path,
    }
}
