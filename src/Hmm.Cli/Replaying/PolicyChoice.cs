using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using Hmm.Svm.Policies;

namespace Hmm.Cli.Replaying;

/// <summary>Policies as the command line names them: <c>kind=name</c>, <c>kind=name:key=value</c>, <c>kind=file.dll:Type</c>.</summary>
internal static class PolicyChoice
{
    private static readonly Dictionary<string, Type> Kinds = new[]
    {
        typeof(IPrefetchPolicy), typeof(IThrashPolicy), typeof(IEvictionPolicy), typeof(IPlacementPolicy), typeof(IBatchPolicy), typeof(IReplayPolicy),
        typeof(IRetryBudget),
    }.ToDictionary(PolicyEntry.KindName);

    /// <summary>Every way to take one choice of each kind that was named: the policies' part of the matrix. None named is one way.</summary>
    /// <exception cref="FormatException">A choice is wrong; the message is a sentence for the user.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Combine(IEnumerable<string> choices, PolicyCatalog catalog)
    {
        List<Dictionary<string, string>> ways = [[]];
        foreach (IGrouping<string, (string Kind, string Name)> group in choices.Select(choice => Parse(choice, catalog)).GroupBy(choice => choice.Kind))
        {
            ways = [.. ways.SelectMany(way => group.Select(choice => new Dictionary<string, string>(way) { [choice.Kind] = choice.Name }))];
        }

        return ways;
    }

    /// <summary>The class of a user's policy that an exception came out of, or through; null if it has nothing to do with one.</summary>
    public static Type? FindIn(Exception failure) => new StackTrace(failure).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType).FirstOrDefault(
        type => type is not null && type.Assembly != typeof(PolicyCatalog).Assembly && Kinds.Values.Any(kind => kind.IsAssignableFrom(type)));

    private static (string Kind, string Name) Parse(string choice, PolicyCatalog catalog)
    {
        int equals = choice.IndexOf('=', StringComparison.Ordinal);
        string kind = equals < 0 ? choice : choice[..equals];
        if (!Kinds.TryGetValue(kind, out Type? type))
        {
            throw new FormatException($"'{kind}' is not a kind of policy, as prefetch is in --policy prefetch=none" + Suggestion.For(kind, Kinds.Keys));
        }

        string name = choice[(equals + 1)..];
        if (equals < 0 || name.Length == 0)
        {
            throw new FormatException($"Say which {kind} policy: --policy {kind}=NAME" + Suggestion.For("", NamesOf(type, catalog)));
        }

        int file = name.IndexOf(".dll:", StringComparison.OrdinalIgnoreCase);
        name = file < 0 ? name : Load(type, name[..(file + 4)], name[(file + 5)..], catalog);
        Check(type, name, catalog);
        return (kind, name);
    }

    private static IEnumerable<string> NamesOf(Type kind, PolicyCatalog catalog) =>
        catalog.Entries.Where(entry => entry.Kind == kind).Select(entry => entry.Name);

    /// <summary>Settings are read when a policy is made; a wrong one must not wait for the run.</summary>
    private static void Check(Type kind, string name, PolicyCatalog catalog)
    {
        string known = name.Split(':')[0];
        if (!NamesOf(kind, catalog).Contains(known))
        {
            throw new FormatException($"No {PolicyEntry.KindName(kind)} policy is called '{known}'" + Suggestion.For(known, NamesOf(kind, catalog)));
        }

        try
        {
            CreateMethod.MakeGenericMethod(kind).Invoke(catalog, [name]);
        }
        catch (TargetInvocationException failure) when (Innermost(failure) is FormatException sentence)
        {
            throw new FormatException(sentence.Message, sentence);
        }
        catch (TargetInvocationException failure)
        {
            Exception cause = Innermost(failure);
            throw new FormatException($"The policy '{known}' cannot be made: {cause.GetType().Name}: {cause.Message}", failure);
        }
    }

    // A user's constructor is called by reflection from a method that is called by reflection.
    private static Exception Innermost(Exception failure) => failure is TargetInvocationException { InnerException: { } inner } ? Innermost(inner) : failure;

    private static MethodInfo CreateMethod => typeof(PolicyCatalog).GetMethod(nameof(PolicyCatalog.Create))!;

    private static MethodInfo RegisterMethod => typeof(PolicyChoice).GetMethod(nameof(Register), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Registers a user's policy under its type's name, and gives that name with the settings.</summary>
    private static string Load(Type kind, string file, string rest, PolicyCatalog catalog)
    {
        string[] parts = rest.Split(':', 2);
        if (!File.Exists(file))
        {
            throw new IOException($"{file}: no such file");
        }

        if (parts[0].Length == 0)
        {
            throw new FormatException($"Say which class of {file}: --policy {PolicyEntry.KindName(kind)}={file}:NAMESPACE.CLASS.");
        }

        Type type;
        try
        {
            type = Assembly.LoadFrom(Path.GetFullPath(file)).GetType(parts[0])
                ?? throw new FormatException($"{file} has no type '{parts[0]}'; write it with its namespace.");
        }
        catch (BadImageFormatException failure)
        {
            throw new IOException($"{file}: it is no .NET assembly", failure);
        }
        catch (Exception failure) when (failure is TypeLoadException or FileLoadException or FileNotFoundException or ArgumentException)
        {
            throw new IOException($"{file}: '{parts[0]}' cannot be loaded: {failure.Message}", failure);
        }

        if (!kind.IsAssignableFrom(type) || type.IsAbstract || type.ContainsGenericParameters)
        {
            throw new FormatException($"{parts[0]} is no {PolicyEntry.KindName(kind)} policy: it must be a class that implements {kind.Name}.");
        }

        if (type.GetConstructor([typeof(PolicySettings)]) is null && type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new FormatException($"{parts[0]} needs a public constructor that takes {nameof(PolicySettings)}, or nothing.");
        }

        PolicyEntry? known = catalog.Entries.FirstOrDefault(entry => entry.Kind == kind && entry.Name == type.Name);
        if (known is null)
        {
            RegisterMethod.MakeGenericMethod(kind).Invoke(null, [catalog, type]);
        }
        else if (known.Summary != SourceOf(type))
        {
            throw new FormatException($"There is another {PolicyEntry.KindName(kind)} policy '{type.Name}'; give the class of {file} another name.");
        }

        return type.Name + (parts.Length > 1 ? ":" + parts[1] : "");
    }

    private static string SourceOf(Type type) => $"{type.FullName} from {type.Assembly.Location}";

    private static void Register<T>(PolicyCatalog catalog, Type type)
        where T : class => catalog.Register<T>(type.Name, SourceOf(type), settings =>
        {
            bool takesSettings = type.GetConstructor([typeof(PolicySettings)]) is not null;
            return (T)(takesSettings ? Activator.CreateInstance(type, settings) : Activator.CreateInstance(type))!;
        });
}
