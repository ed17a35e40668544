//! `del(…)` of an expression.

use super::code::{Code, read};
use super::run::{End, Run, Step};
use super::{is_deep, refused};
use crate::yaml::{Node, Value, to_json};

/// The longest expression that is read.
const MAX_LENGTH: usize = 2000;

/// An expression that can be run.
#[derive(Debug, Clone)]
pub struct Expression(Code);

impl Expression {
    /// Reads one; nothing where Argo CD refuses it, or where it says what is not run here.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_readable = text.len() <= MAX_LENGTH && !is_deep(text) && refused(text).is_none();
        is_readable.then(|| read(text).map(Self))?
    }

    /// Takes away all that it leads to; nothing where it fails for this object. Says whether what becomes
    /// of the object is known.
    ///
    /// Source: `delpaths` in `func.go` of gojq, and `Normalize`, which goes on with the object as it was
    /// where that fails.
    #[must_use]
    pub fn remove(&self, object: &mut Node) -> bool {
        let Some(mut paths) = self.paths(object) else { return false };
        // What lies deeper or further back comes first, so that the others stay where they are.
        paths.sort_unstable_by(|one, other| other.cmp(one));
        paths.dedup();
        paths.iter().for_each(|path| remove_at(object, path));
        true
    }

    /// Whether it takes away what a JSON pointer leads to in an object; nothing where that is not known.
    #[must_use]
    pub fn takes(&self, object: &Node, pointer: &str) -> Option<bool> {
        object.pointer(pointer)?;
        let mut rest = object.clone();
        self.remove(&mut rest).then(|| rest.pointer(pointer).is_none())
    }

    fn paths(&self, object: &Node) -> Option<Vec<Vec<Step>>> {
        let paths = match Run::paths(&self.0, &to_json(object)) {
            Ok(paths) => paths,
            Err(End::Failed) => Vec::new(),
            Err(End::Unknown) => return None,
        };
        // Without an object, or its kind, there is nothing to compare: an error of the Application.
        let is_all = paths.iter().any(|path| match path.as_slice() {
            [] => true,
            [Step::Key(name)] => name == "kind",
            _ => false,
        });
        (!is_all).then(|| paths.iter().flat_map(|path| whole(path)).collect())
    }
}

/// The paths that a path with parts of lists stands for.
fn whole(path: &[Step]) -> Vec<Vec<Step>> {
    let mut plain = Vec::new();
    let mut part: Option<(usize, usize)> = None;
    for step in path {
        match (step, part) {
            (Step::Between(from, to), None) => part = Some((*from, *to)),
            (Step::Between(from, to), Some((start, end))) => {
                part = Some(((start + from).min(end), (start + to).min(end)));
            }
            (Step::At(at), Some((start, end))) => {
                let at = start.saturating_add(*at);
                plain.push(Step::At(if at < end { at } else { usize::MAX }));
                part = None;
            }
            (step, _) => plain.push(step.clone()),
        }
    }
    let Some((start, end)) = part else { return vec![plain] };
    let at = |at| plain.iter().cloned().chain([Step::At(at)]).collect();
    (start..end).map(at).collect()
}

fn remove_at(object: &mut Node, path: &[Step]) {
    let Some((last, above)) = path.split_last() else { return };
    let mut node = object;
    for step in above {
        let next = match (step, &mut node.value) {
            (Step::Key(name), Value::Map(map)) => map.get_mut(name),
            (Step::At(at), Value::Seq(items)) => items.get_mut(*at),
            _ => None,
        };
        let Some(next) = next else { return };
        node = next;
    }
    match (last, &mut node.value) {
        (Step::Key(name), Value::Map(map)) => drop(map.remove(name)),
        (Step::At(at), Value::Seq(items)) if *at < items.len() => drop(items.remove(*at)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::yaml::{read, to_json_string};

    const OBJECT: &str =
        r#"{"spec":{"a-b":1,"c":[{"name":"x","v":1},{"name":"y","v":2}],"m":{"n":{"p":1,"q":2}}}}"#;

    fn without(path: &str) -> Option<String> {
        let file = Sources::default().add("object", OBJECT);
        let mut node = read(file, OBJECT).documents.remove(0).node?;
        Expression::read(path)?.remove(&mut node).then(|| to_json_string(&node))
    }

    #[test]
    fn expressions_take_away_what_they_lead_to() {
        let [x, y] = [r#"{"name":"x","v":1}"#, r#"{"name":"y","v":2}"#];
        let cases = [
            (".spec.c", OBJECT.replace(&format!(r#","c":[{x},{y}]"#), "")),
            (".spec.c[0]", OBJECT.replace(&format!("{x},"), "")),
            (".spec.c[:-1]", OBJECT.replace(&format!("{x},"), "")),
            (".spec.c[]?.v", OBJECT.replace(r#","v":1"#, "").replace(r#","v":2"#, "")),
            (r#".spec.c[] | select(.name == "y") | .v"#, OBJECT.replace(r#","v":2"#, "")),
            (
                r#".spec.c[] | select(.name | test("^Y"; "i"))"#,
                OBJECT.replace(&format!(",{y}"), ""),
            ),
            (r#".spec["a-b"]"#, OBJECT.replace(r#""a-b":1,"#, "")),
            (
                r#".spec | ."a-b", .m.n.p"#,
                OBJECT.replace(r#""a-b":1,"#, "").replace(r#""p":1,"#, ""),
            ),
            (".. | .q?", OBJECT.replace(r#","q":2"#, "")),
            (".spec.none.at.all", OBJECT.to_owned()),
            // One that fails takes nothing away, not even what it came to before.
            (".spec.c, .spec.none[]", OBJECT.to_owned()),
            (".spec.c | map(.v) | .[]", OBJECT.to_owned()),
        ];
        for (path, expected) in cases {
            assert_eq!(without(path).as_ref(), Some(&expected), "{path}");
        }
    }

    #[test]
    fn what_is_not_run_here_is_not_known() {
        for path in [
            "",
            ".",
            "..",
            ".kind",
            ".a |= 1",
            "reduce .a[] as $x (.; .)",
            ". as $x | .a",
            "@text",
            "del(.a)",
            "def f: f; f",
            "def f($x): .a; f(1)",
            ".spec[\"\\(1)\"]",
            ".a-b",
        ] {
            assert_eq!(without(path), None, "{path}");
        }
        let doubled = "def a: .x,.x; def b: a|a; def c: b|b; def d: c|c; def e: d|d; e|e";
        assert_eq!(without(doubled), None);
    }
}
