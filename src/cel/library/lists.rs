//! Lists: `k8s.io/apiserver/pkg/cel/library/lists.go`, cel-go's `ext/lists.go` and `ext/sets.go`.

use std::cmp::Ordering;

use super::Function;
use super::operators::add;
use crate::cel::compare::{equal, order};
use crate::cel::kind::Kind;
use crate::cel::value::{Evaluated, Failure, List, Value};

/// How many items `lists.range` makes at most here.
const MOST: i64 = 100_000;

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("size", 1) => size,
        ("isSorted", 1) => |v| {
            let items = items(v)?;
            for pair in items.windows(2) {
                if let [one, other] = pair
                    && order(one, other)?.is_gt()
                {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        },
        ("sum", 1) => |v| sum(v, None),
        ("min", 1) => |v| extreme(v, Ordering::is_gt, "min"),
        ("max", 1) => |v| extreme(v, Ordering::is_lt, "max"),
        ("sets.contains", 2) => |v| sets(v, |ours, theirs| holds_all(ours, theirs)),
        ("sets.equivalent", 2) => {
            |v| sets(v, |ours, theirs| Ok(holds_all(ours, theirs)? && holds_all(theirs, ours)?))
        }
        ("sets.intersects", 2) => |v| {
            sets(v, |ours, theirs| {
                for item in ours.values() {
                    if contains(theirs, &item?)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
        },
        ("lists.range", 1) => |v| match v {
            [Value::Int(count)] if *count <= MOST => {
                Ok(Value::list((0..*count).map(Value::Int).collect()))
            }
            _ => Err(Failure::unknown("a long range")),
        },
        ("slice", 3) => slice,
        ("distinct", 1) => |v| {
            let mut kept: Vec<Value<'_>> = Vec::new();
            'items: for item in items(v)? {
                for other in &kept {
                    if equal(&item, other)? {
                        continue 'items;
                    }
                }
                kept.push(item);
            }
            Ok(Value::list(kept))
        },
        ("flatten", 1 | 2) => |v| {
            let depth = match v.get(1) {
                None => 1,
                Some(Value::Int(depth)) if *depth < 0 => {
                    return Err(Failure::error("level must be non-negative"));
                }
                Some(Value::Int(depth)) => *depth,
                Some(_) => return Err(Failure::overload()),
            };
            let mut flat = Vec::new();
            flatten(items(v)?, depth, &mut flat)?;
            Ok(Value::list(flat))
        },
        ("sort", 1) => {
            |v| sorted_by(items(v)?.into_iter().map(|item| (item.clone(), item)).collect())
        }
        ("first", 1) => |v| Ok(Value::Optional(items(v)?.into_iter().next().map(Into::into))),
        ("last", 1) => |v| Ok(Value::Optional(items(v)?.pop().map(Into::into))),
        _ => return None,
    })
}

fn items<'a>(values: &[Value<'a>]) -> Result<Vec<Value<'a>>, Failure> {
    match values.first() {
        Some(Value::List(list)) => list.all(),
        _ => Err(Failure::overload()),
    }
}

/// The sum of a list of items of a type, which the sum of none follows.
pub(crate) fn sum_of(kind: &Kind) -> Option<Function> {
    match kind {
        Kind::Int => Some(|v| sum(v, Some(Value::Int(0)))),
        Kind::Uint => Some(|v| sum(v, Some(Value::Uint(0)))),
        Kind::Double => Some(|v| sum(v, Some(Value::Double(0.0)))),
        Kind::Duration => Some(|v| sum(v, Some(Value::Duration(0)))),
        _ => None,
    }
}

fn sum<'a>(values: &[Value<'a>], zero: Option<Value<'a>>) -> Evaluated<'a> {
    let zero = zero.ok_or_else(|| Failure::unknown("the sum of a list whose type is open"))?;
    items(values)?.into_iter().try_fold(zero, |sum, item| add(&[sum, item]))
}

fn size<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    match values {
        [Value::String(text)] => Ok(Value::size(text.chars().count())),
        [Value::Bytes(bytes)] => Ok(Value::size(bytes.len())),
        [Value::List(list)] => Ok(Value::size(list.len())),
        [Value::Map(map)] => Ok(Value::size(map.len())),
        _ => Err(Failure::overload()),
    }
}

