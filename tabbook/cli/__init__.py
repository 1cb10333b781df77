"""The command line: commands, their options, what the user sees."""
