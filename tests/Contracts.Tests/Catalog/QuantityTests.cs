using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Tests.Catalog;

public class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("100m", "100m")]
    [InlineData("0.1", "100m")]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1500m", "1500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000", "1k")]
    [InlineData("1500", "1500")]
    [InlineData("12e6", "12e6")]
    [InlineData("12E3", "12e3")]
    [InlineData("12E6", "12e6")]
    [InlineData("1e1", "10")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("64Mi", "64Mi")]
    [InlineData("1500Mi", "1500Mi")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("-2", "-2")]
    [InlineData("+3", "3")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1n", "1n")]
    [InlineData("0.1n", "1n")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("100E", "9223372036854775807")]
    [InlineData("1M", "1M")]
    [InlineData("1E", "1E")]
    public void A_quantity_is_written_in_its_canonical_form(string text, string canonical) =>
        Assert.Equal(canonical, Quantity.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("1.2.3")]
    [InlineData("1Kib")]
    [InlineData("1 Gi")]
    [InlineData("1ki")]
    [InlineData("e3")]
    [InlineData("1e")]
    [InlineData("--1")]
    [InlineData("1e3m")]
    public void What_is_no_quantity_is_refused(string text) => Assert.False(Quantity.TryParse(text, out _));

    [Fact]
    public void Counts_are_rounded_up()
    {
        Assert.Equal(1, Quantity.Parse("1n").MilliValue);
        Assert.Equal(1, Quantity.Parse("100m").Value);
        Assert.Equal(250, Quantity.Parse("0.25").MilliValue);
        Assert.Equal(67108864, Quantity.Parse("64Mi").Value);
    }

    [Fact]
    public void Quantities_compare_by_amount_whatever_their_suffix()
    {
        Assert.Equal(Quantity.Parse("1Gi"), Quantity.Parse("1073741824"));
        Assert.True(Quantity.Parse("1G") < Quantity.Parse("1Gi"));
        Assert.Equal("1500m", (Quantity.Parse("1") + Quantity.Parse("500m")).ToString());
        Assert.Equal("1536Mi", (Quantity.Zero + Quantity.Parse("1Gi") + Quantity.Parse("512Mi")).ToString());
    }

    [Fact]
    public void What_is_plainly_canonical_is_written_as_it_was_read()
    {
        string[] suffixes = ["", "m", "u", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3"];
        var texts = from number in Enumerable.Range(0, 1100)
                    from suffix in suffixes
                    from text in new[] { $"{number}{suffix}", $"0{number}{suffix}" }
                    where Quantity.IsPlainlyCanonical(text)
                    select text;
        Assert.All(texts.ToList(), text => Assert.Equal(text, Quantity.Parse(text).RoundedUpToMilli().ToString()));
        Assert.True(Quantity.IsPlainlyCanonical("500m"));
        Assert.False(Quantity.IsPlainlyCanonical("1000m"));
    }
}
