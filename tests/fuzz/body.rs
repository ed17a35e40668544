//! What is fuzzed; `tests/no_panic.rs` runs the same with inputs of its own.

use gitopsc::check::Judge;
use gitopsc::schema::{Definitions, NEWEST, OLDEST};
use gitopsc::source::Sources;
use gitopsc::yaml;

/// Reads bytes as a file of manifests and judges what it holds. No input may make this panic, run
/// for long, or find a place outside the text; and what is written again must read the same.
pub(crate) fn judge(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut sources = Sources::default();
    let file = sources.add("fuzz.yaml", &*text);
    let read = yaml::read(file, &text);
    let definitions = Definitions::default();
    let minor = OLDEST + u32::from(data.len() as u8) % (NEWEST - OLDEST + 1);
    let judge = Judge::new(minor, &definitions);
    for node in read.documents.iter().filter_map(|document| document.node.as_ref()) {
        for fault in judge.object(node).faults {
            assert!(fault.span.range().end <= text.len(), "{fault:?}");
            assert!(!fault.message.is_empty(), "{fault:?}");
        }
        let written = yaml::emit(node);
        let again = yaml::read(file, &written);
        let same = again.documents.first().and_then(|document| document.node.as_ref());
        assert_eq!(same.map(yaml::to_json), Some(yaml::to_json(node)), "{written}");
    }
}
