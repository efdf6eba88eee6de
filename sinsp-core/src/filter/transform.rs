//! Transformers of field values.

use crate::extracted::{Extracted, Item};
use driver::ParamType;

/// A transformer of single values or, for `len`, of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transform {
    /// ASCII letters to lower case.
    ToLower,
    /// ASCII letters to upper case.
    ToUpper,
    /// Base64 decoding; no value for invalid base64.
    Base64,
    /// The text after the last slash.
    Basename,
    /// The length of a text or list.
    Len,
}

impl Transform {
    /// The transformer with this name.
    pub fn by_name(name: &[u8]) -> Option<Transform> {
        Some(match name {
            b"tolower" => Transform::ToLower,
            b"toupper" => Transform::ToUpper,
            b"b64" => Transform::Base64,
            b"basename" => Transform::Basename,
            b"len" => Transform::Len,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Transform::ToLower => "tolower",
            Transform::ToUpper => "toupper",
            Transform::Base64 => "b64",
            Transform::Basename => "basename",
            Transform::Len => "len",
        }
    }

    /// The type of the result for values of type `ty`, and whether it is a list; `None` if it does not apply to them.
    pub fn shape(self, ty: ParamType, list: bool) -> Option<(ParamType, bool)> {
        use ParamType::*;
        match self {
            Transform::Len if list || matches!(ty, CHARBUF | BYTEBUF | FSPATH | FSRELPATH) => Some((UINT64, false)),
            Transform::Len => None,
            Transform::Base64 => matches!(ty, CHARBUF | BYTEBUF).then_some((ty, list)),
            _ => matches!(ty, CHARBUF | FSPATH | FSRELPATH).then_some((ty, list)),
        }
    }

    /// Writes the transformed `values` to `out`; returns `false` if they cannot be transformed.
    pub fn apply(self, list: bool, values: &Extracted, out: &mut Extracted) -> bool {
        out.clear();
        out.set_as_is(values.is_as_is());
        if self == Transform::Len {
            let len = match values.items() {
                items if list => items.len(),
                [item, ..] => values.text(item).len(),
                [] => return false,
            };
            out.push(Item::Uint(len as u64));
            return true;
        }
        values.items().iter().all(|item| self.one(values.text(item), out))
    }

    fn one(self, text: &[u8], out: &mut Extracted) -> bool {
        let text = trimmed(text);
        match self {
            Transform::ToLower => out.build_text(|b| b.extend(text.iter().map(u8::to_ascii_lowercase))),
            Transform::ToUpper => out.build_text(|b| b.extend(text.iter().map(u8::to_ascii_uppercase))),
            Transform::Basename => out.push_text(text.rsplit(|b| *b == b'/').next().unwrap_or_default()),
            Transform::Base64 => {
                let mut valid = true;
                out.build_text(|b| valid = decode_base64(text, b));
                return valid;
            }
            Transform::Len => return false,
        }
        true
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    &text[..end]
}

/// Appends the decoded base64 `text`, whose padding is optional; returns `false` if it is invalid.
fn decode_base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    let unpadded = text.strip_suffix(b"=").map_or(text, |t| t.strip_suffix(b"=").unwrap_or(t));
    // A single character has less than a byte, and padding must follow something.
    if unpadded.len() % 4 == 1 || unpadded.is_empty() != text.is_empty() {
        return false;
    }
    let text = unpadded;
    let mut bits = 0u32;
    for (i, b) in text.iter().enumerate() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        bits = bits << 6 | six as u32;
        match i % 4 {
            0 => {}
            1 => out.push((bits >> 4) as u8),
            2 => out.push((bits >> 2) as u8),
            _ => out.push(bits as u8),
        }
    }
    // The unused bits of the last character must be zero.
    match text.len() % 4 {
        2 => bits & 0b1111 == 0,
        3 => bits & 0b11 == 0,
        _ => true,
    }
}

/// Writes the texts of `list` to `out`, joined with `separator`.
pub fn join(separator: &[u8], list: &Extracted, out: &mut Extracted) {
    out.clear();
    out.build_text(|buffer| {
        for (i, item) in list.items().iter().enumerate() {
            if i > 0 {
                buffer.extend_from_slice(separator);
            }
            buffer.extend_from_slice(list.text(item));
        }
    });
}

/// The options of `getopt`, in the format of getopt(3): letters, each followed by a colon if it has an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    known: [bool; 256],
    with_argument: [bool; 256],
}

impl Options {
    /// Parses the letters.
    pub fn new(letters: &[u8]) -> Options {
        let mut options = Options { known: [false; 256], with_argument: [false; 256] };
        for (i, letter) in letters.iter().enumerate().filter(|(_, l)| **l != b':') {
            options.known[*letter as usize] = true;
            options.with_argument[*letter as usize] |= letters.get(i + 1) == Some(&b':');
        }
        options
    }

