//! Words within texts: the functions of `github.com/Masterminds/goutils` and
//! `github.com/huandu/xstrings` that sprig uses.

use std::rc::Rc;

use super::super::failure::Failure;
use super::Functions;
use super::strings::{bounded, is_space, lower, slice, upper};

type Text = Rc<str>;

pub(super) fn add(functions: &mut Functions) {
    functions.define("title", |text: Text| title(&text));
    functions.define("untitle", |text: Text| untitle(&text));
    functions.define("swapcase", |text: Text| swap_case(&text));
    functions.define("nospace", |text: Text| {
        let kept: String = text.chars().filter(|c| !is_space(*c)).collect();
        by_bytes(&text, kept)
    });
    functions.define("initials", |text: Text| by_bytes(&text, initials(&text)));
    functions.define("snakecase", |text: Text| joined_words(&text, '_'));
    functions.define("kebabcase", |text: Text| joined_words(&text, '-'));
    functions.define("camelcase", |text: Text| pascal_case(&text));
    functions.define("abbrev", |width: i64, text: Text| {
        if width < 4 { Ok(text.to_string()) } else { abbreviate(&text, 0, width) }
    });
    functions.define("abbrevboth", |left: i64, right: i64, text: Text| {
        if right < 4 || (left > 0 && right < 7) {
            Ok(text.to_string())
        } else {
            abbreviate(&text, left, right)
        }
    });
    functions.define("wrap", |width: i64, text: Text| wrap(&text, width, "", false));
    functions.define("wrapWith", |width: i64, separator: Text, text: Text| {
        wrap(&text, width, &separator, true)
    });
}

/// Those functions that take bytes for letters are known for ASCII only.
fn by_bytes(text: &str, result: String) -> Result<String, Failure> {
    if text.is_ascii() {
        return Ok(result);
    }
    Err(Failure::unknown("letters beyond ASCII, which Go takes apart here"))
}

/// `strings.Title`
fn title(text: &str) -> String {
    let mut before = ' ';
    let mut letter = |c: char| {
        let starts = is_separator(before);
        before = c;
        if starts { upper(c) } else { c }
    };
    text.chars().map(&mut letter).collect()
}

/// `isSeparator` of `strings`
fn is_separator(c: char) -> bool {
    if c.is_ascii() {
        return !(c.is_ascii_alphanumeric() || c == '_');
    }
    !c.is_alphanumeric() && is_space(c)
}

/// `Uncapitalize`: the first letter of every word.
fn untitle(text: &str) -> String {
    let mut first = true;
    let letter = |c: char| {
        if is_space(c) {
            first = true;
            return c;
        }
        if std::mem::take(&mut first) { lower(c) } else { c }
    };
    text.chars().map(letter).collect()
}

/// `SwapCase`
fn swap_case(text: &str) -> String {
    let mut after_space = true;
    let letter = |c: char| {
        let swapped = if c.is_uppercase() {
            lower(c)
        } else if c.is_lowercase() {
            upper(c)
        } else {
            after_space = is_space(c);
            return c;
        };
        after_space = false;
        swapped
    };
    text.chars().map(letter).collect()
}

fn initials(text: &str) -> String {
    text.split(is_space).filter_map(|word| word.chars().next()).collect()
}

/// `AbbreviateFull`
fn abbreviate(text: &str, offset: i64, width: i64) -> Result<String, Failure> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if length <= width {
        return Ok(text.to_owned());
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    if offset <= 4 {
        return Ok(slice(text, 0..width - 3)?.to_owned() + "...");
    }
    if width < 7 {
        return Ok(String::new());
    }
    if offset + width - 3 < length {
        let rest = abbreviate(slice(text, offset..length)?, 0, width - 3)?;
        return Ok("...".to_owned() + &rest);
    }
    Ok("...".to_owned() + slice(text, length - (width - 3)..length)?)
}

/// `WrapCustom`
fn wrap(text: &str, width: i64, separator: &str, long: bool) -> Result<String, Failure> {
    let separator = if separator.is_empty() { "\n" } else { separator };
    let width = width.max(1);
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    bounded(text.len(), text.len() / usize::try_from(width).unwrap_or(1) + 1, separator.len())?;
    let mut out = String::new();
    let mut offset = 0;
    while length - offset > width {
        let rest = slice(text, offset..length)?;
        if rest.starts_with(' ') {
            offset += 1;
            continue;
        }
        // Bytes are looked at, so a letter may be cut where no space is.
        let head = rest.as_bytes().get(..usize::try_from(width + 1).unwrap_or(0)).unwrap_or(&[]);
        let space = head.iter().rposition(|b| *b == b' ');
        let end = match space {
            Some(space) => offset + i64::try_from(space).unwrap_or(0),
            None if long => {
                out.push_str(slice(text, offset..offset + width)?);
                out.push_str(separator);
                offset += width;
                continue;
            }
            None => {
                let after = rest.as_bytes().iter().skip(usize::try_from(width).unwrap_or(0));
                match after.clone().position(|b| *b == b' ') {
                    Some(space) => offset + width + i64::try_from(space).unwrap_or(0),
                    None => {
                        out.push_str(rest);
                        offset = length;
                        break;
                    }
                }
            }
        };
        out.push_str(slice(text, offset..end)?);
        out.push_str(separator);
        offset = end + 1;
    }
    Ok(out + slice(text, offset.min(length)..length)?)
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || is_space(c)
}

