"""An HTTP proxy of the tests' own in front of one AWS service: subclasses decide what
becomes of each request. Requests go on as they came, so that signatures hold."""
import dataclasses
import http.client
import http.server
import socket
import struct
import threading
import time
import urllib.parse
import uuid
import zlib

TIMEOUT_S = 60


@dataclasses.dataclass
class Request:
    action: str      # As X-Amz-Target names it, without the version.
    headers: dict
    body: bytes


@dataclasses.dataclass
class Reply:
    status: int
    headers: list    # Pairs, without those that tell the length.
    body: bytes

    def with_body(self, body):
        """The same with another body, whose checksum is right."""
        kept = [(name, value) for name, value in self.headers if name.lower() != 'x-amz-crc32']
        return Reply(self.status, [*kept, ('x-amz-crc32', str(zlib.crc32(body)))], body)


def refusal(status, name, message):
    """An error as DynamoDB writes it."""
    body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"{message}"}}'.encode()
    return Reply(status, [('Content-Type', 'application/x-amz-json-1.0'), ('x-amzn-RequestId', str(uuid.uuid4()))], body).with_body(body)


class Connection(http.server.BaseHTTPRequestHandler):
    """One client's connection; the proxy's answer() is called for each request, one after another."""
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.upstream = None

    def finish(self):
        if self.upstream:
            self.upstream.close()
        try:
            super().finish()
        except OSError:
            pass  # The client was faster, or we have reset it.

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        action = self.headers.get('X-Amz-Target', '').rpartition('.')[2]
        self.server.owner.answer(Request(action, dict(self.headers.items()), body), self)

    def forward(self, request):
        """What the service answers."""
        if self.upstream is None:
            self.upstream = http.client.HTTPConnection(self.server.owner.host, self.server.owner.port, timeout=TIMEOUT_S)
        self.upstream.putrequest('POST', '/', skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in ('connection', 'expect', 'accept-encoding'):
                self.upstream.putheader(name, value)
        self.upstream.endheaders(request.body)
        reply = self.upstream.getresponse()
        dropped = ('content-length', 'transfer-encoding', 'connection')
        headers = [(name, value) for name, value in reply.getheaders() if name.lower() not in dropped]
        body = reply.read()
        if reply.will_close:
            self.upstream.close()
            self.upstream = None
        return Reply(reply.status, headers, body)

    def bytes_of(self, reply):
        head = [f'HTTP/1.1 {reply.status} {http.client.responses.get(reply.status, "")}']
        head += [f'{name}: {value}' for name, value in reply.headers]
        return '\r\n'.join([*head, f'Content-Length: {len(reply.body)}', '', '']).encode('latin-1') + reply.body

    def give(self, reply):
        self.wfile.write(self.bytes_of(reply))

    def give_part(self, reply):
        """Cut off inside the body, or inside the head where there is none."""
        data = self.bytes_of(reply)
        self.wfile.write(data[:len(data) - max(1, len(reply.body) // 2)])
        self.close_connection = True

    def give_twice(self, reply, pause_s):
        """The second may come when the next request is on its way."""
        self.wfile.write(self.bytes_of(reply))
        time.sleep(pause_s)
        self.wfile.write(self.bytes_of(reply))

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        # The streams hold the socket as well; without them closing it sends the reset.
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()

    def log_message(self, *_):
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class Proxy:
    """A context manager; `url` is where it listens."""

    def __init__(self, server):
        parts = urllib.parse.urlsplit(server)
        self.host, self.port = parts.hostname, parts.port
        self.listener = Listener(('127.0.0.1', 0), Connection)
        self.listener.owner = self
        self.url = f'http://127.0.0.1:{self.listener.server_address[1]}'

    def answer(self, request, connection):
        connection.give(connection.forward(request))

    def __enter__(self):
        self.thread = threading.Thread(target=self.listener.serve_forever, kwargs={'poll_interval': 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.thread.join()
        self.listener.server_close()
