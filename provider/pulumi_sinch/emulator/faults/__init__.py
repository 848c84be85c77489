"""Faults: failures of the emulator that a test schedules.

definition       a fault, and the requests that it matches
schedule         the scheduled faults, and the choice of the fault for a request
before_commit    faults that fail a request before it takes effect
after_commit     faults that drop or damage the response of a request that took effect
"""
