using System.Collections.Immutable;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary>Follows services, slices and namespaces; only what a fact touches is computed again. Owned by one actor.</summary>
public sealed class DnsZoneState(NetworkSettings network)
{
    private readonly Dictionary<(string Namespace, string Name), StoredObject> _services = [];
    private readonly Dictionary<(string Namespace, string Service), SortedDictionary<string, DnsSlice>> _slices = [];
    private readonly Dictionary<ObjectKey, string> _serviceOfSlice = [];
    private readonly Dictionary<(string Namespace, string Name), ImmutableArray<DnsRecord>> _records = [];
    private readonly HashSet<(string Namespace, string Name)> _dirty = [];
    private ImmutableHashSet<string> _namespaces = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    public DnsZone Zone { get; private set; } = DnsZone.Empty(network);

    public void Load(ClusterSnapshot snapshot)
    {
        _namespaces = _namespaces.Union(snapshot.All(ResourceTypes.Namespaces).Select(stored => stored.Key.Name));
        foreach (var service in snapshot.All(ResourceTypes.Services))
        {
            Put(service);
        }

        foreach (var slice in snapshot.All(ResourceTypes.EndpointSlices))
        {
            PutSlice(slice);
        }

        Refresh();
    }

    public void Apply(FactBatch batch)
    {
        foreach (var fact in batch.Facts)
        {
            Apply(fact);
        }

        Refresh();
    }

    private void Apply(Fact fact)
    {
        var deleted = fact.Verb == FactVerb.Deleted;
        if (fact.Key.Type == ResourceTypes.Services)
        {
            if (deleted)
            {
                var name = (fact.Key.Namespace, fact.Key.Name);
                _services.Remove(name);
                _dirty.Add(name);
            }
            else
            {
                Put(fact.Object);
            }
        }
        else if (fact.Key.Type == ResourceTypes.EndpointSlices)
        {
            DropSlice(fact.Key);
            if (!deleted)
            {
                PutSlice(fact.Object);
            }
        }
        else if (fact.Key.Type == ResourceTypes.Namespaces)
        {
            _namespaces = deleted ? _namespaces.Remove(fact.Key.Name) : _namespaces.Add(fact.Key.Name);
        }
    }

    private void Refresh()
    {
        if (_dirty.Count == 0 && _namespaces == Zone.Namespaces)
        {
            return;
        }

        var (removed, added) = (new List<DnsRecord>(), new List<DnsRecord>());
        foreach (var name in _dirty)
        {
            if (_records.Remove(name, out var old))
            {
                removed.AddRange(old);
            }

            if (_services.TryGetValue(name, out var service))
            {
                var slices = _slices.TryGetValue(name, out var found) ? found.Values : Enumerable.Empty<DnsSlice>();
                var records = DnsRecords.Of(service, slices, network.ClusterDomain);
                _records[name] = records;
                added.AddRange(records);
            }
        }

        _dirty.Clear();
        Zone = Zone.With(removed, added, _namespaces);
    }

    private void Put(StoredObject service)
    {
        var name = (service.Key.Namespace, service.Key.Name);
        _services[name] = service;
        _dirty.Add(name);
    }

    private void PutSlice(StoredObject stored)
    {
        if (DnsSlice.From(stored) is not { } slice)
        {
            return;
        }

        var name = (stored.Key.Namespace, slice.Service);
        if (!_slices.TryGetValue(name, out var slices))
        {
            _slices[name] = slices = new SortedDictionary<string, DnsSlice>(StringComparer.Ordinal);
        }

        slices[stored.Key.Name] = slice;
        _serviceOfSlice[stored.Key] = slice.Service;
        _dirty.Add(name);
    }

    private void DropSlice(ObjectKey key)
    {
        if (!_serviceOfSlice.Remove(key, out var service))
        {
            return;
        }

        var name = (key.Namespace, service);
        if (_slices[name].Remove(key.Name) && _slices[name].Count == 0)
        {
            _slices.Remove(name);
        }

        _dirty.Add(name);
    }
}
