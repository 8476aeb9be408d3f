using System;
using Hmm.Cli;

return HmmApplication.Run(args, Console.Out, Console.Error);
