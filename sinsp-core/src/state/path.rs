//! Joining and normalising paths, and sanitizing texts.

/// The longest path in bytes; a longer one is replaced or cut.
pub const MAX_PATH: usize = 1024;

const REPLACEMENT: &[u8] = b"\xEF\xBF\xBD";

/// Whether four bytes are one printable character of four bytes.
#[inline]
fn is_four(bytes: [u8; 4]) -> bool {
    let word = u32::from_be_bytes(bytes);
    let c = (word & 0x0700_0000) >> 6 | (word & 0x003F_0000) >> 4 | (word & 0x3F00) >> 2 | word & 0x3F;
    // Without a branch per byte.
    (word & 0xF8C0_C0C0 == 0xF080_8080) & (0x1_0000..=0x10_FFFF).contains(&c) & (c & 0xFFFE != 0xFFFE)
}

/// The length of the printable UTF-8 sequence at the start of `s`, which is not empty; or as an error the number of bytes
/// that one replacement character stands for.
#[inline]
fn sequence(s: &[u8]) -> Result<usize, usize> {
    let [lead, second, third, fourth] = match s.first_chunk() {
        Some(four) => *four,
        None => std::array::from_fn(|i| s.get(i).copied().unwrap_or(0)),
    };
    let continues = |byte: u8| byte & 0xC0 == 0x80;
    let bits = |byte: u8| u32::from(byte & 0x3F);
    match lead {
        0x20..=0x7E => Ok(1),
        0xC2..=0xDF if continues(second) => {
            if lead == 0xC2 && second < 0xA0 {
                Err(2)
            } else {
                Ok(2)
            }
        }
        0xE0..=0xEF => {
            let seconds = match lead {
                0xE0 => 0xA0..=0xBF,
                0xED => 0x80..=0x9F,
                _ => 0x80..=0xBF,
            };
            if !seconds.contains(&second) {
                return Err(1);
            }
            if !continues(third) {
                return Err(2);
            }
            let c = u32::from(lead & 0x0F) << 12 | bits(second) << 6 | bits(third);
            if (0xFDD0..=0xFDEF).contains(&c) || c >= 0xFFFE { Err(3) } else { Ok(3) }
        }
        0xF0..=0xF4 if is_four([lead, second, third, fourth]) => Ok(4),
        0xF0..=0xF4 => {
            let seconds = match lead {
                0xF0 => 0x90..=0xBF,
                0xF4 => 0x80..=0x8F,
                _ => 0x80..=0xBF,
            };
            if !seconds.contains(&second) {
                return Err(1);
            }
            if !continues(third) {
                return Err(2);
            }
            if !continues(fourth) {
                return Err(3);
            }
            Err(4)
        }
        _ => Err(1),
    }
}

#[inline]
fn is_plain(b: &u8) -> bool {
    (0x20..0x7F).contains(b)
}

/// The highest bit of each of eight bytes that is not printable ASCII.
#[inline]
fn odd(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    let word = u64::from_le_bytes(word);
    let low = word & (ONES * 0x7F);
    // In each byte, the highest bit: not ASCII, below a space, DEL.
    (word | !(low + ONES * 0x60) | (low + ONES)) & (ONES * 0x80)
}

/// The first of eight bytes that is not printable ASCII.
#[inline]
fn first_odd(word: [u8; 8]) -> Option<usize> {
    let odd = odd(word);
    (odd != 0).then_some(odd.trailing_zeros() as usize / 8)
}

/// Whether all of a short `text` is printable ASCII; `false` for a longer one. Without a branch per byte; the last words overlap.
#[inline]
fn is_plain_line(text: &[u8]) -> bool {
    const LONGEST: usize = 256;
    match (text.last_chunk::<8>(), text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(last), ..) if text.len() <= LONGEST => {
            text.as_chunks::<8>().0.iter().fold(odd(*last), |all, word| all | odd(*word)) == 0
        }
        (Some(_), ..) => false,
        (None, Some([a, b, c, d]), Some([e, f, g, h])) => odd([*a, *b, *c, *d, *e, *f, *g, *h]) == 0,
        _ => text.iter().all(is_plain),
    }
}

