"""ChatGLM-6B v1.1, the language model of VisualGLM-6B: model, tokenizer, tidying of answers."""

from vlm.chatglm.configuration import ChatGLMConfig
from vlm.chatglm.modeling import ChatGLMForConditionalGeneration
from vlm.chatglm.text import postprocess
from vlm.chatglm.tokenizer import ChatGLMTokenizer

__all__ = ["ChatGLMConfig", "ChatGLMForConditionalGeneration", "ChatGLMTokenizer", "postprocess"]
