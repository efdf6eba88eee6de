//! The field table: one entry per field, with its extraction function.
//!
//! An entry is: name, type, print format, flags, extraction function (none if this version does not extract the field),
//! title, description, and in braces the properties that do not follow from the type ([`Rules`]). The order is fixed,
//! because a field's position in its class is an id in the C++ interface.

use super::info::{Class, Compared, Decided, FieldFlags, FieldInfo, JsonForm, Reads, Rules};
use super::{argument, evt, fd, fdlist, fs_path, process, user};
use driver::{Format, ParamType};

macro_rules! fields {
    ($table:ident, $class:literal; $($name:literal $ty:ident $format:ident [$($flag:ident)*] ($($extract:path)?)
        $display:literal $description:literal $({ $($rule:ident: $value:expr),* })?;)*) => {
        static $table: &[FieldInfo] = &[$(FieldInfo {
            class: $class,
            name: $name,
            ty: ParamType::$ty,
            format: Format::$format,
            flags: FieldFlags(0 $(| FieldFlags::$flag.0)*),
            display: $display,
            description: $description,
            extract: fields!(@extract $($extract)?),
            rules: Rules { $($($rule: $value,)*)? ..Rules::USUAL },
        }),*];
    };
    (@extract $extract:path) => { Some($extract) };
    (@extract) => { None };
}

/// All field classes, in lookup order.
pub static CLASSES: &[Class] = &[
    Class { name: "evt", short: "All event types", description: "What every event has.", fields: EVT },
    Class {
        name: "evt",
        short: "Syscall events only",
        description: "What system calls have. evt.arg gives each of their parameters by name, as in evt.arg.filename.",
        fields: SYSCALL_EVT,
    },
    Class {
        name: "process",
        short: "",
        description: "The thread that made the event, its process and its ancestors.",
        fields: PROCESS,
    },
    Class { name: "user", short: "", description: "The user that the thread runs as.", fields: USER },
    Class { name: "group", short: "", description: "The group that the thread runs as.", fields: GROUP },
    Class {
        name: "fd",
        short: "",
        description: "The fd that a call is about: its first fd argument, or the fd that it returns.",
        fields: FD,
    },
    Class {
        name: "fs.path",
        short: "",
        description: "The paths that a call names, also where it opens none of them: unlink, rename, mount.",
        fields: FS_PATH,
    },
    Class { name: "fdlist", short: "", description: "The fds of poll events.", fields: FDLIST },
];

fields! { EVT, "evt";
    "evt.num"          UINT64 ID [] (evt::num) "Event Number" "Its number since the capture was opened." { reads: Reads::Event, decided: Decided::Number, counts_events: true };
    "evt.time"         CHARBUF NA [] (evt::time) "Time" "Local time of day, with nanoseconds." { reads: Reads::Event, json: JsonForm::Timestamp };
    "evt.time.s"       CHARBUF NA [] (evt::time_s) "Time (s)" "Local time of day, to the second." { reads: Reads::Event, json: JsonForm::Timestamp };
    "evt.time.iso8601" CHARBUF NA [] (evt::time_iso8601) "ISO 8601 Time" "UTC date and time in the form of ISO 8601, with nanoseconds and zone." { reads: Reads::Event, json: JsonForm::Timestamp };
    "evt.datetime"     CHARBUF NA [] (evt::datetime) "Datetime" "Local date and time, with nanoseconds." { reads: Reads::Event, json: JsonForm::Timestamp };
    "evt.datetime.s"   CHARBUF NA [] (evt::datetime_s) "Datetime (s)" "Local date and time, to the second." { reads: Reads::Event, json: JsonForm::Timestamp };
    "evt.rawtime"      ABSTIME DEC [] (evt::rawtime) "Absolute Time" "Nanoseconds since the epoch." { reads: Reads::Event, json: JsonForm::Number };
    "evt.rawtime.s"    ABSTIME DEC [] (evt::rawtime_s) "Absolute Time (s)" "The seconds of evt.rawtime." { reads: Reads::Event, json: JsonForm::Number };
    "evt.rawtime.ns"   ABSTIME PADDED_DEC [] (evt::rawtime_ns) "Absolute Time (ns)" "The part of evt.rawtime below a second, in nanoseconds." { reads: Reads::Event, json: JsonForm::Number };
    "evt.reltime"      RELTIME PADDED_DEC [] (evt::reltime) "Relative Time" "Nanoseconds since the first event of the capture." { reads: Reads::Event, json: JsonForm::Number, counts_events: true };
    "evt.reltime.s"    RELTIME DEC [] (evt::reltime_s) "Relative Time (s)" "The seconds of evt.reltime." { reads: Reads::Event, json: JsonForm::Number, counts_events: true };
    "evt.reltime.ns"   RELTIME PADDED_DEC [] (evt::reltime_ns) "Relative Time (ns)" "The part of evt.reltime below a second, in nanoseconds." { reads: Reads::Event, json: JsonForm::Number, counts_events: true };
    "evt.pluginname"   CHARBUF NA [] (evt::pluginname) "Plugin Name" "The plugin whose source made the event.";
    "evt.plugininfo"   CHARBUF NA [] (evt::plugininfo) "Plugin Info" "The event as a text of its plugin's making.";
    "evt.source"       CHARBUF NA [] (evt::source) "Event Source" "Where the event comes from, such as syscall or the source name of a plugin." { reads: Reads::Event, decided: Decided::ByType };
    "evt.is_async"     BOOL NA [] (evt::is_async) "Async Event" "Whether user space put the event between those of the kernel." { reads: Reads::Event, decided: Decided::ByType };
    "evt.asynctype"    CHARBUF NA [] (evt::asynctype) "Async-Event Type" "The name of an asynchronous event, such as container." { reads: Reads::Event, decided: Decided::ByType };
    "evt.hostname"     CHARBUF NA [] (evt::hostname) "Hostname" "The name of the machine that the events come from; live, an environment variable can set it.";
}

