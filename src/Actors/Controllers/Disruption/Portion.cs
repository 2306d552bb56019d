using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>An <c>IntOrString</c>: a number, or a percentage of something that is rounded up.</summary>
public readonly record struct Portion(int Value, bool IsPercentage)
{
    public int Of(int total) => IsPercentage ? (int)((((long)Value * total) + 99) / 100) : Value;

    internal static Portion? Read(JsonElement element, string name)
    {
        if (element.Integer(name) is { } number)
        {
            return new Portion(number, false);
        }

        return element.Text(name) is { Length: > 1 } text && text[^1] == '%' && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? new Portion(percent, true)
            : null;
    }
}
