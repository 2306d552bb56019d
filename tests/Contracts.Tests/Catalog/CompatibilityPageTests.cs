using System.Text;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Tests.Catalog;

/// <summary>
/// The table of kinds in docs/compatibility.md is made of the descriptors. To write it anew after a change of them, run this test with
/// <c>ORCHESTRATOR_UPDATE_DOCS=1</c> in the environment.
/// </summary>
public class CompatibilityPageTests
{
    private const string Begin = "<!-- generated: kinds -->";
    private const string End = "<!-- end of generated -->";

    [Fact]
    public void The_page_tells_what_the_descriptors_say()
    {
        var file = Path.Combine(Root(), "docs", "compatibility.md");
        var page = File.ReadAllText(file);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, $"docs/compatibility.md has no place between '{Begin}' and '{End}'.");
        var made = page[..begin] + Begin + "\n" + Table() + page[end..];
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, made);
            return;
        }

        Assert.True(made == page, "docs/compatibility.md is not what the descriptors make: run this test once with ORCHESTRATOR_UPDATE_DOCS=1.");
    }

    [Fact]
    public void A_kind_that_does_not_wholly_work_says_what_is_missing() => Assert.All(
        ResourceCatalog.BuiltIn.All.Where(descriptor => descriptor.Behaviour.State != BehaviourState.Works),
        descriptor => Assert.NotEmpty(descriptor.Behaviour.Note));

    private static string Table()
    {
        var text = new StringBuilder();
        foreach (var group in ResourceCatalog.BuiltIn.All.GroupBy(descriptor => descriptor.ApiVersion))
        {
            text.Append("\n### ").Append(group.Key).Append("\n\n");
            text.Append("| Kind | Names | Verbs | Subresources | Field selectors | Behind it |\n|---|---|---|---|---|---|\n");
            foreach (var descriptor in group.OrderBy(descriptor => descriptor.Kind, StringComparer.Ordinal))
            {
                text.Append("| ").AppendJoin(" | ", Cells(descriptor)).Append(" |\n");
            }
        }

        return text.Append('\n').ToString();
    }

    private static string[] Cells(ResourceDescriptor descriptor) =>
    [
        descriptor.Kind + (descriptor.Namespaced ? "" : " (cluster)"),
        string.Join(", ", descriptor.ShortNames.Prepend(descriptor.Plural)),
        descriptor.Verbs.SequenceEqual(ResourceDescriptor.AllVerbs) ? "all" : string.Join(", ", descriptor.Verbs),
        string.Join(", ", descriptor.Subresources.Select(subresource => subresource.Name)),
        string.Join(", ", descriptor.SelectableFields.Select(field => field.Label)),
        Behind(descriptor.Behaviour),
    ];

    private static string Behind(Behaviour behaviour)
    {
        var word = behaviour.State switch { BehaviourState.Works => "Works", BehaviourState.Partly => "Partly", _ => "Stored only" };
        return behaviour.Note.Length == 0 ? word : $"{word}: {behaviour.Note}";
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorOrchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
