#!/usr/bin/env python3
"""
relay.py: a slow way to some nodes, for tests in network namespaces; the kernel may lack netem.

For each node named in argv (its number) it listens at 10.77.1.NODE, on all ports of a node, and
carries what comes to 10.77.0.NODE.  A peer 10.77.0.J appears there as 10.77.2.J, so that a firewall
can tell who speaks.  Standard input sets the delay, one line at a time: "NODE MILLISECONDS JITTER";
each piece of a stream is late by so much and a random part of the jitter, in order.

    relay.py FIRST_PORT PORTS SEED NODE...
"""
import asyncio
import random
import socket
import sys

CHUNK = 65536
WAITING = 64            # pieces of a stream under way; a faster sender waits

delays = {}             # node: (seconds, seconds)
rng = random.Random()


async def late(reader, queue, node):
    """Pieces as they come, each with the time when it is due."""
    loop = asyncio.get_running_loop()
    due = 0.0
    try:
        while data := await reader.read(CHUNK):
            wait, jitter = delays[node]
            due = max(due, loop.time() + wait + jitter * rng.random())
            await queue.put((due, data))
    except OSError:
        pass
    await queue.put((due, b""))


async def carry(reader, writer, node):
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue(WAITING)
    hear = asyncio.ensure_future(late(reader, queue, node))
    try:
        while True:
            due, data = await queue.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if not data:
                break
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        hear.cancel()
        writer.close()


async def connection(reader, writer, node, port):
    peer = writer.get_extra_info("peername")[0]
    own = (peer.replace("10.77.0.", "10.77.2."), 0) if peer.startswith("10.77.0.") else None
    try:
        to_reader, to_writer = await asyncio.open_connection(f"10.77.0.{node}", port,
                                                             local_addr=own)
    except OSError:
        writer.close()
        return
    for w in (writer, to_writer):
        w.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await asyncio.gather(carry(reader, to_writer, node), carry(to_reader, writer, node))


async def main():
    first, ports, seed = (int(a) for a in sys.argv[1:4])
    rng.seed(seed)
    for node in (int(a) for a in sys.argv[4:]):
        delays[node] = (0.0, 0.0)
        for port in range(first, first + ports):
            await asyncio.start_server(
                lambda r, w, node=node, port=port: connection(r, w, node, port),
                f"10.77.1.{node}", port)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print("ready", flush=True)
    while line := await orders.readline():
        node, wait, jitter = (int(word) for word in line.split())
        delays[node] = (wait / 1000, jitter / 1000)


if __name__ == "__main__":
    asyncio.run(main())
