using System.Management.Automation.Host;

namespace EquinixOtp.Playground;

/// <summary>The console's size, for views to fit in. Its keys and its buffer are out of reach.</summary>
internal sealed class HostScreen : PSHostRawUserInterface
{
    private const int WidthOfPipe = 100;
    private const int Height = 50;

    public override Size BufferSize
    {
        get => new(!Console.IsOutputRedirected && Console.WindowWidth > 0 ? Console.WindowWidth : WidthOfPipe, Height);
        set => throw OutOfReach();
    }

    public override Size WindowSize
    {
        get => BufferSize;
        set => throw OutOfReach();
    }

    public override Size MaxWindowSize => BufferSize;
    public override Size MaxPhysicalWindowSize => BufferSize;
    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;
    public override string WindowTitle { get; set; } = string.Empty;
    public override int CursorSize { get; set; }
    public override Coordinates CursorPosition { get; set; }
    public override Coordinates WindowPosition { get; set; }
    public override bool KeyAvailable => false;

    public override void FlushInputBuffer()
    {
    }

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw HostConsole.NotInteractive();
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw OutOfReach();
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw OutOfReach();
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw OutOfReach();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw OutOfReach();

    private static NotSupportedException OutOfReach() => new("The playground's console can only be written to.");
}
