"""What a check can say besides yes."""


class Refused(Exception):
    """This is wrong: evidence of a problem."""


class Missing(Exception):
    """Nothing is wrong with what is here, but something that is needed is not."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)
