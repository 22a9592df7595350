"""Optional faster bodies of ops."""

from .convolution import ConvolutionKernel, ConvolutionWeightKernel, TransposedConvolutionKernel
from .nn import CrossEntropyKernel, EmbeddingKernel
from .normalization import NormalizeKernel, RmsNormKernel
from .pointwise import PointwiseKernel
from .pooling import AveragePoolKernel, MaxPoolKernel
from .reductions import ReductionKernel
from .registry import CPU, CUDA, register
from .sequences import AttentionKernel, LstmKernel

__all__ = [
    "CPU",
    "CUDA",
    "AttentionKernel",
    "AveragePoolKernel",
    "ConvolutionKernel",
    "ConvolutionWeightKernel",
    "CrossEntropyKernel",
    "EmbeddingKernel",
    "LstmKernel",
    "MaxPoolKernel",
    "NormalizeKernel",
    "PointwiseKernel",
    "ReductionKernel",
    "RmsNormKernel",
    "TransposedConvolutionKernel",
    "register",
]
