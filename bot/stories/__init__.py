"""Items → stories: which tell one piece of news, what the linked page says, and the two sentences worth sending."""
