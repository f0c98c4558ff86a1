"""The command line: one file a command, thin over `jobs`; never Qt (what needs it is started as a child process)."""
