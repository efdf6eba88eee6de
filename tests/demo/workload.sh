#!/bin/sh
# A small workload: files, processes, a socket. It removes what it creates.
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
for i in 1 2 3; do
	echo "line $i" > "$dir/file$i"
	cat "$dir/file$i" > /dev/null
	mkdir "$dir/sub$i"
	mv "$dir/file$i" "$dir/sub$i/renamed"
done
cat /etc/debian_version > /dev/null
(cd "$dir" && ls > /dev/null)
# A refused connection: the discard port has no listener.
if [ -x /bin/bash ]; then
	/bin/bash -c 'exec 3<> /dev/tcp/127.0.0.1/9' 2> /dev/null
fi
sh -c 'kill -0 $$' | cat
