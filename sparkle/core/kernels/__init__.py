"""Optional faster bodies of ops."""

from .attention import AttentionKernel
from .convolution import ConvolutionKernel, ConvolutionWeightKernel, TransposedConvolutionKernel
from .embedding import EmbeddingKernel, SumBagsKernel
from .losses import CrossEntropyKernel
from .normalization import AffineKernel, NormalizeKernel, RmsNormKernel
from .pointwise import PointwiseKernel
from .pooling import AveragePoolKernel, MaxPoolKernel
from .products import FoldedKernel, LinearKernel, MatMulKernel, MmKernel
from .recurrent import GruKernel, LstmKernel
from .reductions import ReductionKernel
from .registry import CPU, CUDA, register

__all__ = [
    "CPU",
    "CUDA",
    "AffineKernel",
    "AttentionKernel",
    "AveragePoolKernel",
    "ConvolutionKernel",
    "ConvolutionWeightKernel",
    "CrossEntropyKernel",
    "EmbeddingKernel",
    "FoldedKernel",
    "GruKernel",
    "LinearKernel",
    "LstmKernel",
    "MatMulKernel",
    "MaxPoolKernel",
    "MmKernel",
    "NormalizeKernel",
    "PointwiseKernel",
    "ReductionKernel",
    "RmsNormKernel",
    "SumBagsKernel",
    "TransposedConvolutionKernel",
    "register",
]
