"""The demo: two stories told through the commands and routes that anyone may use."""
