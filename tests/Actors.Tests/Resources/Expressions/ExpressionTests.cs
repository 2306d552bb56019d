using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;

namespace ActorOrchestrator.Actors.Tests.Resources.Expressions;

public sealed class ExpressionTests
{
    private static readonly ExpressionEnvironment Environment = new(("object", ExpressionType.Dyn), ("made", ExpressionType.Dyn), ("x", ExpressionType.Int), ("names", ExpressionType.List(ExpressionType.String)));

    private static readonly Dictionary<string, object?> Bindings = new()
    {
        ["object"] = JsonNode.Parse("""
            {"metadata":{"name":"web","namespace":"shop","labels":{"app.kubernetes.io/name":"web"}},
             "spec":{"replicas":3,"ratio":1.0,"half":0.5,"paused":false,"nothing":null,"ports":[{"name":"http","port":80},{"name":"https","port":443}]}}
            """),
        ["made"] = new JsonObject { ["whole"] = JsonValue.Create(7), ["long"] = JsonValue.Create(8L), ["real"] = JsonValue.Create(2.5) },
        ["x"] = 7L,
        ["names"] = JsonNode.Parse("""["b","a","c"]"""),
    };

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * -3", "-9")]
    [InlineData("7 / 2 + 7 % 4", "6")]
    [InlineData("made.whole % 4 + made.long / 3", "5")]
    [InlineData("made.real * 2.0", "5")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("9223372036854775807 + 1", "integer overflow")]
    [InlineData("1 / 0", "division by zero")]
    [InlineData("2u + 3u", "5")]
    [InlineData("0x1F", "31")]
    [InlineData("1.5 * 2.0", "3")]
    [InlineData("string(1e6)", "1e+06")]
    [InlineData("string(0.0001)", "0.0001")]
    [InlineData("1 < 1.5 && 2u > 1", "true")]
    [InlineData("dyn(1) == 1.0", "true")]
    [InlineData("'a' + \"b\" + r'\\n' + '''c'd'''", "ab\\nc'd")]
    [InlineData("'\\u00e9\\x41\\101'", "éAA")]
    [InlineData("b'\\xff' == b'\\377'", "true")]
    [InlineData("size('héllo😀')", "6")]
    [InlineData("[1, 2] + [3] == [1, 2, 3]", "true")]
    [InlineData("{'a': 1, 'b': 2}['b']", "2")]
    [InlineData("{1: 'x'}[dyn(1u)]", "x")]
    [InlineData("{'a': 1}.b", "no such key: b")]
    [InlineData("[1][3]", "index out of bounds: 3")]
    [InlineData("2 in [1, 2] && 'a' in {'a': 1}", "true")]
    [InlineData("true ? 'yes' : 'no'", "yes")]
    [InlineData("true || 1 / 0 > 0", "true")]
    [InlineData("1 / 0 > 0 || true", "true")]
    [InlineData("false && 1 / 0 > 0", "false")]
    [InlineData("1 / 0 > 0 && true", "division by zero")]
    [InlineData("type(1) == int && type('') == string", "true")]
    [InlineData("int('42') + int(3.9) + int(2u)", "47")]
    [InlineData("double('1.5')", "1.5")]
    [InlineData("bool('true') && !bool('0') || false", "true")]
    [InlineData("duration('1h30m') + duration('90s') == duration('5490s')", "true")]
    [InlineData("string(duration('1h30m'))", "5400s")]
    [InlineData("timestamp('2026-11-23T04:05:06.5Z') - timestamp('2026-11-23T00:00:00Z') > duration('4h')", "true")]
    [InlineData("timestamp('2026-11-23T04:05:06Z').getDayOfWeek()", "1")]
    [InlineData("timestamp('2026-11-23T04:05:06Z').getHours('+05:30')", "9")]
    [InlineData("timestamp('2026-11-23T04:05:06Z').getMonth()", "10")]
    public void The_language_computes_as_specified(string text, string expected) => Assert.Equal(expected, Evaluate(text));

    [Theory]
    [InlineData("[1, 2, 3].all(i, i > 0)", "true")]
    [InlineData("[1, 2, 3].exists(i, i == 2)", "true")]
    [InlineData("[1, 2, 2].exists_one(i, i == 2)", "false")]
    [InlineData("[1, 2, 3].filter(i, i % 2 == 1)", "[1, 3]")]
    [InlineData("[1, 2, 3].map(i, i * i)", "[1, 4, 9]")]
    [InlineData("[1, 2, 3].map(i, i > 1, i * i)", "[4, 9]")]
    [InlineData("{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", "true")]
    [InlineData("{'a': 1}.all(k, v, k == 'a' && v == 1)", "true")]
    [InlineData("[5, 6].exists(i, v, i == 1 && v == 6)", "true")]
    [InlineData("[5, 6].transformList(i, v, i + v)", "[5, 7]")]
    [InlineData("{'a': 1}.transformMap(k, v, v + 1)", "{a: 2}")]
    [InlineData("{'a': 'x'}.transformMapEntry(k, v, {v: k})", "{x: a}")]
    [InlineData("[0, 1].exists(i, 1 / i > 0)", "true")]
    [InlineData("[0, 1].all(i, 1 / i < 0)", "false")]
    [InlineData("[0, 1].all(i, 1 / i > 0)", "division by zero")]
    [InlineData("[[1], [2, 3]].map(l, l.map(i, i + size(l)))", "[[2], [4, 5]]")]
    public void Macros_fold_lists_and_maps(string text, string expected) => Assert.Equal(expected, Evaluate(text));

