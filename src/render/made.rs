//! How the value of an expression is made, as far as a template's text says it.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CallType, Expr};
use minijinja::value::Value as JinjaValue;

use super::analysis::{FragmentCall, Walk};

/// How large what is known of one value may grow: a name that is set from itself doubles it.
const LARGEST: usize = 256;

/// How a value is made. Local names are replaced by what they stand for.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) how: How,
    size: usize,
}

#[derive(Debug)]
pub(super) enum How {
    /// Written in the template.
    Constant(JinjaValue),
    /// Found under a name that the template was given; read long ago where that is `bound` to a
    /// local name.
    Given {
        name: String,
        steps: Vec<Step>,
        bound: bool,
    },
    /// Found in a value.
    In {
        base: Arc<Made>,
        step: Step,
    },
    /// What a loop binds. `round` is the loop whose rounds count the items, `entry` says that the
    /// items are the values of a map.
    Item {
        of: Arc<Made>,
        round: Option<usize>,
        entry: bool,
    },
    /// One of these, as some condition decides.
    OneOf(Vec<Arc<Made>>),
    /// The first, or the second where that is not defined.
    Default(Box<[Arc<Made>; 2]>),
    /// Text, a number or anything else for which all of these were used.
    From(Vec<Arc<Made>>),
    List(Vec<Arc<Made>>),
    Map(BTreeMap<String, Arc<Made>>),
    /// What a fragment gives, or a part of it: it knows its places itself.
    Fragment,
    Unknown,
}

/// One name or number of a path.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

impl Step {
    /// A subscript that is written out.
    fn new(subscript: &Made) -> Option<Self> {
        let How::Constant(value) = &subscript.how else { return None };
        let name = value.as_str().map(|name| Self::Name(name.to_owned()));
        name.or_else(|| value.is_integer().then(|| value.as_usize().map(Self::Index))?)
    }
}

impl Made {
    pub(super) fn new(how: How) -> Arc<Self> {
        let sum = |parts: &[Arc<Self>]| parts.iter().map(|part| part.size).sum::<usize>();
        let size = 1 + match &how {
            How::Constant(_) | How::Fragment | How::Unknown => 0,
            How::Given { steps, .. } => steps.len(),
            How::In { base: of, .. } | How::Item { of, .. } => of.size,
            How::OneOf(parts) | How::From(parts) | How::List(parts) => sum(parts),
            How::Default(both) => sum(&**both),
            How::Map(fields) => fields.values().map(|part| part.size).sum(),
        };
        match size {
            ..=LARGEST => Arc::new(Self { how, size }),
            _ => Self::unknown(),
        }
    }

    pub(super) fn given(name: &str) -> How {
        How::Given { name: name.to_owned(), steps: Vec::new(), bound: false }
    }

    pub(super) fn unknown() -> Arc<Self> {
        Arc::new(Self { how: How::Unknown, size: 1 })
    }

    /// The value as a local name holds it.
    pub(super) fn bound(self: Arc<Self>) -> Arc<Self> {
        match &self.how {
            How::Given { name, steps, bound: false } => {
                let (name, steps) = (name.clone(), steps.clone());
                Self::new(How::Given { name, steps, bound: true })
            }
            _ => self,
        }
    }

    /// What is found in this value.
    fn step(self: &Arc<Self>, step: Step) -> Arc<Self> {
        let found = match (&self.how, step) {
            (How::Given { name, steps, bound }, step) => {
                let steps = steps.iter().cloned().chain([step]).collect();
                How::Given { name: name.clone(), steps, bound: *bound }
            }
            (How::Map(fields), Step::Name(name)) => {
                return fields.get(&name).cloned().unwrap_or_else(Self::unknown);
            }
            (How::List(items), Step::Index(index)) => {
                return items.get(index).cloned().unwrap_or_else(Self::unknown);
            }
            (How::Fragment, _) => How::Fragment,
            (How::In { .. } | How::Item { .. } | How::OneOf(_) | How::Default(_), step) => {
                How::In { base: Arc::clone(self), step }
            }
            _ => How::Unknown,
        };
        Self::new(found)
    }
}

