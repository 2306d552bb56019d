using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ActorOrchestrator.Bench;

/// <summary>Collects measurements, prints them as a Markdown table as they come, writes JSON at the end.</summary>
public sealed class Report
{
    private readonly List<Measurement> _measurements = [];

    public IReadOnlyList<Measurement> Measurements => _measurements;

    public void Add(Measurement measurement)
    {
        if (_measurements.Count == 0)
        {
            Console.WriteLine("| Bench | Figure | Value | Floor | Ratio | Target |");
            Console.WriteLine("|---|---|---|---|---|---|");
        }

        _measurements.Add(measurement);
        Console.WriteLine(Row(measurement));
    }

    public async Task WriteJsonAsync(string file)
    {
        var document = new
        {
            machine = new { RuntimeInformation.OSDescription, processors = Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, memoryMiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20 },
            measurements = _measurements.Select(m => new { m.Bench, m.Figure, m.Value, m.Unit, m.Floor, m.FloorValue, m.Ratio, m.Target }),
        };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(document, new JsonSerializerOptions { WriteIndented = true }));
    }

    private static string Row(Measurement m)
    {
        var row = new StringBuilder();
        row.Append(CultureInfo.InvariantCulture, $"| {m.Bench} | {m.Figure} | {Number(m.Value)} {m.Unit} | ");
        row.Append(m.Floor is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{m.Floor}: {Number(m.FloorValue ?? 0)} {m.Unit}"));
        row.Append(CultureInfo.InvariantCulture, $" | {(m.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) + "x" : "")} | {m.Target} |");
        return row.ToString();
    }

    private static string Number(double value) => value.ToString(value >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
