"""
The curve beneath Ed25519 and ristretto255: -x^2 + y^2 = 1 + d x^2 y^2 over the integers mod p.

A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.  Nothing here is secret, so nothing here
takes the same time for all inputs.
"""
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493     # the order of the group that is used
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
ZERO = (0, 1, 1, 0)
_2D = 2 * D % P

WINDOW = 4
_DIGITS = 64                                             # of WINDOW bits: enough for a scalar
_MASK = (1 << WINDOW) - 1


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m = (y1 - x1) * (y2 - x2) % P
    n = (y1 + x1) * (y2 + x2) % P
    c = t1 * t2 % P * _2D
    d = 2 * z1 * z2
    e, f, g, h = n - m, (d - c) % P, (d + c) % P, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _add_niels(a, n):
    """a and a point of a table: (y - x, y + x, 2dxy)."""
    x1, y1, z1, t1 = a
    m = (y1 - x1) * n[0] % P
    k = (y1 + x1) * n[1] % P
    c = t1 * n[2] % P
    d = 2 * z1
    e, f, g, h = k - m, d - c, d + c, k + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(a):
    x, y, z, _ = a
    xx, yy, xy = x * x % P, y * y % P, x + y
    h = xx + yy
    e = (h - xy * xy) % P
    g = xx - yy
    f = (2 * z * z + g) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def negate(a):
    return (-a[0]) % P, a[1], a[2], (-a[3]) % P


def is_same(a, b):
    """As points of the curve, not as elements of ristretto255."""
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def inverses(numbers):
    """The inverses of all of them for the price of one (Montgomery)."""
    products = [1]
    for n in numbers:
        products.append(products[-1] * n % P)
    inverse, out = pow(products.pop(), -1, P), []
    for n, before in zip(reversed(numbers), reversed(products)):
        out.append(inverse * before % P)
        inverse = inverse * n % P
    return out[::-1]


class Table:
    """A point with its multiples d * 16^i, 0 < d < 16: multiplying it takes 64 additions."""

    def __init__(self, point):
        self.point = point
        rows, base = [], point
        for _ in range(_DIGITS):
            row = [base]
            for _ in range(_MASK - 1):
                row.append(add(row[-1], base))
            rows.append(row)
            base = add(row[-1], base)
        flat = [p for row in rows for p in row]
        niels = []
        for p, z in zip(flat, inverses([p[2] for p in flat])):
            x, y = p[0] * z % P, p[1] * z % P
            niels.append(((y - x) % P, (y + x) % P, x * y % P * _2D % P))
        self.rows = [[None] + niels[i:i + _MASK] for i in range(0, len(niels), _MASK)]


def total(terms):
    """The sum of k * A over terms (k, A); A is a point or a Table, k any whole number."""
    fixed, free = [], []
    for k, a in terms:
        k %= Q
        if k:
            (fixed if isinstance(a, Table) else free).append((k, a))
    out = straus(free) if free else ZERO
    for k, table in fixed:
        for row in table.rows:
            digit = k & _MASK
            if digit:
                out = _add_niels(out, row[digit])
            k >>= WINDOW
    return out


def straus(terms):
    """Straus: all terms share the doublings."""
    multiples = []
    for k, a in terms:
        row = [None, a]
        for _ in range(_MASK - 1):
            row.append(add(row[-1], a))
        multiples.append((k, row))
    out = ZERO
    for shift in range((_DIGITS - 1) * WINDOW, -1, -WINDOW):
        for _ in range(WINDOW):
            out = double(out)
        for k, row in multiples:
            digit = (k >> shift) & _MASK
            if digit:
                out = add(out, row[digit])
    return out
