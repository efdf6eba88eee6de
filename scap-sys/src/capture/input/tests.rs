//! Decompression on the reader's thread and ahead of it has the same results.

use super::*;
use crate::capture::origin::Rewindable;
use flate2::{Compression, write::GzEncoder};
use std::io::{Cursor, Write};

/// Longer than all that is decompressed ahead; half of it does not compress.
fn data() -> Vec<u8> {
    let mut random = 1_u64;
    let mut next = || {
        // A linear congruential generator (Knuth's MMIX constants).
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random.to_le_bytes()
    };
    (0..3 << 17).flat_map(|i| if i % 2 == 0 { next() } else { [7; 8] }).collect()
}

fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// An input that decompresses ahead from the start, or never.
fn input(file: &[u8], ahead: bool) -> Input {
    let origin = Rewindable::new(Cursor::new(file.to_vec()), ahead).unwrap();
    let mut input = Input::new(Box::new(origin));
    (input.ahead_from, input.on_one_processor) = (0, true);
    input
}

/// All data in steps of different sizes, and what ended it.
fn read(input: &mut Input) -> (Vec<u8>, Option<String>) {
    let mut all = Vec::new();
    for n in (1..).map(|i: usize| 1 + i * 7919 % 100_000) {
        match input.want(n) {
            Ok(found) => {
                let n = n.min(found.len());
                if n == 0 {
                    return (all, None);
                }
                all.extend_from_slice(&found[..n]);
                input.take_range(n);
            }
            Err(e) => {
                all.extend_from_slice(input.buffered());
                // The same again, and no data more.
                assert_eq!(input.want(usize::MAX).unwrap_err().to_string(), e.to_string());
                return (all, Some(e.to_string()));
            }
        }
    }
    unreachable!("the data is finite")
}

#[test]
fn the_same_data_and_the_same_end() {
    let data = data();
    let whole = packed(&data);
    let two = [packed(&data[..data.len() / 2]), packed(&data[data.len() / 2..]), b"no gzip".to_vec()].concat();
    let mut damaged = whole.clone();
    damaged[whole.len() * 2 / 3..].fill(0xff);
    let cut = &whole[..whole.len() * 3 / 4];
    for (file, what) in
        [(&whole[..], "whole"), (&two, "two streams"), (&damaged, "damaged"), (cut, "cut"), (&whole[..20], "short")]
    {
        let (mut plain, mut ahead) = (input(file, false), input(file, true));
        let (on_one, on_two) = (read(&mut plain), read(&mut ahead));
        assert!(
            on_one == on_two,
            "{what}: {} and {} bytes, {:?} and {:?}",
            on_one.0.len(),
            on_two.0.len(),
            on_one.1,
            on_two.1
        );
        // What stands for the damaged place is not known.
        assert!(what == "damaged" || data.starts_with(&on_two.0), "{what}");
        assert_eq!(on_two.1.is_some(), !matches!(what, "plain" | "whole" | "two streams"), "{what}");
        assert_eq!((plain.offset(), plain.file_offset()), (ahead.offset(), ahead.file_offset()), "{what}");
    }
}

#[test]
fn it_goes_ahead_and_back() {
    let data = data();
    let file = packed(&data);
    let mut input = input(&file, true);
    // The first fill finds out that the file is compressed.
    let first = input.want(100).unwrap().len();
    input.take_range(first);
    assert_eq!(input.want(100).unwrap()[..100], data[first..first + 100]);
    assert!(matches!(input.source, Source::Ahead(_)));
    assert!(input.file_offset() < file.len() as u64);
    for to in [data.len() - 10, 50_000, 0, data.len() / 2] {
        input.seek(to as u64).unwrap();
        assert_eq!(input.offset(), to as u64);
        assert_eq!(input.want(10).unwrap()[..10], data[to..to + 10]);
    }
    // Dropped in the middle, the thread ends.
}

#[test]
fn only_long_files_on_two_processors_are_decompressed_ahead() {
    let file = packed(&data());
    for (prompt, from, one) in [(false, 0, true), (true, u64::MAX - 1, true)] {
        let mut input = input(&file, prompt);
        (input.ahead_from, input.on_one_processor) = (from, one);
        assert_eq!(read(&mut input).1, None);
        assert!(matches!(input.source, Source::Here(Decoder::Gzip(_))));
    }
    assert_eq!(Input::new(Box::new(Rewindable::new(Cursor::new(file), true).unwrap())).ahead_from, AHEAD_FROM);
}
