//! Runs an expression over an object, keeping the path of each value that comes out.
//!
//! Source: `execute.go` and `compiler.go` of gojq. What is worked out has no path, and going on from it,
//! or ending with it, fails as there.

use std::borrow::Cow;

use jaq_core::ops::Cmp;
use jaq_core::path::Part;
use serde_json::Value as Json;

use super::code::Code;
use super::value::{compare, is_true, of, relates, sorted};

/// How many values may come out of the parts of an expression, one after the other: Argo CD gives up
/// after a second.
const MAX_STEPS: usize = 200_000;

/// One step from a value into it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Key(String),
    /// From the beginning; beyond the end, it leads nowhere.
    At(usize),
    Between(usize, usize),
}

/// Why nothing more comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As in gojq.
    Failed,
    /// It is not known here what gojq would do.
    Unknown,
}

/// A value that comes out.
#[derive(Debug, Clone)]
pub(super) struct Out<'v> {
    /// Nothing where it was worked out.
    pub(super) path: Option<Vec<Step>>,
    value: Cow<'v, Json>,
}

type Outs<'v> = Vec<Out<'v>>;

pub(super) struct Run {
    steps: usize,
}

impl<'v> Out<'v> {
    fn made(value: impl Into<Json>) -> Self {
        Self { path: None, value: Cow::Owned(value.into()) }
    }

    /// A value within this one.
    fn child(&self, step: Step, value: Option<Cow<'v, Json>>) -> Self {
        let path = self.path.clone().map(|mut path| {
            path.push(step);
            path
        });
        Self { path, value: value.unwrap_or(Cow::Owned(Json::Null)) }
    }

    fn key(&self, name: &str) -> Result<Self, End> {
        let value = match &self.value {
            Cow::Borrowed(Json::Object(map)) => map.get(name).map(Cow::Borrowed),
            Cow::Owned(Json::Object(map)) => map.get(name).cloned().map(Cow::Owned),
            value if value.is_null() => None,
            _ => return Err(End::Failed),
        };
        Ok(self.child(Step::Key(name.to_owned()), value))
    }

    fn at(&self, number: f64) -> Result<Self, End> {
        let number = number.trunc();
        let count = self.value.as_array().map_or(0, Vec::len);
        let from = if number < 0.0 { number + count as f64 } else { number };
        let at = if from < 0.0 { usize::MAX } else { from as usize };
        let value = match &self.value {
            Cow::Borrowed(Json::Array(items)) => items.get(at).map(Cow::Borrowed),
            Cow::Owned(Json::Array(items)) => items.get(at).cloned().map(Cow::Owned),
            value if value.is_null() => None,
            // A character, which nothing can be taken from.
            value if value.is_string() => return Err(End::Unknown),
            _ => return Err(End::Failed),
        };
        Ok(self.child(Step::At(at), value))
    }

    fn between(&self, from: Option<f64>, to: Option<f64>) -> Result<Self, End> {
        let items = match &*self.value {
            Json::Array(items) => items.as_slice(),
            Json::Null => return Ok(self.child(Step::Between(0, 0), None)),
            Json::String(_) => return Err(End::Unknown),
            _ => return Err(End::Failed),
        };
        let count = items.len();
        let clamp = |number: f64, least: usize| {
            let number = if number < 0.0 { number + count as f64 } else { number };
            (number.max(0.0) as usize).clamp(least, count)
        };
        let start = from.map_or(0, |it| clamp(it.trunc(), 0));
        let end = to.map_or(count, |it| clamp(it.ceil(), start));
        let value = items.get(start..end).unwrap_or_default().to_vec();
        Ok(self.child(Step::Between(start, end), Some(Cow::Owned(Json::Array(value)))))
    }

    fn each(&self) -> Result<Outs<'v>, End> {
        match &*self.value {
            Json::Array(items) => (0..items.len()).map(|at| self.at(at as f64)).collect(),
            Json::Object(map) => sorted(map).into_iter().map(|key| self.key(key)).collect(),
            _ => Err(End::Failed),
        }
    }
}

