"""The fictitious agency of the demonstration: whom it houses, how they pay, how it is loaded."""
