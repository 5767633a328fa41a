"""A provincial target shared out over years and cities."""
