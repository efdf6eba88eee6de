//! Captures that this crate wrote are read back: complete, truncated and damaged.

#[path = "support/allocations.rs"]
mod allocations;
mod support;

use allocations::Allocations;
use driver::EventType;
use scap_sys::capture::{Compression, Snapshot, Writer};
use scap_sys::engine::{CurrentEvent, Engine, Status, savefile::SavefileEngine};
use scap_sys::{Error, Event, NoSink, encode};
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use support::*;

#[test]
fn what_is_written_is_read() {
    for compression in [Compression::None, Compression::Gzip] {
        let capture = sample(compression);
        let mut system = Snapshot::default();
        let mut engine = SavefileEngine::from_reader(Cursor::new(capture), &mut system).unwrap();
        assert_eq!(system, sample_system());
        let (events, end) = drain(&mut engine);
        assert!(matches!(end, Ok(Status::Eof)), "{end:?}");
        assert_eq!(events, sample_events());
    }
}

/// The sample, as an s390x machine wrote it: its numbers are big-endian.
const BIG_ENDIAN: &[u8] = include_bytes!("../../tests/captures/s390x.scap.gz");

#[test]
fn a_capture_of_a_big_endian_machine() {
    let mut system = Snapshot::default();
    let mut engine = SavefileEngine::from_reader(Cursor::new(BIG_ENDIAN), &mut system).unwrap();
    assert_eq!(system, sample_system());
    let (events, end) = drain(&mut engine);
    assert!(matches!(end, Ok(Status::Eof)), "{end:?}");
    assert_eq!(events, sample_events());
}

#[test]
fn sections_of_both_byte_orders_in_one_file() {
    let file = [BIG_ENDIAN, &sample(Compression::Gzip), BIG_ENDIAN].concat();
    let mut engine = SavefileEngine::from_reader(Cursor::new(file), &mut NoSink).unwrap();
    for section in 0..3 {
        let (events, end) = drain(&mut engine);
        assert_eq!(events, sample_events());
        if section == 2 {
            assert_eq!(end.unwrap(), Status::Eof);
            break;
        }
        assert_eq!(end.unwrap(), Status::Restart);
        let mut system = Snapshot::default();
        engine.restart(&mut system).unwrap();
        assert_eq!(system, sample_system());
    }
}

#[test]
fn a_file_a_descriptor_and_a_place_in_a_file() {
    let dir = TempDir::new("places");
    let path = dir.path("two.scap");
    let first = sample(Compression::None);
    std::fs::write(&path, [&first[..], &first[..]].concat()).unwrap();

    let mut engine = SavefileEngine::open(&path, &mut NoSink).unwrap();
    assert!(engine.progress().unwrap() < 1.0);
    let (events, end) = drain(&mut engine);
    assert_eq!((events.len(), end.unwrap()), (sample_events().len(), Status::Restart));
    assert_eq!(engine.offset(), first.len() as u64);
    assert_eq!(engine.next().unwrap(), Status::Restart);
    let mut again = Snapshot::default();
    engine.restart(&mut again).unwrap();
    assert_eq!(again, sample_system());
    let (events, end) = drain(&mut engine);
    assert_eq!((events, end.unwrap()), (sample_events(), Status::Eof));
    assert_eq!(engine.progress(), Some(1.0));
    assert!(engine.restart(&mut NoSink).is_err());

    let file = std::fs::File::open(&path).unwrap();
    let mut engine = SavefileEngine::from_fd(file.into(), first.len() as u64, &mut NoSink).unwrap();
    let (events, end) = drain(&mut engine);
    assert_eq!((events, end.unwrap()), (sample_events(), Status::Eof));
    assert!(SavefileEngine::open_at(&path, 5, &mut NoSink).is_err());

    // The fd's position is at the second capture: `seek` goes back to that, not to the start of the file.
    let mut file = std::fs::File::open(&path).unwrap();
    file.seek(SeekFrom::Start(first.len() as u64)).unwrap();
    let mut engine = SavefileEngine::from_fd(file.into(), 0, &mut NoSink).unwrap();
    let start = engine.offset();
    assert_eq!(start, first_event(&blocks(&first)) as u64);
    let (events, _) = drain(&mut engine);
    assert_eq!((events, engine.progress()), (sample_events(), Some(1.0)));
    engine.seek(start).unwrap();
    assert_eq!(drain(&mut engine).0, sample_events());
}

