//! Binary data as text, in the configured format.

use crate::context::{BufferFormat, Display};
use std::io::Write;

/// Appends `data` as text.
pub fn buffer_text(data: &[u8], display: Display, out: &mut Vec<u8>) {
    let start = out.len();
    match display.buffers {
        _ if data.is_empty() => {}
        BufferFormat::Dots | BufferFormat::Simple | BufferFormat::Json => {
            out.extend(data.iter().map(|&b| printable(b).unwrap_or(b'.')))
        }
        BufferFormat::Hex => hex(data, false, out),
        BufferFormat::HexAscii => hex(data, true, out),
        BufferFormat::Lines => {
            out.push(b'\n');
            lines(data, out);
        }
        BufferFormat::LinesCompact => lines(data, out),
        BufferFormat::Base64 => base64(data, out),
    }
    let max = display.max_buffer_text;
    if display.buffers == BufferFormat::Dots && max != 0 && out.len() - start > max {
        out.truncate(start + max);
        if max > 3 {
            out[start + max - 3..].fill(b'.');
        }
    }
}

fn printable(b: u8) -> Option<u8> {
    (0x20..0x7F).contains(&b).then_some(b)
}

/// Rows of 16 bytes, in pairs, after their offset; with `ascii`, the text is added.
fn hex(data: &[u8], ascii: bool, out: &mut Vec<u8>) {
    for (row, bytes) in data.chunks(16).enumerate() {
        let _ = write!(out, "\n\t0x{:04x}:", row * 16);
        for pair in bytes.chunks(2) {
            out.push(b' ');
            for b in pair {
                let _ = write!(out, "{b:02x}");
            }
        }
        if ascii {
            let missing = 8 - bytes.len().div_ceil(2);
            out.extend(std::iter::repeat_n(b' ', 5 * missing + 2));
            out.extend(bytes.iter().map(|&b| printable(b).unwrap_or(b'.')));
        }
    }
    out.push(b'\n');
}

/// The printable characters. Every kind of line break becomes a newline; a newline at the very start is dropped.
fn lines(data: &[u8], out: &mut Vec<u8>) {
    let mut before = None;
    for &b in data {
        match b {
            b'\r' => out.push(b'\n'),
            b'\n' if before.is_some_and(|c| c != b'\r') => out.push(b'\n'),
            _ => out.extend(printable(b)),
        }
        before = Some(b);
    }
}

fn base64(data: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in data.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= group.len() { digit } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data: &[u8], buffers: BufferFormat) -> String {
        let mut out = b"x".to_vec();
        buffer_text(data, Display { buffers, ..Display::NORMAL }, &mut out);
        String::from_utf8(out.split_off(1)).unwrap()
    }

    #[test]
    fn every_form() {
        assert_eq!(text(b"a\0\xffb\n", BufferFormat::Dots), "a..b.");
        assert_eq!(text(b"\na\r\nb\n\0c", BufferFormat::LinesCompact), "a\nb\nc");
        assert_eq!(text(b"a", BufferFormat::Lines), "\na");
        assert_eq!(text(b"f", BufferFormat::Base64), "Zg==");
        assert_eq!(text(b"foo!", BufferFormat::Base64), "Zm9vIQ==");
        assert_eq!(
            text(b"0123456789abcdefg", BufferFormat::Hex),
            "\n\t0x0000: 3031 3233 3435 3637 3839 6162 6364 6566\n\t0x0010: 67\n"
        );
        assert_eq!(text(b"ab\0", BufferFormat::HexAscii), format!("\n\t0x0000: 6162 00{}  ab.\n", " ".repeat(30)));
        assert_eq!(text(b"", BufferFormat::Hex), "");
    }

    #[test]
    fn long_texts_are_cut_where_a_limit_is_set() {
        let display = Display { max_buffer_text: 5, ..Display::NORMAL };
        let mut out = Vec::new();
        buffer_text(b"0123456", display, &mut out);
        assert_eq!(out, b"01...");
        out.clear();
        buffer_text(b"0123456", Display { buffers: BufferFormat::Json, ..display }, &mut out);
        assert_eq!(out, b"0123456");
    }
}
