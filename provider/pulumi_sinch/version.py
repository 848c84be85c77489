"""The version, in its one place: to read it from the package's metadata would cost each plugin process 5 ms."""

__version__ = "0.1.0"
