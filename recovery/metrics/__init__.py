"""The figures of recovery: whole numbers, never added across currencies."""
