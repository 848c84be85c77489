"""Failures on demand.

definition       a fault, and the requests that it matches
schedule         which fault applies to a request
before_commit    faults in place of the request: it has no effect
after_commit     faults that drop or damage the response of a request that took effect
"""
