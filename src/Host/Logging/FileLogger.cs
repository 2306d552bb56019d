using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace ActorOrchestrator.Host.Logging;

/// <summary>Brings what actors log into <see cref="LogFile"/>.</summary>
public sealed class FileLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    public FileLogger()
    {
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(Log);
    }

    private static void Log(LogEvent log)
    {
        var level = log switch
        {
            Error => "ERROR",
            Warning => "WARN",
            Info => "INFO",
            _ => "DEBUG",
        };
        LogFile.Write(new DateTimeOffset(log.Timestamp, TimeSpan.Zero), level, log.LogSource, log.Message?.ToString() ?? "", log.Cause);
    }
}