fields! { SYSCALL_EVT, "evt";
    "evt.latency"                      RELTIME DEC [DEPRECATED] (evt::zero) "Latency" "Always 0: calls are no longer seen when they enter the kernel." { reads: Reads::Event, json: JsonForm::Number, decided: Decided::ByType };
    "evt.latency.s"                    RELTIME DEC [DEPRECATED] (evt::zero) "Latency (s)" "Always 0, as evt.latency." { reads: Reads::Event, json: JsonForm::Number, decided: Decided::ByType };
    "evt.latency.ns"                   RELTIME PADDED_DEC [DEPRECATED] (evt::zero) "Latency (ns)" "Always 0, as evt.latency." { reads: Reads::Event, json: JsonForm::Number, decided: Decided::ByType };
    "evt.latency.quantized"            UINT64 DEC [TABLE_ONLY DEPRECATED] (evt::zero) "Quantized Latency" "Always 0, as evt.latency." { reads: Reads::Event, decided: Decided::ByType };
    "evt.latency.human"                CHARBUF NA [DEPRECATED] (evt::latency_human) "Human-Readable Latency" "Always 0ns, as evt.latency." { reads: Reads::Event, decided: Decided::ByType };
    "evt.deltatime"                    RELTIME DEC [] (evt::deltatime) "Delta" "Nanoseconds since the event that this field was asked of before." { reads: Reads::Event, json: JsonForm::Number, remembers: true };
    "evt.deltatime.s"                  RELTIME DEC [] (evt::deltatime_s) "Delta (s)" "The seconds of evt.deltatime." { reads: Reads::Event, json: JsonForm::Number, remembers: true };
    "evt.deltatime.ns"                 RELTIME PADDED_DEC [] (evt::deltatime_ns) "Delta (ns)" "The part of evt.deltatime below a second, in nanoseconds." { reads: Reads::Event, json: JsonForm::Number, remembers: true };
    "evt.outputtime"                   CHARBUF NA [PRINT_ONLY] (evt::output_time) "Output Time" "evt.time, or in the form that the program set: since the epoch, the first or the previous event." { reads: Reads::Event, json: JsonForm::Timestamp, remembers: true };
    "evt.dir"                          CHARBUF DIR [DEPRECATED] (evt::dir) "Direction" "> for an enter event, < for an exit event; all calls are exit events now." { reads: Reads::Event, decided: Decided::ByType };
    "evt.type"                         CHARBUF NA [] (evt::ty) "Type" "The name of the event, such as openat; for a call without an event of its own, the name of the call." { reads: Reads::Event, check_value: Some(argument::event_name), decided: Decided::ByType };
    "evt.type.is"                      UINT32 NA [ARG_REQUIRED] (evt::type_is) "Type Is" "1 for events of the given type, by name or code, as in evt.type.is.open; else 0." { reads: Reads::Event, argument: Some(argument::event_type), decided: Decided::ByType };
    "syscall.type"                     CHARBUF NA [] (evt::syscall_type) "Syscall Type" "The name of the system call; absent for events that are none." { reads: Reads::Event, decided: Decided::ByType };
    "evt.category"                     CHARBUF NA [] (evt::category) "Category" "The kind of activity: file, net, process, memory...";
    "evt.cpu"                          INT16 ID [] (evt::cpu) "CPU Number" "The CPU on which it happened." { reads: Reads::Event };
    "evt.args"                         CHARBUF NA [] (evt::args) "Arguments" "All parameters as name=value, with what a value means in parentheses." { displayed: true };
    "evt.arg"                          CHARBUF NA [ARG_REQUIRED NO_PTR_STABILITY] (evt::arg) "Argument" "One parameter as text, by name or number: evt.arg.fd, evt.arg[0]. What the value means comes before the value." { argument: Some(argument::param_or_number), displayed: true, decided: Decided::Parameter };
    "evt.rawarg"                       DYN NA [ARG_REQUIRED NO_RHS NO_TRANSFORMER] (evt::rawarg) "Raw Argument" "One parameter as the value that it is, by name: evt.rawarg.res." { reads: Reads::Event, argument: Some(argument::param_by_name), decided: Decided::Parameter };
    "evt.info"                         CHARBUF NA [] (evt::args) "Information" "The same as evt.args." { displayed: true };
    "evt.buffer"                       BYTEBUF NA [NO_PTR_STABILITY] (evt::buffer) "Buffer" "The data that the call moved, as far as it was captured: read, write, sendto..." { reads: Reads::Event };
    "evt.buflen"                       UINT64 DEC [] (evt::buflen) "Buffer Length" "How many bytes the call moved.";
    "evt.res"                          CHARBUF DEC [NO_PTR_STABILITY] (evt::res) "Return Value" "SUCCESS, or the name of the error, such as ENOENT." { decided: Decided::Success };
    "evt.rawres"                       INT64 DEC [] (evt::rawres) "Raw Return Value" "What the call returned, as a number: -2 for ENOENT." { reads: Reads::Event, decided: Decided::Result };
    "evt.failed"                       BOOL NA [] (evt::failed) "Failed" "Whether the call returned an error." { reads: Reads::Event, decided: Decided::ByOutcome };
    "evt.is_io"                        BOOL NA [] (evt::is_io) "Is I/O" "Whether the event reads from or writes to an fd." { reads: Reads::Event, decided: Decided::ByType };
    "evt.is_io_read"                   BOOL NA [] (evt::is_io_read) "Is Read" "Whether the event reads from an fd." { reads: Reads::Event, decided: Decided::ByType };
    "evt.is_io_write"                  BOOL NA [] (evt::is_io_write) "Is Write" "Whether the event writes to an fd." { reads: Reads::Event, decided: Decided::ByType };
    "evt.io_dir"                       CHARBUF NA [] (evt::io_dir) "I/O Direction" "read or write, for events that do one of them." { reads: Reads::Event, decided: Decided::ByType };
    "evt.is_wait"                      BOOL NA [] (evt::is_wait) "Is Wait" "Whether the call can make its thread wait: poll, nanosleep, select..." { reads: Reads::Event, decided: Decided::ByType };
    "evt.wait_latency"                 RELTIME DEC [DEPRECATED] (evt::zero) "Wait Latency" "Always 0, as evt.latency." { reads: Reads::Event, decided: Decided::ByType };
    "evt.is_syslog"                    BOOL NA [] (evt::is_syslog) "Is Syslog" "Whether the event writes to /dev/log.";
    "evt.count"                        UINT32 DEC [] (evt::count) "Count" "1 for every event." { reads: Reads::Event, json: JsonForm::Number, decided: Decided::ByType };
    "evt.count.error"                  UINT32 DEC [] (evt::count_error) "Error Count" "1 for a call that failed, 0 for one that did not." { decided: Decided::ByOutcome };
    "evt.count.error.file"             UINT32 DEC [] (evt::count_error_file) "File Error Count" "evt.count.error of calls on files.";
    "evt.count.error.net"              UINT32 DEC [] (evt::count_error_net) "Network Error Count" "evt.count.error of calls on sockets.";
    "evt.count.error.memory"           UINT32 DEC [] (evt::count_error_memory) "Memory Error Count" "evt.count.error of calls that manage memory.";
    "evt.count.error.other"            UINT32 DEC [] (evt::count_error_other) "Other Error Count" "evt.count.error of calls that none of the kinds above counts.";
    "evt.count.exit"                   UINT32 DEC [] (evt::count_exit) "Exit Count" "1 for every exit event." { decided: Decided::ByType };
    "evt.count.procinfo"               UINT32 DEC [TABLE_ONLY] (evt::count_procinfo) "Procinfo Count" "1 for a procinfo event of a main thread, else 0.";
    "evt.count.threadinfo"             UINT32 DEC [TABLE_ONLY] (evt::count_threadinfo) "Thread Info Count" "1 for a procinfo event, else 0.";
    "evt.around"                       UINT64 DEC [FILTER_ONLY ARG_REQUIRED NO_RHS NO_TRANSFORMER] (evt::rawtime) "Around Interval" "evt.around[T]=D holds for events at most D milliseconds from T, a value of evt.rawtime." { reads: Reads::Event, argument: Some(argument::time), compared: Compared::Around };
    "evt.abspath"                      CHARBUF NA [ARG_REQUIRED] (evt::abspath) "Absolute Path" "The absolute path of a call that takes a directory fd and a path; evt.abspath.src and evt.abspath.dst where it takes two." { argument: Some(argument::path) };
    "evt.buflen.in"                    UINT64 DEC [TABLE_ONLY] (evt::buflen_in) "Input Buffer Length" "evt.buflen of events that read.";
    "evt.buflen.out"                   UINT64 DEC [TABLE_ONLY] (evt::buflen_out) "Output Buffer Length" "evt.buflen of events that write.";
    "evt.buflen.file"                  UINT64 DEC [TABLE_ONLY] (evt::buflen_file) "File Buffer Length" "evt.buflen of events on files.";
    "evt.buflen.file.in"               UINT64 DEC [TABLE_ONLY] (evt::buflen_file_in) "File Input Buffer Length" "evt.buflen of events that read from files.";
    "evt.buflen.file.out"              UINT64 DEC [TABLE_ONLY] (evt::buflen_file_out) "File Output Buffer Length" "evt.buflen of events that write to files.";
    "evt.buflen.net"                   UINT64 DEC [TABLE_ONLY] (evt::buflen_net) "Network Buffer Length" "evt.buflen of events on IP sockets.";
    "evt.buflen.net.in"                UINT64 DEC [TABLE_ONLY] (evt::buflen_net_in) "Network Input Buffer Length" "evt.buflen of events that read from IP sockets.";
    "evt.buflen.net.out"               UINT64 DEC [TABLE_ONLY] (evt::buflen_net_out) "Network Output Buffer Length" "evt.buflen of events that write to IP sockets.";
    "evt.is_open_read"                 BOOL NA [] (evt::is_open_read) "Is Opened For Reading" "Whether the call opened a path for reading.";
    "evt.is_open_write"                BOOL NA [] (evt::is_open_write) "Is Opened For Writing" "Whether the call opened a path for writing.";
    "evt.infra.docker.name"            CHARBUF NA [TABLE_ONLY] (evt::docker_name) "Docker Name" "The name of a docker infrastructure event.";
    "evt.infra.docker.container.id"    CHARBUF NA [TABLE_ONLY] (evt::docker_id) "Docker ID" "The container that a docker infrastructure event is about.";
    "evt.infra.docker.container.name"  CHARBUF NA [TABLE_ONLY] (evt::docker_container) "Container Name" "The name of that container.";
    "evt.infra.docker.container.image" CHARBUF NA [TABLE_ONLY] (evt::docker_image) "Container Image" "The image of that container.";
    "evt.is_open_exec"                 BOOL NA [] (evt::is_open_exec) "Is Created With Execute Permissions" "Whether the call created a file that may be executed.";
    "evt.is_open_create"               BOOL NA [] (evt::is_open_create) "Is Created" "Whether the call created a file.";
}

