#!/usr/bin/env bash
# Runs the client's netstandard2.0 build under Mono (Debian: mono-runtime, mono-devel), on each of its HTTP handlers, and once with the
# URI quirks of applications for .NET Framework before 4.5. Not part of dotnet test.
set -euo pipefail
cd "$(dirname "$0")"
command -v mono >/dev/null || { echo "mono is not installed" >&2; exit 1; }
dotnet build -v quiet -nologo
program=../../artifacts/bin/EquinixOtp.Mono/release/EquinixOtp.Mono.exe
status=0
echo "==> HttpWebRequest"
mono "$program" HttpWebRequest || status=1
echo "==> HttpWebRequest, old URI quirks"
mono "$program" HttpWebRequest quirks || status=1
echo "==> SocketsHttpHandler"
mono "$program" SocketsHttpHandler || status=1
exit "$status"
