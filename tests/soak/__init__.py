"""A site under mixed traffic for a long time, with a new release every few minutes: does anything grow, fail or become slow?"""