/// How many bytes of the whole groups of 16 bytes at the start of `text` that are printable ASCII.
#[inline]
fn plain_groups(text: &[u8]) -> usize {
    // Without a branch per byte.
    let all = |group: &&[u8]| group.iter().fold(true, |plain, b| plain & is_plain(b));
    text.chunks_exact(16).take_while(all).count() * 16
}

/// How many bytes at the start of `text` are printable ASCII.
fn plain(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk() {
        if let Some(odd) = first_odd(*word) {
            return at + odd;
        }
        at += 8;
        at += plain_groups(&text[at..]);
    }
    at + text[at..].iter().take_while(|b| is_plain(b)).count()
}

/// The length of what is printable at the start of `s`, which is not empty: plain bytes, or one sequence. Errors as [`sequence`].
///
/// Always inlined: a call for each sequence costs a quarter of the replacement of a text.
#[inline(always)]
fn printable(s: &[u8]) -> Result<usize, usize> {
    if is_plain(&s[0]) { Ok(plain(s)) } else { sequence(s) }
}

/// Whether all of `text` is printable.
#[inline]
pub fn is_sane(text: &[u8]) -> bool {
    sane_length(text) == text.len()
}

/// How many bytes at the start of `text` are printable.
#[inline]
pub fn sane_length(text: &[u8]) -> usize {
    if text.first().is_none_or(is_plain) && is_plain_line(text) { text.len() } else { length_of_sequences(text) }
}

/// As [`sane_length`], for any text.
fn length_of_sequences(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        rest = match first_odd(*word) {
            None => &behind[plain_groups(behind)..],
            Some(odd) => match after_sequences(&rest[odd..]) {
                Some(behind) => behind,
                None => return text.len() - rest.len() + odd,
            },
        };
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (rest.first_chunk(), rest.last_chunk())
        && first_odd([*a, *b, *c, *d, *e, *f, *g, *h]).is_none()
    {
        return text.len();
    }
    while let Some((first, behind)) = rest.split_first() {
        rest = match is_plain(first) {
            true => behind,
            false => match after_sequences(rest) {
                Some(behind) => behind,
                None => return text.len() - rest.len(),
            },
        };
    }
    text.len()
}

/// What is behind the UTF-8 sequences at the start of `s`, which is not empty; `None` if one of them is not printable. Up to the next printable ASCII, since
/// sequences mostly follow one another.
#[inline]
fn after_sequences(mut s: &[u8]) -> Option<&[u8]> {
    loop {
        s = match s.split_first_chunk() {
            Some((four, behind)) if is_four(*four) => behind,
            _ => s.get(sequence(s).ok()?..)?,
        };
        if s.first().is_none_or(is_plain) {
            return Some(s);
        }
    }
}

/// Appends `text` with U+FFFD in place of everything unprintable.
#[inline]
pub fn sanitize(text: &[u8], out: &mut Vec<u8>) {
    if is_plain_line(text) { out.extend_from_slice(text) } else { replace(text, out) }
}

/// As [`sanitize`], for a text of which `sane` bytes at the start are known to be printable.
pub fn sanitize_behind(sane: usize, text: &[u8], out: &mut Vec<u8>) {
    let (sane, rest) = text.split_at(sane);
    out.reserve(text.len() + REPLACEMENT.len());
    out.extend_from_slice(sane);
    replace(rest, out);
}

/// As [`sanitize`], for any text.
fn replace(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let n = match printable(rest) {
            Ok(n) => {
                out.extend_from_slice(&rest[..n]);
                n
            }
            Err(n) => {
                out.extend_from_slice(REPLACEMENT);
                n
            }
        };
        rest = &rest[n.min(rest.len())..];
    }
}

/// As [`sanitize`], for what is behind `start` in `out`.
#[inline]
pub fn sanitize_from(start: usize, out: &mut Vec<u8>) {
    if !is_sane(&out[start..]) {
        replace_from(start, out);
    }
}

#[cold]
fn replace_from(start: usize, out: &mut Vec<u8>) {
    let (end, mut at) = (out.len(), start);
    while at < end {
        at += match printable(&out[at..end]) {
            Ok(n) => {
                out.extend_from_within(at..at + n);
                n
            }
            Err(n) => {
                out.extend_from_slice(REPLACEMENT);
                n
            }
        };
    }
    out.drain(start..end);
}

