//! Values as the verbs of `fmt` write them: `fmt/format.go` and `printArg` of `fmt/print.go`.

use super::failure::Failure;
use super::float;
use super::value::{IntKind, Value};

/// Longer texts are not written.
const MAX_LENGTH: usize = 1 << 22;

/// A verb with its flags.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Verb {
    pub(super) name: char,
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%#v`
    pub(super) syntax: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

impl Verb {
    /// `%v`
    pub(super) const PLAIN: Self = Self {
        name: 'v',
        plus: false,
        minus: false,
        sharp: false,
        space: false,
        zero: false,
        syntax: false,
        width: None,
        precision: None,
    };

    /// Writes a value, which is not too deep.
    pub(super) fn write(&self, value: &Value, out: &mut String) -> Result<(), Failure> {
        match (self.name, value) {
            ('T', _) => self.string(&value.type_name(), 's', out),
            ('v', Value::Nothing | Value::Nil) => self.pad("<nil>", out),
            (_, Value::Nothing | Value::Nil) => self.bad(value, out)?,
            ('w', Value::List(_) | Value::Map(_)) => self.bad(value, out)?,
            ('p', _) => return Err(Failure::unknown("the address of a value")),
            _ => self.part(value, out)?,
        }
        Ok(())
    }

    /// A value, or a part of one.
    fn part(&self, value: &Value, out: &mut String) -> Result<(), Failure> {
        match value {
            Value::Nothing | Value::Nil if self.syntax => out.push_str("interface {}(nil)"),
            Value::Nothing | Value::Nil => out.push_str("<nil>"),
            Value::Bool(value) => match self.name {
                't' | 'v' => self.pad(if *value { "true" } else { "false" }, out),
                _ => self.bad(&Value::Bool(*value), out)?,
            },
            Value::Int(kind, number) => self.int(*kind, *number, out)?,
            Value::Float(number) => self.float(*number, out)?,
            Value::String(text) => match self.name {
                'v' | 's' | 'x' | 'X' | 'q' => self.string(text, self.name, out),
                _ => self.bad(value, out)?,
            },
            Value::List(list) => {
                if self.syntax {
                    out.push_str(&value.type_name());
                }
                if self.syntax && list.is_nil() {
                    out.push_str("(nil)");
                    return Ok(());
                }
                out.push(if self.syntax { '{' } else { '[' });
                for (at, item) in list.items().iter().enumerate() {
                    self.separate(at, out)?;
                    self.part(item, out)?;
                }
                out.push(if self.syntax { '}' } else { ']' });
            }
            Value::Map(map) => {
                out.push_str(&if self.syntax { value.type_name() } else { "map".into() });
                if self.syntax && map.is_nil() {
                    out.push_str("(nil)");
                    return Ok(());
                }
                out.push(if self.syntax { '{' } else { '[' });
                for (at, (key, item)) in map.entries().into_iter().enumerate() {
                    self.separate(at, out)?;
                    self.part(&Value::String(key), out)?;
                    out.push(':');
                    self.part(&item, out)?;
                }
                out.push(if self.syntax { '}' } else { ']' });
            }
            Value::Version(version) => self.stringer(&version.to_string(), out)?,
            Value::Time(time) => self.stringer(&time.text(), out)?,
        }
        Ok(())
    }

    /// What stands between parts, of which each can be as wide as it likes.
    fn separate(&self, at: usize, out: &mut String) -> Result<(), Failure> {
        if out.len() > MAX_LENGTH {
            return Err(Failure::limit("a text of so many bytes"));
        }
        if at > 0 {
            out.push_str(if self.syntax { ", " } else { " " });
        }
        Ok(())
    }

    /// What writes itself as text.
    fn stringer(&self, text: &str, out: &mut String) -> Result<(), Failure> {
        if self.syntax || !matches!(self.name, 'v' | 's' | 'x' | 'X' | 'q') {
            return Err(Failure::unknown("the fields of a version or a time"));
        }
        self.string(text, self.name, out);
        Ok(())
    }

    /// `%!d(string=text)`
    fn bad(&self, value: &Value, out: &mut String) -> Result<(), Failure> {
        out.push_str("%!");
        out.push(self.name);
        out.push('(');
        if !value.is_nil() {
            out.push_str(&value.type_name());
            out.push('=');
        }
        Self { name: 'v', ..*self }.part(value, out)?;
        out.push(')');
        Ok(())
    }

    /// Fills up to the width. Zeros fill on the left only.
    pub(super) fn pad(&self, text: &str, out: &mut String) {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        let fill = if self.zero && !self.minus { "0" } else { " " };
        if self.minus {
            out.push_str(text);
        }
        out.push_str(&fill.repeat(missing));
        if !self.minus {
            out.push_str(text);
        }
    }

