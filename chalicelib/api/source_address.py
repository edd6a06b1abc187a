"""Which address a request comes from, as far as that can be trusted."""

import hmac

from chalicelib.api.request import ApiRequest

# Whoever has one IPv6 address has the whole of its network. Source: RFC 6177.
_NETWORK_BITS = 64


def source_address(request: ApiRequest) -> str:
    """The address that tries are counted for: an IPv4 one, or the network of an IPv6 one.

    That is the other end of the connection: anybody can send any X-Forwarded-For. Behind
    CloudFront the other end is CloudFront, which then tells the viewer's address, and proves with
    a secret header that it was not the caller who did.
    """
    secret = request.services.settings.origin_secret
    sent = request.headers.get("x-origin-secret", "")
    viewer = request.headers.get("cloudfront-viewer-address", "")
    if secret and hmac.compare_digest(sent.encode(), secret.encode()):
        # Address and port; that of IPv6 may stand without brackets.
        # Source: AWS, "Add CloudFront request headers".
        address = _network(viewer.rpartition(":")[0].strip("[]"))
        if address:
            return address
    return _network(request.source_ip) or request.source_ip


def _network(text: str) -> str | None:
    """None for what is no address."""
    import ipaddress  # noqa: PLC0415

    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _NETWORK_BITS), strict=False))
