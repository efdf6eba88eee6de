//! Numbers in events: of one to eight bytes, in the byte order of the machine that made them.

/// Where the lower `size` bytes of a number of `wide` bytes are.
const fn low(size: usize, wide: usize) -> usize {
    if cfg!(target_endian = "big") { wide - size } else { 0 }
}

/// The number in `bytes`, unsigned; `None` unless there are one to eight of them.
#[inline]
pub fn unsigned(bytes: &[u8]) -> Option<u64> {
    if !matches!(bytes.len(), 1..=8) {
        return None;
    }
    let mut wide = [0; 8];
    let at = low(bytes.len(), 8);
    wide[at..at + bytes.len()].copy_from_slice(bytes);
    Some(u64::from_ne_bytes(wide))
}

/// The lower `size` bytes of the number in `wide`. Panics if it has fewer.
///
/// ```
/// assert_eq!(scap_sys::number::lower_bytes(&5u64.to_ne_bytes(), 2), 5u16.to_ne_bytes());
/// ```
#[inline]
pub fn lower_bytes(wide: &[u8], size: usize) -> &[u8] {
    let at = low(size, wide.len());
    &wide[at..at + size]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_there_and_back() {
        assert_eq!(unsigned(&[7]), Some(7));
        assert_eq!(unsigned(&0x0102u16.to_ne_bytes()), Some(0x0102));
        assert_eq!(unsigned(&0x0102_0304u32.to_ne_bytes()), Some(0x0102_0304));
        assert_eq!(unsigned(&u64::MAX.to_ne_bytes()), Some(u64::MAX));
        assert_eq!((unsigned(&[]), unsigned(&[0; 9])), (None, None));
        for size in 1..=8 {
            let n = 0x1122_3344_5566_7788u64 & (u64::MAX >> (64 - 8 * size));
            assert_eq!(unsigned(lower_bytes(&n.to_ne_bytes(), size)), Some(n), "{size} bytes");
        }
        assert_eq!(lower_bytes(&(-2i128).to_ne_bytes(), 4), (-2i32).to_ne_bytes());
    }
}
