//! The tokens of the filter language, and their positions.
//!
//! A token is taken only if the text continues with it; most tokens end at their last letter, whatever follows.

use super::escaping::unescape;
use crate::error::Position;

pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: Position,
    /// The last token, for messages and for the parser.
    pub last: Vec<u8>,
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | 8 | b'\r' | b'\n')
}

/// `\s` in the regular expressions of the grammar.
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | 11 | 12 | b'\r' | b'\n')
}

/// The number of bytes at the start of `text` that are one `first` and any number of `rest`.
fn word(text: &[u8], first: impl Fn(&u8) -> bool, rest: impl Fn(&u8) -> bool) -> usize {
    match text.first() {
        Some(b) if first(b) => 1 + text[1..].iter().take_while(|b| rest(b)).count(),
        _ => 0,
    }
}

fn identifier(text: &[u8]) -> usize {
    word(text, u8::is_ascii_alphabetic, |b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// The length of the longest prefix without spaces and without bytes of `except` that is valid UTF-8.
fn bare(text: &[u8], except: &[u8]) -> usize {
    let end = text.iter().position(|b| is_space(*b) || except.contains(b)).unwrap_or(text.len());
    match std::str::from_utf8(&text[..end]) {
        Ok(_) => end,
        Err(e) => e.valid_up_to(),
    }
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a [u8]) -> Lexer<'a> {
        Lexer { text, at: Position::default(), last: Vec::new() }
    }

    pub fn at(&self) -> Position {
        self.at
    }

    /// Goes back to an earlier position.
    pub fn rewind(&mut self, at: Position) {
        self.at = at;
    }

    pub fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at.offset as usize..]
    }

    /// The text up to the next space, for messages; the lexer stays where it is.
    pub fn ahead(&self) -> &'a [u8] {
        let rest = self.rest();
        &rest[..rest.iter().position(|b| is_space(*b)).unwrap_or(rest.len())]
    }

    fn advance(&mut self, n: usize) {
        for b in &self.rest()[..n] {
            self.at.offset += 1;
            self.at.column += 1;
            if matches!(b, b'\r' | b'\n') {
                self.at.column = 1;
                self.at.line += 1;
            }
        }
    }

    fn take(&mut self, n: usize) -> bool {
        if n == 0 {
            return false;
        }
        self.last = self.rest()[..n].to_vec();
        self.advance(n);
        true
    }

    /// Skips blanks; returns whether there were any.
    pub fn blank(&mut self) -> bool {
        let n = self.rest().iter().take_while(|b| is_blank(**b)).count();
        self.advance(n);
        n > 0
    }

    /// Takes `word`, whatever follows.
    pub fn exact(&mut self, word: &str) -> bool {
        self.rest().starts_with(word.as_bytes()) && self.take(word.len())
    }

    /// Takes `word` and the blanks after it, of which there must be one.
    pub fn exact_blank(&mut self, word: &str) -> bool {
        let follows = self.rest().strip_prefix(word.as_bytes()).and_then(|rest| rest.first());
        follows.is_some_and(|b| is_blank(*b)) && self.take(word.len()) && self.blank()
    }

    /// Takes any number of `not `; returns whether the number was odd.
    pub fn nots(&mut self) -> bool {
        let mut odd = false;
        loop {
            let Some(rest) = self.rest().strip_prefix(b"not") else { return odd };
            let blanks = rest.iter().take_while(|b| is_space(**b)).count();
            if blanks == 0 {
                return odd;
            }
            self.take(3 + blanks);
            odd = !odd;
        }
    }

    /// Takes a name without dots.
    pub fn identifier(&mut self) -> bool {
        self.take(identifier(self.rest()))
    }

    /// Takes a name with at least one dot.
    pub fn field_name(&mut self) -> bool {
        let text = self.rest();
        let mut n = identifier(text);
        let mut dots = 0;
        while n > 0 && text.get(n) == Some(&b'.') {
            let more = identifier(&text[n + 1..]);
            if more == 0 {
                break;
            }
            n += 1 + more;
            dots += 1;
        }
        dots > 0 && self.take(n)
    }

    /// Takes an unquoted field argument.
    pub fn bare_arg(&mut self) -> bool {
        self.take(bare(self.rest(), b"[]\"'"))
    }

    /// Takes an unquoted value.
    pub fn bare_string(&mut self) -> bool {
        self.take(bare(self.rest(), b"()\"'=,"))
    }

    /// Takes a number: hexadecimal after `0x`, else decimal with optional fraction and exponent.
    pub fn number(&mut self) -> bool {
        let text = self.rest();
        let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
        if let [b'0', b'x' | b'X', hex @ ..] = text {
            let n = hex.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            if n > 0 {
                return self.take(2 + n);
            }
        }
        let mut n = usize::from(matches!(text.first(), Some(b'+' | b'-')));
        let whole = digits(&text[n..]);
        if whole == 0 {
            return false;
        }
        n += whole;
        if text.get(n) == Some(&b'.') {
            n += 1;
        }
        n += digits(&text[n..]);
        if let [b'e' | b'E', b'+' | b'-', exponent @ ..] = &text[n..] {
            let power = digits(exponent);
            if power > 0 {
                n += 2 + power;
            }
        }
        self.take(n)
    }

    /// Takes a quoted text and stores its decoded form in [`Lexer::last`].
    ///
    /// # Errors
    /// The text between the quotes has an invalid escape, or the closing quote is missing.
    pub fn quoted(&mut self) -> Result<bool, String> {
        let [quote @ (b'"' | b'\''), body @ ..] = self.rest() else { return Ok(false) };
        // The closing quote is the first one without a backslash before it, even if that backslash is itself escaped.
        let mut before = *quote;
        for (n, b) in body.iter().enumerate() {
            if b == quote && before != b'\\' {
                self.advance(n + 2);
                self.last = unescape(&body[..n], *quote)?;
                return Ok(true);
            }
            before = *b;
        }
        Err(format!("a string without its closing {}", *quote as char))
    }

    /// Whether a list or the name of a list follows, and not the next keyword of the filter.
    pub fn list_follows(&self) -> bool {
        let text = self.rest();
        if text.first() == Some(&b'(') {
            return true;
        }
        let keyword =
            |k: &&[u8]| text.strip_prefix(*k).is_some_and(|r| !r.first().is_some_and(u8::is_ascii_alphanumeric));
        identifier(text) > 0 && ![&b"and"[..], b"or", b"not"].iter().any(keyword)
    }
}
