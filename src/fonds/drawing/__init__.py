"""Drawings as SVG: times, places and ties as values in, an image out; nothing here knows of the web or of a release."""
