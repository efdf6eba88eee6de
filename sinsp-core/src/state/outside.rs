//! The object of the program that holds the data of a thread or of an fd once it was exposed, and the values of added columns, which lie
//! in that object or here.

use super::store::{AddedValues, Exposure};
use super::tables::{ColumnType, Dynamic, Value, read_outside};
use std::cell::{Cell, OnceCell};

/// The object, of the kind `S`, if there is one.
pub(crate) struct Outside<S: AddedValues + ?Sized> {
    held: OnceCell<(Box<S>, Exposure)>,
    /// The values of added columns, unless the object holds them. A plugin may write them while the state is read.
    dynamic: Cell<Dynamic>,
}

impl<S: AddedValues + ?Sized> Default for Outside<S> {
    fn default() -> Self {
        Outside { held: OnceCell::new(), dynamic: Cell::default() }
    }
}

impl<S: AddedValues + ?Sized> Outside<S> {
    /// No object, and these values of added columns.
    pub fn with_values(dynamic: Dynamic) -> Self {
        Outside { held: OnceCell::new(), dynamic: Cell::new(dynamic) }
    }

    /// The object.
    #[inline]
    pub fn get(&self) -> Option<&S> {
        self.held.get().map(|(object, _)| &**object)
    }

    /// The object, to change it.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut S> {
        self.held.get_mut().map(|(object, _)| &mut **object)
    }

    /// What counts the object.
    pub fn exposure(&self) -> Option<&Exposure> {
        self.held.get().map(|(_, exposure)| exposure)
    }

    /// Makes `object`, which has the data already, hold them from now on. Returns whether there was none before.
    pub fn expose(&self, object: Box<S>, exposure: Exposure) -> bool {
        self.held.set((object, exposure)).is_ok()
    }

    /// Calls `read` with the value of the added column at position `index`, which is of type `ty`.
    pub fn read_added<R>(&self, index: usize, ty: ColumnType, read: impl FnOnce(Value<'_>) -> R) -> Option<R> {
        match self.get() {
            None => self.with_values_here(|values| values.read(index, ty, read)),
            Some(object) => read_outside(ty, |answer| object.added(index, answer), read),
        }
    }

    /// Writes the value of the added column at position `index`.
    pub fn write_added(&self, index: usize, value: Value<'_>) {
        match self.get() {
            None => self.with_values_here(|values| values.write(index, value)),
            Some(object) => object.set_added(index, value),
        }
    }

    /// Calls `act` with the values of added columns that lie here; they are not there for what `act` calls.
    pub fn with_values_here<R>(&self, act: impl FnOnce(&mut Dynamic) -> R) -> R {
        /// Puts the values back, also when a panic passes.
        struct Taken<'a>(&'a Cell<Dynamic>, Dynamic);
        impl Drop for Taken<'_> {
            fn drop(&mut self) {
                self.0.set(std::mem::take(&mut self.1));
            }
        }
        let mut taken = Taken(&self.dynamic, self.dynamic.take());
        act(&mut taken.1)
    }

    /// Frees the values that lie here, which the object holds now.
    pub fn free_values(&mut self) {
        self.dynamic.take();
    }
}
