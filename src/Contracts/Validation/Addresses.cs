using System.Net;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for IP addresses.</summary>
internal static class Addresses
{
    public static bool Check(FieldErrors errors, FieldPath path, string value)
    {
        if (IsAddress(value))
        {
            return true;
        }

        errors.Invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        return false;
    }

    /// <summary>IPAddress reads "1" and octal forms too; the API takes the full notation only.</summary>
    public static bool IsAddress(string value) =>
        IPAddress.TryParse(value, out _) && (value.Contains(':', StringComparison.Ordinal) || value.Split('.').Length == 4);

    /// <summary>An object that is named by an address has it in its canonical form, so that each address has one name.</summary>
    public static IReadOnlyList<string> NameProblems(string name)
    {
        if (!IPAddress.TryParse(name, out var address) || !(name.Contains(':', StringComparison.Ordinal) || name.Split('.').Length == 4))
        {
            return ["must be a valid IP address"];
        }

        return address.ToString() == name ? [] : [$"must be a canonical format IP address, (e.g. {address})"];
    }

    /// <summary>Addresses that traffic could never be sent to from another host (upstream's <c>ValidateNonSpecialIP</c>).</summary>
    public static void CheckReachable(FieldErrors errors, FieldPath path, string value)
    {
        if (!Check(errors, path, value))
        {
            return;
        }

        var address = IPAddress.Parse(value);
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, value, $"may not be unspecified ({value})");
        }
        else if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(path, value, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
        else if (address.IsIPv6LinkLocal || (address.GetAddressBytes() is [169, 254, ..]))
        {
            errors.Invalid(path, value, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        else if (address.IsIPv6Multicast || address.GetAddressBytes() is [224, 0, 0, _])
        {
            errors.Invalid(path, value, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