/// Writes `path`, relative to the directory `dir`, to `out`. `dir` ends with a slash or is empty, and is not normalised.
///
/// `.` and `..` are resolved, repeated and trailing slashes dropped, unprintable bytes replaced. For an absolute or empty
/// `path`, `dir` is ignored. If the result exceeds [`MAX_PATH`] bytes, it is `/DIR_TOO_LONG/FILENAME_TOO_LONG`.
pub fn concatenate(dir: &[u8], path: &[u8], out: &mut Vec<u8>) {
    out.clear();
    append_concatenated(&[dir], path, out);
}

/// As [`concatenate`], with `dir` in parts and the result appended to `out`.
pub fn append_concatenated(dir: &[&[u8]], path: &[u8], out: &mut Vec<u8>) {
    let base = out.len();
    if !path.is_empty() && path[0] != b'/' {
        dir.iter().for_each(|part| out.extend_from_slice(part));
    }
    append_limited(base, base, path, is_too_long(dir, path), out);
}

/// As [`append_concatenated`], with the directory as the root of `path`: an absolute path starts there, `..` does not lead out of it.
pub fn append_in_root(dir: &[&[u8]], path: &[u8], out: &mut Vec<u8>) {
    let base = out.len();
    dir.iter().for_each(|part| out.extend_from_slice(part));
    let root = out.len().saturating_sub(1).max(base);
    append_limited(base, root, path, is_too_long(dir, path), out);
}

/// Replaces the path behind `base` in `out` by `path` as seen from the directory of the file that it names.
pub fn replace_by_neighbour(base: usize, path: &[u8], out: &mut Vec<u8>) {
    let end = out[base..].iter().rposition(|&b| b == b'/').map_or(base, |at| base + at + 1);
    out.truncate(if path.first() == Some(&b'/') { base } else { end });
    let is_too_long = out.len() - base + path.len() + 1 > MAX_PATH;
    append_limited(base, base, path, is_too_long, out);
}

const TOO_LONG: &[u8] = b"/DIR_TOO_LONG/FILENAME_TOO_LONG";

/// [`append_names`]; the result is [`TOO_LONG`] if the path is too long as written (`is_too_long`) and as resolved: `/./././etc` is short.
fn append_limited(base: usize, root: usize, path: &[u8], is_too_long: bool, out: &mut Vec<u8>) {
    append_names(base, root, path, if is_too_long { usize::MAX } else { MAX_PATH }, out);
    if is_too_long && out.len() - base >= MAX_PATH {
        out.truncate(base);
        out.extend_from_slice(TOO_LONG);
    }
}

fn is_too_long(dir: &[&[u8]], path: &[u8]) -> bool {
    dir.iter().map(|part| part.len()).sum::<usize>() + path.len() + 1 > MAX_PATH
}

/// Walks from the directory that stands behind `base`, or from nowhere, along `path`; `..` does not lead above the slash at `root`.
/// The result has less than `max` bytes.
fn append_names(base: usize, root: usize, path: &[u8], max: usize, out: &mut Vec<u8>) {
    let no_dir = out.len() == base;
    let mut rest = path;
    while let Some(&first) = rest.first() {
        let at_start = out[base..].last().is_none_or(|&b| b == b'/');
        if first == b'.' && at_start {
            match rest {
                [b'.', b'.', b'/', tail @ ..] => {
                    to_parent(root, out);
                    rest = tail;
                    continue;
                }
                [b'.', b'.'] => {
                    to_parent(root, out);
                    break;
                }
                [b'.', b'/', tail @ ..] => {
                    rest = tail;
                    continue;
                }
                [b'.'] => break,
                _ => {}
            }
        }
        // A slash is kept only after a name, or as the first byte of a path without a directory.
        if first == b'/' && at_start && !(out.len() == base && no_dir) {
            rest = &rest[1..];
            continue;
        }
        // A slash, the printable ASCII of a name, or one other sequence.
        let (bytes, n) = match (first, rest.iter().take_while(|b| is_plain(b) && **b != b'/').count()) {
            (0, _) => break,
            (b'/', _) => (&rest[..1], 1),
            (_, 0) => match sequence(rest) {
                Ok(n) => (&rest[..n], n),
                Err(n) => (REPLACEMENT, n),
            },
            (_, n) => (&rest[..n], n),
        };
        let room = (max - 1).saturating_sub(out.len() - base);
        if bytes.len() > room {
            if is_plain(&bytes[0]) {
                out.extend_from_slice(&bytes[..room]);
            }
            return;
        }
        out.extend_from_slice(bytes);
        rest = &rest[n.min(rest.len())..];
    }
    if out.len() > base + 1 && out.last() == Some(&b'/') {
        out.pop();
    }
}

