"""`make live`: compare the responses of a real Sinch project with `docs/CONTRACT.md`."""
