//! No text makes the reader or the rules panic: what `tests/fuzz` runs, on objects with recorded
//! verdicts that are spoilt byte by byte.

#[path = "apiserver/mod.rs"]
mod apiserver;
#[path = "fuzz/body.rs"]
mod body;

use std::sync::LazyLock;

use gitopsc::source::{Sources, Span};
use gitopsc::yaml;
use proptest::prelude::*;
use serde_json::Value;

/// The recorded objects as YAML.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let span = Span::new(Sources::default().add("", ""), 0..0);
    let text = |case: &Value| yaml::emit(&yaml::from_json(&case["object"], span));
    apiserver::cases().iter().map(text).collect()
});

/// What has a meaning in YAML, in quantities, in paths or in none of them.
const PIECES: [&str; 24] = [
    "\n",
    "  ",
    ":",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "|\n",
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    "#",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "-9223372036854775808",
    "1e400",
    "null",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_objects(
        index in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        changes in prop::collection::vec((0..4, any::<prop::sample::Index>(), 0_usize..40, 0..PIECES.len()), 1..6),
    ) {
        let mut bytes = index.get(&TEXTS).clone().into_bytes();
        for (change, at, length, piece) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            match change {
                0 => drop(bytes.drain(at..end)),
                1 => drop(bytes.splice(at..at, PIECES[piece].bytes())),
                2 => drop(bytes.splice(at..end, PIECES[piece].bytes())),
                _ => {
                    let from = other.get(&TEXTS).as_bytes();
                    let from = from[at.min(from.len())..end.min(from.len())].to_vec();
                    drop(bytes.splice(at..end, from));
                }
            }
        }
        body::judge(&bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        body::judge(&bytes);
    }
}
