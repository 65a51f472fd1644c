"""Models behind a server with the OpenAI chat API; docs/servers.md says how to use them."""

from vlm.server.model import ServerModel

__all__ = ["ServerModel"]
