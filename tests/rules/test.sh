#!/usr/bin/env bash
# A rule engine on libsinsp, with rules from YAML: test.sh PREFIX. The alerts of the recorded capture are those of expected.txt, and the same workload
# fires each rule live.
. "$(dirname "$0")/../common.sh"

if ! pkg-config --exists yaml-cpp; then
	skip "libyaml-cpp-dev is not installed"
	finish
fi
# shellcheck disable=SC2046
check "the rule engine compiles" "${CXX:-c++}" -std=c++17 -O1 -g -Wall -Wextra -pedantic -Werror -o "$work/rules" "$here/rules.cpp" $(flags libsinsp yaml-cpp)
[ -x "$work/rules" ] || finish

# alerts RULES SOURCE FILE [json]
alerts() { "$work/rules" "$@"; }

same_alerts() { alerts "$here/rules.yaml" capture "$capture" | diff "$here/expected.txt" -; }
check "the alerts of the capture" same_alerts

# As JSON: an object for each alert, with the values that its text has.
json_alerts() {
	alerts "$here/rules.yaml" capture "$capture" json >"$work/json" && [ "$(grep -c '' "$work/json")" = "$(grep -c '' "$here/expected.txt")" ] &&
		grep -F '"proc.name":"cat"' "$work/json" | grep -F '"fd.name":"/etc/debian_version"'
}
check "the alerts as JSON" json_alerts

# wrong CONDITION PART...: a rule with that condition is refused by an error that has the name of the rule and each part.
wrong() {
	local part
	printf -- '- rule: Wrong one\n  condition: %s\n  output: "%%evt.num"\n  priority: INFO\n' "$1" >"$work/wrong.yaml"
	! alerts "$work/wrong.yaml" capture "$capture" >"$work/out" 2>&1 || return 1
	for part in "Wrong one" "${@:2}"; do
		grep -F "$part" "$work/out" || { cat "$work/out"; return 1; }
	done
}
check "an unknown field" wrong 'evt.typo = open' evt.typo
check "an unknown macro" wrong 'evt.type = open and opened' "no macro 'opened'" column
check "an unfinished condition" wrong '(evt.type = open' "expected"
check "a value of the wrong type" wrong 'fd.num = three' three fd.num

alerts "$here/rules.yaml" live "$here/../demo/workload.sh" >"$work/live" 2>"$work/error"
status=$?
if grep -qE 'CAP_BPF|BTF|Operation not permitted' "$work/error"; then
	skip "live: $(head -n 1 "$work/error")"
	finish
fi
check "the live run: $(head -n 1 "$work/error")" test "$status" = 0
fires() { grep -E "^fired [1-9][0-9]* times: $1\$" "$work/live" || { tail -n 20 "$work/live"; return 1; }; }
sed -nE 's/^[0-9]+ [A-Z]+: ([^:]+): .*/\1/p' "$here/expected.txt" | sort -u >"$work/names"
while read -r name; do
	check "live: $name" fires "$name"
done <"$work/names"

# The same while the driver leaves out what no rule wants.
check "the live run with a selection" alerts "$here/rules.yaml" selected "$here/../demo/workload.sh"
cp "$work/log" "$work/live"
leaves_out() { grep -E '^futex +never$' "$work/live" && grep -E '^close +success ' "$work/live"; }
check "what no rule wants is left out" leaves_out
while read -r name; do
	check "selected: $name" fires "$name"
done <"$work/names"
finish