#[test]
fn going_back_to_an_event() {
    let dir = TempDir::new("seek");
    for compression in [Compression::None, Compression::Gzip] {
        let path = dir.path("capture");
        std::fs::write(&path, sample(compression)).unwrap();
        let mut engine = SavefileEngine::open(&path, &mut NoSink).unwrap();
        let mut places = Vec::new();
        loop {
            let at = engine.offset();
            if engine.next().unwrap() != Status::Event {
                break;
            }
            places.push((at, engine.event().bytes().to_vec()));
        }
        for (at, event) in places.iter().rev().chain(&places) {
            engine.seek(*at).unwrap();
            assert_eq!(engine.next().unwrap(), Status::Event);
            assert_eq!(engine.event().bytes(), event);
        }
    }
    // A stream cannot go back beyond the buffer, which does not reach to the start any more.
    let mut capture = sample(Compression::None);
    let event = encode::event(9, 9, EventType::PLUGINEVENT_E, &[1u32.into(), vec![0; 1 << 20][..].into()]).unwrap();
    append_event(&mut capture, &event);
    append_event(&mut capture, &event);
    let mut engine = SavefileEngine::from_reader(Cursor::new(capture), &mut NoSink).unwrap();
    let start = engine.offset();
    assert!(matches!(drain(&mut engine).1, Ok(Status::Eof)));
    assert!(engine.seek(start).is_err());
}

/// Truncates a capture at each place; what is read must be what is complete before the cut.
fn cut(capture: &[u8], places: impl Iterator<Item = usize>) {
    let blocks = blocks(capture);
    let first_event = blocks.iter().find(|b| b.is_event).unwrap().start;
    let all = sample_events();
    for place in places {
        let mut system = Snapshot::default();
        let engine = SavefileEngine::from_reader(Cursor::new(capture[..place].to_vec()), &mut system);
        let threads = sample_system().threads;
        assert_eq!(system.threads, threads[..system.threads.len()]);
        // A list that is cut off is an error at once; a header that is cut off may be an event's, and is one when it is read.
        let open = blocks.iter().find(|b| b.start <= place && place < b.end);
        if place == 0 || place < first_event && open.is_some_and(|b| b.start == 0 || place >= b.start + 8) {
            let Err(error) = engine else { panic!("cut at {place}: opened") };
            assert!(matches!(error, Error::Truncated { .. } | Error::Corrupt { .. }), "cut at {place}: {error}");
            if let Some(list) = blocks.iter().find(|b| b.ty == 0x215)
                && place >= list.end
            {
                assert_eq!(system.threads, threads, "cut at {place}");
            }
            continue;
        }
        let (events, end) = drain(&mut engine.unwrap());
        let complete = blocks.iter().filter(|b| b.is_event && b.end <= place).count();
        assert_eq!(events, all[..complete], "cut at {place}");
        if blocks.iter().any(|b| b.end == place) {
            assert!(matches!(end, Ok(Status::Eof)), "cut at {place}: {end:?}");
        } else {
            let Err(Error::Truncated { offset, .. }) = end else { panic!("cut at {place}: {end:?}") };
            assert!(offset <= place as u64);
        }
    }
}

#[test]
fn a_capture_cut_between_its_blocks() {
    let capture = sample(Compression::None);
    let ends: Vec<_> = blocks(&capture).iter().map(|b| b.end).collect();
    cut(&capture, ends.into_iter());
}

#[test]
fn a_capture_cut_anywhere() {
    let capture = sample(Compression::None);
    let mut random = Random::new(1);
    let len = capture.len();
    cut(&capture, (0..200).map(|_| random.below(len)));
}

#[test]
fn a_compressed_capture_cut_anywhere() {
    let capture = sample(Compression::Gzip);
    let all = sample_events();
    let mut random = Random::new(2);
    for _ in 0..200 {
        let place = random.below(capture.len());
        match SavefileEngine::from_reader(Cursor::new(capture[..place].to_vec()), &mut NoSink) {
            Err(e) => assert!(matches!(e, Error::Truncated { .. } | Error::Corrupt { .. }), "cut at {place}: {e}"),
            Ok(mut engine) => {
                let (events, end) = drain(&mut engine);
                assert_eq!(events, all[..events.len()]);
                assert!(matches!(end, Err(Error::Truncated { .. })), "cut at {place}: {end:?}");
            }
        }
    }
}

