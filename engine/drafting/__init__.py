"""Drafting: what ladders a history would choose, how they are searched for, and what to expect."""
