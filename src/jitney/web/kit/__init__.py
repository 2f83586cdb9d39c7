"""What all doors inward share: cookies, form tokens, pages, error pages, and the edge of the server."""
