"""Public names that the table of names cannot compare, and the test that holds each to its word."""

_SAMPLERS = """
    bernoulli binomial multinomial normal poisson rand rand_like randint randint_like randn randn_like randperm
    cauchy exponential geometric log_normal random uniform
"""
_MEMORY = """
    data_ptr element_size get_device is_contiguous is_pinned is_same_size is_set_to is_shared pin_memory share_memory
    storage storage_offset stride untyped_storage empty empty_like empty_strided new_empty new_empty_strided new
    resize resize_as set is_storage dim_order
"""
_HISTORY = """
    backward register_hook register_post_accumulate_grad_hook requires_grad retain_grad is_grad_enabled is_inference
    is_inference_mode_enabled enable_grad no_grad inference_mode set_grad_enabled is_anomaly_enabled
    is_anomaly_check_nan_enabled
"""
_STATE = """
    get_default_device get_default_dtype get_printoptions get_rng_state initial_seed manual_seed seed set_rng_state
    set_default_device set_default_dtype set_default_tensor_type set_printoptions get_num_threads set_num_threads
    get_num_interop_threads set_num_interop_threads are_deterministic_algorithms_enabled use_deterministic_algorithms
    is_deterministic_algorithms_warn_only_enabled get_deterministic_debug_mode set_deterministic_debug_mode
    get_float32_matmul_precision set_float32_matmul_precision set_flush_denormal
"""
_MOVING = "cpu cuda from_dlpack to_dlpack from_numpy frombuffer numpy load save"
_COMPLEX = "linalg.eig linalg.eigvals"  # refused
_SIGNS = "linalg.svd"  # the signs of its vectors are free
_CALLBACKS = "apply map map2"  # take a Python function

_WINDOWS = """
    bartlett_window blackman_window hamming_window hann_window kaiser_window signal.windows.bartlett
    signal.windows.blackman signal.windows.cosine signal.windows.exponential signal.windows.gaussian
    signal.windows.general_cosine signal.windows.general_hamming signal.windows.hamming signal.windows.hann
    signal.windows.kaiser signal.windows.nuttall
"""
_PAIRS = "stft istft"
_HALVES = "bfloat16"
_LOWERED = """
    autocast_decrement_nesting autocast_increment_nesting clear_autocast_cache get_autocast_dtype
    is_autocast_cache_enabled is_autocast_enabled set_autocast_cache_enabled set_autocast_dtype set_autocast_enabled
"""
_REFUSED = "complex polar view_as_complex view_as_real imag to_dense from_file"  # say what to use instead
_FREQUENCIES = "fft.fftfreq fft.rfftfreq"
_DROPPING = "alpha_dropout dropout feature_alpha_dropout rrelu"
_TYPES = "can_cast promote_types type as_subclass is_tensor"
_SEGMENTS = "segment_reduce histogramdd empty_permuted"

UNTABLED = {
    name: test
    for test, names in {
        "tests/core/tensor/test_random.py": _SAMPLERS,
        "tests/core/tensor/test_views.py": _MEMORY,
        "tests/core/autograd": _HISTORY,
        "tests/core/tensor/test_creation.py": _STATE,
        "tests/core/tensor/test_conversion.py": _MOVING,
        "tests/core/tensor/test_linalg.py": _COMPLEX,
        "tests/cases/linalg_decompositions.py": _SIGNS,
        "tests/parity/core": _CALLBACKS,
        "tests/cases/windows.py": _WINDOWS,
        "tests/cases/short_time.py": _PAIRS,
        "tests/parity/core/tensor": _REFUSED,
        "tests/parity/core/test_bfloat16.py": _HALVES,
        "tests/parity/core/test_amp_autocast.py": _LOWERED,
        "tests/core/nn/test_summary.py": "summary",
        "tests/cases/spectral.py": _FREQUENCIES,
        "tests/parity/nn": _DROPPING,
        "tests/parity/core/tensor/test_promotion.py": _TYPES,
        "tests/cases/rows_indexing.py": _SEGMENTS,
    }.items()
    for name in names.split()
}
