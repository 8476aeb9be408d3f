#:project ../src/Hmm.Live/Hmm.Live.csproj
#:property PublishAot=false
using System;
using Hmm.Live;

using LiveAddressSpace space = LiveAddressSpace.Create(new LiveOptions { RamLimit = 32 << 20 });
using LiveMapping memory = space.Map(256 << 20);
LiveDevice device = space.AddDevice(LivePool.InRam());
Span<long> numbers = memory.AsSpan<long>();
long sum = 0;

for (int i = 0; i < numbers.Length; i++)
{
    numbers[i] = i;
}

Console.WriteLine($"{memory.Length >> 20} MiB written; in RAM: {space.Statistics.ResidentBytes >> 20} MiB");
LiveMove move = memory.Slice(memory.Length - (8 << 20), 8 << 20).MigrateTo(device);
Console.WriteLine($"to the device: {move}; in RAM: {space.Statistics.ResidentBytes >> 20} MiB");
foreach (long number in numbers)
{
    sum += number;
}

Console.WriteLine($"sum {sum}; {space.Statistics.PagesIn} pages came back, {space.Statistics.ReadAheadPages} of them by read-ahead");
return sum == (long)numbers.Length * (numbers.Length - 1) / 2 ? 0 : 1;
