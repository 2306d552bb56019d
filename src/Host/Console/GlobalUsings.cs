// The console is written against the names of Petabridge.Cmd. To use that package instead of our own implementation of its
// shape, reference it, point this one line at Petabridge.Cmd and Petabridge.Cmd.Host, and delete the Cmd folder.
global using ActorOrchestrator.Host.Console.Cmd;
