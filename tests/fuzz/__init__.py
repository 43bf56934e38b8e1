"""Readers of what strangers write, fed with what nobody would write: either an answer, or an error that was raised on purpose."""