    /// Writes the options in `args` to `out`, each followed by its argument if it has one, and `?` for an unknown one. With
    /// `only`, writes the argument of this option, or its letter if it has none; returns `false` if it is not there.
    ///
    /// Parsing ends at `--` and at the first argument that is no option; long options are skipped.
    pub fn apply(&self, args: &Extracted, only: Option<u8>, out: &mut Extracted) -> bool {
        out.clear();
        let mut args_left = args.items().iter().map(|item| args.text(item));
        let emit = |out: &mut Extracted, letter: u8, argument: Option<&[u8]>| match only {
            Some(wanted) if wanted != letter => {}
            // The last occurrence wins.
            Some(_) => {
                out.clear();
                match argument {
                    Some(argument) => out.push_text(argument),
                    None => out.push_text(&[letter]),
                }
            }
            None => {
                out.push_text(&[letter]);
                if let Some(argument) = argument {
                    out.push_text(argument);
                }
            }
        };
        while let Some(arg) = args_left.next() {
            let letters = match arg {
                b"--" | b"-" => break,
                [b'-', b'-', ..] => continue,
                [b'-', letters @ ..] => letters,
                _ => break,
            };
            for (i, letter) in letters.iter().enumerate() {
                if !self.known[*letter as usize] {
                    if only.is_none() {
                        out.push_text(b"?");
                    }
                    continue;
                }
                if !self.with_argument[*letter as usize] {
                    emit(out, *letter, None);
                    continue;
                }
                match (&letters[i + 1..], only) {
                    ([], _) => match (args_left.next(), only) {
                        (Some(argument), _) => emit(out, *letter, Some(argument)),
                        // If its argument is missing, the option is written as an empty text.
                        (None, None) => out.push_text(b""),
                        (None, Some(_)) => emit(out, *letter, Some(b"")),
                    },
                    (argument, _) => emit(out, *letter, Some(argument)),
                }
                break;
            }
        }
        only.is_none() || !out.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&str]) -> Extracted {
        let mut values = Extracted::default();
        texts.iter().for_each(|t| values.push_text(t.as_bytes()));
        values
    }

    fn texts(values: &Extracted) -> Vec<String> {
        values.items().iter().map(|i| String::from_utf8_lossy(values.text(i)).into_owned()).collect()
    }

    fn apply(transform: Transform, input: &[&str]) -> Option<Vec<String>> {
        let mut out = values(&["left over"]);
        transform.apply(false, &values(input), &mut out).then(|| texts(&out))
    }

    #[test]
    fn texts_are_transformed_one_by_one() {
        assert_eq!(apply(Transform::ToUpper, &["aB1é", "x"]).unwrap(), ["AB1é", "X"]);
        assert_eq!(apply(Transform::ToLower, &["AB\0\0"]).unwrap(), ["ab"]);
        assert_eq!(apply(Transform::Basename, &["/usr/bin/ls", "ls", "/", ""]).unwrap(), ["ls", "ls", "", ""]);
    }

    #[test]
    fn base64_with_and_without_padding() {
        assert_eq!(
            apply(Transform::Base64, &["dGVzdA==", "dGVzdA", "dGVzdDE=", "AAAA", ""]).unwrap()[..3],
            ["test", "test", "test1"]
        );
        for bad in ["dGVzd", "dG Vz", "====", "d=Gz", "=", "==", "\u{ff}", "dGVzdB", "dGVzdDF"] {
            assert_eq!(apply(Transform::Base64, &[bad]), None, "{bad}");
        }
    }

    #[test]
    fn lengths() {
        let mut out = Extracted::default();
        assert!(Transform::Len.apply(false, &values(&["four"]), &mut out));
        assert_eq!(out.items(), [Item::Uint(4)]);
        assert!(Transform::Len.apply(true, &values(&["a", "b", "c"]), &mut out));
        assert_eq!(out.items(), [Item::Uint(3)]);
        assert!(!Transform::Len.apply(false, &values(&[]), &mut out));
        assert_eq!(Transform::Len.shape(ParamType::INT64, false), None);
        assert_eq!(Transform::Len.shape(ParamType::INT64, true), Some((ParamType::UINT64, false)));
    }

    #[test]
    fn joined() {
        let mut out = Extracted::default();
        join(b"-", &values(&["a", "b", ""]), &mut out);
        assert_eq!(texts(&out), ["a-b-"]);
        join(b"-", &values(&[]), &mut out);
        assert_eq!(texts(&out), [""]);
    }

    #[test]
    fn options_of_a_command_line() {
        let options = Options::new(b"nt:x");
        let read = |args: &[&str], only: Option<u8>| {
            let mut out = Extracted::default();
            options.apply(&values(args), only, &mut out).then(|| texts(&out))
        };
        assert_eq!(
            read(&["-nt", "5", "--long", "-xq", "-tv", "file", "-n"], None).unwrap(),
            ["n", "t", "5", "x", "?", "t", "v"]
        );
        assert_eq!(read(&["-n", "--", "-x"], None).unwrap(), ["n"]);
        assert_eq!(read(&["-t"], None).unwrap(), [""]);
        assert_eq!(read(&["-t", "1", "-t2"], Some(b't')).unwrap(), ["2"]);
        assert_eq!(read(&["-n"], Some(b'n')).unwrap(), ["n"]);
        assert_eq!(read(&["-n"], Some(b'x')), None);
        assert_eq!(read(&["-t"], Some(b't')).unwrap(), [""]);
        assert_eq!(read(&[], None).unwrap(), [] as [&str; 0]);
    }
}
