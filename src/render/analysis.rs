//! What the syntax tree of a template says about how its values are made.
//!
//! The engine tells nobody where the value of a local name was made, and a value that is equal is
//! not the same one: two ports may both be 8080. The tree says which expression a name stands for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::ast::{Expr, ForLoop, Stmt};
use minijinja::machinery::{Span as JinjaSpan, parse};
use minijinja::syntax::SyntaxConfig;

use super::made::{How, Made};

/// What a template writes, and which fragments it asks for.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// In the order of the text.
    pub(super) emissions: Vec<Emission>,
    pub(super) calls: Vec<FragmentCall>,
    /// The bodies of loops; a loop is known by its index here.
    loops: Vec<Range<usize>>,
    /// Every name that the template binds itself.
    pub(super) bound: BTreeSet<String>,
    /// It includes or extends others, which share its names and write between its text.
    pub(super) mixes: bool,
}

/// A place that writes a value: `${{ … }}`.
#[derive(Debug)]
pub(super) struct Emission {
    /// With its delimiters.
    pub(super) range: Range<usize>,
    pub(super) made: Arc<Made>,
    /// The innermost loop that it stands in.
    pub(super) around: Option<usize>,
    pub(super) follows: Follows,
    /// Where the text begins that is written right after it.
    pub(super) before_text: Option<usize>,
}

/// What stands right before an emission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Follows {
    /// Text, which ends there.
    Text(usize),
    Emission,
    /// A statement, or nothing: what was read just before may not belong to the emission.
    Statement,
}

/// A call of `fragment()`.
#[derive(Debug)]
pub(super) struct FragmentCall {
    /// Nothing where the name is not written out.
    pub(super) fragment: Option<String>,
    /// Nothing where a map of arguments is handed over as it is.
    pub(super) arguments: Option<BTreeMap<String, Arc<Made>>>,
    pub(super) around: Option<usize>,
}

impl Table {
    /// Reads a template; one that does not parse gives nothing, and is told of when it is compiled.
    pub(super) fn new(text: &str, syntax: &SyntaxConfig) -> Self {
        let mut walk = Walk { text, ..Walk::default() };
        if let Ok(Stmt::Template(template)) = parse(text, "", syntax.clone()) {
            walk.statements(&template.children);
        }
        walk.table
    }

    /// The emissions that can be reached between the end of one piece of text and the start of the
    /// next: a loop around one of them may come by again.
    pub(super) fn between(&self, after: usize, before: usize) -> &[Emission] {
        let mut hull = after.min(before)..before.max(after);
        for body in &self.loops {
            let holds = |at: usize| body.start <= at && at <= body.end;
            if holds(after) || holds(before) {
                hull = hull.start.min(body.start)..hull.end.max(body.end);
            }
        }
        let start = self.emissions.partition_point(|one| one.range.start < hull.start);
        let end = self.emissions.partition_point(|one| one.range.end <= hull.end);
        self.emissions.get(start..end).unwrap_or_default()
    }

    /// The emission that follows a piece of text at once, whatever conditions and loops do.
    pub(super) fn right_after(&self, text: usize) -> Option<usize> {
        let index = self.emissions.partition_point(|one| one.range.start < text);
        let emission = self.emissions.get(index)?;
        (emission.follows == Follows::Text(text)).then_some(index)
    }

    /// The one that always stands before a piece of text.
    pub(super) fn right_before(&self, text: usize) -> Option<usize> {
        let after = self.emissions.partition_point(|one| one.range.end <= text);
        let index = after.checked_sub(1)?;
        (self.emissions[index].before_text == Some(text)).then_some(index)
    }
}

type Names = BTreeMap<String, Arc<Made>>;

#[derive(Default)]
pub(super) struct Walk<'t> {
    text: &'t str,
    pub(super) table: Table,
    /// What each local name stands for, here.
    pub(super) names: Names,
    pub(super) around: Option<usize>,
    /// What is written goes into a capture, not to the output.
    captured: bool,
}

