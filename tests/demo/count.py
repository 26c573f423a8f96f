"""
count.py: the plain count of a demo election, from the votes alone, and votes from a seed.

Written from protocol.md §8 without looking at the C, so that a fault there would show as a
difference.
"""


def slots(contest):
    names = [o["id"] for o in contest["options"]]
    return (["blank"] + names) if contest.get("blank") else names


def each_max(contest):
    return contest.get("each_max", 1) if contest["type"] == "score" else 1


def bounds(contest):
    most = contest.get("max", len(contest["options"]) * each_max(contest))
    return contest.get("min", 0), min(most, len(contest["options"]) * each_max(contest))


def random_vote(rng, contest):
    """A legal vote: {option: number}, or {"blank": 1}."""
    low, high = bounds(contest)
    if contest.get("blank") and rng.random() < 0.1:
        return {"blank": 1}
    total = rng.randint(low, high)
    vote = {o["id"]: 0 for o in contest["options"]}
    while sum(vote.values()) < total:
        o = rng.choice(contest["options"])["id"]
        if vote[o] < each_max(contest):
            vote[o] += 1
    return vote


def groups_of(definition, ballots):
    """
    ballots: (style id, weight, {contest id: vote}) of each live ballot.  Returns
    {(contest, unit): (how many ballots, {option: count})} after small groups were merged.
    """
    styles = {s["id"]: s for s in definition["styles"]}
    units = [u["id"] for u in definition["units"]]
    parent = {u["id"]: u.get("merge_into") for u in definition["units"]}
    least = definition.get("publish_min", 1)
    depth = {}
    for u in units:
        d, at = 0, u
        while parent[at] is not None:
            at, d = parent[at], d + 1
        depth[u] = d
    result = {}
    for contest in definition["contests"]:
        c = contest["id"]
        groups = {}
        for s in styles.values():
            if c in s["contests"]:
                groups.setdefault(s["unit"], [0, dict.fromkeys(slots(contest), 0)])
        for style, weight, votes in ballots:
            if c not in styles[style]["contests"]:
                continue
            group = groups[styles[style]["unit"]]
            group[0] += 1
            for option, number in votes[c].items():
                group[1][option] += weight * number
        for u in sorted(units, key=lambda x: -depth[x]):
            if u not in groups or groups[u][0] >= least or parent[u] is None:
                continue
            people, counts = groups.pop(u)
            up = groups.setdefault(parent[u], [0, dict.fromkeys(slots(contest), 0)])
            up[0] += people
            for option, number in counts.items():
                up[1][option] += number
        for u, group in groups.items():
            result[(c, u)] = tuple(group)
    return result


def count(definition, ballots):
    """{(contest, unit): None if withheld, else {option: count}} as published."""
    least = definition.get("publish_min", 1)
    return {key: None if 0 < people < least else counts
            for key, (people, counts) in groups_of(definition, ballots).items()}


def opens_something(definition, ballots):
    """Whether any group is large enough to be decrypted."""
    least = max(definition.get("publish_min", 1), 1)
    return any(people >= least for people, _ in groups_of(definition, ballots).values())


def published(report):
    """The same shape, from the observer's JSON."""
    return {(g["contest"], g["unit"]):
            None if g["withheld"] else {c["option"]: c["count"] for c in g["counts"]}
            for g in report["result"]}
