//! The event encoder: decoding an encoded event returns the same values.
#![no_main]

use fuzz::Bytes;
use libfuzzer_sys::fuzz_target;
use scap_sys::Event;
use scap_sys::encode::{self, Value, fixed_size};
use scap_sys::number::lower_bytes;

fuzz_target!(|data: &[u8]| {
    let mut from = Bytes(data);
    let (ts, tid, ty) = (from.u64(), from.u64() as i64, from.event_type());
    let mut values = Vec::new();
    while !from.0.is_empty() && values.len() < 40 {
        values.push(match from.u8() {
            0 => Value::Null,
            1 => Value::Number(i128::from(from.u64() as i64)),
            2 => Value::Number(i128::from(from.u64())),
            3 => Value::Number(i128::from(from.u64()) << 60),
            4 => Value::Number(from.u8().into()),
            n if n % 2 == 0 => Value::Text(from.take(n.into())),
            n => Value::Bytes(from.take(n.into())),
        });
    }
    let mut out = vec![7; 3];
    if let Err(e) = encode::event_into(&mut out, ts, tid, ty, &values) {
        assert!(out == [7; 3] && !e.to_string().is_empty());
        return;
    }
    let event = Event::new(&out[3..], 0, 0).expect("an event that holds together");
    assert_eq!(event.bytes().len(), out.len() - 3);
    assert_eq!((event.ts(), event.tid(), event.ty(), event.nparams() as usize), (ts, tid, ty, values.len()));
    let info = event.info().expect("a known type");
    for ((value, got), param) in values.iter().zip(event.params()).zip(info.params) {
        match *value {
            Value::Null => assert!(got.is_empty()),
            Value::Number(n) => {
                assert_eq!(got, lower_bytes(&n.to_ne_bytes(), fixed_size(param.ty).expect("a number")));
            },
            Value::Text(text) => {
                let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
                assert!(got.starts_with(&text[..end]) && got.last() == Some(&0));
            }
            Value::Bytes(bytes) => assert_eq!(got, bytes),
        }
    }
});
