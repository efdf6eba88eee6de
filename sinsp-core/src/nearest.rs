//! What an error message suggests for a name that does not exist: the names that are written nearly the same, and for the fields of plugins that
//! are known the plugin.

/// The most names that are suggested.
const MOST: usize = 3;

/// Names of this length at most are compared: a suggestion for more is of no use, and its search would take time.
const LONGEST: usize = 64;

/// Plugins by how the names of their fields begin.
const PLUGINS: &[(&str, &str)] = &[
    ("container.", "container"),
    ("k8s.", "container"),
    ("k8smeta.", "k8smeta"),
    ("ka.", "k8saudit"),
    ("ct.", "cloudtrail"),
    ("json.", "json"),
    ("jevt.", "json"),
    ("gcp.", "gcpaudit"),
    ("github.", "github"),
    ("okta.", "okta"),
    ("anomaly.", "anomalydetection"),
    ("krsi.", "krsi"),
];

/// The end of a message about `word`, with the nearest of `names`: ` (did you mean 'a' or 'b'?)`. Empty if none is near.
pub fn suggestion<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(word, names);
    match near.split_last() {
        None => String::new(),
        Some((only, [])) => format!(" (did you mean '{only}'?)"),
        Some((last, others)) => format!(" (did you mean '{}' or '{last}'?)", others.join("', '")),
    }
}

/// The end of a message about the field `text`, which no source has: the plugin that has such fields, unless `names`, those that exist, are of it
/// already, or the nearest of `names`.
pub fn field_suggestion<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let word = text.split(|c: char| c == '[' || c.is_whitespace()).next().unwrap_or_default();
    let of_plugin = PLUGINS.iter().find(|(start, _)| word.starts_with(start));
    match of_plugin {
        Some((start, plugin)) if !names.iter().any(|name| name.starts_with(start)) => {
            format!(" (the fields {start}* come with the plugin {plugin}, which is not loaded)")
        }
        _ => suggestion(word, names),
    }
}

/// The nearest names, best first. A longer word may have more mistakes.
fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let length = word.len();
    if !(2..=LONGEST).contains(&length) {
        return Vec::new();
    }
    let most = if length < 5 { 1 } else { 1 + length.min(16) / 6 };
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter(|name| name.len().abs_diff(length) <= most)
        .map(|name| (strsim::osa_distance(word, name), name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    found.sort_unstable();
    found.dedup();
    // Names that are farther than the best by more than one mistake only distract.
    let best = found.first().map_or(0, |(distance, _)| *distance);
    found.into_iter().take_while(|(distance, _)| *distance <= best + 1).map(|(_, name)| name).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["proc.name", "proc.pname", "proc.exe", "fd.name", "evt.type", "evt.time"];

    #[test]
    fn near_names_are_suggested_best_first() {
        assert_eq!(suggestion("proc.nmae", NAMES), " (did you mean 'proc.name' or 'proc.pname'?)");
        assert_eq!(suggestion("proc_exe", NAMES), " (did you mean 'proc.exe'?)");
        for nothing in ["", "x", "user.uid", &"proc.name".repeat(100)] {
            assert_eq!(suggestion(nothing, NAMES), "", "{nothing}");
        }
    }

    #[test]
    fn the_plugin_of_a_field_is_named_unless_it_is_loaded() {
        let message = " (the fields container.* come with the plugin container, which is not loaded)";
        assert_eq!(field_suggestion("container.id", NAMES), message);
        assert_eq!(field_suggestion("container.ids", [NAMES[0], "container.id"]), " (did you mean 'container.id'?)");
        assert_eq!(field_suggestion("proc.nam[1] = x", NAMES), " (did you mean 'proc.name' or 'proc.pname'?)");
    }
}
