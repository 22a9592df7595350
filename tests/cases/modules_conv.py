"""Rows of convolutions and their transposes."""

from .module import X, args, layers

SEQUENCE, IMAGE, VOLUME = [X(2, 4, 7)], [X(2, 4, 6, 5)], [X(2, 2, 4, 3, 4)]
MODES = ("zeros", "reflect", "replicate", "circular")

layers("Conv1d", SEQUENCE, args(4, 6, 3), args(4, 6, 3, padding=1, groups=2), args(4, 3, 2, 2, 1, 2, 1, False))
layers("Conv1d", SEQUENCE, *(args(4, 2, 3, padding=2, padding_mode=mode) for mode in MODES))
layers("Conv1d", SEQUENCE, args(4, 2, 4, padding="same", dilation=2), args(4, 2, 3, padding="valid"))
layers("Conv1d", SEQUENCE, args(4, 2, (1,)), args(4, 8, [3], groups=4), args(4, 2, 7))

layers("Conv2d", IMAGE, args(4, 3, 3), args(4, 2, 1, bias=False), args(4, 2, 1, stride=2))
layers("Conv2d", IMAGE, args(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2))
layers("Conv2d", IMAGE, args(4, 8, 3, padding=1, groups=4), args(4, 4, [2, 3], [1, 2], [1, 0], [2, 1]))
layers("Conv2d", IMAGE, *(args(4, 2, 3, padding=(1, 2), padding_mode=mode) for mode in MODES))
layers("Conv2d", IMAGE, *(args(4, 2, (2, 3), padding="same", padding_mode=mode) for mode in MODES))
layers("Conv2d", IMAGE, *(args(4, 2, 3, stride=2, padding=1, padding_mode=mode) for mode in MODES))
layers("Conv2d", IMAGE, args(4, 2, 3, padding="valid"), args(4, 2, 3, padding="same", dilation=(1, 2), groups=2))
layers("Conv2d", IMAGE, args(in_channels=4, out_channels=2, kernel_size=3, padding=3, dilation=2, bias=False))
layers("Conv2d", [X(2, 9, 6, 5)], args(9, 12, 3, padding=1), args(9, 9, 3, padding=1, groups=9))

layers("Conv3d", VOLUME, args(2, 3, 3, padding=1), args(2, 4, (2, 1, 2), (1, 2, 1), (0, 1, 0), groups=2, bias=False))
layers("Conv3d", VOLUME, args(2, 2, 2, padding="same"), args(2, 2, 2, padding="valid", dilation=(1, 2, 1)))
layers("Conv3d", VOLUME, *(args(2, 1, 2, padding=(1, 2, 1), padding_mode=mode) for mode in MODES))

layers("ConvTranspose1d", SEQUENCE, args(4, 6, 3), args(4, 6, 3, stride=2, padding=1, output_padding=1))
layers("ConvTranspose1d", SEQUENCE, args(4, 2, 3, groups=2, dilation=2, bias=False), args(4, 2, 2, 3, 0, 2))
layers("ConvTranspose2d", IMAGE, args(4, 3, 4, stride=2, padding=1), args(4, 2, 1), args(4, 2, (3, 2), padding=(2, 1)))
layers("ConvTranspose2d", IMAGE, args(4, 6, (3, 2), (2, 3), (1, 0), (1, 2), groups=2, bias=False, dilation=(2, 1)))
layers("ConvTranspose2d", IMAGE, args(4, 8, 2, 2, groups=4), args(4, 2, 3, dilation=3, output_padding=2))
layers("ConvTranspose2d", IMAGE, args(4, 3, 3, stride=2, padding=1), call={"output_size": [12, 10]})
layers("ConvTranspose3d", VOLUME, args(2, 2, 2, stride=2), args(2, 4, (2, 1, 3), (1, 2, 2), (0, 0, 1), (0, 1, 1), 2))
layers("ConvTranspose3d", VOLUME, args(2, 3, 2, dilation=2, bias=False))

layers(
    "Unfold",
    IMAGE,
    args(2),
    args((2, 3), padding=1, stride=2),
    args(2, dilation=(3, 2)),
    args([1, 2], 1, (0, 1), (2, 1)),
)
layers(
    "Fold", [X(2, 8, 20)], args((6, 5), 2), args((11, 9), (2, 2), stride=(2, 2), padding=0), args((4, 3), 2, padding=1)
)
layers(
    "Fold",
    [X(2, 8, 8)],
    args((3, 5), 2),
    args((4, 4), 2, dilation=(2, 1), padding=(0, 0), stride=(1, 1)),
    args([6, 10], 2, stride=2, padding=1),
)
