using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Hmm.Cli.Options;

/// <summary>Options that are numbers: what is none, or is out of bounds, is refused with a sentence.</summary>
internal static class NumberOptions
{
    public static Option<int> Whole(string name, string description, int value, string help, int least = int.MinValue, int most = int.MaxValue) =>
        new(name)
        {
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => value,
            CustomParser = argument => ParseWhole(name, argument, least, most),
        };

    public static Option<double> Decimal(string name, string description, double value, string help, double least, double most) => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => value,
        CustomParser = argument => ParseDecimal(name, argument, least, most),
    };

    private static int ParseWhole(string name, ArgumentResult argument, int least, int most)
    {
        string text = TextOf(argument);
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
        {
            argument.AddError($"'{text}' is not a whole number for {name}.");
        }
        else if (value < least || value > most)
        {
            argument.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must lie between {least} and {most}."));
        }

        return value;
    }

    // No separators of thousands: 1,5 is more likely to be meant for one and a half than for fifteen.
    private static double ParseDecimal(string name, ArgumentResult argument, double least, double most)
    {
        string text = TextOf(argument);
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!double.TryParse(text, styles, CultureInfo.InvariantCulture, out double value) || double.IsNaN(value))
        {
            argument.AddError($"'{text}' is not a number for {name}: write for instance 5 or 0.5.");
        }
        else if (value < least || value > most)
        {
            argument.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must lie between {least} and {most}."));
        }

        return value;
    }

    private static string TextOf(ArgumentResult argument) => argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
}
