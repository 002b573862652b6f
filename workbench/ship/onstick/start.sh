#!/bin/sh
# Starts the workbench from this stick: finds a Python that fits, and leaves the rest to it.
# Further words are passed on:  sh start.sh --class
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1

# A Python under its own name first; then whatever is called Python; on a Mac also where its installers put it.
set_of_names="python3.13 python3.12 python3.11 python3 python"
frameworks=/Library/Frameworks/Python.framework/Versions
if [ "$(uname)" = Darwin ]; then
    for version in 3.13 3.12 3.11; do
        set_of_names="$set_of_names $frameworks/$version/bin/python3 /opt/homebrew/bin/python$version /usr/local/bin/python$version"
    done
fi

found=
try() {
    # Apple's own python3 is an invitation to install something until its tools are there.
    if [ "$(uname)" = Darwin ] && [ "$(command -v "$1")" = /usr/bin/python3 ] && ! xcode-select -p >/dev/null 2>&1; then
        return 1
    fi
    "$1" -E -s -B -c pass >/dev/null 2>&1 || return 1
    found=yes
    "$1" -E -s -B "$here/stick/target.py" >/dev/null 2>&1
}

if [ -f "$here/python/bin/python3" ] && try "$here/python/bin/python3"; then
    exec "$here/python/bin/python3" -E -s -B "$here/stick/start.py" "$@"
fi
for name in $set_of_names; do
    if try "$name"; then
        exec "$name" -E -s -B "$here/stick/start.py" "$@"
    fi
done

language=$(printf %s "${LC_ALL:-${LC_MESSAGES:-${LANG:-en}}}" | cut -c1-2)
what=python-missing
[ -n "$found" ] && what=python-other
[ -f "$here/stick/words/$what.$language.txt" ] || language=en
cat "$here/stick/words/$what.$language.txt" >&2
if [ -t 0 ]; then
    read -r _
fi
exit 1
