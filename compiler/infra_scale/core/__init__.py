"""Pure functions from bytes to text: no clock, no file, no process, no environment.

Everything they need is an argument.
"""
