//! Stops panics before they reach C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; if it panics, returns what `on_panic` makes of the panic's message.
///
/// Every `extern "C"` function that can panic runs its work in here, because a panic that leaves such a function ends the process.
/// The objects that `body` was changing may be half-changed, so `on_panic` should report an error to the caller.
#[inline]
pub fn guard<T>(on_panic: impl FnOnce(&str) -> T, body: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(answer) => answer,
        Err(payload) => on_panic(&message_of(payload)),
    }
}

#[cold]
#[inline(never)]
fn message_of(payload: Box<dyn Any + Send>) -> String {
    let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "unknown cause",
    };
    format!("internal error: {message}")
}

#[cfg(test)]
mod tests {
    use super::guard;

    #[test]
    fn a_panic_becomes_an_answer() {
        let number = |text: &str| guard(|message| message.len() as i32, || text.parse::<i32>().expect("a number"));
        assert_eq!(number("7"), 7);
        assert!(number("seven") > 7);
        assert_eq!(guard(|m| m.to_string(), || panic!("row {}", 3)), "internal error: row 3");
    }
}
