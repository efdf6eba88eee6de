//! Shell patterns with the semantics of fnmatch(3) without flags: `*` and `?` also match slashes and leading dots.

/// Whether `pattern` matches the whole of `text`; `fold` ignores the case of ASCII letters.
pub fn matches(pattern: &[u8], text: &[u8], fold: bool) -> bool {
    let (mut p, mut t) = (0, 0);
    // The position for the next attempt after a mismatch: after the last star, one byte further in the text.
    let mut retry = None;
    loop {
        if pattern.get(p) == Some(&b'*') {
            p += 1;
            if p == pattern.len() {
                return true;
            }
            retry = Some((p, t));
            continue;
        }
        let step = match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(_), Some(b)) => single(&pattern[p..], *b, fold),
            _ => None,
        };
        match (step, retry) {
            (Some(len), _) => {
                p += len;
                t += 1;
            }
            (None, Some((star, from))) if from < text.len() => {
                retry = Some((star, from + 1));
                (p, t) = (star, from + 1);
            }
            (None, _) => return false,
        }
    }
}

/// The length of the first element of `pattern`, which is no star, if it matches `b`.
fn single(pattern: &[u8], b: u8, fold: bool) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => equal(*escaped, b, fold).then_some(2),
        // A trailing backslash matches nothing.
        [b'\\'] => None,
        [b'[', set @ ..] => match bracket(set, b, fold) {
            Some((len, matched)) => matched.then_some(1 + len),
            // An unclosed bracket is a literal.
            None => equal(b'[', b, fold).then_some(1),
        },
        [literal, ..] => equal(*literal, b, fold).then_some(1),
        [] => None,
    }
}

fn equal(a: u8, b: u8, fold: bool) -> bool {
    if fold { a.eq_ignore_ascii_case(&b) } else { a == b }
}

/// A set, after the opening bracket: its length with the closing bracket, and whether `b` is in it.
fn bracket(set: &[u8], b: u8, fold: bool) -> Option<(usize, bool)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let first = usize::from(negated);
    let mut i = first;
    let mut found = false;
    loop {
        match *set.get(i)? {
            b']' if i > first => return Some((i + 1, found != negated)),
            b'[' if set.get(i + 1) == Some(&b':') => match class_end(&set[i + 2..]) {
                Some(len) => {
                    found |= in_class(&set[i + 2..i + 2 + len], b, fold)?;
                    i += len + 4;
                }
                None => {
                    found |= equal(b'[', b, fold);
                    i += 1;
                }
            },
            _ => {
                let (low, len) = member(&set[i..])?;
                i += len;
                // A minus before the closing bracket is literal.
                if set.get(i) == Some(&b'-') && *set.get(i + 1)? != b']' {
                    let (high, len) = member(&set[i + 1..])?;
                    i += 1 + len;
                    let fits = |b: u8| {
                        if fold {
                            (low.to_ascii_lowercase()..=high.to_ascii_lowercase()).contains(&b)
                        } else {
                            (low..=high).contains(&b)
                        }
                    };
                    found |= fits(if fold { b.to_ascii_lowercase() } else { b });
                } else {
                    found |= equal(low, b, fold);
                }
            }
        }
    }
}

/// A byte of a set, plain, escaped, or as `[.x.]` or `[=x=]`: the byte and its length in the pattern.
fn member(set: &[u8]) -> Option<(u8, usize)> {
    match set {
        [b'\\', escaped, ..] => Some((*escaped, 2)),
        [b'[', open @ (b'.' | b'='), byte, close, b']', ..] if open == close => Some((*byte, 5)),
        [byte, ..] => Some((*byte, 1)),
        [] => None,
    }
}

/// The length of a class name that is followed by `:]`.
fn class_end(set: &[u8]) -> Option<usize> {
    let len = set.iter().take_while(|b| b.is_ascii_lowercase()).count();
    (set[len..].starts_with(b":]")).then_some(len)
}

/// Whether `b` is in the class; `None` for an unknown class, with which the pattern matches nothing.
fn in_class(name: &[u8], b: u8, fold: bool) -> Option<bool> {
    Some(match name {
        b"alnum" => b.is_ascii_alphanumeric(),
        b"alpha" => b.is_ascii_alphabetic(),
        b"blank" => matches!(b, b' ' | b'\t'),
        b"cntrl" => b.is_ascii_control(),
        b"digit" => b.is_ascii_digit(),
        b"graph" => b.is_ascii_graphic(),
        b"lower" => b.is_ascii_lowercase() || (fold && b.is_ascii_uppercase()),
        b"print" => matches!(b, 32..=126),
        b"punct" => b.is_ascii_punctuation(),
        b"space" => matches!(b, 9..=13 | b' '),
        b"upper" => b.is_ascii_uppercase() || (fold && b.is_ascii_lowercase()),
        b"xdigit" => b.is_ascii_hexdigit(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str, text: &str) -> bool {
        matches(pattern.as_bytes(), text.as_bytes(), false)
    }

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text) in [
            ("/etc/*", "/etc/a/b"),
            ("*", ""),
            ("**", "x"),
            ("/usr/lib/*.so*", "/usr/lib/x/libc.so.6"),
            ("*../*../*", "a/../../b"),
            ("a?c", "a/c"),
            ("?", "\u{7f}"),
            ("*a*a*b", "aaaaaaab"),
            (".*", ".x"),
            ("", ""),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("/etc/*", "/etc"), ("a?c", "ac"), ("", "a"), ("a", ""), ("*b", "abc"), ("*a*a*b", "aaaa"), ("a*", "ba")]
        {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn brackets() {
        for (pattern, text) in [
            ("[abc]", "b"),
            ("[a-c]x", "bx"),
            ("[!a-c]", "d"),
            ("[^a]", "b"),
            ("[]a]", "]"),
            ("[!]a]", "b"),
            ("[a-]", "-"),
            ("[[:digit:]x]", "5"),
            ("[[:digit:]x]", "x"),
            ("[\\]]", "]"),
            ("[[.a.]]", "a"),
            ("[a", "[a"),
            ("a[", "a["),
            ("[*]", "*"),
            ("*[0-9]", "abc5"),
        ] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("[abc]", "d"), ("[!a]", "a"), ("[b-a]", "a"), ("[[:digit:]]", "x"), ("[]", "x")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn escapes() {
        assert!(glob("\\*", "*") && !glob("\\*", "a"));
        assert!(glob("a\\\\b", "a\\b"));
        assert!(!glob("a\\", "a\\"));
    }

    #[test]
    fn case() {
        assert!(matches(b"/ETC/*", b"/etc/x", true) && !matches(b"/ETC/*", b"/etc/x", false));
        assert!(matches(b"[A-C]", b"b", true) && matches(b"[[:upper:]]", b"b", true));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let text = "a".repeat(5000);
        assert!(!glob(&format!("{}b", "*a".repeat(50)), &text));
    }
}
