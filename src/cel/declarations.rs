//! The functions and types that every expression knows.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::kind::Kind;

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Overload {
    /// Whether it is called on a value: `value.name(…)`.
    pub(crate) member: bool,
    /// The result, then the arguments; first the value that it is called on.
    pub(crate) signature: Vec<Kind>,
}

#[derive(Debug, Default)]
struct Declarations {
    functions: HashMap<&'static str, Vec<Overload>>,
    types: HashMap<&'static str, Kind>,
}

static KNOWN: LazyLock<Declarations> = LazyLock::new(|| {
    let mut known = Declarations::default();
    for line in include_str!("declarations.txt").lines() {
        let Some((left, result)) = line.split_once(" -> ") else { continue };
        // Commas join the parameters of a type, so a blank after one does not part arguments.
        let left = left.replace(", ", ",");
        let Some((name, left)) = line
            .split_once(' ')
            .and_then(|(name, _)| Some((name, left.get(name.len() + 1..)?.to_owned())))
        else {
            continue;
        };
        let mut words = left.split_whitespace();
        let Some(style) = words.next() else { continue };
        let Some(result) = Kind::parse(result) else { continue };
        if style == "variable" {
            known.types.insert(name, result);
            continue;
        }
        let Some(arguments) = words.map(Kind::parse).collect::<Option<Vec<_>>>() else { continue };
        let signature = std::iter::once(result).chain(arguments).collect();
        let overload = Overload { member: style == "member", signature };
        known.functions.entry(name).or_default().push(overload);
    }
    for name in ["net.IP", "net.CIDR", "optional_type"] {
        known.types.insert(name, Kind::Type(Some(Kind::opaque(name).into())));
    }
    known
});

/// The ways to call a function; nothing where there is none of that name.
pub(crate) fn function(name: &str) -> Option<(&'static str, &'static [Overload])> {
    KNOWN.functions.get_key_value(name).map(|(name, overloads)| (*name, overloads.as_slice()))
}

/// The type of a name that stands for a type.
pub(crate) fn type_name(name: &str) -> Option<(&'static str, &'static Kind)> {
    KNOWN.types.get_key_value(name).map(|(name, kind)| (*name, kind))
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn the_whole_table_is_read() {
        let lines = include_str!("declarations.txt").lines().filter(|line| !line.starts_with('#'));
        let overloads: usize = KNOWN.functions.values().map(Vec::len).sum();
        // Three types are written down here.
        assert_eq!(overloads + KNOWN.types.len(), lines.count() + 3);
    }
}
