//! Reading a stream of documents in pieces, so that memory does not grow with the file.

use std::io::{self, Read};

use crate::yaml::MAX_DOCUMENT_BYTES;

/// How much is read before the text so far is handed on. A file below it is one piece.
pub const PIECE_BYTES: usize = 256 << 10;

/// How much is kept of a document that is too large.
const HEAD_BYTES: usize = 4 << 10;

/// Some whole documents of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Their text.
    pub text: String,
    /// The number of the first line in the stream.
    pub first_line: usize,
    /// Whether the text is the beginning of one document that is too large to be read.
    pub too_large: bool,
    /// Whether some bytes were no UTF-8; U+FFFD stands for them.
    pub is_lossy: bool,
}

impl Piece {
    /// The piece of a file with nothing in it.
    #[must_use]
    pub fn empty() -> Self {
        Self { text: String::new(), first_line: 1, too_large: false, is_lossy: false }
    }
}

/// The pieces of a stream, in order.
pub struct Pieces<R> {
    reader: R,
    /// Bytes that one document may have.
    limit: usize,
    buffer: Vec<u8>,
    line: usize,
    is_started: bool,
    is_ended: bool,
    /// Whether the text that comes belongs to a document that was given up.
    is_skipping: bool,
}

impl<R: Read> Pieces<R> {
    /// The pieces of what a reader gives.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            limit: MAX_DOCUMENT_BYTES,
            buffer: Vec::new(),
            line: 1,
            is_started: false,
            is_ended: false,
            is_skipping: false,
        }
    }

    /// The next piece, or nothing at the end.
    ///
    /// # Errors
    ///
    /// Where the stream cannot be read.
    pub fn read(&mut self) -> io::Result<Option<Piece>> {
        let mut wanted = PIECE_BYTES;
        loop {
            self.fill(wanted)?;
            if !self.is_started && !self.buffer.is_empty() {
                self.is_started = true;
                if let Some(is_little) = utf16(&self.buffer) {
                    return self.utf16(is_little);
                }
            }
            if self.is_skipping {
                self.skip();
                if self.is_skipping && !self.is_ended {
                    continue;
                }
                self.is_skipping = false;
                continue;
            }
            if self.is_ended {
                let rest = std::mem::take(&mut self.buffer);
                return Ok((!rest.is_empty()).then(|| self.piece(rest)));
            }
            if let Some(end) = cut(&self.buffer) {
                let rest = self.buffer.split_off(end);
                let whole = std::mem::replace(&mut self.buffer, rest);
                return Ok(Some(self.piece(whole)));
            }
            if self.buffer.len() > self.limit {
                return Ok(Some(self.give_up()));
            }
            // Longer each time, so that looking for the end again costs no more than reading.
            wanted = self.buffer.len() * 2;
        }
    }

    /// Whether everything has been handed out, as far as is known.
    pub fn is_finished(&self) -> bool {
        self.is_ended && self.buffer.is_empty()
    }

    /// Reads until there is more than so much, or the end.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.is_ended || self.buffer.len() > wanted {
            return Ok(());
        }
        let missing = wanted + 1 - self.buffer.len();
        let limit = u64::try_from(missing).unwrap_or(u64::MAX);
        let read = (&mut self.reader).take(limit).read_to_end(&mut self.buffer)?;
        self.is_ended = read < missing;
        Ok(())
    }

    fn piece(&mut self, mut bytes: Vec<u8>) -> Piece {
        // A lone carriage return ends a line for YAML, too.
        if memchr::memchr(b'\n', &bytes).is_none() {
            bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        let first_line = self.line;
        self.line += lines(&bytes);
        let (text, is_lossy) = match String::from_utf8(bytes) {
            Ok(text) => (text, false),
            Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), true),
        };
        Piece { text, first_line, too_large: false, is_lossy }
    }

    /// The head of a document that is too large; its rest is passed over.
    fn give_up(&mut self) -> Piece {
        let first_line = self.line;
        let text = String::from_utf8_lossy(&self.buffer[..HEAD_BYTES]).into_owned();
        self.skip();
        self.is_skipping = true;
        Piece { text, first_line, too_large: true, is_lossy: false }
    }

    /// Drops text up to the next separator.
    fn skip(&mut self) {
        let end = memchr::memmem::find(&self.buffer, SEPARATOR).map(|at| at + 1);
        self.is_skipping = end.is_none();
        // A separator may be half there.
        let end = end.unwrap_or(self.buffer.len().saturating_sub(SEPARATOR.len() - 1));
        self.line += lines(&self.buffer[..end]);
        self.buffer.drain(..end);
        if self.is_skipping && self.is_ended {
            self.buffer.clear();
        }
    }

    /// A text in UTF-16 is read whole.
    fn utf16(&mut self, is_little: bool) -> io::Result<Option<Piece>> {
        self.fill(self.limit)?;
        let too_large = !self.is_ended;
        let mut bytes = std::mem::take(&mut self.buffer);
        if too_large {
            bytes.truncate(HEAD_BYTES);
            io::copy(&mut self.reader, &mut io::sink())?;
            self.is_ended = true;
        }
        let (pairs, odd) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|&pair| {
            if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
        });
        let mut is_lossy = !odd.is_empty();
        let characters = char::decode_utf16(units).map(|unit| {
            unit.unwrap_or_else(|_| {
                is_lossy = true;
                char::REPLACEMENT_CHARACTER
            })
        });
        let text = characters.collect();
        Ok(Some(Piece { text, first_line: 1, too_large, is_lossy }))
    }
}

