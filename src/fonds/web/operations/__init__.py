"""What whoever runs a server sees of it: a line for each request, numbers, and who may see them."""
