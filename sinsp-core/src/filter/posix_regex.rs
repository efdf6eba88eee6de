//! The regular expressions of the filter language: the egrep syntax that RE2 calls POSIX, without Perl extensions, anchored
//! at both ends.
//!
//! A pattern is parsed and translated to the syntax of the `regex` crate, so that the same patterns are accepted with the
//! same meaning: `\d`, `(?:` and lazy repetition do not exist, and a brace that starts no repetition count is a literal.

use regex::bytes::{Regex, RegexBuilder};
use std::iter::Peekable;
use std::str::Chars;

const MAX_COUNT: u32 = 1000;
const MAX_DEPTH: u32 = 200;

/// Compiles a pattern that must match a whole text.
///
/// # Errors
/// The pattern is malformed, or the compiled form is too large.
pub fn compile(pattern: &[u8]) -> Result<Regex, String> {
    let shown = || String::from_utf8_lossy(pattern);
    let translated = std::str::from_utf8(pattern)
        .map_err(|_| "invalid UTF-8".to_string())
        .and_then(translate)
        .map_err(|what| format!("invalid regex pattern: {what}: {}", shown()))?;
    // The cause is the last line of the message, behind one with the pattern as it was rewritten.
    let cause = |message: String| message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
    RegexBuilder::new(&format!(r"\A(?:{translated})\z"))
        .build()
        .map_err(|e| format!("invalid regex pattern: {}: {}", cause(e.to_string()), shown()))
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut reader = Reader { rest: pattern.chars().peekable(), out: String::new(), depth: 0 };
    reader.alternatives()?;
    match reader.rest.peek() {
        None => Ok(reader.out),
        Some(_) => Err("unexpected )".into()),
    }
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    depth: u32,
}

