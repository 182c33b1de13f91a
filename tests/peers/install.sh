#!/bin/sh
# Brings the outside programs that the tests talk to: by apt-get where this is root on a Debian,
# else by telling which are missing. Tests whose program is missing are skipped and say so.
# With the word "judges" it brings those too that only the long suites ask: PixelMed's validator and
# DICOMscope with a display to draw on.
set -eu

# Package and the program it is known by; servers lie outside an ordinary user's PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
missing=""
need() { # package program
    command -v "$2" >/dev/null 2>&1 || missing="$missing $1"
}
need redis-server redis-server
need orthanc Orthanc
need dcmtk storescu
need dicom3tools dciodvfy
need openssl openssl
need chromium chromium
if [ "${1:-}" = judges ]; then
    need default-jdk-headless javac
    need dicomscope dicomscope
    need xvfb Xvfb
    [ -f /usr/share/java/pixelmed.jar ] || missing="$missing libpixelmed-java"
fi
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql initdb

[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed, and not mine to install:$missing." >&2
    echo "The tests that need them are skipped; on Debian: apt-get install$missing" >&2
    exit 0
fi

echo "Installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; }; then
    echo "apt-get could not bring$missing; the tests that need them are skipped." >&2
fi
