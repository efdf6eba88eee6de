//! JSON in the form that existing consumers expect: ASCII only, sorted keys, no whitespace.

use std::io::Write;

/// Appends a quoted string. Non-ASCII characters are escaped as UTF-16, invalid UTF-8 becomes U+FFFD.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|c| character(c, out));
        if !chunk.invalid().is_empty() {
            character(char::REPLACEMENT_CHARACTER, out);
        }
    }
    out.push(b'"');
}

fn character(c: char, out: &mut Vec<u8>) {
    let escape = match c {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        ' '..='\u{7f}' => return out.push(c as u8),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a Vec cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', escape]);
}

/// Appends a number with a fraction, `.0` if it is whole. Infinity becomes `1e+9999`, because JSON has none, and NaN
/// becomes null.
pub fn double(n: f64, out: &mut Vec<u8>) {
    let _ = if n.is_nan() {
        write!(out, "null")
    } else if n.is_infinite() {
        write!(out, "{}1e+9999", if n < 0.0 { "-" } else { "" })
    } else {
        write!(out, "{n:?}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let quoted = |text: &[u8]| {
            let mut out = Vec::new();
            string(text, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(quoted(b"a/b"), "\"a/b\"");
        assert_eq!(quoted(b"\"\\\n\r\t\x08\x0c\x01\x7f"), "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}\"");
        assert_eq!(quoted("é😀".as_bytes()), "\"\\u00e9\\ud83d\\ude00\"");
        assert_eq!(quoted(b"\xffx"), "\"\\ufffdx\"");
    }

    #[test]
    fn fractions() {
        let number = |n| {
            let mut out = Vec::new();
            double(n, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(number(0.0), "0.0");
        assert_eq!(number(0.002765655517578125), "0.002765655517578125");
        assert_eq!(number(f64::INFINITY), "1e+9999");
        assert_eq!(number(f64::NAN), "null");
    }
}
