//! The names of Linux error codes, signals and capabilities.

/// The name of a negative error code: `ENOENT` for -2.
pub fn errno(code: i32) -> Option<&'static str> {
    let n = usize::try_from(-i64::from(code)).ok()?;
    let name = match n {
        0..512 => ERRNO.get(n)?,
        _ => KERNEL_ERRNO.get(n - 512)?,
    };
    (!name.is_empty()).then_some(name)
}

/// The name of a signal: `SIGKILL` for 9; `None` for real-time signals.
pub fn signal(number: u32) -> Option<&'static str> {
    SIGNALS.get((number as usize).checked_sub(1)?).copied()
}

/// Appends the names of the capabilities in `bits`, separated by spaces.
pub fn capabilities(bits: u64, out: &mut Vec<u8>) {
    let mut first = true;
    for (i, name) in CAPABILITIES.iter().enumerate() {
        if bits >> i & 1 != 0 {
            if !first {
                out.push(b' ');
            }
            first = false;
            out.extend_from_slice(b"CAP_");
            out.extend_from_slice(name.as_bytes());
        }
    }
}

/// The bits of all named capabilities.
pub fn all_capabilities() -> u64 {
    (1 << CAPABILITIES.len()) - 1
}

/// By number; empty for unused numbers.
#[rustfmt::skip]
static ERRNO: [&str; 126] = [
    "", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN",
    "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR",
    "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE",
    "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP", "", "ENOMSG",
    "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT", "EBADE",
    "EBADR", "EXFULL", "ENOANO", "EBADRQC", "EBADSLT", "", "EBFONT", "ENOSTR", "ENODATA", "ETIME", "ENOSR",
    "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT", "ECOMM", "EPROTO", "EMULTIHOP", "EDOTDOT",
    "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG", "ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX",
    "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE",
    "EPROTOTYPE", "ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT",
    "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED",
    "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED",
    "EHOSTDOWN", "EHOSTUNREACH", "EALREADY", "EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM",
    "EREMOTEIO", "EDQUOT", "ENOMEDIUM", "EMEDIUMTYPE", "ECANCELED",
];

/// From 512: error codes that are internal to the kernel but may appear in events.
#[rustfmt::skip]
static KERNEL_ERRNO: [&str; 19] = [
    "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ENOIOCTLCMD", "ERESTART_RESTARTBLOCK", "", "", "", "",
    "EBADHANDLE", "ENOTSYNC", "EBADCOOKIE", "ENOTSUPP", "ETOOSMALL", "ESERVERFAULT", "EBADTYPE", "EJUKEBOX",
    "EIOCBQUEUED", "EIOCBRETRY",
];

/// From signal 1.
#[rustfmt::skip]
static SIGNALS: [&str; 31] = [
    "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
    "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",
    "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",
    "SIGIO", "SIGPWR", "SIGSYS",
];

/// By bit, without the prefix `CAP_`.
#[rustfmt::skip]
static CAPABILITIES: [&str; 41] = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_names() {
        assert_eq!(errno(-2), Some("ENOENT"));
        assert_eq!(errno(-115), Some("EINPROGRESS"));
        assert_eq!(errno(-512), Some("ERESTARTSYS"));
        for none in [0, 1, -41, -126, -511, -517, -9999, i32::MIN] {
            assert_eq!(errno(none), None, "{none}");
        }
        assert_eq!((signal(1), signal(9), signal(31)), (Some("SIGHUP"), Some("SIGKILL"), Some("SIGSYS")));
        assert_eq!((signal(0), signal(32)), (None, None));
        let mut out = Vec::new();
        capabilities(0b101 | 1 << 40, &mut out);
        assert_eq!(out, b"CAP_CHOWN CAP_DAC_READ_SEARCH CAP_CHECKPOINT_RESTORE");
    }
}
