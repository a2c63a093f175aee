"""Data and the rules that hold over it. Imports no Flask."""