    fn string(&self, text: &str, verb: char, out: &mut String) {
        let quoted = verb == 'q' || (verb == 'v' && self.syntax);
        if matches!(verb, 'x' | 'X') {
            return self.hexadecimal(text.as_bytes(), verb, out);
        }
        let cut: String = match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        };
        if !quoted {
            self.pad(&cut, out);
        } else if self.sharp && can_backquote(&cut) {
            self.pad(&format!("`{cut}`"), out);
        } else {
            self.pad(&quote(&cut, '"', self.plus), out);
        }
    }

    fn hexadecimal(&self, bytes: &[u8], verb: char, out: &mut String) {
        let bytes = bytes.get(..self.precision.unwrap_or(usize::MAX)).unwrap_or(bytes);
        let prefix = match (self.sharp && !bytes.is_empty(), verb) {
            (false, _) => "",
            (true, 'x') => "0x",
            (true, _) => "0X",
        };
        let mut text = prefix.to_owned();
        for (at, byte) in bytes.iter().enumerate() {
            if self.space && at > 0 {
                text.push(' ');
                text.push_str(prefix);
            }
            text.push_str(&if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
        }
        self.pad(&text, out);
    }

    fn int(&self, kind: IntKind, number: i64, out: &mut String) -> Result<(), Failure> {
        let size = number.unsigned_abs();
        let unsigned = matches!(kind, IntKind::Uint8 | IntKind::Uint64);
        let character = || {
            let code = u32::try_from(number).ok();
            code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        let digits = match self.name {
            'v' if self.syntax && unsigned => format!("0x{size:x}"),
            'v' | 'd' => size.to_string(),
            'b' => format!("{size:b}"),
            'o' | 'O' => format!("{size:o}"),
            'x' => format!("{size:x}"),
            'X' => format!("{size:X}"),
            'c' => {
                self.pad(&character().to_string(), out);
                return Ok(());
            }
            'q' => {
                self.pad(&quote(&character().to_string(), '\'', self.plus), out);
                return Ok(());
            }
            'U' => {
                let code =
                    format!("U+{size:0>width$X}", width = self.precision.unwrap_or(4).max(4));
                let shown = self.sharp && is_print(character());
                let text = if shown { format!("{code} '{}'", character()) } else { code };
                Self { zero: false, ..*self }.pad(&text, out);
                return Ok(());
            }
            _ => return self.bad(&Value::Int(kind, number), out),
        };
        let sign = match number {
            ..0 => "-",
            _ if self.plus => "+",
            _ if self.space => " ",
            _ => "",
        };
        let least = match self.precision {
            Some(0) if number == 0 => {
                Self { zero: false, ..*self }.pad("", out);
                return Ok(());
            }
            Some(precision) => precision,
            None if self.zero && !self.minus => self.width.unwrap_or(0).saturating_sub(sign.len()),
            None => 0,
        };
        let digits = format!("{digits:0>least$}");
        let prefix = match self.name {
            'b' if self.sharp => "0b",
            'o' if self.sharp && !digits.starts_with('0') => "0",
            'x' if self.sharp => "0x",
            'X' if self.sharp => "0X",
            'O' => "0o",
            _ => "",
        };
        Self { zero: false, ..*self }.pad(&format!("{sign}{prefix}{digits}"), out);
        Ok(())
    }

    fn float(&self, number: f64, out: &mut String) -> Result<(), Failure> {
        let (verb, precision) = match self.name {
            'v' => ('g', self.precision),
            'g' | 'G' => (self.name, self.precision),
            'f' | 'F' | 'e' | 'E' => (self.name, Some(self.precision.unwrap_or(6))),
            'b' | 'x' | 'X' => return Err(Failure::unknown("a float in base two or sixteen")),
            _ => return self.bad(&Value::Float(number), out),
        };
        if self.sharp {
            return Err(Failure::unknown("`#` with a float"));
        }
        let text = float::format(number, verb, precision);
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None if self.plus => ("+", text.trim_start_matches('+')),
            None if self.space => (" ", text.trim_start_matches('+')),
            None if text.starts_with('+') => ("+", text.trim_start_matches('+')),
            None => ("", &*text),
        };
        if self.zero && !self.minus && number.is_finite() {
            let least = self.width.unwrap_or(0).saturating_sub(sign.len());
            out.push_str(sign);
            out.push_str(&format!("{digits:0>least$}"));
        } else {
            Self { zero: false, ..*self }.pad(&format!("{sign}{digits}"), out);
        }
        Ok(())
    }
}

/// `strconv.CanBackquote`
fn can_backquote(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || !(c < ' ' || c == '`' || c == '\u{7f}' || c == '\u{feff}'))
}

/// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub(super) fn is_print(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // After a letter, Rust escapes exactly what is not printable.
    !format!("a{c}").escape_debug().to_string().contains('\\')
}

/// `strconv.Quote`
pub(super) fn quote(text: &str, mark: char, ascii: bool) -> String {
    let mut out = String::from(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == mark => out.extend(['\\', c]),
            c if is_print(c) && (c.is_ascii() || !ascii) => out.push(c),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push(mark);
    out
}
