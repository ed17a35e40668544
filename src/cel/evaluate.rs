//! Evaluates compiled expressions, errors included, as cel-go's interpreter does.

use std::rc::Rc;

use super::code::{Code, Literal, Loop, LoopKind, Search, Select};
use super::compare::equal;
use super::library::{at_index, sorted_by};
use super::regexp::Pattern;
use super::value::{Evaluated, Failure, Map, Text, Value};

/// How many steps an expression may take. The server bounds their cost at much the same.
const STEPS: u32 = 5_000_000;

/// One evaluation.
pub(crate) struct Machine<'a, 'v> {
    variables: &'v [Option<Value<'a>>],
    locals: Vec<Value<'a>>,
    steps: u32,
}

impl<'a, 'v> Machine<'a, 'v> {
    pub(crate) fn new(variables: &'v [Option<Value<'a>>]) -> Self {
        Self { variables, locals: Vec::new(), steps: 0 }
    }

    pub(crate) fn evaluate(&mut self, code: &'a Code) -> Evaluated<'a> {
        self.steps += 1;
        if self.steps > STEPS {
            return Err(Failure::unknown("too many steps"));
        }
        match code {
            Code::Literal(literal) => Ok(self::literal(literal)),
            Code::Variable(at) => match self.variables.get(*at) {
                Some(Some(value)) => Ok(value.clone()),
                _ => Err(Failure::unknown("a variable without a value")),
            },
            Code::Local(at) => {
                self.locals.get(*at).cloned().ok_or_else(|| Failure::unknown("a lost variable"))
            }
            Code::TypeName(name) => Ok(Value::Type(name)),
            Code::Select(select) => self.select(select),
            Code::Has(select) => self.has(select),
            Code::Index { operand, index, optional } => self.index(operand, index, *optional),
            Code::And(pair) => self.logic(pair, false),
            Code::Or(pair) => self.logic(pair, true),
            Code::Choice(choice) => match self.evaluate(&choice.0)? {
                Value::Bool(true) => self.evaluate(&choice.1),
                Value::Bool(false) => self.evaluate(&choice.2),
                other => Err(no_bool(&other)),
            },
            Code::Call { run, arguments } => run(&self.arguments(arguments)?),
            Code::Search { pattern, search: kind, arguments } => {
                let arguments = self.arguments(arguments)?;
                search(pattern, *kind, &arguments)
            }
            Code::List(elements) => self.list(elements),
            Code::Map(entries) => self.map(entries),
            Code::Loop(turns) => self.turns(turns),
            Code::OptMap { target, body, flat } => match self.evaluate(target)? {
                Value::Optional(None) => Ok(Value::Optional(None)),
                Value::Optional(Some(value)) => {
                    let result = self.with(vec![(*value).clone()], body)?;
                    Ok(if *flat { result } else { Value::some(result) })
                }
                _ => Err(Failure::overload()),
            },
            Code::SortBy { list, key } => {
                let Value::List(list) = self.evaluate(list)? else {
                    return Err(Failure::overload());
                };
                let mut pairs = Vec::new();
                for value in list.all()? {
                    pairs.push((self.with(vec![value.clone()], key)?, value));
                }
                sorted_by(pairs)
            }
            Code::Unsupported(what) => Err(Failure::unknown(format!("the function `{what}`"))),
        }
    }

    fn with(&mut self, values: Vec<Value<'a>>, body: &'a Code) -> Evaluated<'a> {
        let before = self.locals.len();
        self.locals.extend(values);
        let result = self.evaluate(body);
        self.locals.truncate(before);
        result
    }

    fn arguments(&mut self, codes: &'a [Code]) -> Result<Vec<Value<'a>>, Failure> {
        let values = codes.iter().map(|code| self.evaluate(code)).collect::<Result<Vec<_>, _>>()?;
        match values.iter().find_map(|value| match value {
            Value::Opaque(reason) => Some(*reason),
            _ => None,
        }) {
            Some(reason) => Err(Failure::unknown(reason)),
            None => Ok(values),
        }
    }

    /// `&&` where the answer settles it at `false`, `||` where it does at `true`: on either side,
    /// whatever is wrong with the other.
    fn logic(&mut self, pair: &'a (Code, Code), settles: bool) -> Evaluated<'a> {
        let left = self.truth(&pair.0);
        if left == Ok(settles) {
            return Ok(Value::Bool(settles));
        }
        let right = self.truth(&pair.1);
        if right == Ok(settles) {
            return Ok(Value::Bool(settles));
        }
        match (left, right) {
            (Ok(_), Ok(_)) => Ok(Value::Bool(!settles)),
            (Err(Failure::Unknown(reason)), _) | (_, Err(Failure::Unknown(reason))) => {
                Err(Failure::Unknown(reason))
            }
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        }
    }

    fn truth(&mut self, code: &'a Code) -> Result<bool, Failure> {
        match self.evaluate(code)? {
            Value::Bool(value) => Ok(value),
            other => Err(no_bool(&other)),
        }
    }

    fn select(&mut self, select: &'a Select) -> Evaluated<'a> {
        let operand = self.evaluate(&select.operand)?;
        let (found, wrapped) = match &operand {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(inner)) => (field(inner, &select.field)?, true),
            other => (field(other, &select.field)?, select.optional),
        };
        match found {
            Some(value) if wrapped => Ok(Value::some(value)),
            None if wrapped => Ok(Value::Optional(None)),
            Some(value) => Ok(value),
            None => Err(Failure::error(format!("no such key: {}", select.field))),
        }
    }

    fn has(&mut self, select: &'a Select) -> Evaluated<'a> {
        let operand = self.evaluate(&select.operand)?;
        let found = match &operand {
            Value::Optional(None) => None,
            Value::Optional(Some(inner)) => field(inner, &select.field)?,
            other => field(other, &select.field)?,
        };
        Ok(Value::Bool(found.is_some()))
    }

    fn index(&mut self, operand: &'a Code, index: &'a Code, optional: bool) -> Evaluated<'a> {
        let operand = self.evaluate(operand)?;
        let index = self.evaluate(index)?;
        let (found, wrapped) = match &operand {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(inner)) => (at_index(inner, &index), true),
            other => (at_index(other, &index), optional),
        };
        match found? {
            Some(value) if wrapped => Ok(Value::some(value)),
            None if wrapped => Ok(Value::Optional(None)),
            Some(value) => Ok(value),
            None => Err(Failure::error(match index {
                Value::Int(index) => format!("index out of bounds: {index}"),
                Value::String(key) => format!("no such key: {}", &*key),
                _ => "no such key".to_owned(),
            })),
        }
    }

    fn list(&mut self, elements: &'a [(Code, bool)]) -> Evaluated<'a> {
        let mut items = Vec::with_capacity(elements.len());
        for (code, optional) in elements {
            match (self.evaluate(code)?, optional) {
                (Value::Optional(None), true) => {}
                (Value::Optional(Some(value)), true) => items.push((*value).clone()),
                (_, true) => return Err(Failure::unknown("an optional element that is none")),
                (value, false) => items.push(value),
            }
        }
        Ok(Value::list(items))
    }

    fn map(&mut self, entries: &'a [(Code, Code, bool)]) -> Evaluated<'a> {
        let mut made = Vec::with_capacity(entries.len());
        for (key, value, optional) in entries {
            let key = self.evaluate(key)?;
            let value = match (self.evaluate(value)?, optional) {
                (Value::Optional(None), true) => continue,
                (Value::Optional(Some(value)), true) => (*value).clone(),
                (_, true) => return Err(Failure::unknown("an optional entry that is none")),
                (value, false) => value,
            };
            if find(&made, &key)?.is_some() {
                // Which of them counts is not looked into.
                return Err(Failure::unknown("a map with the same key twice"));
            }
            made.push((key, value));
        }
        Ok(Value::Map(Map::made(made)))
    }

    fn turns(&mut self, turns: &'a Loop) -> Evaluated<'a> {
        let rounds = self.rounds(turns)?;
        match turns.kind {
            LoopKind::All => self.quantify(turns, rounds, false),
            LoopKind::Exists => self.quantify(turns, rounds, true),
            LoopKind::ExistsOne => {
                let mut count = 0;
                let mut failure = None;
                for values in rounds {
                    let found = self.with(values?, &turns.body);
                    match (found, &failure) {
                        (Ok(Value::Bool(found)), None) => count += u32::from(found),
                        (Ok(other), None) => failure = Some(no_bool(&other)),
                        (Err(wrong), None) => failure = Some(wrong),
                        _ => {}
                    }
                }
                failure.map_or(Ok(Value::Bool(count == 1)), Err)
            }
            LoopKind::List => {
                let mut items = Vec::new();
                for values in rounds {
                    if let Some(item) = self.turn(turns, values?)?.1 {
                        items.push(item);
                    }
                }
                Ok(Value::list(items))
            }
            LoopKind::Map | LoopKind::MapEntry => {
                let mut entries = Vec::new();
                for values in rounds {
                    let (key, Some(value)) = self.turn(turns, values?)? else { continue };
                    let more = match value {
                        value if turns.kind == LoopKind::Map => vec![(key, value)],
                        Value::Map(map) => map.entries()?,
                        _ => return Err(Failure::overload()),
                    };
                    for (key, value) in more {
                        if find(&entries, &key)?.is_some() {
                            return Err(Failure::error("insert failed: key already exists"));
                        }
                        entries.push((key, value));
                    }
                }
                Ok(Value::Map(Map::made(entries)))
            }
        }
    }

    /// The variables of each turn.
    fn rounds(&mut self, turns: &'a Loop) -> Result<Vec<Result<Vec<Value<'a>>, Failure>>, Failure> {
        let two = turns.two;
        Ok(match self.evaluate(&turns.range)? {
            Value::List(list) => list
                .values()
                .enumerate()
                .map(|(index, value)| {
                    Ok(if two { vec![Value::size(index), value?] } else { vec![value?] })
                })
                .collect(),
            Value::Map(map) if two => {
                map.entries()?.into_iter().map(|(key, value)| Ok(vec![key, value])).collect()
            }
            Value::Map(map) => map.keys().into_iter().map(|key| Ok(vec![key])).collect(),
            Value::Opaque(reason) => return Err(Failure::unknown(reason)),
            _ => return Err(Failure::overload()),
        })
    }

    /// The first variable of a turn, and what the body gives unless it is filtered out.
    fn turn(
        &mut self,
        turns: &'a Loop,
        values: Vec<Value<'a>>,
    ) -> Result<(Value<'a>, Option<Value<'a>>), Failure> {
        let first = values.first().cloned().unwrap_or(Value::Null);
        if let Some(filter) = &turns.filter {
            match self.with(values.clone(), filter)? {
                Value::Bool(true) => {}
                Value::Bool(false) => return Ok((first, None)),
                other => return Err(no_bool(&other)),
            }
        }
        let value = self.with(values, &turns.body)?;
        Ok((first, Some(value)))
    }

    fn quantify(
        &mut self,
        turns: &'a Loop,
        rounds: Vec<Result<Vec<Value<'a>>, Failure>>,
        settles: bool,
    ) -> Evaluated<'a> {
        let mut failure: Option<Failure> = None;
        for values in rounds {
            match values.and_then(|values| self.with(values, &turns.body)) {
                Ok(Value::Bool(found)) if found == settles => return Ok(Value::Bool(settles)),
                Ok(Value::Bool(_)) => {}
                wrong => {
                    let wrong = wrong.map_or_else(|wrong| wrong, |other| no_bool(&other));
                    match (&failure, &wrong) {
                        (None, _) | (Some(Failure::Error(_)), Failure::Unknown(_)) => {
                            failure = Some(wrong);
                        }
                        _ => {}
                    }
                }
            }
        }
        failure.map_or(Ok(Value::Bool(!settles)), Err)
    }
}

fn no_bool(value: &Value<'_>) -> Failure {
    match value {
        Value::Opaque(reason) => Failure::unknown(*reason),
        _ => Failure::overload(),
    }
}

/// The value of a field, where the value has it.
fn field<'a>(operand: &Value<'a>, field: &str) -> Result<Option<Value<'a>>, Failure> {
    match operand {
        Value::Map(map) => map.field(field),
        Value::Opaque(reason) => Err(Failure::unknown(*reason)),
        _ => Err(Failure::error("no such overload")),
    }
}

fn find<'a, 'e>(
    entries: &'e [(Value<'a>, Value<'a>)],
    key: &Value<'a>,
) -> Result<Option<&'e Value<'a>>, Failure> {
    for (known, value) in entries {
        if equal(known, key)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// `text.matches(pattern)`, `text.find(pattern)`, `text.findAll(pattern, most)`
pub(crate) fn search<'a>(
    pattern: &Pattern,
    search: Search,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let Some(Value::String(text)) = arguments.first() else { return Err(Failure::overload()) };
    let regex = pattern.for_text(text)?;
    Ok(match search {
        Search::Matches => Value::Bool(regex.is_match(text)),
        Search::Find => Value::text(regex.find(text).map_or("", |found| found.as_str())),
        Search::FindAll => {
            let most = match arguments.get(2) {
                None => usize::MAX,
                Some(Value::Int(most)) => usize::try_from(*most).unwrap_or(usize::MAX),
                Some(_) => return Err(Failure::overload()),
            };
            let found = regex.find_iter(text).take(most).map(|found| Value::text(found.as_str()));
            Value::list(found.collect())
        }
    })
}

fn literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::String(value) => Value::String(Text::Borrowed(value)),
        Literal::Bytes(value) => Value::Bytes(Rc::from(&**value)),
    }
}

/// A literal on its own.
pub(crate) fn constant(code: &Code) -> Option<Value<'_>> {
    match code {
        Code::Literal(literal) => Some(self::literal(literal)),
        _ => None,
    }
}