impl Run {
    /// The paths to what comes out of an expression.
    pub(super) fn paths(code: &Code, object: &Json) -> Result<Vec<Vec<Step>>, End> {
        let input = Out { path: Some(Vec::new()), value: Cow::Borrowed(object) };
        let mut outs = Vec::new();
        Self { steps: 0 }.run(code, &input, &mut outs)?;
        outs.into_iter().map(|out| out.path.ok_or(End::Failed)).collect()
    }

    /// What comes out before it ends, with all of it or with a failure.
    fn run<'v>(&mut self, code: &Code, input: &Out<'v>, outs: &mut Outs<'v>) -> Result<(), End> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(End::Unknown);
        }
        match code {
            Code::Input => outs.push(input.clone()),
            Code::Empty => {}
            Code::Recurse => self.recurse(input, outs)?,
            Code::Constant(value) => outs.push(Out::made(value.clone())),
            Code::List(of) => {
                let items = self.values(of, input)?;
                outs.push(Out::made(items));
            }
            Code::Pipe(left, right) => {
                let (between, end) = self.all(left, input);
                for one in between {
                    self.run(right, &one, outs)?;
                }
                end?;
            }
            Code::Comma(left, right) => {
                self.run(left, input, outs)?;
                self.run(right, input, outs)?;
            }
            Code::Alternative(left, right) => {
                let (mut found, end) = self.all(left, input);
                found.retain(|out| is_true(&out.value));
                // Unlike jq, gojq goes on to the other only where this one does not fail.
                let is_other = found.is_empty();
                outs.append(&mut found);
                end?;
                if is_other {
                    self.run(right, input, outs)?;
                }
            }
            Code::And(left, right) | Code::Or(left, right) => {
                let decided = matches!(code, Code::Or(..));
                for one in self.values(left, input)? {
                    if is_true(&one) == decided {
                        outs.push(Out::made(decided));
                        continue;
                    }
                    let others = self.values(right, input)?;
                    outs.extend(others.iter().map(|it| Out::made(is_true(it))));
                }
            }
            Code::Compare(left, operator, right) => {
                let right = self.values(right, input)?;
                let left = self.values(left, input)?;
                let pairs = right.iter().flat_map(|right| left.iter().map(move |it| (it, right)));
                outs.extend(pairs.map(|(left, right)| Out::made(holds(left, *operator, right))));
            }
            Code::If(condition, then, otherwise) => {
                let (conditions, end) = self.all(condition, input);
                for one in conditions {
                    let next = if is_true(&one.value) { then } else { otherwise };
                    self.run(next, input, outs)?;
                }
                end?;
            }
            Code::Try(tried) => {
                let (mut found, end) = self.all(tried, input);
                outs.append(&mut found);
                end.or_else(pass)?;
            }
            Code::Part(start, part, is_optional) => {
                let (starts, end) = self.all(start, input);
                for one in starts {
                    self.part(&one, part, *is_optional, input, outs)?;
                }
                end?;
            }
            Code::IsEmpty(of) => match self.first(of, input)? {
                Some(_) => outs.push(Out::made(false)),
                None => outs.push(Out::made(true)),
            },
            Code::First(of) => outs.extend(self.first(of, input)?),
            Code::GetPath(paths) => {
                for path in self.values(paths, input)? {
                    let mut reached = input.clone();
                    for step in path.as_array().ok_or(End::Failed)? {
                        reached = match step {
                            Json::String(name) => reached.key(name)?,
                            Json::Number(at) => reached.at(at.as_f64().ok_or(End::Failed)?)?,
                            _ => return Err(End::Unknown),
                        };
                    }
                    outs.push(reached);
                }
            }
            Code::Of(function) => {
                outs.push(Out::made(of(*function, &input.value).ok_or(End::Failed)?));
            }
            Code::With(relation, with) => {
                for with in self.values(with, input)? {
                    let holds = relates(*relation, &input.value, &with);
                    outs.push(Out::made(holds.ok_or(End::Failed)?));
                }
            }
            Code::Test(pattern) => {
                let text = input.value.as_str().ok_or(End::Failed)?;
                let regex = pattern.for_text(text).map_err(|_| End::Unknown)?;
                outs.push(Out::made(regex.is_match(text)));
            }
        }
        Ok(())
    }

    fn all<'v>(&mut self, code: &Code, input: &Out<'v>) -> (Outs<'v>, Result<(), End>) {
        let mut outs = Vec::new();
        let end = self.run(code, input, &mut outs);
        (outs, end)
    }

    fn values(&mut self, code: &Code, input: &Out<'_>) -> Result<Vec<Json>, End> {
        let (outs, end) = self.all(code, input);
        end.map(|()| outs.into_iter().map(|out| out.value.into_owned()).collect())
    }

    /// The first that comes out; what would fail after it never comes to that.
    fn first<'v>(&mut self, code: &Code, input: &Out<'v>) -> Result<Option<Out<'v>>, End> {
        let (outs, end) = self.all(code, input);
        match outs.into_iter().next() {
            Some(first) if end != Err(End::Unknown) => Ok(Some(first)),
            _ => end.map(|()| None),
        }
    }

    fn recurse<'v>(&mut self, input: &Out<'v>, outs: &mut Outs<'v>) -> Result<(), End> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(End::Unknown);
        }
        outs.push(input.clone());
        for one in input.each().unwrap_or_default() {
            self.recurse(&one, outs)?;
        }
        Ok(())
    }

    fn part<'v>(
        &mut self,
        start: &Out<'v>,
        part: &Part<Code>,
        is_optional: bool,
        input: &Out<'v>,
        outs: &mut Outs<'v>,
    ) -> Result<(), End> {
        let passed = |end| if is_optional { pass(end) } else { Err(end) };
        // What was worked out has nothing to take away from.
        match part {
            Part::Range(None, None) => match start.each() {
                Ok(mut each) => outs.append(&mut each),
                Err(end) => passed(end)?,
            },
            Part::Range(from, to) => {
                let mut ends = |end: &Option<Code>| -> Result<Vec<Option<f64>>, End> {
                    let Some(code) = end else { return Ok(vec![None]) };
                    let number = |value: Json| match value {
                        Json::Null => Ok(None),
                        Json::Number(number) => Ok(number.as_f64()),
                        _ => Err(End::Failed),
                    };
                    self.values(code, input)?.into_iter().map(number).collect()
                };
                let (from, to) = (ends(from)?, ends(to)?);
                for (from, to) in to.iter().flat_map(|to| from.iter().map(move |it| (it, to))) {
                    match start.between(*from, *to) {
                        Ok(out) => outs.push(out),
                        Err(end) => passed(end)?,
                    }
                }
            }
            Part::Index(index) => {
                for index in self.values(index, input)? {
                    let found = match &index {
                        Json::String(name) => start.key(name),
                        Json::Number(at) => start.at(at.as_f64().unwrap_or_default()),
                        Json::Array(_) | Json::Object(_) => Err(End::Unknown),
                        _ => Err(End::Failed),
                    };
                    match found {
                        Ok(out) => outs.push(out),
                        Err(end) => passed(end)?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// Goes on after a failure.
fn pass(end: End) -> Result<(), End> {
    match end {
        End::Failed => Ok(()),
        End::Unknown => Err(End::Unknown),
    }
}

fn holds(left: &Json, operator: Cmp, right: &Json) -> bool {
    let order = compare(left, right);
    match operator {
        Cmp::Lt => order.is_lt(),
        Cmp::Le => order.is_le(),
        Cmp::Gt => order.is_gt(),
        Cmp::Ge => order.is_ge(),
        Cmp::Eq => order.is_eq(),
        Cmp::Ne => order.is_ne(),
    }
}
