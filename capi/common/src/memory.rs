//! Memory that C has pointers to.

use crate::guard;
use std::ptr::NonNull;

/// A heap value that C has pointers to and may change, and that this object frees.
///
/// A `Box` does not work here: moving or borrowing a box invalidates the pointers made from it before. `Lent` keeps a raw pointer
/// instead, and the value is reached through [`Lent::as_ptr`] alone, because Rust cannot check what C does with its copies.
#[derive(Debug)]
pub struct Lent<T: ?Sized>(NonNull<T>);

impl<T> Lent<T> {
    /// Moves a value to the heap.
    pub fn new(value: T) -> Lent<T> {
        Box::new(value).into()
    }
}

impl<T: ?Sized> Lent<T> {
    /// The pointer for C; valid until `self` is dropped, also if `self` moves.
    pub fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T: ?Sized> From<Box<T>> for Lent<T> {
    fn from(value: Box<T>) -> Lent<T> {
        Lent(NonNull::from(Box::leak(value)))
    }
}

impl<T> FromIterator<T> for Lent<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Lent<[T]> {
        values.into_iter().collect::<Box<[T]>>().into()
    }
}

impl<T: ?Sized> Drop for Lent<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `Box::leak` in `From<Box<T>>`, and only this drop frees it.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// Frees an object that C owns; null does nothing. A panic of its destructor is stopped; what remains of the object may leak.
///
/// # Safety
/// `object` is null or came from `Box::into_raw`, and is not used afterwards.
pub unsafe fn free<T>(object: *mut T) {
    if !object.is_null() {
        // SAFETY: not null, so it came from `Box::into_raw` and is not used afterwards (# Safety).
        let object = unsafe { Box::from_raw(object) };
        guard(|_| (), || drop(object));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    #[test]
    fn a_pointer_outlives_moves_and_sees_what_c_writes() {
        let lent: Lent<[u32]> = (1..=3).collect();
        let first = lent.as_ptr();
        let moved = Box::new(lent);
        // SAFETY: `moved` owns the memory to the end of the test, and no reference to it exists.
        unsafe {
            (*first)[1] = 7;
            assert_eq!(*moved.as_ptr(), [1, 7, 3]);
            (*moved.as_ptr())[2] = 9;
            assert_eq!(*first, [1, 7, 9]);
        }
    }

    #[test]
    fn the_value_ends_with_it() {
        let counted = Rc::new(());
        drop(Lent::new(counted.clone()));
        assert_eq!(Rc::strong_count(&counted), 1);
    }

    #[test]
    fn objects_end_once_and_their_panics_stay_here() {
        struct Panics<'a>(&'a Cell<u32>);
        impl Drop for Panics<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
                panic!("at the end");
            }
        }
        let ended = Cell::new(0);
        // SAFETY: null is allowed; the object came from `Box::into_raw` and is not used afterwards.
        unsafe {
            free(std::ptr::null_mut::<u8>());
            free(Box::into_raw(Box::new(Panics(&ended))));
        }
        assert_eq!(ended.get(), 1);
    }
}
