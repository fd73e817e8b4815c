#!/bin/sh
# Fuzzes a part of the client with AFL++ (afl-fuzz must be on the PATH): fuzz.sh parser|totp|retry-after|redactor [executions]
# AFL++ saves each input that breaks a property or takes 10 seconds in artifacts/fuzz/<target>/default, in crashes and hangs.
# Reproduce one: dotnet run --project tests/EquinixOtp.Fuzz -- <target> < <input>
set -eu
target=$1
executions=${2:-10000000}
cd "$(dirname "$0")/../.."
results=artifacts/fuzz/$target
rm -rf "$results/app"
dotnet tool restore
dotnet publish tests/EquinixOtp.Fuzz --output "$results/app"
dotnet sharpfuzz "$results/app/EquinixOtp.Client.dll"
dotnet "$results/app/EquinixOtp.Fuzz.dll" "$target" "$results/seeds"

# The program is .NET's, its crashes leave no core files, and the CPU may be shared.
export AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1
exec afl-fuzz -i "$results/seeds" -o "$results" -t 10000 -m none -G 2048 -E "$executions" -- \
    dotnet "$results/app/EquinixOtp.Fuzz.dll" "$target"
