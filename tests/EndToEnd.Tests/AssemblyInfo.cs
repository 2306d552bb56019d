using System.Runtime.Versioning;

// One machine, one engine, one set of ports: end to end, one thing at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
