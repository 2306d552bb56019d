using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>
/// What the actors of one system have to do, done by the test's own thread one mailbox at a time: nothing happens at the same time as anything else, and nothing
/// happens behind the test's back. With a seed, what comes next is drawn by lot, and the same lots make the same history.
/// </summary>
internal sealed class Steps
{
    private const int MostSteps = 2_000_000;
    private static readonly ConditionalWeakTable<ActorSystem, Steps> All = [];
    private readonly Lock _gate = new();
    private readonly List<IRunnable> _waiting = [];
    private int _first;
    private int _started;
    private bool _stepped;

    public static Steps Of(ActorSystem system) => All.GetValue(system, _ => new Steps());

    /// <summary>Draws what comes next; null takes what has waited longest.</summary>
    public Random? Lots { get; set; }

    /// <summary>The system has started, which it does with threads that wait for each other. From now on only <see cref="Run"/> moves it.</summary>
    public void Take()
    {
        SpinWait.SpinUntil(() =>
        {
            lock (_gate)
            {
                _stepped |= _started == 0;
                return _stepped;
            }
        });
    }

    public void Add(IRunnable step)
    {
        lock (_gate)
        {
            if (_stepped)
            {
                _waiting.Add(step);
                return;
            }

            _started++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                step.Run();
                lock (_gate)
                {
                    _started--;
                }
            },
            null);
    }

    /// <summary>Until nothing is left to do before time moves on, or the test has seen enough.</summary>
    public void Run(Func<bool>? enough = null)
    {
        for (var steps = 0; enough?.Invoke() != true; steps++)
        {
            if (Next() is not { } next)
            {
                return;
            }

            Assert.True(steps < MostSteps, "The actors never come to rest.");
            next.Run();
        }
    }

    private IRunnable? Next()
    {
        lock (_gate)
        {
            if (_first == _waiting.Count)
            {
                _waiting.Clear();
                _first = 0;
                return null;
            }

            if (Lots is { } lots)
            {
                var drawn = lots.Next(_first, _waiting.Count);
                (_waiting[_first], _waiting[drawn]) = (_waiting[drawn], _waiting[_first]);
            }

            return _waiting[_first++];
        }
    }
}

/// <summary>Named by HOCON: <c>akka.actor.default-dispatcher.type</c>.</summary>
public sealed class StepDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : MessageDispatcherConfigurator(config, prerequisites)
{
    private MessageDispatcher? _dispatcher;

    public override MessageDispatcher Dispatcher() => _dispatcher ??= new StepDispatcher(this, Steps.Of(Prerequisites.Settings.System));

    private sealed class StepDispatcher(MessageDispatcherConfigurator configurator, Steps steps) : MessageDispatcher(configurator)
    {
        protected override void ExecuteTask(IRunnable run) => steps.Add(run);

        protected override void Shutdown()
        {
        }
    }
}