/// `ToPascalCase`
fn pascal_case(text: &str) -> String {
    let start = text.find(|c| !is_connector(c)).unwrap_or(text.len());
    let (mut out, rest) = match text.split_at_checked(start) {
        Some((connectors, rest)) => (connectors.to_owned(), rest),
        None => return text.to_owned(),
    };
    let mut chars = rest.chars();
    let Some(first) = chars.next() else {
        // Where there is nothing else, the last connector comes twice.
        out.extend(text.chars().next_back());
        return out;
    };
    let mut upper_word = first.is_uppercase();
    let mut current = upper(first);
    for c in chars {
        let before = current;
        current = c;
        if is_connector(c) && is_connector(before) {
            out.push(before);
        } else if is_connector(before) {
            upper_word = c.is_uppercase();
            current = upper(c);
        } else {
            if upper_word {
                if c.is_uppercase() {
                    current = lower(c);
                } else {
                    upper_word = false;
                }
            }
            out.push(before);
        }
    }
    out.push(current);
    out
}

/// What a word is made of: `wordType` of `xstrings`.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    End,
    Number,
    Upper,
    Letters,
    Connector,
    Punctuation,
    Other,
}

/// `unicode.IsPunct`, for ASCII; others are known as no letters.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c)
}

/// `isAlphabet`: letters, but not those of scripts without case.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && (c.is_ascii() || c.is_lowercase() || c.is_uppercase())
}

/// `nextWord`: the first word, its sort, and what follows.
fn next_word(text: &str) -> (Sort, &str, &str) {
    let Some(first) = text.chars().next() else { return (Sort::End, "", "") };
    let run = |like: &dyn Fn(char) -> bool| text.find(|c| !like(c)).unwrap_or(text.len());
    let lowers = |c: char| is_letter(c) && !c.is_uppercase();
    let (sort, end) = if is_connector(first) {
        (Sort::Connector, run(&is_connector))
    } else if is_punctuation(first) {
        (Sort::Punctuation, run(&is_punctuation))
    } else if first.is_uppercase() {
        let uppers = run(&char::is_uppercase);
        let after = text.get(uppers..).unwrap_or_default();
        let end = if uppers > first.len_utf8() {
            // The last capital belongs to the word that it starts.
            let last = text.get(..uppers).and_then(|t| t.chars().next_back());
            let back = last.map_or(0, char::len_utf8);
            if after.starts_with(is_letter) { uppers - back } else { uppers }
        } else {
            uppers + after.find(|c| !lowers(c)).unwrap_or(after.len())
        };
        (Sort::Upper, end)
    } else if is_letter(first) {
        (Sort::Letters, run(&lowers))
    } else if first.is_numeric() {
        (Sort::Number, run(&char::is_numeric))
    } else {
        let other =
            |c: char| !(is_connector(c) || is_letter(c) || c.is_numeric() || is_punctuation(c));
        (Sort::Other, run(&other).max(first.len_utf8()))
    };
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (sort, word, rest)
}

/// `camelCaseToLowerCase`
fn joined_words(text: &str, connector: char) -> String {
    let mut out = String::new();
    let write = |out: &mut String, sort: Sort, word: &str| {
        if sort == Sort::Connector {
            out.extend(word.chars().map(|c| if is_connector(c) { connector } else { c }));
        } else {
            out.extend(word.chars().map(lower));
        }
    };
    let joins = |sort: Sort| !matches!(sort, Sort::Connector | Sort::Punctuation);
    let (mut sort, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if sort != Sort::Connector {
            write(&mut out, sort, word);
        }
        let (before, last) = (sort, word);
        (sort, word, rest) = next_word(rest);
        match before {
            Sort::Number => {
                while matches!(sort, Sort::Letters | Sort::Number) {
                    write(&mut out, sort, word);
                    (sort, word, rest) = next_word(rest);
                }
                if joins(sort) && sort != Sort::End {
                    out.push(connector);
                }
            }
            Sort::Connector => write(&mut out, before, last),
            Sort::Punctuation => {}
            _ if sort != Sort::Number => {
                if joins(sort) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (sort, word, rest) = next_word(rest);
                if sort != Sort::Letters {
                    write(&mut out, Sort::Number, number);
                    if joins(sort) {
                        out.push(connector);
                    }
                    continue;
                }
                out.push(connector);
                write(&mut out, Sort::Number, number);
                while matches!(sort, Sort::Letters | Sort::Number) {
                    write(&mut out, sort, word);
                    (sort, word, rest) = next_word(rest);
                }
                if joins(sort) && sort != Sort::End {
                    out.push(connector);
                }
            }
        }
    }
    write(&mut out, sort, word);
    out
}
