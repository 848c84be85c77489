"""The version. It is a constant, because reading package metadata would slow down each start of a plugin."""

__version__ = "0.2.0"