fields! { PROCESS, "process";
    "proc.exe"                                CHARBUF NA [] (process::exe) "First Argument" "argv[0], as whoever started the program chose it.";
    "proc.pexe"                               CHARBUF NA [] (process::pexe) "Parent First Argument" "proc.exe of the parent.";
    "proc.aexe"                               CHARBUF NA [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::aexe) "Ancestor First Argument" "proc.exe of an ancestor: proc.aexe[1] is the parent's, [2] the grandparent's. Without a number, a filter looks at all of them." { compared: Compared::Ancestors(process::aexe_of) };
    "proc.exepath"                            CHARBUF NA [] (process::exepath) "Process Executable Path" "The full path of the executable.";
    "proc.pexepath"                           CHARBUF NA [] (process::pexepath) "Parent Process Executable Path" "proc.exepath of the parent.";
    "proc.aexepath"                           CHARBUF NA [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::aexepath) "Ancestor Executable Path" "proc.exepath of an ancestor, numbered as in proc.aexe." { compared: Compared::Ancestors(process::aexepath_of) };
    "proc.name"                               CHARBUF NA [] (process::name) "Name" "The name of the thread that made the event, 15 bytes at most (comm).";
    "proc.pname"                              CHARBUF NA [] (process::pname) "Parent Name" "proc.name of the parent.";
    "proc.aname"                              CHARBUF NA [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::aname) "Ancestor Name" "proc.name of an ancestor, numbered as in proc.aexe." { compared: Compared::Ancestors(process::aname_of) };
    "proc.args"                               CHARBUF NA [ARG_ALLOWED] (process::args) "Arguments" "The arguments after argv[0], joined by spaces; proc.args[0] is the first of them.";
    "proc.aargs"                              CHARBUF NA [ARG_ALLOWED] (process::aargs) "Ancestor Arguments" "proc.args of an ancestor, numbered as in proc.aexe; of all of them without a number.";
    "proc.cmdline"                            CHARBUF NA [] (process::cmdline) "Command Line" "proc.name and proc.args.";
    "proc.pcmdline"                           CHARBUF NA [] (process::pcmdline) "Parent Command Line" "proc.cmdline of the parent.";
    "proc.acmdline"                           CHARBUF NA [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::acmdline) "Ancestor Command Line" "proc.cmdline of an ancestor, numbered as in proc.aexe." { compared: Compared::Ancestors(process::acmdline_of) };
    "proc.cmdnargs"                           UINT64 DEC [] (process::cmdnargs) "Number of Command Line args" "How many arguments follow argv[0].";
    "proc.cmdlenargs"                         UINT64 DEC [] (process::cmdlenargs) "Total Count of Characters in Command Line args" "How many bytes they have together, without spaces between.";
    "proc.exeline"                            CHARBUF NA [] (process::exeline) "Executable Command Line" "proc.exe and proc.args.";
    "proc.env"                                CHARBUF NA [ARG_ALLOWED] (process::env) "Environment" "The environment, joined by spaces; proc.env[NAME] is the value of one variable." { argument: Some(argument::variable) };
    "proc.aenv"                               CHARBUF NA [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::aenv) "Ancestor Environment" "proc.env of an ancestor by number; proc.aenv[NAME] takes the variable from the nearest ancestor that has it." { argument: Some(argument::variable), compared: Compared::Ancestors(process::aenv_of) };
    "proc.cwd"                                CHARBUF NA [] (process::cwd) "Current Working Directory" "The working directory, with a slash at its end.";
    "proc.loginshellid"                       INT64 ID [] (process::loginshellid) "Login Shell ID" "The pid of the oldest ancestor that is a shell, going by its name.";
    "proc.tty"                                UINT32 ID [] (process::tty) "Process TTY" "The controlling terminal as a device number; 0 without one.";
    "proc.pid"                                INT64 ID [] (process::pid) "Process ID" "The process.";
    "proc.ppid"                               INT64 ID [] (process::ppid) "Parent Process ID" "The parent process.";
    "proc.apid"                               INT64 ID [ARG_ALLOWED NO_RHS NO_TRANSFORMER] (process::apid) "Ancestor Process ID" "proc.pid of an ancestor, numbered as in proc.aexe." { compared: Compared::Ancestors(process::apid_of) };
    "proc.vpid"                               INT64 ID [] (process::vpid) "Virtual Process ID" "The process as its own pid namespace counts.";
    "proc.pvpid"                              INT64 ID [] (process::pvpid) "Parent Virtual Process ID" "proc.vpid of the parent.";
    "proc.sid"                                INT64 ID [] (process::sid) "Process Session ID" "The session.";
    "proc.sname"                              CHARBUF NA [] (process::sname) "Process Session Name" "proc.name of the session's leader, or of the oldest ancestor in the session.";
    "proc.sid.exe"                            CHARBUF NA [] (process::sid_exe) "Process Session First Argument" "proc.exe of the same.";
    "proc.sid.exepath"                        CHARBUF NA [] (process::sid_exepath) "Process Session Executable Path" "proc.exepath of the same.";
    "proc.vpgid"                              INT64 ID [] (process::vpgid) "Process Virtual Group ID" "The process group as the process's own pid namespace counts.";
    "proc.vpgid.name"                         CHARBUF NA [] (process::vpgid_name) "Process Virtual Group Name" "proc.name of that group's leader, or of the oldest ancestor in the group.";
    "proc.vpgid.exe"                          CHARBUF NA [] (process::vpgid_exe) "Process Virtual Group First Argument" "proc.exe of the same.";
    "proc.vpgid.exepath"                      CHARBUF NA [] (process::vpgid_exepath) "Process Virtual Group Executable Path" "proc.exepath of the same.";
    "proc.pgid"                               INT64 ID [] (process::pgid) "Process Group ID" "The process group as the host counts.";
    "proc.pgid.name"                          CHARBUF NA [] (process::pgid_name) "Process Group Name" "proc.name of that group's leader, or of the oldest ancestor in the group.";
    "proc.pgid.exe"                           CHARBUF NA [] (process::pgid_exe) "Process Group First Argument" "proc.exe of the same.";
    "proc.pgid.exepath"                       CHARBUF NA [] (process::pgid_exepath) "Process Group Executable Path" "proc.exepath of the same.";
    "proc.duration"                           RELTIME DEC [] (process::duration) "Process Duration" "Nanoseconds since the thread was created.";
    "proc.ppid.duration"                      RELTIME DEC [] (process::ppid_duration) "Parent Process Duration" "proc.duration of the parent.";
    "proc.pid.ts"                             RELTIME DEC [] (process::pid_ts) "Process start ts" "When it was created: nanoseconds since the epoch.";
    "proc.ppid.ts"                            RELTIME DEC [] (process::ppid_ts) "Parent Process start ts" "proc.pid.ts of the parent.";
    "proc.is_exe_writable"                    BOOL NA [] (process::is_exe_writable) "Process Executable Is Writable" "Whether the user who runs it may write the executable.";
    "proc.is_exe_upper_layer"                 BOOL NA [] (process::is_exe_upper_layer) "Process Executable Is In Upper Layer" "Whether the executable is on the upper layer of an overlayfs: it is not of the container's image.";
    "proc.is_exe_lower_layer"                 BOOL NA [] (process::is_exe_lower_layer) "Process Executable Is In Lower Layer" "Whether the executable is on the lower layer of an overlayfs.";
    "proc.is_exe_from_memfd"                  BOOL NA [] (process::is_exe_from_memfd) "Process Executable Is Stored In Memfd" "Whether the executable is a memfd, which no path leads to.";
    "proc.is_sid_leader"                      BOOL NA [] (process::is_sid_leader) "Process Is Process Session Leader" "Whether it leads its session.";
    "proc.is_vpgid_leader"                    BOOL NA [] (process::is_vpgid_leader) "Process Is Virtual Process Group Leader" "Whether it leads its process group, by the ids of its own pid namespace.";
    "proc.is_pgid_leader"                     BOOL NA [] (process::is_pgid_leader) "Process Is Process Group Leader" "Whether it leads its process group, by the ids of the host.";
    "proc.exe_ino"                            INT64 DEC [] (process::exe_ino) "Inode number of executable file on disk" "The inode of the executable.";
    "proc.exe_ino.ctime"                      ABSTIME DEC [] (process::exe_ino_ctime) "Last status change time (ctime) of executable file" "When that inode last changed: nanoseconds since the epoch.";
    "proc.exe_ino.mtime"                      ABSTIME DEC [] (process::exe_ino_mtime) "Last modification time (mtime) of executable file" "When the executable was last modified: nanoseconds since the epoch.";
    "proc.exe_ino.ctime_duration_proc_start"  ABSTIME DEC [] (process::exe_ino_ctime_duration_proc_start) "From ctime of executable to process start" "Nanoseconds from the inode's change to the start of the process: little for a program just dropped.";
    "proc.exe_ino.ctime_duration_pidns_start" ABSTIME DEC [] (process::exe_ino_ctime_duration_pidns_start) "From start of pid namespace to ctime of executable" "Nanoseconds from the start of the pid namespace to the inode's change.";
    "proc.pidns_init_start_ts"                UINT64 DEC [] (process::pidns_init_start_ts) "Start ts of pid namespace" "When the pid namespace started: nanoseconds since the epoch.";
    "thread.cap_permitted"                    CHARBUF NA [] (process::cap_permitted) "Permitted capabilities" "The capabilities that the thread may use, separated by spaces.";
    "thread.cap_inheritable"                  CHARBUF NA [] (process::cap_inheritable) "Inheritable capabilities" "The capabilities that it hands on.";
    "thread.cap_effective"                    CHARBUF NA [] (process::cap_effective) "Effective capabilities" "The capabilities in force.";
    "proc.fdopencount"                        UINT64 DEC [] (process::fdopencount) "FD Count" "How many fds the process has open.";
    "proc.fdlimit"                            INT64 DEC [] (process::fdlimit) "FD Limit" "How many it may have open.";
    "proc.fdusage"                            DOUBLE NA [] (process::fdusage) "FD Usage" "The one as a percentage of the other.";
    "proc.vmsize"                             UINT64 DEC [] (process::vmsize) "VM Size" "Virtual memory, in KiB.";
    "proc.vmrss"                              UINT64 DEC [] (process::vmrss) "VM RSS" "Resident memory, in KiB.";
    "proc.vmswap"                             UINT64 DEC [] (process::vmswap) "VM Swap" "Swapped memory, in KiB.";
    "thread.pfmajor"                          UINT64 DEC [] (process::pfmajor) "Major Page Faults" "Page faults that needed the disk, since the thread started.";
    "thread.pfminor"                          UINT64 DEC [] (process::pfminor) "Minor Page Faults" "Page faults that did not, since the thread started.";
    "thread.tid"                              INT64 ID [] (process::tid) "Thread ID" "The thread that made the event." { reads: Reads::Event };
    "thread.ismain"                           BOOL NA [] (process::is_main) "Main Thread" "Whether it is the main thread of its process.";
    "thread.vtid"                             INT64 ID [] (process::vtid) "Virtual Thread ID" "The thread as its own pid namespace counts.";
    "thread.nametid"                          CHARBUF NA [TABLE_ONLY] (process::nametid) "Thread Name + ID" "proc.name and thread.tid in one text.";
    "thread.exectime"                         RELTIME DEC [] (process::exectime) "Scheduled Thread CPU Time" "In switch events, the time that the thread leaving the CPU had it, in nanoseconds; else 0." { remembers: true };
    "thread.totexectime"                      RELTIME DEC [] (process::totexectime) "Current Thread CPU Time" "The sum of thread.exectime over a thread's events." { remembers: true };
    "thread.cgroups"                          CHARBUF NA [] (process::cgroups) "Thread Cgroups" "Every cgroup as controller=path, separated by spaces.";
    "thread.cgroup"                           CHARBUF NA [ARG_REQUIRED] (process::cgroup) "Thread Cgroup" "The path for one controller: thread.cgroup.memory." { argument: Some(argument::word) };
    "proc.nthreads"                           UINT64 DEC [] (process::nthreads) "Threads" "How many threads of the process live, the main one included if it does.";
    "proc.nchilds"                            UINT64 DEC [] (process::nchilds) "Children" "How many threads of the process live, without the main one.";
    "thread.cpu"                              DOUBLE NA [] (process::thread_cpu) "Thread CPU" "In procinfo events, CPU time used since the one before." { remembers: true };
    "thread.cpu.user"                         DOUBLE NA [] (process::thread_cpu_user) "Thread User CPU" "The part of it spent in user mode." { remembers: true };
    "thread.cpu.system"                       DOUBLE NA [] (process::thread_cpu_system) "Thread System CPU" "The part of it spent in the kernel." { remembers: true };
    "thread.vmsize"                           UINT64 DEC [] (process::thread_vmsize) "Thread VM Size (kb)" "proc.vmsize for a main thread; 0 for others.";
    "thread.vmrss"                            UINT64 DEC [] (process::thread_vmrss) "Thread VM RSS (kb)" "proc.vmrss for a main thread; 0 for others.";
    "thread.vmsize.b"                         UINT64 DEC [TABLE_ONLY] (process::thread_vmsize_b) "Thread VM Size (b)" "thread.vmsize in bytes.";
    "thread.vmrss.b"                          UINT64 DEC [TABLE_ONLY] (process::thread_vmrss_b) "Thread VM RSS (b)" "thread.vmrss in bytes.";
    "proc.stdin.type"                         CHARBUF NA [] (process::stdin_type) "Standard Input fd type" "fd.type of the process's fd 0.";
    "proc.stdout.type"                        CHARBUF NA [] (process::stdout_type) "Standard Output fd type" "fd.type of the process's fd 1.";
    "proc.stderr.type"                        CHARBUF NA [] (process::stderr_type) "Standard Error fd type" "fd.type of the process's fd 2.";
    "proc.stdin.name"                         CHARBUF NA [] (process::stdin_name) "Standard Input fd name" "fd.name of the process's fd 0.";
    "proc.stdout.name"                        CHARBUF NA [] (process::stdout_name) "Standard Output fd name" "fd.name of the process's fd 1.";
    "proc.stderr.name"                        CHARBUF NA [] (process::stderr_name) "Standard Error fd name" "fd.name of the process's fd 2.";
}

