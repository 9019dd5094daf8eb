"""Who asks: API keys, bearer tokens, roles, and the places that bound them."""
