//! Decimal numbers as text. Simpler and faster than `std::fmt`; every event has several.

const MAX: usize = 20;

/// The numbers from 0 to 99 with two digits.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

pub(crate) fn unsigned(n: u64, out: &mut Vec<u8>) {
    padded(n, 1, out);
}

pub(crate) fn signed(n: i64, out: &mut Vec<u8>) {
    if n < 0 {
        out.push(b'-');
    }
    unsigned(n.unsigned_abs(), out);
}

/// The last two digits of a number.
pub(crate) fn pair(n: u64) -> [u8; 2] {
    PAIRS[(n % 100) as usize]
}

/// A point and the last nine digits of a number: the decimals of a time in nanoseconds.
pub(crate) fn nanos(n: u64) -> [u8; 10] {
    let first = b'0' + (n / 100_000_000 % 10) as u8;
    let [a, b, c, d] = [n / 1_000_000, n / 10_000, n / 100, n].map(pair);
    [b'.', first, a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]
}

/// Appends a number with leading zeros to at least `width` digits (at most 20).
pub(crate) fn padded(mut n: u64, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; MAX];
    let mut at = MAX;
    while n >= 100 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&pair(n));
        n /= 100;
    }
    let [tens, ones] = pair(n);
    if n > 0 {
        at -= 1;
        digits[at] = ones;
    }
    if n >= 10 {
        at -= 1;
        digits[at] = tens;
    }
    out.extend_from_slice(&digits[at.min(MAX.saturating_sub(width))..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_writes_them() {
        let text = |append: &dyn Fn(&mut Vec<u8>)| {
            let mut out = b"=".to_vec();
            append(&mut out);
            String::from_utf8(out).unwrap()
        };
        for n in [0, 1, 9, 10, 99, 100, 12_345, u64::from(u32::MAX), u64::MAX / 10, u64::MAX] {
            assert_eq!(text(&|out| unsigned(n, out)), format!("={n}"));
            assert_eq!(text(&|out| padded(n, 9, out)), format!("={n:09}"));
            assert_eq!(text(&|out| padded(n, 2, out)), format!("={n:02}"));
            assert_eq!(pair(n).as_slice(), format!("{:02}", n % 100).as_bytes());
            assert_eq!(nanos(n).as_slice(), format!(".{:09}", n % 1_000_000_000).as_bytes());
            assert_eq!(text(&|out| signed(n as i64, out)), format!("={}", n as i64));
        }
        assert_eq!(text(&|out| signed(i64::MIN, out)), format!("={}", i64::MIN));
        assert_eq!(text(&|out| padded(7, 99, out)), "=00000000000000000007");
    }
}