fields! { USER, "user";
    "user.uid"       UINT32 ID [] (user::uid) "User ID" "The user that the thread runs as.";
    "user.name"      CHARBUF NA [] (user::name) "User Name" "That user's name.";
    "user.homedir"   CHARBUF NA [] (user::homedir) "Home Directory" "That user's home directory.";
    "user.shell"     CHARBUF NA [] (user::shell) "Shell" "That user's login shell.";
    "user.loginuid"  INT64 ID [] (user::loginuid) "Login User ID" "The user who logged in, whatever became of it since; -1 where nobody did.";
    "user.loginname" CHARBUF NA [] (user::loginname) "Login User Name" "That user's name.";
}

fields! { GROUP, "group";
    "group.gid"  UINT32 ID [] (user::gid) "Group ID" "The group that the thread runs as.";
    "group.name" CHARBUF NA [] (user::group_name) "Group Name" "That group's name.";
}

fields! { FD, "fd";
    "fd.num"                INT64 ID [] (fd::num) "FD Number" "The fd that the event is about." { decided: Decided::CreatedFd };
    "fd.type"               CHARBUF DEC [] (fd::ty) "FD Type" "Its kind: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify...";
    "fd.typechar"           CHARBUF DEC [] (fd::typechar) "FD Type Char" "Its kind as a letter: f file, d directory, 4 and 6 IP sockets, u unix socket, p pipe...";
    "fd.name"               CHARBUF NA [] (fd::name) "FD Name" "The full path of a file, the tuple of a socket.";
    "fd.directory"          CHARBUF NA [] (fd::directory) "FD Directory" "The directory that the file is in.";
    "fd.filename"           CHARBUF NA [] (fd::filename) "FD Filename" "The name of the file without its directory.";
    "fd.ip"                 IPADDR NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::ends_ip) "FD IP Address" "In filters, the address of either end." { compared: Compared::Ends };
    "fd.cip"                IPADDR NA [] (fd::client_ip) "FD Client Address" "The address of the client.";
    "fd.sip"                IPADDR NA [] (fd::server_ip) "FD Server Address" "The address of the server.";
    "fd.lip"                IPADDR NA [] (fd::local_ip) "FD Local Address" "The address of the end on this machine.";
    "fd.rip"                IPADDR NA [] (fd::remote_ip) "FD Remote Address" "The address of the other end.";
    "fd.port"               PORT DEC [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::ends_port) "FD Port" "In filters, the port of either end." { compared: Compared::Ends };
    "fd.cport"              PORT DEC [] (fd::client_port) "FD Client Port" "The port of the client.";
    "fd.sport"              PORT DEC [] (fd::server_port) "FD Server Port" "The port of the server.";
    "fd.lport"              PORT DEC [] (fd::local_port) "FD Local Port" "The port of the end on this machine.";
    "fd.rport"              PORT DEC [] (fd::remote_port) "FD Remote Port" "The port of the other end.";
    "fd.l4proto"            CHARBUF NA [] (fd::l4proto) "FD IP Protocol" "The transport protocol: tcp, udp, icmp or raw.";
    "fd.sockfamily"         CHARBUF NA [] (fd::sockfamily) "FD Socket Family" "ip or unix.";
    "fd.is_server"          BOOL NA [] (fd::is_server) "FD Server" "Whether this machine is the server of the connection.";
    "fd.uid"                CHARBUF NA [] (fd::uid) "FD ID" "The thread's id and the fd's number in one text.";
    "fd.containername"      CHARBUF NA [] (fd::containername) "FD Container Name" "The container's id and fd.name, with a colon between.";
    "fd.containerdirectory" CHARBUF NA [] (fd::containerdirectory) "FD Container Directory" "The container's id and fd.directory, with a colon between.";
    "fd.proto"              PORT NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::ends_port) "FD Protocol" "In filters, the protocol of either end's port." { compared: Compared::Ends };
    "fd.cproto"             CHARBUF NA [] (fd::client_proto) "FD Client Protocol" "The service of the client's port; its number where names are not resolved.";
    "fd.sproto"             CHARBUF NA [] (fd::server_proto) "FD Server Protocol" "The service of the server's port.";
    "fd.lproto"             CHARBUF NA [] (fd::local_proto) "FD Local Protocol" "The service of the port on this machine.";
    "fd.rproto"             CHARBUF NA [] (fd::remote_proto) "FD Remote Protocol" "The service of the other end's port.";
    "fd.net"                IPNET NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::ends_ip) "FD IP Network" "In filters, the network of either end." { compared: Compared::Ends };
    "fd.cnet"               IPNET NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::client_ip) "FD Client Network" "In filters, the network of the client.";
    "fd.snet"               IPNET NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::server_ip) "FD Server Network" "In filters, the network of the server.";
    "fd.lnet"               IPNET NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::local_ip) "FD Local Network" "In filters, the network of the end on this machine.";
    "fd.rnet"               IPNET NA [FILTER_ONLY NO_RHS NO_TRANSFORMER] (fd::remote_ip) "FD Remote Network" "In filters, the network of the other end.";
    "fd.connected"          BOOL NA [] (fd::connected) "FD Connected" "Whether the socket is connected.";
    "fd.name_changed"       BOOL NA [] (fd::name_changed) "FD Name Changed" "Whether the event gave the fd another name.";
    "fd.cip.name"           CHARBUF NA [NO_RHS NO_TRANSFORMER] (fd::client_name) "FD Client Domain Name" "The domain name of the client's address." { compared: Compared::Named(fd::client_ip) };
    "fd.sip.name"           CHARBUF NA [NO_RHS NO_TRANSFORMER] (fd::server_name) "FD Server Domain Name" "The domain name of the server's address." { compared: Compared::Named(fd::server_ip) };
    "fd.lip.name"           CHARBUF NA [NO_RHS NO_TRANSFORMER] (fd::local_name) "FD Local Domain Name" "The domain name of the address on this machine." { compared: Compared::Named(fd::local_ip) };
    "fd.rip.name"           CHARBUF NA [NO_RHS NO_TRANSFORMER] (fd::remote_name) "FD Remote Domain Name" "The domain name of the other end's address." { compared: Compared::Named(fd::remote_ip) };
    "fd.dev"                INT32 HEX [] (fd::dev) "FD Device" "The device that the file lies on.";
    "fd.dev.major"          INT32 DEC [] (fd::dev_major) "FD Major Device" "The major number of that device.";
    "fd.dev.minor"          INT32 DEC [] (fd::dev_minor) "FD Minor Device" "The minor number of that device.";
    "fd.ino"                INT64 DEC [] (fd::ino) "FD Inode Number" "The file's inode.";
    "fd.nameraw"            CHARBUF NA [] (fd::nameraw) "FD Name Raw" "The path as the program gave it.";
    "fd.types"              CHARBUF DEC [IS_LIST ARG_ALLOWED NO_RHS] (fd::types) "FD Types" "The kinds of all fds that the process has open; fd.types[N] is the kind of fd N." { argument: Some(argument::fd_number) };
    "fd.is_upper_layer"     BOOL NA [] (fd::is_upper_layer) "FD Upper Layer" "Whether the file is on the upper layer of an overlayfs.";
    "fd.is_lower_layer"     BOOL NA [] (fd::is_lower_layer) "FD Lower Layer" "Whether the file is on the lower layer of an overlayfs.";
}

