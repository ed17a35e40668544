//! From tokens to a tree: `text/template/parse/parse.go`.

mod pipeline;

use std::collections::BTreeMap;
use std::ops::Range;

use super::failure::{Error, ErrorKind};
use super::functions::Functions;
use super::lex::{Kind, Token, lex};
use super::literal;
use super::place::line_and_column;
use super::tree::{Branch, Node, NodeKind};

/// Blocks and parentheses within each other. Go allows ten thousand parentheses.
const MAX_NESTING: usize = 64;

/// A text and what it defines, each by its name.
pub(super) fn parse(
    name: &str,
    text: &str,
    functions: &Functions,
) -> Result<BTreeMap<String, Vec<Node>>, Error> {
    let (tokens, reason) = lex(text);
    let mut parser = Parser {
        name,
        text,
        functions,
        tokens,
        at: 0,
        reason,
        variables: vec!["$".to_owned()],
        loops: 0,
        nesting: 0,
        defined: BTreeMap::new(),
    };
    parser.top()?;
    Ok(parser.defined)
}

struct Parser<'t> {
    name: &'t str,
    text: &'t str,
    functions: &'t Functions,
    tokens: Vec<Token>,
    at: usize,
    /// Why the last token is an error.
    reason: String,
    /// Those in sight.
    variables: Vec<String>,
    /// How many `range` there are around.
    loops: usize,
    nesting: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

type Parsed<T> = Result<T, Error>;

/// What ends a list of nodes.
#[derive(PartialEq)]
enum End {
    End,
    Else,
}

impl<'t> Parser<'t> {
    fn token(&self) -> Token {
        let last = self.text.len();
        let missing = Token { kind: Kind::Eof, span: last..last };
        self.tokens.get(self.at).or(self.tokens.last()).cloned().unwrap_or(missing)
    }

    fn next(&mut self) -> Token {
        let token = self.token();
        self.at += 1;
        token
    }

