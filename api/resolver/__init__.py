"""The GS1-Conformant resolver (GS1-Conformant resolver standard 1.0; GS1 Digital Link Standard: URI Syntax 1.6).

What a scanned address names (`address`, `compression`), the links of a key (`links`), how they are told as a linkset
(`linkset`, RFC 9264) and which of them an asker gets (`negotiation`). The routes are in `api.routes.digital_link`.
"""