fields! { FS_PATH, "fs.path";
    "fs.path.name"      CHARBUF NA [] (fs_path::name) "Path" "The full path that a call on one path names: mkdir, unlink, chmod, open...";
    "fs.path.nameraw"   CHARBUF NA [] (fs_path::nameraw) "Raw Path" "That path as the program gave it.";
    "fs.path.source"    CHARBUF NA [] (fs_path::source) "Source Path" "The full path that a call on two paths starts from: rename, link, symlink, mount.";
    "fs.path.sourceraw" CHARBUF NA [] (fs_path::sourceraw) "Raw Source Path" "That path as the program gave it.";
    "fs.path.target"    CHARBUF NA [] (fs_path::target) "Target Path" "The full path that a call on two paths leads to.";
    "fs.path.targetraw" CHARBUF NA [] (fs_path::targetraw) "Raw Target Path" "That path as the program gave it.";
}

fields! { FDLIST, "fdlist";
    "fdlist.nums"   CHARBUF ID [] (fdlist::nums) "FD Numbers" "In poll events, the fds that are polled, separated by commas.";
    "fdlist.names"  CHARBUF NA [] (fdlist::names) "FD Names" "In poll events, the names of those fds.";
    "fdlist.cips"   CHARBUF NA [] (fdlist::cips) "FD Client Addresses" "In poll events, the clients' addresses of those fds.";
    "fdlist.sips"   CHARBUF NA [] (fdlist::sips) "FD Server Addresses" "In poll events, the servers' addresses of those fds.";
    "fdlist.cports" CHARBUF DEC [] (fdlist::cports) "FD Client Ports" "In poll events, the clients' ports of those fds.";
    "fdlist.sports" CHARBUF DEC [] (fdlist::sports) "FD Server Ports" "In poll events, the servers' ports of those fds.";
}
