using System.Security.Cryptography;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>Names for objects that come with a <c>generateName</c>, as upstream's <c>SimpleNameGenerator</c>: five characters that spell no word.</summary>
public static class NameGenerator
{
    private const string Characters = "bcdfghjklmnpqrstvwxz2456789";
    private const int MaxPrefix = 58;

    public static string Generate(string prefix) =>
        (prefix.Length > MaxPrefix ? prefix[..MaxPrefix] : prefix) + RandomNumberGenerator.GetString(Characters, 5);
}
