"""The consortium governs itself: proposals and votes, stops, members' own keys, and what each act says in words."""
