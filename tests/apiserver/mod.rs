//! Objects with what a real kube-apiserver said of them, and the definitions that it had.
#![allow(dead_code, reason = "each test uses its own part")]
#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::path::Path;

use gitopsc::schema::{Definitions, Found};
use gitopsc::source::Sources;
use gitopsc::yaml;
use serde_json::Value;

/// The recorded cases: `object`, `accept`, and what was said.
pub(crate) fn cases() -> Vec<Value> {
    let mut text = String::new();
    let file = include_bytes!("cases.jsonl.gz");
    flate2::read::GzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The custom kinds that the server knew.
pub(crate) fn definitions() -> Definitions {
    let mut definitions = Definitions::default();
    for crd in ["databases.yaml", "widget.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apiserver/custom").join(crd);
        let text = std::fs::read_to_string(path).unwrap();
        let read = yaml::read(Sources::default().add(crd, &*text), &text);
        assert!(definitions.add_crd(read.documents[0].node.as_ref().unwrap(), Found::Checked));
    }
    definitions
}
