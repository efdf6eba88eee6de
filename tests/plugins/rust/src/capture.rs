//! What it does at the start and the end of a capture: a routine that counts its calls, and async events.

use crate::RustPlugin;
use falco_plugin::anyhow::{Error, anyhow};
use falco_plugin::async_event::{AsyncEventPlugin, AsyncHandler};
use falco_plugin::listen::{CaptureListenInput, CaptureListenPlugin};
use std::ops::ControlFlow::Continue;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

impl CaptureListenPlugin for RustPlugin {
    fn capture_open(&mut self, input: &CaptureListenInput) -> Result<(), Error> {
        let mut threads = 0;
        self.threads.iter_entries_mut(&input.reader, |_| {
            threads += 1;
            Continue(())
        })?;
        self.threads_at_open = threads;
        let calls = Arc::clone(&self.routine_calls);
        self.routine = Some(input.thread_pool.subscribe(move || {
            calls.fetch_add(1, SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            Continue(())
        })?);
        Ok(())
    }

    fn capture_close(&mut self, input: &CaptureListenInput) -> Result<(), Error> {
        self.closed += 1;
        match self.routine.take() {
            Some(routine) => input.thread_pool.unsubscribe(&routine),
            None => Err(anyhow!("no routine")),
        }
    }
}

impl AsyncEventPlugin for RustPlugin {
    const ASYNC_EVENTS: &'static [&'static str] = &["rust_started", "rust_tick", "rust_state"];
    const EVENT_SOURCES: &'static [&'static str] = &["syscall", "test_rust"];

    fn start_async(&mut self, handler: AsyncHandler) -> Result<(), Error> {
        handler.emit(Self::async_event(c"rust_started", b"now"))?;
        let mut ticks = 0;
        self.sender = Some(self.task.spawn(Duration::from_millis(1), move || {
            if ticks < 3 {
                handler.emit(Self::async_event(c"rust_tick", format!("tick {ticks}").as_bytes()))?;
                ticks += 1;
            }
            Ok(())
        })?);
        Ok(())
    }

    fn stop_async(&mut self) -> Result<(), Error> {
        self.task.request_stop_and_notify()?;
        match self.sender.take() {
            Some(sender) => sender.join().map_err(|_| anyhow!("the thread panicked"))?,
            None => Ok(()),
        }
    }

    fn dump_state(&mut self, handler: AsyncHandler) -> Result<(), Error> {
        handler.emit(Self::async_event(c"rust_state", format!("{} parsed", self.parsed).as_bytes()))
    }
}
