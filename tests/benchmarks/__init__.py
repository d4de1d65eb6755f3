"""What the parts cost, each beside what the machine can do at best. Prints; fails nothing."""
