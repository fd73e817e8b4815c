using System.Text;
using EquinixOtp.Fuzz;
using SharpFuzz;

Dictionary<string, (Action<byte[]> Run, string[] Seeds)> targets = new()
{
    ["parser"] = (Targets.Parser,
    [
        "\0{\"recovery_codes\":[\"abcd-efgh\",\"\\u00e9\"],\"token\":\"t0k3n\"}",
        "\u0003{\"errors\":[\"a\",{\"otp\":[\"is invalid\",null,1.5e3]},\"\\ud83d\"]} // comment",
    ]),
    ["totp"] = (Targets.Totp,
    [
        "\0otpauth://totp/Equinix:me@example.com?secret=JBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8&period=60",
        "\u0001&secret=a+%3D&algorithm=HMAC-SHA512#x",
    ]),
    ["retry-after"] = (Targets.RetryAfterHeader, ["7", "922337203686", "Fri, 02 Jan 2026 03:05:06 GMT"]),
    ["redactor"] = (Targets.RedactorText,
    [
        "\u0006\0\0\0\u0009123456The OTP is wrong",
        "\u0020\u0001\u0004\u0009\u0003Zq+R/7xW2nB9vK4mZ8rT5yU1pQ==\"&<%AD\\net %25 &amp; \\u0041 &#43",
    ]),
};
(Action<byte[]> run, string[] seeds) = targets[args[0]];
if (args.Length == 1)
{
    byte[] buffer = new byte[1024 * 1024];
    Fuzzer.Run(input => run(buffer[..input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)]));
    return;
}

Directory.CreateDirectory(args[1]);
for (int i = 0; i < seeds.Length; i++)
{
    File.WriteAllText(Path.Combine(args[1], $"{i}"), seeds[i], new UTF8Encoding(false));
}
