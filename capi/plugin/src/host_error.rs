//! Why a function of the host failed last for a plugin: one text for each plugin, which every thread may set and read.

use parking_lot::Mutex;
use std::cell::{Cell, RefCell};
use std::ffi::c_char;
use std::fmt::{Arguments, Write};
use std::ptr::null;
use std::sync::{Arc, Weak};

/// The text of a plugin's last error of the host; empty before the first.
#[derive(Default)]
pub struct HostError(Mutex<String>);

thread_local! {
    /// The texts that plugins got on this thread.
    static GOT: RefCell<Vec<(Weak<HostError>, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
    /// Why a function failed on this thread that did not get its plugin, if that was the last failure.
    static LOST: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Sets the text of the next plugin that asks on this thread, if no function fails until then that knows its plugin.
pub fn set_for_unknown(why: &'static str) {
    LOST.set(Some(why));
}

impl HostError {
    /// Sets the text, in the memory of the last one.
    pub fn set(&self, why: Arguments<'_>) {
        LOST.set(None);
        let mut text = self.0.lock();
        text.clear();
        // Writing to a String does not fail.
        let _ = text.write_fmt(why);
    }

    /// The text for C; null if there was no error. Valid until the next call on this thread for this plugin, or until that is freed and
    /// another one's first call.
    pub fn get(self: &Arc<Self>) -> *const c_char {
        if let Some(why) = LOST.take() {
            self.set(format_args!("{why}"));
        }
        let text = self.0.lock();
        if text.is_empty() {
            return null();
        }
        GOT.with_borrow_mut(|got| {
            let at = got.iter().position(|(of, _)| std::ptr::eq(of.as_ptr(), Arc::as_ptr(self))).unwrap_or_else(|| {
                got.retain(|(of, _)| of.strong_count() > 0);
                got.push((Arc::downgrade(self), Vec::new()));
                got.len() - 1
            });
            let copy = &mut got[at].1;
            copy.clear();
            copy.extend(text.bytes().filter(|b| *b != 0));
            copy.push(0);
            copy.as_ptr().cast()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    fn text(error: &Arc<HostError>) -> Option<String> {
        let got = error.get();
        // SAFETY: null, or a text that is read at once.
        (!got.is_null()).then(|| unsafe { CStr::from_ptr(got) }.to_string_lossy().into_owned())
    }

    #[test]
    fn each_plugin_has_its_own_text_on_every_thread() {
        let (first, second) = (Arc::<HostError>::default(), Arc::<HostError>::default());
        assert_eq!((text(&first), text(&second)), (None, None));
        std::thread::scope(|scope| _ = scope.spawn(|| first.set(format_args!("of {}", "one\0"))));
        let kept = first.get();
        second.set(format_args!("a longer text, of two"));
        assert_eq!(text(&second).as_deref(), Some("a longer text, of two"));
        // SAFETY: the other plugin's call did not end the text.
        assert_eq!(unsafe { CStr::from_ptr(kept) }, c"of one");
        second.set(format_args!(""));
        assert_eq!((text(&first).as_deref(), text(&second)), (Some("of one"), None));
        set_for_unknown("null table");
        second.set(format_args!("later"));
        assert_eq!((text(&first).as_deref(), text(&second).as_deref()), (Some("of one"), Some("later")));
        set_for_unknown("null table");
        assert_eq!((text(&second).as_deref(), text(&first).as_deref()), (Some("null table"), Some("of one")));
    }
}
