"""How much memory the largest tensor has, of all that operations return meanwhile."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LargestTensor(TorchDispatchMode):
    """Note the numbers that the largest tensor holds, forwards and backwards."""

    def __init__(self):
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))
        # Of what lies in memory: a tensor that is expanded shows more than it holds.
        held = [part for part in tree_leaves(found) if isinstance(part, torch.Tensor)]
        sizes = [part.untyped_storage().nbytes() // part.element_size() for part in held]
        self.size = max(self.size, *sizes, 0)
        return found
