"""Chat models of transformers behind the common interface; see docs/servers.md for servers."""

from vlm.chat.model import ChatModel

__all__ = ["ChatModel"]
