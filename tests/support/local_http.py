"""httpx for servers on this machine, which need no certificates.

To read those of the whole world takes every new client 25 ms.
"""

import ssl
from functools import partial

import httpx

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Client = partial(httpx.Client, verify=_NO_TLS)
delete = partial(httpx.delete, verify=_NO_TLS)
get = partial(httpx.get, verify=_NO_TLS)
options = partial(httpx.options, verify=_NO_TLS)
patch = partial(httpx.patch, verify=_NO_TLS)
post = partial(httpx.post, verify=_NO_TLS)
put = partial(httpx.put, verify=_NO_TLS)
request = partial(httpx.request, verify=_NO_TLS)
stream = partial(httpx.stream, verify=_NO_TLS)
