"""Failures on demand.

definition       a fault, and the requests that it matches
schedule         which fault applies to a request
before_commit    faults that fail a request before it takes effect
after_commit     faults that drop or damage the response of a request that took effect
"""
