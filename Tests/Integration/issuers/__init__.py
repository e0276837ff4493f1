"""Issuers that stand on the loopback and behave as their documents say.

Nothing in the program under test knows of them: it reaches them through a proxy, under their real
names, over TLS. What is documented nowhere is said in the docstring of the player.

    zpa = Zpa()
    key = zpa.grant()                                 # was there before: key.login, key.secret
    with Stage(zpa) as stage:
        zpa.delay = Delay(attempts=2)                 # new keys are refused two times
        lost = stage.fail(zpa, faults.lost_reply(), on="POST */apiKeys")
        run(..., environment=stage.environment())     # the program under test
        assert lost.played == 1                       # the fault happened
        zpa.live(), zpa.created                       # what lives there, what was ever made
        stage.asked("POST /signin")[0].holds(secret)  # what was asked, and with what
        stage.clock.advance(3600)                     # sessions and keys run out
"""
