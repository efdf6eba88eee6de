//! A plugin's events of any bytes: in batches of the source, and as async events; its fields with any values in filters and formats.
#![no_main]

use fuzz::plugins::{Host, Lines, ask, described};
use libfuzzer_sys::fuzz_target;

/// The most events of a run.
const MAX_EVENTS: usize = 64;

fuzz_target!(|data: &[u8]| {
    let Some((&how, script)) = data.split_first() else { return };
    let host = Host::new(&described(), script);
    assert!(!host.plugin.is_null(), "the plugin is as the API says");
    let lines = Lines::new(
        &host,
        "*%f.u %f.s %f.b %f.a %f.n %f.t %evt.plugininfo %evt.pluginname %evt.asynctype %evt.args",
        "f.u > 7 or f.s intersects (a, b) or f.b = true or f.a = 127.0.0.1 or f.n in (10.0.0.0/8) or f.t > 1",
    );
    // To read the running system takes long, and so does an event where there is no engine.
    let (opened, most) = match how >> 3 {
        0..8 => (host.open_capture(), MAX_EVENTS),
        30 => (host.open_nothing(), 2),
        31 => (host.open_source(2), MAX_EVENTS),
        _ => (host.open_source(0), MAX_EVENTS),
    };
    if opened {
        for turn in 0..most {
            if how & 4 != 0 && turn % 3 == 0 {
                host.send();
            }
            match host.next() {
                Some(Some(event)) => lines.run(&host, &event),
                Some(None) => {}
                None => break,
            }
        }
        ask(&host);
        host.close();
        assert!(!host.send(), "an async event after close");
    }
});
