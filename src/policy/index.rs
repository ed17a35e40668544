//! The objects of a run, to be found by name and by place.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::object::Object;
use crate::diagnostic::Finding;
use crate::source::FileId;

/// A byte of a file.
type Place = (FileId, u32);

/// Objects by name and by place. They are told by their number.
#[derive(Debug)]
pub(super) struct Index<'o> {
    objects: &'o [Object],
    by_name: HashMap<(&'o str, Option<&'o str>), Vec<usize>>,
    /// By the first byte of the whole object.
    by_start: BTreeMap<Place, Vec<usize>>,
    /// By the place of the kind, in order.
    by_kind: Vec<(Place, usize)>,
    /// What objects of environments were made from, in order.
    by_part: Vec<(Place, usize)>,
}

impl<'o> Index<'o> {
    pub(super) fn new(objects: &'o [Object]) -> Self {
        let mut index = Self {
            objects,
            by_name: HashMap::new(),
            by_start: BTreeMap::new(),
            by_kind: Vec::new(),
            by_part: Vec::new(),
        };
        for (number, object) in objects.iter().enumerate() {
            let name = (object.name(), object.environment());
            index.by_name.entry(name).or_default().push(number);
            let (whole, kind) = (object.whole(), object.start());
            index.by_start.entry((whole.file, whole.start)).or_default().push(number);
            index.by_kind.push(((kind.file, kind.start), number));
            if object.environment().is_some() {
                index.by_part.extend(object.places().map(|place| (place, number)));
            }
        }
        index.by_kind.sort_unstable();
        index.by_part.sort_unstable();
        index
    }

    pub(super) fn objects(&self) -> &'o [Object] {
        self.objects
    }

    /// The objects that a finding is about.
    pub(super) fn about(&self, finding: &Finding) -> Vec<usize> {
        let Some(name) = finding.object.as_deref() else { return Vec::new() };
        let of = |environment| self.by_name.get(&(name, environment)).into_iter().flatten();
        if !finding.environments.is_empty() {
            return finding.environments.iter().flat_map(|one| of(Some(&**one))).copied().collect();
        }
        let Some(label) = finding.labels.first() else { return of(None).copied().collect() };
        let place = (label.span.file, label.span.start);
        let nearest = self.by_start.range(..=place).next_back();
        let near = nearest.into_iter().flat_map(|(_, numbers)| numbers);
        near.filter(|&&number| self.objects[number].holds(name, label.span)).copied().collect()
    }

    /// The objects that have something of a line. A line that no object has was not rendered.
    pub(super) fn on_line(&self, file: FileId, line: &Range<usize>) -> Vec<usize> {
        let (start, end) = ((file, offset(line.start)), (file, offset(line.end)));
        let mut found: Vec<usize> = between(&self.by_part, start, end).collect();
        // Objects of files lie behind each other.
        let before = self.by_start.range((file, 0)..end).rev();
        let overlap = before.map(|(_, numbers)| numbers).take_while(|numbers| {
            numbers.iter().any(|&number| self.objects[number].whole().end > start.1)
        });
        let of_files = overlap.flatten().filter(|&&n| self.objects[n].environment().is_none());
        found.extend(of_files);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The objects that begin in a part of a file.
    pub(super) fn inside(&self, file: FileId, part: &Range<usize>) -> Vec<usize> {
        between(&self.by_kind, (file, offset(part.start)), (file, offset(part.end))).collect()
    }

    /// The objects whose first byte this is.
    pub(super) fn at(&self, file: FileId, start: usize) -> Vec<usize> {
        self.by_start.get(&(file, offset(start))).cloned().unwrap_or_default()
    }
}

fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn between(
    ordered: &[(Place, usize)],
    start: Place,
    end: Place,
) -> impl Iterator<Item = usize> + '_ {
    let from = ordered.partition_point(|(place, _)| *place < start);
    ordered[from..].iter().take_while(move |(place, _)| *place < end).map(|(_, number)| *number)
}
