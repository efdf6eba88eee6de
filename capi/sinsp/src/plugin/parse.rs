//! The step of an event in which plugins parse it: every plugin with the capability, in the order in which they were added.

use crate::ffi::Failure;
use crate::inspector::handle::sinsp_inspector;
use plugin::api::ss_plugin_event_input;
use sinsp_core::logger::{Severity, logger};
use std::ptr::null;

impl sinsp_inspector {
    /// Has the plugins parse the event. Nothing of the inspector is borrowed while a plugin runs. The failure of a plugin is logged, and
    /// does not end the event.
    pub(crate) fn parse_by_plugins(&self) -> Result<(), Failure> {
        let (mut input, code, source) = match self.core()?.current() {
            Some(current) => {
                let evt = current.event.bytes().as_ptr().cast();
                let input = ss_plugin_event_input { evt, evtnum: current.num, evtsrc: null() };
                (input, current.event.ty().0, current.source_id())
            }
            None => return Ok(()),
        };
        let mut from = 0;
        loop {
            let plugins = self.plugins.borrow();
            let Some((at, plugin)) = plugins.next_parser(from, code, source) else { return Ok(()) };
            input.evtsrc = plugins.source_name_c(source);
            drop(plugins);
            from = at + 1;
            // The bytes of the event stay: the engine goes on when this call of `next` or `open` has returned.
            let parsed = self.tables.during_call(self, || plugin.parse(&input));
            if !matches!(parsed, Ok(true)) && logger().has_reader(Severity::DEBUG) {
                let why = parsed.err().unwrap_or_else(|| plugin.why());
                let line = format!("plugin {} could not parse event {}: {why}", plugin.description.name, input.evtnum);
                logger().log(line.as_bytes(), Severity::DEBUG);
            }
        }
    }
}
