"""The losses side by side: values, reductions, weights, and the gradients they send back."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(11)
predicted = torch.from_numpy(rng.normal(size=(6, 4)).astype(np.float32)).requires_grad_()
wanted = torch.from_numpy(rng.normal(size=(6, 4)).astype(np.float32))
labels = torch.tensor([0, 3, 1, 1, 2, 0])
binary = (wanted > 0).float()
class_weights = torch.tensor([1.0, 2.0, 0.5, 1.5])

losses = {
    "mse": (nn.MSELoss(), predicted, wanted),
    "l1": (nn.L1Loss(), predicted, wanted),
    "smooth_l1": (nn.SmoothL1Loss(), predicted, wanted),
    "huber": (nn.HuberLoss(delta=0.5), predicted, wanted),
    "bce": (nn.BCELoss(), torch.sigmoid(predicted), binary),
    "bce_logits": (nn.BCEWithLogitsLoss(pos_weight=class_weights), predicted, binary),
    "nll": (nn.NLLLoss(), F.log_softmax(predicted, dim=1), labels),
    "cross_entropy": (nn.CrossEntropyLoss(), predicted, labels),
    "weighted": (nn.CrossEntropyLoss(weight=class_weights), predicted, labels),
    "smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), predicted, labels),
    "ignoring": (nn.CrossEntropyLoss(ignore_index=1), predicted, labels),
    "probabilities": (nn.CrossEntropyLoss(), predicted, F.softmax(wanted, dim=1)),
}
values, grads = {}, {}
for name, (loss_fn, output, target) in losses.items():
    predicted.grad = None
    loss = loss_fn(output, target)
    loss.backward(retain_graph=True)
    values[name] = loss.item()
    grads[name] = predicted.grad[0].tolist()

reductions = {
    "none": nn.MSELoss(reduction="none")(predicted, wanted).sum(1).tolist(),
    "sum": F.l1_loss(predicted, wanted, reduction="sum").item(),
    "mean": F.cross_entropy(predicted, labels, reduction="none").mean().item(),
    "functional": F.mse_loss(predicted, wanted).item() == nn.MSELoss()(predicted, wanted).item(),
}


class FocalLoss(nn.Module):
    """A loss of one's own: cross entropy that cares less for what is already right."""

    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, scores, labels):
        log_p = F.log_softmax(scores, dim=-1).gather(1, labels.unsqueeze(1)).squeeze(1)
        return -((1 - log_p.exp()) ** self.gamma * log_p).mean()


predicted.grad = None
focal = FocalLoss()(predicted, labels)
focal.backward()
errors = []
for bad_labels in (torch.tensor([9] * 6), labels[:2]):
    try:
        F.nll_loss(predicted, bad_labels)
    except (IndexError, ValueError) as error:
        errors.append(type(error).__name__)

result = {
    "values": values,
    "grads": grads,
    "reductions": reductions,
    "focal": [focal.item(), predicted.grad.norm().item()],
    "errors": errors,
}
