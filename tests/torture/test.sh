#!/usr/bin/env bash
# Makes every system call that can fail do so once: test.sh PREFIX. Prints failures and a count.
#
#   TORTURE=full tests/torture/test.sh PREFIX     every call instead of some of each kind; takes half an hour
. "$(dirname "$0")/../common.sh"
gzip -dc "$capture" >"$work/plain.scap"

# The address sanitizer finds leaks. With it, gcc 12 reports empty optionals as uninitialised.
objects=()
for source in trap jobs jobs_pman torture; do
	# shellcheck disable=SC2046
	later check "$source.cpp compiles" "${CXX:-c++}" -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-maybe-uninitialized -fsanitize=address -c \
		-o "$work/$source.o" "$here/$source.cpp" $(pkg-config --cflags libpman libsinsp libscap)
	objects+=("$work/$source.o")
done
collect
# shellcheck disable=SC2046
check "the program is linked" "${CXX:-c++}" -fsanitize=address -o "$work/torture" "${objects[@]}" $(flags libpman libsinsp libscap)
[ -x "$work/torture" ] || finish

# run JOB [PART OF]
run() {
	local name=$1${2:+-$2} files
	files=$work/$name.files
	mkdir -p "$files"
	"$work/torture" "$1" "$capture" "$work/plain.scap" "$files" "${@:2}" >"$work/$name.log" 2>"$work/$name.errors"
	echo $? >"$work/$name.rc"
}

# First a test of this test: each of these jobs has one fault, which must be found.
while IFS=: read -r job expected; do
	run "self-$job"
	if grep -aq -- "$expected" "$work/self-$job.log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: the fault of the job $job is not reported as: $expected"
		cat "$work/self-$job.log"
	fi
done <<-'END'
	right:^5 passed, 0 failed$
	silent:no error was reported$
	result:the result is another
	unnamed:the error does not name it
	file:leaves behind the open file /dev/null
	mapping:leaves behind a mapping of .*plain.scap
	memory:a leak, as the sanitizer says
	crash:signal Aborted
	again:it does not work again
END

jobs=(live pman iterators nodriver inspector-scan cgroups dump-gzip dump dump-fd dump-memory read read-gzip read-fd plugin
	test-input inspector-read)
if [ "${TORTURE:-}" = full ]; then
	jobs=("live 0 2" "live 1 2" "pman 0 2" "pman 1 2" "${jobs[@]:2}")
fi
for job in "${jobs[@]}"; do
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
		wait -n
	done
	# shellcheck disable=SC2086
	run $job &
done
wait

for job in "${jobs[@]}"; do
	read -r -a words <<<"$job"
	name=${words[0]}${words[1]:+-${words[1]}}
	rc=$(<"$work/$name.rc")
	count=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed$' "$work/$name.log" | tail -n 1)
	p=${count%% passed*} f=${count#*, } f=${f%% failed*}
	passed=$((passed + ${p:-0}))
	failed=$((failed + ${f:-0}))
	case $rc in
	0 | 1)
		cat "$work/$name.log"
		[ "$rc" = 0 ] || head -n 60 "$work/$name.errors"
		;;
	77 | 78)
		skip "$name: $(head -n 1 "$work/$name.log")"
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED: $name ended with $rc"
		tail -n 40 "$work/$name.log" "$work/$name.errors"
		;;
	esac
	# The libraries must not print messages themselves.
	if grep -a "^lib[a-z]*:" "$work/$name.errors"; then
		failed=$((failed + 1))
		echo "FAILED: $name writes to the standard error"
	fi
done

finish
