"""Servers of others, asked in this process."""

from typing import Any

from werkzeug.test import Client

from .reply import Reply
from .request import Request

# What the proxy says itself of a reply.
OF_THE_CONNECTION = {"content-length", "connection", "date", "server"}


class Application:
    """A WSGI application that answers requests as they came."""

    def __init__(self, application: Any) -> None:
        self._client = Client(application, use_cookies=False)

    def answer(self, request: Request) -> Reply:
        response = self._client.open(
            request.path, method=request.method, base_url=f"https://{request.host}",
            query_string=request.target.partition("?")[2], headers=list(request.headers.items()),
            data=request.body)
        headers = {
            name: text for name, text in response.headers.items()
            if name.lower() not in OF_THE_CONNECTION}
        return Reply(response.status_code, response.get_data(), headers)