impl Reader<'_> {
    fn alternatives(&mut self) -> Result<(), String> {
        loop {
            while let Some(c) = self.rest.peek() {
                if matches!(c, '|' | ')') {
                    break;
                }
                self.repeated()?;
            }
            if self.rest.next_if_eq(&'|').is_none() {
                return Ok(());
            }
            self.out.push('|');
        }
    }

    /// An atom with its repetitions. A repeated repetition is grouped, so that the second operator does not modify the
    /// first.
    fn repeated(&mut self) -> Result<(), String> {
        let start = self.out.len();
        if matches!(self.rest.peek(), Some('*' | '+' | '?')) || self.count()?.is_some() {
            return Err("no argument for repetition operator".into());
        }
        self.atom()?;
        loop {
            let operator = match self.rest.next_if(|c| matches!(c, '*' | '+' | '?')) {
                Some(c) => c.to_string(),
                None => match self.count()? {
                    Some(count) => count,
                    None => return Ok(()),
                },
            };
            self.out.insert_str(start, "(?:");
            self.out.push(')');
            self.out.push_str(&operator);
        }
    }

    /// A repetition count in braces, if there is one; otherwise nothing is consumed.
    fn count(&mut self) -> Result<Option<String>, String> {
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('{') {
            return Ok(None);
        }
        let mut number = || {
            let mut digits = String::new();
            while let Some(d) = ahead.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            (digits, ahead.next())
        };
        let (min, max) = match number() {
            (min, Some('}')) if !min.is_empty() => (min.clone(), min),
            (min, Some(',')) if !min.is_empty() => match number() {
                (max, Some('}')) => (min, max),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        let limit = |digits: &str| digits.parse::<u32>().ok().filter(|n| *n <= MAX_COUNT);
        let low = limit(&min);
        let high = if max.is_empty() { low } else { limit(&max) };
        if low.is_none() || high.is_none() || low > high {
            return Err("invalid repetition size".into());
        }
        self.rest = ahead;
        Ok(Some(if max.is_empty() { format!("{{{min},}}") } else { format!("{{{min},{max}}}") }))
    }

    fn atom(&mut self) -> Result<(), String> {
        match self.rest.next() {
            Some('(') => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err("groups are nested too deep".into());
                }
                self.out.push_str("(?:");
                self.alternatives()?;
                if self.rest.next() != Some(')') {
                    return Err("missing )".into());
                }
                self.out.push(')');
                self.depth -= 1;
            }
            Some('[') => self.set()?,
            // Both also match at line breaks within the text.
            Some('^') => self.out.push_str("(?m:^)"),
            Some('$') => self.out.push_str("(?m:$)"),
            Some('.') => self.out.push('.'),
            Some('\\') => {
                let c = self.escape()?;
                self.literal(c);
            }
            Some(c) => self.literal(c),
            None => {}
        }
        Ok(())
    }

    fn literal(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex::escape(c.encode_utf8(&mut buffer)));
    }

    /// The character of an escape, after the backslash.
    fn escape(&mut self) -> Result<char, String> {
        let c = self.rest.next().ok_or("trailing \\")?;
        Ok(match c {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            // A single digit would be a back-reference; only zero is allowed.
            '0'..='7' => {
                let mut code = c as u32 - '0' as u32;
                let mut digits = 1;
                while let Some(d) = self.rest.next_if(|d| digits < 3 && matches!(d, '0'..='7')) {
                    code = code * 8 + d as u32 - '0' as u32;
                    digits += 1;
                }
                if digits == 1 && c != '0' {
                    return Err(format!("invalid escape sequence: \\{c}"));
                }
                char::from_u32(code).ok_or("invalid escape sequence")?
            }
            'x' => self.hex()?,
            c if c.is_ascii_alphanumeric() || !c.is_ascii() => {
                return Err(format!("invalid escape sequence: \\{c}"));
            }
            c => c,
        })
    }

    /// A character code of two hexadecimal digits, or in braces.
    fn hex(&mut self) -> Result<char, String> {
        let error = || "invalid escape sequence: \\x".to_string();
        let mut code = 0u32;
        if self.rest.next_if_eq(&'{').is_some() {
            let mut digits = 0;
            while let Some(d) = self.rest.next_if(char::is_ascii_hexdigit) {
                digits += 1;
                code = (code * 16 + d.to_digit(16).unwrap_or(0)).min(0x11_0000);
            }
            if digits == 0 || self.rest.next() != Some('}') {
                return Err(error());
            }
        } else {
            for _ in 0..2 {
                let d = self.rest.next().and_then(|d| d.to_digit(16)).ok_or_else(error)?;
                code = code * 16 + d;
            }
        }
        char::from_u32(code).ok_or_else(error)
    }

    fn set(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.peek() {
                None => return Err("missing ]".into()),
                Some(']') if !first => {
                    self.rest.next();
                    self.out.push(']');
                    return Ok(());
                }
                _ => {}
            }
            first = false;
            if let Some(class) = self.class()? {
                self.out.push_str(&class);
                continue;
            }
            let low = self.member()?;
            let mut ahead = self.rest.clone();
            if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
                self.rest = ahead;
                let high = self.member()?;
                if low > high {
                    return Err("invalid character class range".into());
                }
                self.set_literal(low);
                self.out.push('-');
                self.set_literal(high);
            } else {
                self.set_literal(low);
            }
        }
    }

    fn member(&mut self) -> Result<char, String> {
        match self.rest.next() {
            Some('\\') => self.escape(),
            Some(c) => Ok(c),
            None => Err("missing ]".into()),
        }
    }

    fn set_literal(&mut self, c: char) {
        self.out.push_str(&format!("\\x{{{:x}}}", c as u32));
    }

    /// A class such as `[:alpha:]` or `[:^alpha:]`, if there is one.
    fn class(&mut self) -> Result<Option<String>, String> {
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('[') || ahead.next() != Some(':') {
            return Ok(None);
        }
        let text: String = ahead.clone().collect();
        let Some(end) = text.find(":]") else { return Ok(None) };
        let name = &text[..end];
        const NAMES: &[&str] = &[
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err("invalid character class range".into());
        }
        ahead.nth(end + 1);
        self.rest = ahead;
        Ok(Some(format!("[:{name}:]")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &[u8]) -> bool {
        compile(pattern.as_bytes()).unwrap().is_match(text)
    }

    #[test]
    fn the_whole_text_has_to_match() {
        assert!(matches(".*(ls|cat).*", b"/bin/ls -l") && !matches("ls|cat", b"/bin/ls"));
        assert!(matches("^[a-z]{2,4}$", b"bash") && !matches("^[a-z]{2,4}$", b"bashx"));
        assert!(matches("a|", b"") && matches("()", b"") && matches("", b""));
        assert!(!matches(".", b"\n") && matches("[^a]", b"\n") && !matches(".", b"\xff"));
        assert!(matches("a\n^b", b"a\nb"));
        assert!(matches(r"x\_[\_]", b"x__") && !matches(r"\_", b"\\_"));
    }

    #[test]
    fn perls_additions_do_not_exist() {
        for bad in [r"\d", r"\w+", r"\bx", "(?:x)", "(?i)x", r"\A", r"\pL", r"\1", r"\q", "x\\"] {
            assert!(compile(bad.as_bytes()).is_err(), "{bad}");
        }
        // The second operator repeats the first.
        assert!(matches("a+?", b"") && matches("a+?", b"aaa") && matches("a**", b"aa"));
    }

    #[test]
    fn malformed_patterns() {
        for bad in [
            "[",
            "[]",
            "(",
            ")",
            "a)",
            "(a",
            "*",
            "a|*",
            "(*a)",
            "{2}",
            "a{2,1}",
            "a{1001}",
            "[b-a]",
            "[[:nope:]]",
            "[a",
        ] {
            assert!(compile(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(compile(b"\xff").is_err());
        assert!(compile("(".repeat(5000).as_bytes()).is_err());
        assert!(compile(b"((a{1000}){1000}){1000}").is_err());
    }

    #[test]
    fn what_is_literal_is_literal() {
        assert!(matches("a{", b"a{") && matches("a{,2}", b"a{,2}") && matches("a{x}", b"a{x}"));
        assert!(matches("[]a]+", b"a]") && matches("[a-]", b"-") && matches("[&&~~]", b"&") && matches("[[]", b"["));
        assert!(matches("[[:alpha:]_]+", b"ab_") && matches("[[:^alpha:]]", b"1"));
        assert!(matches(r"\.\*\x41\x{42}\101\n", b".*AB\x41\n"));
        assert!(matches("a#b c", b"a#b c") && matches(r"[\]\\]", b"\\"));
        assert!(matches("é+", "éé".as_bytes()) && matches("[à-ü]", "é".as_bytes()));
    }
}
