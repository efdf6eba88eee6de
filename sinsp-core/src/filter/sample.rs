//! Sample events for tests of filters and formats.

use crate::container_table::Containers;
use crate::context::{Display, EventContext, Notes, View};
use crate::state::{State, Thread};
use driver::{EventType, Sc};
use scap_sys::encode::{self, Value};
use scap_sys::{Event, ThreadInfo};

/// A state with one process: `/usr/bin/Bash -c ls /`, pid 42, with PATH and HOME.
pub(crate) struct Sample {
    state: State,
    view: View,
    notes: Notes,
}

impl Sample {
    pub fn new() -> Sample {
        let mut state = State::default();
        let info = ThreadInfo {
            tid: 42,
            pid: 42,
            ptid: 1,
            comm: b"Bash".to_vec(),
            exe: b"bash".to_vec(),
            exepath: b"/usr/bin/Bash".to_vec(),
            args: b"-c\0ls\0/\0".to_vec(),
            env: b"PATH=/usr/bin\0HOME=/root\0".to_vec(),
            cwd: b"/root\xff/".to_vec(),
            ..ThreadInfo::default()
        };
        let parent = ThreadInfo {
            tid: 1,
            pid: 1,
            ptid: 0,
            comm: b"init".to_vec(),
            exe: b"init".to_vec(),
            ..ThreadInfo::default()
        };
        state.add_thread(Thread::from_info(&parent), true);
        state.add_thread(Thread::from_info(&info), true);
        Sample { state, view: View::default(), notes: Notes { fd_num: -1, ..Notes::default() } }
    }

    /// Changes the process's name.
    pub fn rename(&mut self, name: &str) {
        self.state.threads.get_mut(42).unwrap().set_comm(name.as_bytes());
    }

    /// Changes the process's uid without a change of the epoch, as an object outside the core can.
    pub fn set_uid(&self, uid: u32) {
        self.state.threads.get(42).unwrap().uid.set(uid);
    }

    /// The state, to change it.
    pub fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    /// Sets [`Notes::transient`] for the next events.
    pub fn make_transient(&mut self, transient: bool) {
        self.notes.transient = transient;
    }

    /// Sets the table of containers.
    pub fn set_containers(&mut self, containers: Containers) {
        self.view.containers = containers;
    }

    /// Chooses how data is shown.
    pub fn display(&mut self, display: Display) {
        self.view.display = display;
    }

    /// Sets [`Notes::complete`] for the next events.
    pub fn complete(&mut self) {
        self.notes.complete = true;
    }

    /// Passes an event of the process to `see`.
    pub fn event<T>(
        &self,
        num: u64,
        ty: EventType,
        params: &[Value<'_>],
        see: impl FnOnce(&EventContext<'_>) -> T,
    ) -> T {
        let bytes = encode::event(1_000_000_000 * num, 42, ty, params).unwrap();
        let event = Event::new(&bytes, 3, 0).unwrap();
        see(&EventContext {
            event,
            info: ty.info().unwrap(),
            num,
            state: &self.state,
            thread: self.state.threads.get(42),
            fd: None,
            fd_at: None,
            notes: &self.notes,
            view: &self.view,
        })
    }

    /// Passes `getppid` as a generic event to `see`.
    pub fn generic<T>(&self, num: u64, see: impl FnOnce(&EventContext<'_>) -> T) -> T {
        self.event(num, EventType::GENERIC_X, &[Sc::GETPPID.0.into(), Value::Number(110)], see)
    }

    /// Passes a successful `chdir("/tmp")` to `see`.
    pub fn chdir<T>(&self, num: u64, see: impl FnOnce(&EventContext<'_>) -> T) -> T {
        self.event(num, EventType::SYSCALL_CHDIR_X, &[0i64.into(), "/tmp".into()], see)
    }
}
