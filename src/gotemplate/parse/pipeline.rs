//! Pipelines and what they are made of.

use std::ops::Range;

use super::super::failure::ErrorKind;
use super::super::lex::Kind;
use super::super::literal;
use super::super::tree::{Command, Operand, OperandKind, Pipeline};
use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipeline> {
        let start = self.peek().span.start;
        let (variables, assigns) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            let token = self.peek();
            match token.kind {
                kind if kind == end => {
                    self.at += 1;
                    self.check(&commands, context, token.span.clone())?;
                    let last = commands.last().map_or(start, |last: &Command| last.span.end);
                    return Ok(Pipeline { span: start..last, variables, assigns, commands });
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => commands.push(self.command()?),
                _ => return self.unexpected(token, context),
            }
        }
    }

    /// `$x :=`, `$x =`, and in `range` two variables.
    fn declarations(&mut self, context: &str) -> Parsed<(Vec<String>, bool)> {
        let mut declared = Vec::new();
        loop {
            let variable = self.peek();
            if variable.kind != Kind::Variable {
                return Ok((declared, false));
            }
            let back = self.at;
            self.at += 1;
            let sign = self.peek();
            let comma = sign.kind == Kind::Char && self.slice(&sign.span) == ",";
            if !comma && !matches!(sign.kind, Kind::Assign | Kind::Declare) {
                self.at = back;
                return Ok((declared, false));
            }
            self.at += 1;
            let name = self.slice(&variable.span).to_owned();
            self.variables.push(name.clone());
            declared.push(name);
            if !comma {
                return Ok((declared, sign.kind == Kind::Assign));
            }
            if context != "range" || declared.len() > 1 {
                return self.error(sign.span, format!("too many declarations in {context}"));
            }
            if !matches!(self.peek().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return self.error(sign.span, "range can only initialize variables");
            }
        }
    }

    fn check(&self, commands: &[Command], context: &str, end: Range<usize>) -> Parsed<()> {
        if commands.is_empty() {
            return self.error(end, format!("missing value for {context}"));
        }
        for (stage, command) in commands.iter().enumerate().skip(1) {
            let (OperandKind::Bool(_)
            | OperandKind::Dot
            | OperandKind::Nil
            | OperandKind::Number(_)
            | OperandKind::String(_)) = command.first.kind
            else {
                continue;
            };
            let message = format!("non executable command in pipeline stage {}", stage + 1);
            return self.error(command.span.clone(), message);
        }
        Ok(())
    }

    /// Operands up to a `|`, which is taken, or the end of the pipeline, which is left.
    fn command(&mut self) -> Parsed<Command> {
        let mut operands = Vec::new();
        loop {
            self.skip_space();
            operands.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelim | Kind::RightParen => {
                    self.at -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(token, "operand"),
            }
        }
        let mut operands = operands.into_iter();
        let Some(first) = operands.next() else {
            let span = self.token().span;
            return self.error(span, "empty command");
        };
        let arguments: Vec<Operand> = operands.collect();
        let end = arguments.last().unwrap_or(&first).span.end;
        Ok(Command { span: first.span.start..end, first, arguments })
    }

    /// A term with the fields after it, if there is one.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        let term = self.slice(&operand.span);
        let mut fields = Vec::new();
        while self.token().kind == Kind::Field {
            let span = self.next().span;
            operand.span.end = span.end;
            fields.push(self.slice(&span).trim_start_matches('.').to_owned());
        }
        if fields.is_empty() {
            return Ok(Some(operand));
        }
        match &mut operand.kind {
            OperandKind::Field(names) | OperandKind::Variable(_, names) => names.extend(fields),
            OperandKind::Bool(_)
            | OperandKind::Dot
            | OperandKind::Nil
            | OperandKind::Number(_)
            | OperandKind::String(_) => {
                let message = format!("unexpected . after term {term:?}");
                return self.error(operand.span, message);
            }
            _ => {
                let span = operand.span.clone();
                operand = Operand { span, kind: OperandKind::Chain(Box::new(operand), fields) };
            }
        }
        Ok(Some(operand))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.peek();
        let text = self.slice(&token.span);
        let mut span = token.span.clone();
        let wrong = |message: String| self.error(token.span.clone(), message);
        let kind = match token.kind {
            Kind::Identifier if self.functions.get(text).is_some() => {
                OperandKind::Function(text.to_owned())
            }
            Kind::Identifier => return wrong(format!("function {text:?} not defined")),
            Kind::Dot => OperandKind::Dot,
            Kind::Nil => OperandKind::Nil,
            Kind::Variable if self.variables.iter().any(|name| name == text) => {
                OperandKind::Variable(text.to_owned(), Vec::new())
            }
            Kind::Variable => return wrong(format!("undefined variable {text:?}")),
            Kind::Field => OperandKind::Field(vec![text.trim_start_matches('.').to_owned()]),
            Kind::Bool => OperandKind::Bool(text == "true"),
            Kind::CharConstant => match literal::char_constant(text) {
                Ok(number) => OperandKind::Number(number),
                Err(message) => return wrong(message),
            },
            Kind::Number => match literal::number(text) {
                Ok(number) => OperandKind::Number(number),
                Err(message) if text.ends_with('i') => {
                    return self.fail(ErrorKind::NotEvaluable, token.span, message);
                }
                Err(message) => return wrong(message),
            },
            Kind::Complex => {
                return self.fail(ErrorKind::NotEvaluable, token.span, "a complex number");
            }
            Kind::String | Kind::RawString => match literal::unquote(text) {
                Some(text) => OperandKind::String(text.into()),
                None => return wrong("invalid syntax".into()),
            },
            Kind::LeftParen => {
                self.enter()?;
                self.at += 1;
                let pipeline = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                self.nesting -= 1;
                let end = self.tokens.get(self.at - 1).map_or(span.end, |token| token.span.end);
                span.end = end;
                return Ok(Some(Operand { span, kind: OperandKind::Pipeline(pipeline) }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(Operand { span, kind }))
    }
}