    [Theory]
    [InlineData("object.spec.replicas == 3", "true")]
    [InlineData("object.metadata.namespace", "shop")]
    [InlineData("object.metadata.labels['app.kubernetes.io/name']", "web")]
    [InlineData("type(object.spec.ratio) == double", "true")]
    [InlineData("object.spec.replicas + 1", "4")]
    [InlineData("object.spec.half * 2.0", "1")]
    [InlineData("has(object.spec.paused) && !has(object.spec.missing)", "true")]
    [InlineData("object.spec.nothing == null", "true")]
    [InlineData("object.spec.missing.deeper", "no such key: missing")]
    [InlineData("has(object.spec.missing.deeper)", "no such key: missing")]
    [InlineData("object.spec.ports.exists(p, p.name == 'https' && p.port == 443)", "true")]
    [InlineData("object.spec.ports.map(p, p.port).sum()", "523")]
    [InlineData("object.?spec.?missing.?deeper.orValue('none')", "none")]
    [InlineData("object.?spec.replicas.orValue(1)", "3")]
    [InlineData("object[?'spec'].hasValue()", "true")]
    [InlineData("object.?spec.optMap(s, s.replicas * 2).value()", "6")]
    [InlineData("[?object.?spec.?missing, 'a']", "[a]")]
    [InlineData("{?'a': optional.none(), 'b': 1}", "{b: 1}")]
    [InlineData("optional.of(1).or(optional.of(2)).value()", "1")]
    [InlineData("optional.none().orValue('fallback')", "fallback")]
    [InlineData("x + size(names)", "10")]
    public void Objects_without_a_schema_are_read_as_they_are(string text, string expected) => Assert.Equal(expected, Evaluate(text));

    [Theory]
    [InlineData("'hello'.charAt(4) + 'hello'.substring(1, 3)", "oel")]
    [InlineData("'hello'.substring(9)", "index out of range: 9")]
    [InlineData("'a-b-c'.split('-').join('+')", "a+b+c")]
    [InlineData("'a-b-c'.split('-', 2)", "[a, b-c]")]
    [InlineData("'hello'.replace('l', 'L', 1)", "heLlo")]
    [InlineData("'ab'.replace('', '-')", "-a-b-")]
    [InlineData("'hello'.indexOf('l') + 'hello'.lastIndexOf('l') * 10", "32")]
    [InlineData("'Hi'.lowerAscii() + 'Hi'.upperAscii() + ' x '.trim()", "hiHIx")]
    [InlineData("'%s is %d, %.2f, %x'.format(['a', 5, 1.5, 255])", "a is 5, 1.50, ff")]
    [InlineData("strings.quote('a\"b')", "\"a\\\"b\"")]
    [InlineData("'abc'.matches('^[a-c]+$') && !'abc\\n'.matches('^[a-c]+$')", "true")]
    [InlineData("'a1b22'.find('[0-9]+') + string('a1b22'.findAll('[0-9]+').size())", "12")]
    [InlineData("names.isSorted() || ['a', 'b'].isSorted()", "true")]
    [InlineData("[3, 1, 2].min() + [3, 1, 2].max()", "4")]
    [InlineData("[].sum() == 0 && [1.5, 2.5].sum() == 4.0", "true")]
    [InlineData("[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)", "2")]
    [InlineData("[3, 1, 2].sort() == [1, 2, 3] && [1, 1].distinct() == [1]", "true")]
    [InlineData("['bb', 'a'].sortBy(s, size(s))", "[a, bb]")]
    [InlineData("[[1], [2]].flatten()", "[1, 2]")]
    [InlineData("lists.range(3).reverse().slice(0, 2)", "[2, 1]")]
    [InlineData("sets.contains([1, 2, 3], [2, 1]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])", "true")]
    [InlineData("quantity('1Gi').isGreaterThan(quantity('1000M')) && quantity('500m').add(quantity('500m')).isInteger()", "true")]
    [InlineData("quantity('1.5k').asInteger() + quantity('2').compareTo(quantity('3'))", "1499")]
    [InlineData("isQuantity('10x')", "false")]
    [InlineData("url('https://example.com:8443/a b?x=1&x=2').getHost()", "example.com:8443")]
    [InlineData("url('https://example.com:8443/a?x=1&x=2').getQuery()['x'][1]", "2")]
    [InlineData("isURL('/path') && !isURL('path')", "true")]
    [InlineData("ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && !isIP('010.0.0.1')", "true")]
    [InlineData("cidr('10.0.0.0/8').containsIP('10.2.3.4') && cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", "true")]
    [InlineData("string(cidr('10.1.2.3/8').masked())", "10.0.0.0/8")]
    [InlineData("format.dns1123Label().validate('Bad').hasValue() && !format.named('uuid').value().validate('f47ac10b-58cc-4372-a567-0e02b2c3d479').hasValue()", "true")]
    [InlineData("semver('1.2.3').isLessThan(semver('1.10.0')) && semver('v1.2', true).patch() == 0", "true")]
    public void Libraries_do_what_Kubernetes_documents(string text, string expected) => Assert.Equal(expected, Evaluate(text));