const SEPARATOR: &[u8] = b"\n---";

/// Which UTF-16 the byte order mark tells, if it tells one: `true` for little endian.
fn utf16(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        _ => None,
    }
}

/// Where the last document that may go on begins, so that all before it is whole.
fn cut(buffer: &[u8]) -> Option<usize> {
    let last = memchr::memmem::rfind(buffer, SEPARATOR);
    last.map(|at| at + 1).or_else(|| {
        let text = std::str::from_utf8(buffer).unwrap_or_else(|error| {
            std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default()
        });
        // The last value may not be whole.
        let values = super::json::values(text)?;
        values.last().map(|value| value.start).filter(|&start| start > 0)
    })
}

fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

#[cfg(test)]
mod tests {
    use super::{PIECE_BYTES, Piece, Pieces};

    /// In place of the limit that documents have.
    const LIMIT: usize = 1 << 20;

    fn pieces(bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Pieces { limit: LIMIT, ..Pieces::new(bytes) };
        std::iter::from_fn(|| pieces.read().unwrap()).collect()
    }

    #[test]
    fn a_small_file_is_one_piece() {
        let found = pieces(b"a: 1\n---\nb: 2\n");
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].text, found[0].first_line), ("a: 1\n---\nb: 2\n", 1));
        assert!(pieces(b"").is_empty());
    }

    #[test]
    fn a_large_file_is_cut_between_documents() {
        let document = format!("---\na: {}\n", "x".repeat(1000));
        let text = document.repeat(2000);
        let found = pieces(text.as_bytes());
        assert!(found.len() > 5);
        let joined: String = found.iter().map(|piece| &*piece.text).collect();
        assert_eq!(joined, text);
        let mut line = 1;
        for piece in &found {
            assert!(piece.text.starts_with("---") && piece.text.len() <= PIECE_BYTES + 1);
            assert_eq!(piece.first_line, line);
            line += piece.text.lines().count();
        }
    }

    #[test]
    fn json_values_are_cut_between_values() {
        let text = format!("{{\"a\": \"{}}} {{\"}}\n", "x".repeat(1000)).repeat(2000);
        let found = pieces(text.as_bytes());
        assert!(found.len() > 5);
        assert!(found.iter().all(|piece| piece.text.starts_with('{')));
        let joined: String = found.iter().map(|piece| &*piece.text).collect();
        assert_eq!(joined, text);
    }

    #[test]
    fn a_document_that_is_too_large_is_passed_over() {
        let mut text = b"a: ".to_vec();
        text.resize(2 * LIMIT, b'x');
        text.extend(b"\n---\nb: 1\n");
        let found = pieces(&text);
        assert_eq!(found.len(), 2);
        assert!(found[0].too_large && found[0].text.starts_with("a: xxx"));
        assert_eq!((&*found[1].text, found[1].first_line), ("---\nb: 1\n", 2));
    }

    #[test]
    fn other_encodings() {
        let little: Vec<u8> =
            "\u{feff}a: ä\n".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(pieces(&little)[0].text, "\u{feff}a: ä\n");
        let big: Vec<u8> =
            "\u{feff}a: ä\n".encode_utf16().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(pieces(&big)[0].text, "\u{feff}a: ä\n");
        let latin = pieces(b"a: \xe4\n");
        assert!(latin[0].is_lossy);
        assert_eq!(latin[0].text, "a: \u{fffd}\n");
    }
}
