//! Quoting and escaping of texts in filters.

/// Appends `text` in a form that the parser reads back: in double quotes if it has a blank, quote, backslash, equals sign
/// or a control character with an escape, else unchanged.
pub fn escape(text: &[u8], out: &mut Vec<u8>) {
    let bare = |b: &u8| !matches!(b, 8 | 12 | b'\n' | b'\r' | b'\t' | b' ' | b'=' | b'\\' | b'"' | b'\'');
    if text.iter().all(bare) {
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for &b in text {
        let escaped = match b {
            8 => b'b',
            12 => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            b'\\' | b'"' => b,
            _ => {
                out.push(b);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', escaped]);
    }
    out.push(b'"');
}

/// Decodes `body`, the text between two `quote` characters.
///
/// # Errors
/// An unknown escape, or an escaped quote of the other kind.
pub fn unescape(body: &[u8], quote: u8) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied();
    while let Some(b) = bytes.next() {
        if b != b'\\' {
            out.push(b);
            continue;
        }
        out.push(match bytes.next() {
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            // An escaped blank becomes a backslash; published rules rely on it.
            Some(b' ' | b'\\') => b'\\',
            Some(b'/') => b'/',
            Some(q @ (b'"' | b'\'')) if q == quote => q,
            Some(b'"') => return Err("invalid \\\" escape in '-quoted string".into()),
            Some(b'\'') => return Err("invalid \\' escape in \"-quoted string".into()),
            Some(other) => return Err(format!("unsupported string escape sequence: \\{}", other.escape_ascii())),
            None => return Err("a string ends within an escape sequence".into()),
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn what_is_escaped_reads_back() {
        for text in [&b"a b"[..], b"\t\n\r\x08\x0c", b"a\"b'c", b"back\\slash", b"k=v", b"\xff \x80"] {
            let out = escaped(text);
            assert_eq!((out[0], out[out.len() - 1]), (b'"', b'"'));
            assert_eq!(unescape(&out[1..out.len() - 1], b'"').unwrap(), text);
        }
        assert_eq!(escaped(b"plain/path,(x)"), b"plain/path,(x)");
    }

    #[test]
    fn escapes_that_are_not() {
        assert!(unescape(b"\\x41", b'"').is_err());
        assert!(unescape(b"\\'", b'"').is_err());
        assert!(unescape(b"\\\"", b'\'').is_err());
        assert!(unescape(b"\\", b'"').is_err());
        assert_eq!(unescape(b"a\\ b", b'"').unwrap(), b"a\\b");
    }
}
