"""The command line: parse, call one use case, render. The only place that prints, exits or reads the arguments."""
