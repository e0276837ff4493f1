"""Issuers that stand on the loopback and behave as their documents say.

Nothing in the program under test knows of them: it reaches them through a proxy, under their real
names, over TLS. What is documented nowhere is said in the docstring of the player.
"""
