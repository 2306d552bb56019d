using System.Collections.Immutable;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>An argument of a command: <c>-n NAMESPACE</c>, or a flag without a value.</summary>
public sealed record ArgumentDefinition(string Name, string Description, ImmutableArray<string> Switches, bool IsMandatory, bool AllowsMultiple, bool IsFlag, ImmutableArray<string> DefaultValues);

/// <summary>A command of a palette.</summary>
public sealed record CommandDefinition(string Name, string Description, ImmutableArray<ArgumentDefinition> Arguments);

/// <summary>A named group of commands.</summary>
public sealed class CommandPalette(string moduleName, IEnumerable<CommandDefinition> commands)
{
    public string ModuleName { get; } = moduleName;
    public ImmutableArray<CommandDefinition> Commands { get; } = [.. commands];
}

public sealed class CommandDefinitionBuilder
{
    private readonly ImmutableArray<ArgumentDefinition>.Builder _arguments = ImmutableArray.CreateBuilder<ArgumentDefinition>();
    private string _name = "";
    private string _description = "";

    public CommandDefinitionBuilder WithName(string name)
    {
        _name = name;
        return this;
    }

    public CommandDefinitionBuilder WithDescription(string description)
    {
        _description = description;
        return this;
    }

    public CommandDefinitionBuilder WithArgument(Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder> build)
    {
        _arguments.Add(build(new ArgumentDefinitionBuilder()).Build());
        return this;
    }

    /// <exception cref="InvalidOperationException">The command has no name, or two arguments share a switch.</exception>
    public CommandDefinition Build()
    {
        if (_name.Length == 0)
        {
            throw new InvalidOperationException("A command needs a name.");
        }

        var twice = _arguments.SelectMany(argument => argument.Switches).GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? new CommandDefinition(_name, _description, _arguments.ToImmutable())
            : throw new InvalidOperationException($"Command {_name} has two arguments with the switch {twice.Key}.");
    }
}

public sealed class ArgumentDefinitionBuilder
{
    private readonly ImmutableArray<string>.Builder _switches = ImmutableArray.CreateBuilder<string>();
    private string _name = "";
    private string _description = "";
    private bool _mandatory;
    private bool _multiple;
    private bool _flag;
    private ImmutableArray<string> _defaults = [];

    public ArgumentDefinitionBuilder WithName(string name)
    {
        _name = name;
        return this;
    }

    public ArgumentDefinitionBuilder WithDescription(string description)
    {
        _description = description;
        return this;
    }

    public ArgumentDefinitionBuilder WithSwitch(string name)
    {
        _switches.Add(name);
        return this;
    }

    public ArgumentDefinitionBuilder IsMandatory(bool mandatory)
    {
        _mandatory = mandatory;
        return this;
    }

    public ArgumentDefinitionBuilder AllowMultiple(bool multiple)
    {
        _multiple = multiple;
        return this;
    }

    /// <summary>A switch that stands alone.</summary>
    public ArgumentDefinitionBuilder WithoutValue()
    {
        _flag = true;
        return this;
    }

    /// <summary>Values that are offered by tab completion.</summary>
    public ArgumentDefinitionBuilder WithDefaultValues(params string[] values)
    {
        _defaults = [.. values];
        return this;
    }

    internal ArgumentDefinition Build() =>
        _name.Length > 0 && _switches.Count > 0
            ? new ArgumentDefinition(_name, _description, _switches.ToImmutable(), _mandatory, _multiple, _flag, _defaults)
            : throw new InvalidOperationException("An argument needs a name and at least one switch.");
}
