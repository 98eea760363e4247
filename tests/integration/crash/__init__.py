"""A shop full of customers on a LINE that redelivers, while its processes die: what `test_crash` is made of."""