    [Theory]
    [InlineData("x == 'a'", "compilation failed: ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | x == 'a'\n | ..^")]
    [InlineData("y", "compilation failed: ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y\n | ^")]
    [InlineData("x.a", "compilation failed: ERROR: <input>:1:2: type 'int' does not support field selection\n | x.a\n | .^")]
    [InlineData("names.foo()", "compilation failed: ERROR: <input>:1:10: undeclared reference to 'foo' (in container '')\n | names.foo()\n | .........^")]
    [InlineData("[1, 'a']", "compilation failed: ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^")]
    [InlineData("1 +", "compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^")]
    [InlineData("'a'.matches('(')", null)]
    [InlineData("namespace", "compilation failed: ERROR: <input>:1:1: reserved identifier: namespace\n | namespace\n | ^")]
    [InlineData("has(x)", "compilation failed: ERROR: <input>:1:5: invalid argument to has() macro\n | has(x)\n | ....^")]
    public void What_cannot_be_is_refused_with_its_place(string text, string? error)
    {
        var compiled = Expression.Compile(text, Environment);
        Assert.Null(compiled.Program);
        Assert.StartsWith("compilation failed: ERROR: <input>:1:", compiled.Error);
        Assert.Equal(error ?? compiled.Error, compiled.Error);
    }

    [Fact]
    public void The_result_must_have_the_asked_type() =>
        Assert.Equal("must evaluate to bool but got int", Expression.Compile("1", Environment, ExpressionType.Bool).Error);

    [Fact]
    public void A_structural_schema_types_names_and_merges_lists()
    {
        var schema = JsonNode.Parse("""
            {"type":"object","properties":{
              "a-b":{"type":"integer"},"namespace":{"type":"string"},"ratio":{"type":"number"},"when":{"type":"string","format":"date-time"},
              "port":{"x-kubernetes-int-or-string":true},
              "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
              "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"integer"}}}}}}
            """)!.AsObject();
        var self = ExpressionSchema.OfStructural(schema, isResourceRoot: true)!;
        var environment = new ExpressionEnvironment(("self", self), ("oldSelf", self));
        var bindings = new Dictionary<string, object?>
        {
            ["self"] = JsonNode.Parse("""{"metadata":{"name":"n"},"a-b":2,"namespace":"x","ratio":2,"when":"2026-01-02T03:04:05Z","port":"http","tags":["a","b"],"parts":[{"name":"p","n":1},{"name":"q","n":2}]}"""),
            ["oldSelf"] = JsonNode.Parse("""{"tags":["b","a"],"parts":[{"name":"q","n":2},{"name":"p","n":1}]}"""),
        };
        foreach (var rule in (string[])
        [
            "self.a__dash__b == 2 && self.__namespace__ == 'x' && self.metadata.name == 'n'",
            "self.ratio / 2.0 == 1.0",
            "self.when.getFullYear() == 2026",
            "type(self.port) == string && self.port != 5",
            "self.tags == oldSelf.tags && self.parts == oldSelf.parts",
            "(self.tags + ['a', 'c']).size() == 3",
            "(self.parts + oldSelf.parts).size() == 2",
        ])
        {
            var compiled = Expression.Compile(rule, environment, ExpressionType.Bool);
            Assert.True(compiled.Error is null, compiled.Error);
            Assert.Equal((rule, "true"), (rule, compiled.Program!.Evaluate(bindings).ToString()));
        }

        Assert.Contains("undefined field 'missing'", Expression.Compile("self.missing == 1", environment).Error);
    }

    [Fact]
    public void A_built_in_kind_is_known_by_its_model()
    {
        var environment = new ExpressionEnvironment(("object", ExpressionSchema.OfModel(typeof(k8s.Models.V1Deployment))));
        Assert.Null(Expression.Compile("object.spec.template.spec.containers.all(c, c.image.startsWith('x'))", environment).Error);
        Assert.Contains("undefined field 'replica'", Expression.Compile("object.spec.replica > 1", environment).Error);
    }

    [Fact]
    public void A_costly_evaluation_stops_at_the_budget()
    {
        var compiled = Expression.Compile("lists.range(2000).all(a, lists.range(2000).all(b, a + b >= 0))", Environment);
        var budget = new EvaluationBudget(1_000);
        Assert.Equal("operation cancelled: actual cost limit exceeded", compiled.Program!.Evaluate(Bindings, budget).Error);
        Assert.True(budget.Exhausted);
    }

    private static string Evaluate(string text)
    {
        var compiled = Expression.Compile(text, Environment);
        Assert.True(compiled.Error is null, compiled.Error);
        return compiled.Program!.Evaluate(Bindings).ToString();
    }
}
