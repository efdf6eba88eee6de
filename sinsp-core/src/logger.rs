//! The logger of the process: messages of the library and of its users.
//!
//! A message goes to the first output that is set, in the order of [`Slot`]. Any thread may call any function. A message
//! that is disabled or has no output costs two atomic reads. No lock is held while an output runs, so an output may log,
//! change the logger and use an inspector.

use crate::error::{Result, ScapError};
use crate::fields::time_text;
use parking_lot::RwLock;
use std::fmt::Arguments;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The severity of a message: 1 is the most severe. Other numbers than the constants are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Severity(pub u32);

#[allow(missing_docs)]
impl Severity {
    pub const FATAL: Severity = Severity(1);
    pub const CRITICAL: Severity = Severity(2);
    pub const ERROR: Severity = Severity(3);
    pub const WARNING: Severity = Severity(4);
    pub const NOTICE: Severity = Severity(5);
    pub const INFO: Severity = Severity(6);
    pub const DEBUG: Severity = Severity(7);
    pub const TRACE: Severity = Severity(8);
}

/// The encoded severities; the first is for numbers without a constant.
const ENCODED: [&[u8; ENCODED_LEN]; 9] = [
    b"SEV_DEF ",
    b"SEV_FAT ",
    b"SEV_CRI ",
    b"SEV_ERR ",
    b"SEV_WAR ",
    b"SEV_NOT ",
    b"SEV_INF ",
    b"SEV_DEB ",
    b"SEV_TRA ",
];

/// The length of an encoded severity, in bytes.
pub const ENCODED_LEN: usize = 8;

impl Severity {
    /// The prefix that [`Logger::set_encoded_severity`] enables.
    fn encoded(self) -> &'static [u8] {
        ENCODED.get(self.0 as usize).unwrap_or(&ENCODED[0]).as_slice()
    }

    /// The severity encoded in the first [`ENCODED_LEN`] bytes of `message`.
    pub fn decode(message: &[u8]) -> Option<Severity> {
        (1..).zip(&ENCODED[1..]).find(|(_, name)| message.starts_with(name.as_slice())).map(|(n, _)| Severity(n))
    }
}

/// An output of messages. Any thread calls it, several at a time.
pub trait Output: Send + Sync {
    /// Writes one message, which has no line break at its end.
    fn take(&self, message: Vec<u8>, severity: Severity);
}

/// The outputs, in the order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// A function of the program.
    Callback,
    /// A file.
    File,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Slot {
    /// The bit of the output in [`Logger::outputs`].
    pub const fn bit(self) -> u32 {
        match self {
            Slot::Stdout => 1,
            Slot::Stderr => 1 << 1,
            Slot::File => 1 << 2,
            Slot::Callback => 1 << 3,
        }
    }
}

/// The bit of [`Logger::outputs`] for messages without a timestamp.
pub const NO_TIMESTAMPS: u32 = 1 << 4;
/// The bit of [`Logger::outputs`] for messages with an encoded severity.
pub const ENCODE_SEVERITY: u32 = 1 << 5;

const ANY_OUTPUT: u32 = (1 << 4) - 1;

/// A logger. The library uses [`logger`]; tests can make their own.
pub struct Logger {
    /// Messages less severe than this are dropped.
    severity: AtomicU32,
    /// The bits of [`Logger::outputs`].
    flags: AtomicU32,
    outputs: RwLock<[Option<Arc<dyn Output>>; 4]>,
}

/// The logger of the process.
pub fn logger() -> &'static Logger {
    static LOGGER: Logger = Logger::new();
    &LOGGER
}

/// The messages of an inspector, stored until it is not borrowed: an output may use the inspector.
#[derive(Debug, Default)]
pub struct Messages(Vec<(String, Severity)>);

impl Messages {
    /// Adds a message; it is formatted only if it is enabled and there is an output.
    pub(crate) fn add(&mut self, severity: Severity, message: Arguments<'_>) {
        if logger().has_reader(severity) {
            self.0.push((message.to_string(), severity));
        }
    }

    /// Whether there are no messages.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Passes the messages to the logger of the process.
    pub fn deliver(self) {
        self.0.into_iter().for_each(|(message, severity)| logger().log(message.as_bytes(), severity));
    }
}

impl Default for Logger {
    fn default() -> Self {
        Logger::new()
    }
}

