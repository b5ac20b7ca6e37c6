"""Matched items become decisions: tell or skip, to whom and when, in which words, and what an answer changes.

Everything here is a pure function of data and `now`: no input or output, no clock, no chance, no logging.
"""
