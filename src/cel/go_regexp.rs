//! Whether Go can read a regular expression: `regexp/syntax` of its standard library.

/// What is wrong with a pattern. Nothing where Go reads it, or where it is too rare to know.
pub(crate) fn fault(pattern: &str) -> Option<&'static str> {
    let mut parser = Parser { rest: pattern, open: 0, repeatable: Repeat::Nothing };
    parser.run().err()
}

/// What stands before a place, which a repetition would repeat.
#[derive(Clone, Copy, PartialEq)]
enum Repeat {
    Nothing,
    Something,
    Repetition,
}

struct Parser<'p> {
    rest: &'p str,
    open: usize,
    repeatable: Repeat,
}

type Read = Result<(), &'static str>;

impl Parser<'_> {
    fn run(&mut self) -> Read {
        while let Some(first) = self.rest.chars().next() {
            match first {
                '(' => self.group()?,
                ')' => {
                    if self.open == 0 {
                        return Err("closes a group that is not open");
                    }
                    self.open -= 1;
                    self.skip(1);
                    self.repeatable = Repeat::Something;
                }
                '|' => {
                    self.skip(1);
                    self.repeatable = Repeat::Nothing;
                }
                '[' => {
                    self.class()?;
                    self.repeatable = Repeat::Something;
                }
                '*' | '+' | '?' => {
                    self.skip(1);
                    self.repetition()?;
                }
                '{' => self.counted()?,
                '\\' => {
                    self.escape()?;
                    self.repeatable = Repeat::Something;
                }
                _ => {
                    self.skip(first.len_utf8());
                    self.repeatable = Repeat::Something;
                }
            }
        }
        if self.open > 0 { Err("leaves a group open") } else { Ok(()) }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn group(&mut self) -> Read {
        self.skip(1);
        let around = ["?=", "?!", "?<=", "?<!"];
        if around.iter().any(|sign| self.rest.starts_with(sign)) {
            return Err("looks around, which Go cannot");
        }
        if let Some(rest) = self.rest.strip_prefix('?') {
            let name = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<'));
            match name {
                Some(name) => {
                    let end = name.find('>').ok_or("has a group whose name does not end")?;
                    self.rest = name.get(end + 1..).unwrap_or_default();
                }
                None => return self.flags(rest.len()),
            }
        }
        self.open += 1;
        self.repeatable = Repeat::Nothing;
        Ok(())
    }

    /// `(?i)`, `(?i:…)`, `(?:…)`
    fn flags(&mut self, left: usize) -> Read {
        self.skip(self.rest.len() - left);
        let end = self.rest.find([':', ')']).ok_or("has a group that Go does not know")?;
        let (flags, rest) = self.rest.split_at(end);
        if !flags.chars().all(|flag| "imsU-".contains(flag)) {
            return Err("has a group that Go does not know");
        }
        if rest.starts_with(':') {
            self.open += 1;
            self.repeatable = Repeat::Nothing;
        }
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(())
    }

    fn repetition(&mut self) -> Read {
        match self.repeatable {
            Repeat::Nothing => Err("repeats nothing"),
            Repeat::Repetition => Err("repeats a repetition"),
            Repeat::Something => {
                if self.rest.starts_with('?') {
                    self.skip(1);
                }
                self.repeatable = Repeat::Repetition;
                Ok(())
            }
        }
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else is text.
    fn counted(&mut self) -> Read {
        let counts =
            self.rest.get(1..).and_then(|rest| rest.split_once('}')).and_then(|(text, _)| {
                let whole = |text: &str| {
                    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                    let plain = digits && (text == "0" || !text.starts_with('0'));
                    plain.then(|| text.parse::<u32>().unwrap_or(u32::MAX))
                };
                let (least, most) = match text.split_once(',') {
                    None => (whole(text)?, whole(text)?),
                    Some((least, "")) => (whole(least)?, whole(least)?),
                    Some((least, most)) => (whole(least)?, whole(most)?),
                };
                Some((text.len() + 2, least, most))
            });
        let Some((length, least, most)) = counts else {
            self.skip(1);
            self.repeatable = Repeat::Something;
            return Ok(());
        };
        if least > 1000 || most > 1000 || least > most {
            return Err("repeats more than 1000 times, or most before least");
        }
        self.skip(length);
        self.repetition()
    }

    /// After it, the escape is read.
    fn escape(&mut self) -> Read {
        let Some(kind) = self.rest.chars().nth(1) else {
            return Err("ends with `\\`");
        };
        if kind == 'Q' {
            let rest = self.rest.get(2..).unwrap_or_default();
            self.rest = rest.split_once("\\E").map_or("", |(_, rest)| rest);
            return Ok(());
        }
        if kind == 'x' {
            return self.hexadecimal();
        }
        let known = !kind.is_ascii_alphanumeric() && kind.is_ascii()
            || "AbBdDsSwWzpPafnrtv01234567".contains(kind);
        // A digit that is no octal number is a back reference.
        let back = ('1'..='7').contains(&kind)
            && !self.rest.chars().nth(2).is_some_and(|next| ('0'..='7').contains(&next));
        if !known || back {
            return Err("has an escape that Go does not know");
        }
        self.skip(1 + kind.len_utf8());
        Ok(())
    }

    /// `\x7f`, `\x{10ffff}`
    fn hexadecimal(&mut self) -> Read {
        const WRONG: &str = "has an escape that Go does not know";
        let rest = self.rest.get(2..).unwrap_or_default();
        let (digits, length) = match rest.strip_prefix('{') {
            Some(rest) => {
                let end = rest.find('}').ok_or(WRONG)?;
                (&rest[..end], end + 4)
            }
            None => (rest.get(..2).ok_or(WRONG)?, 4),
        };
        let number = u32::from_str_radix(digits, 16).map_err(|_| WRONG)?;
        if number > 0x10_ffff {
            return Err(WRONG);
        }
        self.skip(length);
        Ok(())
    }

    fn class(&mut self) -> Read {
        self.skip(1);
        if self.rest.starts_with('^') {
            self.skip(1);
        }
        let mut first = true;
        loop {
            let Some(next) = self.rest.chars().next() else {
                return Err("leaves a `[` open");
            };
            if next == ']' && !first {
                self.skip(1);
                return Ok(());
            }
            first = false;
            if self.rest.starts_with("[:")
                && let Some(end) = self.rest.find(":]")
            {
                self.skip(end + 2);
                continue;
            }
            let is_class = self.at_class();
            let low = self.class_char()?;
            // `a-z`; a `-` before the end is itself.
            let mut after = self.rest.chars();
            let ranges = after.next() == Some('-') && !matches!(after.next(), Some(']') | None);
            if ranges && !is_class {
                self.skip(1);
                if self.at_class() {
                    return Err("has a range that does not end with a character");
                }
                let high = self.class_char()?;
                if let (Some(low), Some(high)) = (low, high)
                    && low > high
                {
                    return Err("has a range that ends before it begins");
                }
            }
        }
    }

    /// Whether `\d` or its like is next.
    fn at_class(&self) -> bool {
        let mut next = self.rest.chars();
        next.next() == Some('\\') && next.next().is_some_and(|kind| "dDsSwWpP".contains(kind))
    }

    /// One character of a class, where it stands for itself.
    fn class_char(&mut self) -> Result<Option<char>, &'static str> {
        let first = self.rest.chars().next();
        if first == Some('\\') {
            let kind = self.rest.chars().nth(1);
            if kind.is_some_and(|kind| "AbBzQ".contains(kind)) {
                return Err("has an escape that Go does not know in a class");
            }
            let kind = kind.filter(|kind| !kind.is_alphanumeric());
            self.escape()?;
            return Ok(kind);
        }
        self.skip(first.map_or(0, char::len_utf8));
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn patterns() {
        for good in [
            "",
            "^a$",
            "[^[\\]]+",
            "a{,5}",
            "a{2,3}?",
            "x{",
            "(?i)a",
            "(?:a|b)*",
            "(?P<n>a)",
            "[]a]",
            "[[:alpha:]-]",
            "[a-]",
            "\\Q(\\E",
            "\\d\\.\\/\\-",
            "a|*?b|".get(..2).unwrap_or(""),
            "[\\w-]+",
            "^(\\d+h)?$",
            "\\pL",
            "\\p{Greek}",
            "\\x41",
            "(a)?*".get(..4).unwrap_or(""),
            "[a\\-z]",
            "}",
            "]",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "[", "(", ")", "a**", "*", "|*", "(*)", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "\\",
            "\\k", "\\1", "[z-a]", "a{1001}", "a{3,2}", "[a", "(?<n", "\\Z", "\\xzz", "[\\b]",
            "[a-\\d]", "\\C", "(?x)a", "a*+",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
