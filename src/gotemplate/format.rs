//! `fmt.Sprint`, `fmt.Sprintln` and `fmt.Sprintf`: `fmt/print.go`.

use super::failure::Failure;
use super::value::{IntKind, Value};
use super::verb::Verb;

/// Go takes widths and precisions up to ten times this.
const MAX_WIDTH: usize = 1_000_000;

/// One value as `%v` writes it.
pub(super) fn print(value: &Value) -> Result<String, Failure> {
    let mut out = String::new();
    value.guard()?;
    Verb::PLAIN.write(value, &mut out)?;
    Ok(out)
}

/// `fmt.Sprint`: spaces between values of which neither is text.
pub(super) fn sprint(values: &[Value]) -> Result<String, Failure> {
    let mut out = String::new();
    let mut after_text = true;
    for (at, value) in values.iter().enumerate() {
        let text = matches!(value, Value::String(_));
        if at > 0 && !text && !after_text {
            out.push(' ');
        }
        out.push_str(&print(value)?);
        after_text = text;
    }
    Ok(out)
}

/// `fmt.Sprintln`
pub(super) fn sprintln(values: &[Value]) -> Result<String, Failure> {
    let texts: Vec<String> = values.iter().map(print).collect::<Result<_, _>>()?;
    Ok(texts.join(" ") + "\n")
}

/// `fmt.Sprintf`
pub(super) fn sprintf(format: &str, values: &[Value]) -> Result<String, Failure> {
    for value in values {
        value.guard()?;
    }
    let mut printer =
        Printer { rest: format, values, next: 0, reordered: false, good: true, out: String::new() };
    printer.run()?;
    Ok(printer.out)
}

struct Printer<'f> {
    rest: &'f str,
    values: &'f [Value],
    /// The argument that comes next.
    next: usize,
    /// Whether an index like `[1]` was used.
    reordered: bool,
    /// Whether the index of this verb was a good one.
    good: bool,
    out: String,
}

impl Printer<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        while let Some((before, after)) = self.rest.split_once('%') {
            self.out.push_str(before);
            self.rest = after;
            self.good = true;
            self.verb()?;
        }
        self.out.push_str(self.rest);
        self.extra()
    }

    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn verb(&mut self) -> Result<(), Failure> {
        let mut verb = Verb::default();
        while let Some(flag) = self.rest.chars().next() {
            match flag {
                '#' => verb.sharp = true,
                '0' => verb.zero = true,
                '+' => verb.plus = true,
                '-' => verb.minus = true,
                ' ' => verb.space = true,
                _ => break,
            }
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        let mut indexed = self.index();
        if self.take('*') {
            match self.star() {
                Some(width) => {
                    verb.width = usize::try_from(width.unsigned_abs()).ok();
                    if width < 0 {
                        verb.minus = true;
                        verb.zero = false;
                    }
                }
                None => self.out.push_str("%!(BADWIDTH)"),
            }
            indexed = false;
        } else {
            verb.width = self.number()?;
            if indexed && verb.width.is_some() {
                self.good = false;
            }
        }
        // A dot at the very end is taken for the verb.
        if self.rest.len() > 1 && self.take('.') {
            if indexed {
                self.good = false;
            }
            indexed = self.index();
            if self.take('*') {
                match self.star() {
                    Some(precision) => verb.precision = usize::try_from(precision).ok(),
                    None => self.out.push_str("%!(BADPREC)"),
                }
                if verb.precision.is_none() && !self.out.ends_with("%!(BADPREC)") {
                    self.out.push_str("%!(BADPREC)");
                }
                indexed = false;
            } else {
                verb.precision = Some(self.number()?.unwrap_or(0));
            }
        }
        if !indexed {
            self.index();
        }
        let Some(name) = self.rest.chars().next() else {
            self.out.push_str("%!(NOVERB)");
            return Ok(());
        };
        self.rest = self.rest.get(name.len_utf8()..).unwrap_or_default();
        verb.name = name;
        if name == '%' {
            self.out.push('%');
        } else if !self.good {
            self.out.push_str(&format!("%!{name}(BADINDEX)"));
        } else if let Some(value) = self.values.get(self.next) {
            if matches!(name, 'v' | 'w') {
                verb.syntax = std::mem::take(&mut verb.sharp);
                verb.plus = false;
            }
            verb.write(value, &mut self.out)?;
            self.next += 1;
        } else {
            self.out.push_str(&format!("%!{name}(MISSING)"));
        }
        Ok(())
    }

    /// `[1]` before a verb or a star: which argument it means. Whether one is there.
    fn index(&mut self) -> bool {
        let Some(rest) = self.rest.strip_prefix('[') else { return false };
        self.reordered = true;
        let Some((text, after)) = rest.split_once(']') else {
            self.good = false;
            self.rest = rest;
            return false;
        };
        self.rest = after;
        let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<usize>().ok());
        match number.flatten() {
            Some(number) if number >= 1 && number <= self.values.len() => {
                self.next = number - 1;
                true
            }
            found => {
                self.good = false;
                found.is_some()
            }
        }
    }

    /// The argument that a `*` means.
    fn star(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        match value {
            Value::Int(
                IntKind::Int | IntKind::Int64 | IntKind::Uint8 | IntKind::Uint64,
                number,
            ) => {
                let fits = number.unsigned_abs() <= MAX_WIDTH as u64;
                fits.then_some(*number)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Result<Option<usize>, Failure> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = self.rest.strip_suffix(rest).unwrap_or_default();
        if digits.is_empty() {
            return Ok(None);
        }
        self.rest = rest;
        match digits.parse() {
            Ok(number) if number <= MAX_WIDTH => Ok(Some(number)),
            _ => Err(Failure::limit("so large a width")),
        }
    }

    /// Arguments that no verb took.
    fn extra(&mut self) -> Result<(), Failure> {
        let Some(extra) = self.values.get(self.next..) else { return Ok(()) };
        if self.reordered || extra.is_empty() {
            return Ok(());
        }
        let mut shown = Vec::new();
        for value in extra {
            let printed = print(value)?;
            shown.push(match value {
                Value::Nothing | Value::Nil => printed,
                _ => format!("{}={printed}", value.type_name()),
            });
        }
        self.out.push_str(&format!("%!(EXTRA {})", shown.join(", ")));
        Ok(())
    }
}
