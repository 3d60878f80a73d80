""" A gateway on this machine that answers what a test tells it to, and remembers what it got. """
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request:
    """ One request as it came in. """

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class GatewayServer(ThreadingHTTPServer):
    """ `answer` is a function of the request that returns status and body: a dict, or bytes. """
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.requests = []
        self.answer = lambda request: (200, {})
        self.url = f'http://127.0.0.1:{self.server_port}'


class _Handler(BaseHTTPRequestHandler):

    def _handle(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        request = Request(self.command, self.path, self.headers, body)
        self.server.requests.append(request)
        status, answer = self.server.answer(request)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass  # whoever asked did not wait

    do_GET = do_POST = _handle

    def log_message(self, *args):
        pass


@contextmanager
def serve():
    server = GatewayServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def get_closed_url():
    """ The address of a server that is down. """
    with serve() as server:
        return server.url
