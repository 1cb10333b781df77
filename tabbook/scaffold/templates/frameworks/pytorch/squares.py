import torch

X = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
total = (X**2).sum()
print("sum of squares:", total.item())