fn extreme<'a>(values: &[Value<'a>], gives_way: fn(Ordering) -> bool, name: &str) -> Evaluated<'a> {
    let mut items = items(values)?.into_iter();
    let first = items.next();
    let mut best = first.ok_or_else(|| Failure::error(format!("{name} called on empty list")))?;
    for item in items {
        if gives_way(order(&best, &item)?) {
            best = item;
        }
    }
    Ok(best)
}

/// `item in list`; an item that cannot be compared matters only where no other is the one.
pub(super) fn contains<'a>(list: &List<'a>, item: &Value<'a>) -> Result<bool, Failure> {
    let mut failure = None;
    for other in list.values() {
        match other.and_then(|other| equal(&other, item)) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(wrong) => failure = Some(wrong),
        }
    }
    failure.map_or(Ok(false), Err)
}

fn sets<'a>(
    values: &[Value<'a>],
    holds: fn(&List<'a>, &List<'a>) -> Result<bool, Failure>,
) -> Evaluated<'a> {
    match values {
        [Value::List(ours), Value::List(theirs)] => holds(ours, theirs).map(Value::Bool),
        _ => Err(Failure::overload()),
    }
}

fn holds_all<'a>(ours: &List<'a>, theirs: &List<'a>) -> Result<bool, Failure> {
    for item in theirs.values() {
        if !contains(ours, &item?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn slice<'a>(values: &[Value<'a>]) -> Evaluated<'a> {
    let [Value::List(list), Value::Int(start), Value::Int(end)] = values else {
        return Err(Failure::overload());
    };
    let (from, to) = (usize::try_from(*start), usize::try_from(*end));
    match (from, to) {
        (Ok(from), Ok(to)) if from <= to && to <= list.len() => {
            let items = (from..to).filter_map(|index| list.get(index));
            Ok(Value::list(items.collect::<Result<_, _>>()?))
        }
        _ => Err(Failure::error(format!("cannot slice({start}, {end})"))),
    }
}

fn flatten<'a>(
    items: Vec<Value<'a>>,
    depth: i64,
    flat: &mut Vec<Value<'a>>,
) -> Result<(), Failure> {
    for item in items {
        match item {
            Value::List(list) if depth > 0 => flatten(list.all()?, depth - 1, flat)?,
            other => flat.push(other),
        }
    }
    Ok(())
}

/// Values in the order of their keys. Go's sort does not keep equal ones in place, so where those
/// end up is unknown.
pub(crate) fn sorted_by<'a>(mut pairs: Vec<(Value<'a>, Value<'a>)>) -> Evaluated<'a> {
    let mut failure = None;
    pairs.sort_by(|(one, _), (other, _)| {
        order(one, other).unwrap_or_else(|wrong| {
            failure = Some(wrong);
            Ordering::Equal
        })
    });
    if let Some(wrong) = failure {
        return Err(wrong);
    }
    for pair in pairs.windows(2) {
        if let [(one, ours), (other, theirs)] = pair
            && equal(one, other)?
            && !equal(ours, theirs)?
        {
            return Err(Failure::unknown("the order of items whose keys are the same"));
        }
    }
    Ok(Value::list(pairs.into_iter().map(|(_, value)| value).collect()))
}

/// `value[index]`, where there is such an index.
pub(crate) fn at_index<'a>(
    value: &Value<'a>,
    index: &Value<'a>,
) -> Result<Option<Value<'a>>, Failure> {
    match (value, index) {
        (Value::Opaque(reason), _) | (_, Value::Opaque(reason)) => Err(Failure::unknown(*reason)),
        (Value::List(list), Value::Int(index)) => match usize::try_from(*index) {
            Ok(index) => list.get(index).transpose(),
            Err(_) => Ok(None),
        },
        (Value::List(_), Value::Uint(_) | Value::Double(_)) => {
            Err(Failure::unknown("an index that is no int"))
        }
        (Value::Map(map), key) => map.get(key),
        _ => Err(Failure::overload()),
    }
}