impl Logger {
    /// A logger without outputs, at severity [`Severity::INFO`].
    pub const fn new() -> Logger {
        Logger {
            severity: AtomicU32::new(Severity::INFO.0),
            flags: AtomicU32::new(0),
            outputs: RwLock::new([const { None }; 4]),
        }
    }

    /// The threshold: less severe messages are dropped.
    pub fn severity(&self) -> Severity {
        Severity(self.severity.load(Ordering::Relaxed))
    }

    /// Sets the threshold.
    pub fn set_severity(&self, severity: Severity) {
        self.severity.store(severity.0, Ordering::Relaxed);
    }

    /// Whether messages of this severity pass the threshold.
    pub fn is_enabled(&self, severity: Severity) -> bool {
        severity <= self.severity()
    }

    /// Whether there is an output for messages of this severity, which are let through.
    pub fn has_reader(&self, severity: Severity) -> bool {
        self.is_enabled(severity) && self.outputs() & ANY_OUTPUT != 0
    }

    /// The outputs that are set ([`Slot::bit`]), with [`NO_TIMESTAMPS`] and [`ENCODE_SEVERITY`].
    pub fn outputs(&self) -> u32 {
        self.flags.load(Ordering::Acquire)
    }

    /// Sets, replaces or removes an output. The old output may still get messages that other threads are logging.
    pub fn set_output(&self, slot: Slot, output: Option<Arc<dyn Output>>) {
        let mut outputs = self.outputs.write();
        let on = output.is_some();
        let old = std::mem::replace(&mut outputs[slot as usize], output);
        if on {
            self.flags.fetch_or(slot.bit(), Ordering::Release);
        } else {
            self.flags.fetch_and(!slot.bit(), Ordering::Release);
        }
        drop(outputs);
        // After the lock is released, because the drop can run code of the program.
        drop(old);
    }

    /// Sends messages to a file, which is truncated first.
    pub fn add_file(&self, path: &Path) -> Result<()> {
        let cannot = |e| ScapError::io(format!("Unable to open file {} for writing", path.display()), e);
        self.set_output(Slot::File, Some(Arc::new(File::create(path).map_err(cannot)?)));
        Ok(())
    }

    /// Disables the timestamp of messages.
    pub fn disable_timestamps(&self) {
        self.flags.fetch_or(NO_TIMESTAMPS, Ordering::Relaxed);
    }

    /// Puts the encoded severity in front of each message; [`Severity::decode`] reads it.
    pub fn set_encoded_severity(&self) {
        self.flags.fetch_or(ENCODE_SEVERITY, Ordering::Relaxed);
    }

    /// Restores the state of a new logger.
    pub fn reset(&self) {
        let mut outputs = self.outputs.write();
        let old = std::mem::take(&mut *outputs);
        self.flags.store(0, Ordering::Release);
        self.set_severity(Severity::INFO);
        drop(outputs);
        drop(old);
    }

    /// Logs a message.
    pub fn log(&self, message: &[u8], severity: Severity) {
        if !self.has_reader(severity) {
            return;
        }
        let Some(output) = self.outputs.read().iter().flatten().next().cloned() else { return };
        let flags = self.outputs();
        let mut line = Vec::with_capacity(message.len() + 32);
        if flags & ENCODE_SEVERITY != 0 {
            line.extend_from_slice(severity.encoded());
        }
        if flags & NO_TIMESTAMPS == 0 {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            time_text::stamp(now.as_nanos() as u64, &mut line);
        }
        line.extend_from_slice(message);
        output.take(line, severity);
    }
}

