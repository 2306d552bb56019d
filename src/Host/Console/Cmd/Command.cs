using System.Collections.Immutable;
using Akka.Actor;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>A command as a user gave it. Arguments are named by their definition, not by the switch that was typed.</summary>
public sealed record Command(string Palette, string Name, ImmutableArray<(string Name, string Value)> Arguments) : INoSerializationVerificationNeeded
{
    public IEnumerable<string> ArgumentValues(string name) =>
        Arguments.Where(argument => argument.Name.Equals(name, StringComparison.Ordinal)).Select(argument => argument.Value);

    public string? Argument(string name) => ArgumentValues(name).FirstOrDefault();

    public bool HasArgument(string name) => ArgumentValues(name).Any();
}

/// <summary>A part of the answer; the last one is final.</summary>
public record CommandResponse(string Text, bool Final = true) : INoSerializationVerificationNeeded
{
    public static readonly CommandResponse Empty = new("");
}

/// <summary>What went wrong; always final. The client prints it on its error stream and ends with code 1.</summary>
public sealed record ErroredCommandResponse(string Text) : CommandResponse(Text, true);
