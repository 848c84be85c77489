"""The version, in its one place: where no plugin process has to look for it among the metadata of packages."""

__version__ = "0.2.0"
