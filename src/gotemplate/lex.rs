//! A template's text as tokens: `text/template/parse/lex.go`.

use std::ops::Range;

use super::verb::is_print;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text between actions, without what the marks around it trim.
    Text,
    LeftDelim,
    RightDelim,
    LeftParen,
    RightParen,
    Pipe,
    Assign,
    Declare,
    Space,
    /// A printable character of no other meaning, such as a comma.
    Char,
    Bool,
    CharConstant,
    Number,
    Complex,
    String,
    RawString,
    /// With its dot: `.name`.
    Field,
    /// With its dollar sign: `$name`.
    Variable,
    Identifier,
    Dot,
    Nil,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
    /// The end of the text.
    Eof,
    /// Nothing can be read here; the reason lies beside the tokens.
    Error,
}

/// A piece of the text.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// The tokens of a text. The last one is the end of the text or an error, whose reason follows.
pub(super) fn lex(text: &str) -> (Vec<Token>, String) {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new() };
    let reason = match lexer.text() {
        Ok(()) => String::new(),
        Err((span, reason)) => {
            lexer.tokens.push(Token { kind: Kind::Error, span });
            reason
        }
    };
    (lexer.tokens, reason)
}

const LEFT: &str = "{{";
const RIGHT: &str = "}}";

/// The place and the reason of what cannot be read.
type Read = Result<(), (Range<usize>, String)>;

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token { kind, span: start..self.at });
    }

    fn fail(&self, start: usize, reason: impl Into<String>) -> Read {
        Err((start..self.at.max(start), reason.into()))
    }

    /// Text and actions in turn, to the end.
    fn text(&mut self) -> Read {
        loop {
            let start = self.at;
            let Some(length) = self.rest().find(LEFT) else {
                self.at = self.text.len();
                if self.at > start {
                    self.push(Kind::Text, start);
                }
                let end = self.at;
                self.push(Kind::Eof, end);
                return Ok(());
            };
            let open = start + length;
            self.at = open + LEFT.len();
            let trims =
                self.rest().starts_with('-') && self.rest().chars().nth(1).is_some_and(is_space);
            let before = self.text.get(start..open).unwrap_or_default();
            let kept = if trims { before.trim_end_matches(is_space) } else { before };
            if !kept.is_empty() {
                self.tokens.push(Token { kind: Kind::Text, span: start..start + kept.len() });
            }
            let inside = self.at + if trims { 2 } else { 0 };
            if self.text.get(inside..).is_some_and(|rest| rest.starts_with("/*")) {
                self.at = inside;
                self.comment()?;
            } else {
                self.push(Kind::LeftDelim, open);
                self.at = inside;
                self.action()?;
            }
        }
    }

    fn comment(&mut self) -> Read {
        let start = self.at;
        let Some(length) = self.rest().find("*/") else {
            return self.fail(start, "unclosed comment");
        };
        self.at += length + 2;
        if self.close() {
            Ok(())
        } else {
            self.fail(start, "comment ends before closing delimiter")
        }
    }

    /// Whether the action ends here, and whether it trims what follows.
    fn at_close(&self) -> Option<bool> {
        let rest = self.rest();
        if rest.starts_with(RIGHT) {
            return Some(false);
        }
        let marked = rest.strip_prefix(is_space).and_then(|rest| rest.strip_prefix('-'));
        marked.is_some_and(|rest| rest.starts_with(RIGHT)).then_some(true)
    }

    /// Skips the closing mark and what it trims.
    fn close(&mut self) -> bool {
        let Some(trims) = self.at_close() else { return false };
        self.at += RIGHT.len() + if trims { 2 } else { 0 };
        if trims {
            self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        }
        true
    }

    /// What is inside an action, with its end.
    fn action(&mut self) -> Read {
        let mut open = 0_usize;
        loop {
            let start = self.at;
            if let Some(trims) = self.at_close() {
                if open > 0 {
                    return self.fail(start, "unclosed left paren");
                }
                let mark = start + if trims { 2 } else { 0 };
                self.tokens.push(Token { kind: Kind::RightDelim, span: mark..mark + RIGHT.len() });
                self.close();
                return Ok(());
            }
            let Some(next) = self.peek() else {
                return self.fail(start, "unclosed action");
            };
            self.at += next.len_utf8();
            match next {
                _ if is_space(next) => self.space(start),
                '=' => self.push(Kind::Assign, start),
                ':' => {
                    if self.peek() != Some('=') {
                        return self.fail(start, "expected :=");
                    }
                    self.at += 1;
                    self.push(Kind::Declare, start);
                }
                '|' => self.push(Kind::Pipe, start),
                '"' => self.quoted(start, '"', Kind::String, "unterminated quoted string")?,
                '\'' => {
                    self.quoted(start, '\'', Kind::CharConstant, "unterminated character constant")?
                }
                '`' => {
                    let Some(length) = self.rest().find('`') else {
                        return self.fail(start, "unterminated raw quoted string");
                    };
                    self.at += length + 1;
                    self.push(Kind::RawString, start);
                }
                '$' => self.name(start, Kind::Variable, Kind::Variable)?,
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                    self.name(start, Kind::Field, Kind::Dot)?;
                }
                '.' | '+' | '-' | '0'..='9' => self.number(start)?,
                '(' => {
                    open += 1;
                    self.push(Kind::LeftParen, start);
                }
                ')' if open == 0 => return self.fail(start, "unexpected right paren"),
                ')' => {
                    open -= 1;
                    self.push(Kind::RightParen, start);
                }
                _ if is_word(next) => self.word(start)?,
                _ if next.is_ascii_graphic() => self.push(Kind::Char, start),
                _ => {
                    return self.fail(start, unexpected("unrecognized character in action:", next));
                }
            }
        }
    }

    /// A run of spaces, without the one that belongs to a trimming end.
    fn space(&mut self, start: usize) {
        let trimmed = self.rest().trim_start_matches(is_space);
        self.at = self.text.len() - trimmed.len();
        let before_last = self.at - 1;
        if trimmed.strip_prefix('-').is_some_and(|rest| rest.starts_with(RIGHT)) {
            self.at = before_last;
        }
        if self.at > start {
            self.push(Kind::Space, start);
        }
    }

    fn quoted(&mut self, start: usize, quote: char, kind: Kind, unterminated: &str) -> Read {
        loop {
            let next = self.peek();
            self.at += next.map_or(0, char::len_utf8);
            match next {
                Some('\\') => match self.peek() {
                    None | Some('\n') => return self.fail(start, unterminated),
                    Some(escaped) => self.at += escaped.len_utf8(),
                },
                None | Some('\n') => return self.fail(start, unterminated),
                Some(next) if next == quote => {
                    self.push(kind, start);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
    }

    /// The name after a dot or a dollar sign; `bare` is what the sign alone is.
    fn name(&mut self, start: usize, kind: Kind, bare: Kind) -> Read {
        self.skip_word();
        self.terminated(start)?;
        self.push(if self.at == start + 1 { bare } else { kind }, start);
        Ok(())
    }

    fn skip_word(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_word).len();
    }

    /// A name must end where something else may begin.
    fn terminated(&self, start: usize) -> Read {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => Ok(()),
            Some(next) if is_space(next) || self.rest().starts_with(RIGHT) => Ok(()),
            Some(next) => self.fail(start, unexpected("bad character", next)),
        }
    }

    fn word(&mut self, start: usize) -> Read {
        self.skip_word();
        self.terminated(start)?;
        let kind = match self.text.get(start..self.at).unwrap_or_default() {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            "block" => Kind::Block,
            "break" => Kind::Break,
            "continue" => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::End,
            "if" => Kind::If,
            "range" => Kind::Range,
            "template" => Kind::Template,
            "with" => Kind::With,
            _ => Kind::Identifier,
        };
        self.push(kind, start);
        Ok(())
    }

    fn number(&mut self, start: usize) -> Read {
        self.at = start;
        let mut good = self.scan_number();
        let mut kind = Kind::Number;
        if good && self.peek().is_some_and(|c| c == '+' || c == '-') {
            kind = Kind::Complex;
            good = self.scan_number() && self.text.as_bytes().get(self.at - 1) == Some(&b'i');
        }
        if !good {
            let text = self.text.get(start..self.at).unwrap_or_default();
            return self.fail(start, format!("bad number syntax: {text:?}"));
        }
        self.push(kind, start);
        Ok(())
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|c| valid.contains(c));
        self.at += usize::from(found);
        found
    }

    /// What looks like a number; whether it is one is found out later.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        while self.accept(digits) {}
        if self.accept(".") {
            while self.accept(digits) {}
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            while self.accept("0123456789_") {}
        }
        self.accept("i");
        match self.peek() {
            Some(next) if is_word(next) => {
                self.at += next.len_utf8();
                false
            }
            _ => true,
        }
    }
}

/// A character as `%#U` writes it.
fn unexpected(what: &str, c: char) -> String {
    let shown = if is_print(c) { format!(" '{c}'") } else { String::new() };
    format!("{what} U+{:04X}{shown}", u32::from(c))
}
