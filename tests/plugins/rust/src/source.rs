//! Its source of events.

use crate::RustPlugin;
use falco_plugin::FailureReason;
use falco_plugin::anyhow::{Error, anyhow, bail};
use falco_plugin::event::PluginEvent;
use falco_plugin::event::events::Event;
use falco_plugin::source::{
    EventBatch, EventInput, OpenParam, ProgressInfo, SourcePlugin, SourcePluginInstance, serialize_open_params,
};
use std::ffi::{CStr, CString};

pub struct Instance {
    next: u64,
    progress: CString,
}

impl SourcePlugin for RustPlugin {
    type Instance = Instance;
    const EVENT_SOURCE: &'static CStr = c"test_rust";
    const PLUGIN_ID: u32 = 999;
    type Event<'a> = Event<PluginEvent<&'a [u8]>>;

    fn list_open_params(&mut self) -> Result<&CStr, Error> {
        let params = [
            OpenParam::Item { value: "from=5", desc: "from the sixth event on" },
            OpenParam::Seq { values: &["from=1", "from=2"], desc: "several", separator: ';' },
        ];
        serialize_open_params(&params, &mut self.open_params)
    }

    fn open(&mut self, params: Option<&str>) -> Result<Instance, Error> {
        let next = match params.unwrap_or_default() {
            "" => 0,
            text => match text.strip_prefix("from=").and_then(|n| n.parse().ok()) {
                Some(next) => next,
                None => bail!("cannot open '{text}'"),
            },
        };
        Ok(Instance { next, progress: CString::default() })
    }

    fn event_to_string(&mut self, event: &EventInput<Self::Event<'_>>) -> Result<CString, Error> {
        let event = event.event()?;
        Ok(CString::new([b"the ", event.params.event_data].concat())?)
    }
}

impl SourcePluginInstance for Instance {
    type Plugin = RustPlugin;

    fn next_batch(&mut self, plugin: &mut RustPlugin, batch: &mut EventBatch) -> Result<(), Error> {
        if self.next >= plugin.config.events {
            return Err(anyhow!("no more events").context(FailureReason::Eof));
        }
        for _ in 0..plugin.config.batch.min(plugin.config.events - self.next) {
            let mut event = Self::plugin_event(b"");
            let text = format!("event {}", self.next);
            event.params.event_data = text.as_bytes();
            batch.add(event)?;
            self.next += 1;
        }
        Ok(())
    }

    fn get_progress(&mut self) -> ProgressInfo<'_> {
        self.progress = CString::new(format!("{} events", self.next)).unwrap_or_default();
        ProgressInfo { value: 25.0, detail: Some(&self.progress) }
    }
}
