using System;
using Hmm.Cli;

return HmmApplication.Run(args, DataWriter.OpenStandardOutput(), Console.Error);
