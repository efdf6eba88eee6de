//! The pages of `docs/` that list the fields and the events, made from the field table and the event description.

use driver::{EVENTS, EventFlags, ParamType};
use sinsp_core::fields::{FieldFlags, FieldInfo, classes};
use std::fmt::Write;

const MADE: &str = "<!-- Made by `./dev headers` from the tables of the library: do not edit. -->\n";

fn type_name(ty: ParamType) -> &'static str {
    ParamType::ALL.iter().find(|(t, _)| *t == ty).map_or("UNKNOWN", |(_, name)| name)
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}

/// `docs/fields.md`.
pub fn fields() -> String {
    let mut page = format!(
        "# Fields\n\n{MADE}\nThe fields of filters and formats. A filter compares them (`proc.name = bash`), a format shows them (`%proc.name`); [using.md](using.md) has \
         examples. Fields of plugins come besides.\n\nThe type is that of the values; `[]` after it marks a list. `[x]` after a name is an \
         argument, which the description explains; in parentheses it may be left out.\n"
    );
    for class in classes() {
        let shown: Vec<_> = class.fields.iter().filter(|f| !f.flags.has(FieldFlags::TABLE_ONLY)).collect();
        if shown.is_empty() {
            continue;
        }
        write!(
            page,
            "\n## {}\n\n{}\n\n| field | type | contents |\n|---|---|---|\n",
            class.name,
            cell(class.description)
        )
        .expect("a string grows");
        for field in shown {
            let list = if field.flags.has(FieldFlags::IS_LIST) { "[]" } else { "" };
            let ty = type_name(field.ty);
            let (argument, restriction) = (argument(field), restriction(field));
            writeln!(page, "| `{}{argument}` | {ty}{list} | {}{restriction} |", field.name, cell(field.description))
                .expect("a string grows");
        }
    }
    page
}

fn argument(field: &FieldInfo) -> &'static str {
    if field.flags.has(FieldFlags::ARG_REQUIRED) {
        "[x]"
    } else if field.flags.has(FieldFlags::ARG_ALLOWED) {
        "([x])"
    } else {
        ""
    }
}

fn restriction(field: &FieldInfo) -> &'static str {
    if field.flags.has(FieldFlags::DEPRECATED) {
        " *Deprecated.*"
    } else if field.flags.has(FieldFlags::FILTER_ONLY) {
        " *In filters only.*"
    } else if field.flags.has(FieldFlags::PRINT_ONLY) {
        " *In formats only.*"
    } else {
        ""
    }
}

/// `docs/events.md`.
pub fn events() -> String {
    let mut page = format!(
        "# Events\n\n{MADE}\nThe events that are captured today, by the name that `evt.type` has, with their parameters (`evt.arg.NAME`) and the types of these. An event of a system call is \
         made when the call returns (`<`); those with `>` are made when it begins. System calls without an event of their own are \
         reported by `syscall`.\n\n| event | parameters |\n|---|---|\n"
    );
    for event in EVENTS.iter() {
        if event.flags.has(EventFlags::UNUSED) || event.flags.has(EventFlags::OLD_VERSION) || event.params.is_empty() {
            continue;
        }
        let direction = if event.ty.is_enter() { '>' } else { '<' };
        let params: Vec<_> = event.params.iter().map(|p| format!("`{}` {}", p.name, type_name(p.ty))).collect();
        writeln!(page, "| `{direction} {}` | {} |", event.name, params.join(", ")).expect("a string grows");
    }
    page
}

#[cfg(test)]
mod tests {
    #[test]
    fn pages_have_fields_and_events_with_their_arguments() {
        let fields = super::fields();
        for row in [
            "| `proc.name` | CHARBUF | ",
            "| `proc.aname([x])` | CHARBUF",
            "| `evt.arg[x]` | CHARBUF",
            "| `fd.types([x])` | CHARBUF[] |",
            "\n## process\n",
        ] {
            assert!(fields.contains(row), "{row}: {fields}");
        }
        let events = super::events();
        assert!(events.contains("| `< execve` | `res` ERRNO, `exe` CHARBUF, "), "{events}");
        assert!(events.contains("| `> openat`"));
    }
}
