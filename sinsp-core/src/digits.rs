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

#[inline]
pub(crate) fn unsigned(n: u64, out: &mut Vec<u8>) {
    if n < 10 { out.push(b'0' + n as u8) } else { padded(n, 1, out) }
}

#[inline]
pub(crate) fn signed(n: i64, out: &mut Vec<u8>) {
    if n < 0 {
        out.push(b'-');
    }
    unsigned(n.unsigned_abs(), out);
}

/// The last two digits of a number.
#[inline]
pub(crate) fn pair(n: u32) -> [u8; 2] {
    PAIRS[(n % 100) as usize]
}

/// A point and the last nine digits of a number: the decimals of a time in nanoseconds.
#[inline]
pub(crate) fn nanos(n: u64) -> [u8; 10] {
    let n = (n % 1_000_000_000) as u32;
    let (high, low) = (n / 10_000, n % 10_000);
    let first = b'0' + (high / 10_000) as u8;
    let [a, b, c, d] = [high / 100, high, low / 100, low].map(pair);
    [b'.', first, a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]
}

/// Appends a number with leading zeros to at least `width` digits (at most 20).
pub(crate) fn padded(mut n: u64, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 2 * MAX];
    let mut at = MAX;
    while n >= 100 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(n % 100) as usize]);
        n /= 100;
    }
    let [tens, ones] = PAIRS[n as usize % PAIRS.len()];
    if n > 0 {
        at -= 1;
        digits[at] = ones;
    }
    if n >= 10 {
        at -= 1;
        digits[at] = tens;
    }
    let at = at.min(MAX.saturating_sub(width));
    // A copy of a constant length needs no call; what is behind the last digit is cut off.
    if let Some(text) = digits[at..].first_chunk::<MAX>() {
        let len = out.len() + MAX - at;
        out.extend_from_slice(text);
        out.truncate(len);
    }
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
            assert_eq!(pair(n as u32).as_slice(), format!("{:02}", n as u32 % 100).as_bytes());
            assert_eq!(nanos(n).as_slice(), format!(".{:09}", n % 1_000_000_000).as_bytes());
            assert_eq!(text(&|out| signed(n as i64, out)), format!("={}", n as i64));
        }
        assert_eq!(text(&|out| signed(i64::MIN, out)), format!("={}", i64::MIN));
        assert_eq!(text(&|out| padded(7, 99, out)), "=00000000000000000007");
    }
}
