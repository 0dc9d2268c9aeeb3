"""The small library under *Video Understanding, From Scratch*.

Each module holds the finished form of what one chapter builds in small cells; the notebooks
assert that the two agree. Arrays of frames are uint8 RGB ``(T, H, W, 3)``; clip tensors are
float32 ``(B, C, T, H, W)``.
"""
