"""The OpenAPI document of all routes: requests from the routes, answers from `answers`.

Imported by the request for the document only: a cold start has no use for it.
"""

from chalicelib.api.openapi.document import document, document_json

__all__ = ["document", "document_json"]