    fn skip_space(&mut self) {
        while self.token().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Token {
        self.skip_space();
        self.token()
    }

    fn next_solid(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    fn slice(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn error<T>(&self, span: Range<usize>, message: impl Into<String>) -> Parsed<T> {
        self.fail(ErrorKind::Parse, span, message)
    }

    fn fail<T>(&self, kind: ErrorKind, span: Range<usize>, text: impl Into<String>) -> Parsed<T> {
        let (line, _) = line_and_column(self.text, span.start);
        Err(Error { kind, place: format!("{}:{line}", self.name), span, message: text.into() })
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Parsed<T> {
        let message = match token.kind {
            Kind::Error => self.reason.clone(),
            Kind::Eof => format!("unexpected EOF in {context}"),
            Kind::Block
            | Kind::Break
            | Kind::Continue
            | Kind::Define
            | Kind::Else
            | Kind::End
            | Kind::If
            | Kind::Nil
            | Kind::Range
            | Kind::Template
            | Kind::With
            | Kind::Dot => {
                format!("unexpected <{}> in {context}", self.slice(&token.span))
            }
            _ => format!("unexpected {:?} in {context}", self.slice(&token.span)),
        };
        self.error(token.span, message)
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next_solid();
        if token.kind == kind { Ok(token) } else { self.unexpected(token, context) }
    }

    /// The whole text.
    fn top(&mut self) -> Parsed<()> {
        let mut nodes = Vec::new();
        while self.token().kind != Kind::Eof {
            let start = self.at;
            if self.next().kind == Kind::LeftDelim && self.next_solid().kind == Kind::Define {
                self.definition()?;
                continue;
            }
            self.at = start;
            let span = self.token().span;
            match self.node()? {
                Ok(node) => nodes.push(node),
                Err(End::End) => return self.error(span, "unexpected {{end}}"),
                Err(End::Else) => return self.error(span, "unexpected {{else}}"),
            }
        }
        let end = self.text.len();
        self.define(self.name.to_owned(), nodes, end..end)
    }

    /// Adds a template, where no other of the name says anything: `Tree.add`.
    fn define(&mut self, name: String, nodes: Vec<Node>, span: Range<usize>) -> Parsed<()> {
        let empty = |nodes: &[Node]| {
            nodes.iter().all(|node| {
                matches!(node.kind, NodeKind::Text) && self.slice(&node.span).trim().is_empty()
            })
        };
        match self.defined.get(&name) {
            Some(before) if !empty(before) => {
                if !empty(&nodes) {
                    let message = format!("multiple definition of template {name:?}");
                    return self.error(span, message);
                }
            }
            _ => drop(self.defined.insert(name, nodes)),
        }
        Ok(())
    }

    fn template_name(&mut self, context: &str) -> Parsed<String> {
        let token = self.next_solid();
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return self.unexpected(token, context);
        }
        match literal::unquote(self.slice(&token.span)) {
            Some(name) => Ok(name),
            None => self.error(token.span, "invalid syntax"),
        }
    }

    /// `define` is past.
    fn definition(&mut self) -> Parsed<()> {
        let start = self.token().span.start;
        let name = self.template_name("define clause")?;
        let span = start..self.expect(Kind::RightDelim, "define clause")?.span.start;
        let nodes = self.apart("define clause")?;
        self.define(name, nodes, span)
    }

    /// The nodes of another template: it sees no variables and no loop from outside.
    fn apart(&mut self, context: &str) -> Parsed<Vec<Node>> {
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let loops = std::mem::take(&mut self.loops);
        let (nodes, end) = self.nodes()?;
        if end != End::End {
            let span = self.token().span;
            return self.error(span, format!("unexpected {{{{else}}}} in {context}"));
        }
        self.variables = variables;
        self.loops = loops;
        Ok(nodes)
    }

    fn enter(&mut self) -> Parsed<()> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            let span = self.token().span;
            return self.fail(ErrorKind::Limit, span, "max expression depth exceeded");
        }
        Ok(())
    }

    /// Nodes up to `end` or `else`.
    fn nodes(&mut self) -> Parsed<(Vec<Node>, End)> {
        self.enter()?;
        let mut nodes = Vec::new();
        loop {
            let token = self.peek();
            if token.kind == Kind::Eof {
                return self.error(token.span, "unexpected EOF");
            }
            match self.node()? {
                Ok(node) => nodes.push(node),
                Err(end) => {
                    self.nesting -= 1;
                    return Ok((nodes, end));
                }
            }
        }
    }

    /// Text or an action; or the end of the list that it would stand in.
    fn node(&mut self) -> Parsed<Result<Node, End>> {
        let token = self.next_solid();
        match token.kind {
            Kind::Text => Ok(Ok(Node { span: token.span, kind: NodeKind::Text })),
            Kind::LeftDelim => self.action(token.span.start),
            _ => self.unexpected(token, "input"),
        }
    }

    /// The left delimiter is past.
    fn action(&mut self, start: usize) -> Parsed<Result<Node, End>> {
        let token = self.peek();
        let keyword = self.at;
        self.at += 1;
        let kind = match token.kind {
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Err(End::End));
            }
            Kind::Else => {
                // `else if` and `else with` leave their word to the branch around.
                if !matches!(self.peek().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Err(End::Else));
            }
            Kind::If => NodeKind::If(self.branch("if")?),
            Kind::With => NodeKind::With(self.branch("with")?),
            Kind::Range => NodeKind::Range(self.branch("range")?),
            Kind::Break | Kind::Continue => {
                let word = self.slice(&token.span);
                self.expect(Kind::RightDelim, &format!("{{{{{word}}}}}"))?;
                if self.loops == 0 {
                    return self.error(token.span, format!("{{{{{word}}}}} outside {{{{range}}}}"));
                }
                if token.kind == Kind::Break { NodeKind::Break } else { NodeKind::Continue }
            }
            Kind::Template => {
                let name = self.template_name("template clause")?;
                let pipeline = if self.peek().kind == Kind::RightDelim {
                    self.at += 1;
                    None
                } else {
                    Some(self.pipeline("template clause", Kind::RightDelim)?)
                };
                NodeKind::Template { name, pipeline }
            }
            Kind::Block => {
                let name = self.template_name("block clause")?;
                let pipeline = Some(self.pipeline("block clause", Kind::RightDelim)?);
                let nodes = self.apart("block clause")?;
                self.define(name.clone(), nodes, token.span)?;
                NodeKind::Template { name, pipeline }
            }
            _ => {
                self.at = keyword;
                NodeKind::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        let end = self.tokens.get(self.at - 1).map_or(start, |token| token.span.end);
        Ok(Ok(Node { span: start..end, kind }))
    }

    /// The keyword is past.
    fn branch(&mut self, context: &str) -> Parsed<Branch> {
        let outer = self.variables.len();
        let pipeline = self.pipeline(context, Kind::RightDelim)?;
        let loops = usize::from(context == "range");
        self.loops += loops;
        let (body, end) = self.nodes()?;
        self.loops -= loops;
        let mut otherwise = Vec::new();
        if end == End::Else {
            let token = self.token();
            let chained = match token.kind {
                Kind::If if context == "if" => true,
                Kind::With if context == "with" => true,
                _ => false,
            };
            if chained {
                self.at += 1;
                self.enter()?;
                let branch = self.branch(context)?;
                self.nesting -= 1;
                let kind =
                    if context == "if" { NodeKind::If(branch) } else { NodeKind::With(branch) };
                otherwise.push(Node { span: token.span, kind });
            } else {
                let (nodes, end) = self.nodes()?;
                if end != End::End {
                    let span = self.token().span;
                    return self.error(span, "expected end; found {{else}}");
                }
                otherwise = nodes;
            }
        }
        self.variables.truncate(outer);
        Ok(Branch { pipeline, body, otherwise })
    }
}
