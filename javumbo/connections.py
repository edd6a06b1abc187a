"""How waitress reads requests and refuses broken ones, kept to the contract."""

from collections.abc import Callable
from io import BytesIO
from socket import socket
from typing import Any

from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver, FixedStreamReceiver
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import BadRequest

from chalicelib.errors import BadInputError, JavumboError, TooLargeError
from javumbo.wsgi import WsgiApp

_MAX_CHUNK_LINE = 8 * 1024

# What waitress would say in plain text, with statuses that the contract does not have.
_BY_STATUS: dict[int, JavumboError] = {
    400: BadInputError("This is not a valid HTTP request."),
    413: TooLargeError("The body is larger than what can be taken."),
    431: TooLargeError("The headers are larger than what can be taken."),
    501: BadInputError("No other Transfer-Encoding than chunked can be taken."),
}


BodyLimit = Callable[[str, str], int]


class LimitedParser(HTTPRequestParser):
    """Reads a body of more than the limit to its end and keeps nothing of it.

    A client that is cut off while it sends seldom gets to read the answer that says why.
    """

    path = ""  # waitress logs it, also for what it could not parse
    max_body_bytes: int = 0
    limit_of: BodyLimit

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # of a target like http://[, which waitress does not expect
            raise ParsingError("Bad URI") from None
        self.max_body_bytes = type(self).limit_of(str(self.command), self.path)

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.completed:
            self.expect_continue = False  # waitress would wait for a body that never comes
        receiver = self.body_rcv
        if receiver is None:
            return consumed
        if max(self.content_length, len(receiver)) > self.max_body_bytes:
            _discard(receiver)
        if isinstance(receiver, ChunkedReceiver) and _endless_line(receiver):
            self.error = BadRequest("Chunk line too long")
            self.completed = True
        return consumed


def limited_parser(limit_of: BodyLimit) -> type[LimitedParser]:
    """A class with its limit for a method and a path; waitress makes its parsers itself."""
    return type("LimitedParser", (LimitedParser,), {"limit_of": staticmethod(limit_of)})


class _DiscardingBuffer(OverflowableBuffer):
    """Counts the bytes that it is given."""

    def __init__(self, length: int) -> None:
        super().__init__(overflow=0)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def append(self, s: bytes) -> None:
        self._length += len(s)

    def getfile(self) -> BytesIO:
        return BytesIO()


class _ErrorTask(ErrorTask):
    """Answers a request that is not one, or whose answer cannot be sent."""

    def execute(self) -> None:
        server: Any = self.channel.server
        refused: Any = self.request
        error = _BY_STATUS.get(refused.error.code) or JavumboError()
        self.status, self.response_headers, body = server.contract_app.refusal(error)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):
    error_task_class = _ErrorTask


class ContractServer(TcpWSGIServer):
    """Waitress on a socket that is bound already, reading and refusing as above.

    `channels` is where it registers its connections, for `waitress.wasyncore.loop`.
    """

    def __init__(
        self,
        app: WsgiApp,
        listener: socket,
        channels: dict[int, socket],
        dispatcher: ThreadedTaskDispatcher,
        adjustments: Adjustments,
    ) -> None:
        self.contract_app = app
        parsing = {"parser_class": limited_parser(app.max_body_bytes)}
        self.channel_class = type("_Channel", (_Channel,), parsing)
        super().__init__(
            app,
            channels,
            _sock=listener,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, None, listener.getsockname()),
            bind_socket=False,
        )


def _discard(receiver: ChunkedReceiver | FixedStreamReceiver) -> None:
    if not isinstance(receiver.buf, _DiscardingBuffer):
        received = len(receiver)
        receiver.buf.close()
        receiver.buf = _DiscardingBuffer(received)


def _endless_line(receiver: ChunkedReceiver) -> bool:
    """Waitress keeps an unfinished line of a chunked body in memory, however long it is."""
    return len(receiver.control_line) + len(receiver.trailer) > _MAX_CHUNK_LINE
