"""Small helpers of the engine that know nothing of engines."""

from .clock import to_hours_mins_secs
from .signature import accepts, check_signature, name_of

__all__ = ["accepts", "check_signature", "name_of", "to_hours_mins_secs"]