#[test]
fn a_length_that_lies() {
    let capture = sample(Compression::None);
    let all = sample_events();
    let blocks = blocks(&capture);
    let allocations = Allocations::from_now();
    for block in &blocks {
        let len = (block.end - block.start) as u32;
        for lie in [0, 1, 7, 8, 11, 12, 27, len - 4, len - 1, len + 1, len + 4, 1 << 20, i32::MAX as u32, u32::MAX] {
            let mut bad = capture.clone();
            bad[block.start + 4..block.start + 8].copy_from_slice(&lie.to_ne_bytes());
            let what = format!("{lie} for {len} at {}", block.start);
            match SavefileEngine::from_reader(Cursor::new(bad), &mut NoSink) {
                Err(e) => assert!(!block.is_event || block.start == first_event(&blocks), "{what}: {e}"),
                Ok(mut engine) => {
                    let (events, end) = drain(&mut engine);
                    let complete = blocks.iter().filter(|b| b.is_event && b.end <= block.start).count();
                    assert_eq!(events, all[..complete], "{what}");
                    let Err(Error::Corrupt { offset, .. } | Error::Truncated { offset, .. }) = end else {
                        panic!("{what}: {end:?}");
                    };
                    assert_eq!(offset, block.start as u64, "{what}");
                    assert!(matches!(engine.next(), Ok(Status::Eof)), "{what}");
                }
            }
        }
    }
    // A length that is trusted would allocate gigabytes.
    assert!(allocations.largest() < 32 << 20, "{} bytes at once", allocations.largest());
}

#[test]
fn a_gzip_stream_that_breaks() {
    let capture = sample(Compression::Gzip);
    let all = sample_events();
    let mut random = Random::new(3);
    let mut failed = 0;
    for _ in 0..60 {
        let mut bad = capture.clone();
        let place = 10 + random.below(capture.len() - 10);
        bad[place] ^= 1 << random.below(8);
        match SavefileEngine::from_reader(Cursor::new(bad), &mut NoSink) {
            Err(_) => failed += 1,
            Ok(mut engine) => {
                let (events, end) = drain(&mut engine);
                // Changed bytes in the middle of stored data are noticed only by the checksum at the end.
                assert!(events.len() <= all.len());
                failed += usize::from(end.is_err());
            }
        }
    }
    assert!(failed > 55, "{failed} of 60 noticed");
}

#[test]
fn what_stands_before_the_broken_place_of_a_gzip_stream() {
    let plain = sample(Compression::None);
    let half = blocks(&plain)[blocks(&plain).len() - 3].end;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(&plain[..half]).unwrap();
    writer.flush().unwrap();
    let place = writer.get_ref().len();
    writer.write_all(&plain[half..]).unwrap();
    let mut bad = writer.finish().unwrap();
    // No deflate block starts with these bits.
    bad[place..].fill(0xff);
    let mut engine = SavefileEngine::from_reader(Cursor::new(bad), &mut NoSink).unwrap();
    let (events, end) = drain(&mut engine);
    assert_eq!(events, sample_events()[..sample_events().len() - 2]);
    let error = end.unwrap_err().to_string();
    assert!(error.starts_with("the gzip stream is broken"), "{error}");
    assert!(error.ends_with(&format!("at offset {half}")), "{error}");
}

#[test]
fn very_many_gzip_streams_in_a_row() {
    let empty = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()).finish().unwrap();
    let file = [empty.repeat(20_000), sample(Compression::Gzip)].concat();
    let (events, end) = drain(&mut SavefileEngine::from_reader(Cursor::new(file), &mut NoSink).unwrap());
    assert_eq!((events, end.unwrap()), (sample_events(), Status::Eof));
}

#[test]
fn gzip_streams_in_a_row_and_what_is_behind_them() {
    let plain = sample(Compression::None);
    let half = blocks(&plain)[3].end;
    let gz = |b: &[u8]| {
        let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        w.write_all(b).unwrap();
        w.finish().unwrap()
    };
    let file = [gz(&plain[..half]), gz(&plain[half..]), b"\0\0\0\0 trailing".to_vec()].concat();
    let (events, end) = drain(&mut SavefileEngine::from_reader(Cursor::new(file), &mut NoSink).unwrap());
    assert_eq!((events, end.unwrap()), (sample_events(), Status::Eof));
}

