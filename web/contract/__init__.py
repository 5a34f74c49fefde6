"""The contract of the HTTP calls: said beside each call, kept by the server, told as OpenAPI."""
