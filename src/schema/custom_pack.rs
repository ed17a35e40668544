//! The embedded definitions of the custom kinds that platform repositories use most.
//!
//! One pack a group, made from the CustomResourceDefinitions of the projects' own releases by
//! `schemas/custom/pack.py` and opened when a kind of the group is first asked for.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use flate2::read::GzDecoder;
use serde_json::Value as Json;

use super::definition::Definition;
use super::structural;

use super::custom_packs::PACKS;

type Kinds = HashMap<Box<str>, Definition>;

/// The definition of a kind.
pub(super) fn definition(group: &str, kind: &str) -> Option<&'static Definition> {
    let index = PACKS.binary_search_by_key(&group, |(group, _)| group).ok()?;
    opened(index).get(kind)
}

/// Group, kind and definition of all that is embedded, in order. Opens every pack.
#[must_use]
pub fn kinds() -> Vec<(&'static str, &'static str, &'static Definition)> {
    let of_pack = |index: usize| {
        let kinds = opened(index).iter();
        kinds.map(move |(kind, definition)| (PACKS[index].0, &**kind, definition))
    };
    let mut kinds: Vec<_> = (0..PACKS.len()).flat_map(of_pack).collect();
    kinds.sort_unstable_by_key(|(group, kind, _)| (*group, *kind));
    kinds
}

fn opened(index: usize) -> &'static Kinds {
    static OPENED: [OnceLock<Kinds>; PACKS.len()] = [const { OnceLock::new() }; PACKS.len()];
    // What is embedded can be read; a test opens every pack.
    OPENED[index].get_or_init(|| open(PACKS[index].1).unwrap_or_default())
}

fn open(compressed: &[u8]) -> Option<Kinds> {
    let mut text = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut text).ok()?;
    let pack: Json = serde_json::from_slice(&text).ok()?;
    let mut shared = Vec::new();
    // Each refers only to those before it.
    for schema in pack.get("shared")?.as_array()? {
        let read = structural::read(schema, &shared);
        shared.push(read);
    }
    let kinds = pack.get("definitions")?.as_array()?.iter().filter_map(|definition| {
        let (release, spec) = (definition.get("release")?.as_str()?, definition.get("spec")?);
        let kind = spec.pointer("/names/kind")?.as_str()?;
        Some((kind.into(), Definition::read(spec, &shared, Some(Arc::from(release)))))
    });
    Some(kinds.collect())
}

#[cfg(test)]
mod tests {
    use super::{PACKS, kinds};

    #[test]
    fn every_pack_opens() {
        assert!(PACKS.is_sorted_by_key(|(group, _)| group));
        let kinds = kinds();
        for (group, _) in PACKS {
            assert!(kinds.iter().any(|(of, ..)| of == group), "{group}");
        }
        for (group, kind, definition) in kinds {
            assert!(definition.versions.iter().any(|version| version.served), "{group}/{kind}");
            for version in &definition.versions {
                let has_schema =
                    !version.schema.properties.is_empty() || version.schema.keeps_unknown;
                assert!(has_schema, "{group}/{kind} {}", version.name);
            }
        }
    }
}
