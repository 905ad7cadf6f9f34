"""Low-level extensions: code of functions, attributes and conversions that a program builds as LLVM IR itself.

`layout` says how values of each type look to such code, `context` and `cgutils` are what it builds with, `foreign`
makes a function of it that compiled code calls.
"""