impl Walk<'_> {
    pub(super) fn expression(&mut self, expression: &Expr<'_>) -> Arc<Made> {
        let how = match expression {
            Expr::Var(name) => match self.names.get(name.id) {
                Some(made) => return Arc::clone(made),
                None => Made::given(name.id),
            },
            Expr::Const(constant) => How::Constant(constant.value.clone()),
            Expr::GetAttr(get) => {
                return self.expression(&get.expr).step(Step::Name(get.name.to_owned()));
            }
            Expr::GetItem(get) => {
                let base = self.expression(&get.expr);
                let subscript = self.expression(&get.subscript_expr);
                return Step::new(&subscript).map_or_else(Made::unknown, |step| base.step(step));
            }
            Expr::Slice(slice) => How::From(vec![self.expression(&slice.expr)]),
            Expr::UnaryOp(operation) => How::From(vec![self.expression(&operation.expr)]),
            Expr::BinOp(operation) => {
                let both =
                    vec![self.expression(&operation.left), self.expression(&operation.right)];
                match operation.op {
                    BinOpKind::ScAnd | BinOpKind::ScOr => How::OneOf(both),
                    _ => How::From(both),
                }
            }
            Expr::Compare(compare) => {
                let mut parts = vec![self.expression(&compare.expr)];
                parts.extend(compare.ops.iter().map(|op| self.expression(&op.expr)));
                How::From(parts)
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                let mut choices = vec![self.expression(&choice.true_expr)];
                choices.extend(choice.false_expr.as_ref().map(|other| self.expression(other)));
                How::OneOf(choices)
            }
            Expr::Filter(filter) => {
                let mut parts: Vec<_> =
                    filter.expr.iter().map(|inner| self.expression(inner)).collect();
                parts.extend(self.arguments(&filter.args));
                match (filter.name, &parts[..]) {
                    ("default" | "d", [value, other]) => {
                        How::Default(Box::new([Arc::clone(value), Arc::clone(other)]))
                    }
                    ("default" | "d", _) => How::OneOf(parts),
                    _ => How::From(parts),
                }
            }
            Expr::Test(test) => {
                let mut parts = vec![self.expression(&test.expr)];
                parts.extend(self.arguments(&test.args));
                How::From(parts)
            }
            Expr::Call(call) => return self.call(call),
            Expr::List(list) => How::List(self.all(&list.items)),
            Expr::Tuple(tuple) => How::List(self.all(&tuple.items)),
            Expr::Map(map) => {
                let keys: Option<Vec<String>> = map.keys.iter().map(text).collect();
                let values = self.all(&map.values);
                match keys {
                    Some(keys) => How::Map(keys.into_iter().zip(values).collect()),
                    None => How::From(values.into_iter().chain(self.all(&map.keys)).collect()),
                }
            }
        };
        Made::new(how)
    }

    fn all(&mut self, expressions: &[Expr<'_>]) -> Vec<Arc<Made>> {
        expressions.iter().map(|one| self.expression(one)).collect()
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) -> Vec<Arc<Made>> {
        let expression = |argument: &CallArg<'_>| match argument {
            CallArg::Pos(one) | CallArg::Kwarg(_, one) => self.expression(one),
            CallArg::PosSplat(one) | CallArg::KwargSplat(one) => self.expression(one),
        };
        arguments.iter().map(expression).collect()
    }

    pub(super) fn call(&mut self, call: &Call<'_>) -> Arc<Made> {
        let mut parts = self.arguments(&call.args);
        match call.identify_call() {
            CallType::Function("fragment") => {
                self.fragment(call, &parts);
                return Made::new(How::Fragment);
            }
            // What it holds is set later.
            CallType::Function("namespace") => return Made::unknown(),
            CallType::Function(_) | CallType::Block(_) => {}
            CallType::Method(of, _) | CallType::Object(of) => parts.push(self.expression(of)),
        }
        Made::new(How::From(parts))
    }

    fn fragment(&mut self, call: &Call<'_>, made: &[Arc<Made>]) {
        let fragment = match call.args.first() {
            Some(CallArg::Pos(name)) => text(name),
            _ => None,
        };
        let mut arguments = Some(BTreeMap::new());
        for (argument, made) in call.args.iter().zip(made) {
            match (argument, &mut arguments) {
                (CallArg::Kwarg(name, _), Some(arguments)) => {
                    arguments.insert((*name).to_owned(), Arc::clone(made));
                }
                (CallArg::PosSplat(_) | CallArg::KwargSplat(_), _) => arguments = None,
                _ => {}
            }
        }
        self.table.calls.push(FragmentCall { fragment, arguments, around: self.around });
    }
}

fn text(expression: &Expr<'_>) -> Option<String> {
    match expression {
        Expr::Const(constant) => constant.value.as_str().map(str::to_owned),
        _ => None,
    }
}
