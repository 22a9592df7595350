"""Metrics of texts."""

from .bleu import Bleu
from .character_error_rate import CharacterErrorRate
from .chrf import ChrF
from .perplexity import Perplexity
from .rouge import Rouge, RougeL, RougeN
from .word_error_rate import WER, WordErrorRate

__all__ = ["WER", "Bleu", "CharacterErrorRate", "ChrF", "Perplexity", "Rouge", "RougeL", "RougeN", "WordErrorRate"]
