using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Host.Api.Metrics;

/// <summary>Writes Prometheus' text format.</summary>
public sealed class MetricsWriter
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new(64 * 1024);

    /// <summary>Heads the samples of one name.</summary>
    public void Family(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <param name="name">With a suffix where the type has one.</param>
    /// <param name="labels">As they stand between the braces; empty for none.</param>
    /// <param name="value">Whole numbers are written without a fraction.</param>
    public void Sample(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    public void Gauge(string name, string help, double value) => Single(name, "gauge", help, value);

    public void Counter(string name, string help, double value) => Single(name, "counter", help, value);

    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    private void Single(string name, string type, string help, double value)
    {
        Family(name, type, help);
        Sample(name, "", value);
    }
}

/// <summary>A part of the host that has something to measure. Asked whenever somebody scrapes.</summary>
public interface IMetricsSource
{
    void Write(MetricsWriter writer);
}
