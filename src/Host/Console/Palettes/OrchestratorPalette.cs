using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using k8s.Models;

namespace ActorOrchestrator.Host.Console.Palettes;

/// <summary>The cluster's objects from the console: look, scale, follow a rollout, undo one.</summary>
public sealed class OrchestratorPalette(IClusterReader reader, IResourceClient client, IResourceMetrics metrics, TimeProvider time)
    : CommandPaletteHandler(new CommandPalette("orchestrator", [Nodes, Pods, TopNodes, TopPods, Scale, RolloutStatus, RolloutUndo]))
{
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    private static readonly Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder> Namespace =
        b => b.WithName("namespace").WithSwitch("-n").WithSwitch("-N").WithSwitch("--namespace").WithDescription("the namespace, \"default\" unless told");

    private static readonly Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder> Deployment =
        b => b.WithName("deployment").WithSwitch("-d").WithSwitch("-D").WithSwitch("--deployment").IsMandatory(true).WithDescription("the Deployment's name");

    private static readonly CommandDefinition Nodes = new CommandDefinitionBuilder().WithName("nodes").WithDescription("Lists the nodes").Build();

    private static readonly CommandDefinition Pods = new CommandDefinitionBuilder()
        .WithName("pods").WithDescription("Lists the pods, of all namespaces unless told")
        .WithArgument(b => b.WithName("namespace").WithSwitch("-n").WithSwitch("-N").WithSwitch("--namespace").WithDescription("only this namespace"))
        .Build();

    private static readonly CommandDefinition TopNodes = new CommandDefinitionBuilder().WithName("top-nodes").WithDescription("Shows what the nodes use; a control host knows").Build();

    private static readonly CommandDefinition TopPods = new CommandDefinitionBuilder()
        .WithName("top-pods").WithDescription("Shows what the pods use, of all namespaces unless told; a control host knows")
        .WithArgument(b => b.WithName("namespace").WithSwitch("-n").WithSwitch("-N").WithSwitch("--namespace").WithDescription("only this namespace"))
        .Build();

    private static readonly CommandDefinition Scale = new CommandDefinitionBuilder()
        .WithName("scale").WithDescription("Sets how many replicas a Deployment has")
        .WithArgument(Namespace).WithArgument(Deployment)
        .WithArgument(b => b.WithName("replicas").WithSwitch("-r").WithSwitch("-R").WithSwitch("--replicas").IsMandatory(true).WithDescription("how many, from 0 on"))
        .Build();

    private static readonly CommandDefinition RolloutStatus = new CommandDefinitionBuilder()
        .WithName("rollout-status").WithDescription("Follows a rollout until it is done; Ctrl-C ends the following")
        .WithArgument(Namespace).WithArgument(Deployment)
        .Build();

    private static readonly CommandDefinition RolloutUndo = new CommandDefinitionBuilder()
        .WithName("rollout-undo").WithDescription("Goes back to an earlier template of a Deployment")
        .WithArgument(Namespace).WithArgument(Deployment)
        .WithArgument(b => b.WithName("revision").WithSwitch("-t").WithSwitch("-T").WithSwitch("--to-revision").WithDescription("which revision, the one before the current unless told"))
        .Build();

    public override Props HandlerProps => Props.Create(() => new Handler(Palette, reader, client, metrics, time));

    private sealed class Handler : CommandHandlerActor
    {
        private static readonly WriteOptions Author = new("system:console", "console");
        private readonly IClusterReader _reader;
        private readonly IResourceClient _client;
        private readonly TimeProvider _time;
        private Observation? _observation;
        private IActorRef _follower = ActorRefs.Nobody;
        private ObjectKey _followed;
        private string _lastSaid = "";

        public Handler(CommandPalette palette, IClusterReader reader, IResourceClient client, IResourceMetrics metrics, TimeProvider time)
            : base(palette)
        {
            (_reader, _client, _time) = (reader, client, time);
            Process(Nodes.Name, _ => Sender.Tell(new CommandResponse(ListNodes())));
            Process(Pods.Name, command => Sender.Tell(new CommandResponse(ListPods(command.Argument("namespace")))));
            Process(TopNodes.Name, _ => Sender.Tell(new CommandResponse(UsageTables.Nodes(_reader.Current, metrics))));
            Process(TopPods.Name, command => Sender.Tell(new CommandResponse(UsageTables.Pods(_reader.Current, metrics, command.Argument("namespace")))));
            Process(Scale.Name, OnScale);
            Process(RolloutStatus.Name, OnRolloutStatus);
            Process(RolloutUndo.Name, OnRolloutUndo);
            Receive<Looked>(_ => SayStatus());
        }

        protected override void PostStop() => _observation?.Dispose();

        private string ListNodes()
        {
            var rows = _reader.Current.All(ResourceTypes.Nodes).Select(stored =>
            {
                var node = stored.As<V1Node>();
                var ready = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready")?.Status == "True" ? "Ready" : "NotReady";
                var status = node.Spec?.Unschedulable == true ? ready + ",SchedulingDisabled" : ready;
                return new[] { stored.Key.Name, status, Age(stored), node.Status?.NodeInfo?.KubeletVersion ?? "", node.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address ?? "" };
            });
            return TextTable.Render(["NAME", "STATUS", "AGE", "VERSION", "INTERNAL-IP"], rows);
        }

        private string ListPods(string? @namespace)
        {
            var snapshot = _reader.Current;
            var pods = @namespace is null ? snapshot.All(ResourceTypes.Pods) : snapshot.InNamespace(ResourceTypes.Pods, @namespace);
            var rows = pods.Select(stored =>
            {
                var pod = stored.As<V1Pod>();
                var statuses = pod.Status?.ContainerStatuses ?? [];
                var waiting = statuses.Select(status => status.State?.Waiting?.Reason).FirstOrDefault(reason => reason is not null);
                var status = stored.Metadata.DeletionTimestamp is not null ? "Terminating" : waiting ?? pod.Status?.Phase ?? "Pending";
                return new[]
                {
                    stored.Key.Namespace, stored.Key.Name, $"{statuses.Count(each => each.Ready)}/{pod.Spec.Containers.Count}", status,
                    statuses.Sum(each => each.RestartCount).ToString(CultureInfo.InvariantCulture), Age(stored), pod.Status?.PodIP ?? "<none>", pod.Spec.NodeName ?? "<none>",
                };
            });
            return TextTable.Render(["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"], rows);
        }

        private void OnScale(Command command)
        {
            var text = command.Argument("replicas")!;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var replicas))
            {
                Sender.Tell(new ErroredCommandResponse($"-r {text}: a whole number from 0 on is needed."));
                return;
            }

            var key = KeyOf(command);
            _client.UpdateAsync(
                    key,
                    (_, obj) =>
                    {
                        obj["spec"]!["replicas"] = replicas;
                        return obj;
                    },
                    Author with { Act = "scale" })
                .PipeTo(Sender, success: result => result.Failure is { } failure ? new ErroredCommandResponse(failure.Message) : new CommandResponse($"deployment.apps/{key.Name} scaled to {replicas}"), failure: Failed);
        }

        private void OnRolloutStatus(Command command)
        {
            _followed = KeyOf(command);
            _follower = Sender;
            if (_reader.Current.Find(_followed) is null)
            {
                Sender.Tell(new ErroredCommandResponse(ApiStatus.NotFound(_followed).Message));
                return;
            }

            var self = Self;
            _observation = _reader.Observe(batch =>
            {
                if (batch.Facts.Any(fact => fact.Key == _followed))
                {
                    self.Tell(Looked.Instance);
                }
            });
            SayStatus();
        }

        private void SayStatus()
        {
            if (_reader.Current.Find(_followed) is not { } stored)
            {
                _follower.Tell(new ErroredCommandResponse($"deployment \"{_followed.Name}\" was deleted"));
                return;
            }

            var (text, state) = Rollout.Status(stored.As<V1Deployment>());
            if (state == RolloutState.Failed)
            {
                _follower.Tell(new ErroredCommandResponse(text));
            }
            else if (state == RolloutState.Done || text != _lastSaid)
            {
                _lastSaid = text;
                _follower.Tell(new CommandResponse(text, state == RolloutState.Done));
            }
        }

        private void OnRolloutUndo(Command command)
        {
            var key = KeyOf(command);
            var snapshot = _reader.Current;
            if (snapshot.Find(key) is not { } deployment)
            {
                Sender.Tell(new ErroredCommandResponse(ApiStatus.NotFound(key).Message));
                return;
            }

            var history = snapshot.OwnedBy(deployment.Uid)
                .Where(owned => owned.Key.Type == ResourceTypes.ReplicaSets)
                .Select(owned => (Set: owned, Number: long.TryParse(owned.Metadata.Annotations.GetValueOrDefault(RevisionAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0))
                .OrderByDescending(entry => entry.Number)
                .ToArray();
            var wanted = command.Argument("revision");
            var target = wanted is null
                ? history.Skip(1).FirstOrDefault()
                : history.FirstOrDefault(entry => entry.Number.ToString(CultureInfo.InvariantCulture) == wanted);
            if (target.Set is null)
            {
                var known = string.Join(", ", history.Select(entry => entry.Number));
                Sender.Tell(new ErroredCommandResponse(wanted is null ? $"no rollout history found for deployment \"{key.Name}\"" : $"unable to find specified revision {wanted} in history; there are: {known}"));
                return;
            }

            var template = (JsonObject)target.Set.ToJson()["spec"]!["template"]!.DeepClone();
            (template["metadata"]?["labels"] as JsonObject)?.Remove("pod-template-hash");
            _client.UpdateAsync(
                    key,
                    (_, obj) =>
                    {
                        obj["spec"]!["template"] = template.DeepClone();
                        return obj;
                    },
                    Author with { Act = "rollout undo", Cause = target.Set.Revision })
                .PipeTo(Sender, success: result => result.Failure is { } failure ? new ErroredCommandResponse(failure.Message) : new CommandResponse($"deployment.apps/{key.Name} rolled back to revision {target.Number}"), failure: Failed);
        }

        private string Age(StoredObject stored) =>
            stored.Metadata.CreationTimestamp is { } created ? Rollout.Age(_time.GetUtcNow() - created) : "<unknown>";

        private static ObjectKey KeyOf(Command command) => new(ResourceTypes.Deployments, command.Argument("namespace") ?? "default", command.Argument("deployment")!);

        private static ErroredCommandResponse Failed(Exception exception) => new(exception.Message);

        private sealed class Looked : INoSerializationVerificationNeeded
        {
            public static readonly Looked Instance = new();
        }
    }
}