/// Removes the last component of the path after `base`, which ends with a slash; a path of at most one byte stays.
fn to_parent(base: usize, out: &mut Vec<u8>) {
    if out.len() <= base + 1 {
        return;
    }
    out.pop();
    while out[base..].last().is_some_and(|&b| b != b'/') {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cat(dir: &str, path: &str) -> String {
        let mut out = Vec::new();
        concatenate(dir.as_bytes(), path.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_are_joined_and_normalised() {
        for (dir, path, want) in [
            ("/home/", "a", "/home/a"),
            ("/home/", "../etc", "/etc"),
            ("/home/", "..", "/"),
            ("/", "..", "/"),
            ("/home/", ".", "/home"),
            ("/home/", "./a/./b/", "/home/a/b"),
            ("/home/", "/etc//x/../y/", "/etc/y"),
            ("/home/", "/", "/"),
            ("/home/", "...a", "/home/...a"),
            ("/home/", ".git", "/home/.git"),
            ("/home/", "", ""),
            ("", "/foo/../a", "/a"),
            ("", "foo/../a", "a"),
            ("/a/", "../../../b", "/b"),
            ("./", "x", "./x"),
        ] {
            assert_eq!(cat(dir, path), want, "{dir} + {path}");
        }
    }

    #[test]
    fn what_stands_before_the_result_is_left_alone() {
        let mut out = b"name=/x/".to_vec();
        append_concatenated(&[b"/home", b"/"], b"../../../b//c", &mut out);
        assert_eq!(out, b"name=/x//b/c");
    }

    #[test]
    fn a_root_is_not_left() {
        for (dir, path, want) in [
            ("/srv/", "a", "/srv/a"),
            ("/srv/", "/etc/passwd", "/srv/etc/passwd"),
            ("/srv/", "../../x", "/srv/x"),
            ("/srv/", "/..", "/srv"),
            ("/srv/", "/", "/srv"),
            ("/srv/", "//a//../b/", "/srv/b"),
            ("/", "../a", "/a"),
            ("", "a", "a"),
        ] {
            let mut out = b"name=".to_vec();
            append_in_root(&[dir.as_bytes()], path.as_bytes(), &mut out);
            assert_eq!(out.strip_prefix(b"name=").map(String::from_utf8_lossy).unwrap(), want, "{dir} + {path}");
        }
    }

    #[test]
    fn neighbours_of_a_file() {
        let long = "x".repeat(MAX_PATH);
        for (file, path, want) in [
            ("/a/link", "b", "/a/b"),
            ("/a/link", "../b/", "/b"),
            ("/a/link", "/etc//x", "/etc/x"),
            ("/link", "b", "/b"),
            ("link", "b", "b"),
            ("/a/link", &long, "/DIR_TOO_LONG/FILENAME_TOO_LONG"),
        ] {
            let mut out = format!("target={file}").into_bytes();
            replace_by_neighbour(7, path.as_bytes(), &mut out);
            assert_eq!(out.strip_prefix(b"target=").map(String::from_utf8_lossy).unwrap(), want, "{file} + {path}");
        }
    }

    #[test]
    fn unprintable_bytes_are_replaced() {
        let mut out = Vec::new();
        concatenate(b"/", b"a\x01b\xFFc\xC3\xA9", &mut out);
        assert!(is_sane(&out) && is_sane(b""));
        assert!(!is_sane(b"/a\xC3") && !is_sane("ab\u{e9}\u{85}".as_bytes()));
        assert_eq!(String::from_utf8(out).unwrap(), "/a\u{FFFD}b\u{FFFD}c\u{e9}");
        for (bytes, want) in [
            (&b"\xE2\x82"[..], "\u{FFFD}"),
            (b"\xF0\x9F\x98x", "\u{FFFD}x"),
            (b"\xC2\x85", "\u{FFFD}"),
            (b"\xED\xA0\x80", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            (b"\xEF\xBF\xBF", "\u{FFFD}"),
            ("\u{20ac}\u{1F600}".as_bytes(), "\u{20ac}\u{1F600}"),
            (b"\x7F", "\u{FFFD}"),
        ] {
            let mut out = Vec::new();
            sanitize(bytes, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want, "{bytes:x?}");
            let mut out = [b"\x01=", bytes].concat();
            sanitize_from(2, &mut out);
            assert_eq!(out, [b"\x01=", want.as_bytes()].concat());
        }
    }

    #[test]
    fn each_byte_is_plain_or_not_at_each_place() {
        for odd in 0..=255 {
            for len in 0..40 {
                let mut text = vec![b' '; 40];
                text[len] = odd;
                let want = if is_plain(&odd) { 40 } else { len };
                assert_eq!(plain(&text), want, "{odd:#x} at {len}");
                for end in [len + 1, 40] {
                    assert_eq!(is_sane(&text[..end]), is_plain(&odd), "{odd:#x} at {len} of {end}");
                }
            }
        }
    }

    #[test]
    fn each_character_is_printable_or_not_at_each_place() {
        let prints = |c: char| !c.is_control() && !matches!(c as u32, 0xFDD0..=0xFDEF) && c as u32 & 0xFFFE != 0xFFFE;
        for c in '\0'..=char::MAX {
            let before = &"1234567890123456789"[..c as usize % 20];
            assert_eq!(is_sane(format!("{before}{c}").as_bytes()), prints(c), "{c:?}");
        }
        // Of four bytes, at the limits of each.
        for bytes in [0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xF8].into_iter().flat_map(|lead| {
            let next = [0x20, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0, 0xFF];
            next.into_iter().flat_map(move |a| next.into_iter().flat_map(move |b| next.map(|c| [lead, a, b, c])))
        }) {
            let printable = std::str::from_utf8(&bytes).is_ok_and(|text| text.chars().all(prints));
            let mut out = Vec::new();
            sanitize(&bytes, &mut out);
            assert_eq!((is_sane(&bytes), out == bytes), (printable, printable), "{bytes:x?}");
            let text = [&b"\xC3\xA9 before "[..], &bytes, b" behind"].concat();
            let (mut want, mut out) = (Vec::new(), Vec::new());
            sanitize(&text, &mut want);
            sanitize_behind(sane_length(&text), &text, &mut out);
            assert_eq!((&out, sane_length(&text) == text.len()), (&want, printable), "{bytes:x?}");
        }
    }

    #[test]
    fn long_paths_are_bounded() {
        let long = "x".repeat(MAX_PATH);
        assert_eq!(cat("/", &long), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
        // What disappears does not count.
        assert_eq!(cat("/", &("/.".repeat(MAX_PATH) + "/etc/passwd")), "/etc/passwd");
        assert_eq!(cat("/home/", &("a/../".repeat(MAX_PATH) + "b")), "/home/b");
        assert_eq!(cat("/", &("x/".repeat(600) + &"../".repeat(600) + "b")), "/b");
        let mut out = Vec::new();
        concatenate(b"/", &[0xFF; MAX_PATH - 2], &mut out);
        assert!(out.len() < MAX_PATH);
        // Replacements make it longer than its parts: it is cut within a name, but not within a sequence.
        concatenate(b"/", &[[0xFF; 300].as_slice(), &[b'x'; 500]].concat(), &mut out);
        assert!(out.len() == MAX_PATH - 1 && out.ends_with(&[b'x'; 122]) && is_sane(&out));
        concatenate(b"/x", &[0xFF; MAX_PATH - 3], &mut out);
        assert!(out.len() == 2 + 340 * REPLACEMENT.len() && is_sane(&out));
    }
}
