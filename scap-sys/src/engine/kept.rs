//! What of each system call and tracepoint a driver reports: whether it is selected, and which of its results are kept.

use crate::{Error, Result};
use driver::{SCS, Sc};

/// Which calls of a system call a driver reports, by their result. A connection in progress (`-EINPROGRESS`) is reported in either case. The events
/// of a tracepoint, which have no result, are reported unless both are false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Those that return 0 or more.
    pub succeeded: bool,
    /// Those that return an error.
    pub failed: bool,
}

impl Kept {
    /// All calls.
    pub const ALL: Kept = Kept { succeeded: true, failed: true };
    /// None.
    pub const NONE: Kept = Kept { succeeded: false, failed: false };

    /// The bits that the drivers have for it (`REPORT_*` in `driver/helpers/call.h`).
    pub(super) fn bits(self) -> u8 {
        u8::from(self.succeeded) | u8::from(self.failed) << 1
    }
}

/// The selection of an engine.
pub(super) struct Selected {
    on: Vec<bool>,
    kept: Vec<Kept>,
}

impl Selected {
    /// The system calls and tracepoints in `codes`; all if that is `None`.
    pub fn new(codes: Option<&[Sc]>) -> Result<Selected> {
        let mut selected = Selected { on: vec![codes.is_none(); SCS.len()], kept: vec![Kept::ALL; SCS.len()] };
        codes.into_iter().flatten().try_for_each(|sc| selected.set(*sc, true))?;
        Ok(selected)
    }

    /// Selects a system call or tracepoint, or not.
    pub fn set(&mut self, sc: Sc, on: bool) -> Result<()> {
        let known = self.on.get_mut(sc.0 as usize);
        *known.ok_or_else(|| Error::Invalid(format!("there is no system call with the code {}", sc.0)))? = on;
        Ok(())
    }

    /// Sets which results are kept, by the code of the system call; all of a call that `kept` does not have.
    pub fn keep(&mut self, kept: &[Kept]) {
        for (i, own) in self.kept.iter_mut().enumerate() {
            *own = kept.get(i).copied().unwrap_or(Kept::ALL);
        }
    }

    /// What is reported of a system call or tracepoint.
    pub fn of(&self, sc: Sc) -> Kept {
        let i = sc.0 as usize;
        if self.on.get(i) == Some(&true) { self.kept[i] } else { Kept::NONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_selected_stays_off_whatever_is_kept() {
        let mut selected = Selected::new(Some(&[Sc::OPENAT])).unwrap();
        let failed = Kept { succeeded: false, failed: true };
        let mut kept = vec![Kept::ALL; SCS.len()];
        kept[Sc::OPENAT.0 as usize] = failed;
        selected.keep(&kept);
        assert_eq!((selected.of(Sc::OPENAT), selected.of(Sc::CLOSE)), (failed, Kept::NONE));
        selected.keep(&[]);
        assert_eq!(selected.of(Sc::OPENAT), Kept::ALL);
        selected.set(Sc::OPENAT, false).unwrap();
        assert_eq!(selected.of(Sc::OPENAT), Kept::NONE);
        assert!(selected.set(Sc(u16::MAX), true).is_err() && Selected::new(Some(&[Sc(u16::MAX)])).is_err());
        assert_eq!((Kept::ALL.bits(), failed.bits(), Kept::NONE.bits()), (3, 2, 0));
    }
}