impl Walk<'_> {
    fn statements(&mut self, statements: &[Stmt<'_>]) {
        let mut follows = Follows::Statement;
        for (index, statement) in statements.iter().enumerate() {
            self.statement(statement, follows);
            follows = match statement {
                Stmt::EmitRaw(raw) => match self.place(raw.raw) {
                    Some(place) => Follows::Text(place.end),
                    None => Follows::Statement,
                },
                Stmt::EmitExpr(_) => Follows::Emission,
                _ => Follows::Statement,
            };
            if let (Stmt::EmitExpr(_), Some(Stmt::EmitRaw(raw)), false) =
                (statement, statements.get(index + 1), self.captured)
            {
                let place = self.place(raw.raw).map(|place| place.start);
                self.table.emissions.iter_mut().last().into_iter().for_each(|emission| {
                    emission.before_text = place;
                });
            }
        }
    }

    /// Where a piece of the text stands; what is empty is not written and stands nowhere.
    fn place(&self, raw: &str) -> Option<Range<usize>> {
        let start = raw.as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        (!raw.is_empty()).then_some(start..start + raw.len())
    }

    fn statement(&mut self, statement: &Stmt<'_>, follows: Follows) {
        match statement {
            Stmt::EmitExpr(emit) => {
                let made = self.expression(&emit.expr);
                let range = range(emit.span());
                let end =
                    self.text[range.end..].find("}}").map_or(range.end, |at| range.end + at + 2);
                self.emission(range.start..end, made, follows);
            }
            Stmt::ForLoop(each) => self.each(each, range(each.span())),
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                let before = self.names.clone();
                self.statements(&condition.true_body);
                let taken = std::mem::replace(&mut self.names, before);
                self.statements(&condition.false_body);
                self.either(taken);
            }
            Stmt::WithBlock(with) => {
                let outer = self.names.clone();
                for (target, value) in &with.assignments {
                    self.assign(target, value);
                }
                self.statements(&with.body);
                self.names = outer;
            }
            Stmt::Set(set) => self.assign(&set.target, &set.expr),
            Stmt::SetBlock(set) => {
                self.capture(&set.body);
                set.filter.iter().for_each(|filter| drop(self.expression(filter)));
                self.forget(&set.target);
            }
            Stmt::AutoEscape(escape) => self.statements(&escape.body),
            Stmt::FilterBlock(filter) => {
                self.capture(&filter.body);
                self.expression(&filter.filter);
                self.emission(range(filter.span()), Made::unknown(), Follows::Statement);
            }
            Stmt::Block(block) => {
                // It may be written where another template says.
                let outer = self.names.clone();
                self.forget_all();
                self.statements(&block.body);
                self.names = outer;
                self.table.mixes = true;
            }
            Stmt::Import(import) => {
                self.expression(&import.expr);
                self.forget(&import.name);
            }
            Stmt::FromImport(import) => {
                self.expression(&import.expr);
                import.names.iter().for_each(|(name, alias)| {
                    self.forget(alias.as_ref().unwrap_or(name));
                });
            }
            Stmt::Macro(one) => {
                self.bind(one.name, Made::unknown());
                self.body_of_macro(&one.args, &one.body);
            }
            Stmt::CallBlock(block) => {
                self.call(&block.call);
                self.body_of_macro(&block.macro_decl.args, &block.macro_decl.body);
                self.emission(range(block.span()), Made::unknown(), Follows::Statement);
            }
            Stmt::Include(include) => {
                self.expression(&include.name);
                self.table.mixes = true;
                self.forget_all();
            }
            Stmt::Extends(extends) => {
                self.expression(&extends.name);
                self.table.mixes = true;
            }
            Stmt::Do(call) => drop(self.call(&call.call)),
            Stmt::Template(_) | Stmt::EmitRaw(_) => {}
        }
    }

    fn emission(&mut self, range: Range<usize>, made: Arc<Made>, follows: Follows) {
        if !self.captured {
            let around = self.around;
            let before_text = None;
            self.table.emissions.push(Emission { range, made, around, follows, before_text });
        }
    }

    fn each(&mut self, each: &ForLoop<'_>, range: Range<usize>) {
        let of = self.expression(&each.iter);
        let (outer, around) = (self.names.clone(), self.around);
        let id = self.table.loops.len();
        self.table.loops.push(range);
        self.around = Some(id);
        // The round before may have bound these, or the one before that.
        self.forget_assigned(&each.body);
        // Rounds are counted after the filter.
        let round = each.filter_expr.is_none().then_some(id);
        match (&each.target, entries(&each.iter)) {
            (Expr::Var(name), None) if !each.recursive => {
                self.bind(name.id, Made::new(How::Item { of, round, entry: false }));
            }
            (Expr::List(pair), Some(map)) if pair.items.len() == 2 && !each.recursive => {
                let of = self.expression(map);
                self.forget(&pair.items[0]);
                if let Expr::Var(name) = &pair.items[1] {
                    self.bind(name.id, Made::new(How::Item { of, round, entry: true }));
                }
            }
            (target, _) => self.forget(target),
        }
        each.filter_expr.iter().for_each(|filter| drop(self.expression(filter)));
        self.statements(&each.body);
        (self.names, self.around) = (outer, around);
        self.statements(&each.else_body);
        self.forget_assigned(&each.else_body);
    }

    /// Joins what names stand for after two branches.
    fn either(&mut self, taken: Names) {
        let other = std::mem::take(&mut self.names);
        let all: BTreeSet<&String> = taken.keys().chain(other.keys()).collect();
        let given = |name: &str| Made::new(Made::given(name));
        for name in all {
            let one = taken.get(name).cloned().unwrap_or_else(|| given(name));
            let two = other.get(name).cloned().unwrap_or_else(|| given(name));
            let both =
                if Arc::ptr_eq(&one, &two) { one } else { Made::new(How::OneOf(vec![one, two])) };
            self.names.insert(name.clone(), both);
        }
    }

    fn capture(&mut self, body: &[Stmt<'_>]) {
        let outer = std::mem::replace(&mut self.captured, true);
        self.statements(body);
        self.captured = outer;
    }

    /// Arguments, and names at the time of a call, are not followed.
    fn body_of_macro(&mut self, arguments: &[Expr<'_>], body: &[Stmt<'_>]) {
        let (outer, around) = (self.names.clone(), self.around.take());
        self.forget_all();
        arguments.iter().for_each(|argument| self.forget(argument));
        self.capture(body);
        (self.names, self.around) = (outer, around);
    }

    fn assign(&mut self, target: &Expr<'_>, value: &Expr<'_>) {
        let made = self.expression(value);
        match (target, &made.how) {
            (Expr::Var(name), _) => self.bind(name.id, made),
            (Expr::List(names), How::List(items)) if names.items.len() == items.len() => {
                for (name, item) in names.items.iter().zip(items) {
                    match name {
                        Expr::Var(name) => self.bind(name.id, Arc::clone(item)),
                        other => self.forget(other),
                    }
                }
            }
            _ => self.forget(target),
        }
    }

    fn forget(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(name) => self.bind(name.id, Made::unknown()),
            Expr::List(names) => names.items.iter().for_each(|name| self.forget(name)),
            _ => {}
        }
    }

    /// Forgets every name that some statements bind.
    fn forget_assigned(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            match statement {
                Stmt::Set(set) => self.forget(&set.target),
                Stmt::SetBlock(set) => {
                    self.forget(&set.target);
                    self.forget_assigned(&set.body);
                }
                Stmt::ForLoop(each) => {
                    self.forget_assigned(&each.body);
                    self.forget_assigned(&each.else_body);
                }
                Stmt::IfCond(condition) => {
                    self.forget_assigned(&condition.true_body);
                    self.forget_assigned(&condition.false_body);
                }
                Stmt::WithBlock(with) => self.forget_assigned(&with.body),
                Stmt::AutoEscape(escape) => self.forget_assigned(&escape.body),
                Stmt::FilterBlock(filter) => self.forget_assigned(&filter.body),
                Stmt::Include(_) => self.forget_all(),
                _ => {}
            }
        }
    }

    fn forget_all(&mut self) {
        self.names.values_mut().for_each(|made| *made = Made::unknown());
    }

    fn bind(&mut self, name: &str, made: Arc<Made>) {
        self.table.bound.insert(name.to_owned());
        self.names.insert(name.to_owned(), made.bound());
    }
}

fn range(span: JinjaSpan) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// `map | items`: the map.
fn entries<'e, 't>(expression: &'e Expr<'t>) -> Option<&'e Expr<'t>> {
    match expression {
        Expr::Filter(filter) if filter.name == "items" => filter.expr.as_ref(),
        _ => None,
    }
}
