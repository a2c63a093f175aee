"""A season of synthetic people, to look at the product, to test it and to rehearse."""