#[test]
fn no_capture_at_all() {
    let mut swapped = sample(Compression::None);
    swapped[8..12].reverse();
    let mut newer = sample(Compression::None);
    newer[12..14].copy_from_slice(&2u16.to_ne_bytes());
    let mut magic = sample(Compression::None);
    magic[9] ^= 1;
    let section = &sample(Compression::None)[..28];
    let packet = [6u32, 16, 0, 16].map(u32::to_ne_bytes).concat();
    let cases: [(&[u8], &str); 11] = [
        (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "it is a pcap file"),
        (b"\xa1\xb2\x3c\x4d\0\x02\0\x04", "it is a pcap file"),
        (&[section, &packet].concat(), "it is a pcap file"),
        (b"", "empty"),
        (b"\n", "truncated"),
        (b"PK\x03\x04 this is something else", "not a capture"),
        (&[0x1f, 0x8b, 0x08, 0x00], "gzip"),
        (b"\x1f no gzip stream", "gzip"),
        (&swapped, "version 256"),
        (&newer, "version 2"),
        (&magic, "magic"),
    ];
    for (bytes, word) in cases {
        let Err(e) = SavefileEngine::from_reader(Cursor::new(bytes.to_vec()), &mut NoSink) else { panic!("{word}") };
        assert!(e.to_string().contains(word), "{word}: {e}");
    }
    let dir = TempDir::new("none");
    for (path, word) in [(dir.path("missing"), "missing"), (dir.path("."), "directory")] {
        let Err(e) = SavefileEngine::open(&path, &mut NoSink) else { panic!("{word}") };
        assert!(e.to_string().contains(word), "{word}: {e}");
    }
}

#[test]
fn a_read_that_fails() {
    struct Fails(Cursor<Vec<u8>>, usize);
    impl Read for Fails {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let most = self.1.saturating_sub(self.0.position() as usize).min(buf.len());
            if most == 0 {
                return Err(std::io::Error::other("the disk is on fire"));
            }
            self.0.read(&mut buf[..most])
        }
    }
    let capture = sample(Compression::None);
    for place in blocks(&capture).iter().map(|b| b.end) {
        let reader = Fails(Cursor::new(capture.clone()), place);
        let error = match SavefileEngine::from_reader(reader, &mut NoSink) {
            Err(e) => e,
            Ok(mut engine) => drain(&mut engine).1.unwrap_err(),
        };
        assert!(error.to_string().contains("disk is on fire"), "{error}");
    }
}

#[test]
fn damage_anywhere_is_no_panic() {
    let capture = sample(Compression::None);
    let mut random = Random::new(4);
    for _ in 0..3000 {
        let mut bad = capture.clone();
        for _ in 0..1 + random.below(4) {
            let place = random.below(bad.len());
            bad[place] = random.below(256) as u8;
        }
        if let Ok(mut engine) = SavefileEngine::from_reader(Cursor::new(bad), &mut Snapshot::default()) {
            while let (_, Ok(Status::Restart)) = drain(&mut engine) {
                if engine.restart(&mut Snapshot::default()).is_err() {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_write_that_fails() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
            let n = buf.len().min(self.0);
            self.0 -= n;
            if n == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(n) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let big = encode::event(1, 1, EventType::PLUGINEVENT_E, &[1u32.into(), vec![7; 400_000][..].into()]).unwrap();
    let big = Event::new(&big, 0, 0).unwrap();
    for compression in [Compression::None, Compression::Gzip] {
        for room in [0, 10, 100] {
            let mut writer = Writer::new(Full(room), compression).unwrap();
            let first = writer.event(&big).and_then(|()| writer.flush());
            assert!(matches!(first, Err(Error::Io { .. })), "{first:?}");
            let after = writer.event(&big);
            assert!(after.is_err());
            assert!(writer.finish().is_err());
        }
    }
    assert!(Writer::create("/nonexistent/directory/x.scap", Compression::None).is_err());
}

#[test]
fn texts_that_are_too_long_are_cut_to_what_readers_take() {
    let mut thread = sample_system().threads.remove(0);
    thread.comm = vec![b'c'; 5000];
    thread.args = vec![b'a'; 100_000];
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    writer.threads([&thread]).unwrap();
    writer.event(&Event::new(&sample_events()[0].bytes, 0, 0).unwrap()).unwrap();
    let mut system = Snapshot::default();
    SavefileEngine::from_reader(Cursor::new(writer.finish().unwrap()), &mut system).unwrap();
    let read = &system.threads[0];
    assert_eq!((read.comm.len(), read.args.len(), &read.env), (1024, 4097, &thread.env));
}

#[test]
fn many_threads_take_several_blocks() {
    let thread = &sample_system().threads[0];
    let threads: Vec<_> = (0..20_000).map(|tid| scap_sys::ThreadInfo { tid, ..thread.clone() }).collect();
    let mut writer = Writer::new(Vec::new(), Compression::None).unwrap();
    writer.threads(&threads).unwrap();
    writer.event(&Event::new(&sample_events()[0].bytes, 0, 0).unwrap()).unwrap();
    let capture = writer.finish().unwrap();
    assert!(blocks(&capture).iter().filter(|b| b.ty == 0x215).count() > 1);
    let mut system = Snapshot::default();
    SavefileEngine::from_reader(Cursor::new(capture), &mut system).unwrap();
    assert_eq!(system.threads, threads);
}