/// A file gets a line per message, in one write. Write errors are ignored.
impl Output for File {
    fn take(&self, mut message: Vec<u8>, _: Severity) {
        message.push(b'\n');
        let mut file: &File = self;
        let _ = file.write_all(&message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parking_lot::Mutex;
    use std::sync::Weak;

    #[derive(Default)]
    struct Kept(Mutex<Vec<(String, Severity)>>);

    impl Output for Kept {
        fn take(&self, message: Vec<u8>, severity: Severity) {
            self.0.lock().push((String::from_utf8(message).unwrap(), severity));
        }
    }

    fn kept(logger: &Logger, slot: Slot) -> Arc<Kept> {
        let kept = Arc::new(Kept::default());
        logger.set_output(slot, Some(kept.clone()));
        kept
    }

    fn texts(kept: &Kept) -> Vec<String> {
        std::mem::take(&mut *kept.0.lock()).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn the_first_output_takes_all() {
        let logger = Logger::new();
        logger.disable_timestamps();
        let stderr = kept(&logger, Slot::Stderr);
        logger.log(b"one", Severity::INFO);
        let callback = kept(&logger, Slot::Callback);
        logger.log(b"two", Severity::FATAL);
        assert_eq!(logger.outputs(), Slot::Stderr.bit() | Slot::Callback.bit() | NO_TIMESTAMPS);
        logger.set_output(Slot::Callback, None);
        logger.log(b"three", Severity::INFO);
        assert_eq!(texts(&stderr), ["one", "three"]);
        assert_eq!(*callback.0.lock(), [("two".to_string(), Severity::FATAL)]);
        logger.reset();
        logger.log(b"four", Severity::INFO);
        assert_eq!((logger.outputs(), texts(&stderr).len()), (0, 0));
    }

    #[test]
    fn severities_filter_and_come_back() {
        let logger = Logger::new();
        logger.disable_timestamps();
        logger.set_encoded_severity();
        let kept = kept(&logger, Slot::File);
        logger.set_severity(Severity::ERROR);
        for severity in (0..10).map(Severity) {
            logger.log(b"text", severity);
        }
        let texts = texts(&kept);
        assert_eq!(texts, ["SEV_DEF text", "SEV_FAT text", "SEV_CRI text", "SEV_ERR text"]);
        let decoded: Vec<_> = texts.iter().map(|t| Severity::decode(t.as_bytes())).collect();
        assert_eq!(decoded, [None, Some(Severity(1)), Some(Severity(2)), Some(Severity(3))]);
        assert_eq!(Severity::decode(b"SEV_FAT"), None);
    }

    #[test]
    fn the_time_follows_the_severity() {
        let logger = Logger::new();
        logger.set_encoded_severity();
        let kept = kept(&logger, Slot::Stdout);
        logger.log(b"text", Severity::INFO);
        let line = texts(&kept).remove(0);
        assert_eq!((&line[..8], line.find("text")), ("SEV_INF ", Some(8 + 22)), "{line}");
    }

    /// An output that logs, and changes the logger, while it takes a message.
    struct Nested(Weak<Logger>);

    impl Output for Nested {
        fn take(&self, message: Vec<u8>, severity: Severity) {
            let logger = self.0.upgrade().unwrap();
            if message == b"outer" {
                logger.log(b"inner", severity);
                logger.set_output(Slot::Callback, None);
            }
        }
    }

    #[test]
    fn no_lock_is_held_while_an_output_runs() {
        let logger = Arc::new(Logger::new());
        logger.disable_timestamps();
        let rest = kept(&logger, Slot::Stderr);
        logger.set_output(Slot::Callback, Some(Arc::new(Nested(Arc::downgrade(&logger)))));
        logger.log(b"outer", Severity::INFO);
        logger.log(b"after", Severity::INFO);
        assert_eq!(texts(&rest), ["after"]);
    }

    #[test]
    fn own_messages_wait_until_they_are_delivered() {
        // No other test uses the logger of the process.
        let kept = kept(logger(), Slot::Callback);
        logger().disable_timestamps();
        let mut messages = Messages::default();
        messages.add(Severity::DEBUG, format_args!("nobody reads this"));
        assert!(messages.is_empty());
        messages.add(Severity::INFO, format_args!("one {}", 1));
        messages.add(Severity::WARNING, format_args!("two"));
        let mine = |kept: &Kept| {
            let mine = ["one 1", "two"];
            texts(kept).into_iter().filter(|t| mine.contains(&t.as_str())).collect::<Vec<_>>()
        };
        assert!(mine(&kept).is_empty() && !messages.is_empty());
        messages.deliver();
        assert_eq!(mine(&kept), ["one 1", "two"]);
        logger().reset();
    }

    #[test]
    fn many_threads_log_whole_lines() {
        let path = std::env::temp_dir().join(format!("sinsp-logger-{}", std::process::id()));
        let logger = Logger::new();
        logger.disable_timestamps();
        logger.add_file(&path).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| logger.log(b"123456789", Severity::INFO)));
            }
        });
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(text.lines().filter(|line| *line == "123456789").count(), 400);
        let error = logger.add_file(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert_eq!(error, "Unable to open file /nowhere/at/all for writing: No such file or directory");
    }
}
