//! A plugin of any functions and any texts: it is refused with an error, or can be used.
#![no_main]

use fuzz::plugins::{Host, Lines, ask, undescribed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((missing, script)) = data.split_first_chunk::<8>() else { return };
    let host = Host::new(&undescribed(u64::from_ne_bytes(*missing)), script);
    ask(&host);
    let lines = Lines::new(&host, "*%f.s %f.s[0] %f.n %evt.num", "f.s[a] = x or f.n = 10.0.0.1");
    for source in [false, true] {
        let opened = if source { host.open_source(0) } else { host.open_capture() };
        for _ in 0..if opened { 16 } else { 0 } {
            host.send();
            match host.next() {
                Some(Some(event)) => lines.run(&host, &event),
                Some(None) => {}
                None => break,
            }
        }
        host.close();
    }
});
