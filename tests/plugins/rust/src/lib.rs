//! A plugin with every capability, made with the published Rust SDK. Its events are the texts `event 0`, `event 1`, ...

mod capture;
mod fields;
mod source;
mod tables;

use falco_plugin::anyhow::{Error, bail};
use falco_plugin::async_event::BackgroundTask;
use falco_plugin::base::{Json, Metric, MetricLabel, MetricType, MetricValue, Plugin};
use falco_plugin::listen::Routine;
use falco_plugin::schemars::JsonSchema;
use falco_plugin::serde::Deserialize;
use falco_plugin::tables::TablesInput;
use falco_plugin::{
    async_event_plugin, capture_listen_plugin, extract_plugin, parse_plugin, plugin, source_plugin,
};
use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread::JoinHandle;

/// The configuration, whose JSON schema the SDK derives.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(crate = "falco_plugin::serde", deny_unknown_fields)]
#[schemars(crate = "falco_plugin::schemars")]
pub struct Config {
    /// How many events the source has.
    events: u64,
    /// How many events a batch has at most.
    batch: u64,
}

/// The plugin's state.
pub struct RustPlugin {
    config: Config,
    open_params: CString,
    /// The table that other plugins and the program can use.
    events: Box<tables::EventTable>,
    threads: tables::ThreadTable,
    task: Arc<BackgroundTask>,
    sender: Option<JoinHandle<Result<(), Error>>>,
    routine: Option<Routine>,
    routine_calls: Arc<AtomicU64>,
    threads_at_open: u64,
    parsed: u64,
    closed: u64,
}

impl Plugin for RustPlugin {
    const NAME: &'static CStr = c"test_rust";
    const PLUGIN_VERSION: &'static CStr = c"0.3.1";
    const DESCRIPTION: &'static CStr = c"every capability, in Rust";
    const CONTACT: &'static CStr = c"the tests";
    type ConfigType = Json<Config>;

    fn new(input: Option<&TablesInput>, Json(config): Self::ConfigType) -> Result<Self, Error> {
        log::set_max_level(log::LevelFilter::Info);
        let Some(input) = input else { bail!("no tables") };
        if config.batch == 0 {
            bail!("a batch has at least one event");
        }
        log::info!("started with {} events", config.events);
        Ok(RustPlugin {
            config,
            open_params: CString::default(),
            events: input.add_table(tables::EventTable::new(c"test_rust_events")?)?,
            threads: input.get_table(c"threads")?,
            task: Arc::default(),
            sender: None,
            routine: None,
            routine_calls: Arc::default(),
            threads_at_open: 0,
            parsed: 0,
            closed: 0,
        })
    }

    fn set_config(&mut self, Json(config): Self::ConfigType) -> Result<(), Error> {
        if config.batch == 0 {
            bail!("a batch has at least one event");
        }
        self.config = config;
        Ok(())
    }

    fn get_metrics(&mut self) -> impl IntoIterator<Item = Metric> {
        let rising = |name, value| Metric::new(MetricLabel::new(name, MetricType::Monotonic), value);
        let other = |name, value| Metric::new(MetricLabel::new(name, MetricType::NonMonotonic), value);
        [
            rising(c"parsed", MetricValue::U64(self.parsed)),
            rising(c"routine_calls", MetricValue::U64(self.routine_calls.load(SeqCst))),
            rising(c"closed", MetricValue::U64(self.closed)),
            other(c"threads_at_open", MetricValue::U64(self.threads_at_open)),
            other(c"below_zero", MetricValue::I64(-3)),
            other(c"half", MetricValue::Double(0.5)),
        ]
    }
}

plugin!(RustPlugin);
source_plugin!(RustPlugin);
extract_plugin!(RustPlugin);
parse_plugin!(RustPlugin);
async_event_plugin!(RustPlugin);
capture_listen_plugin!(RustPlugin);
